"""``emdash worker``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def worker(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    poll: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="Seconds between polls.")] = 5,
    concurrency: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="Simultaneous requests to platforms, at most.")
    ] = 32,
    platform: Annotated[
        list[str] | None,
        typer.Option(
            "--platform",
            "--lanes",
            metavar="NAME",
            help="Announce only there. May be repeated, or name several, as in x,linkedin. [default: all]",
        ),
    ] = None,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Sweep, publish and announce until stopped.

    One process replaces the lines in a crontab: it does what `emdash sweep`, `emdash publish-queue` and `emdash
    distribute` do, and purges what is old enough. Each poll looks for due posts and announcements. A queue is published
    as soon as a file arrives in it, otherwise once a minute.

    Any number of workers may run on one store, on any number of machines, and alongside cron. If a worker is killed,
    another one takes over its work.

    SIGTERM and SIGINT end it after the posts and requests in flight. If the store is away, it says so once and waits. A
    stream or a platform that fails does not delay the others; its error is printed once, and again if it recurs. A
    changed emdash.toml is read at the next start.

    \b
    Examples:
      emdash worker
      emdash worker --lanes x,linkedin --concurrency 4
      emdash worker --poll 30 --json

    --json prints a WorkerEvent per line; see `emdash schema worker`. --quiet prints only what needs attention.

    Exit codes: 2 invalid option, no such platform, or a store of another version; 4 not allowed; 6 there is no store
    at the start; 130 or 143 stopped by SIGINT or SIGTERM.
    """
    from emdash_cli import wiring
    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.domain.instants import utc_text
    from emdash_cli.views.worker_report import reporter
    from emdash_cli.worker import Work, Worker

    settings = options.root(context).settings()
    names = dict.fromkeys(name for several in platform or () for name in several.split(","))
    work = Work(
        sessions=lambda: wiring.open_sessions(settings, user),
        streams=settings.streams,
        platforms=tuple(settings.platform(name) for name in names) if names else settings.platforms,
        connecting=lambda: wiring.connecting(settings),
        worker=wiring.worker(),
        poll_s=poll,
        concurrency=concurrency,
        alarms=wiring.AlarmSender(settings),
    )
    report = reporter(lambda: utc_text(wiring.now()), as_json=as_json, quiet=quiet)
    with stoppable() as stop:
        work.check()
        Worker(work, stop, report).run()
    raise typer.Exit(stop.exit_code or 0)
