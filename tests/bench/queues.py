"""Two job queues at the same work, each in a process of its own: ``python -m tests.bench.queues WHAT JSON``.

huey (https://huey.readthedocs.io/) is the other one: on SQLite, WAL and synchronous=FULL, with its default worker, and
with tasks that return nothing, so that it stores no results. The answer is a line of JSON: ``seconds``,
``cpu_seconds``, and what else was measured.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sqlite3
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.delivery import Category, Outcome, Rendered
from emdash_cli.domain.ports import Statement
from emdash_cli.domain.replies import Request, failure
from emdash_cli.jobs.runner import Manner, Runner
from emdash_cli.jobs.sql import claiming, sending
from emdash_cli.jobs.times import utc
from emdash_cli.store.schema import tool_tables
from emdash_cli.web import WebClient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.jobs.job import Job

LANE = "lane"
AGO = "2026-01-01T00:00:00.000Z"
TEXT = "x" * 300


def filled(path: Path, count: int, *, is_idempotent: bool = False) -> SqliteDatabase:
    """A store with one lane and so many jobs that are due."""
    database = SqliteDatabase(path, create=True)
    database.batch(
        [
            *tool_tables(AGO),
            Statement(
                "INSERT INTO publish_lanes (lane, kind, since, idempotent, concurrency)"
                " VALUES (?1, 'bench', ?2, CAST(?3 AS INTEGER), 1000)",
                (LANE, AGO, int(is_idempotent)),
            ),
        ]
    )
    for first in range(0, count, 100_000):
        add = """
        WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
        INSERT INTO publish_jobs (subject, lane, kind, run_after, created_at)
        SELECT 's' || i, ?3, 'announce', ?4, ?4 FROM n"""
        database.batch([Statement(add, (first, min(count, first + 100_000), LANE, AGO))])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database


WARM_UP = 3
"""Turns before the clock starts."""


def own_steps(path: Path, count: int, group: int = 50, waiting: int = 0) -> dict[str, float]:
    """Claim, mark and acknowledge, in one batch a turn as the runner does, without making requests."""
    database = filled(path, max(count + WARM_UP * group, waiting))
    done, turn = 0, 0
    ready: list[Any] = []
    marked: list[Any] = []
    while done < count:
        if turn == WARM_UP:
            began, done = Spent(), 0
        now_s, turn = time.time(), turn + 1
        statements: list[Statement] = []
        if marked:
            endings = [_delivered(row) for row in marked]
            statements += sending.end(endings, utc(now_s), with_steps=False, with_lanes=False)
        if ready:
            rows = [sending.Begin(row["id"], row["claim"], None, TEXT, 1) for row in ready]
            statements += sending.begin(rows, utc(now_s), "bench")
        token = f"{turn:026}"
        wanted = claiming.Wanted(token, json.dumps([LANE]), group, utc(now_s), int(now_s * 1e6), utc(now_s + 60))
        answers = database.batch([*statements, *claiming.claim(wanted)])
        done += len(marked)
        marked, ready = ready, answers[-3]
    database.close()
    return began.told()


def _delivered(row: Any) -> sending.Ending:
    return sending.Ending(
        job=row["id"],
        claim=row["claim"],
        state="done",
        run_after=None,
        uses_attempt=1,
        category="delivered",
        error=None,
        external_id="7",
        evidence=None,
        cost_usd=None,
        closes_until=None,
        pauses=0,
        keeps_step=0,
        used=1,
        units=1,
    )


def own_runner(path: Path, count: int, url: str, *, threads: int, group: int, is_idempotent: bool) -> dict[str, float]:
    """The whole runner, against a server, or without requests if there is no address.

    As for the platforms, connections are used again only where a request may be repeated.
    """
    database = filled(path, count, is_idempotent=is_idempotent)
    posting = Posting(url, http=client(keeps=is_idempotent))
    began = Spent()
    manner = Manner("bench", threads=threads, group=group)
    counts = Runner(database, posting, manner, lambda: datetime.now(UTC)).run()
    assert counts["done"] == count, counts
    return began.told() | {"batches": counts["batches"]}


@dataclass
class Posting:
    """Posts each job to the server; without one, it only says that it did."""

    url: str
    lanes: Sequence[str] = (LANE,)
    http: WebClient = field(default_factory=lambda: client(keeps=True))

    def details(self, token: str, lanes: str) -> Statement:
        return Statement("SELECT 0 AS id WHERE ?1 IS NULL AND ?2 IS NULL", (token, lanes))

    def refusal(self, job: Job) -> Outcome | None:
        del job
        return None

    def render(self, job: Job) -> Rendered | Outcome:
        del job
        return Rendered((TEXT,))

    def at_once(self, lane: str) -> int:
        del lane
        return 1

    def send(self, jobs: Sequence[Job]) -> Sequence[Outcome]:
        return [self._send(job.texts[0]) for job in jobs]

    def _send(self, text: str) -> Outcome:
        return post(self.http, self.url, text) if self.url else Outcome(Category.DELIVERED, external_id="7")


def client(*, keeps: bool) -> WebClient:
    """The client that platforms are spoken to with."""
    return WebClient(30, allow_private=True, keeps_connections=keeps)


def post(http: WebClient, url: str, text: str) -> Outcome:
    """One request."""
    answer = http.send(Request("POST", url, {"Content-Type": "text/plain"}, text.encode()))
    return failure(answer, idempotent=False) or Outcome(Category.DELIVERED, external_id="7")


def huey_steps(path: Path, count: int) -> dict[str, float]:
    """Dequeue and execute, on one thread, as a worker of huey does; a task that does nothing."""
    huey = _huey(path)
    nothing = huey.task()(lambda text: None)  # noqa: ARG005
    for _ in range(count):
        nothing(TEXT)
    began = Spent()
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
    return began.told()


def huey_runner(path: Path, count: int, url: str, *, threads: int, keeps: bool) -> dict[str, float]:
    """Huey's consumer, against a server, by the same client."""
    huey = _huey(path)
    http = client(keeps=keeps)
    left = threading.Semaphore(0)

    def send(text: str) -> None:
        assert post(http, url, text).category is Category.DELIVERED
        left.release()

    task = huey.task()(send)
    for _ in range(count):
        task(TEXT)
    consumer = huey.create_consumer(workers=threads, periodic=False, check_worker_health=False)
    began = Spent()
    consumer.start()
    for _ in range(count):
        left.acquire()
    told = began.told()
    consumer.stop(graceful=True)
    return told


