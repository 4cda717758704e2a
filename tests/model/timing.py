"""Time in a command that the model runs: it stands still while something is under way, and passes when nothing is.

So a run that waits for a retry is over at once, and one that is repeated does the same things in the same order.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.ports import Statement
from emdash_cli.jobs import runner
from emdash_cli.jobs.pool import Pool
from emdash_cli.jobs.sql import claiming

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from freezegun.api import FrozenDateTimeFactory

    from emdash_cli.domain.delivery import Outcome
    from emdash_cli.jobs.job import Job, Workload
    from emdash_cli.jobs.pool import Came

ANSWERED_S = 60.0
"""Within so many real seconds the server answers; otherwise there is an error, and not a run without end."""


def take_over(clock: FrozenDateTimeFactory, happened: Callable[[], None]) -> None:
    """Have the runner of this process live in the time of this clock.

    Args:
        clock: all that `time` and `datetime` say.
        happened: called after each request, when its outcome is known to nobody else.
    """

    class OneByOne(Pool):
        def __init__(self, workload: Workload, size: int) -> None:  # noqa: ARG002
            super().__init__(workload, 1)

        def came(self, wait_s: float) -> list[Came]:
            """All that is under way; if that is nothing, the time is over for which it would have waited."""
            if not self._tasks:
                clock.tick(timedelta(seconds=wait_s))
                _set_clock_of_store()
            came: list[Came] = []
            while self._tasks:
                came += super().came(ANSWERED_S)
            return came

        def _outcomes(self, task: tuple[Job, ...]) -> Sequence[Outcome]:
            outcomes = super()._outcomes(task)
            happened()
            return outcomes

    vars(runner)["Pool"] = OneByOne
    _set_clock_of_store()


def _set_clock_of_store() -> None:
    """A remote store has a clock of its own, which is to say the same."""
    now = utc_text(datetime.now(UTC))
    vars(claiming)["NOW"] = Statement("SELECT ?1 AS now", (now,))
