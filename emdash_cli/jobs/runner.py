"""The runner: one thread owns the database, others own the requests, and one batch a turn says all there is to say.

A turn: what came back, what is about to leave, the leases, the next claim. While a batch is under way outcomes pile up,
so groups form by themselves.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.delivery import Category, Outcome
from emdash_cli.domain.errors import UnavailableError
from emdash_cli.domain.ulid import UlidSource
from emdash_cli.jobs.job import Ended, Job, job_of
from emdash_cli.jobs.judge import Verdict, judge
from emdash_cli.jobs.pool import Came, Pool
from emdash_cli.jobs.sql import claiming, leases, sending
from emdash_cli.jobs.times import CarriedClock, epoch_s, utc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.domain.ports import Clock, Database, Row, Statement
    from emdash_cli.jobs.job import Workload

PATIENCE_S: Final = (0.1, 1.0, 5.0, 15.0, 30.0, 60.0)
"""Pauses before a batch is sent again that the store could not take: it may hold outcomes of what has left."""
_NAP_S: Final = 0.2
"""A signal does not end a wait, so waits are short."""
_GOOD: Final = frozenset({Category.DELIVERED, Category.DUPLICATE})

Rows = list[list["Row"]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a runner works.

    Attributes:
        worker: names the process in the attempts.
        threads: requests at once, at most.
        group: jobs that are claimed ahead of those in flight, at most.
        limit: jobs that are claimed in all, at most; None: any number.
        lease_s: after so many seconds without a sign of life, others may take over.
        poll_s: seconds until it looks again for work that it cannot foresee.
        grace_s: seconds that requests in flight are given when it has to stop.
        linger_s: seconds that it waits for further outcomes before it reports the first, to save requests to the store.
        until: ``idle``: ends when nothing can be done now; ``calm``: when nothing will be due within `poll_s`;
            ``empty``: when nothing is left that time alone will bring; ``stopped``: never by itself.
        gives_up: whether it ends if the store stays away; else it waits, with its outcomes, until it has to stop.
        has_clock: whether the store's clock counts; else this machine's, as it does for a file on it.
    """

    worker: str
    threads: int = 32
    group: int = 50
    limit: int | None = None
    lease_s: float = 60.0
    poll_s: float = 5.0
    grace_s: float = 30.0
    linger_s: float = 0.0
    until: str = "idle"
    gives_up: bool = True
    has_clock: bool = False


class _Part(NamedTuple):
    """A part of a batch, and what its answers are handed to."""

    statements: list[Statement]
    then: Callable[[Rows], None]


