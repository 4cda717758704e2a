"""What a command reports about each thing it handled: a queue file, a due post, a leftover or a check."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Notice(NamedTuple):
    """A remark that does not stop the run.

    Attributes:
        is_news: false for a remark that every run would repeat.
    """

    text: str
    is_news: bool = True


class Outcome(StrEnum):
    """The outcomes, in the order in which they are counted. Each except `LEFT` has its own folder in the archive."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    DRAFT = "draft"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    CHANGED = "changed"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    LEFT = "left"


WRITTEN = frozenset({Outcome.PUBLISHED, Outcome.SCHEDULED, Outcome.DRAFT})
"""Outcomes that created a post."""

DURABLE = WRITTEN | {Outcome.UPDATED}
"""Outcomes that changed the store."""

NEEDS_REVIEW = frozenset({Outcome.CHANGED, Outcome.CONFLICT, Outcome.REJECTED})
"""Outcomes that a person should review."""


class FileOutcome(NamedTuple):
    """One file and its outcome.

    Attributes:
        file: its name in the queue, printable.
        slug: of the existing or future post; None if there is no post.
        archived_to: where the file is now; None if it was left where it is.
        reason: one line for people; empty if there is nothing to say.
        notices: remarks for the author of an article that was written, one line each.
        differences: how an edited file would change its post, in a dry run, as the lines of a unified diff.
        announced_on: in a dry run, the platforms where the post would be announced.
    """

    file: str
    stream: str
    outcome: Outcome
    slug: str | None = None
    locale: str | None = None
    post_id: str | None = None
    archived_to: str | None = None
    reason: str = ""
    notices: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    announced_on: tuple[str, ...] = ()


class Swept(StrEnum):
    """What happened to a post, in the order in which outcomes are counted.

    PUBLISHED: it is now live. UNPUBLISHED: its expiry came, and it is a draft. HELD: it is not live, and waits for a
    person. PREEMPTED: EmDash published it before the sweep. RELEASED: somebody unscheduled it elsewhere, and its lock
    was removed.
    """

    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    HELD = "held"
    PREEMPTED = "preempted"
    RELEASED = "released"


HOLDS: Final = {
    "text_changed": "its text was changed after it was scheduled; see `emdash diff`",
    "slug_changed": "its slug was changed after it was scheduled; see `emdash diff`",
    "edited_early": "it was unscheduled, because its text was changed after it was scheduled and EmDash would have"
    " published the change; see `emdash diff`",
    "slug_taken": "another post has taken its new slug",
    "slug_contested": "an older post in the same sweep gets the same slug",
    "time_unreadable": "the time it is scheduled for cannot be read",
    "revision_missing": "the revision with its text does not exist",
    "revision_unreadable": "the revision with its text is not a JSON object",
    "store_refused": "the store refused to publish it",
    "already_expired": "it was to be taken down again before a sweep could publish it; give it another expiry",
    "overdue_in_trash": "the time it was scheduled for passed while it was in the trash",
}
"""Why a post is held, by the code that ``--json`` shows."""

UNREVIEWED: Final = "published_unreviewed"
REASONS: Final = HOLDS | {
    "expired": "it was to be taken down by then",
    UNREVIEWED: "EmDash published it with text that nobody had reviewed: it was changed after it was scheduled",
    "published_elsewhere": "EmDash published it first, with the text that was reviewed",
    "unscheduled_elsewhere": "it was unscheduled elsewhere",
    "unlocked": "it was scheduled elsewhere, so whether its text was reviewed is unknown",
}
"""Every reason that a sweep may give, by code."""


class SweptPost(NamedTuple):
    """One post and its outcome.

    Attributes:
        slug: its present slug.
        published_at: UTC text; None if it is not live.
        code: of the reason; empty if there is nothing to say.
        held_at: since when it is held, UTC text; None if it is not.
        is_news: whether this sweep discovered it; a post that an earlier sweep held is reported as long as it is held.
        announced_on: in a dry run, the platforms where it would be announced.
    """

    outcome: Swept
    slug: str
    locale: str
    post_id: str
    published_at: str | None = None
    code: str = ""
    reason: str = ""
    held_at: str | None = None
    is_news: bool = True
    announced_on: tuple[str, ...] = ()

    @property
    def needs_attention(self) -> bool:
        """Whether a person should review it."""
        return self.outcome is Swept.HELD or self.code == UNREVIEWED


