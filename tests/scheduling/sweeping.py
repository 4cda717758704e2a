"""What the tests of the sweep share."""

from __future__ import annotations

from typing import Any

import pytest

from emdash_cli.domain.collection import FieldNames, PostPath
from emdash_cli.domain.outcome import SweptPost
from emdash_cli.domain.ulid import UlidSource
from emdash_cli.scheduling.sweep import SweepOptions, sweep
from tests.harness.emdash_sites import VERSIONS
from tests.harness.posts import NOW, Port, body, compact

PUBLISHED = ("published", "")
UNLOCKED = ("published", "unlocked")
CHANGED = compact({"title": "Changed", "content": body("changed")})
everywhere = pytest.mark.parametrize("stores", [None, *VERSIONS], indirect=True)


def swept(port: Port, **request: Any) -> list[SweptPost]:
    """What a sweep over that port tells."""
    source = UlidSource()
    asked = SweepOptions(
        **({"limit": None, "is_preview": False, "post_path": PostPath("/p/{slug}"), "stopped": lambda: False} | request)
    )
    events = sweep(asked, port, FieldNames(), lambda: NOW, lambda: source.next(NOW))
    return [event for event in events if isinstance(event, SweptPost)]
