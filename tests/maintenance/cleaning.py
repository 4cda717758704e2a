"""What the tests of cleanup share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.site import Result
    from tests.maintenance.half_done import Half

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
AGE = timedelta(minutes=15)
_EXPECTED = {
    ("finished", "post", "ONLY"),
    ("finished", "post", "ONLY-TERMS"),
    ("finished", "post", "UNLIVE"),
    ("finished", "post", "BARE"),
    ("finished", "post", "OTHER"),
    ("removed", "post", "EMPTY"),
    ("left", "post", "UNREADABLE"),
    ("removed", "revision", "ORPHAN-1"),
    *(("removed", "credit", f"credit-{post}") for post in ("EMPTY", "GONE")),
    *(("removed", "seo", f"posts {post}") for post in ("EMPTY", "GONE")),
    *(("removed", "lock", post) for post in ("EMPTY", "GONE")),
}


def expected(half: Half) -> set[tuple[str, str, str]]:
    """What becomes of `half_done`."""
    links = {("removed", "term_link", f"posts {half.entry(post)} T1") for post in ("EMPTY", "GONE")}
    return _EXPECTED | links


def outcomes(result: Result) -> set[tuple[str, str, str]]:
    return {(item["outcome"], item["kind"], item["key"]) for item in result.json["outcomes"]}
