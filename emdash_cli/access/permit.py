"""Whether whoever is at work may read, or do what a command does to many posts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.access.actor import actor_from, reads_for
from emdash_cli.domain.errors import DatabaseError
from emdash_cli.store.layout import missing_store_error

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Database
    from emdash_cli.domain.roles import Actor, Deed


def permit(database: Database, user: str | None, operator: str, deed: Deed) -> Actor:
    """Pass if they may; answers who they are. Without a user nothing is asked.

    Raises:
        NotAllowedError: there is no such user, they are disabled, or their role does not suffice.
        DatabaseError: the store is unreachable or failing, or has no users because it was not initialised.
    """
    try:
        answers = [database.query(read) for read in reads_for(user)]
    except DatabaseError as error:
        if "no such table" in error.message:
            raise missing_store_error() from error
        raise
    actor = actor_from(user, operator, answers, database)
    actor.require(deed)
    return actor
