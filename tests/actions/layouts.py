"""The layouts of stores that can be tested here: the embedded one, and copies of EmDash's own databases if given."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

BESIDE = Path(__file__).parents[2].parent / "shared" / "data"


class StoreLayout(NamedTuple):
    """A kind of store.

    Attributes:
        source: an empty database to copy; None for the embedded store.
    """

    name: str
    source: Path | None


def layouts() -> list[StoreLayout]:
    """The embedded store and each ``emdash-*-empty.db`` of EMDASH_TEST_DATA, or of ../shared/data."""
    data = Path(os.environ.get("EMDASH_TEST_DATA") or BESIDE)
    found = sorted(data.glob("emdash-*-empty.db"))
    return [StoreLayout("embedded", None), *(StoreLayout(path.stem.removesuffix("-empty"), path) for path in found)]
