"""`emdash import --from-markdown`: front matter as Hugo, Jekyll, AstroPaper and PaperMod write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site


def post(site: Site, text: str, name: str = "page.md") -> dict[str, Any]:
    """The one post that an import of this page gives."""
    path = site.root / "pages" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    ran = site.run("import", "--from-markdown", "pages", "--date", "now", "--json")
    assert ran.code == 0, ran.out
    ((slug,),) = site.sql("SELECT slug FROM ec_posts")
    found: dict[str, Any] = site.run("show", str(slug), "--json").json
    return found


def test_json_as_hugo_writes_it(site: Site) -> None:
    found = post(site, '{\n  "title": "T",\n  "date": "2024-01-01"\n}\n\nSome text.\n')
    assert (found["title"], found["published_at"], found["excerpt"]) == ("T", "2024-01-01T00:00:00.000Z", "Some text.")


@pytest.mark.parametrize(
    "key", ["pubDatetime", "pubDate", "pubdate", "publishDate", "publish_date", "publishDatetime", "date"]
)
def test_the_day_of_publication_under_any_of_its_names(site: Site, key: str) -> None:
    found = post(site, f"---\ntitle: T\n{key}: 2022-09-23T04:58:53Z\nmodDatetime: 2023-01-01\n---\nText.\n")
    assert found["published_at"] == "2022-09-23T04:58:53.000Z"


def labels(found: dict[str, Any]) -> list[str]:
    """The category, then the tags."""
    return [term["label"] for term in sorted(found["terms"], key=lambda term: term["taxonomy"] != "category")]


JEKYLLS = ("_posts/2024-01-02-a.md", "_drafts/a.md", "news/_posts/sub/2024-1-2-a.md")
OTHERS = ("blog/a.md", "blog/2024-01-02-a.md", "2024-01-02-a.md", "posts/a.md")


@pytest.mark.parametrize("name", JEKYLLS)
def test_words_are_split_as_jekyll_does(site: Site, name: str) -> None:
    found = post(site, "---\ntitle: T\ncategories: jekyll update\ntags: one  two\n---\nText.\n", name)
    assert (labels(found)[0], set(labels(found)[1:])) == ("jekyll", {"update", "one", "two"})


@pytest.mark.parametrize("said", ["categories: [Web design, New things]", "categories: Web design, New things"])
@pytest.mark.parametrize("name", [*JEKYLLS, *OTHERS])
def test_names_of_several_words_are_kept_where_they_are_told_apart(site: Site, said: str, name: str) -> None:
    assert labels(post(site, f"---\ntitle: T\n{said}\n---\nText.\n", name)) == ["Web design", "New things"]


@pytest.mark.parametrize("name", OTHERS)
def test_words_are_one_name_where_jekyll_is_not(site: Site, name: str) -> None:
    found = post(site, "---\ntitle: T\ncategories: Web design\ntags: one two\n---\nText.\n", name)
    assert labels(found) == ["Web design", "one two"]


@pytest.mark.parametrize(
    "said", ['["Jane", "You"]', "{name: Jane, url: 'https://example.com'}", "[{name: Jane}]", "Jane"]
)
def test_the_first_author_is_the_byline(site: Site, said: str) -> None:
    found = post(site, f"---\ntitle: T\nauthor: {said}\n---\nText.\n")
    assert [byline["name"] for byline in found["bylines"]] == ["Jane"]


def test_no_author_in_a_list_is_no_byline(site: Site) -> None:
    assert post(site, "---\ntitle: T\nauthor: []\n---\nText.\n")["bylines"] == []


def test_an_author_without_a_name_is_told_with_its_line(site: Site) -> None:
    (site.root / "pages").mkdir()
    (site.root / "pages/a.md").write_text("---\ntitle: T\nauthor: {url: x}\n---\nText.\n")
    ran = site.run("import", "--from-markdown", "pages", "--date", "now", "--json")
    assert (ran.code, ran.outcomes["a.md"]["reason"]) == (
        3,
        'line 3, author: names nobody; write a name: "Jane Doe", or {"name": "Jane Doe"}',
    )


MDX = """---
title: T
---
import {
  Link,
} from '../Link.astro';
import "./a.css"

export const a = 1

The {text}.

