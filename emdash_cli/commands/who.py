"""Options for the post and for the acting user."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import options
from emdash_cli.commands.completion import complete_schedulable, complete_scheduled, complete_slugs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emdash_cli.settings import Settings
    from emdash_cli.store.session import Session


@contextmanager
def reading(settings: Settings, user: str | None, *, quiet: bool = False) -> Iterator[Session]:
    """A session as of `options.open_session`, for a user who may read or for the operator.

    Raises:
        NotAllowedError: the user does not exist or is disabled.
    """
    with options.open_session(settings, user, quiet=quiet) as session:
        session.require("read")
        yield session


def _named(user: str | None) -> str | None:
    """Refuse a blank name: it comes from an unset variable and must not grant the operator's rights."""
    if user is not None and not user.strip():
        from emdash_cli.domain.errors import UsageError

        raise UsageError(
            "--as or EMDASH_USER is blank", hint="name a user, or set neither to act as the local operator"
        )
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
WhenIfGiven = Annotated[str | None, typer.Option("--at", metavar="WHEN", help="Time, for example 'tomorrow 09:00'.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the audit table and shown by `emdash history`.")
]
Force = Annotated[
    bool,
    typer.Option("--force", help="Override a schedule that locks the text, or holds the post. Only for admins."),
]
