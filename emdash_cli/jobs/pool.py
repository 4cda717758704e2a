"""The threads that make requests. No thread of them waits for the store, and the runner never waits for a request."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import PurePath
from queue import Empty, Queue, SimpleQueue
from typing import TYPE_CHECKING

from emdash_cli.domain.delivery import Category, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.jobs.job import Job, Workload

Came = tuple["Job", Outcome]


class Pool:
    """Sends tasks, each of which is one request for one job or several; threads are started as they are needed.

    Args:
        workload: makes the requests.
        size: threads at most.
    """

    def __init__(self, workload: Workload, size: int) -> None:
        self._workload = workload
        self._size = size
        self._threads = 0
        self._tasks = 0
        self._work: SimpleQueue[tuple[Job, ...] | None] = SimpleQueue()
        # No SimpleQueue: in CPython 3.11 its `get` waits for ever if a signal comes after its time has passed, as
        # SIGTERM does for a process that was stopped meanwhile.
        self._inbox: Queue[list[Came]] = Queue()

    @property
    def free(self) -> int:
        """Threads that have nothing to do; negative: tasks that wait for one."""
        return self._size - self._tasks

    def send(self, task: tuple[Job, ...]) -> None:
        """Make one request for these jobs, as soon as a thread is free."""
        self._tasks += 1
        if self._threads < min(self._tasks, self._size):
            self._threads += 1
            threading.Thread(target=self._run, daemon=True).start()
        self._work.put(task)

    def came(self, wait_s: float) -> list[Came]:
        """What has come back; waits that long, in seconds, for the first of it."""
        came: list[Came] = []
        try:
            first = self._inbox.get(timeout=wait_s) if wait_s > 0 else self._inbox.get_nowait()
            came += first
            self._tasks -= 1
            while True:
                came += self._inbox.get_nowait()
                self._tasks -= 1
        except Empty:
            return came

    def withdraw(self) -> list[Job]:
        """Jobs whose requests no thread has begun; they will not be made."""
        jobs: list[Job] = []
        with suppress(Empty):
            while (task := self._work.get_nowait()) is not None:
                self._tasks -= 1
                jobs += task
        return jobs

    def close(self) -> None:
        """Let the threads end; one that is in the middle of a request is not waited for."""
        for _ in range(self._threads):
            self._work.put(None)

    def _run(self) -> None:
        while (task := self._work.get()) is not None:
            self._inbox.put(list(zip(task, self._outcomes(task), strict=True)))

    def _outcomes(self, task: tuple[Job, ...]) -> Sequence[Outcome]:
        try:
            outcomes = self._workload.send(task)
        except Exception as error:  # noqa: BLE001 - an adapter's bug must not end the runner, nor lose its other jobs
            return [Outcome(Category.UNKNOWN, error=f"a bug of this program: {_place(error)}")] * len(task)
        if len(outcomes) != len(task):
            return [Outcome(Category.UNKNOWN, error="a bug of this program: outcomes are missing")] * len(task)
        return outcomes


def _place(error: Exception) -> str:
    """What was raised and where, without its message, which may repeat a request and its secrets."""
    import traceback

    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {PurePath(last.filename).name}, line {last.lineno}"
