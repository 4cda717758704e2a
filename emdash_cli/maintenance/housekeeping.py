"""What is removed because it is old, without a question to anybody: nobody needs it again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.instants import utc_text
from emdash_cli.maintenance.sql import cleaning, purging

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.store.session import Session

KEPT_FOR: Final = timedelta(days=30)
"""How long an outbox row is kept after it was processed, and a job after it was done."""


def keep_house(session: Session, stopped: Callable[[], bool]) -> None:
    """Remove what is old enough.

    Raises:
        DatabaseError: the store is unreachable or failing.
    """
    remove_announced(session, stopped)
    purge_jobs(session, old_enough(session), stopped)


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


class Purgeable(NamedTuple):
    """The jobs that were done before that time (UTC text), and are not purged."""

    jobs: int
    before: str


def purgeable(session: Session, days: int) -> Purgeable:
    """What somebody who wants to purge jobs older than that would purge.

    Raises:
        NotAllowedError: whoever acts may not.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    session.open([])
    session.require("clean up")
    before = utc_text(session.clock() - timedelta(days=days))
    return Purgeable(count_jobs(session, before), before)


def count_jobs(session: Session, before: str) -> int:
    """How many jobs `purge_jobs` would purge."""
    return int(session.database.query(purging.count_done(before))[0]["jobs"] or 0)


def purge_jobs(session: Session, before: str, stopped: Callable[[], bool]) -> int:
    """Purge the jobs that were done before that time (UTC text); answers how many.

    Jobs in any other state stay, and so does the proof that a post was announced.

    Raises:
        DatabaseError: the store is unreachable or failing.
    """
    purged = 0
    while not stopped():
        jobs = [int(row["id"] or 0) for row in session.database.query(purging.find_done(before))]
        if jobs:
            session.database.batch(purging.purge(before, jobs, session.now()))
        purged += len(jobs)
        if len(jobs) < purging.GROUP:
            break
    return purged
