"""What `cleanup` and `restore` may find, and how it is told."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Cleaned(StrEnum):
    """What became of a thing.

    FINISHED: a post whose publication was begun elsewhere is now whole. REMOVED: it is in a file of
    archive/removed now. LEFT: it could not be decided, or it changed meanwhile. RESTORED: it is back.
    PRESENT: it was there already. REFUSED: it conflicts with what is there.
    """

    FINISHED = "finished"
    REMOVED = "removed"
    LEFT = "left"
    RESTORED = "restored"
    PRESENT = "present"
    REFUSED = "refused"


NEED_ATTENTION: Final = frozenset({Cleaned.LEFT, Cleaned.REFUSED})
"""What a person should look at."""


class CleanedItem(NamedTuple):
    """One thing and what became of it."""

    outcome: Cleaned
    kind: str
    """post, revision, term_link, credit, seo, lock or file."""
    key: str
    """Its id, or what it consists of."""
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
LEFTOVER: Final = "a temporary file that nobody has finished"