class Sent(StrEnum):
    """What became of an announcement, in the order in which outcomes are counted.

    SENT: the platform has it now. DUPLICATE: it had it before. WAITING: it will be tried again. DEAD: it will not.
    UNKNOWN: it may have arrived, and is not sent again before a person has looked. LATE: the outcome came after
    another run had taken the job over, and was kept for reference.
    """

    SENT = "sent"
    DUPLICATE = "duplicate"
    WAITING = "waiting"
    DEAD = "dead"
    UNKNOWN = "unknown"
    LATE = "late"


class SentJob(NamedTuple):
    """One job and its outcome.

    Attributes:
        platform: its name in emdash.toml.
        kind: ``announce``, ``update``, or an `EventType`.
        state: of the job in the store.
        category: of its last attempt; empty if there was none.
        attempts: used up.
        run_after: UTC text: when it is sent, or tried again; None if it is not.
    """

    outcome: Sent
    id: int
    platform: str
    kind: str
    slug: str
    locale: str
    post_id: str
    state: str
    category: str
    attempts: int
    external_id: str | None
    error: str | None
    run_after: str | None

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look at it."""
        return self.outcome in {Sent.DEAD, Sent.UNKNOWN}


class Cleaned(StrEnum):
    """What `cleanup` or `restore` did with one item.

    FINISHED: a post that another tool began to publish is now complete. REMOVED: it was saved in a file in
    archive/removed and removed; outbox rows are not saved. LEFT: no decision is possible, or it changed during the run.
    RESTORED: it exists again. PRESENT: it existed already. REFUSED: it conflicts with what exists.
    """

    FINISHED = "finished"
    REMOVED = "removed"
    LEFT = "left"
    RESTORED = "restored"
    PRESENT = "present"
    REFUSED = "refused"


NEED_ATTENTION: Final = frozenset({Cleaned.LEFT, Cleaned.REFUSED})
"""Outcomes that a person should review."""


class CleanedItem(NamedTuple):
    """One item that `cleanup` or `restore` handled, and its outcome."""

    outcome: Cleaned
    kind: str
    """post, revision, term_link, credit, seo, lock, outbox or file."""
    key: str
    """Its ID or key columns; for the outbox, the number of rows."""
    slug: str | None = None
    """Of a post."""
    reason: str = ""


FINISHES: Final = {
    "revision": "published without a live revision: its newest revision is now live",
    "columns": "published without a live revision: a revision was created from its text",
}
"""How a post is completed, by the store's name for it."""

EMPTY: Final = "published without a live revision, and without content"
INCOMPLETE: Final = "published without a live revision"
UNREADABLE: Final = "published without a live revision; its text is empty, and none of its revisions can be read"
CHANGED: Final = "it changed during the run: run the command again"
NOT_KEPT: Final = "it no longer exists, or contains bytes that cannot be saved in a line of JSON"
OF_NOTHING: Final = "its {} does not exist"
ANNOUNCED: Final = "processed more than 30 days ago"
DONE_JOBS: Final = "done more than 30 days ago"
LEFTOVER: Final = "an unfinished temporary file"


class Health(StrEnum):
    """The result of a check of `doctor`. PROBLEM: something is wrong. WARNING: it works but could be better."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """One check of `doctor` and its result; the hint says what to do."""

    check: str
    health: Health
    message: str
    hint: str = ""


def good(check: str, message: str) -> Finding:
    """A check that found nothing wrong."""
    return Finding(check, Health.OK, message)


def bad(check: str, message: str, hint: str) -> Finding:
    """A check that found a problem."""
    return Finding(check, Health.PROBLEM, message, hint)


def doubtful(check: str, message: str, hint: str) -> Finding:
    """A check that found something to improve."""
    return Finding(check, Health.WARNING, message, hint)
