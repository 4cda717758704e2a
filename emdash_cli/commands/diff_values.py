"""What differs between two versions of a post though it reads the same, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.commands.harmless import harmless
from emdash_cli.domain.text_changes import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emdash_cli.actions.diff import Difference

_MOST_VALUES: Final = 50
_LONGEST_VALUE: Final = 300


def value_lines(found: Difference) -> Iterator[str]:
    """What differs by its path, like a unified diff."""
    if found.values:
        yield from (f"--- {found.before}", f"+++ {found.after}")
    for change in found.values[:_MOST_VALUES]:
        for sign, value in (("-", change.before), ("+", change.after)):
            if value is not NOTHING:
                text = json.dumps(value, ensure_ascii=False)
                text = text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
                yield f"{sign}{harmless(change.path)}: {harmless(text)}"
    if len(found.values) > _MOST_VALUES:
        yield f" and {len(found.values) - _MOST_VALUES} more: --json has them all"


def document(found: Difference) -> dict[str, Any]:
    """What ``--json`` prints."""
    values = [
        {"path": change.path}
        | {name: value for name, value in (("before", change.before), ("after", change.after)) if value is not NOTHING}
        for change in found.values
    ]
    return asdict(replace(found, values=())) | {"values": values}
