"""A job in the hands of a runner, and what a runner must be told about its jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emdash_cli.domain.delivery import Outcome, Rendered
    from emdash_cli.domain.ports import Row, Statement


@dataclass(slots=True, eq=False)
class Job:
    """A job under one claim. Compared by identity: one job may be held twice, under an old claim and under a new one.

    Attributes:
        units: requests that the claim has charged for.
        attempts: used up so far.
        sent: external ids of the steps that are out, in order.
        texts: one for each part; empty until the job is rendered.
        is_kept: whether the store has the texts.
        stale_at: UTC text: from then on it is not sent; None: whenever.
        change: what changed, for jobs of each public change; of a notice, what it says.
        held_until: seconds of the monotonic clock: until then nobody else may send it.
        details: what the workload read about the subject.
    """

    id: int
    lane: str
    subject: str
    kind: str
    version: int
    claim: str
    is_idempotent: bool
    units: int
    attempts: int
    sent: list[str | None]
    texts: tuple[str, ...]
    is_kept: bool
    stale_at: str | None
    change: Mapping[str, Any]
    held_until: float
    details: Row | None = None

    @property
    def holds(self) -> tuple[int, str]:
        """By what the store knows who has it."""
        return self.id, self.claim

    @property
    def step(self) -> int | None:
        """The step that is next; None where the attempt is the only one."""
        return len(self.sent) if len(self.texts) > 1 else None

    @property
    def is_last(self) -> bool:
        """Whether no step follows the one that is next."""
        return len(self.sent) + 1 >= len(self.texts)

    @property
    def units_left(self) -> int:
        """Requests still to make."""
        return max(1, len(self.texts) - len(self.sent))

    @property
    def key(self) -> str:
        """The idempotency key of the next step: the same in each attempt."""
        return f"emdash:{self.subject}:{self.lane}:{self.kind}:{self.version}:{len(self.sent)}"

    def packed_texts(self) -> str:
        """The texts as the store keeps them."""
        return json.dumps(self.texts, ensure_ascii=False)


def job_of(row: Row, held_until: float) -> Job:
    """The job in a row of `sql.claiming.TAKEN`."""
    payload = row["payload"]
    return Job(
        id=int(row["id"] or 0),
        lane=str(row["lane"]),
        subject=str(row["subject"]),
        kind=str(row["kind"]),
        version=int(row["version"] or 0),
        claim=str(row["claim"]),
        is_idempotent=bool(row["idempotent"]),
        units=int(row["units"] or 0),
        attempts=int(row["attempts"] or 0),
        sent=json.loads(str(row["sent"] or "[]")),
        texts=tuple(json.loads(str(payload))) if payload else (),
        is_kept=bool(payload),
        stale_at=str(row["stale_at"]) if row["stale_at"] else None,
        change=json.loads(str(row["change"] or "{}")),
        held_until=held_until,
    )


class Ended(NamedTuple):
    """What became of a job, as the store has it now.

    Attributes:
        state: done, dead or unknown; pending: it will be tried again.
        run_after: UTC text; None unless it is pending.
        uses_attempt: 1 if an attempt was used up, else 0.
        is_applied: false if another runner had taken the job over meanwhile.
    """

    job: Job
    state: str
    outcome: Outcome
    run_after: str | None
    uses_attempt: int
    is_applied: bool


class Workload(Protocol):
    """What the jobs of a runner are about."""

    @property
    def lanes(self) -> Sequence[str]:
        """Names of the lanes that this runner serves."""
        ...

    def details(self, token: str, lanes: str) -> Statement:
        """Reads, in the batch of the claim, what is known of the subjects of its jobs: a row each, with its ``id``."""
        ...

    def refusal(self, job: Job) -> Outcome | None:
        """Why nothing is to be sent for the job, if so."""
        ...

    def render(self, job: Job) -> Rendered | Outcome:
        """The texts of the job, or why there are none."""
        ...

    def at_once(self, lane: str) -> int:
        """How many jobs of the lane one request may carry."""
        ...

    def send(self, jobs: Sequence[Job]) -> Sequence[Outcome]:
        """Make one request for these jobs, all of one lane; called from several threads. One outcome for each."""
        ...
