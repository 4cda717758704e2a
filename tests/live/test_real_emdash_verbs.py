"""Published, taken down and brought back by the tool, a post is as EmDash's own API leaves its twin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.admin import ahead, assert_settled
from tests.live.pages import feed_links, plain_html, posts_of, sitemap

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.emdash_site import EmdashSite
    from tests.live.newsroom import Newsroom

TABLES = {
    "ec_posts": "SELECT * FROM ec_posts WHERE id = ?",
    "revisions": "SELECT * FROM revisions WHERE entry_id = ? ORDER BY id",
    "content_taxonomies": "SELECT * FROM content_taxonomies WHERE entry_id = ? ORDER BY taxonomy_id",
    "_emdash_content_bylines": "SELECT * FROM _emdash_content_bylines WHERE content_id = ?",
    "_emdash_seo": "SELECT * FROM _emdash_seo WHERE content_id = ?",
    "_emdash_redirects": "SELECT * FROM _emdash_redirects WHERE source LIKE '%' || (SELECT substr(slug, 1, 12)"
    " FROM ec_posts WHERE id = ?) || '%'",
    "search": "SELECT f.rowid IS NOT NULL AS found FROM ec_posts AS p LEFT JOIN (SELECT rowid FROM _emdash_fts_posts"
    " WHERE _emdash_fts_posts MATCH '{word}') AS f ON f.rowid = p.rowid WHERE p.id = ?",
}
"""What EmDash keeps of a post; its index of media is kept by its process, which no other program can call."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
API = {
    "publish": ("POST", "/publish"),
    "unpublish": ("POST", "/unpublish"),
    "trash": ("DELETE", ""),
    "untrash": ("POST", "/restore"),
}


