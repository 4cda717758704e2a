"""A runner as a process of its own, which tests kill, stop and freeze: ``python -m tests.jobs.worker JSON``.

The requests are real ones, to a server on 127.0.0.1: ``POST /LANE/SUBJECT/STEP``. The JSON has:

    sqlite or d1   the store: a path, or the arguments of `D1Database`
    origin         of the server
    lanes          names; those that begin with ``often`` are idempotent
    die_at         kill this process at the n-th point: before and after each batch, and each request
    lease_s, until, threads, group, timeout_s   see `Manner` and `WebClient`
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emdash_cli.databases import d1
from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.delivery import Category, Outcome, Rendered
from emdash_cli.domain.ports import Statement
from emdash_cli.domain.replies import Reply, Request, failure
from emdash_cli.jobs import judge
from emdash_cli.jobs.runner import Manner, Runner
from emdash_cli.web import WebClient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Database, Limits, Row
    from emdash_cli.domain.replies import Answer
    from emdash_cli.jobs.job import Job

THREAD = "thread"
PARTS = 3
"""Parts of a job whose subject begins with `THREAD`; any other has one."""


class Points:
    """Points at which the process may die."""

    def __init__(self, die_at: int) -> None:
        self._die_at = die_at
        self._passed = 0
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self._passed += 1
            if self._passed == self._die_at:
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Watched:
    """A store; a batch has a point before and after it."""

    inner: Database
    point: Points

    @property
    def limits(self) -> Limits:
        return self.inner.limits

    def query(self, statement: Statement) -> list[Row]:
        return self.inner.query(statement)

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.point()
        rows = self.inner.batch(statements)
        self.point()
        return rows

    def close(self) -> None:
        self.inner.close()


@dataclass
class Posting:
    """Posts each part to the server."""

    lanes: Sequence[str]
    origin: str
    http: WebClient
    point: Points

    def details(self, token: str, lanes: str) -> Statement:
        return Statement("SELECT 0 AS id WHERE ?1 IS NULL AND ?2 IS NULL", (token, lanes))

    def refusal(self, job: Job) -> Outcome | None:
        del job
        return None

    def render(self, job: Job) -> Rendered | Outcome:
        parts = PARTS if job.subject.startswith(THREAD) else 1
        return Rendered(tuple(f"part {part}" for part in range(parts)))

    def at_once(self, lane: str) -> int:
        del lane
        return 1

    def send(self, jobs: Sequence[Job]) -> Sequence[Outcome]:
        return [self._send(job) for job in jobs]

    def _send(self, job: Job) -> Outcome:
        path = f"/{job.lane}/{job.subject}/{len(job.sent)}"
        self.point()
        answer: Answer = self.http.send(Request("POST", self.origin + path, {"X-Key": job.key}, b"{}"))
        self.point()
        if refused := failure(answer, idempotent=job.is_idempotent):
            return refused
        assert isinstance(answer, Reply)
        return Outcome(Category.DELIVERED, external_id=str(answer.at("id")))


def _no_wait(_bucket: d1.TokenBucket) -> None:
    """The stand-in has no limit on requests, and these tests make many."""


def connect(config: dict[str, Any]) -> Database:
    if "sqlite" in config:
        return SqliteDatabase(Path(config["sqlite"]))
    d1.TokenBucket.take = _no_wait  # type: ignore[method-assign, assignment]
    return d1.D1Database(**config["d1"])


def main(config: dict[str, Any]) -> None:
    judge.DELAYS_S = (0.05, 0.2, 0.5)  # type: ignore[misc]
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stop.append(number))
    point = Points(config.get("die_at", 0))
    http = WebClient(config.get("timeout_s", 0.5), allow_private=True, keeps_connections=False)
    manner = Manner(
        f"{os.getpid()}",
        threads=config.get("threads", 8),
        group=config.get("group", 6),
        lease_s=config.get("lease_s", 1.2),
        poll_s=0.05,
        until=config.get("until", "stopped"),
        has_clock="d1" in config,
    )
    workload = Posting(config["lanes"], config["origin"], http, point)
    database = Watched(connect(config), point)
    Runner(database, workload, manner, lambda: datetime.now(UTC), stopped=lambda: bool(stop)).run()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
    os._exit(0)
