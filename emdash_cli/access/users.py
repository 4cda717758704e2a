"""The users of the embedded store; those of an EmDash site are read, never written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.access.actor import actor_from, named, person, reads_for
from emdash_cli.access.sql import add_user, all_users, change_user, find_user
from emdash_cli.domain.errors import RefusedChangeError, UsageError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.roles import Deed, Person, Role
from emdash_cli.store.audit import Claim
from emdash_cli.store.session import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Clock, Database, Row


class Desk(NamedTuple):
    """Who works on which store.

    Attributes:
        user: who is at work, by e-mail address, id or name; None for the operator.
        operator: login of the operator.
        is_preview: change nothing.
    """

    database: Database
    names: FieldNames
    clock: Clock
    new_id: Callable[[], str]
    user: str | None
    operator: str
    is_preview: bool = False


def everybody(desk: Desk) -> list[Person]:
    """All users, by e-mail address.

    Raises:
        NotAllowedError: there is no such user to ask for it, or they are disabled.
    """
    _, (rows, *users) = open_store(desk.database, desk.names, [all_users(), *reads_for(desk.user)])
    actor_from(desk.user, desk.operator, users, desk.database).require(Deed.READ)
    return [person(row) for row in rows]


def add(desk: Desk, email: str, name: str | None, role: Role) -> Person:
    """A new user.

    Raises:
        UsageError: that is no e-mail address.
        RefusedChangeError: the address has a user, or the users are an EmDash site's.
        NotAllowedError: not for those who are no admins.
    """
    email = email.strip().lower()
    before, _, after = email.partition("@")
    # Among what cannot be printed are the characters that steer a terminal, and those that cannot be seen.
    if not (before and after) or any(char.isspace() or not char.isprintable() for char in email):
        raise UsageError(f"{email!r} is not an e-mail address", hint="write it as ada@example.com")
    actor, found = _open(desk, email)
    if found:
        raise RefusedChangeError(f"{email} is a user already", hint="see `emdash users list`", code="user_exists")
    added = Person(desk.new_id(), email, name, role, disabled=False)
    row = (added.id, added.email, added.name, int(role))
    if desk.is_preview:
        return added
    rows: list[Row] = desk.database.batch(add_user(Claim.new(desk.new_id), utc_text(desk.clock()), actor, row))[-1]
    if not rows:
        raise RefusedChangeError(
            f"{email} was added by somebody else just now", hint="see `emdash users list`", code="user_exists"
        )
    return person(rows[0])


def set_role(desk: Desk, user: str, role: Role) -> tuple[Person, bool]:
    """Give a user another role.

    Returns:
        The user, and whether anything changed: who has the role already is left alone, and nothing is written.

    Raises:
        RefusedChangeError: the users are an EmDash site's.
        NotAllowedError: there is no such user, or not for those who are no admins.
    """
    actor, found = _open(desk, user)
    one = named(user, found, desk.database)
    return _change(desk, actor, (one, one._replace(role=role)), ("user_role", "role", int(role)))


def set_disabled(desk: Desk, user: str, *, disabled: bool) -> tuple[Person, bool]:
    """Forbid a user everything, or allow it again; answers and raises as `set_role`."""
    actor, found = _open(desk, user)
    one = named(user, found, desk.database)
    action = "user_disabled" if disabled else "user_enabled"
    return _change(desk, actor, (one, one._replace(disabled=disabled)), (action, "disabled", int(disabled)))


def _open(desk: Desk, user: str) -> tuple[str, list[Person]]:
    layout, (rows, *users) = open_store(desk.database, desk.names, [find_user(user), *reads_for(desk.user)])
    actor = actor_from(desk.user, desk.operator, users, desk.database)
    actor.require(Deed.MANAGE_USERS)
    if not layout.is_embedded:
        raise RefusedChangeError(
            "this is the database of an EmDash site, whose users are its own",
            hint="invite, promote or disable them in its admin, under Users",
            code="users_of_site",
        )
    return actor.label, [person(row) for row in rows]


def _change(desk: Desk, actor: str, people: tuple[Person, Person], change: tuple[str, str, int]) -> tuple[Person, bool]:
    before, wanted = people
    if desk.is_preview:
        return wanted, wanted != before
    statements = change_user(Claim.new(desk.new_id), utc_text(desk.clock()), actor, wanted.id, change)
    rows: list[Row] = desk.database.batch(statements)[-1]
    if not rows:
        raise RefusedChangeError(
            f"{wanted.email} was removed by somebody else just now", hint="see `emdash users list`", code="user_gone"
        )
    return person(rows[0]), bool(rows[0]["changed"])
