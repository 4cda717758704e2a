"""``emdash cleanup``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def cleanup(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    older_than: Annotated[
        str, typer.Option(metavar="SPAN", help="Skip anything younger: it may be work in progress.")
    ] = "15m",
    remove: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--remove", help="Remove every incomplete post, even if it could be finished.")
    ] = False,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Finish or remove what a crashed tool left incomplete.

    Some tools insert a post, then its revision, and then set the revision live. If such a tool dies in between, it
    leaves a published post without a live revision. The post's newest revision is then set live. If there is none, or
    if it differs from what visitors see, a revision is created from the post's own text. A post that has neither text
    nor revision is removed. Rows of deleted posts are removed next: revisions, term links, byline credits, SEO rows and
    schedule locks. Then come term links without a term, credits without a byline and temporary files (dot-names) in the
    queue directories.

    Term links whose post ID is not a ULID are skipped: their age is unknown, except in EmDash up to 0.32, which
    stores their created_at. Delete such links yourself when you know that no tool is running.

    Drafts, posts in the trash, revisions of existing posts, the ledger and collections other than the one in
    emdash.toml are never touched. Rows younger than --older-than are skipped, since the tool that writes them may still
    be running, and every row is checked again in the transaction that removes it.

    Outbox rows, which record what went live, are removed 30 days after they were processed; jobs are purged 30 days
    after they were done, as `emdash jobs purge` does. One line reports how many of each. Everything else is first
    written to a file in archive/removed/ of the stream `default`, or of the first stream if there is no `default`.
    `emdash restore FILE` restores it from there.

    Each item is reported as finished, removed or left (it changed during the run, or has a revision that cannot be
    read).

    \b
    Examples:
      emdash cleanup --dry-run             what would happen
      emdash cleanup
      emdash cleanup --older-than 1d --remove
      15 4 * * 0 cd /srv/blog && emdash cleanup --quiet

    Exit codes: 0 success or nothing to do; 3 something was left; 6 the store or a disk fails; 130 or 143 interrupted
    after the current group.
    """
    from emdash_cli import wiring
    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.domain.days import parse_duration
    from emdash_cli.maintenance.cleanup import Cleanup, cleanup
    from emdash_cli.views.cleanup_report import reporter

    settings = options.root(context).settings()
    age = parse_duration(older_than)
    report = reporter(as_json=as_json, quiet=quiet, dry_run=dry_run)
    waits = (lambda _: None) if quiet else report.add_notice
    with stoppable() as stop, report, wiring.open_session(settings, user, notice=waits) as session:
        report.follow(session)
        for item in cleanup(session, Cleanup(age, remove, dry_run, stop)):
            report.add(item)
    raise typer.Exit(stop.exit_code or report.exit_code())
