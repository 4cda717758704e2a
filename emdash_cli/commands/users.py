"""``emdash users``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from emdash_cli.commands import invocation, options, who
from emdash_cli.commands.manual import Manual

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.access.users import UserSession
    from emdash_cli.domain.roles import Person

_T = TypeVar("_T")
_UNCHANGED = "unchanged"

users = typer.Typer(cls=Manual, no_args_is_help=True, rich_markup_mode=None)


class RoleName(StrEnum):
    """EmDash's roles, by name."""

    SUBSCRIBER = "subscriber"
    CONTRIBUTOR = "contributor"
    AUTHOR = "author"
    EDITOR = "editor"
    ADMIN = "admin"


User = Annotated[str, typer.Argument(metavar="USER", help="E-mail address, name or id.")]


@users.callback()
def about() -> None:
    r"""List the users and their roles, or change them.

    Users of an EmDash site are read-only here: change them in the site's admin.

    \b
    subscriber    can read
    contributor   can create posts
    author        can edit their own posts
    editor        can edit any post, and schedule, reschedule and unschedule
    admin         can also manage users

    Without --as and EMDASH_USER, you act as the local operator, who may do everything.
    """


@users.command("list")
def show_all(
    context: typer.Context,
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""List the users: e-mail address, role, name, and whether they are disabled.

    \b
    Examples:
      emdash users list
      emdash users list --json      [{"id", "email", "name", "role", "disabled"}]
    """
    from emdash_cli.access.users import everybody
    from emdash_cli.views import output
    from emdash_cli.views.output import harmless

    people = _with_session(context, everybody, user)
    if as_json:
        output.json_document([_document(one) for one in people])
        return
    rows = [
        (harmless(one.email), one.role.title, harmless(one.name or ""), "disabled" if one.disabled else "")
        for one in people
    ]
    output.table(("E-mail", "Role", "Name", ""), rows)


@users.command("add")
def add_user(
    context: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL")],
    name: Annotated[str | None, typer.Option(help="Display name.")] = None,
    role: Annotated[RoleName, typer.Option(help="Role of the new user.")] = RoleName.CONTRIBUTOR,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Add a user to the embedded store.

    \b
    Examples:
      emdash users add ada@example.com --name 'Ada Lovelace' --role editor
    """
    from emdash_cli.access.users import add
    from emdash_cli.domain.roles import Role

    done = _with_session(context, lambda session: add(session, email, name, Role[role.name]), user, is_preview=dry_run)
    _show("added", done, dry_run=dry_run, as_json=as_json)


@users.command("role")
def change_role(
    context: typer.Context,
    person: User,
    role: Annotated[RoleName, typer.Argument(help="The new role.")],
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Change a user's role.

    Nothing is written if the user has that role already.

    \b
    Examples:
      emdash users role ada@example.com admin
    """
    from emdash_cli.access.users import set_role
    from emdash_cli.domain.roles import Role

    one, is_new = _with_session(
        context, lambda session: set_role(session, person, Role[role.name]), user, is_preview=dry_run
    )
    _show("changed" if is_new else _UNCHANGED, one, dry_run=dry_run, as_json=as_json)


@users.command("disable")
def disable(
    context: typer.Context,
    person: User,
    undo: Annotated[bool, typer.Option("--undo", help="Enable the user again.")] = False,  # noqa: FBT002
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Disable a user, or enable them again. Their posts stay.

    Nothing is written if the user is already disabled or, with --undo, enabled.

    \b
    Examples:
      emdash users disable ada@example.com
      emdash users disable ada@example.com --undo
    """
    from emdash_cli.access.users import set_disabled

    one, is_new = _with_session(
        context, lambda session: set_disabled(session, person, disabled=not undo), user, is_preview=dry_run
    )
    done = "enabled" if undo else "disabled"
    _show(done if is_new else _UNCHANGED, one, dry_run=dry_run, as_json=as_json)


def _with_session(
    context: typer.Context, work: Callable[[UserSession], _T], user: str | None = None, *, is_preview: bool = False
) -> _T:
    from emdash_cli import wiring
    from emdash_cli.access.users import UserSession

    settings = options.root(context).settings()
    with options.open_store(settings) as database:
        return work(
            UserSession(
                database, settings.fields, wiring.now, wiring.id_source(), user, invocation.operator(), is_preview
            )
        )


def _document(one: Person) -> dict[str, str | bool | None]:
    return {"id": one.id, "email": one.email, "name": one.name, "role": one.role.title, "disabled": one.disabled}


def _show(what: str, one: Person, *, dry_run: bool, as_json: bool) -> None:
    from emdash_cli.views import output

    if as_json:
        output.json_document({"outcome": what, **_document(one), "dry_run": dry_run})
        return
    output.data("\t".join([f"{'would be ' if dry_run else ''}{what}", one.email, one.role.title]))
    if what == _UNCHANGED:
        state = "disabled" if one.disabled else "not disabled"
        output.note(f"nothing changed: {one.email} already has the role {one.role.title} and is {state}")
