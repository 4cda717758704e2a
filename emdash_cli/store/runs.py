"""Heartbeats and runs: who was here last, and what came of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.store.layout import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

# A run that refuses the store, since its tables are of another version, is not alive.
_HEARTBEAT: Final = f"""
INSERT INTO pipeline_heartbeats (kind, run_id, started_at, seen_at)
SELECT ?1, ?2, ?3, ?4 WHERE (SELECT max(version) FROM pipeline_schema) = {VERSION}
ON CONFLICT (kind) DO UPDATE SET
  run_id = excluded.run_id, started_at = excluded.started_at, seen_at = excluded.seen_at"""

_RECORD: Final = """
INSERT INTO pipeline_runs (id, kind, started_at, seen_at, counts) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, counts = excluded.counts"""


def heartbeat(kind: str, run_id: str, started_at: str, now: str) -> Statement:
    """A run of that kind is alive at `now`."""
    return Statement(_HEARTBEAT, (kind, run_id, started_at, now))


def record_run(kind: str, run_id: str, started_at: str, now: str, counts: Mapping[str, int]) -> Statement:
    """What a run has done so far; the counts are absolute, so that a repeat changes nothing."""
    return Statement(_RECORD, (run_id, kind, started_at, now, json.dumps(counts)))


def actor_of_run(written: str) -> str:
    """SQL: who started a run, told once in the audit table, under the id that the ledger's rows name it by.

    ?1 run, ?2 now, ?3 actor, ?4 kind of run. `written` is a query that finds what the run has entered into the
    ledger, since a run that enters nothing is no change.
    """
    return f"""
    INSERT INTO pipeline_audit (id, at, actor, action) SELECT ?1, ?2, ?3, ?4 WHERE EXISTS ({written})
    ON CONFLICT DO NOTHING"""
