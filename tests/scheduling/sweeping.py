"""What the tests of the sweep share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emdash_cli.domain.outcome import SweptPost
from emdash_cli.scheduling.sweep import SweepOptions, sweep
from tests.harness.posts import NOW, body, compact
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from tests.harness.ports import Port

PUBLISHED = ("published", "")
UNLOCKED = ("published", "unlocked")
CHANGED = compact({"title": "Changed", "content": body("changed")})


def swept(port: Port, **request: Any) -> list[SweptPost]:
    """What a sweep over that port tells."""
    asked = SweepOptions(**({"limit": None, "is_preview": False, "stopped": lambda: False} | request))
    events = sweep(session_in(port, clock=lambda: NOW, post_path="/p/{slug}"), asked)
    return [event for event in events if isinstance(event, SweptPost)]
