from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.distribution.conftest import TOKEN

if TYPE_CHECKING:
    from tests.harness.site import Site

SETTINGS = """
[streams.default]
platforms = ["partner", "other"]
[platforms.partner]
kind = "target"
url = "https://partner.example/"
token = "env:PARTNER_TOKEN"
[platforms.other]
kind = "target"
url = "https://other.example/"
monthly_posts = 10
"""
DAY = "2026-06-15"
NOW = f"{DAY}T12:00:00.000Z"


def job(site: Site, lane: str, state: str, *, created: str, ended: str | None = None, **values: object) -> int:
    """A job, written and ended at those times of the day."""
    at = f"{DAY}T{created}.000Z"
    number = site.sql("SELECT count(*) + 1 FROM publish_jobs")[0][0]
    site.insert(
        "publish_jobs",
        id=number,
        subject=f"P{number}",
        lane=lane,
        kind="announce",
        state=state,
        run_after=at,
        **{"created_at": at, "ended_at": f"{DAY}T{ended}.000Z" if ended else None} | values,
    )
    return int(number)


def attempt(site: Site, number: int, begun: str, category: str | None, **values: object) -> None:
    begun_at = f"{DAY}T{begun}.000Z"
    site.insert(
        "job_attempts",
        **{"job_id": number, "claim": begun, "begun_at": begun_at, "worker": "w", "category": category} | values,
    )


@pytest.fixture
def busy(site: Site) -> Site:
    """Two platforms, and jobs in each state."""
    site.settings(SETTINGS)
    site.environment["PARTNER_TOKEN"] = TOKEN
    since = "2026-01-01T00:00:00.000Z"
    site.insert("publish_lanes", lane="partner", kind="target", since=since)
    site.insert("publish_lanes", lane="other", kind="target", since=since, budget=10, spent=4, spent_in="2026-06",
                paused_at=since)  # fmt: skip
    job(site, "partner", "pending", created="11:50:00")
    job(site, "partner", "pending", created="12:50:00")
    job(site, "other", "running", created="11:00:00", claim="c", lease_until=NOW)
    first = job(site, "partner", "done", created="08:00:00", ended="08:00:03", cost_usd=0.25)
    attempt(site, first, "08:00:02", "delivered")
    second = job(site, "partner", "dead", created="08:00:00", ended="09:00:00", category="validation")
    attempt(site, second, "08:30:00", "transient")
    attempt(site, second, "08:59:00", "validation")
    third = job(site, "other", "unknown", created="08:00:00", ended="08:01:00", category="worker_lost")
    attempt(site, third, "08:00:00", None, lost_at=NOW)
    old = job(site, "partner", "done", created="08:00:00", ended_at="2026-06-14T23:59:59.999Z", cost_usd=99.0)
    attempt(site, old, "08:00:00", "delivered")
    return site
