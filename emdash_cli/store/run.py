"""One run of a command that cron starts: its identity, its clock and its rows in the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.ports import Statement
from emdash_cli.store.layout import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emdash_cli.domain.ports import Clock


# A run that refuses the store because of its version leaves no heartbeat.
_HEARTBEAT: Final = f"""
INSERT INTO pipeline_heartbeats (kind, run_id, started_at, seen_at)
SELECT ?1, ?2, ?3, ?4 WHERE (SELECT max(version) FROM pipeline_schema) = {VERSION}
ON CONFLICT (kind) DO UPDATE SET
  run_id = excluded.run_id, started_at = excluded.started_at, seen_at = excluded.seen_at"""

_RECORD: Final = """
INSERT INTO pipeline_runs (id, kind, started_at, seen_at, counts) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, counts = excluded.counts"""


def heartbeat(kind: str, run_id: str, started_at: str, now: str) -> Statement:
    """Record that a run of that kind is alive at `now`."""
    return Statement(_HEARTBEAT, (kind, run_id, started_at, now))


def record_run(kind: str, run_id: str, started_at: str, now: str, counts: Mapping[str, int]) -> Statement:
    """Record what a run has done so far. The counts are absolute, so recording them again changes nothing."""
    return Statement(_RECORD, (run_id, kind, started_at, now, json.dumps(counts)))


def actor_of_run(written: str) -> str:
    """SQL: record once in the audit table who started a run, under the run id that the ledger's rows name.

    ?1 run, ?2 now, ?3 actor, ?4 kind of run. `written` is a query for what the run has entered into the ledger: a run
    that enters nothing is not recorded.
    """
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action) SELECT ?1, ?2, ?3, ?4 WHERE EXISTS ({written})
    ON CONFLICT DO NOTHING"""


class Run:
    """One run: its identity, its clock, and counts that no other table records.

    Args:
        kind: name of the command in the tables.
        clock: the present instant.
        new_id: creates ids.
        actor: who started the run, as the audit table names them.
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
        """The present instant, as stored."""
        return utc_text(self.clock())

    def sign_of_life(self) -> list[Statement]:
        """The heartbeat and, once something was counted, the record of the run."""
        now = self.now()
        signs = [heartbeat(self.kind, self.id, self.started_at, now)]
        if self.counts:
            signs.append(record_run(self.kind, self.id, self.started_at, now, self.counts))
        self._recorded = dict(self.counts)
        return signs

    def has_unrecorded_counts(self) -> bool:
        """Whether the counts have changed since the last sign of life."""
        return self.counts != self._recorded
