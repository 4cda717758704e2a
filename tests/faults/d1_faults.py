"""What goes wrong on the way to D1, as the suites here mix it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.d1_engine import faults

if TYPE_CHECKING:
    from tests.d1_engine.faults import Fault
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Result

PASSING = {
    "failed before": faults.FAILED_BEFORE,
    "failed after the commit": faults.FAILED_AFTER,
    "reply lost after the commit": faults.DROPPED_AFTER,
    "a statement's answer missing": faults.TRUNCATED,
    "sent twice": faults.SENT_TWICE,
    "overloaded": faults.OVERLOADED,
    "throttled": faults.throttled("0"),
    "denied for once": faults.SPURIOUS_DENIAL,
    "a proxy's page": faults.PROXY_PAGE,
}
"""Faults that one more try gets over."""

TOO_MUCH = {"CPU limit": faults.CPU_LIMIT, "time limit": faults.TIME_LIMIT}
"""Faults that a smaller group gets over."""


def mixed(seed: int, count: int = 60) -> list[Fault]:
    """Every fault there is, in some order, with as many requests in between that go well."""
    chance = random.Random(seed)  # noqa: S311  # the same faults every time
    bad = [*PASSING.values(), *TOO_MUCH.values()]
    return [chance.choice(bad) if chance.random() < 0.4 else faults.NOTHING for _ in range(count)]


def publish_to_the_end(site: D1Site, *arguments: str, runs: int = 30) -> list[Result]:
    """Run again, as cron would, until the queue is empty."""
    ran: list[Result] = []
    while site.waiting():
        assert len(ran) < runs, f"the queue does not empty: {ran[-1]}"
        ran.append(site.run("publish-queue", "--json", *arguments))
        assert ran[-1].code in {0, 6}, ran[-1]
    return ran
