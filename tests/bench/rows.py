"""What a benchmark answers."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One figure, measured side by side with what it is compared to."""

    name: str
    figure: str
    aim: str
    ok: bool
