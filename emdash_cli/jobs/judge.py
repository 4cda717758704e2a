"""What becomes of a job after an attempt: one pure rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from emdash_cli.domain.delivery import Category

if TYPE_CHECKING:
    from emdash_cli.domain.delivery import Outcome

DELAYS_S: Final = (5.0, 30.0, 300.0)
"""Before the second, third and fourth attempt. A fourth one that fails is the last."""
CLOSED_S: Final = 60.0
"""How long a lane is closed whose platform asks for a pause and does not say which."""
LONGEST_CLOSED_S: Final = 24 * 3600.0
_SPREAD_S: Final = 5.0
"""Jobs that waited for one lane do not all return in the same moment."""


class Verdict(NamedTuple):
    """What becomes of the job, and of its lane.

    Attributes:
        run_after_s: seconds since 1970, of a pending job.
        closes_until_s: seconds since 1970: the whole lane waits.
        pauses: the whole lane waits until somebody resumes it.
        keeps_step: the step under way may be out.
    """

    state: str
    run_after_s: float | None = None
    uses_attempt: bool = True
    closes_until_s: float | None = None
    pauses: bool = False
    keeps_step: bool = False


def judge(outcome: Outcome, attempts: int, now_s: float, chance: float, *, idempotent: bool) -> Verdict:
    """The verdict on an outcome.

    Args:
        outcome: of the attempt.
        attempts: used before this one.
        now_s: the present instant, in seconds since 1970.
        chance: a number in [0, 1), for the jitter.
        idempotent: whether the request may be sent again after an unknown end.
    """
    match outcome.category:
        case Category.DELIVERED | Category.DUPLICATE:
            return Verdict("done")
        case Category.RATE_LIMITED:
            wait_s = CLOSED_S if outcome.retry_after_s is None else outcome.retry_after_s
            until_s = now_s + min(max(1.0, wait_s), LONGEST_CLOSED_S)
            again_s = until_s + chance * min(_SPREAD_S, until_s - now_s)
            return Verdict("pending", again_s, uses_attempt=False, closes_until_s=until_s)
        case Category.AUTH:
            return Verdict("dead", pauses=True)
        case Category.QUOTA | Category.VALIDATION:
            return Verdict("dead")
        case Category.UNKNOWN if not idempotent:
            return Verdict("unknown", keeps_step=True)
        case Category.TRANSIENT | Category.UNKNOWN:
            if attempts >= len(DELAYS_S):
                return Verdict("dead")
            return Verdict("pending", now_s + DELAYS_S[attempts] * (0.75 + 0.5 * chance))
        case _:
            assert_never(outcome.category)
