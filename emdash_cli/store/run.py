"""One run of a command that cron starts: its identity, its clock, and what it leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.instants import utc_text
from emdash_cli.store.runs import heartbeat, record_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.domain.ports import Clock, Statement


class Run:
    """One run: its identity, its clock, and what it has counted so far of what no other table tells.

    Args:
        kind: the command's word in tables.
        clock: the present instant.
        new_id: makes ids.
        actor: how the audit table names whoever started it.
    """

    def __init__(self, kind: str, clock: Clock, new_id: Callable[[], str], actor: str) -> None:
        self.kind = kind
        self.actor = actor
        self.clock = clock
        self.new_id = new_id
        self.id = new_id()
        self.started_at = utc_text(clock())
        self.counts: dict[str, int] = {}
        self._recorded: dict[str, int] = {}

    def now(self) -> str:
        """The present, as stored."""
        return utc_text(self.clock())

    def sign_of_life(self) -> list[Statement]:
        """The heartbeat and, once there is something to tell, the record of the run."""
        now = self.now()
        signs = [heartbeat(self.kind, self.id, self.started_at, now)]
        if self.counts:
            signs.append(record_run(self.kind, self.id, self.started_at, now, self.counts))
        self._recorded = dict(self.counts)
        return signs

    def untold(self) -> bool:
        """Whether something was counted since the last sign of life that only the run's record can tell of."""
        return self.counts != self._recorded
