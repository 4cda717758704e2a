"""Differences between two versions of a post that its Markdown does not show, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.text_changes import NOTHING
from emdash_cli.views.output import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emdash_cli.domain.text_changes import ValueChange
    from emdash_cli.scheduling.diff import Difference

_MOST_VALUES: Final = 50
_LONGEST_VALUE: Final = 300


def value_lines(values: Sequence[ValueChange], before: str | None, after: str) -> Iterator[str]:
    """Each value that differs with its path, in the style of a unified diff between the two labels."""
    if values:
        yield from (f"--- {before}", f"+++ {after}")
    for change in values[:_MOST_VALUES]:
        for sign, value in (("-", change.before), ("+", change.after)):
            if value is not NOTHING:
                text = json.dumps(value, ensure_ascii=False)
                text = text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
                yield f"{sign}{harmless(change.path)}: {harmless(text)}"
    if len(values) > _MOST_VALUES:
        yield f" and {len(values) - _MOST_VALUES} more: --json has them all"


def documents(values: Sequence[ValueChange]) -> list[dict[str, Any]]:
    """The values as ``--json`` prints them."""
    return [
        {"path": change.path}
        | {name: value for name, value in (("before", change.before), ("after", change.after)) if value is not NOTHING}
        for change in values
    ]


def document(found: Difference) -> dict[str, Any]:
    """What ``--json`` prints."""
    return asdict(replace(found, values=())) | {"values": documents(found.values)}
