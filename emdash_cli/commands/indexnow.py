"""``emdash indexnow``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import Annotated

import typer

from emdash_cli.commands import completion, options
from emdash_cli.commands.manual import Manual

indexnow = typer.Typer(cls=Manual, no_args_is_help=True, rich_markup_mode=None)


@indexnow.callback()
def about() -> None:
    """Prove to search engines that the site is yours."""


@indexnow.command("key")
def show_key(
    context: typer.Context,
    platform: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The platform whose key it is, if there are several.",
            autocompletion=completion.complete_platforms,
        ),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the key file into DIR, for example the site's public/.")
    ] = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Print or make the key, and write the file that shows it.

    Search engines believe what a site reports if the site shows the key: as plain text at https://YOUR-SITE/KEY.txt,
    or at `key_location`. The key is not a secret.

    If emdash.toml has no platform of the kind indexnow, a new key is made. Put it into emdash.toml.

    \b
    Examples:
      emdash indexnow key
      emdash indexnow key --write ../site/public

    \b
    Output, tab-separated: the key, its address, and the file if there is one.

    Exit codes: 0 success; 2 no such platform, or DIR cannot be written or has another file of that name.
    """
    from emdash_cli.platforms.indexnow import key_of
    from emdash_cli.views.indexnow import show

    found = key_of(options.root(context).settings(), platform)
    show(found, write.expanduser() if write else None, is_preview=dry_run, as_json=as_json)