import this is text
"""


def test_modules_at_the_top_of_mdx_are_no_text(site: Site) -> None:
    found = post(site, MDX, "page.mdx")
    assert found["excerpt"] == "The {text}."
    ((text,),) = site.sql("SELECT content FROM ec_posts")
    assert [word in str(text) for word in ("from", "css", "const", "import this is text")] == [
        False,
        False,
        False,
        True,
    ]


def test_what_looks_like_a_module_is_text_in_markdown(site: Site) -> None:
    assert post(site, "---\ntitle: T\n---\nimport duties rose.\n")["excerpt"] == "import duties rose."


ZOLA = """+++
title = "Zola"
path = "blog/2014/12/12/Own-Name.html"
[taxonomies]
tags = ["one", ""]
categories = ["News", "two"]
[extra]
note = "kept"
+++
Text.
"""


def test_zola_has_the_date_in_the_path_and_the_tags_in_a_table(site: Site) -> None:
    found = post(site, ZOLA)
    assert (found["published_at"], found["slug"]) == ("2014-12-12T00:00:00.000Z", "own-name")
    assert (labels(found)[0], set(labels(found)[1:])) == ("News", {"one", "two"})
    ((metadata,),) = site.sql("SELECT metadata FROM publish_ledger")
    assert '"extra":{"note":"kept"}' in str(metadata)
    assert "taxonomies" not in str(metadata)


def test_taxonomies_of_a_site_are_kept(site: Site) -> None:
    post(site, "+++\ntitle = 'T'\n[taxonomies]\ntags = 'one'\nmoods = ['good']\n+++\nText.\n")
    ((metadata,),) = site.sql("SELECT metadata FROM publish_ledger")
    assert '"moods":["good"]' in str(metadata)


@pytest.mark.parametrize(
    ("said", "slug", "notice"),
    [
        ("release-of-CRLs", "release-of-crls", None),
        ("release-v1.2", "release-v1-2", 'line 3, slug: "release-v1.2" is not a slug: "release-v1-2" is used'),
        ("My Post_1", "my-post_1", '"my-post_1" is used'),
        ("%EF%BB%BFhello", "hello", '"hello" is used'),
        ("Über uns!", "uber-uns", '"uber-uns" is used'),
        ("/about/", "about", '"about" is used'),
        ("-x-", "x", '"x" is used'),
    ],
)
def test_slugs_of_other_tools(site: Site, said: str, slug: str, notice: str | None) -> None:
    path = site.root / "pages/Page.One.md"
    path.parent.mkdir()
    path.write_text(f"---\ntitle: T\nslug: '{said}'\ndate: 2020-01-02\n---\nText.\n")
    outcome = site.run("import", "--from-markdown", "pages", "--json").outcomes["Page.One.md"]
    assert outcome["slug"] == slug
    assert [notice in found for found in outcome["notices"]] == ([True] if notice else []) or notice is None


def test_capitals_and_dots_in_a_name(site: Site) -> None:
    assert post(site, "---\ntitle: T\n---\nText.\n", "Release.V1.2_of-CRLs.md")["slug"] == "release-v1-2-of-crls"


@pytest.mark.parametrize(
    "said", ["tags: ['']", "tags:\n  -\n  - ' '", "categories: ''", "categories: []", "categories: [~, '']"]
)
def test_blank_entries_are_no_tags(site: Site, said: str) -> None:
    assert labels(post(site, f"---\ntitle: T\n{said}\n---\nText.\n")) == []


def test_a_blank_title_is_none(site: Site) -> None:
    assert post(site, "---\ntitle: ''\n---\nText.\n", "my-page.md")["title"] == "My page"


def test_a_list_of_years_is_no_misspelt_switch(site: Site) -> None:
    post(site, "---\ntitle: T\narchive: [2022]\n---\nText.\n")


def test_a_duplicate_key_is_reported_and_the_last_one_used(site: Site) -> None:
    path = site.root / "pages/a.md"
    path.parent.mkdir()
    path.write_text("---\ntitle: One\ndate: 2020-01-02\ntitle: Two\n---\nText.\n")
    ran = site.run("import", "--from-markdown", "pages")
    assert 'a.md: line 4, title: "title" is given twice, first on line 2: the last one is used' in ran.err
    assert site.sql("SELECT title FROM ec_posts") == [("Two",)]


def test_a_byte_that_is_not_utf_8_has_its_line(site: Site) -> None:
    path = site.root / "pages/a.md"
    path.parent.mkdir()
    path.write_bytes(b"---\ntitle: T\n---\nCaf\xe9\n")
    outcome = site.run("import", "--from-markdown", "pages", "--json").outcomes["a.md"]
    assert outcome["reason"] == "line 4: byte 21 of the file, 0xe9, is not UTF-8; save it as UTF-8"


def test_a_pattern_takes_the_name_that_the_page_has_in_zola(site: Site) -> None:
    for year in ("2016", "2017"):
        path = site.root / f"pages/survey-{year}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"+++\ntitle = '{year}'\npath = '{year}/05/09/Survey'\n+++\nText.\n")
    ran = site.run("import", "--from-markdown", "pages", "--slug", "{yyyy}-{name}", "--json")
    assert [outcome["slug"] for outcome in ran.outcomes.values()] == ["2016-survey", "2017-survey"]
    assert [outcome["notices"] for outcome in ran.outcomes.values()] == [[], []]
