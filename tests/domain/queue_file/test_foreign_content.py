"""What becomes of the keys of other tools that hold the text, its pictures and its labels."""

from __future__ import annotations

from typing import Any

import pytest

from emdash_cli.domain.authors import Author
from emdash_cli.domain.queue_file import FeaturedImage, Seo
from tests.domain.queue_file.support import article, refusal


@pytest.mark.parametrize(
    ("keys", "category", "tags"),
    [
        ({"categories": ["a", "b", "c"]}, "a", ("b", "c")),
        ({"categories": ["a", "b"], "tags": "c, b"}, "a", ("c", "b")),
        ({"categories": "a, b"}, "a", ("b",)),
        ({"categories": "a b"}, "a b", ()),
        ({"categories": ["a", "b"], "category": "b"}, "b", ("a",)),
        ({"categories": []}, None, ()),
        ({"categories": ""}, None, ()),
        ({"categories": [None, "", "a"]}, "a", ()),
        ({"category": ["a", "b"]}, "a", ("b",)),
        ({"category": []}, None, ()),
        ({"taxonomies": {"categories": ["a", "b"], "tags": "c"}}, "a", ("c", "b")),
    ],
)
def test_categories(keys: dict[str, Any], category: str, tags: tuple[str, ...]) -> None:
    found = article(**keys)
    assert (found.category, found.tags, found.metadata) == (category, tags, {})


@pytest.mark.parametrize("value", [[1.5], {"a": 1}, 7.5, [["a"]]])
def test_categories_of_a_wrong_type(value: Any) -> None:
    field = refusal({"categories": value}).problems[0].field
    assert field is not None
    assert field.startswith("categories")


@pytest.mark.parametrize(
    ("value", "author", "kept"),
    [
        ("Jane", Author("Jane"), None),
        (["Jane"], Author("Jane"), None),
        (["Jane", "Joe"], Author("Jane"), ["Jane", "Joe"]),
        ([{"name": "Jane", "email": "j@e.org"}], Author("Jane", email="j@e.org"), None),
        ({"name": "Jane", "slug": "jane"}, Author("Jane", "jane"), None),
        (
            {"name": "Jane", "url": "/j", "mail": "j@e.org"},
            Author("Jane", email="j@e.org"),
            {"name": "Jane", "url": "/j"},
        ),
        (["Jane <j@e.org>", "Joe <joe@e.org>"], Author("Jane", email="j@e.org"), ["Jane", "Joe"]),
    ],
)
@pytest.mark.parametrize("key", ["author", "authors", "primaryAuthor"])
def test_authors(key: str, value: Any, author: Author, kept: Any) -> None:
    found = article(**{key: value})
    assert (found.author, found.metadata) == (author, {key: kept} if kept else {})


def test_the_field_goes_before_other_keys_which_keep_no_address() -> None:
    found = article(
        author="Jane", authors=["joe@e.org", "Joe <joe@e.org>"], byline="Mail me: j@e.org", bylines="j@e.org"
    )
    assert (found.author, found.metadata) == (Author("Jane"), {"authors": ["Joe"], "byline": "Mail me"})


def test_the_description_is_the_excerpt_or_else_for_search_engines() -> None:
    assert article(description="d").excerpt == "d"
    found = article(description="d", summary="s")
    assert (found.excerpt, found.seo, found.metadata) == ("s", Seo(description="d"), {})
    found = article(description="d", summary="s", seo={"description": "e"})
    assert (found.seo, found.metadata) == (Seo(description="e"), {"description": "d"})


@pytest.mark.parametrize("name", ["markdown", "body_markdown", "text"])
def test_markdown_by_other_names(name: str) -> None:
    assert article(body_text=None, **{name: "*y*"}).markdown == "*y*"
    assert [problem.field for problem in refusal({name: "x"}).problems] == [name]


def test_portable_text_by_another_name() -> None:
    assert article(body_text=None, portable_text=[{"_type": "block"}]).blocks == [{"_type": "block"}]


@pytest.mark.parametrize("name", ["html", "body_html", "lexical"])
def test_another_form_of_the_body_is_left_out_but_cannot_stand_in_for_it(name: str) -> None:
    assert article(**{name: "x" * 70_000}) == article()
    error = refusal({"body_text": None, name: "<p>x"})
    assert [problem.field for problem in error.problems] == [name]
    assert "is not Markdown" in str(error)


@pytest.mark.parametrize(
    ("keys", "image", "metadata"),
    [
        ({"cover": "/a"}, FeaturedImage("/a"), {}),
        ({"cover": {"image": "/a", "alt": "A"}}, FeaturedImage("/a", "A"), {}),
        ({"image": {"url": "/a", "altText": "A", "width": 9}}, FeaturedImage("/a", "A"), {"image": {"width": 9}}),
        ({"hero": "/a", "hero_alt": "A"}, FeaturedImage("/a", "A"), {}),
        ({"featured_image": "/a", "image_alt": "A"}, FeaturedImage("/a", "A"), {}),
        ({"image_alt": "A"}, None, {"image_alt": "A"}),
        ({"featured_image": {"src": "/a", "caption": "C"}}, FeaturedImage("/a"), {"featured_image": {"caption": "C"}}),
    ],
)
def test_pictures(keys: dict[str, Any], image: FeaturedImage | None, metadata: dict[str, Any]) -> None:
    found = article(**keys)
    assert (found.featured_image, found.metadata) == (image, metadata)


@pytest.mark.parametrize(("value", "no_index"), [("noindex, follow", True), ("none", True), ("index", None)])
def test_robots(value: str, no_index: bool | None) -> None:  # noqa: FBT001
    found = article(robots=value)
    assert (found.seo.no_index if found.seo else None) == no_index
