"""The commands that cron runs every minute, `publish-queue` and `sweep`, and a fast reader of their command lines.

Nothing here needs Typer, whose import alone takes longer than a run that finds nothing to do. This module reads a
command line that consists of one of these two commands and options without values; Typer reads every other one,
including help and mistakes. See docs/decisions/start-up.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from emdash_cli.commands.invocation import Root, stoppable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emdash_cli.commands.invocation import Stop

FLAGS: Final = frozenset({"--dry-run", "--json", "--quiet", "-q"})
"""The options read here: those that both commands have and that take no value."""

_OWN_VARIABLES: Final = ("EMDASH_USER", "_EMDASH_COMPLETE")
"""Variables that Typer reads: the value of ``--as``, and those that a shell sets when it completes a line."""

EVERY_S: Final = 60
"""Seconds from the end of one sweep to the start of the next with ``--watch``."""


class Line(NamedTuple):
    """A parsed command line: the root options, the command and its options."""

    root: Root
    command: str
    dry_run: bool
    as_json: bool
    quiet: bool

    def run(self) -> int:
        """Run the command and return its exit code."""
        return _COMMANDS[self.command](self.root, dry_run=self.dry_run, as_json=self.as_json, quiet=self.quiet)


def read(words: Sequence[str], environment: Mapping[str, str]) -> Line | None:
    """The command line in these words, or None if Typer has to read it."""
    if any(name in environment for name in _OWN_VARIABLES):
        return None
    rest = list(words)
    values: dict[str, str] = {}
    while len(rest) > 2 and rest[0] in ("--config", "--db") and not rest[1].startswith("-"):  # noqa: PLR2004
        values[rest[0]] = rest[1]
        del rest[:2]
    command, flags = rest[0] if rest else "", set(rest[1:])
    if command not in _COMMANDS or not flags <= FLAGS:
        return None
    root = Root(values.get("--config"), values.get("--db"))
    return Line(root, command, "--dry-run" in flags, "--json" in flags, not flags.isdisjoint({"--quiet", "-q"}))


def publish_queue(  # noqa: PLR0913 - an option is an argument
    root: Root,
    *,
    stream: str | None = None,
    limit: int | None = None,
    wait: float = 0,
    strict: bool = False,
    dry_run: bool = False,
    as_json: bool = False,
    quiet: bool = False,
    user: str | None = None,
) -> int:
    """Publish the queues, report, and return the exit code. The command's help describes the options."""
    from emdash_cli import wiring
    from emdash_cli.inbox import files
    from emdash_cli.publishing.queues import Publication, publish_queues
    from emdash_cli.views.output import progress
    from emdash_cli.views.publish_report import reporter

    settings = root.settings()
    streams = (settings.stream(stream),) if stream else settings.streams
    report = reporter(as_json=as_json, quiet=quiet, dry_run=dry_run)
    waits = (lambda _: None) if quiet else report.add_notice
    with (
        stoppable() as stop,
        report,
        wiring.open_session(settings, user, notice=waits) as session,
        progress("publishing", lambda: sum(files.count(stream.queue) for stream in streams)) as advance,
    ):
        report.follow(session)
        render = wiring.rendering(settings) if dry_run else None
        for event in publish_queues(session, Publication(streams, limit, wait, dry_run, stop, strict, render)):
            report.add(event)
            advance()
    return stop.exit_code or report.exit_code()


def sweep(  # noqa: PLR0913 - an option is an argument
    root: Root,
    *,
    limit: int | None = None,
    watch: bool = False,
    every: float = EVERY_S,
    dry_run: bool = False,
    as_json: bool = False,
    quiet: bool = False,
    user: str | None = None,
) -> int:
    """Sweep once, or until stopped with ``watch``, and return the exit code. See the command for its options."""
    from emdash_cli import wiring
    from emdash_cli.scheduling.sweep import SweepOptions
    from emdash_cli.scheduling.sweep import sweep as sweep_once
    from emdash_cli.views.sweep_report import reporter

    settings = root.settings()

    def once(stop: Stop, *, only_news: bool = False) -> int:
        report = reporter(as_json=as_json, quiet=quiet, dry_run=dry_run, only_news=only_news)
        waits = (lambda _: None) if quiet else report.add_notice
        with report, wiring.open_session(settings, user, notice=waits) as session:
            report.follow(session)
            for event in sweep_once(session, SweepOptions(limit, dry_run, stop)):
                report.add(event)
        return report.exit_code()

    with stoppable() as stop:
        code = once(stop)
        if watch:
            import time

            from emdash_cli.scheduling.sweep import repeat

            repeat(lambda: once(stop, only_news=True), every, stop, time.sleep)
    return stop.exit_code or code


def distribute(  # noqa: PLR0913 - an option is an argument
    root: Root,
    *,
    platform: str | None = None,
    limit: int | None = None,
    wait: bool = False,
    dry_run: bool = False,
    as_json: bool = False,
    quiet: bool = False,
    user: str | None = None,
) -> int:
    """Send what is due to the platforms, report, and return the exit code. See the command for its options."""
    from emdash_cli import wiring
    from emdash_cli.distribution.distribute import Distribution
    from emdash_cli.distribution.distribute import distribute as send
    from emdash_cli.views.distribution_report import reporter

    settings = root.settings()
    platforms = (settings.platform(platform),) if platform else settings.platforms
    report = reporter(as_json=as_json, quiet=quiet, dry_run=dry_run)
    waits = (lambda _: None) if quiet else report.add_notice
    with (
        stoppable() as stop,
        report,
        wiring.open_session(settings, user, notice=waits) as session,
        wiring.connecting(settings) as connect,
    ):
        report.follow(session)
        send(
            session,
            Distribution(
                platforms, connect, wiring.worker(), limit, wait, dry_run, stop, alarms=wiring.AlarmSender(settings)
            ),
            report,
        )
    return stop.exit_code or report.exit_code()


class _Command(Protocol):
    def __call__(self, root: Root, /, *, dry_run: bool, as_json: bool, quiet: bool) -> int: ...


_COMMANDS: Final[dict[str, _Command]] = {"publish-queue": publish_queue, "sweep": sweep, "distribute": distribute}
