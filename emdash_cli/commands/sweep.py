"""``emdash sweep``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who

_EVERY_S = 60


def sweep(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Publish at most N posts.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Sweep again and again until stopped.")] = False,  # noqa: FBT002
    every: Annotated[
        float | None,
        typer.Option(
            min=1, metavar="SECONDS", help=f"With --watch: from the end of a sweep to the next; else {_EVERY_S}."
        ),
    ] = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Publish the posts whose time has come, the oldest first.

    A post goes live with the text that was reviewed: scheduling keeps a copy of it. If the text or the slug was
    changed since, the post is held, here and in every later sweep, until somebody has read `emdash diff SLUG` and
    says `emdash reschedule` or `emdash unschedule`. So is one whose new slug another post has taken meanwhile; the
    others go on. A post that was scheduled elsewhere has no such copy: it is published, and marked `unlocked`.

    Any number of sweeps may run at once, be killed, or be late: each post is published once, and its date is the
    time that it was scheduled for. Beside EmDash's own scheduler, what is held is unscheduled as well, also before
    its time, and what EmDash published first is compared with the copy.

    \b
    Examples:
      emdash sweep                         publish what is due
      emdash sweep --dry-run               what would happen
      emdash sweep --watch --every 30      keep at it, as a service does
      * * * * * cd /srv/blog && emdash sweep --quiet

    \b
    --json prints {"outcomes": [{"outcome", "slug", "locale", "post_id", "published_at", "code", "reason",
    "held_at", "is_news"}], "counts": {…}, "errors": […], "notices": […]}, with --watch one such document a
    sweep. outcome is published, held, preempted (EmDash published it first) or released (unscheduled
    elsewhere). is_news is false for what an earlier sweep held; --quiet and all but the first sweep of --watch
    say nothing of that.

    \b
    Exit codes: 0 done or nothing due, 2 a wrong option, or --every without --watch, 3 something is held or went live
    unreviewed, 6 the store fails, 130 or 143 interrupted after the group under way.
    """
    from emdash_cli import wiring
    from emdash_cli.actions.sweep import Request
    from emdash_cli.actions.sweep import sweep as sweep_once
    from emdash_cli.commands.interrupts import stoppable
    from emdash_cli.commands.sweep_report import reporter
    from emdash_cli.domain.errors import UsageError

    if every and not watch:
        raise UsageError("--every does nothing without --watch", hint="add --watch, or leave --every out")
    settings = options.root(context).settings()

    def once(*, only_news: bool = False) -> int:
        report = reporter(as_json=as_json, quiet=quiet, dry_run=dry_run, only_news=only_news)
        waits = (lambda _: None) if quiet else report.noticed
        with report, wiring.open_database(settings, notice=waits) as database:
            actor = who.permit(database, user, "publish") if user else "sweep"
            request = Request(limit, dry_run, settings.paths, stop, actor)
            for event in sweep_once(request, database, settings.fields, wiring.now, wiring.id_source()):
                report.tell(event)
        return report.exit_code()

    with stoppable() as stop:
        code = once()
        if watch:
            import time

            from emdash_cli.actions.watch import repeat

            repeat(lambda: once(only_news=True), every or _EVERY_S, stop, time.sleep)
    raise typer.Exit(stop.exit_code or code)
