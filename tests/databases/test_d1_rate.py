"""The token bucket, in made-up time."""

from __future__ import annotations

from bisect import bisect_left

import pytest

from emdash_cli.databases.d1 import BURST, TokenBucket
from tests.databases.support import FakeTime

CLOUDFLARE_REQUESTS = 1_200
CLOUDFLARE_WINDOW_S = 300.0


@pytest.mark.parametrize("request_s", [0.0, 0.01, 0.1, 1.0])
@pytest.mark.parametrize("rest_after", [None, 250])
def test_no_five_minutes_see_as_many_requests_as_cloudflare_allows(request_s: float, rest_after: int | None) -> None:
    time = FakeTime()
    bucket = TokenBucket(monotonic=time.monotonic, sleep=time.sleep)
    sent: list[float] = []
    for number in range(4_000):
        bucket.take()
        sent.append(time.passed)
        time.passed += request_s
        if rest_after and number % rest_after == 0:
            time.passed += 60
    busiest = max(number - bisect_left(sent, at - CLOUDFLARE_WINDOW_S) + 1 for number, at in enumerate(sent))
    assert busiest < CLOUDFLARE_REQUESTS


def test_a_burst_does_not_wait() -> None:
    time = FakeTime()
    bucket = TokenBucket(monotonic=time.monotonic, sleep=time.sleep)
    for _ in range(BURST):
        bucket.take()
    assert time.sleeps == []
    bucket.take()
    assert time.sleeps == [pytest.approx(1 / 3)]


def test_a_rest_does_not_save_up_more_than_a_burst() -> None:
    time = FakeTime()
    bucket = TokenBucket(monotonic=time.monotonic, sleep=time.sleep, burst=2, per_second=1.0)
    time.passed = 1_000.0
    for _ in range(4):
        bucket.take()
    assert time.sleeps == [1.0, 1.0]


def test_a_sleep_that_ends_early_is_made_up_for() -> None:
    time = FakeTime()

    def light_sleeper(seconds: float) -> None:
        time.sleep(seconds / 2)

    bucket = TokenBucket(monotonic=time.monotonic, sleep=light_sleeper, burst=1, per_second=1.0)
    for _ in range(6):
        bucket.take()
    assert time.sleeps == sorted(time.sleeps)
    assert time.sleeps[-1] > time.sleeps[0]
