"""A store with lanes and jobs, and the operations of a runner one by one, at instants that the test chooses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.delivery import Category, Outcome
from emdash_cli.domain.ports import Statement
from emdash_cli.jobs.judge import judge
from emdash_cli.jobs.sql import claiming, leases, sending
from emdash_cli.jobs.times import utc
from emdash_cli.store.schema import tool_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Database, Row

START = 1_780_000_000.0
"""2026-05-28 in seconds since 1970."""
LONG_AGO = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True)
class Lane:
    """What a test says about a lane."""

    name: str
    idempotent: bool = False
    concurrency: int = 100
    interval_us: int = 0
    burst: int = 1
    budget: int | None = None


@dataclass
class Queue:
    """Jobs in a store."""

    database: Database
    lanes: list[str] = field(default_factory=list)
    tokens: int = 0

    def lane(self, lane: Lane) -> None:
        self.lanes.append(lane.name)
        values = (lane.name, int(lane.idempotent), lane.concurrency, lane.interval_us, lane.burst, lane.budget)
        self.run(
            "INSERT INTO publish_lanes (lane, kind, since, idempotent, concurrency, interval_us, burst, budget)"
            f" VALUES (?1, 'test', '{LONG_AGO}', CAST(?2 AS INTEGER), CAST(?3 AS INTEGER), CAST(?4 AS INTEGER),"
            " CAST(?5 AS INTEGER), CAST(?6 AS INTEGER)) ON CONFLICT DO NOTHING",
            *values,
        )

    def add(self, lane: str, *subjects: str, at_s: float = START - 1, priority: int = 2, units: int = 1) -> None:
        """Pending jobs, due at that instant."""
        self.run(
            "INSERT INTO publish_jobs (subject, lane, kind, run_after, priority, units, created_at)"
            " SELECT s.value, ?2, 'announce', ?3, CAST(?4 AS INTEGER), CAST(?5 AS INTEGER), ?3 FROM json_each(?1) AS s"
            " WHERE 1 ON CONFLICT DO NOTHING",
            *(json.dumps(subjects), lane, utc(at_s), priority, units),
        )

    def run(self, sql: str, *values: Any) -> list[Row]:
        return self.database.batch([Statement(sql, values)])[0]

    def one(self, sql: str, *values: Any) -> Any:
        """The only value of the only row."""
        (row,) = self.database.query(Statement(sql, values))
        (value,) = row.values()
        return value

    def claim_statements(self, at_s: float, *, most: int = 100, lanes: Sequence[str] = ()) -> list[Statement]:
        self.tokens += 1
        names = claiming.names(lanes or self.lanes)
        token = f"token-{self.tokens:04}"
        return claiming.claim(claiming.Wanted(token, names, most, utc(at_s), int(at_s * 1e6), utc(at_s + 60)))

    def claim(self, at_s: float = START, *, most: int = 100, lanes: Sequence[str] = ()) -> list[Row]:
        """The jobs that a new claim gets, with a lease of a minute."""
        return self.database.batch(self.claim_statements(at_s, most=most, lanes=lanes))[3]

    def begin(self, jobs: Sequence[Row], at_s: float = START, step: int | None = None, parts: int = 1) -> list[Any]:
        """The ids of those that may leave."""
        rows = [sending.Begin(int(j["id"] or 0), str(j["claim"]), step, None, parts) for j in jobs]
        return [row["id"] for row in self.database.batch(sending.begin(rows, utc(at_s), "worker"))[-1]]

    def end(self, jobs: Sequence[Row], outcome: Outcome, at_s: float = START, *, idempotent: bool = False) -> list[Any]:
        """Report that outcome of each; the ids of those that it was too late for."""
        return [
            row["id"]
            for row in self.database.batch(self.end_statements(jobs, outcome, at_s, idempotent=idempotent))[-1]
        ]

    def end_statements(
        self, jobs: Sequence[Row], outcome: Outcome, at_s: float = START, *, idempotent: bool = False
    ) -> list[Statement]:
        rows = [ending(job, outcome, at_s, idempotent=idempotent) for job in jobs]
        return sending.end(rows, utc(at_s), with_steps=True, with_lanes=True)

    def recover(self, at_s: float) -> None:
        self.database.batch(leases.recover(leases.Moment(utc(at_s), utc(at_s + 30), utc(at_s + 120))))

    def states(self) -> dict[str, str]:
        """State of each job, by its subject."""
        return {
            str(row["subject"]): str(row["state"])
            for row in self.database.query(Statement("SELECT subject, state FROM publish_jobs ORDER BY id"))
        }

    def spent(self, lane: str) -> Any:
        return self.one("SELECT spent FROM publish_lanes WHERE lane = ?1", lane)


def ending(job: Row, outcome: Outcome, at_s: float, *, idempotent: bool = False) -> sending.Ending:
    """What a runner reports of a job without steps."""
    verdict = judge(outcome, int(job["attempts"] or 0), at_s, 0.5, idempotent=idempotent)
    return sending.Ending(
        job=int(job["id"] or 0),
        claim=str(job["claim"]),
        state=verdict.state,
        run_after=None if verdict.run_after_s is None else utc(verdict.run_after_s),
        uses_attempt=int(verdict.uses_attempt),
        category=outcome.category,
        error=outcome.error,
        external_id=outcome.external_id,
        evidence=outcome.evidence,
        cost_usd=outcome.cost_usd,
        closes_until=None if verdict.closes_until_s is None else utc(verdict.closes_until_s),
        pauses=int(verdict.pauses),
        keeps_step=int(verdict.keeps_step),
        used=int(outcome.category in {Category.DELIVERED, Category.DUPLICATE, Category.UNKNOWN}),
        units=1,
    )


def prepared(database: Database) -> Queue:
    """A store with the tool's tables, and no lanes."""
    database.batch(tool_tables(LONG_AGO))
    return Queue(database)


DELIVERED = Outcome(Category.DELIVERED, external_id="e")
