"""What `jobs`, `dead`, `platforms` and `announce` print with ``--json``."""

from __future__ import annotations

from typing import Any

from emdash_cli.views.json_form import Document, Error


class Job(Document, frozen=True):
    """What is to be sent to one platform about one post, and what came of it.

    Attributes:
        id: The number of the job.
        platform: The platform's name in emdash.toml.
        kind: `announce`, `update` for a changed post, or the event that a webhook is notified of.
        slug: The slug of the post; null if it is gone.
        post_id: Its ID.
        state: `pending`, `running`, `done`, `dead`, `unknown` or `discarded`.
        category: What the last attempt came to, such as `delivered` or `auth`; null without an attempt.
        attempts: How many attempts are used up since the job was written or last sent again by hand.
        external_id: What the platform calls the result; null if there is none.
        error: What went wrong; null if nothing did.
        run_after: When a pending job is sent, in UTC; null in any other state.
        cost_usd: What the platform charged, in US dollars; null if it charges nothing or was not asked.
    """

    id: int
    platform: str
    kind: str
    slug: str | None
    post_id: str
    state: str
    category: str | None
    attempts: int
    external_id: str | None
    error: str | None
    run_after: str | None
    cost_usd: float | None


class JobList(Document, frozen=True):
    """The jobs of the platforms.

    Attributes:
        jobs: Those that were asked for: pending ones in the order of sending, others beginning with the latest.
    """

    jobs: tuple[Job, ...]


class Attempt(Document, frozen=True):
    """One attempt at a job.

    Attributes:
        begun_at: When it was marked in the store, before its request left, in UTC.
        worker: The host and process that made it.
        ended_at: When its outcome was recorded, in UTC; null if it never was.
        category: What it came to; null without an outcome.
        error: What went wrong; null if nothing did.
        external_id: What the platform calls the result; null if it said nothing.
        evidence: The beginning of the platform's answer; null without one.
        lost_at: When the worker was given up, in UTC; null if it was not.
        was_late: Whether the outcome came after that: it is kept as evidence, and did not change the job.
    """

    begun_at: str
    worker: str
    ended_at: str | None
    category: str | None
    error: str | None
    external_id: str | None
    evidence: str | None
    lost_at: str | None
    was_late: bool


class Step(Document, frozen=True):
    """One part of a thread.

    Attributes:
        step: Its number, from 0.
        begun_at: When it was marked in the store, before its request left, in UTC.
        done_at: When it was out, in UTC; null if that is not known.
        external_id: What the platform calls it; null if that is not known.
    """

    step: int
    begun_at: str
    done_at: str | None
    external_id: str | None


class Decision(Document, frozen=True):
    """What a person decided about a job, or a run that asked the platform.

    Attributes:
        at: When, in UTC.
        who: `user:EMAIL`, `operator:LOGIN` or the command that asked.
        action: `job_retried`, `job_discarded`, `job_resolved` or `announced_again`.
        detail: What was decided, and on what evidence.
    """

    at: str
    who: str
    action: str
    detail: dict[str, Any]


class JobDetails(Document, frozen=True):
    """Everything that is known about a job.

    Attributes:
        job: The job as it is now.
        created_at: When it was written, in UTC.
        ended_at: When it came to an end, in UTC; null if it has not.
        stale_at: When it is too late to send it, in UTC; null: never.
        triggered_by: The run or person that made the post public; null if unknown.
        held: Why nothing is sent to the platform now; null if something is.
        parts: How many requests it takes.
        texts: What is sent, one text for each part, if the store keeps it; empty if it is made from the post each time.
        told_late: What the platform calls the result, if an answer that came too late says that it arrived; else null.
        attempts: Every attempt, oldest first.
        steps: The parts of a thread that were begun.
        decisions: What people decided about it, oldest first.
        next: The command for the next step; empty if there is none.
    """

    job: Job
    created_at: str
    ended_at: str | None
    stale_at: str | None
    triggered_by: str | None
    held: str | None
    parts: int
    texts: tuple[str, ...]
    told_late: str | None
    attempts: tuple[Attempt, ...]
    steps: tuple[Step, ...]
    decisions: tuple[Decision, ...]
    next: str