class Twin:
    """One of two posts that are made in the same way.

    Args:
        site: where.
        name: of both; eight letters.
        whose: ``a`` or ``b``.
    """

    def __init__(self, site: EmdashSite, name: str, whose: str) -> None:
        self.site = site
        self.slug = f"{name}-{whose}x"
        self.word = f"{name}{whose}word"
        data = {"title": f"About {self.word}", "content": text(self.word), "excerpt": "Short."}
        body = {"slug": self.slug, "data": data, "taxonomies": {"category": ["news"]}, "seo": {"title": "Engines"}}
        self.id: str = site.api("POST", "/content/posts", body, status=201)["item"]["id"]

    def do(self, verb: str) -> None:
        method, path = API[verb]
        self.site.api(method, f"/content/posts/{self.id}{path}", None if method == "DELETE" else {})

    def edit(self, words: str, slug: str | None = None) -> None:
        data = {"content": text(f"{self.word} {words}")}
        more = {"slug": f"{self.slug}-{slug}"} if slug else {}
        self.site.api("PUT", f"/content/posts/{self.id}", {"data": data, **more})

    def schedule(self) -> None:
        self.site.api("POST", f"/content/posts/{self.id}/schedule", {"scheduledAt": ahead(days=300)})

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every row, as EmDash's database has it."""
        return {
            table: self.site.rows(statement.replace("{word}", self.word), self.id)
            for table, statement in TABLES.items()
        }

    def alike(self, before: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        """The rows in words that are the same for both: what was not changed, what is new, and what was made."""
        now = self.rows()
        revisions = [row["id"] for row in now["revisions"]]
        kept = {value for rows in before.values() for row in rows for value in row.values()}

        def named(value: Any) -> Any:
            if not isinstance(value, str):
                return value
            if value in revisions:
                return f"revision {revisions.index(value)}"
            if INSTANT.match(value):
                return "as before" if value in kept else "new"
            for own, common in ((self.id, "ID"), (self.slug, "slug"), (self.word, "word")):
                value = value.replace(own, common)
            return "a new id" if re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", value) and value not in kept else value

        alike = {
            table: [{name: named(value) for name, value in row.items() if name != "version"} for row in rows]
            for table, rows in now.items()
        }
        # Revisions have seconds only: one may be made in the second of the one before.
        known = [row["id"] for row in before["revisions"]]
        for row, found in zip(alike["revisions"], revisions, strict=True):
            row["created_at"] = "as before" if found in known else "new"
        return alike


def text(words: str) -> list[dict[str, Any]]:
    span = {"_type": "span", "_key": "s", "text": words, "marks": []}
    return [{"_type": "block", "_key": "b", "style": "normal", "markDefs": [], "children": [span]}]


def published(twin: Twin) -> None:
    twin.do("publish")


def edited(twin: Twin) -> None:
    twin.edit("edited")


def changed(twin: Twin) -> None:
    twin.do("publish")
    twin.edit("changed")


def renamed(twin: Twin) -> None:
    twin.do("publish")
    twin.edit("renamed", "2")


def trashed_draft(twin: Twin) -> None:
    twin.do("trash")


def trashed(twin: Twin) -> None:
    twin.do("publish")
    twin.do("trash")


def trashed_plan(twin: Twin) -> None:
    twin.schedule()
    twin.do("trash")


CASES: list[tuple[str, str, Callable[[Twin], None]]] = [
    ("publish", "pubdraft", lambda _: None),
    ("publish", "pubedits", edited),
    ("publish", "pubplans", Twin.schedule),
    ("publish", "pubchang", changed),
    ("publish", "pubrenam", renamed),
    ("unpublish", "unpublic", published),
    ("unpublish", "unchange", changed),
    ("trash", "binpublc", published),
    ("trash", "bindraft", edited),
    ("trash", "binplans", Twin.schedule),
    ("untrash", "outpublc", trashed),
    ("untrash", "outdraft", trashed_draft),
    ("untrash", "outplans", trashed_plan),
]


@pytest.mark.parametrize(("verb", "name", "given"), CASES, ids=[name for _, name, _ in CASES])
def test_the_rows_are_those_that_emdash_leaves(
    site: EmdashSite, newsroom: Newsroom, verb: str, name: str, given: Callable[[Twin], None]
) -> None:
    theirs, ours = Twin(site, name, "a"), Twin(site, name, "b")
    given(theirs)
    given(ours)
    expected_before, before = theirs.rows(), ours.rows()
    theirs.do(verb)
    newsroom.run(verb, ours.slug)
    expected, found = theirs.alike(expected_before), ours.alike(before)
    if verb == "publish" and not before["revisions"]:
        # The tool says who wrote the text that a revision is made of.
        assert found["revisions"][0].pop("author_id") == found["ec_posts"][0]["author_id"]
        assert expected["revisions"][0].pop("author_id") is None
    for table in TABLES:
        assert found[table] == expected[table], table
    # Every change by the tool raises the version, so that EmDash's editor knows that its copy is old.
    assert site.rows("SELECT version FROM ec_posts WHERE id = ?", ours.id)[0]["version"] == (
        before["ec_posts"][0]["version"] + 1
    )


def seen(site: EmdashSite, slug: str, word: str) -> dict[str, bool]:
    """Where a visitor finds a post."""
    path = f"/posts/{slug}"
    return {
        "list": path in posts_of(site.get("/")),
        "category": path in posts_of(site.get("/category/news")),
        "feed": f"{site.base_url}{path}" in feed_links(site.get("/rss.xml")),
        "sitemap": f"{site.base_url}{path}" in sitemap(site.get("/sitemap-posts.xml")),
        "search": path in posts_of(site.get(f"/search?q={word}")),
    }


@pytest.mark.parametrize(
    ("away", "back", "name"), [("unpublish", "publish", "gonepubl"), ("trash", "untrash", "gonebins")]
)
def test_visitors_find_it_nowhere_and_then_everywhere_again(
    site: EmdashSite, newsroom: Newsroom, away: str, back: str, name: str
) -> None:
    twin = Twin(site, name, "a")
    newsroom.run("publish", twin.slug)
    date = site.item(twin.id)["publishedAt"]
    for _ in range(2):
        assert twin.word in plain_html(site.get(f"/posts/{twin.slug}"))
        assert set(seen(site, twin.slug, twin.word).values()) == {True}
        newsroom.run(away, twin.slug)
        site.get(f"/posts/{twin.slug}", status=404)
        assert set(seen(site, twin.slug, twin.word).values()) == {False}
        newsroom.run(back, twin.slug)
    assert site.item(twin.id)["publishedAt"] == date
    assert_settled(site, twin.id)


def test_a_scheduled_change_does_not_bring_a_post_back_that_was_taken_down(
    site: EmdashSite, newsroom: Newsroom
) -> None:
    """EmDash leaves its time, and its scheduler would publish it then."""
    theirs, ours = Twin(site, "backagai", "a"), Twin(site, "backagai", "b")
    for twin in (theirs, ours):
        changed(twin)
        twin.schedule()
    theirs.do("unpublish")
    newsroom.run("unpublish", ours.slug)
    assert site.item(theirs.id)["scheduledAt"] is not None
    assert (site.item(ours.id)["status"], site.item(ours.id)["scheduledAt"]) == ("draft", None)


def test_what_was_taken_down_can_be_edited_and_published_in_emdash(site: EmdashSite, newsroom: Newsroom) -> None:
    twin = Twin(site, "editback", "a")
    newsroom.run("publish", twin.slug)
    newsroom.run("unpublish", twin.slug)
    twin.edit("better")
    twin.do("publish")
    assert "better" in plain_html(site.get(f"/posts/{twin.slug}"))
    assert_settled(site, twin.id)