def client_alone(path: Path, count: int, url: str, *, threads: int, keeps: bool) -> dict[str, float]:
    """The same client in a loop in each thread, without a queue."""
    del path
    http = client(keeps=keeps)

    def send() -> None:
        assert post(http, url, TEXT).category is Category.DELIVERED

    return _in_threads(count, threads, lambda: send)


def server_alone(path: Path, count: int, url: str, *, threads: int, keeps: bool) -> dict[str, float]:
    """What the server allows: nothing but bytes through sockets, which take a fiftieth of a millisecond of CPU."""
    del path
    where = urlsplit(url)
    address = (where.hostname, where.port)
    request = b"POST / HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n%b" % (len(TEXT), TEXT.encode())

    def exchange(through: socket.socket) -> None:
        through.sendall(request)
        assert through.recv(4096).startswith(b"HTTP/1.1 200")

    def anew() -> None:
        with socket.create_connection(address) as made:
            exchange(made)

    def kept() -> Callable[[], None]:
        made = socket.create_connection(address)
        return lambda: exchange(made)

    return _in_threads(count, threads, kept if keeps else lambda: anew)


def _in_threads(count: int, threads: int, starts: Callable[[], Callable[[], None]]) -> dict[str, float]:
    """Do something so many times, as often in each of the threads."""

    def work() -> None:
        once = starts()
        for _ in range(count // threads):
            once()

    all_of_them = [threading.Thread(target=work) for _ in range(threads)]
    began = Spent()
    for thread in all_of_them:
        thread.start()
    for thread in all_of_them:
        thread.join()
    return began.told()


def _huey(path: Path) -> Any:
    from huey import SqliteHuey

    huey = SqliteHuey(filename=str(path), fsync=True)
    (synchronous,) = huey.storage.conn.execute("PRAGMA synchronous").fetchone()
    (journal,) = huey.storage.conn.execute("PRAGMA journal_mode").fetchone()
    assert (synchronous, journal) == (2, "wal")
    return huey


class Spent:
    """Time since it was made: by the wall clock, and on the CPU."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), self._used()

    @staticmethod
    def _used() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    def told(self) -> dict[str, float]:
        return {"seconds": time.perf_counter() - self._wall, "cpu_seconds": self._used() - self._cpu}


WORK: dict[str, Callable[..., dict[str, float]]] = {
    one.__name__: one for one in (own_steps, own_runner, huey_steps, huey_runner, client_alone, server_alone)
}


if __name__ == "__main__":
    _, what, how = sys.argv
    arguments = json.loads(how)
    print(json.dumps(WORK[what](Path(arguments.pop("path")), **arguments)))
    sys.stdout.flush()
    os._exit(0)  # threads of huey may still wait
