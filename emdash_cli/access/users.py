"""Changes to the users of the embedded store; those of an EmDash site are read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.access.sql import UserChange, add_user, change_user
from emdash_cli.domain.errors import RefusedChangeError, UsageError
from emdash_cli.domain.roles import Person, Role
from emdash_cli.store.changes import Claim
from emdash_cli.store.users import all_users, find_user, named, person

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session


def everybody(session: Session) -> list[Person]:
    """All users, by e-mail address.

    Raises:
        NotAllowedError: the acting user does not exist or is disabled.
    """
    [rows] = session.open([all_users()])
    session.require("read")
    return [person(row) for row in rows]


def add(session: Session, email: str, name: str | None, role: Role, *, is_preview: bool) -> Person:
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
    found = _open(session, email)
    if found:
        raise RefusedChangeError(f"{email} is already a user", hint="see `emdash users list`", code="user_exists")
    added = Person(session.new_id(), email, name, role, disabled=False)
    row = (added.id, added.email, added.name, int(role))
    if is_preview:
        return added
    claim = Claim.new(session.new_id, session.actor)
    rows: list[Row] = session.database.batch(add_user(claim, session.now(), row))[-1]
    if not rows:
        raise RefusedChangeError(
            f"somebody else has just added {email}", hint="see `emdash users list`", code="user_exists"
        )
    return person(rows[0])


def set_role(session: Session, user: str, role: Role, *, is_preview: bool) -> tuple[Person, bool]:
    """Give a user another role.

    Returns:
        The user, and whether anything changed: nothing is written if they already have that role.

    Raises:
        RefusedChangeError: the users belong to an EmDash site.
        NotAllowedError: the user does not exist, or the acting user is not an admin.
    """
    found = _open(session, user)
    one = named(user, found, session.database)
    change = UserChange("user_role", "role", int(role))
    return _change(session, (one, one._replace(role=role)), change, is_preview=is_preview)


def set_disabled(session: Session, user: str, *, disabled: bool, is_preview: bool) -> tuple[Person, bool]:
    """Disable a user, or enable them again; returns and raises like `set_role`."""
    found = _open(session, user)
    one = named(user, found, session.database)
    change = UserChange("user_disabled" if disabled else "user_enabled", "disabled", int(disabled))
    return _change(session, (one, one._replace(disabled=disabled)), change, is_preview=is_preview)


def _open(session: Session, user: str) -> list[Person]:
    """The users with that e-mail address or id, for somebody who may change them."""
    [rows] = session.open([find_user(user)])
    session.require("manage users")
    if not session.layout.is_embedded:
        raise RefusedChangeError(
            "this database belongs to an EmDash site, which manages its own users",
            hint="invite, promote or disable users in the site's admin, under Users",
            code="users_of_site",
        )
    return [person(row) for row in rows]


def _change(
    session: Session, people: tuple[Person, Person], change: UserChange, *, is_preview: bool
) -> tuple[Person, bool]:
    before, wanted = people
    if is_preview:
        return wanted, wanted != before
    statements = change_user(Claim.new(session.new_id, session.actor), session.now(), wanted.id, change)
    rows: list[Row] = session.database.batch(statements)[-1]
    if not rows:
        raise RefusedChangeError(
            f"somebody else has just removed {wanted.email}", hint="see `emdash users list`", code="user_gone"
        )
    return person(rows[0]), bool(rows[0]["changed"])
