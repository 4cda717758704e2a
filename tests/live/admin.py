"""What EmDash's admin thinks of a post, by its REST API."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.live.emdash_site import EmdashSite

OWN_SCHEDULER_LIMIT = 90
"""Seconds; EmDash's own scheduler ticks every 60 s."""


def ahead(**duration: float) -> str:
    """A time from now on, as ISO 8601 in UTC with milliseconds, which is how EmDash stores it."""
    moment = datetime.now(UTC) + timedelta(**duration)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def moment_of(text: str) -> datetime:
    """The moment that EmDash wrote down."""
    return datetime.fromisoformat(text)


def assert_settled(site: EmdashSite, post_id: str) -> None:
    """The admin shows the post as published, with no change and no schedule, and its revision is what is live."""
    item = site.item(post_id)
    assert (item["status"], item["scheduledAt"], item["draftRevisionId"]) == ("published", None, None)
    compared = site.api("GET", f"/content/posts/{post_id}/compare")
    assert compared["hasChanges"] is False
    assert _fields(compared["live"]) == _fields(item["data"])


def wait_until_published(site: EmdashSite, post_id: str) -> None:
    """Leaves it to EmDash's own scheduler."""
    until = time.monotonic() + OWN_SCHEDULER_LIMIT
    while site.item(post_id)["status"] != "published":
        assert time.monotonic() < until, site.item(post_id)
        time.sleep(1)


def _fields(data: dict[str, Any]) -> dict[str, Any]:
    """The fields that have a value; a revision may also hold the slug that was staged with it."""
    return {name: value for name, value in data.items() if value is not None and name != "_slug"}
