"""What the jobs of tests are about."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emdash_cli.domain.delivery import Category, Outcome, Rendered
from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.jobs.job import Job

Answer = Outcome | BaseException


@dataclass
class Scripted:
    """Answers each request as the test says, and remembers what was sent.

    Attributes:
        lanes: that are served.
        answers: by subject: what comes back, request by request; once they are used up, `otherwise`.
        parts: by subject: how many texts it has.
        together: by lane: how many jobs one request may carry.
    """

    lanes: Sequence[str]
    answers: Mapping[str, list[Answer]] = field(default_factory=dict)
    otherwise: Callable[[Job], Outcome] = lambda job: Outcome(
        Category.DELIVERED, external_id=f"{job.subject}-{job.step}"
    )
    parts: Mapping[str, int] = field(default_factory=dict)
    together: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, Outcome] = field(default_factory=dict)
    sent: list[tuple[str, ...]] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def details(self, token: str, lanes: str) -> Statement:
        return Statement("SELECT 0 AS id WHERE ?1 IS NULL AND ?2 IS NULL", (token, lanes))

    def refusal(self, job: Job) -> Outcome | None:
        return self.refused.get(job.subject)

    def render(self, job: Job) -> Rendered | Outcome:
        return Rendered(tuple(f"{job.subject} {part}" for part in range(self.parts.get(job.subject, 1))))

    def at_once(self, lane: str) -> int:
        return self.together.get(lane, 1)

    def send(self, jobs: Sequence[Job]) -> Sequence[Outcome]:
        with self.lock:
            self.sent.append(tuple(job.texts[len(job.sent)] for job in jobs))
            self.keys.update(job.key for job in jobs)
        answers = [self._answer(job) for job in jobs]
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return [answer for answer in answers if isinstance(answer, Outcome)]

    def _answer(self, job: Job) -> Answer:
        with self.lock:
            script = self.answers.get(job.subject)
            scripted = script.pop(0) if script else None
        return self.otherwise(job) if scripted is None else scripted
