"""What the commands print that show or change the blog as a whole: its store, its settings, its users."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from emdash_cli.domain.outcome import Health
from emdash_cli.views.json_form import Document


class InitStep(Document, frozen=True):
    """One part of a blog.

    Attributes:
        kind: `settings`, `directory`, `store`, `migration`, `sample` or, before a change to a store that can be
            rewound, `bookmark`.
        name: Its path, the URL of the store, the name of the migration, or the bookmark.
        state: `created` and `applied` also mean, in a dry run, that it would be.
        note: A remark; may be empty.
        sql: The statements of a migration.
    """

    kind: str
    name: str
    state: Literal["created", "exists", "skipped", "applied"]
    note: str
    sql: tuple[str, ...]


class InitRun(Document, frozen=True):
    """What was created or existed already.

    Attributes:
        dry_run: Whether this was a dry run, which creates nothing.
        changed: Whether anything was created or applied, or would be.
        steps: One for each part.
    """

    dry_run: bool
    changed: bool
    steps: tuple[InitStep, ...]


class Setting(Document, frozen=True):
    """The value of one setting and where it comes from.

    Attributes:
        value: The value in force; null if it is not set.
        origin: `default`, the path of emdash.toml, or the option or variable that overrides it.
    """

    value: str | bool | int | float | list[str] | None
    origin: str


class Configuration(Document, frozen=True):
    """Every setting in force.

    Attributes:
        file: The path of emdash.toml; null if there is none.
        root: The directory that paths are relative to.
        values: The settings by their dotted names in emdash.toml.
    """

    file: str | None
    root: str
    values: dict[str, Setting]


class Finding(Document, frozen=True):
    """One check and its result.

    Attributes:
        check: What was checked.
        health: `warning`: it works, but could be better. `problem`: something is wrong.
        message: What was found.
        hint: What to do about it; may be empty.
    """

    check: str
    health: Health
    message: str
    hint: str


class Checkup(Document, frozen=True):
    """The result of every check.

    Attributes:
        ok: Whether no check found a problem.
        findings: One for each check.
    """

    ok: bool
    findings: tuple[Finding, ...]


class User(Document, frozen=True):
    """One user.

    Attributes:
        id: The ID of the user.
        email: Their e-mail address.
        name: Their name; null if there is none.
        role: Their role.
        disabled: Whether the user is disabled and cannot do anything.
    """

    id: str
    email: str
    name: str | None
    role: Literal["subscriber", "contributor", "author", "editor", "admin"]
    disabled: bool


Users = Annotated[tuple[User, ...], Meta(description="All users of the site or store.")]
"""What `emdash users list` prints: a list."""


class UserChange(Document, frozen=True):
    """A user after a change.

    With `--dry-run`, it is what the change would make of them.

    Attributes:
        outcome: What was done.
        id: The ID of the user.
        email: Their e-mail address.
        name: Their name; null if there is none.
        role: Their role.
        disabled: Whether the user is disabled and cannot do anything.
        dry_run: Whether this was a dry run, which changes nothing.
    """

    outcome: Literal["added", "changed", "disabled", "enabled", "unchanged"]
    id: str
    email: str
    name: str | None
    role: Literal["subscriber", "contributor", "author", "editor", "admin"]
    disabled: bool
    dry_run: bool


class Queue(Document, frozen=True):
    """The queue of a stream.

    Attributes:
        stream: The stream.
        depth: The number of files waiting.
        oldest_at: When the oldest of them was written, in UTC; null if none are waiting.
        published_at: When a file of the stream was last published, in UTC; null if none was.
        problem: Why the queue cannot be listed; empty if it can.
    """

    stream: str
    depth: int
    oldest_at: str | None
    published_at: str | None
    problem: str


class Job(Document, frozen=True):
    """A kind of run, such as those that cron starts.

    Attributes:
        kind: `publish`, `sweep` or another command that records its runs.
        seen_at: When it last ran, in UTC; null for a kind that is run by hand and does not record it.
        worked_at: When it last did something, in UTC; null if it never did.
        counts: What that run did.
        stale: Whether it has not run for too long, or its last record is in the future or cannot be read.
    """

    kind: str
    seen_at: str | None
    worked_at: str | None
    counts: dict[str, int]
    stale: bool


class PlatformState(Document, frozen=True):
    """A platform of emdash.toml.

    Attributes:
        platform: Its name.
        waiting: How many jobs are still to be sent.
        dead: How many jobs failed for good and are neither retried nor discarded.
        unknown: How many jobs may or may not have arrived.
        paused_at: Since when it is paused, in UTC; null if it is not.
        paused_reason: Why; null if it is not, and if nobody said why.
        budget: The requests that it may get in a month; null for any number.
        spent: The requests that it got this month.
    """

    platform: str
    waiting: int
    dead: int
    unknown: int
    paused_at: str | None
    paused_reason: str | None
    budget: int | None
    spent: int


class DeadLetters(Document, frozen=True):
    """What failed on a platform for one reason in the last seven days.

    Attributes:
        platform: The platform's name in emdash.toml.
        category: The reason, such as `validation` or `auth`.
        count: How many jobs.
        last_at: When the latest of them failed, in UTC.
        job: The number of the latest.
        slug: The slug of its post; null if the post is gone.
        error: Its error; null if there is none.
    """

    platform: str
    category: str
    count: int
    last_at: str
    job: int
    slug: str | None
    error: str | None


class Status(Document, frozen=True):
    """What is waiting, due or held.

    Attributes:
        ok: Whether all is well.
        problems: What is wrong, one line each.
        at: The time of this report, in UTC.
        stale_after_s: The number of seconds without a run after which a job is stale.
        scheduled: The number of scheduled posts and changes.
        next_at: When the next of them goes live, in UTC; null if there is none.
        due: How many of them are due.
        overdue: How many have been due for more than 5 minutes.
        oldest_due_at: When the oldest of those became due, in UTC; null if none is due.
        held: How many posts wait until somebody has reviewed them.
        held_since: When the one held longest was first held, in UTC; null if none is held.
        expiring: How many live or scheduled posts are to be taken down later.
        expires_next_at: When the next of them is taken down, in UTC; null if there is none.
        expired: How many posts are still live more than 5 minutes after they should have been taken down.
        expired_since: When the first of those should have been, in UTC; null if there is none.
        trashed: How many posts in the trash are scheduled, or were until their time passed there.
        queues: The queue of each stream.
        runs: The last run of each kind.
        platforms: The platforms of emdash.toml that were announced to.
        dead_letters: The dead letters of the last seven days.
        announcements_due_at: Since when an announcement can be sent, or from when on, in UTC; null if none waits.
        notices: Remarks on the store.
    """

    ok: bool
    problems: tuple[str, ...]
    at: str
    stale_after_s: int
    scheduled: int
    next_at: str | None
    due: int
    overdue: int
    oldest_due_at: str | None
    held: int
    held_since: str | None
    expiring: int
    expires_next_at: str | None
    expired: int
    expired_since: str | None
    trashed: int
    queues: tuple[Queue, ...]
    runs: tuple[Job, ...]
    platforms: tuple[PlatformState, ...]
    dead_letters: tuple[DeadLetters, ...]
    announcements_due_at: str | None
    notices: tuple[str, ...]


class Month(Document, frozen=True):
    """What a stream published in a month.

    Attributes:
        month: The month, such as `2026-06`, in the zone of the settings.
        stream: The stream.
        posts: The number of articles that became posts, by outcome: `published`, `scheduled` or `draft`.
        words: The number of words in them.
    """

    month: str
    stream: str
    posts: dict[str, int]
    words: int


class Totals(Document, frozen=True):
    """All months together.

    Attributes:
        posts: The number of posts.
        words: The number of words in them.
    """

    posts: int
    words: int


class Medians(Document, frozen=True):
    """Medians of all streams together and of each.

    Attributes:
        all: Of all streams together; null if nothing was published.
        streams: By stream.
    """

    all: float | None
    streams: dict[str, float]


class Statistics(Document, frozen=True, rename={"first": "from", "last": "to"}):
    """What was published, by month and stream.

    Attributes:
        from: The first day requested; null if the period has no start.
        to: The last day requested; null if the period ends now.
        timezone: The zone of the days and months.
        months: What each stream published in each month.
        failures: Files that became no post, by outcome; a file that ten runs left in the queue counts ten times.
        median_seconds: The time from a file's arrival in the queue until its post was live, in seconds.
        posts: Posts in the store now, by status.
        archive: Files in the archives now, by outcome.
        storage_bytes: The size of the store in bytes; null if the store does not report it.
        notes: What could not be counted, and why.
        totals: All months together.
    """

    first: str | None
    last: str | None
    timezone: str
    months: tuple[Month, ...]
    failures: dict[str, int]
    median_seconds: Medians
    posts: dict[str, int]
    archive: dict[str, int]
    storage_bytes: int | None
    notes: tuple[str, ...]
    totals: Totals


class SlotPost(Document, frozen=True):
    """A post that takes a slot.

    Attributes:
        post_id: The ID of the post.
        slug: Its slug.
        locale: Its language.
        at: When it goes live, in UTC.
        held: Why it is not published until somebody has reviewed it; null if it is not held.
    """

    post_id: str
    slug: str
    locale: str
    at: str
    held: str | None


class Slot(Document, frozen=True):
    """One slot.

    Attributes:
        at: When its post goes live, in UTC.
        local: The same time in the zone of the settings, with its offset.
        until: A post that goes live from `at` until then takes the slot.
        free: Whether no post takes it.
        posts: The posts that take it; several, if somebody chose the time of one by hand.
    """

    at: str
    local: str
    until: str
    free: bool
    posts: tuple[SlotPost, ...]


class StreamSlots(Document, frozen=True):
    """The slots of one stream.

    Attributes:
        stream: The name of the stream.
        source: The setting that names its slots; null if it has none.
        names: How that setting names them.
        slots: The slots in the order of their times.
        cut: Whether the period has more slots than are listed.
    """

    stream: str
    source: Literal["slots", "cadence"] | None
    names: tuple[str, ...]
    slots: tuple[Slot, ...]
    cut: bool


class SlotList(Document, frozen=True):
    """Free and taken slots of the streams.

    Attributes:
        timezone: The zone in which slots are named.
        streams: One for each stream that was asked for.
        notices: Remarks, such as that a stream's queue will publish files as well.
    """

    timezone: str
    streams: tuple[StreamSlots, ...]
    notices: tuple[str, ...]


class Schema(Document, frozen=True):
    """A document that has a JSON Schema.

    Attributes:
        name: What `emdash schema` takes.
        commands: The commands that print it with `--json`; empty for `queue-file`, which is read, and for `error`,
            which any command may print.
        description: What the document is.
    """

    name: str
    commands: tuple[str, ...]
    description: str


class Schemas(Document, frozen=True):
    """The documents that have a JSON Schema.

    Attributes:
        schemas: One for each document.
    """

    schemas: tuple[Schema, ...]


class Figure(Document, frozen=True):
    """One value.

    Attributes:
        name: Its name in Prometheus.
        labels: What distinguishes it from others of the name.
        value: The value.
    """

    name: str
    labels: dict[str, str]
    value: float


class Metrics(Document, frozen=True):
    """Figures for monitoring.

    Attributes:
        at: When they were read, in UTC.
        figures: All of them, as [metrics](metrics.md) describes them.
    """

    at: str
    figures: tuple[Figure, ...]
