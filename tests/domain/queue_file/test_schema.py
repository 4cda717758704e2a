"""The JSON Schema says of a document what the parser says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from emdash_cli.domain.queue_file import QueueFileError, json_schema
from tests.domain.queue_file.support import parse

BASE = {"title": "T", "body_text": "x"}

RIGHT: list[dict[str, Any]] = [
    {},
    {"body_text": None, "title": "🦊"},
    {"id": "a", "slug": "a-b_c", "excerpt": "e", "category": "c", "tags": ["a"], "locale": "pt-BR", "author": "a"},
    {"tags": "a, b", "platforms": "x", "publish_at": "2026-06-15 09:00", "status": "scheduled"},
    {"slug": None, "tags": None, "seo": None, "featured_image": None, "platforms": None, "status": None},
    {"seo": {"title": "t", "canonical": "/a", "image": "https://e.org/a", "no_index": True, "robots": "x"}},
    {"featured_image": "/a.png"},
    {"id": 42, "category": 2024, "tags": [2024, "a"], "slug": "Release.Notes 1.2"},
    {"slug": "/ümlaut/", "publish_at": "July 8, 2022"},
    {"featured_image": {"src": "https://e.org/a.png", "alt": "", "width": 5}},
    {"social": {"x": "t", "linkedin": ["a"], "y": {}}, "metadata": {"cost_usd": 0.5, "free": []}, "weight": 1},
]
WRONG: list[dict[str, Any]] = [
    {"title": ""},
    {"title": " "},
    {"title": "t" * 301},
    {"title": 7},
    {"title": None},
    {"body_text": 7},
    {"body_text": " "},
    {"body_text": ["x"]},
    {"content": "y"},
    {"id": 1.5},
    {"slug": "a/b"},
    {"slug": "-"},
    {"slug": "a" * 201},
    {"tags": [True]},
    {"tags": ["t"] * 501},
    {"tags": {}},
    {"locale": "en__US"},
    {"publish_at": 5},
    {"publish_at": "soon"},
    {"status": "live"},
    {"seo": []},
    {"seo": {"no_index": "x"}},
    {"seo": {"image": "javascript:x"}},
    {"seo": {"canonical": "//e.org"}},
    {"featured_image": "a.png"},
    {"featured_image": {"alt": "x"}},
    {"platforms": [1]},
    {"platforms": ["a b"]},
    {"social": {"x": 1}},
    {"metadata": {"cost_usd": "1"}},
    {"metadata": {"cost_usd": -1}},
    {"metadata": []},
]


def document(keys: dict[str, Any]) -> dict[str, Any]:
    found = {**BASE, **keys}
    if found["body_text"] is None:
        del found["body_text"]
        found["content"] = [{"_type": "block", "children": []}]
    return found


def test_it_is_a_schema() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("keys", RIGHT)
def test_both_take(keys: dict[str, Any]) -> None:
    taken = document(keys)
    assert not list(Draft202012Validator(json_schema()).iter_errors(taken))
    parse(json.dumps({**taken, "publish_at": taken.get("publish_at")}).encode())


@pytest.mark.parametrize("keys", WRONG)
def test_both_refuse(keys: dict[str, Any]) -> None:
    refused = document(keys)
    assert list(Draft202012Validator(json_schema()).iter_errors(refused))
    with pytest.raises(QueueFileError):
        parse(json.dumps(refused).encode())


def test_each_field_is_explained_and_its_examples_are_right() -> None:
    schema = json_schema()
    for name, field in schema["properties"].items():
        assert field["description"], name
        for example in field.get("examples", ()):
            other = {} if name in ("body_text", "body", "content") else {"body_text": "x"}
            parse(json.dumps({"title": "T", **other, name: example}).encode())


def test_a_body_is_needed_once() -> None:
    validator = Draft202012Validator(json_schema())
    assert not validator.is_valid({"title": "T"})
    assert not validator.is_valid({"title": "T", "body": "x", "content": "x"})
    assert validator.is_valid({"title": "T", "body": "x"})
