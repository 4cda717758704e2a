"""The options that say which post is meant, and who is at work."""

from __future__ import annotations

from typing import Annotated

import typer


def complete_slugs(context: typer.Context, incomplete: str) -> list[str]:
    """Slugs that begin so; nothing where the store cannot be read."""
    from emdash_cli import wiring
    from emdash_cli.domain.errors import EmdashError
    from emdash_cli.store.scheduling import slugs_from

    params = context.find_root().params
    try:
        settings = wiring.settings(params.get("config"), params.get("db"))
        with wiring.open_database(settings) as database:
            return [str(row["slug"]) for row in database.query(slugs_from(settings.fields, incomplete))]
    except EmdashError:
        return []


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
