"""``emdash revert``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def revert(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.Slug,
    to: Annotated[str, typer.Option("--to", metavar="REVISION", help="Its ID, as `emdash history` shows it; or LAST.")],
    live: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--live", help="Make the older text live at once, instead of the draft.")
    ] = False,
    locale: who.Locale = None,
    reason: who.Reason = "",
    force: who.Force = False,  # noqa: FBT002
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Return a post to an older revision.

    As in EmDash, the older text is copied into a new revision, which becomes the draft: a published post keeps showing
    its live version until the draft is published. With --live, the older text goes live at once, and platforms that
    take changes are sent it. A draft that was pending is replaced, and stays in the history, so a revert can be
    reverted.

    LAST is the revision that was live before the present one or, for a post that is not published, the revision before
    its draft. If EmDash itself published the present version, what was live before is not recorded: the revision before
    is then taken for the draft, and --live asks for an ID.

    Title, text, excerpt, image, further fields of the site, and the slug that was staged with them return. Category,
    tags, author, SEO and translation are not part of EmDash's revisions, and stay. A field that had no value then is
    cleared. Fields that the collection no longer has are left out, and named.

    A scheduled post is locked: unschedule it first, or let an admin use --force, which ends its schedule as well.
    Authors may return their own posts to an older draft; editors and admins any post, and only they may use --live.
    If somebody else changes the post meanwhile, nothing is done.

    \b
    Examples:
      emdash history 042-caching
      emdash revert 042-caching --to 01KD3V8Q9WJ5Y8Z4T6B2N7M1XA --dry-run
      emdash revert 042-caching --to LAST --live --reason 'wrong figures'

    Exit codes: 0 success or nothing to change; 2 the slug exists in several locales; 3 the post or the revision cannot
    be used; 4 not allowed; 6 the store fails.
    """
    from emdash_cli.scheduling.revert import RevertTarget
    from emdash_cli.scheduling.revert import revert as revert_post
    from emdash_cli.views.post_changes import show_revert

    settings = options.root(context).settings()
    with options.open_session(settings, user) as session:
        done = revert_post(session, RevertTarget(slug, locale, to.strip(), live, dry_run, reason.strip(), force))
    show_revert(done, as_json=as_json, dry_run=dry_run)
