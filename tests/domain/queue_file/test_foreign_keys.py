"""The keys of other tools that mean one of ours; every name of the table is tried."""

from __future__ import annotations

from typing import Any

import pytest

from emdash_cli.domain.authors import Author
from emdash_cli.domain.queue_file.key_names import (
    BODY_NAMES,
    FIELDS,
    FREE_KEYS,
    IMAGE_NAMES,
    RULES,
    SEO_NAMES,
    Rule,
    squeezed,
)
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
    error = refusal({"scheduledAt": "2026-02-30", "keywords": ["a", {}], "meta_title": 7, "cover": {"url": "x"}})
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


def test_authors_in_zolas_taxonomies_and_the_user_of_dev_to() -> None:
    found = article(taxonomies={"authors": ["Jane Doe <jane@example.org>"], "tags": ["a"]})
    assert found.author == Author("Jane Doe", email="jane@example.org")
    assert "jane@" not in str(found.metadata)
    assert article(author="Bob", taxonomies={"authors": ["Jane"]}).author == Author("Bob")
    assert article(user={"name": "Ben", "username": "ben"}).author == Author("Ben", "ben")
    assert article(user="ben").metadata == {"user": "ben"}
