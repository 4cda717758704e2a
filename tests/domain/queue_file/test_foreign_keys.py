"""What becomes of the keys of other tools; every name of the table is tried."""

from __future__ import annotations

from typing import Any

import pytest

from emdash_cli.domain.queue_file import FeaturedImage, Seo
from emdash_cli.domain.queue_file.foreign_keys import FREE_KEYS, IMAGE_NAMES, RULES, SEO_NAMES, TIMES, Rule
from emdash_cli.domain.queue_file.key_names import BODY_NAMES, FIELDS
from emdash_cli.domain.queue_file.near_miss import squeezed
from emdash_cli.domain.queue_file.readings import drafts, embargoes, expires, releases, restricts
from tests.domain.queue_file.support import article, refusal

SAMPLES: dict[str, Any] = {
    "publish_at": "2026-07-01T00:00:00Z",
    "title": "U",
    "excerpt": "Short.",
    "id": "art-9",
    "slug": "a-slug",
    "category": "News",
    "tags": ["a", "b"],
    "author": "Jane",
    "locale": "de",
    "platforms": ["x"],
    "translation_of": "a-post",
    "featured_image": "/a.png",
    "seo.title": "S",
    "seo.description": "D",
    "seo.image": "/s.png",
    "seo.canonical": "https://e.org/",
    "seo.no_index": True,
}


def names(read: Any) -> list[str]:
    return [name for rule in RULES if rule.read is read for name in rule.names]


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def value_of(found: Any, field: str) -> Any:
    for part in field.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize(
    ("rule", "name"),
    [(rule, name) for rule in RULES if rule.read is None and rule.becomes[0] in SAMPLES for name in rule.names],
)
@pytest.mark.parametrize("spelling", [str, camel, lambda name: name.replace("_", "-").title()])
def test_a_key_that_means_the_same_is_taken(rule: Rule, name: str, spelling: Any) -> None:
    field = rule.becomes[0]
    keys: dict[str, Any] = {spelling(name): SAMPLES[field]}
    if field == "title":
        keys["title"] = None
    found = article(**keys)
    assert value_of(found, field) == value_of(article(**nested(field, SAMPLES[field])), field)
    assert value_of(found, field)
    assert found.metadata == {}


def nested(field: str, value: Any) -> dict[str, Any]:
    outer, _, inner = field.partition(".")
    return {outer: {inner: value} if inner else value}


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (rule, name)
        for rule in RULES
        if rule.read is None and not rule.firm and len(rule.becomes) == 1 and rule.becomes[0] in SAMPLES
        for name in rule.names
    ],
)
def test_a_key_beside_the_field_itself_is_kept_as_metadata(rule: Rule, name: str) -> None:
    field = rule.becomes[0]
    other = {"publish_at": "2026-08-01", "tags": ["c"], "platforms": ["y"], "featured_image": "/b.png",
             "seo.no_index": False, "seo.image": "/t.png", "locale": "fr"}.get(field, "other")  # fmt: skip
    found = article(**nested(field, SAMPLES[field]), **{name: other})
    assert value_of(found, field) == value_of(article(**nested(field, SAMPLES[field])), field)
    assert found.metadata == {name: other}


@pytest.mark.parametrize("name", [name for rule in TIMES if rule.firm for name in rule.names])
def test_another_time_beside_the_time_is_refused(name: str) -> None:
    error = refusal({"publish_at": "2026-07-01", name: "2026-08-01"})
    assert [(problem.line, problem.field) for problem in error.problems] == [(5, name)]
    assert 'contradicts "publish_at"' in str(error)
    assert article(publish_at="2026-07-01", **{name: "2026-07-01"}).status == "scheduled"


@pytest.mark.parametrize("name", names(drafts))
def test_drafts(name: str) -> None:
    assert article(**{name: True}).status == "draft"
    assert article(**{name: False}).status is None
    assert article(**{name: False}, date="2027-01-01").status == "scheduled"
    assert article(**{name: True}, status="draft", date="2020-01-01").status == "draft"
    assert "contradicts" in str(refusal({name: True, "status": "published"}))
    assert "must be true or false" in str(refusal({name: "true"}))
    assert "must be true or false" in str(refusal({name: 1}))


@pytest.mark.parametrize("name", [*names(releases), "published"])
def test_releases(name: str) -> None:
    assert article(**{name: False}).status == "draft"
    assert article(**{name: True}).status is None
    assert article(**{name: True}, date="2027-01-01").status == "scheduled"
    assert "contradicts" in str(refusal({name: False, "status": "published"}))
    assert "must be true or false" in str(refusal({name: 0}))


@pytest.mark.parametrize("name", names(embargoes))
def test_embargoes(name: str) -> None:
    assert article(**{name: "2027-01-01"}).status == "scheduled"
    assert article(**{name: False}).status is None
    assert "until when" in str(refusal({name: True}))
    assert "contradicts" in str(refusal({name: "2027-01-01", "publish_at": "2026-06-02"}))
    assert "contradicts" not in str(refusal({name: "2027-01-01", "status": "published"}))


@pytest.mark.parametrize("name", names(restricts))
def test_restrictions(name: str) -> None:
    empty: tuple[Any, ...] = (False, "", 0, [], {}, None)
    for value in empty:
        assert article(**{name: value}) == article()
    for value in (True, "x", 1, ["x"], {"x": 1}):
        assert [problem.field for problem in refusal({name: value}).problems] == [name]


