"""Jobs as they must be: what became of each announcement, by what its platform was sent and what it answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from tests.model.blog import Post

SINCE = datetime(2030, 1, 1, tzinfo=UTC)
"""What is dated before is announced nowhere."""
LEASE, GRACE = timedelta(seconds=60), timedelta(seconds=30)
CLOSED = timedelta(seconds=30)
"""How long a platform wants to be left alone."""
RETRY = timedelta(seconds=3)
"""No failed attempt is repeated so soon, and each within the hour: the model's clock strikes hours only."""
KEPT = timedelta(days=30)
LANES = frozenset({"bot", "partner"})
MOST_ATTEMPTS, MOST_CRASHES = 4, 5


@dataclass
class Lane:
    """A platform.

    Attributes:
        repeats: whether a second request would show, so that none may be made.
        streams: whose posts are announced there, unless their files say otherwise.
        closed_until: it has asked for a pause until then.
    """

    repeats: bool
    streams: tuple[str, ...]
    is_paused: bool = False
    closed_until: datetime = SINCE


class Stand(NamedTuple):
    """Where a job stands.

    Attributes:
        due: not before, if it is pending.
        is_begun: a request may have left, if it is running.
        lease: until when it is held, if it is running; `suspected`: once more, as that has passed before.
        answers: what its platform has said in this run, a word for each request.
    """

    due: datetime
    state: str = "pending"
    attempts: int = 0
    crashes: int = 0
    is_begun: bool = False
    lease: datetime = SINCE
    suspected: bool = False
    ended: datetime = SINCE
    answers: tuple[str, ...] = ()

    @property
    def seen(self) -> tuple[str, int, int, bool, bool]:
        """What the store shows of it."""
        return self.state, self.attempts, self.crashes, self.is_begun, self.suspected

    def claimed(self, now: datetime) -> Stand:
        return self._replace(state="running", is_begun=False, suspected=False, lease=now + LEASE)

    def freed(self, state: str, now: datetime) -> Stand:
        return self._replace(state=state, is_begun=False, suspected=False, ended=now)

    def answered(self, answer: str, now: datetime, *, repeats: bool) -> Stand:
        """What follows from an answer: taken, refused, unauthorized, later, or nothing that says which."""
        said = self._replace(answers=(*self.answers, answer))
        if answer == "later":
            return said.freed("pending", now)._replace(due=now + CLOSED)
        said = said._replace(attempts=self.attempts + 1)
        match answer:
            case "taken":
                return said.freed("done", now)
            case "refused" | "unauthorized":
                return said.freed("dead", now)
            case _ if repeats:
                return said.freed("unknown", now)
        if said.attempts >= MOST_ATTEMPTS:
            return said.freed("dead", now)
        return said.freed("pending", now)._replace(due=now + RETRY)

    def lapsed(self, now: datetime, *, repeats: bool) -> Stand:
        """Its lease has ended: the first time it is only suspected."""
        if not self.suspected:
            return self._replace(suspected=True, lease=now + GRACE)
        lost = self._replace(crashes=self.crashes + self.is_begun)
        if not self.is_begun:
            return lost.freed("pending", now)._replace(due=min(self.due, now))
        if repeats:
            return lost.freed("unknown", now)
        if lost.crashes >= MOST_CRASHES:
            return lost.freed("dead", now)
        return lost.freed("pending", now)._replace(due=min(self.due, now))


@dataclass(eq=False)
class Job:
    """One announcement of a post on a platform, or of a change to it.

    Attributes:
        created: when it was written.
        change: the slug that changed in public, and the one before; None for an announcement.
        taken_back: whether it was discarded since its post was taken back.
        told: how often its platform has counted it; at most `may_be_told` times where that would show.
        number, subject, version: as the store has them, once it was looked at.
    """

    lane: str
    kind: str
    post: Post
    stand: Stand
    created: datetime
    change: tuple[str, str | None] | None = None
    taken_back: bool = False
    told: int = 0
    may_be_told: int = 1
    is_purged: bool = False
    number: int = 0
    subject: str = ""
    version: int = 0

    @property
    def state(self) -> str:
        return self.stand.state


class Run(NamedTuple):
    """A run of `emdash distribute`; one that waits stays until nothing is left that time alone will bring."""

    now: datetime
    waits: bool


