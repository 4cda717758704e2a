"""`emdash import`: folders of other tools and of this one, any number of times, on a file and on D1."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.site import Site


PAGES = {
    "jekyll/_posts/2024-05-31-from-jekyll.md": "---\nlayout: post\ntitle: Jekyll\ncategories: [News, more]\n---\nA",
    "jekyll/_posts/sub/2024-06-01-with-time.markdown": "---\ntitle: W\ndate: 2024-06-02 09:30:00 +0100\n---\nB",
    "jekyll/_drafts/not-yet.md": "Only text.",
    "hugo/bundle-name/index.md": '+++\ntitle = "Bundle"\ndate = 2023-01-02T03:04:05Z\ntags = ["x", "y"]\n+++\nC',
    "hugo/bundle-name/photo.md.png": "no article",
    "hugo/_index.md": "---\ntitle: A list of pages\n---\n",
    "hugo/deep/er/later.md": "---\ntitle: L\ndate: 2999-01-01\n---\nD",
    "hugo/held.md": "---\ntitle: H\ndraft: true\n---\nE",
    "hugo/about.de.md": "---\ntitle: Über\n---\nF",
    "astro/starter.mdx": "---\ntitle: S\npubDate: 'Jul 08 2022'\nheroImage: '../a.jpg'\ndescription: D\n---\nG",
    "astro/own.md": "---\ntitle: O\nslug: own-slug\nimage: {url: https://example.com/a.png, alt: An A}\n---\nH",
    "astro/node_modules/package/readme.md": "# Not an article",
    "astro/.cache/copy.md": "# Not an article",
}
WANTED = {
    "jekyll/_posts/2024-05-31-from-jekyll.md": ("from-jekyll", "en", "published", "2024-05-31T00:00:00.000Z"),
    "jekyll/_posts/sub/2024-06-01-with-time.markdown": ("with-time", "en", "published", "2024-06-02T08:30:00.000Z"),
    "jekyll/_drafts/not-yet.md": ("not-yet", "en", "draft", None),
    "hugo/bundle-name/index.md": ("bundle-name", "en", "published", "2023-01-02T03:04:05.000Z"),
    "hugo/deep/er/later.md": ("later", "en", "scheduled", None),
    "hugo/held.md": ("held", "en", "draft", None),
    "hugo/about.de.md": ("about", "de", "published", "now"),
    "astro/starter.mdx": ("starter", "en", "published", "2022-07-08T00:00:00.000Z"),
    "astro/own.md": ("own-slug", "en", "published", "now"),
}
SETTINGS = '[streams.default]\nlocale = "en"\n[streams.german]\nlocale = "de"\n'


@pytest.fixture(params=["sqlite", "d1"])
def place(request: pytest.FixtureRequest) -> Site:
    """A place with an empty store, of each kind."""
    site: Site = request.getfixturevalue({"sqlite": "bare", "d1": "bare_d1"}[request.param])
    site.write("emdash.toml", SETTINGS)
    site.run("init").succeeds()
    for name, text in PAGES.items():
        site.write(f"pages/{name}", text)
    return site


def posts(place: Site) -> dict[str, dict[str, Any]]:
    """What is in the store, by slug and locale."""
    return {f"{post['slug']} {post['locale']}": post for post in place.run("posts", "--json").succeeds().json["posts"]}


def outcomes(document: dict[str, Any]) -> dict[str, str]:
    return {outcome["file"]: outcome["outcome"] for outcome in document["outcomes"]}


def test_pages_of_hugo_jekyll_and_astro(place: Site) -> None:
    reported = place.run("import", "--from-markdown", "pages", "--date", "now", "--json").succeeds().json
    assert outcomes(reported) == {name: wanted[2] for name, wanted in WANTED.items()}
    found = posts(place)
    assert set(found) == {f"{slug} {locale}" for slug, locale, *_ in WANTED.values()}
    for slug, locale, status, when in WANTED.values():
        post = found[f"{slug} {locale}"]
        assert post["status"] == status, slug
        assert when == "now" or post["published_at"] == when, slug


def test_what_the_front_matter_says_arrives(place: Site) -> None:
    place.run("import", "--from-markdown", "pages", "--date", "now", "--quiet").succeeds()
    jekyll = place.run("show", "from-jekyll", "--json").succeeds().json
    assert [(term["taxonomy"], term["label"]) for term in jekyll["terms"]] == [("category", "News"), ("tag", "more")]
    assert place.run("show", "own-slug", "--json").json["featured_image"]["src"] == "https://example.com/a.png"
    astro = place.run("show", "starter", "--json").json
    assert (astro["featured_image"], astro["excerpt"]) == (None, "D")
    assert place.run("show", "not-yet", "--json").json["title"] == "Not yet"


def test_a_folder_may_be_brought_in_again(place: Site) -> None:
    before = place.tree()
    place.run("import", "--from-markdown", "pages", "--date", "now").succeeds()
    first = posts(place)
    again = place.run("import", "--from-markdown", "pages", "--date", "now", "--json").succeeds().json
    assert set(outcomes(again).values()) == {"duplicate"}
    assert posts(place) == first
    place.write("pages/new.md", "---\ntitle: New\n---\nN")
    third = place.run("import", "--from-markdown", "pages", "--date", "now", "--json").succeeds().json
    assert (outcomes(third).pop("new.md"), third["counts"]["duplicate"]) == ("published", len(WANTED))
    after = place.tree()
    assert {name: after[name] for name in before if name.startswith("pages")} == {
        name: raw for name, raw in before.items() if name.startswith("pages")
    }


def test_a_limit_counts_what_is_new(place: Site) -> None:
    for total in (4, 8, 9):
        counts = (
            place.run("import", "--from-markdown", "pages", "--date", "now", "--limit", "4", "--json")
            .succeeds()
            .json["counts"]
        )
        assert counts["published"] + counts["scheduled"] + counts["draft"] in {4, 1}
        assert len(posts(place)) == total


def test_a_dry_run_tells_the_same_and_changes_nothing(place: Site) -> None:
    reported = place.run("import", "--from-markdown", "pages", "--date", "now", "--dry-run", "--json").succeeds().json
    assert posts(place) == {}
    done = place.run("import", "--from-markdown", "pages", "--date", "now", "--json").succeeds().json
    assert outcomes(reported) == outcomes(done)


def test_a_page_that_was_edited_since_is_reported(place: Site) -> None:
    place.run("import", "--from-markdown", "pages", "--date", "now").succeeds()
    place.write("pages/hugo/bundle-name/index.md", "---\ntitle: Bundle\n---\nAnother text")
    reported = place.run("import", "--from-markdown", "pages", "--date", "now", "--json").fails(3).json
    assert outcomes(reported)["hugo/bundle-name/index.md"] == "changed"
    assert (place.root / "pages/hugo/bundle-name/index.md").exists()


def test_what_is_wrong_with_a_page_is_told_with_its_line(place: Site) -> None:
    bad = place.write("pages/bad.md", "---\ntitle: B\nstatus: maybe\n---\nText")
    place.write("pages/latin.md", b"---\ntitle: caf\xe9\n---\nText")
    os.utime(bad, (1_700_000_000, 1_700_000_000))
    reported = place.run("import", "--from-markdown", "pages", "--date", "now", "--json").fails(3).json
    reasons = {
        outcome["file"]: outcome["reason"] for outcome in reported["outcomes"] if outcome["outcome"] == "rejected"
    }
    assert set(reasons) == {"bad.md", "latin.md"}
    assert reasons["bad.md"].startswith("line 3, status:")
    assert "UTF-8" in reasons["latin.md"]
    assert len(posts(place)) == len(WANTED)


def archive(place: Site) -> Path:
    """An archive as publish-queue leaves it behind: articles in several months and outcomes."""
    for number, folder in enumerate(("published/2025-12", "published/2026-01", "draft/2026-01"), 1):
        article = {"title": f"Article {number}", "body_text": f"Text {number}."}
        article |= {"status": "draft"} if folder.startswith("draft") else {}
        path = place.write(f"archive-of-old/{folder}/{number:02}-a.json", article)
        os.utime(path, (1_764_547_200, 1_764_547_200))
    for folder in ("duplicate", "conflict", "rejected"):
        place.write(f"archive-of-old/{folder}/2026-01/09-b.json", {"title": folder, "body_text": "Text."})
        place.write(f"archive-of-old/{folder}/2026-01/09-b.json.reason.txt", "because")
    return place.root / "archive-of-old"


def test_an_archive_gives_its_posts_again(place: Site) -> None:
    old = archive(place)
    reported = place.run("import", "--from-archive", old, "--stream", "german", "--json").succeeds().json
    assert outcomes(reported) == {
        "published/2025-12/01-a.json": "published",
        "published/2026-01/02-a.json": "published",
        "draft/2026-01/03-a.json": "draft",
    }
    found = posts(place)
    assert sorted(found) == ["1-article-1 de", "2-article-2 de", "3-article-3 de"]
    assert found["1-article-1 de"]["published_at"] == "2025-12-01T00:00:00.000Z"
    again = place.run("import", "--from-archive", old, "--stream", "german", "--json").succeeds().json
    assert set(outcomes(again).values()) == {"duplicate"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "exactly one folder to import from is required"),
        (
            ("--from-archive", "pages", "--from-markdown", "pages", "--date", "now"),
            "exactly one folder to import from is required",
        ),
        (("--from-markdown", "nowhere"), "there is no folder nowhere"),
        (("--from-markdown", "pages", "--date", "now", "--stream", "nope"), "nope"),
    ],
)
def test_what_cannot_be_meant(site: Site, words: tuple[str, ...], said: str) -> None:
    site.write("pages/a.md", "A")
    site.run("import", *words).fails(2, said)


def test_an_article_may_have_many_tags(place: Site) -> None:
    tags = "\n".join(f"- tag {number}" for number in range(500))
    place.write("many/a.md", f"---\ntitle: T\ndate: 2020-01-02\ntags:\n{tags}\n---\nText.\n")
    place.run("import", "--from-markdown", "many").succeeds()
    shown = place.run("show", "a", "--json").succeeds().json
    assert len(shown["terms"]) == 500


PAGE = "---\ntitle: Hello\nslug: hello\n---\nText.\n"


@pytest.fixture
def known(site: Site) -> Site:
    """A store with a page that was brought in, and the page."""
    site.write("pages/hello.md", PAGE)
    site.run("import", "--from-markdown", "pages", "--date", "now").succeeds()
    return site


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_for_a_slug_that_is_taken(known: Site, words: tuple[str, ...]) -> None:
    page = known.write("pages/other.md", PAGE.replace("Text.", "Another text."))
    reported = known.run("import", "--from-markdown", "pages", "--date", "now", *words).fails(
        3, "choose another slug and import it again"
    )
    assert "requeue" not in reported.out + reported.err
    page.write_text(page.read_text().replace("slug: hello", "slug: other"))
    known.run("import", "--from-markdown", "pages", "--date", "now").succeeds()


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_for_a_page_that_was_edited_since(known: Site, words: tuple[str, ...]) -> None:
    known.write("pages/hello.md", PAGE.replace("Text.", "Another text."))
    reported = known.run("import", "--from-markdown", "pages", "--date", "now", *words).fails(
        3, "edited since it was published as hello", "`emdash import --update` updates the post"
    )
    assert "requeue" not in reported.out + reported.err


def test_for_a_post_that_was_deleted(known: Site) -> None:
    known.sql("UPDATE ec_posts SET deleted_at = updated_at, slug = slug || '-gone'")
    reported = known.run("import", "--from-markdown", "pages", "--date", "now").succeeds()
    assert "give it a new `id` and import it again" in reported.out + reported.err
    assert "requeue" not in reported.out + reported.err
    known.write("pages/hello.md", PAGE.replace("slug:", "id: anew\nslug:"))
    counts = known.run("import", "--from-markdown", "pages", "--date", "now", "--json").succeeds().json["counts"]
    assert counts["published"] == 1


def taken(site: Site, *paths: str) -> list[str]:
    """The files that an import takes, of those that are at the paths; each is another article."""
    for number, name in enumerate(paths):
        path = site.root / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: Page {number}\n---\nText.\n" if name.lower().endswith("md") else "")
    ran = site.run("import", "--from-markdown", "pages", "--date", "now", "--json")
    assert ran.code == 0, ran.err
    return sorted(ran.outcomes)


def test_of_a_jekyll_site_only_posts_and_drafts(site: Site) -> None:
    posts = ["_drafts/idea.md", "_posts/2024-01-02-a.md", "_posts/sub/2024-01-03-b.md", "news/_posts/2024-01-04-c.md"]
    others = ["README.md", "about.md", "index.md", "_config.yml", "_site/x.md", "_includes/x.md", "_layouts/y.md"]
    theme = ["vendor/bundle/gems/jekyll-4/lib/site_template/_posts/2024-01-01-welcome.md", "docs/z.md"]
    assert taken(site, *posts, *others, *theme) == posts


def test_of_a_hugo_site_what_is_no_part_of_its_theme(site: Site) -> None:
    pages = ["content/about.md", "content/posts/a.md", "content/themes/dark.md"]
    others = ["hugo.toml", "README.md", "archetypes/default.md", "themes/ananke/readme.md", "public/x.md"]
    assert taken(site, *pages, *others, "layouts/z.md", "vendor/v.md", "content/_index.md") == pages


def test_folders_of_such_names_are_sections_where_no_generator_is(site: Site) -> None:
    pages = ["layouts/grid.md", "public/talk.md", "themes/dark.md", "vendor/list.md"]
    others = ["node_modules/p/a.md", "_data/d.md", "_sass/s.md", ".hidden/h.md", ".b.md"]
    assert taken(site, *pages, *others, "ReadMe.md") == pages


def test_of_a_bundle_only_its_index(site: Site) -> None:
    pages = ["bundle/index.de.md", "bundle/index.md", "index.md", "other.md"]
    assert taken(site, *pages, "bundle/notes.md", "bundle/photo.MD") == pages


def test_letters_of_the_ending_do_not_matter(site: Site) -> None:
    assert taken(site, "NAME.MD", "Other.Markdown.Md") == ["NAME.MD", "Other.Markdown.Md"]


def test_a_readme_further_down_is_an_article(site: Site) -> None:
    assert taken(site, "posts/readme.md") == ["posts/readme.md"]


SHOWN = {
    "details": (
        "<details>\n<summary>More</summary>\n\nHidden *text*.\n\n</details>\n\nOpen text.",
        "<details>\n<summary>More</summary>\n<p>Hidden <em>text</em>.</p>\n</details>\n<p>Open text.</p>",
    ),
    "pre": (
        "<p>Before.</p>\n<pre><code>one\n\n  two * 2 * 3\n# three</code></pre>",
        "<p>Before.</p>\n<pre><code>one\n\n  two * 2 * 3\n# three</code></pre>",
    ),
    "script": (
        "<div>\n<script>\nvar a = 1;\n\nvar b = 2;\n</script>\n</div>\n\nText.",
        "<div>\n\n</div>\n<p>Text.</p>",
    ),
    "svg": ('An <svg width="1em"><use href="#s"></use><path d="M0z"/></svg> icon.', "<p>An  icon.</p>"),
    "version": ("Upgrade tool@1.2.3 and o@7.1.0-beta.1 now.", "<p>Upgrade tool@1.2.3 and o@7.1.0-beta.1 now.</p>"),
    "address": ("See http://x.org/a_(b)。ä.", '<p>See <a href="http://x.org/a_(b)。ä">http://x.org/a_(b)。ä</a>.</p>'),
}


@pytest.mark.parametrize(("markdown", "html"), SHOWN.values(), ids=SHOWN.keys())
def test_what_a_page_shows(site: Site, markdown: str, html: str) -> None:
    path = site.root / "pages" / "page.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: T\ndate: 2019-01-02\n---\n{markdown}\n")
    assert site.run("import", "--from-markdown", "pages").code == 0
    ((slug,),) = site.sql("SELECT slug FROM ec_posts")
    assert html in site.run("show", str(slug), "--format", "html").out