class JobChange(Document, frozen=True):
    """The jobs that were changed or refused.

    Attributes:
        dry_run: Whether nothing was changed.
        outcome: `retried`, `discarded`, `posted` or `not posted`.
        jobs: The jobs as they are now; in a dry run, those that would be changed, as they are.
        refused: Why others were not changed.
    """

    dry_run: bool
    outcome: str
    jobs: tuple[Job, ...]
    refused: tuple[Error, ...]


class Purge(Document, frozen=True):
    """How many jobs were purged.

    Attributes:
        dry_run: Whether nothing was changed.
        before: Jobs that were done before this time, in UTC.
        purged: How many of them were purged; in a dry run, how many would be.
    """

    dry_run: bool
    before: str
    purged: int


class PlannedAnnouncement(Document, frozen=True):
    """An announcement that would be written.

    Attributes:
        slug: The slug of the post.
        platform: The platform's name in emdash.toml.
        version: The number of the announcement of this post there, from 1.
    """

    slug: str
    platform: str
    version: int


class Announcement(Document, frozen=True):
    """The announcements that were written, or would be.

    Attributes:
        dry_run: Whether nothing was written.
        planned: Those that would be written; empty unless it is a dry run.
        jobs: Those that were written.
        refused: Why the post is not announced on other platforms.
    """

    dry_run: bool
    planned: tuple[PlannedAnnouncement, ...]
    jobs: tuple[Job, ...]
    refused: tuple[Error, ...]


class ListedPlatform(Document, frozen=True):
    """A platform with its limits and how far they are used.

    Attributes:
        name: Its name in emdash.toml.
        kind: What it is, such as `mastodon`.
        state: `ready`, `paused`, `waiting`, `used up`, `later` (its `since` is in the future), `new` or `removed`.
        streams: The streams whose posts are announced there.
        since: What went live before is not announced, in UTC; null until the store knows the platform.
        until: Until when it waits or nothing is announced there, or since when it is paused, in UTC; null if none of
            these holds.
        reason: Why it is paused; null if it is not.
        pending: How many jobs wait.
        running: How many are being sent.
        dead: How many failed for good.
        unknown: How many may have arrived.
        spent: How many requests were made this month.
        budget: How many may be made in a month; null: any number.
    """

    name: str
    kind: str
    state: str
    streams: tuple[str, ...]
    since: str | None
    until: str | None
    reason: str | None
    pending: int
    running: int
    dead: int
    unknown: int
    spent: int
    budget: int | None


class Platforms(Document, frozen=True):
    """The platforms and their states.

    Attributes:
        platforms: Those of emdash.toml, then those that were removed and have jobs left.
    """

    platforms: tuple[ListedPlatform, ...]


class PlatformCheck(Document, frozen=True):
    """What came of the check of one platform.

    Attributes:
        name: Its name in emdash.toml.
        kind: What it is, such as `mastodon`.
        outcome: `ok`, `failed` or `unchecked`, if every request to it is a post.
        message: Whose account it is, or what is wrong, for people.
        hint: What to do next, for people; may be empty.
    """

    name: str
    kind: str
    outcome: str
    message: str
    hint: str


class PlatformChecks(Document, frozen=True):
    """The platforms that were checked.

    Attributes:
        checks: One for each platform.
    """

    checks: tuple[PlatformCheck, ...]


class PlatformChange(Document, frozen=True):
    """A platform that was paused or resumed.

    Attributes:
        name: Its name in emdash.toml.
        outcome: `paused`, `resumed` or `unchanged`.
        dry_run: Whether nothing was changed.
    """

    name: str
    outcome: str
    dry_run: bool