@dataclass
class Board:
    """All platforms and jobs; `jobs` in the order in which they were written."""

    lanes: dict[str, Lane] = field(
        default_factory=lambda: {
            "bot": Lane(repeats=True, streams=("default",)),
            "partner": Lane(repeats=False, streams=("default", "notes")),
        }
    )
    jobs: list[Job] = field(default_factory=list)

    def of_stream(self, stream: str) -> tuple[str, ...]:
        return tuple(name for name, lane in self.lanes.items() if stream in lane.streams)

    def about(self, post: Post, lane: str, kind: str) -> list[Job]:
        return [job for job in self.jobs if job.post is post and (job.lane, job.kind) == (lane, kind)]

    def went_live(self, post: Post, now: datetime, *, is_news: bool) -> None:
        """Each platform is told of it once, ever; one that was told before it was taken back, of the change."""
        new = [lane for lane in post.platforms if is_news and not self.about(post, lane, "announce")]
        # Nobody is told of two things at one instant, as the model's clock makes them happen.
        old = {job.lane for job in self.jobs if job.post is post and job.kind == "announce" and job.created < now}
        self.changed(post, post.slug, None, now, old)
        self.jobs += [Job(lane, "announce", post, Stand(now), now) for lane in new]

    def was_taken_back(self, post: Post, now: datetime) -> None:
        """What waits is not sent."""
        for job in self.jobs:
            if job.post is post and job.state == "pending":
                job.stand, job.taken_back = job.stand.freed("discarded", now), True

    def changed(self, post: Post, slug: str, before: str | None, now: datetime, where: Container[str] = LANES) -> None:
        """In public: a platform that recognises its posts is told, if it knows of this one or may.

        Where it was not announced because it was taken back before, it is now.
        """
        for name, lane in self.lanes.items():
            made = self.about(post, name, "announce")
            if made and made[-1].taken_back:
                made[-1].stand, made[-1].taken_back = made[-1].stand.freed("pending", now)._replace(due=now), False
            if name not in where:
                continue
            known = {job.state for job in made} & {"running", "done", "unknown"}
            waiting = [job.change for job in self.about(post, name, "update") if job.state == "pending"]
            if known and not lane.repeats and (slug, before) not in waiting:
                self.jobs.append(Job(name, "update", post, Stand(now), now, (slug, before)))

    def announced_by_hand(self, post: Post, lane: str, now: datetime, *, again: bool) -> bool:
        """Whether a person may announce the post there, which it then is."""
        made = self.about(post, lane, "announce")
        if made and not (again and made[-1].state in {"done", "discarded"}):
            return False
        self.jobs.append(Job(lane, "announce", post, Stand(now), now))
        return True

    def course(self, job: Job, run: Run, answers: Sequence[str], *, is_public: bool) -> Iterator[Stand]:
        """Where the job stands from the beginning of a run to its end: one that dies leaves it at one of these."""
        stand, lane, now = job.stand._replace(answers=()), self.lanes[job.lane], run.now
        yield stand
        while stand.state == "running" and (run.waits or stand.lease < now):
            stand = stand.lapsed(now, repeats=lane.repeats)
            yield stand
        while stand.state == "pending" and not lane.is_paused:
            if not run.waits and max(stand.due, lane.closed_until) > now:
                return
            stand = stand.claimed(now)
            yield stand
            if not is_public:
                yield stand.freed("dead", now)
                return
            stand = stand._replace(is_begun=True)
            yield stand
            if len(stand.answers) == len(answers):
                return
            stand = stand.answered(answers[len(stand.answers)], now, repeats=lane.repeats)
            yield stand

    def reached(self, job: Job, stand: Stand, now: datetime) -> None:
        """A run has left the job there, and has told its platform's answers to the others."""
        job.stand = stand
        lane = self.lanes[job.lane]
        if "unauthorized" in stand.answers:
            lane.is_paused = True
        if "later" in stand.answers:
            lane.closed_until = now + CLOSED

    def decided(self, job: Job, verb: str, now: datetime) -> bool:
        """Whether a person may decide that about a job in its state, and what becomes of it."""
        at = job.stand
        match verb, job.state:
            case "retry", "dead":
                job.stand = Stand(now)
            case "discard", "pending" | "dead" | "unknown":
                job.stand = at.freed("discarded", now)
            case "posted", "unknown":
                job.stand = at.freed("done", now)._replace(answers=())
            case "not-posted", "unknown":
                job.stand = at.freed("pending", now)._replace(due=now, crashes=0)
                job.may_be_told += 1
            case _:
                return False
        return True

    def purge(self, now: datetime) -> None:
        """Of what was done long ago, only the proof is kept, and the highest number."""
        last = max((job.number for job in self.jobs), default=0)
        for job in [job for job in self.jobs if job.state == "done" and not job.is_purged]:
            if job.stand.ended < now - KEPT:
                job.is_purged = True
                if job.kind != "announce" and job.number != last:
                    self.jobs.remove(job)
