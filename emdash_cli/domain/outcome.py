"""What became of a file of the queue."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


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
