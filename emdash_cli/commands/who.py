"""Options for the post and for the acting user."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import invocation, options
from emdash_cli.commands.completion import complete_schedulable, complete_scheduled, complete_slugs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emdash_cli.domain.ports import Database
    from emdash_cli.settings import Settings


@contextmanager
def reading(settings: Settings, user: str | None, *, quiet: bool = False) -> Iterator[Database]:
    """The store as opened by `options.open_store`, for the operator or for a user who may read it.

    Raises:
        NotAllowedError: the user does not exist or is disabled.
    """
    with options.open_store(settings, quiet=quiet) as database:
        invocation.permit(database, user, "read")
        yield database


def _named(user: str | None) -> str | None:
    """Refuse a blank name: it comes from an unset variable and must not grant the operator's rights."""
    if user is not None and not user.strip():
        from emdash_cli.domain.errors import UsageError

        raise UsageError("--as or EMDASH_USER is blank", hint="name a user, or omit it to act as the local operator")
    return user


Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The slug of the post.", autocompletion=complete_slugs)]
SchedulableSlug = Annotated[
    str, typer.Argument(metavar="SLUG", help="The slug of the post.", autocompletion=complete_schedulable)
]
ScheduledSlug = Annotated[
    str, typer.Argument(metavar="SLUG", help="The slug of the post.", autocompletion=complete_scheduled)
]
Locale = Annotated[
    str | None,
    typer.Option("--locale", metavar="LOCALE", help="Locale of the post, such as en, if several posts share the slug."),
]
AsUser = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="USER",
        envvar="EMDASH_USER",
        show_envvar=False,
        callback=_named,
        help="Act as this user (e-mail address, name or id). [default: EMDASH_USER, or the local operator]",
    ),
]
When = Annotated[str, typer.Option("--at", metavar="WHEN", help="Time, for example 'tomorrow 09:00'.")]
