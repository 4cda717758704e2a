"""The audit table: who changed what, and when; its rows are also what claims a change.

A change is one batch whose first statement writes its audit row, under a condition. Every later statement is
driven by that row and by the version of the post that it names, so that a batch that is sent again, which
finds its row there and the version raised, changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIX: Final = 22
"""Characters of a ULID that the rows of one batch share; four digits follow."""

RECORD: Final = """
INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
VALUES (?1, ?2, ?3, ?4, NULL, NULL, NULL, ?5) ON CONFLICT DO NOTHING"""


class Claim(str):
    """What the ids of the audit rows of one batch begin with."""

    __slots__ = ()

    @classmethod
    def new(cls, new_id: Callable[[], str]) -> Claim:
        """A claim that no other batch has."""
        return cls(new_id()[:_PREFIX])

    @property
    def first(self) -> str:
        """The lowest id of a row of this claim, and the id of the only one."""
        return f"{self}0000"

    @property
    def last(self) -> str:
        """The highest id of a row of this claim."""
        return f"{self}9999"


def record(row_id: str, at: str, actor: str, action: str, detail: str) -> Statement:
    """A row about something else than a post."""
    return Statement(RECORD, (row_id, at, actor, action, detail))
