"""What is removed because it is old, without a question to anybody: nobody needs it again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.instants import utc_text
from emdash_cli.maintenance.sql import cleaning

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.store.session import Session

KEPT_FOR: Final = timedelta(days=30)
"""How long an outbox row is kept after it was processed."""


def keep_house(session: Session, stopped: Callable[[], bool]) -> None:
    """Remove what is old enough.

    Raises:
        DatabaseError: the store is unreachable or failing.
    """
    remove_announced(session, stopped)


def old_enough(session: Session) -> str:
    """What was done before this time (UTC text) is removed."""
    return utc_text(session.clock() - KEPT_FOR)


def remove_announced(session: Session, stopped: Callable[[], bool]) -> int:
    """Remove outbox rows that were processed long ago; answers how many."""
    before = old_enough(session)
    removed = 0
    while not stopped():
        ids = [str(row["id"]) for row in session.database.query(cleaning.find_announced(before))]
        if ids:
            session.database.batch([cleaning.remove_announced(before, ids)])
        removed += len(ids)
        if len(ids) < cleaning.ANNOUNCED_GROUP:
            break
    return removed
