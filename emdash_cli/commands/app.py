"""The command line: every command by its name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Final

import typer

from emdash_cli.commands.manual import Manual
from emdash_cli.commands.options import Root

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final = (
    "init",
    "enqueue",
    "publish-queue",
    "show",
    "requeue",
    "config",
    "schema",
    "edit",
    "diff",
    "schedule",
    "reschedule",
    "unschedule",
    "sweep",
    "users",
    "status",
)
"""In the order of ``emdash --help``; each is the function of that name in the module of that name."""

_WITH_VALUE: Final = ("--config", "--db")


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


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command line that these arguments need: their command alone if they name one, else all of them.

    Building a command costs a good part of an idle run, so that it is not done for those that are not run.
    """
    app = typer.Typer(
        name="emdash",
        cls=Manual,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(root)
    named = _command_in(arguments)
    for name in (named,) if named in COMMANDS else COMMANDS:
        module_name = name.replace("-", "_")
        module = import_module(f"emdash_cli.commands.{module_name}")
        command = getattr(module, module_name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _command_in(arguments: Sequence[str]) -> str | None:
    words = iter(arguments)
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None
