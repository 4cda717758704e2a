"""The options that say which post is meant, and who is at work."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands.completion import complete_slugs


def operator() -> str:
    """The login of whoever runs this."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "unknown"


Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The slug of the post.", autocompletion=complete_slugs)]
Locale = Annotated[
    str | None, typer.Option("--locale", metavar="LOCALE", help="Which of the posts with that slug, for instance en.")
]
AsUser = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="USER",
        envvar="EMDASH_USER",
        show_envvar=False,
        help="Act as this user: e-mail address, name or id; else EMDASH_USER, else the local operator.",
    ),
]
When = Annotated[str, typer.Option("--at", metavar="WHEN", help="When: for instance 'tomorrow 09:00'.")]
