"""The command line: every command by its name."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands.config import config
from emdash_cli.commands.init import init
from emdash_cli.commands.manual import Manual
from emdash_cli.commands.options import Root
from emdash_cli.commands.publish_queue import publish_queue
from emdash_cli.commands.schema import schema

app = typer.Typer(
    name="emdash",
    cls=Manual,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Settings file; else EMDASH_CONFIG, else ./emdash.toml."),
    ] = None,
    db: Annotated[
        str | None,
        typer.Option(metavar="URL", help="sqlite:PATH or d1:ACCOUNT/DATABASE; else EMDASH_DATABASE, else emdash.toml."),
    ] = None,
) -> None:
    r"""Publish articles from a directory of JSON files into an EmDash content database, exactly once.

    \b
    Start:
      emdash init --samples        make emdash.toml, the directories and a store
      emdash publish-queue         publish what is in queue/
      emdash show SLUG             read a post back
    """
    context.obj = Root(config, db)


app.command("init")(init)
app.command("publish-queue")(publish_queue)
app.command("config")(config)
app.command("schema")(schema)