@dataclass
class Runner:
    """Works off the jobs of some lanes.

    Args:
        database: taken by the thread that calls `run`, and by no other.
        workload: what the jobs are about.
        manner: how to work.
        clock: this machine's.
        stopped: whether to end as soon as possible.
        ended: called with each job that has come to an end, or will be tried again.
        signs: of life, written with each look for lost jobs.
        away: called with the error whenever the store does not answer, and with None once it does again.
        chance: a number in [0, 1).
    """

    database: Database
    workload: Workload
    manner: Manner
    clock: Clock
    stopped: Callable[[], bool] = lambda: False
    ended: Callable[[Ended], None] = lambda _: None
    signs: Callable[[], Sequence[Statement]] = tuple
    away: Callable[[UnavailableError | None], None] = lambda _: None
    chance: Callable[[], float] = random.random
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._ids = UlidSource()
        self._time = CarriedClock(self.clock().timestamp())
        self._lanes = claiming.names(self.workload.lanes)
        self._pool = Pool(self.workload, self.manner.threads)
        self._ready: deque[Job] = deque()
        self._flying: set[Job] = set()
        self._claim_at = self._recover_at = self._renew_at = 0.0
        self._next_work: str | None = None
        self._is_stopping = False

    def run(self) -> Counter[str]:
        """Work until the manner says that it is over; returns how many of what there were.

        Raises:
            DatabaseError: the store fails, and goes on failing.
        """
        if self.manner.has_clock:
            self._time.set(epoch_s(str(self.database.query(claiming.NOW)[0]["now"])))
        try:
            self._work()
        finally:
            self._pool.close()
        return self.counts

    def _work(self) -> None:
        stop_by: float | None = None
        while True:
            if stop_by is None and self.stopped():
                stop_by = time.monotonic() + self.manner.grace_s
                self._is_stopping = True
                self._send([self._released()])
                self._unsent(self._pool.withdraw(), "the runner had to stop")
            came = self._came()
            if stop_by is not None and not came and (not self._flying or time.monotonic() > stop_by):
                return
            if self._turn(came) and self._is_over():
                return

    def _is_over(self) -> bool:
        if self._ready or self._flying or self._is_stopping:
            return False
        if self._has_enough():
            return True
        match self.manner.until:
            case "idle":
                return True
            case "calm":
                return self._next_work is None or epoch_s(self._next_work) > self._time.now_s() + self.manner.poll_s
            case "empty":
                return self._next_work is None
        return False

    def _has_enough(self) -> bool:
        return self.manner.limit is not None and self.counts["claimed"] >= self.manner.limit

    def _came(self) -> list[Came]:
        """What came back; waits for it while there is nothing else to do."""
        came = self._pool.came(self._wait_s())
        if came and self.manner.linger_s and len(came) < len(self._flying) and not self._may_begin():
            until = time.monotonic() + self.manner.linger_s
            while len(came) < len(self._flying) and (left := until - time.monotonic()) > 0:
                came += self._pool.came(left)
        return came

    def _wait_s(self) -> float:
        if self._is_stopping:
            return 0.05
        if self._may_begin():
            return 0.0
        due = [self._recover_at, self._renew_at if self._ready or self._flying else float("inf")]
        if self._room() > 0:
            due.append(self._claim_at)
        return min(max(0.0, min(due) - time.monotonic()), _NAP_S)

    def _may_begin(self) -> bool:
        """No more is begun than can leave at once: what is begun when the worker dies is unknown.

        Except where a request may be sent again: there a whole group is begun in one batch.
        """
        if not self._ready:
            return False
        free = self._pool.free
        return free > 0 or (self._ready[0].is_idempotent and -free < self.manner.group)

    def _room(self) -> int:
        """Jobs to claim now: none before half a group can be, as a claim costs as much as all the rest of a turn."""
        room = self.manner.group - len(self._ready)
        if 2 * room < self.manner.group:
            return 0
        return room if self.manner.limit is None else min(room, self.manner.limit - self.counts["claimed"])

    def _turn(self, came: Sequence[Came]) -> bool:
        """Send one batch; answers whether there was nothing to claim."""
        before = time.monotonic()
        now_s = self._time.now_s()
        parts = []
        if came:
            parts += self._outcomes(came, now_s)
            self._claim_at = before  # its lane has room again
        if self._may_begin():
            parts += self._begins(now_s)
        if before >= self._renew_at and (self._ready or self._flying):
            parts.append(self._renewal(now_s, before))
        if before >= self._recover_at and not self._is_stopping:
            parts.append(self._recovery(now_s, before))
        room = self._room()
        claims = room > 0 and not self._is_stopping and before >= self._claim_at
        if claims:
            parts.append(self._claim(now_s, before, room))
        claimed = self.counts["claimed"]
        if parts:
            self._send(parts)
        return self.counts["claimed"] == claimed if claims else self._has_enough()

    def _send(self, parts: Sequence[_Part]) -> None:
        answers = iter(self._persist([statement for part in parts for statement in part.statements]))
        self.counts["batches"] += 1
        for part in parts:
            part.then([next(answers) for _ in part.statements])

    def _persist(self, statements: Sequence[Statement]) -> Rows:
        pauses = chain(PATIENCE_S, () if self.manner.gives_up else repeat(PATIENCE_S[-1]))
        stop_by: float | None = None
        while True:
            try:
                answers = self.database.batch(statements)
            except UnavailableError as error:
                self.counts["unavailable"] += 1
                self.away(error)
                if stop_by is None and self.stopped():
                    stop_by = time.monotonic() + self.manner.grace_s
                pause_s = next(pauses, None)
                if pause_s is None or (stop_by is not None and time.monotonic() > stop_by):
                    raise
                self._pause(pause_s)
            else:
                self.away(None)
                return answers

    def _pause(self, pause_s: float) -> None:
        """Wait so long, and a second at most if it has to stop."""
        started = time.monotonic()
        while (waited := time.monotonic() - started) < min(pause_s, 1.0 if self.stopped() else pause_s):
            time.sleep(min(_NAP_S, pause_s - waited))

    def _outcomes(self, came: Sequence[Came], now_s: float) -> list[_Part]:
        done: list[sending.StepDone] = []
        going: list[Job] = []
        ended: list[tuple[Job, Outcome, Verdict]] = []
        for job, outcome in came:
            if outcome.category in _GOOD and job.step is not None:
                done.append(sending.StepDone(*job.holds, job.step, outcome.external_id, outcome.cost_usd))
                is_last = job.is_last
                job.sent.append(outcome.external_id)
                if not is_last and not self._is_stopping:
                    going.append(job)
                    continue
                if not is_last:  # stopped between two steps
                    ended.append((job, outcome, Verdict("pending", now_s, uses_attempt=False)))
                    continue
            verdict = judge(outcome, job.attempts, now_s, self.chance(), idempotent=job.is_idempotent)
            ended.append((job, outcome, verdict))
        self._flying.difference_update(job for job, _, _ in ended)
        return [*self._steps(done, going, now_s), *self._endings(ended, now_s)]

    def _steps(self, done: list[sending.StepDone], going: list[Job], now_s: float) -> list[_Part]:
        if not done:
            return []
        following = [sending.Begin(*job.holds, job.step, None, len(job.texts)) for job in going]
        statements = sending.next_steps(done, following, utc(now_s))
        return [_Part(statements, lambda rows: self._leave(going, rows[-1]))]

    def _endings(self, ended: Sequence[tuple[Job, Outcome, Verdict]], now_s: float) -> list[_Part]:
        if not ended:
            return []
        rows = [_ending(*one) for one in ended]
        statements = sending.end(
            rows,
            utc(now_s),
            with_steps=any(len(job.texts) > 1 for job, _, _ in ended),
            with_lanes=any(
                verdict.closes_until_s or verdict.pauses or row.used < job.units
                for row, (job, _, verdict) in zip(rows, ended, strict=True)
            ),
        )

        def then(answers: Rows) -> None:
            late = {(row["id"], row["claim"]) for row in answers[-1]}
            for row, (job, outcome, verdict) in zip(rows, ended, strict=True):
                is_applied = job.holds not in late
                self.counts[verdict.state if is_applied else "late"] += 1
                said = replace(outcome, external_id=row.external_id)  # a thread goes by the id of its first part
                self.ended(Ended(job, verdict.state, said, row.run_after, row.uses_attempt, is_applied))

        return [_Part(statements, then)]

    def _begins(self, now_s: float) -> list[_Part]:
        jobs: list[Job] = []
        refused: list[tuple[Job, Outcome, Verdict]] = []
        released: list[sending.Release] = []
        tasks = 0
        while self._may_begin() and (self._pool.free - tasks > 0 or self._ready[0].is_idempotent):
            job = self._ready.popleft()
            if fault := self._prepared(job, now_s):
                refused.append((job, fault, Verdict("dead", uses_attempt=False)))
            elif job.units_left > job.units:
                # A claim of its own charges for the further parts.
                released.append(sending.Release(*job.holds, job.packed_texts(), len(job.texts), job.units_left))
            else:
                jobs.append(job)
                tasks += 1
        parts = self._endings(refused, now_s)
        if released:
            self._claim_at = 0.0
            parts.append(_Part(sending.release(released), lambda _: None))
        return [*parts, *self._begun(jobs, now_s)]

    def _begun(self, jobs: list[Job], now_s: float) -> list[_Part]:
        if not jobs:
            return []
        self._flying.update(jobs)
        rows = [
            sending.Begin(*job.holds, job.step, job.packed_texts() if _is_to_keep(job) else None, len(job.texts))
            for job in jobs
        ]
        statements = sending.begin(rows, utc(now_s), self.manner.worker)
        return [_Part(statements, lambda answers: self._leave(jobs, answers[-1]))]

    def _prepared(self, job: Job, now_s: float) -> Outcome | None:
        """Render the job unless it was rendered before; answers what keeps it from being sent."""
        if job.stale_at is not None and job.stale_at <= utc(now_s):
            return Outcome(Category.VALIDATION, error=f"too late: it was to be sent before {job.stale_at}")
        if (refusal := self.workload.refusal(job)) or job.texts:
            return refusal
        rendered = self.workload.render(job)
        if isinstance(rendered, Outcome):
            return rendered
        job.texts = rendered.parts
        return None

    def _leave(self, jobs: Sequence[Job], may_go: Sequence[Row]) -> None:
        """Hand to the threads what may leave; what may not is somebody else's by now."""
        allowed = {(row["id"], row["claim"]) for row in may_go}
        tasks: dict[str, list[Job]] = {}
        late: list[Job] = []
        for job in jobs:
            if job.holds not in allowed:
                self.counts["lost"] += 1
                self._flying.remove(job)
            elif time.monotonic() >= job.held_until:
                late.append(job)
            else:
                task = tasks.setdefault(job.lane, [])
                task.append(job)
                if len(task) >= self.workload.at_once(job.lane):
                    self._pool.send(tuple(tasks.pop(job.lane)))
        for task in tasks.values():
            self._pool.send(tuple(task))
        self._unsent(late, "the store answered after the lease had ended")

    def _unsent(self, jobs: Sequence[Job], reason: str) -> None:
        """Say of jobs that were begun that nothing left, for this reason."""
        if not jobs:
            return
        self._flying.difference_update(jobs)
        now_s = self._time.now_s()
        why = Outcome(Category.TRANSIENT, error=f"not sent: {reason}")
        self._send(self._endings([(job, why, Verdict("pending", now_s, uses_attempt=False)) for job in jobs], now_s))

    def _renewal(self, now_s: float, before: float) -> _Part:
        self._renew_at = before + self.manner.lease_s / 3
        held = [*self._ready, *self._flying]

        def then(rows: Rows) -> None:
            still = {(row["id"], row["claim"]) for row in rows[-1]}
            for job in held:
                if job.holds in still:
                    # From before the batch left: the reply may have taken long.
                    job.held_until = before + self.manner.lease_s

        return _Part(leases.renew({job.claim for job in held}, utc(now_s + self.manner.lease_s)), then)

    def _recovery(self, now_s: float, before: float) -> _Part:
        lease_s = self.manner.lease_s
        self._recover_at = before + lease_s / 3
        moment = leases.Moment(utc(now_s), utc(now_s + lease_s / 2), utc(now_s + 2 * lease_s))
        return _Part([*leases.recover(moment), *self.signs()], lambda _: None)

    def _claim(self, now_s: float, before: float, most: int) -> _Part:
        token = self._ids.next(datetime.fromtimestamp(now_s, UTC))
        until = utc(now_s + self.manner.lease_s)
        wanted = claiming.Wanted(token, self._lanes, most, utc(now_s), int(now_s * 1_000_000), until)
        *first, now, next_work = claiming.claim(wanted)
        details = self.workload.details(token, self._lanes)

        def then(rows: Rows) -> None:
            taken, about, (moment,), (work,) = rows[-4:]
            self._time.set(epoch_s(str(moment["now"])) if self.manner.has_clock else self.clock().timestamp())
            by_subject = {row["id"]: row for row in about}
            for row in taken:
                job = job_of(row, before + self.manner.lease_s)
                job.details = by_subject.get(job.subject)
                self._ready.append(job)
            self.counts["claimed"] += len(taken)
            self._next_work = str(work["at"]) if work["at"] else None
            self._claim_at = before + (0.0 if len(taken) == most else self._pause_s())

        return _Part([*first, details, now, next_work], then)

    def _pause_s(self) -> float:
        """Seconds until it is worth looking for work again.

        What is due and was not taken waits for room in its lane: an outcome of this runner makes some at once, one of
        another runner is noticed at the poll.
        """
        ahead_s = epoch_s(self._next_work) - self._time.now_s() if self._next_work else 0.0
        return min(ahead_s, self.manner.poll_s) if ahead_s > 0 else self.manner.poll_s

    def _released(self) -> _Part:
        rows = [sending.Release(*job.holds) for job in self._ready]
        self._ready.clear()
        return _Part(sending.release(rows), lambda _: None)


def _is_to_keep(job: Job) -> bool:
    """Texts are kept where another rendering might be sent beside the first one."""
    return not job.is_kept and (not job.is_idempotent or len(job.texts) > 1)


def _ending(job: Job, outcome: Outcome, verdict: Verdict) -> sending.Ending:
    has_steps = len(job.texts) > 1
    used = len(job.sent) - (len(job.texts) - job.units) if has_steps else int(outcome.category in _GOOD)
    return sending.Ending(
        *job.holds,
        state=verdict.state,
        run_after=None if verdict.run_after_s is None else utc(verdict.run_after_s),
        uses_attempt=int(verdict.uses_attempt),
        category=outcome.category,
        error=outcome.error,
        external_id=job.sent[0] if has_steps and job.sent else outcome.external_id,
        evidence=outcome.evidence,
        cost_usd=None if has_steps and outcome.category in _GOOD else outcome.cost_usd,
        closes_until=None if verdict.closes_until_s is None else utc(verdict.closes_until_s),
        pauses=int(verdict.pauses),
        keeps_step=int(verdict.keeps_step),
        used=max(0, used) + int(outcome.category is Category.UNKNOWN),
        units=job.units_left,
    )
