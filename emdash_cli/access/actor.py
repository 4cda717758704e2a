"""Who is at work: the user that ``--as`` or EMDASH_USER names, or the local operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.access.sql import all_users, find_user
from emdash_cli.domain.errors import NotAllowedError
from emdash_cli.domain.roles import Actor, Person, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emdash_cli.domain.ports import Database, Row, Statement


def person(row: Row) -> Person:
    """The person of a row of ``users``."""
    return Person(
        id=str(row["id"]),
        email=str(row["email"]),
        name=None if row["name"] is None else str(row["name"]),
        role=Role.of(int(row["role"] or 0)),
        disabled=bool(row["disabled"]),
    )


def reads_for(user: str | None) -> list[Statement]:
    """What to ask along with the first request; its answers go to `actor_from`."""
    return [find_user(user)] if user else []


def actor_from(user: str | None, operator: str, answers: Sequence[Sequence[Row]], database: Database) -> Actor:
    """Who is at work.

    Args:
        user: e-mail address, id or name; None for the operator.
        operator: login of the operator.
        answers: rows of `reads_for`.
        database: asked again for somebody who is known by name only.

    Raises:
        NotAllowedError: nobody is called so, or several are.
    """
    if not user:
        return Actor(f"operator:{operator}")
    found = named(user, [person(row) for row in answers[0]], database)
    return Actor(f"user:{found.email}", found)


def named(user: str, found: Sequence[Person], database: Database) -> Person:
    """The one person that is meant.

    Raises:
        NotAllowedError: nobody is called so, or several are.
    """
    if not found:
        everybody = [person(row) for row in database.query(all_users())]
        found = [one for one in everybody if one.name and one.name.casefold() == user.strip().casefold()]
        if not found:
            raise NotAllowedError(f"there is no user {user!r}", hint=_near(user, everybody), code="unknown_user")
    if len(found) > 1:
        emails = ", ".join(one.email for one in found)
        raise NotAllowedError(f"several users are called {user!r}", hint=f"name one of {emails}", code="unknown_user")
    return found[0]


def _near(user: str, everybody: Iterable[Person]) -> str:
    from difflib import get_close_matches

    # The part after the @ is the same for all, and would make everybody look alike.
    keys = {(name or "").casefold().partition("@")[0]: one.email for one in everybody for name in (one.name, one.email)}
    near = dict.fromkeys(keys[key] for key in get_close_matches(user.casefold().partition("@")[0], keys, n=3))
    return f"did you mean {' or '.join(near)}?" if near else "`emdash users list` names them all"
