"""``emdash translations``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def translations(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.Slug,
    link: Annotated[
        str | None, typer.Option("--link", metavar="OTHER", help="Link the post to this one: a slug or an ID.")
    ] = None,
    to_locale: Annotated[
        str | None, typer.Option("--to-locale", metavar="LOCALE", help="Locale of OTHER, if several posts share it.")
    ] = None,
    unlink: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--unlink", help="Unlink the post from its translations.")
    ] = False,
    locale: who.Locale = None,
    reason: who.Reason = "",
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""List a post's translations, and link or unlink them.

    Without --link and --unlink, every post of the group is listed with its locale and status, `trashed` if it is in the
    trash, and the locales of emdash.toml that have none are named. In a pipe, each post is one line of tab-separated
    fields: locale, slug, status, title, ID.

    --link makes two posts translations of each other. The one that has no translations yet joins the group of the
    other; if both have some, one must be unlinked first. A group has one post for each locale. --unlink parts one post
    from its group; the others stay together. Both take effect on the site at once.

    From EmDash 0.34 on, translations share their categories and tags: a post that joins a group brings its own along,
    and one that leaves takes them with it, while the others keep theirs. Bylines belong to each post.

    A scheduled post is locked: unschedule it first. Authors may link their own posts; editors and admins any post.

    \b
    Examples:
      emdash translations caching-at-the-edge
      emdash translations zwischenspeichern --link caching-at-the-edge --dry-run
      emdash translations about --locale de --link about --to-locale en
      emdash translations zwischenspeichern --unlink --reason 'another article'

    Exit codes: 0 success or nothing to change; 2 options that contradict each other, or a slug in several locales; 3 no
    such post, or the posts cannot be linked; 4 not allowed; 6 the store fails.
    """
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.scheduling.translations import LinkTarget, read_translations
    from emdash_cli.scheduling.translations import link as link_post
    from emdash_cli.views.translations import show

    if link is not None and unlink:
        raise UsageError("--link and --unlink contradict each other", hint="omit one of them")
    if link is None and to_locale is not None:
        raise UsageError("--to-locale names the language of the post that --link names", hint="add --link OTHER")
    settings = options.root(context).settings()
    if link is None and not unlink:
        with who.reading(settings, user) as session:
            found = read_translations(session, slug, locale)
    else:
        with options.open_session(settings, user) as session:
            found = link_post(session, LinkTarget(slug, locale, link, to_locale, dry_run, reason.strip()))
    show(found, as_json=as_json, dry_run=dry_run)
