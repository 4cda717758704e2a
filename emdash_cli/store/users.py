"""The users of the store, as read: EmDash's own table, and how a user is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import NotAllowedError
from emdash_cli.domain.ports import Row, Statement
from emdash_cli.domain.roles import Person, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emdash_cli.domain.ports import Database

USER_COLUMNS: Final = "u.id, u.email, u.name, u.role, u.disabled"
"""SQL: the columns that `person` reads."""


def find_user(named: str) -> Statement:
    """The user with that e-mail address or id."""
    return Statement(
        f"SELECT {USER_COLUMNS} FROM users AS u WHERE u.email = lower(?1) OR u.email = ?1 OR u.id = ?1", (named,)
    )


def all_users() -> Statement:
    """All users, ordered by e-mail address."""
    return Statement(f"SELECT {USER_COLUMNS} FROM users AS u ORDER BY u.email LIMIT 5000")


def person(row: Row) -> Person:
    """The person in a row of ``users``."""
    return Person(
        id=str(row["id"]),
        email=str(row["email"]),
        name=None if row["name"] is None else str(row["name"]),
        role=Role.of(int(row["role"] or 0)),
        disabled=bool(row["disabled"]),
    )


def named(user: str, found: Sequence[Person], database: Database) -> Person:
    """The person with that e-mail address, id or name.

    Raises:
        NotAllowedError: there is no such user, or there are several.
    """
    if not found:
        everybody = [person(row) for row in database.query(all_users())]
        found = [one for one in everybody if one.name and one.name.casefold() == user.strip().casefold()]
        if not found:
            raise NotAllowedError(f"there is no user {user!r}", hint=_near(user, everybody), code="unknown_user")
    if len(found) > 1:
        emails = ", ".join(one.email for one in found)
        raise NotAllowedError(
            f"several users have the name {user!r}", hint=f"choose one of {emails}", code="unknown_user"
        )
    return found[0]


def _near(user: str, everybody: Iterable[Person]) -> str:
    from difflib import get_close_matches

    # The part after the @ is often the same for all users, and would make all addresses similar.
    keys = {(name or "").casefold().partition("@")[0]: one.email for one in everybody for name in (one.name, one.email)}
    near = dict.fromkeys(keys[key] for key in get_close_matches(user.casefold().partition("@")[0], keys, n=3))
    return f"did you mean {' or '.join(near)}?" if near else "`emdash users list` lists all users"
