"""The command line: all commands, by name."""

from __future__ import annotations

import os
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, Annotated, Final

import typer

from emdash_cli import __version__
from emdash_cli.commands.invocation import Root
from emdash_cli.commands.manual import Manual
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer._click.core import Context  # Typer 0.28 has no public name for them
    from typer._click.formatting import HelpFormatter

COMMANDS: Final = {
    "init": "Create emdash.toml, the stream directories and the store.",
    "enqueue": "Add articles to the end of a queue.",
    "publish-queue": "Publish the files in the queues, in numerical order.",
    "import": "Import every article of a folder.",
    "export": "Write posts into a folder, as queue files or as Markdown.",
    "requeue": "Move corrected files from the archive back into the queue.",
    "show": "Show a post as its readers see it, or its draft.",
    "posts": "List posts, newest first.",
    "history": "Show a post's revisions, changes and source file.",
    "edit": "Edit a post: with options, from a file, or in your editor.",
    "revert": "Return a post to an older revision.",
    "rename": "Give a post another slug, at once.",
    "translations": "List a post's translations, and link or unlink them.",
    "diff": "Compare a post with what was scheduled or published.",
    "publish": "Publish drafts, scheduled posts or pending changes now.",
    "unpublish": "Take published posts down; each becomes a draft.",
    "trash": "Move posts to the trash.",
    "untrash": "Bring posts back from the trash.",
    "schedule": "Schedule drafts, or published posts' pending changes.",
    "unschedule": "Take posts off the schedule.",
    "reschedule": "Move scheduled posts to another time.",
    "slots": "Show which slots are free, and which are taken.",
    "calendar": "Show what goes live in the coming days, and what expires.",
    "sweep": "Publish what is due, and take down what has expired.",
    "distribute": "Announce what went live on the platforms.",
    "preview": "Show what each platform would get of a post or a file.",
    "announce": "Announce a public post, or announce it again.",
    "platforms": "List, check, pause and resume platforms.",
    "jobs": "List the jobs of the platforms, and decide about them.",
    "dead": "List dead jobs, and replay or discard them.",
    "webhooks": "Test the webhooks of emdash.toml.",
    "jsonld": "Print a post's structured data for search engines.",
    "indexnow": "Prove to search engines that the site is yours.",
    "worker": "Sweep, publish and announce until stopped.",
    "status": "Show what is waiting, due or held, and when jobs last ran.",
    "runs": "List the runs of commands, and show what one of them did.",
    "undo": "Take back what a run made live.",
    "metrics": "Print figures for monitoring.",
    "stats": "Show what was published, by month and stream.",
    "config": "Show every setting in force and where it comes from.",
    "users": "List the users and their roles, or change them.",
    "doctor": "Check settings, queues and store, and suggest fixes.",
    "cleanup": "Finish or remove what a crashed tool left incomplete.",
    "restore": "Restore what `emdash cleanup` removed.",
    "schema": "Print the JSON Schema of a queue file or of a report.",
}
"""The commands that ``emdash --help`` lists, in order: each name with the first paragraph of the command's own help.

A command is the function of that name in the module of that name, unless `_MODULES` names another module.
"""
SECTIONS: Final = {
    "init": "Articles",
    "show": "Posts",
    "publish": "Publishing",
    "schedule": "Schedule",
    "distribute": "Announcements",
    "worker": "Operation",
    "config": "Settings and store",
}
"""The headings in that list, each by the first command under it."""
_MODULES: Final = {
    **dict.fromkeys(("publish", "unpublish", "trash", "untrash"), "verbs"),
    "reschedule": "schedule",
    "unschedule": "schedule",
}

_WITH_VALUE: Final = ("--config", "--db")


class _Root(Manual):
    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 - Click hands it over
        """List the commands under their headings, in one column."""
        width = max(map(len, COMMANDS))
        under: dict[str, list[tuple[str, str]]] = {}
        for name, summary in COMMANDS.items():
            heading = SECTIONS.get(name) or next(reversed(under))
            under.setdefault(heading, []).append((name.ljust(width), summary))
        for heading, rows in under.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - what Typer hands to the callback of an option
    if wanted:
        output.data(f"emdash {__version__}")
        raise typer.Exit


def root(
    context: typer.Context,
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Settings file. [default: EMDASH_CONFIG, or ./emdash.toml]"),
    ] = None,
    db: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="sqlite:PATH or d1:ACCOUNT/DATABASE. [default: EMDASH_DATABASE, or emdash.toml]"
        ),
    ] = None,
    _version: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    r"""Publish articles from a directory of JSON files into an EmDash content database, exactly once.

    \b
    Getting started:
        emdash init --samples        create emdash.toml, the directories and a store
        emdash publish-queue         publish the articles in queue/
        emdash show SLUG             read a post
    """
    context.obj = Root(config, db)


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command line needed for these arguments: the command they name, or all commands if they name none.

    Building a command takes a good part of the time of an idle run, so only the command that runs is built. The list of
    all commands needs only their names and summaries.
    """
    app = typer.Typer(
        name="emdash",
        cls=_Root,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(root)
    named = command_in(arguments or _being_typed())
    if named in COMMANDS:
        _add(app, named)
    else:
        for name, summary in COMMANDS.items():
            app.command(name, help=summary)(_listed)
    return app


def _add(app: typer.Typer, name: str) -> None:
    function = name.replace("-", "_") + ("_" if iskeyword(name) else "")
    command = getattr(import_module(f"emdash_cli.commands.{_MODULES.get(function, function)}"), function)
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
    else:
        app.command(name)(command)


def _listed() -> None:
    """Stands in for a command when only its name and summary are needed."""


def _being_typed() -> list[str]:
    """The words that a shell wants completed, from whichever variable it passes them in; none outside of completion."""
    return (os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or "").split()[1:]


def command_in(arguments: Sequence[str]) -> str | None:
    """The command that these arguments name, or None."""
    words = iter(arguments)
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None
