"""Who an article is by: a byline with the name; an e-mail address finds somebody, and is never shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.harness.posts import foreign_post

if TYPE_CHECKING:
    from tests.harness.site import Site

PUBLIC = (
    "SELECT display_name || ' ' || slug FROM _emdash_bylines"
    " UNION ALL SELECT p.title || coalesce(p.excerpt, '') || p.slug || p.content FROM ec_posts AS p"
    " UNION ALL SELECT data FROM revisions"
)


def bylines(site: Site) -> list[str]:
    """Of each post, by its file."""
    rows = site.sql("""
        SELECT coalesce(b.display_name, '-') FROM publish_ledger AS l JOIN ec_posts AS p ON p.id = l.post_id
        LEFT JOIN _emdash_bylines AS b ON b.translation_group = p.primary_byline_id AND b.locale = p.locale
        ORDER BY l.file""")
    return [name for (name,) in rows]


def shows_no_address(site: Site) -> None:
    """Nothing that a visitor sees of the site holds an address, nor what is left of one in a slug."""
    public = [text for (text,) in site.sql(PUBLIC)]
    assert not [text for text in public if "@" in text or "example" in text]
    assert not [text for (text,) in site.sql("SELECT metadata FROM publish_ledger") if "@" in text]


def user(site: Site, name: str | None, *, email: str = "jane@example.org") -> None:
    site.sql("INSERT INTO users (id, email, name) VALUES ('u1', ?, ?)", email, name)


@pytest.mark.parametrize(
    "said",
    [
        {"name": "Jane Doe", "email": "jane@example.org"},
        [{"name": "Jane Doe", "email": "jane@example.org", "url": "https://jane.test"}],
        {"displayName": "Jane Doe", "mail": "mailto:jane@example.org"},
        {"name": "Jane Doe <jane@example.org>", "slug": "jane-example-org"},
        {"name": "Jane Doe", "id": "jane@example.org", "key": "janeexample-org"},
        "Jane Doe <jane@example.org>",
        '"Jane Doe" <jane@example.org> (https://jane.test)',
        "jane@example.org (Jane Doe)",
        "Jane Doe, jane@example.org",
        "[Jane Doe](mailto:jane@example.org?subject=Hello)",
        '<a href="mailto:jane&#64;example.org">Jane Doe</a>',
        "Jane Doe jane%40example.org",
        "Jane Doe <jane\uff20example.org>",
        ["Jane Doe <jane@example.org>", "joe@example.org"],
    ],
    ids=str,
)
@pytest.mark.parametrize("key", ["author", "authors"])
def test_the_byline_is_the_name(site: Site, key: str, said: Any) -> None:
    site.put("1-a.json", **{key: said})
    assert site.publish().counts == {"published": 1}
    assert bylines(site) == ["Jane Doe"]
    assert site.sql("SELECT slug, is_guest FROM _emdash_bylines") == [("jane-doe", 1)]
    shows_no_address(site)


ADDRESSES = [
    "jane@example.org",
    "<jane@example.org>",
    "mailto:jane@example.org",
    "jane%40example.org",
    "jane&#64;example.org",
    "@jane@example.org",
    {"email": "jane@example.org"},
    {"name": "jane@example.org", "slug": "jane-example-org"},
    [{"email": "jane@example.org"}],
]


@pytest.mark.parametrize("said", ADDRESSES, ids=str)
def test_an_address_that_nobody_has_is_refused(site: Site, said: Any) -> None:
    site.put("1-a.json", author=said)
    for words in (["--dry-run"], []):
        ran = site.publish(*words)
        assert (ran.code, ran.counts) == (3, {"rejected": 1})
        assert "author: no user of the site has that e-mail address" in ran.outcomes["1-a.json"]["reason"]
        assert "jane" not in ran.outcomes["1-a.json"]["reason"]
    shows_no_address(site)


@pytest.mark.parametrize("said", ADDRESSES, ids=str)
def test_or_gives_way_to_the_author_of_the_stream_with_a_notice(site: Site, said: Any) -> None:
    site.settings('[streams.default]\nauthor = "The editors"\n')
    site.put("1-a.json", author=said)
    ran = site.publish()
    assert ran.counts == {"published": 1}
    (notice,) = ran.outcomes["1-a.json"]["notices"]
    assert "the byline is the stream's author, The editors" in notice
    assert bylines(site) == ["The editors"]
    shows_no_address(site)


@pytest.mark.parametrize("said", ["jane@example.org", "Jane@Example.org", {"email": "jane@example.org"}], ids=str)
def test_an_address_finds_the_byline_of_its_user(site: Site, said: Any) -> None:
    user(site, None)
    site.sql(
        "INSERT INTO _emdash_bylines (id, slug, display_name, user_id, locale, translation_group)"
        " VALUES ('b1', 'jd', 'J. Doe', 'u1', 'en', 'b1')"
    )
    site.put("1-a.json", author=said)
    site.put("2-b.json", author=said, locale="de")
    assert site.publish().counts == {"published": 2}
    assert bylines(site) == ["J. Doe", "J. Doe"]
    assert site.sql("SELECT DISTINCT author_id, primary_byline_id FROM ec_posts") == [("u1", "b1")]
    shows_no_address(site)


def test_a_name_beside_the_address_is_the_name_of_a_user_without_a_byline(site: Site) -> None:
    user(site, "Jane from the staff")
    site.put("1-a.json", author="Jane Doe <jane@example.org>")
    site.put("2-b.json", author="jane@example.org")
    site.publish()
    assert bylines(site) == ["Jane Doe", "Jane Doe"]
    assert site.sql("SELECT user_id, is_guest FROM _emdash_bylines") == [("u1", 0)]


@pytest.mark.parametrize("name", [None, "", "jane@example.org", "<jane@example.org>"])
def test_a_user_without_a_name_is_nobody_to_show(site: Site, name: str | None) -> None:
    user(site, name)
    site.settings('[streams.default]\nauthor = "The editors"\n')
    site.put("1-a.json", author="jane@example.org")
    ran = site.publish()
    assert "has no public name" in ran.outcomes["1-a.json"]["notices"][0]
    assert bylines(site) == ["The editors"]
    assert site.sql("SELECT author_id FROM ec_posts") == [("u1",)]
    assert json.loads(site.run("posts", "--json").out)["posts"][0]["author"] == "The editors"
    shows_no_address(site)


def test_a_byline_that_shows_an_address_is_not_used_again(site: Site) -> None:
    user(site, "Jane Doe")
    site.sql(
        "INSERT INTO _emdash_bylines (id, slug, display_name, user_id, locale, translation_group)"
        " VALUES ('b1', 'j', 'jane@example.org', 'u1', 'en', 'b1')"
    )
    site.put("1-a.json", author="jane@example.org")
    site.put("2-b.json", author="Jane Doe <jane@example.org>")
    assert site.publish().counts == {"published": 2}
    assert bylines(site) == ["Jane Doe", "Jane Doe"]


def test_lists_show_no_address_of_a_user_without_a_name(site: Site) -> None:
    user(site, None)
    foreign_post(site, id="p1", slug="a", title="A", author_id="u1")
    assert json.loads(site.run("posts", "--json").out)["posts"][0]["author"] is None
    assert "jane@" not in site.run("calendar", "--format", "html", "--days", "30").out


def test_the_author_of_a_stream_may_be_an_address_of_a_user(site: Site) -> None:
    user(site, "Jane Doe")
    site.settings('[streams.default]\nauthor = "jane@example.org"\n')
    site.put("1-a.json")
    site.put("2-b.json", author="Joe <joe@example.org>")
    assert site.publish().counts == {"published": 2}
    assert bylines(site) == ["Jane Doe", "Joe"]


def test_the_author_of_a_stream_whom_nobody_knows_is_a_fault_of_the_settings(site: Site) -> None:
    site.settings('[streams.default]\nauthor = "jane@example.org"\n')
    site.put("1-a.json")
    ran = site.publish()
    assert (ran.code, site.waiting(), site.sql("SELECT id FROM ec_posts")) == (2, ["1-a.json"], [])
    assert "stream default: author: no user of the site has that e-mail address" in ran.out


def test_two_spellings_of_a_name_are_one_author(site: Site) -> None:
    site.put("1-a.json", author="Jane Doe")
    site.put("2-b.json", author="jane doe")
    site.publish()
    site.put("3-c.json", author="JANE DOE")
    site.publish()
    assert bylines(site) == ["Jane Doe"] * 3


def test_imports_and_exports_show_no_address(site: Site) -> None:
    pages = {
        "a.md": "author:\n  name: Jane Doe\n  email: jane@example.org\n  bio: Writes",
        "b.md": 'authors: ["Jane Doe <jane@example.org>", "joe@example.org"]',
        "c.md": "author: [jane@example.org, Jane Doe]",
    }
    for name, author in pages.items():
        path = site.root / "pages" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\ntitle: {name}\ndate: 2020-01-02\n{author}\n---\nText.\n")
    ran = site.run("import", "--from-markdown", "pages", "--json")
    assert {name: reported["outcome"] for name, reported in ran.outcomes.items()} == {
        "a.md": "published",
        "b.md": "published",
        "c.md": "rejected",
    }
    assert bylines(site) == ["Jane Doe", "Jane Doe"]
    for kind in ("json", "md"):
        assert site.run("export", f"out-{kind}", "--format", kind).code == 0
        written = [path.read_text() for path in (site.root / f"out-{kind}").rglob(f"*.{kind}")]
        assert len(written) == 2
        assert not [text for text in written if "@" in text]
    shows_no_address(site)
