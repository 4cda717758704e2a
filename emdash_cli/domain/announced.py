"""How far the announcement of a post has come on its platforms, derived from its jobs, and said as an author would."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Standing(StrEnum):
    """The state of a post over all its platforms."""

    PENDING = "pending"
    """Something is still to be sent."""
    PUBLISHED = "published"
    """Everything is sent, or there is nothing to send."""
    PARTIAL_FAILURE = "partial_failure"
    """Something is out or may be, and something is not."""
    FAILED = "failed"
    """Nothing is out, and nothing is sent any more."""


class PlatformJob(NamedTuple):
    """The latest job of its kind of a post on one platform.

    Attributes:
        platform: its name in emdash.toml.
        job: its number.
        kind: ``announce``, or ``update`` for a changed post.
        state: ``pending``, ``running``, ``done``, ``dead`` or ``unknown``.
        category: what the last attempt came to; None without one.
        run_after: UTC text: not sent before.
        ended_at: UTC text; None until it has ended.
        parts: how many there are to send; a thread has several.
        parts_out: how many of several are out.
        is_notified: whether the platform is told of every change, as caches and search engines are.
        is_paused: whether the platform is.
    """

    platform: str
    job: int
    kind: str
    state: str
    category: str | None
    error: str | None
    external_id: str | None
    attempts: int
    run_after: str
    ended_at: str | None
    parts: int
    parts_out: int
    is_notified: bool
    is_paused: bool


class Distribution(NamedTuple):
    """The jobs of a post that is live."""

    jobs: tuple[PlatformJob, ...]

    @property
    def standing(self) -> Standing:
        """Derived from the jobs."""
        states = {job.state for job in self.jobs}
        if states & _OPEN:
            return Standing.PENDING
        if states <= {"done"}:
            return Standing.PUBLISHED
        # What is unknown may be out.
        if states & {"done", "unknown"} or any(job.parts_out for job in self.jobs):
            return Standing.PARTIAL_FAILURE
        return Standing.FAILED

    @property
    def summary(self) -> str:
        """One sentence that names every platform, and a command for each problem; empty without jobs."""
        done = [job for job in self.jobs if job.state == "done" and job.kind == "announce"]
        gone = list(dict.fromkeys(job.platform for job in done if not job.is_notified))
        told = list(
            dict.fromkeys(
                job.platform for job in self.jobs if job.state == "done" and (job.is_notified or job.kind != "announce")
            )
        )
        parts = [f"published on {listed(gone)}"] if gone else []
        if others := [name for name in told if name not in gone]:
            parts.append(f"{listed(others)} notified")
        parts += [_open(job) for job in self.jobs if job.state in _OPEN]
        parts += [_ended(job) for job in self.jobs if job.state in _HINTS]
        return "; ".join(parts)

    @property
    def brief(self) -> str:
        """The state, and the platforms that it is due to, in a few words; empty without jobs."""
        if not self.jobs:
            return ""
        standing = self.standing
        wanted = _OPEN if standing is Standing.PENDING else frozenset(_HINTS)
        names = list(dict.fromkeys(job.platform for job in self.jobs if job.state in wanted))
        state = standing.value.replace("_", " ")
        return f"{state}: {', '.join(names)}" if names else state


_OPEN: Final = frozenset({"pending", "running"})
_HINTS: Final = {
    "dead": "emdash jobs retry {job}",
    "unknown": "emdash jobs resolve {job} --posted ID or --not-posted",
}
_LONGEST_REASON: Final = 100
_CATEGORIES: Final = {
    "transient": "it could not be reached",
    "rate_limited": "rate limited",
    "auth": "credentials refused",
    "quota": "quota used up",
    "validation": "refused",
    "unknown": "the answer was lost",
    "worker_lost": "the process that sent it was killed",
}


def reason(category: str | None, error: str | None) -> str:
    """Why a job did not succeed, in a few words.

    Args:
        category: of the last attempt.
        error: its message, which is repeated where it tells the author what to correct.
    """
    said = _CATEGORIES.get(category or "", category or "")
    if category == "validation" and error:
        return error if len(error) <= _LONGEST_REASON else f"{error[: _LONGEST_REASON - 1].rstrip()}…"
    return said


def listed(names: Sequence[str]) -> str:
    """The names as in a sentence: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def latest(jobs: Iterable[PlatformJob]) -> tuple[PlatformJob, ...]:
    """The jobs that count: once a post is announced, its last change replaces those before."""
    found: dict[tuple[str, str], PlatformJob] = {}
    for job in jobs:
        found[job.platform, job.kind] = job
    return tuple(sorted(found.values(), key=lambda job: (job.platform, job.kind)))


def _open(job: PlatformJob) -> str:
    what = _what(job)
    if job.state == "running":
        return f"{what} is being sent"
    if job.is_paused:
        return f"{what} waits (the platform is paused) — emdash platforms resume {job.platform}"
    why = reason(job.category, job.error)
    return f"{what} waits ({why}; it is tried again)" if why else f"{what} waits to be sent"


def _ended(job: PlatformJob) -> str:
    why = reason(job.category, job.error)
    out = f" after {job.parts_out} of {job.parts} parts" if job.parts_out else ""
    verb = "failed" if job.state == "dead" else "may or may not have it"
    return f"{_what(job)} {verb}{out}{f' ({why})' if why else ''} — {_HINTS[job.state].format(job=job.job)}"


def _what(job: PlatformJob) -> str:
    return job.platform if job.kind == "announce" else f"the change on {job.platform}"
