"""A process that stays: it sweeps, publishes the queues, keeps house, and announces what went live.

Two threads work side by side, each with a connection of its own, so that a platform that is slow or an account that is
paused keeps no post waiting, and a long queue no announcement. What they do is what the commands do that cron starts;
any number of workers and of such commands may work on one store.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from emdash_cli.distribution.distribute import Distribution, Resident, distribute
from emdash_cli.domain.errors import (
    BusyError,
    CredentialsError,
    EmdashError,
    NotAllowedError,
    UnavailableError,
    UsageError,
)
from emdash_cli.domain.outcome import FileOutcome, Notice, Outcome, SentJob, SweptPost
from emdash_cli.maintenance.housekeeping import keep_house
from emdash_cli.publishing.queues import FailedStream, Publication, publish_queues
from emdash_cli.scheduling.sweep import SweepOptions, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from emdash_cli.distribution.alarms import Sender
    from emdash_cli.domain.delivery import Platform
    from emdash_cli.settings import PlatformAccount, Stream
    from emdash_cli.store.session import Session

PUBLISH_EVERY_S: Final = 60.0
"""Between two runs over the queues, unless a file arrives: cadences and files that wait change with time alone."""
HOUSEKEEPING_EVERY_S: Final = 3600.0
GRACE_S: Final = 40.0
"""For both threads to end, after a signal. A request to a platform gets 30 seconds."""
PAUSES_S: Final = (1.0, 2.0, 5.0, 15.0, 30.0)
"""After errors in a row, before the next turn."""
_NAP_S: Final = 0.2

Event = FileOutcome | SweptPost | SentJob | Notice


class Reporter(Protocol):
    """Whoever is told of what happens, from both threads."""

    def add(self, part: str, event: Event) -> None:
        """Take in one event; what is not news may come again and again."""
        ...

    def trouble(self, part: str, error: EmdashError) -> None:
        """Take in what keeps a part of the work from being done; the same trouble may come again and again."""
        ...

    def turned(self, part: str) -> None:
        """Take in that a part of the work was done to its end: troubles that did not come again are over."""
        ...

    def away(self, part: str, error: EmdashError | None) -> None:
        """Take in that the store does not answer a part of the work, or, without an error, that it does."""
        ...


class Work(NamedTuple):
    """What to do, and how.

    Attributes:
        sessions: opens the store and makes a session for each turn.
        streams: whose queues are published.
        platforms: that are announced to.
        connecting: opens what makes platforms ready, and closes their connections.
        worker: names this process in the attempts.
        poll_s: seconds between two looks for work.
        concurrency: requests to platforms at once, at most.
        alarms: sends on what went wrong.
    """

    sessions: Callable[[], AbstractContextManager[Callable[[], Session]]]
    streams: tuple[Stream, ...]
    platforms: tuple[PlatformAccount, ...]
    connecting: Callable[[], AbstractContextManager[Callable[[PlatformAccount], Platform]]]
    worker: str
    poll_s: float
    concurrency: int
    alarms: Sender | None = None

    def check(self) -> None:
        """Find out what waiting cannot help; a store that is only away is waited for later.

        Raises:
            EmdashError: there is no store, or it is not one, or whoever acts may not publish.
        """
        try:
            with self.sessions() as session:
                session().require("publish")
                session().open()
        except UnavailableError as error:
            if error.code == "store_missing":
                raise


@dataclass
class Worker:
    """Works until it is stopped.

    Args:
        work: to do.
        stopped: whether to end as soon as possible.
        report: is told of everything.
    """

    work: Work
    stopped: Callable[[], bool]
    report: Reporter
    _ended_by: list[BaseException] = field(default_factory=list)
    _has_news: threading.Event = field(default_factory=threading.Event)
    _published_at: float = float("-inf")
    _kept_house_at: float = float("-inf")
    _seen: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Work; returns once it was stopped and what was under way has ended, or `GRACE_S` later.

        Raises:
            UsageError: the settings and the store do not fit together.
            NotAllowedError: whoever acts may not publish.
            CredentialsError: the store does not accept the credentials.
        """
        turns = {"publish": self._publish} | ({"distribute": self._distribute} if self.work.platforms else {})
        loops = [
            threading.Thread(target=self._loop, args=(part, turn), name=part, daemon=True)
            for part, turn in turns.items()
        ]
        for loop in loops:
            loop.start()
        while not self._is_over():
            time.sleep(_NAP_S)
        until = time.monotonic() + GRACE_S
        for loop in loops:
            loop.join(max(0.0, until - time.monotonic()))
        if self._ended_by:
            raise self._ended_by[0]

    def _is_over(self) -> bool:
        return bool(self._ended_by) or self.stopped()

    def _loop(self, part: str, turn: Callable[[Callable[[], Session]], None]) -> None:
        failures = 0
        while not self._is_over():
            try:
                with self.work.sessions() as session:
                    while not self._is_over():
                        turn(session)
                        failures = 0
                        self.report.away(part, None)
                        self._nap(self.work.poll_s)
            except UnavailableError as error:
                self.report.away(part, error)
                self._nap(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
                failures += 1
            except BaseException as error:  # noqa: BLE001 - also a bug in a thread must end the process
                self._ended_by.append(error)

    def _nap(self, seconds: float) -> None:
        """Wait so long; announcements do not wait longer than until something was published."""
        is_distributing = threading.current_thread().name == "distribute"
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._is_over():
            if is_distributing and self._has_news.is_set():
                return
            time.sleep(min(_NAP_S, left))

    def _step(self, part: str, work: Callable[[], None]) -> None:
        """Do a part of the work; what goes wrong with it keeps no other part from being done.

        Raises:
            UnavailableError: the store is away, for all parts.
            EmdashError: nothing can be done before a person has changed something.
        """
        try:
            work()
        except EmdashError as error:
            if isinstance(error, UnavailableError) or _is_final(error):
                raise
            self.report.trouble(part, error)
        else:
            self.report.turned(part)

    def _publish(self, session: Callable[[], Session]) -> None:
        self._step("sweep", lambda: self._sweep(session()))
        now = time.monotonic()
        changes = {stream: _changed_at(stream) for stream in self.work.streams}
        is_time = now - self._published_at >= PUBLISH_EVERY_S
        if streams := [stream for stream, at in changes.items() if is_time or at != self._seen.get(stream.name)]:
            self._step("publish", lambda: self._publish_queues(session(), streams))
            self._published_at = now if is_time else self._published_at
            for stream in streams:
                # A file may have arrived meanwhile. Where runs have a limit, what they move is no reason for another.
                self._seen[stream.name] = _changed_at(stream) if stream.per_run else changes[stream]
        if now - self._kept_house_at >= HOUSEKEEPING_EVERY_S and not self._is_over():
            self._step("housekeeping", lambda: keep_house(session(), self._is_over))
            self._kept_house_at = now

    def _sweep(self, session: Session) -> None:
        for event in sweep(session, SweepOptions(None, is_preview=False, stopped=self._is_over)):
            self._add("sweep", event)

    def _publish_queues(self, session: Session, streams: Sequence[Stream]) -> None:
        busy = set()
        task = Publication(streams, None, 0, is_preview=False, stopped=self._is_over)
        for event in publish_queues(session, task):
            match event:
                case FailedStream(stream, BusyError()):
                    busy.add(stream)  # another worker publishes it
                case FailedStream(_, error):
                    self.report.trouble("publish", error)
                case FileOutcome(outcome=Outcome.LEFT, stream=stream) if stream in busy:
                    pass
                case _:
                    self._add("publish", event)

    def _add(self, part: str, event: Event) -> None:
        self.report.add(part, event)
        self._has_news.set()

    def _distribute(self, session: Callable[[], Session]) -> None:
        self._has_news.clear()
        self._step("distribute", lambda: self._send(session()))

    def _send(self, session: Session) -> None:
        resident = Resident(self.work.poll_s, lambda error: self.report.away("distribute", error))
        with self.work.connecting() as connect:
            task = Distribution(
                self.work.platforms,
                connect,
                self.work.worker,
                limit=None,
                waits=False,
                is_preview=False,
                stopped=self._is_over,
                threads=self.work.concurrency,
                resident=resident,
                alarms=self.work.alarms,
            )
            distribute(session, task, _Sending(self.report))


@dataclass
class _Sending:
    """What a distribution reports to."""

    report: Reporter

    def add(self, event: SentJob | Notice) -> None:
        self.report.add("distribute", event)

    def add_error(self, error: EmdashError) -> None:
        self.report.trouble("distribute", error)


def _is_final(error: EmdashError) -> bool:
    """Whether waiting cannot help: settings, roles, credentials, an output that cannot be written."""
    return isinstance(error, UsageError | NotAllowedError | CredentialsError) or error.code == "output"


def _changed_at(stream: Stream) -> int:
    """When its queue last changed, in nanoseconds; 0 if that cannot be known."""
    try:
        return stream.queue.stat().st_mtime_ns
    except OSError:
        return 0
