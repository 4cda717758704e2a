"""``emdash users``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import options, who
from emdash_cli.commands.manual import Manual

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from emdash_cli.store.session import Session

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
    editor        can edit, schedule, publish and take down any post; undo runs
    admin         can also override a schedule, clean up and manage users

    Without --as and EMDASH_USER, you act as the local operator, who may do everything.
    """


@users.command("list")
def show_all(
    context: typer.Context,
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""List the users and their roles.

    For each: e-mail address, role, name, and whether the user is disabled.

    \b
    Examples:
      emdash users list
      emdash users list --json | jq '.[] | select(.disabled)'
    """
    from emdash_cli.access.users import everybody
    from emdash_cli.views.installation import show_users

    with _session(context, user) as session:
        people = everybody(session)
    show_users(people, as_json=as_json)


@users.command("add")
def add_user(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Display name.")] = None,
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
    from emdash_cli.views.installation import show_user_change

    with _session(context, user) as session:
        done = add(session, email, name, Role[role.name], is_preview=dry_run)
    show_user_change("added", done, as_json=as_json, dry_run=dry_run)


@users.command("role")
def change_role(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    person: User,
    role: Annotated[RoleName, typer.Argument(metavar="ROLE", help="subscriber, contributor, author, editor or admin.")],
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
    from emdash_cli.views.installation import UNCHANGED, show_user_change

    with _session(context, user) as session:
        one, is_new = set_role(session, person, Role[role.name], is_preview=dry_run)
    show_user_change("changed" if is_new else UNCHANGED, one, as_json=as_json, dry_run=dry_run)


@users.command("disable")
def disable(  # noqa: PLR0913 - an option is an argument
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
    from emdash_cli.views.installation import UNCHANGED, show_user_change

    with _session(context, user) as session:
        one, is_new = set_disabled(session, person, disabled=not undo, is_preview=dry_run)
    done = "enabled" if undo else "disabled"
    show_user_change(done if is_new else UNCHANGED, one, as_json=as_json, dry_run=dry_run)


def _session(context: typer.Context, user: str | None) -> AbstractContextManager[Session]:
    return options.open_session(options.root(context).settings(), user)
