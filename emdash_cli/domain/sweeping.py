"""What a sweep may find, and how it is told."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


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
    "revision_unreadable": "the revision with its text is no JSON object",
    "store_refused": "the store refused to publish it",
}
"""Why a post is held, by the code that ``--json`` shows."""

UNREVIEWED: Final = "published_unreviewed"
REASONS: Final = HOLDS | {
    UNREVIEWED: "EmDash published it with a text that nobody reviewed: it was changed after it was scheduled",
    "published_elsewhere": "EmDash published it first, with the text that was reviewed",
    "unscheduled_elsewhere": "it was unscheduled elsewhere",
    "unlocked": "it was scheduled elsewhere, so nothing tells whether its text was reviewed",
}
"""Every reason that a sweep may give, by its code."""


class SweptPost(NamedTuple):
    """One post and what became of it.

    Attributes:
        slug: under which it is found now.
        published_at: UTC text; None if it is not live.
        code: of the reason; empty where nothing needs saying.
        held_at: since when it is held, UTC text; None if it is not.
        is_news: whether this sweep found it out; what an earlier one held is told again, as long as it is held.
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
