"""``emdash rename``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def rename(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.Slug,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The new slug.")],
    locale: who.Locale = None,
    reason: who.Reason = "",
    force: who.Force = False,  # noqa: FBT002
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Give a post another slug, at once.

    The old address of a published post redirects to the new one, as if the slug had been changed in EmDash, and
    platforms that take changes are sent the new address. A redirect away from the new address is removed, so a post can
    be renamed back. An embedded store has no redirects.

    Capitals, spaces and dots in NEW are replaced, as in queue files. A slug that another post has in the same language
    is refused; so is one whose post is in the trash. A pending change of a published post stays as it is. To change the
    slug together with the text, when that goes live, use `emdash edit --new-slug`.

    A scheduled post is locked: unschedule it first, or let an admin use --force, which ends its schedule as well.
    Authors may rename their own drafts; editors and admins any post.

    \b
    Examples:
      emdash rename 042-caching caching-at-the-edge
      emdash rename ueber-uns wir --locale de --reason 'shorter' --dry-run

    Exit codes: 0 success or nothing to change; 2 the slug is not valid, or exists in several locales; 3 the post cannot
    be renamed, or the slug is taken; 4 not allowed; 6 the store fails.
    """
    from emdash_cli.scheduling.rename import RenameTarget, rename_post
    from emdash_cli.views.post_changes import show_rename

    settings = options.root(context).settings()
    with options.open_session(settings, user) as session:
        done = rename_post(session, RenameTarget(slug, new, locale, dry_run, reason.strip(), force))
    show_rename(done, as_json=as_json, dry_run=dry_run)
