"""`emdash import --from-markdown`: front matter as Hugo, Jekyll, AstroPaper and PaperMod write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.publishing_site import Site


def post(site: Site, text: str, name: str = "page.md") -> dict[str, Any]:
    """The one post that an import of this page gives."""
    path = site.root / "pages" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    ran = site.run("import", "--from-markdown", "pages", "--date", "now", "--json")
    assert ran.code == 0, ran.out
    ((slug,),) = site.rows("SELECT slug FROM ec_posts")
    return site.run("show", str(slug), "--json").document


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


JEKYLLS = ("_posts/2024-01-02-a.md", "_drafts/a.md", "blog/2024-01-02-a.md")


@pytest.mark.parametrize("name", JEKYLLS)
def test_words_are_split_as_jekyll_does(site: Site, name: str) -> None:
    found = post(site, "---\ntitle: T\ncategories: jekyll update\ntags: one  two\n---\nText.\n", name)
    assert (labels(found)[0], set(labels(found)[1:])) == ("jekyll", {"update", "one", "two"})


@pytest.mark.parametrize("said", ["categories: [Web design, New things]", "categories: Web design, New things"])
@pytest.mark.parametrize("name", [*JEKYLLS, "blog/a.md"])
def test_names_of_several_words_are_kept_where_they_are_told_apart(site: Site, said: str, name: str) -> None:
    assert labels(post(site, f"---\ntitle: T\n{said}\n---\nText.\n", name)) == ["Web design", "New things"]


def test_words_are_one_name_where_jekyll_is_not(site: Site) -> None:
    found = post(site, "---\ntitle: T\ncategories: Web design\ntags: one two\n---\nText.\n", "blog/a.md")
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
    ((text,),) = site.rows("SELECT content FROM ec_posts")
    assert [word in str(text) for word in ("from", "css", "const", "import this is text")] == [
        False,
        False,
        False,
        True,
    ]


def test_what_looks_like_a_module_is_text_in_markdown(site: Site) -> None:
    assert post(site, "---\ntitle: T\n---\nimport duties rose.\n")["excerpt"] == "import duties rose."
