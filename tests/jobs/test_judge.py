from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.domain.delivery import Category, Outcome
from emdash_cli.jobs.judge import judge


@pytest.mark.parametrize("category", [Category.DELIVERED, Category.DUPLICATE])
def test_what_is_there_is_done(category: Category) -> None:
    assert judge(Outcome(category), 3, 100.0, 0.5, idempotent=False).state == "done"


@pytest.mark.parametrize("category", [Category.QUOTA, Category.VALIDATION])
def test_what_cannot_succeed_is_dead_at_once(category: Category) -> None:
    verdict = judge(Outcome(category), 0, 100.0, 0.5, idempotent=True)
    assert (verdict.state, verdict.pauses) == ("dead", False)


def test_refused_credentials_pause_the_lane() -> None:
    verdict = judge(Outcome(Category.AUTH), 0, 100.0, 0.5, idempotent=True)
    assert (verdict.state, verdict.pauses) == ("dead", True)


@given(st.floats(0, 1, exclude_max=True), st.sampled_from([(0, 5), (1, 30), (2, 300)]))
def test_three_pauses_with_a_quarter_of_jitter(chance: float, pause: tuple[int, int]) -> None:
    attempts, seconds = pause
    verdict = judge(Outcome(Category.TRANSIENT), attempts, 100.0, chance, idempotent=False)
    assert verdict.state == "pending"
    assert verdict.run_after_s is not None
    assert 0.75 * seconds <= verdict.run_after_s - 100 <= 1.25 * seconds


def test_the_fourth_failure_is_the_last() -> None:
    assert judge(Outcome(Category.TRANSIENT), 3, 100.0, 0.5, idempotent=False).state == "dead"


def test_what_may_have_arrived_is_sent_again_only_where_that_does_no_harm() -> None:
    verdict = judge(Outcome(Category.UNKNOWN), 0, 100.0, 0.5, idempotent=False)
    assert (verdict.state, verdict.keeps_step) == ("unknown", True)
    assert judge(Outcome(Category.UNKNOWN), 0, 100.0, 0.5, idempotent=True).state == "pending"


@pytest.mark.parametrize(
    ("asked", "closed"), [(None, 60), (0, 1), (-5, 1), (90, 90), (10**9, 86_400), (0.2, 1), (float("inf"), 86_400)]
)
def test_a_rate_limit_closes_the_lane_and_uses_no_attempt(asked: float | None, closed: float) -> None:
    verdict = judge(Outcome(Category.RATE_LIMITED, retry_after_s=asked), 3, 100.0, 0.5, idempotent=False)
    assert (verdict.state, verdict.uses_attempt, verdict.closes_until_s) == ("pending", False, 100 + closed)
    assert verdict.run_after_s is not None
    assert 0 <= verdict.run_after_s - 100 - closed <= 5
