"""``emdash cleanup``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import invocation, options, who


def cleanup(
    context: typer.Context,
    older_than: Annotated[
        str, typer.Option(metavar="SPAN", help="Leave alone what is younger: it may be work in progress.")
    ] = "15m",
    remove: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--remove", help="Remove every incomplete post, also those that can be finished.")
    ] = False,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Finish or remove what a crashed tool left incomplete.

    A tool that inserts a post, then its revision, and then sets the revision live leaves a published post without
    a live revision if it dies in between. The post's newest revision is set live; if there is none, or if it differs
    from what visitors see, a revision is made of the post's own text. A post that has neither text nor revision is
    removed. Rows of deleted posts are removed next: revisions, term links, byline credits, SEO rows and schedule
    locks; then term links without a term, credits without a byline and, in the queue directories, temporary files
    (dot-names).

    Term links whose post ID is not a ULID are skipped: their age is unknown, except in EmDash up to 0.32, which
    stores their created_at. Delete such links yourself when you know that no tool is running.

    Drafts, posts in the trash, revisions of existing posts, the ledger and other collections than the one in
    emdash.toml are never touched. Rows younger than --older-than are left to the tool that may still be writing
    them, and every row is checked again in the same change that removes it.

    Rows of the outbox, which announce what went live, are removed 30 days after they were done; one line reports how
    many. Everything else that is removed is first written to a file in archive/removed/ (of the stream `default`, else
    of the first stream), from which `emdash restore FILE` restores it.

    \b
    Examples:
      emdash cleanup --dry-run             what would happen
      emdash cleanup
      emdash cleanup --older-than 1d --remove
      15 4 * * 0 cd /srv/blog && emdash cleanup --quiet

    --json prints {"dry_run", "outcomes": [{"outcome", "kind", "key", "slug", "reason"}], "counts": {…}, "kept_in",
    "errors": […], "notices": […]}. outcome is finished, removed or left (it changed meanwhile, or has a revision
    that cannot be read); kind is post, revision, term_link, credit, seo, lock, outbox or file; kept_in is
    the file in archive/removed/, or null.

    Exit codes: 0 done or nothing to do, 3 something was left, 6 the store or a disk fails, 130 or 143 interrupted
    after the group under way.
    """
    from emdash_cli import wiring
    from emdash_cli.commands.interrupts import stoppable
    from emdash_cli.domain.days import parse_duration
    from emdash_cli.maintenance.cleanup import Cleanup, archive_for_removed, cleanup
    from emdash_cli.views.cleanup_report import reporter

    settings = options.root(context).settings()
    age = parse_duration(older_than)
    report = reporter(as_json=as_json, quiet=quiet, dry_run=dry_run)
    waits = (lambda _: None) if quiet else report.noticed
    with stoppable() as stop, report, wiring.open_database(settings, notice=waits) as database:
        label = invocation.permit(database, user, "clean up")
        archive = archive_for_removed(settings.streams)
        task = Cleanup(settings.streams, age, remove, dry_run, label, archive, settings.paths, stop)
        for item in cleanup(task, database, settings.fields, wiring.now, wiring.id_source()):
            report.add(item)
    raise typer.Exit(stop.exit_code or report.exit_code())
