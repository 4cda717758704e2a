"""How many requests a platform gets in a stretch of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.distribution.conftest import settings

if TYPE_CHECKING:
    from tests.harness.receiver import Receiver
    from tests.harness.site import Site

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("most", [1, 2, 5, 12])
def test_a_rate_holds_in_any_stretch_of_its_length(announcing: Site, platform: Receiver, most: int) -> None:
    """Half of it goes at once, and more than half an hour's worth in each further hour."""
    announcing.settings(settings(platform, f'rate = "{most}/h"'))
    for number in range(4 * most):
        announcing.put(f"a{number}.json")
    sent: list[datetime] = []
    for minute in range(0, 181, 5):
        now = START + timedelta(minutes=minute)
        with freeze_time(now):
            if not minute:
                announcing.run("publish-queue").succeeds()
            announcing.run("distribute").succeeds()
        sent += [now] * (len(platform.requests) - len(sent))
    assert sent.count(START) == max(1, most // 2)
    assert max(sum(begin <= at < begin + HOUR for at in sent) for begin in sent) <= most
    assert len(sent) >= 3 * most / 2
