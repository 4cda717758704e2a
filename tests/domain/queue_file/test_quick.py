"""What the quick check accepts, the model accepts with the same values; and it accepts whatever is usual."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from emdash_cli.domain.queue_file import checks, parse
from emdash_cli.domain.queue_file.key_names import FIELDS
from emdash_cli.domain.queue_file.mapping import Fault, Mapped
from emdash_cli.domain.queue_file.model import QueueDocument
from emdash_cli.domain.queue_file.shapes import MAX_LABEL, MAX_SUMMARY, MAX_TAGS, MAX_TITLE, MAX_URL, QueueFile
from emdash_cli.domain.queue_file.validation import _checked
from tests.domain.queue_file.support import BERLIN
from tests.harness.site import clean_environment

USUAL: dict[str, Any] = {
    "id": "art-1",
    "title": "A title",
    "body_text": "# Text\n\nMore.",
    "slug": "a-title",
    "excerpt": "Two\nlines.",
    "category": "News",
    "tags": ["One", "Two", "One"],
    "locale": "pt-BR",
    "author": "Jane Doe <jane@example.org>",
    "publish_at": "2026-06-15 09:00",
    "status": "scheduled",
    "expires_at": "2026-12-24T18:00:00+01:00",
    "translation_of": "another",
    "seo": {"title": "S", "description": "D", "image": "/a.png", "canonical": "https://e.org/a", "no_index": True},
    "featured_image": {"src": "/b.png", "alt": "B"},
    "platforms": "X, linkedin",
    "social": {"X ": "Now", "linkedin": ["a", "b"]},
    "metadata": {"cost_usd": 0.5, "model_used": "m", "other": [1, {"a": None}]},
}
LIMITS = (1, MAX_LABEL, MAX_TITLE, MAX_SUMMARY, MAX_URL, MAX_TAGS)
texts = st.sampled_from(
    ["", " ", "a", " a ", "a\nb", "a\x00", "\u200b", "a, b", "en", "EN-us", "a_b", "Aa", "draft", "/a", "//a", "/a b",
     "https://e.org:x", "http://", "j@e.org", "2026-06-15", "2026-03-29 02:30", "2026-10-25T02:30"]
) | st.builds(lambda letter, length, more: letter * (length + more), st.sampled_from("aé/ "), st.sampled_from(LIMITS),
              st.integers(0, 1))  # fmt: skip
scalars = st.none() | st.booleans() | st.integers(-1, 1) | st.floats(allow_nan=False) | texts
many = st.integers(MAX_TAGS, MAX_TAGS + 1).map(lambda count: ["a"] * count)
keys = st.sampled_from([*USUAL["seo"], "src", "alt", "name", "_type", "cost_usd", "X", "x"])
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))
fields = st.sampled_from([*USUAL, "blocks", "unknown"])
documents = st.builds(
    lambda kept, changed: {**{key: USUAL[key] for key in kept}, **changed},
    st.sets(fields.filter(USUAL.__contains__)),
    st.dictionaries(fields, values | many, max_size=3),
)


def by_model(data: dict[str, Any]) -> dict[str, Any]:
    faults: list[Fault] = []
    found = _checked(Mapped(data, {}, []), BERLIN, faults)
    assert found is not None, faults
    return {key: value for key, value in found.items() if value is not None}


@given(documents)
def test_what_is_quickly_accepted_is_what_the_model_makes_of_it(data: dict[str, Any]) -> None:
    found = checks.checked(data, BERLIN)
    if found is not None:
        assert found == by_model(data)


@given(documents.filter(lambda data: "title" in data))
def test_what_is_not_quickly_accepted_is_refused_or_null(data: dict[str, Any]) -> None:
    if checks.checked(data, BERLIN) is None and None not in data.values():
        try:
            QueueDocument.model_validate(data, context={"zone": BERLIN})
        except ValidationError:
            return
        nested = [part for value in data.values() if isinstance(value, dict) for part in value.values()]
        assert None in nested


@pytest.mark.parametrize("length", [0, *(limit + more for limit in LIMITS for more in (0, 1))])
@pytest.mark.parametrize("field", [*USUAL, "seo.title", "seo.description", "seo.image", "featured_image.alt"])
def test_both_have_the_same_limits(field: str, length: int) -> None:
    outer, _, inner = field.partition(".")
    value: Any = "/" * min(length, 1) + "a" * (length - 1) if inner == "image" else "a" * length
    if field in ("tags", "platforms"):
        value = ["a"] * length
    if inner:
        value = {**USUAL[outer], inner: value}
    data = {"title": "T", outer: value}
    try:
        QueueDocument.model_validate(data, context={"zone": BERLIN})
    except ValidationError:
        assert checks.checked(data, BERLIN) is None
    else:
        assert checks.checked(data, BERLIN) == by_model(data)


@pytest.mark.parametrize("field", [*USUAL, "all"])
def test_what_is_usual_takes_the_quick_way(field: str) -> None:
    data = USUAL if field == "all" else {"title": "T", field: USUAL[field]}
    found = checks.checked(data, BERLIN)
    assert found is not None
    assert found == by_model(data)


def test_every_field_of_the_model_is_known() -> None:
    assert {*checks._FIELDS, *checks._INSTANTS} == set(QueueDocument.model_fields) == set(FIELDS)
    assert {*USUAL, "blocks"} == set(FIELDS), "otherwise the limits of a field are not compared"


def test_every_field_reaches_the_queue_file() -> None:
    file = parse(json.dumps(USUAL).encode(), zone=BERLIN, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert {name for name in QueueFile.__slots__ if not getattr(file, name)} == {"blocks", "notices"}
    assert {*USUAL} - {"body_text"} == {*QueueFile.__slots__} - {"markdown", "blocks", "notices"}


def test_a_right_file_is_read_without_pydantic_and_yaml() -> None:
    code = (
        "import sys; from datetime import datetime, UTC; from zoneinfo import ZoneInfo;"
        "from emdash_cli.domain.queue_file import parse;"
        """parse(b'{"title": "T", "body_text": "x"}', zone=ZoneInfo("UTC"), now=datetime.now(UTC));"""
        "sys.exit(', '.join({'pydantic', 'pydantic_core', 'yaml', 'tomllib'} & set(sys.modules)) or None)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")
