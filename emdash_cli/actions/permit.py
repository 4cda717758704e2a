"""Whether whoever is at work may do what a command does to many posts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.actions.actor import actor_from, reads_for

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Database
    from emdash_cli.domain.roles import Deed


def permit(database: Database, user: str | None, operator: str, deed: Deed) -> str:
    """Pass if they may; answers how the audit table names them. Without a user nothing is asked.

    Raises:
        NotAllowedError: there is no such user, they are disabled, or their role does not suffice.
    """
    answers = [database.query(read) for read in reads_for(user)]
    actor = actor_from(user, operator, answers, database)
    actor.require(deed)
    return actor.label
