"""docs/queue-file.md says what the code does."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from emdash_cli.domain.queue_file import QueueFileError, from_front_matter, json_schema
from emdash_cli.domain.queue_file.writing import dump
from tests.domain.queue_file.reference import PAGE, render
from tests.domain.queue_file.support import article, parse

TEXT = PAGE.read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)\n```", TEXT, re.DOTALL)


def test_the_generated_parts_have_not_drifted() -> None:
    """If this fails: ``python -m tests.domain.queue_file.reference``."""
    assert render(TEXT) == TEXT
    assert TEXT.count("<!-- generated: ") == 3
    assert all(f"| `{name}` |" in TEXT for name in json_schema()["properties"])


def test_the_examples_are_right() -> None:
    documents = [text for text in examples("json") if '"$schema"' not in text]
    assert len(documents) == 2
    for text in documents:
        assert parse(text.encode()).title == "Caching at the edge"
    (markdown,) = examples("markdown")
    assert parse(dump(from_front_matter(markdown))).publish_at == datetime(2026, 6, 15, 7, tzinfo=UTC)


def test_the_table_of_states_is_right() -> None:
    rows = re.findall(r"^\| (none|future|past|any or none) \| (.*?) \| (.*?) \|$", TEXT, re.MULTILINE)
    assert len(rows) == 7
    times: dict[str, list[str | None]] = {
        "none": [None],
        "future": ["2027-01-01"],
        "past": ["2020-01-01"],
        "any or none": [None, "2027-01-01"],
    }
    for when, states, result in rows:
        for at in times[when]:
            for state in ("draft", "published", "scheduled", None):
                if (f"`{state}`" if state else "none") not in states:
                    continue
                if result.startswith("refused"):
                    with pytest.raises(QueueFileError):
                        article(publish_at=at, status=state)
                else:
                    expected = result.split()[0].rstrip(";")
                    assert (article(publish_at=at, status=state).status or "published") == expected
