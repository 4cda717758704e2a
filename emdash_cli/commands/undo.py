"""``emdash undo``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def undo(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="The ID of the run, from its report or from `emdash runs list`.")
    ],
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why: kept in the audit table, and shown by `emdash history`.")
    ] = "",
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Take back what a run made live.

    A post that the run published is unpublished: it is a draft again, and its text is kept. Where the run changed a
    published post, the version that was live before is live again, under the slug that the post had; the change stays
    as the draft. What a run of `unpublish`, `trash` or `untrash` did is taken back the same way. Drafts and scheduled
    posts that the run created were not live and stay as they are.

    A post that was changed after the run, by whomever, is left alone and named. So is one of which only the terms, the
    byline or the SEO were changed: no earlier version of these is kept.

    The archived file of a post that is taken back moves to archive/undone/, where neither `publish-queue` nor an import
    of the archive finds it. `emdash requeue FILE` puts it back into the queue; the next run then publishes the same
    post again. A copy of the file that turns up in the queue is a duplicate, as before.

    What was announced cannot be taken back: each such post is named with the platforms. What was still to be announced
    is discarded. Webhooks get post.unpublished, caches are purged, and search engines are told.

    An undoing is a run, too: `emdash undo` of its ID makes live again what it took back, and the files return. After a
    kill, undo the run again: what was taken back is left as it is, and the rest is done, such as moving files. Only
    editors and admins may undo a run.

    \b
    Examples:
      emdash runs list
      emdash undo 01KB2G6ZB8RFK57S6M0Z6H0QTV --dry-run
      emdash undo 01KB2G6ZB8RFK57S6M0Z6H0QTV --reason 'the wrong folder'

    Exit codes: 0 success or nothing left to undo; 3 a post was left alone, or there is no such run; 4 not allowed; 6
    the store or a disk fails; 130 or 143 interrupted after the current group of 500.
    """
    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.scheduling.undo import Undoing
    from emdash_cli.scheduling.undo import undo as take_back
    from emdash_cli.views.undo_report import reporter

    settings = options.root(context).settings()
    wanted = run.strip().upper()
    report = reporter(wanted, as_json=as_json, dry_run=dry_run)
    with stoppable() as stop, report, options.open_session(settings, user) as session:
        report.follow(session)
        take_back(session, Undoing(wanted, reason.strip(), dry_run, stop), report)
    raise typer.Exit(stop.exit_code or report.exit_code())
