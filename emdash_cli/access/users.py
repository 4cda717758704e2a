"""The users of the store: who acts, what their role allows, and changes to them.

The acting user is the one that ``--as`` or EMDASH_USER names, or else the local operator. The users of an EmDash site
are read-only; those of the embedded store can be changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.access.sql import add_user, all_users, change_user, find_user
from emdash_cli.domain.errors import DatabaseError, NotAllowedError, RefusedChangeError, UsageError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.roles import Actor, Permission, Person, Role
from emdash_cli.store.audit import Claim
from emdash_cli.store.layout import missing_store_error
from emdash_cli.store.session import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Clock, Database, Row, Statement


def person(row: Row) -> Person:
    """The person in a row of ``users``."""
    return Person(
        id=str(row["id"]),
        email=str(row["email"]),
        name=None if row["name"] is None else str(row["name"]),
        role=Role.of(int(row["role"] or 0)),
        disabled=bool(row["disabled"]),
    )


def reads_for(user: str | None) -> list[Statement]:
    """Statements to send with the first request; their rows go to `actor_from`."""
    return [find_user(user)] if user else []


def actor_from(user: str | None, operator: str, answers: Sequence[Sequence[Row]], database: Database) -> Actor:
    """The user or operator who acts.

    Args:
        user: e-mail address, id or name; None for the operator.
        operator: login of the operator.
        answers: rows of `reads_for`.
        database: queried again if the user was given by name.

    Raises:
        NotAllowedError: there is no such user, or there are several.
    """
    if not user:
        return Actor(f"operator:{operator}")
    found = named(user, [person(row) for row in answers[0]], database)
    return Actor(f"user:{found.email}", found)


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
            f"several users have the name {user!r}", hint=f"name one of {emails}", code="unknown_user"
        )
    return found[0]


def _near(user: str, everybody: Iterable[Person]) -> str:
    from difflib import get_close_matches

    # The part after the @ is often the same for all users, and would make all addresses similar.
    keys = {(name or "").casefold().partition("@")[0]: one.email for one in everybody for name in (one.name, one.email)}
    near = dict.fromkeys(keys[key] for key in get_close_matches(user.casefold().partition("@")[0], keys, n=3))
    return f"did you mean {' or '.join(near)}?" if near else "`emdash users list` lists all users"


def permit(database: Database, user: str | None, operator: str, permission: Permission) -> Actor:
    """The actor, if their role has the permission. Without a user, the database is not queried.

    Raises:
        NotAllowedError: there is no such user, they are disabled, or their role does not suffice.
        DatabaseError: the store is unreachable, failing or not initialised.
    """
    try:
        answers = [database.query(read) for read in reads_for(user)]
    except DatabaseError as error:
        if "no such table" in error.message:
            raise missing_store_error() from error
        raise
    actor = actor_from(user, operator, answers, database)
    actor.require(permission)
    return actor


class UserSession(NamedTuple):
    """The store, and the person who reads or changes its users.

    Attributes:
        user: who acts, by e-mail address, id or name; None for the operator.
        operator: login name of the operator.
        is_preview: report the change without making it.
    """

    database: Database
    names: FieldNames
    clock: Clock
    new_id: Callable[[], str]
    user: str | None
    operator: str
    is_preview: bool = False


def everybody(session: UserSession) -> list[Person]:
    """All users, by e-mail address.

    Raises:
        NotAllowedError: the acting user does not exist or is disabled.
    """
    _, (rows, *users) = open_store(session.database, session.names, [all_users(), *reads_for(session.user)])
    actor_from(session.user, session.operator, users, session.database).require(Permission.READ)
    return [person(row) for row in rows]


def add(session: UserSession, email: str, name: str | None, role: Role) -> Person:
    """Add a user.

    Raises:
        UsageError: the text is not an e-mail address.
        RefusedChangeError: a user has that address, or the users belong to an EmDash site.
        NotAllowedError: the acting user is not an admin.
    """
    email = email.strip().lower()
    before, _, after = email.partition("@")
    # Unprintable characters include invisible ones, and those that control a terminal.
    if not (before and after) or any(char.isspace() or not char.isprintable() for char in email):
        raise UsageError(f"{email!r} is not an e-mail address", hint="write it as ada@example.com")
    actor, found = _open(session, email)
    if found:
        raise RefusedChangeError(f"{email} is already a user", hint="see `emdash users list`", code="user_exists")
    added = Person(session.new_id(), email, name, role, disabled=False)
    row = (added.id, added.email, added.name, int(role))
    if session.is_preview:
        return added
    rows: list[Row] = session.database.batch(
        add_user(Claim.new(session.new_id), utc_text(session.clock()), actor, row)
    )[-1]
    if not rows:
        raise RefusedChangeError(
            f"somebody else has just added {email}", hint="see `emdash users list`", code="user_exists"
        )
    return person(rows[0])


def set_role(session: UserSession, user: str, role: Role) -> tuple[Person, bool]:
    """Give a user another role.

    Returns:
        The user, and whether anything changed: nothing is written if they already have that role.

    Raises:
        RefusedChangeError: the users belong to an EmDash site.
        NotAllowedError: the user does not exist, or the acting user is not an admin.
    """
    actor, found = _open(session, user)
    one = named(user, found, session.database)
    return _change(session, actor, (one, one._replace(role=role)), ("user_role", "role", int(role)))


def set_disabled(session: UserSession, user: str, *, disabled: bool) -> tuple[Person, bool]:
    """Disable a user, or enable them again; returns and raises like `set_role`."""
    actor, found = _open(session, user)
    one = named(user, found, session.database)
    action = "user_disabled" if disabled else "user_enabled"
    return _change(session, actor, (one, one._replace(disabled=disabled)), (action, "disabled", int(disabled)))


def _open(session: UserSession, user: str) -> tuple[str, list[Person]]:
    layout, (rows, *users) = open_store(session.database, session.names, [find_user(user), *reads_for(session.user)])
    actor = actor_from(session.user, session.operator, users, session.database)
    actor.require(Permission.MANAGE_USERS)
    if not layout.is_embedded:
        raise RefusedChangeError(
            "this database belongs to an EmDash site, which manages its own users",
            hint="invite, promote or disable users in the site's admin, under Users",
            code="users_of_site",
        )
    return actor.label, [person(row) for row in rows]


def _change(
    session: UserSession, actor: str, people: tuple[Person, Person], change: tuple[str, str, int]
) -> tuple[Person, bool]:
    before, wanted = people
    if session.is_preview:
        return wanted, wanted != before
    statements = change_user(Claim.new(session.new_id), utc_text(session.clock()), actor, wanted.id, change)
    rows: list[Row] = session.database.batch(statements)[-1]
    if not rows:
        raise RefusedChangeError(
            f"somebody else has just removed {wanted.email}", hint="see `emdash users list`", code="user_gone"
        )
    return person(rows[0]), bool(rows[0]["changed"])
