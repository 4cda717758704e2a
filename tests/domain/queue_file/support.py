"""What the tests of the queue file share: an instant, a zone, and the shortest right document."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from emdash_cli.domain import queue_file
from emdash_cli.domain.queue_file import QueueFile, QueueFileError

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def parse(raw: bytes) -> QueueFile:
    return queue_file.parse(raw, zone=BERLIN, now=NOW)


def article(**keys: Any) -> QueueFile:
    """Parse a document of a title, a text and the given keys."""
    return parse(json.dumps({"title": "T", "body_text": "x", **keys}).encode())


def refusal(document: Any) -> QueueFileError:
    """The error of a document that is refused: bytes, or the keys beside a title and a text."""
    raw = document
    if not isinstance(document, bytes):
        raw = json.dumps({"title": "T", "body_text": "x", **document}, indent=1).encode()
    with pytest.raises(QueueFileError) as caught:
        parse(raw)
    assert caught.value.problems
    assert "\n" not in str(caught.value)
    return caught.value