@pytest.mark.parametrize("name", names(expires))
def test_nothing_takes_a_post_down(name: str) -> None:
    assert article(**{name: ""}) == article()
    for value in ("2027-01-01", "2020-01-01", "never", True, 1):
        assert "take the post down" in str(refusal({name: value}))


@pytest.mark.parametrize(
    ("keys", "allowed"),
    [
        ({"visibility": "public"}, True),
        ({"visibility": "Public"}, True),
        ({"visibility": "members"}, False),
        ({"visibility": ["team"]}, False),
        ({"access": "paid"}, False),
        ({"permalink": "/a/b/"}, True),
        ({"permalink": False}, False),
        ({"render": False}, False),
        ({"render": "never"}, False),
        ({"render": True}, True),
        ({"_build": {"list": "never"}}, False),
        ({"build": {"render": "always"}}, True),
        ({"eleventyExcludeFromCollections": True}, False),
    ],
)
def test_what_would_hold_the_page_back(keys: dict[str, Any], allowed: bool) -> None:  # noqa: FBT001
    if allowed:
        assert article(**keys).metadata == keys
    else:
        assert [problem.field for problem in refusal(keys).problems] == list(keys)


@pytest.mark.parametrize(
    ("keys", "status"),
    [
        ({"scheduled": True, "date": "2027-01-01"}, "scheduled"),
        ({"scheduled": "2027-01-01"}, "scheduled"),
        ({"scheduled": False}, None),
        ({"status": "publish"}, "published"),
        ({"status": "future", "date": "2027-01-01"}, "scheduled"),
        ({"published": "2020-01-01"}, "published"),
        ({"published": "2027-01-01"}, "scheduled"),
    ],
)
def test_status_in_other_words(keys: dict[str, Any], status: str) -> None:
    assert article(**keys).status == status


def test_scheduled_without_a_time_is_refused_in_any_words() -> None:
    assert [problem.field for problem in refusal({"scheduled": True}).problems] == ["scheduled"]


def test_date_yields_to_any_other_time() -> None:
    for keys in (
        {"date": "2020-01-01", "publishDate": "2027-01-01"},
        {"publishDate": "2027-01-01", "date": "2020-01-01"},
    ):
        found = article(**keys)
        assert (found.status, found.metadata) == ("scheduled", {"date": "2020-01-01"})


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
    ],
)
def test_categories(keys: dict[str, Any], category: str, tags: tuple[str, ...]) -> None:
    found = article(**keys)
    assert (found.category, found.tags, found.metadata) == (category, tags, {})


@pytest.mark.parametrize("value", [[1], {"a": 1}, 7, [["a"]]])
def test_categories_of_a_wrong_type(value: Any) -> None:
    field = refusal({"categories": value}).problems[0].field
    assert field is not None
    assert field.startswith("categories")


@pytest.mark.parametrize(
    ("value", "author", "kept"),
    [
        ("Jane", "Jane", False),
        (["Jane"], "Jane", False),
        (["Jane", "Joe"], "Jane", True),
        ([{"name": "Jane", "email": "j@e.org"}], "j@e.org", True),
        ({"name": "Jane", "slug": "jane"}, "jane", True),
    ],
)
def test_authors(value: Any, author: str, kept: bool) -> None:  # noqa: FBT001
    found = article(authors=value)
    assert (found.author, found.metadata) == (author, {"authors": value} if kept else {})


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


@pytest.mark.parametrize(
    ("outer", "inner", "name"),
    [
        (outer, inner, name)
        for outer, table in (("seo", SEO_NAMES), ("featured_image", IMAGE_NAMES))
        for inner, others in table.items()
        for name in others
    ],
)
def test_names_within_an_object(outer: str, inner: str, name: str) -> None:
    value = {"no_index": True, "image": "/a", "canonical": "/a", "src": "/a"}.get(inner, "x")
    base = {"src": "/a"} if outer == "featured_image" and inner != "src" else {}
    for key in (name, camel(name)):
        assert value_of(article(**{outer: {**base, key: value}}), f"{outer}.{inner}") == value


def test_unknown_keys_are_metadata() -> None:
    found = article(weight=3, series={"part": 1}, metadata={"a": 1}, organization_id="o", seo={"keywords": ["k"]})
    assert found.metadata == {
        "a": 1,
        "weight": 3,
        "series": {"part": 1},
        "organization_id": "o",
        "seo": {"keywords": ["k"]},
    }
    assert found.seo is None


def test_two_spellings_of_one_key() -> None:
    assert article(publishAt="2027-01-01", publish_at="2027-01-01").status == "scheduled"
    assert 'contradicts "publishAt"' in str(refusal({"publishAt": "2027-01-01", "publish_at": "2026-01-01"}))


def test_a_problem_is_told_under_the_name_that_the_file_uses() -> None:
    error = refusal({"scheduledAt": "2026-02-30", "keywords": ["a", 1], "meta_title": 7, "cover": {"url": "x"}})
    assert [(problem.line, problem.field) for problem in error.problems] == [
        (4, "scheduledAt"),
        (7, "keywords[1]"),
        (9, "meta_title"),
        (11, "cover.url"),
    ]


def test_the_table_says_each_thing_once() -> None:
    every = [squeezed(name) for name in {*FIELDS, *BODY_NAMES} - {"blocks"}]
    every += [squeezed(name) for rule in RULES for name in rule.names]
    every += [squeezed(name) for name in FREE_KEYS]
    assert len(every) == len(set(every))
    for rule in RULES:
        assert rule.becomes or rule.note
        assert all(field.partition(".")[0] in FIELDS for field in rule.becomes)
