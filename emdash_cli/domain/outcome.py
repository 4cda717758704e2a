"""What a command reports of each thing it handled: a queue file, a post that was due, a leftover, a check."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Outcome(StrEnum):
    """The outcomes, in the order in which they are counted; each but `LEFT` has its folder in the archive."""

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
"""Outcomes that made a post."""

DURABLE = WRITTEN | {Outcome.UPDATED}
"""Outcomes that changed the store."""

TROUBLED = frozenset({Outcome.CHANGED, Outcome.CONFLICT, Outcome.REJECTED})
"""Outcomes that a person should look at."""


class FileOutcome(NamedTuple):
    """One file and what became of it.

    Attributes:
        file: its name in the queue, printable.
        slug: under which the post is or would be found; None if there is no post.
        archived_to: where the file is now; None if it was left where it is.
        reason: one line for people; empty where nothing needs saying.
        notices: what the author should know of an article that was written, a line each.
        differences: how an edited file would change its post, in a dry run: the lines of a unified diff.
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


class Swept(StrEnum):
    """What became of a post, in the order in which outcomes are counted.

    PUBLISHED: it is live now. HELD: it is not, and waits for a person. PREEMPTED: EmDash published it before
    the sweep came. RELEASED: somebody unscheduled it elsewhere, and its lock is gone.
    """

    PUBLISHED = "published"
    HELD = "held"
    PREEMPTED = "preempted"
    RELEASED = "released"


HOLDS: Final = {
    "text_changed": "its text was changed after it was scheduled; see `emdash diff`",
    "slug_changed": "its slug was changed after it was scheduled; see `emdash diff`",
    "edited_early": "its text was changed after it was scheduled, and EmDash would have published that: it was"
    " unscheduled; see `emdash diff`",
    "slug_taken": "another post has the slug that it was to get",
    "slug_contested": "an older post of the same sweep gets the same slug",
    "time_unreadable": "the time it is scheduled for cannot be read",
    "revision_missing": "the revision with its text is gone",
    "revision_unreadable": "the revision with its text is not a JSON object",
    "store_refused": "the store refused to publish it",
}
"""Why a post is held, by the code that ``--json`` shows."""

UNREVIEWED: Final = "published_unreviewed"
REASONS: Final = HOLDS | {
    UNREVIEWED: "EmDash published it with text that nobody reviewed: it was changed after it was scheduled",
    "published_elsewhere": "EmDash published it first, with the text that was reviewed",
    "unscheduled_elsewhere": "it was unscheduled elsewhere",
    "unlocked": "it was scheduled elsewhere, so whether its text was reviewed is unknown",
}
"""Every reason that a sweep may give, by its code."""


class SweptPost(NamedTuple):
    """One post and what became of it.

    Attributes:
        slug: under which it is found now.
        published_at: UTC text; None if it is not live.
        code: of the reason; empty where nothing needs saying.
        held_at: since when it is held, UTC text; None if it is not.
        is_news: whether this sweep found it out; what an earlier sweep held is reported as long as it is held.
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

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look at it."""
        return self.outcome is Swept.HELD or self.code == UNREVIEWED


class Cleaned(StrEnum):
    """What `cleanup` or `restore` did with one thing.

    FINISHED: a post that another tool began to publish is complete now. REMOVED: it is in a file of archive/removed
    now, unless it was a row of the outbox. LEFT: it is undecidable, or it changed meanwhile. RESTORED: it is back.
    PRESENT: it existed already. REFUSED: it conflicts with what exists.
    """

    FINISHED = "finished"
    REMOVED = "removed"
    LEFT = "left"
    RESTORED = "restored"
    PRESENT = "present"
    REFUSED = "refused"


NEED_ATTENTION: Final = frozenset({Cleaned.LEFT, Cleaned.REFUSED})
"""Outcomes that a person should look at."""


class CleanedItem(NamedTuple):
    """One thing that `cleanup` or `restore` handled, and its outcome."""

    outcome: Cleaned
    kind: str
    """post, revision, term_link, credit, seo, lock, outbox or file."""
    key: str
    """Its ID, or what it consists of; of the outbox, how many rows."""
    slug: str | None = None
    """Of a post."""
    reason: str = ""


FINISHES: Final = {
    "revision": "published without a live revision: its newest revision is live now",
    "columns": "published without a live revision: one was made of its text",
}
"""How a post is made whole, by the name that the store gives it."""

EMPTY: Final = "published without a live revision, and it has no content"
INCOMPLETE: Final = "published without a live revision"
UNREADABLE: Final = "published without a live revision; its text is empty, and no revision of it can be read"
CHANGED: Final = "somebody changed it meanwhile: run again"
NOT_KEPT: Final = "it is gone by now, or holds bytes that a line of JSON cannot keep"
OF_NOTHING: Final = "its {} is gone"
ANNOUNCED: Final = "done more than 30 days ago"
LEFTOVER: Final = "a temporary file that nobody has finished"


class Health(StrEnum):
    """How a check of `doctor` ended. PROBLEM: something is wrong. WARNING: it works, but could be better."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """One check of `doctor` and how it ended; the hint says what to do."""

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
