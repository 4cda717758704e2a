"""What is announced where: runs that send, wait or die, a server that counts and loses answers, people who decide."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.harness.receiver import Reply, receiver
from tests.model.jobs import Run
from tests.model.machine import CHOICE, CRASH, CRASH_OR_ANSWER, PAUSE, pick
from tests.model.others import OtherTools
from tests.model.places import JOBS, text
from tests.model.process import KILLED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.harness.receiver import Received
    from tests.model.blog import Post
    from tests.model.jobs import Job, Stand
    from tests.model.places import FilePlace

Row = dict[str, Any]
GOOD: Final = {"ok": True, "id": "7", "result": {"message_id": 7}}
TAKEN: Final = Reply(body=GOOD)
ANSWERS: Final = {
    "taken": TAKEN,
    "taken, and the answer lost": Reply(lost=True),
    "taken, and the answer cut": Reply(body=GOOD, cut=True),
    "taken, and 500": Reply(500),
    "lost": Reply(lost=True, is_taken=False),
    "500": Reply(500, is_taken=False),
    "later": Reply(429, headers={"Retry-After": "30"}, is_taken=False),
    "refused": Reply(400, is_taken=False),
    "unauthorized": Reply(401, is_taken=False),
}
TROUBLES: Final = st.lists(st.sampled_from(sorted(ANSWERS)), max_size=5)
TIMELY: Final = st.lists(st.sampled_from(sorted(ANSWERS.keys() - {"unauthorized"})), max_size=5)
"""A run that waits goes on with some jobs after a platform was paused, and not with others: by the jitter."""
VERBS: Final = st.sampled_from(["retry", "discard", "posted", "not-posted"])
WORDS: Final = {"posted": ("resolve", "--posted", "7"), "not-posted": ("resolve", "--not-posted")}


class Said(NamedTuple):
    """What a platform was sent, and what it answered.

    Attributes:
        key: of the job, where the request names it; else the slug.
        article: by which a target recognises the post.
    """

    lane: str
    key: str
    article: str
    answer: str
    is_counted: bool


class Platforms:
    """The server of all platforms: it counts what it takes.

    Attributes:
        troubles: what it answers; each post begins elsewhere in the list, and is taken after its last trouble.
        log: since it was emptied last.
    """

    def __init__(self) -> None:
        self.troubles: Sequence[str] = ()
        self.log: list[Said] = []
        self._lock = threading.Lock()

    def answer(self, request: Received) -> Reply:
        if request.path == "/partner":
            lane, key, article = "partner", request.headers["idempotency-key"], str(request.json["articleId"])
            start = article
        else:
            lane, article = "bot", ""
            start = key = str(request.json["text"]).rpartition("/posts/")[2].split()[0]
        with self._lock:
            asked = sum((said.lane, said.key) == (lane, key) for said in self.log)
            troubles = self.troubles[sum(start.encode()) % (len(self.troubles) + 1) :]
            answer = troubles[asked] if asked < len(troubles) else "taken"
            reply = ANSWERS[answer]
            self.log.append(Said(lane, key, article, answer, reply.is_taken))
        return reply


class Announcing(OtherTools):
    """Whoever announces, and decides about what has failed."""

    def __init__(self, place: Callable[[Path], FilePlace]) -> None:
        super().__init__(place)
        self.open = ExitStack()
        server = self.open.enter_context(receiver())
        self.platforms = Platforms()
        server.otherwise = self.platforms.answer
        self.place.announces_at(server.url)
        self.slugs: dict[
            str, str
        ] = {}  # of posts by their IDs, former ones too: a text that was kept has the slug of then

    def teardown(self) -> None:
        self.open.close()
        super().teardown()

    # Runs of `emdash distribute`.

    @rule(hours=PAUSE, nth=CRASH_OR_ANSWER, troubles=TROUBLES)
    def distribute(self, hours: int, nth: int, troubles: list[str]) -> None:
        self.blog.wait(hours)
        self.send(troubles, nth)

    @rule(hours=PAUSE, nth=CRASH_OR_ANSWER, troubles=TIMELY)
    def distribute_and_wait(self, hours: int, nth: int, troubles: list[str]) -> None:
        self.blog.wait(hours)
        self.send(troubles, nth, "--wait")

    def send(self, troubles: Sequence[str] = (), nth: int = 0, *options: str) -> None:
        """One that dies is not run again: another one will be, at some time."""
        self.platforms.troubles = troubles
        self.platforms.log.clear()
        ran = self.place.run(self.blog.now, "distribute", *options, nth=nth)
        assert ran.code in ((0, 3, KILLED) if nth else (0, 3)), ran
        (jobs,) = self.place.look(JOBS)
        self.slugs |= {row["slug"]: row["subject"] for row in jobs}
        answers = self.answers(jobs)
        run = Run(self.blog.now, bool(options))
        rows = {row["id"]: row for row in jobs}
        reached = [
            (job, self.reached(job, run, answers.pop(job.number, []), rows[job.number], died=ran.code == KILLED))
            for job in self.blog.board.jobs
        ]
        assert answers == {}
        for job, stand in reached:
            self.blog.board.reached(job, stand, self.blog.now)
        if run.waits:
            self.blog.wait(1)

    def answers(self, rows: Sequence[Row]) -> dict[int, list[Said]]:
        """What was said of each job, by its number, in the order of the requests."""
        numbers = {f"emdash:{row['subject']}:{row['lane']}:{row['kind']}:{row['version']}:0": row["id"] for row in rows}
        last = {(row["lane"], row["subject"]): row["id"] for row in rows if row["kind"] == "announce"}
        said: dict[int, list[Said]] = {}
        for each in self.platforms.log:
            number = numbers[each.key] if each.article else last[each.lane, self.slugs[each.key]]
            said.setdefault(number, []).append(each)
        return said

    def reached(self, job: Job, run: Run, said: Sequence[Said], row: Row, *, died: bool) -> Stand:
        """Where the run has left the job: at the end of its course, or anywhere on it if the process died."""
        job.told += sum(each.is_counted for each in said)
        for each in said:
            assert self.articles.setdefault(job.subject + each.lane, each.article) == each.article
        course = list(
            self.blog.board.course(
                job, run, [each.answer for each in said], is_public=self.blog.is_public(job.post)
            )
        )  # fmt: skip
        found = seen(row)
        possible = [stand for stand in course if stand.seen == found and self.fits(stand, said)]
        assert possible if died else course[-1] in possible, (job, row, said, course)
        return possible[-1]

    @staticmethod
    def fits(stand: Stand, said: Sequence[Said]) -> bool:
        """Whether these answers can have been given by then: the last may not have been recorded."""
        return len(stand.answers) + stand.is_begun >= len(said)

    # People.

    @precondition(lambda self: self.blog.board.jobs)
    @rule(which=CHOICE, verb=VERBS, nth=CRASH)
    def decide(self, which: int, verb: str, nth: int) -> None:
        """About a job that needs a decision, or about any; what makes no sense in its state is refused."""
        jobs = [job for job in self.blog.board.jobs if job.state in {"dead", "unknown"}] or self.blog.board.jobs
        job = pick(self.blog.board.jobs if which % 4 == 0 else jobs, which)
        verb = {"unknown": "not-posted", "dead": "retry"}.get(job.state, verb) if which % 3 == 0 else verb
        command, *options = WORDS.get(verb, (verb,))
        is_done = self.blog.board.decided(job, verb, self.blog.now)
        # One that died may have done its work, and is refused the second time.
        codes = (3,) if not is_done else (0, 3) if nth else (0,)
        self.emdash("jobs", command, str(job.number), *options, nth=nth, codes=codes)

    def published(self) -> list[Post]:
        return self.having(lambda post: post.live is not None and not post.is_trashed)

    @precondition(lambda self: self.published())
    @rule(which=CHOICE, lane=st.sampled_from(["bot", "partner"]), again=st.booleans(), nth=CRASH)
    def announce(self, which: int, lane: str, again: bool, nth: int) -> None:  # noqa: FBT001 - Hypothesis draws it
        post = pick(self.published(), which)
        is_done = self.blog.board.announced_by_hand(post, lane, self.blog.now, again=again)
        codes = (3,) if not is_done else (0, 3) if nth else (0,)
        words = ("announce", post.slug, "--platform", lane, "--yes", *(["--again"] if again else []))
        self.emdash(*words, nth=nth, codes=codes)

    @rule(lane=st.sampled_from(["bot", "partner"]), nth=CRASH)
    def pause_or_resume(self, lane: str, nth: int) -> None:
        paused = self.blog.board.lanes[lane].is_paused
        self.emdash("platforms", "resume" if paused else "pause", lane, nth=nth)
        self.blog.board.lanes[lane].is_paused = not paused

    # Other tools.

    def disposable(self) -> list[Post]:
        return self.having(lambda post: post.is_trashed or post.half is None)

    @precondition(lambda self: self.disposable())
    @rule(which=CHOICE)
    def trash_or_take_back(self, which: int) -> None:
        """Another tool puts a post into the trash, or brings one back: what waits to be announced meanwhile is not."""
        post = pick(self.disposable(), which)
        post.is_trashed = not post.is_trashed
        moment = f"'{text(self.blog.now)}'" if post.is_trashed else "NULL"
        self.site.sql(f"UPDATE ec_posts SET deleted_at = {moment} WHERE slug = '{post.slug}'")
        if self.place.version == "0.32":
            entry = f"(SELECT id FROM ec_posts WHERE slug = '{post.slug}')"
            self.site.sql(f"UPDATE content_taxonomies SET deleted_at = {moment} WHERE entry_id = {entry}")

    # What must be true.

    def every_job_is_as_it_must_be(self, rows: Sequence[Row], lanes: Sequence[Row]) -> None:
        """One for each post and platform that has to be told, each where it must be; nobody is told twice."""
        self.new_jobs_are_those_that_must_be(rows)
        found = {row["id"]: (*seen(row), row["purged_at"] is not None) for row in rows}
        said = {job.number: (*job.stand.seen, job.is_purged) for job in self.blog.board.jobs}
        assert found == said, (
            found.items() ^ said.items(),
            [r for r in rows if r["id"] in dict(found.items() ^ said.items())],
        )
        for job in self.blog.board.jobs:
            assert job.told >= 1 or job.state != "done" or job.stand.answers == (), job
            assert job.told <= job.may_be_told or not self.blog.board.lanes[job.lane].repeats, job
        paused = {row["lane"] for row in lanes if row["paused_at"]}
        assert paused == {name for name, lane in self.blog.board.lanes.items() if lane.is_paused}

    def new_jobs_are_those_that_must_be(self, rows: Sequence[Row]) -> None:
        known = {job.number for job in self.blog.board.jobs}
        written = [row for row in rows if row["id"] not in known]
        expected = [job for job in self.blog.board.jobs if not job.number]
        assert Counter(map(in_store, written)) == Counter(map(in_model, expected)), (written, expected)
        for row in written:
            job = next(job for job in expected if in_model(job) == in_store(row))
            expected.remove(job)
            job.number, job.subject, job.version = row["id"], row["subject"], row["version"]

    def everybody_is_told(self) -> None:
        """In the end the platforms are well, nothing is paused, and hours pass."""
        for name, lane in self.blog.board.lanes.items():
            if lane.is_paused:
                self.emdash("platforms", "resume", name)
                lane.is_paused = False
        for _ in range(3):
            self.blog.wait(1)
            self.send()
        assert not [job for job in self.blog.board.jobs if job.state in {"pending", "running"}]


def seen(row: Row) -> tuple[str, int, int, bool, bool]:
    """As `Stand.seen`."""
    return row["state"], row["attempts"], row["crashes"], bool(row["is_begun"]), bool(row["suspected"])


def in_store(row: Row) -> tuple[str, str, str, str | None, str | None]:
    changed = row["kind"] == "update"
    return row["slug"], row["lane"], row["kind"], row["path"] if changed else None, row["path_before"]


def in_model(job: Job) -> tuple[str, str, str, str | None, str | None]:
    path, before = (slug and f"/posts/{slug}" for slug in job.change or (None, None))
    return job.post.slug, job.lane, job.kind, path, before
