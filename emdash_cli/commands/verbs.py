"""``emdash publish``, ``emdash unpublish``, ``emdash trash`` and ``emdash untrash``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from emdash_cli.commands import options, selection, who
from emdash_cli.commands.selection import Asked, Filters, Status

if TYPE_CHECKING:
    from emdash_cli.scheduling.verbs import Verb


def publish(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slugs: selection.SchedulableSlugs = None,
    status: selection.OfStatus = None,
    author: selection.OfAuthor = None,
    category: selection.OfCategory = None,
    tag: selection.OfTag = None,
    stream: selection.OfStream = None,
    first: selection.FromDay = None,
    last: selection.ToDay = None,
    locale: selection.OfLocale = None,
    force: who.Force = False,  # noqa: FBT002 - Typer's way to say an option without a value
    yes: selection.Yes = False,  # noqa: FBT002
    reason: selection.Reason = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Publish drafts, scheduled posts or pending changes now.

    No sweep is needed. What goes live is announced as usual, and only once: a post that was unpublished and is public
    again keeps the date on which it first went live, and is not announced a second time. Only editors and admins may
    publish.

    A scheduled post goes live early if its text is what was reviewed when it was scheduled. If it was changed since, or
    is held, it is refused, and the message names who scheduled it and when: review it with `emdash diff`, then accept
    it with `emdash reschedule SLUG --at now`. An admin can publish it anyway with --force, which ends its schedule and
    is recorded in the audit table.

    \b
    Any number of posts:
      SLUG SLUG …        by name
      -                  slugs on stdin, one on each line, or what
                         `emdash posts --json` prints
      --status draft …   by the filters of `emdash posts`, which ask before
                         anything is changed, and need --yes in a pipe

    All posts are checked first. If one of them cannot be published, nothing is done, and every such post is named. Then
    they are published in groups of 500, of which all posts are or none is. A post that is published and has no pending
    change is `unchanged`, so an interrupted command can be run again.

    \b
    Examples:
      emdash publish 042-caching
      emdash publish ueber-uns --locale de --dry-run
      emdash publish --status draft --tag launch --reason 'launch day'
      emdash posts --status draft --json | emdash publish -

    Exit codes: 0 success, or nothing to do; 2 unconfirmed filters, or a slug in several locales; 3 a post cannot be
    published, or somebody has just changed it; 4 not allowed; 6 the store fails; 130 or 143 interrupted after the
    current group.
    """
    from emdash_cli.scheduling.verbs import Verb

    filters = Filters(status, author, category, tag, stream, first, last)
    asked = Asked(slugs or (), locale, filters, asks=not (yes or dry_run))
    _carry_out(context, asked, _Options(Verb.PUBLISH, reason, user, dry_run, as_json, force))


def unpublish(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slugs: selection.Slugs = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="WHEN", help="Take them down at that time instead, or `never`."),
    ] = None,
    status: selection.OfStatus = None,
    author: selection.OfAuthor = None,
    category: selection.OfCategory = None,
    tag: selection.OfTag = None,
    stream: selection.OfStream = None,
    first: selection.FromDay = None,
    last: selection.ToDay = None,
    locale: selection.OfLocale = None,
    yes: selection.Yes = False,  # noqa: FBT002
    reason: selection.Reason = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Take published posts down; each becomes a draft.

    The page of the post is gone, and it disappears from lists, feeds, the site map and search. Its text stays, as the
    draft, unless there is a pending change, which then is the draft; the last live text is in `emdash history`. Slug,
    tags and authors stay, too. `emdash publish` makes the post public again, with the date on which it first went live.
    A scheduled change is unscheduled, since it would make the post public again.

    Caches and search engines of emdash.toml are told with the next `emdash distribute`, and webhooks get
    `post.unpublished`. Announcements that have not been sent are discarded. Those that have been sent cannot be taken
    back: the platforms are named.

    With --at, nothing is taken down yet: the first sweep from that time on does it, however late it is and whatever
    became of the text. WHEN is written as for `emdash schedule`, or is `never`, which removes the time. A scheduled
    post cannot expire before it goes live; a draft keeps its time until it is live. `show`, `posts`, `calendar`,
    `history` and `status` show it, and `expires_at` in a queue file sets it, too. Once a post was taken down, its time
    is used up. A draft whose time has passed is not published before it gets another.

    Only editors and admins may unpublish. Posts are named, checked and taken down in groups as `emdash publish` does. A
    draft is `unchanged`; a scheduled post is refused: `emdash unschedule` takes it off the schedule.

    \b
    Examples:
      emdash unpublish 042-caching --reason 'figures are wrong'
      emdash unpublish ueber-uns --locale de --dry-run
      emdash unpublish summer-sale --at '2026-09-01 00:00'
      emdash unpublish summer-sale --at never
      emdash unpublish --stream news --from 2026-06-01 --yes

    The exit codes are as for `emdash publish`.
    """
    from emdash_cli.scheduling.verbs import Verb

    filters = Filters(status, author, category, tag, stream, first, last)
    asked = Asked(slugs or (), locale, filters, asks=not (yes or dry_run))
    given = _Options(Verb.UNPUBLISH, reason, user, dry_run, as_json)
    if at is None:
        _carry_out(context, asked, given)
    else:
        _expire(context, asked, at, given)


def trash(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slugs: selection.Slugs = None,
    status: selection.OfStatus = None,
    author: selection.OfAuthor = None,
    category: selection.OfCategory = None,
    tag: selection.OfTag = None,
    stream: selection.OfStream = None,
    first: selection.FromDay = None,
    last: selection.ToDay = None,
    locale: selection.OfLocale = None,
    yes: selection.Yes = False,  # noqa: FBT002
    reason: selection.Reason = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Move posts to the trash.

    It is the trash of EmDash's admin, where posts can be restored or deleted for good. A post in the trash is neither
    public nor listed, but keeps its slug, which no other post can get, its status, dates, tags and authors. A scheduled
    post keeps its schedule, and is not published while it is there.

    What follows from taking down a published post is as for `emdash unpublish`. Only editors and admins may trash
    posts. Posts are named, checked and moved in groups as `emdash publish` does; one that is in the trash already is
    `unchanged`.

    \b
    Examples:
      emdash trash 042-caching
      emdash trash --status draft --author ann --dry-run

    The exit codes are as for `emdash publish`.
    """
    from emdash_cli.scheduling.verbs import Verb

    filters = Filters(status, author, category, tag, stream, first, last)
    asked = Asked(slugs or (), locale, filters, asks=not (yes or dry_run), trashed=True)
    _carry_out(context, asked, _Options(Verb.TRASH, reason, user, dry_run, as_json))


def untrash(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slugs: selection.Slugs = None,
    author: selection.OfAuthor = None,
    category: selection.OfCategory = None,
    tag: selection.OfTag = None,
    stream: selection.OfStream = None,
    locale: selection.OfLocale = None,
    yes: selection.Yes = False,  # noqa: FBT002
    reason: selection.Reason = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Bring posts back from the trash.

    They are as they were. A post that was published is public again at once. One that was scheduled for a later time is
    scheduled again. If that time has passed, nothing goes live that nobody asked for: the post is a draft and held,
    until somebody publishes it with `emdash reschedule SLUG --at now` or keeps it with `emdash unschedule SLUG`.

    Only editors and admins may do so. Posts are named, checked and moved in groups as `emdash publish` does; filters
    match posts in the trash. A post that is not in the trash is `unchanged`.

    \b
    Examples:
      emdash untrash 042-caching
      emdash untrash --author ann --dry-run

    The exit codes are as for `emdash publish`.
    """
    from emdash_cli.scheduling.verbs import Verb

    filters = Filters(None, author, category, tag, stream)
    if any(filters):
        filters = filters._replace(status=Status.TRASHED)
    asked = Asked(slugs or (), locale, filters, asks=not (yes or dry_run), trashed=True)
    _carry_out(context, asked, _Options(Verb.UNTRASH, reason, user, dry_run, as_json))


class _Options(NamedTuple):
    """What the commands share."""

    verb: Verb
    reason: str | None
    user: str | None
    dry_run: bool
    as_json: bool
    force: bool = False


def _expire(context: typer.Context, asked: Asked, at: str, given: _Options) -> None:
    """Say when the posts are to be taken down, and show it."""
    from emdash_cli import wiring
    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.domain.instants import parse_when
    from emdash_cli.scheduling.expiry import ExpiryRequest, change_expiries
    from emdash_cli.views.verb_report import reporter

    settings = options.root(context).settings()
    when = None if at.strip().lower() == "never" else parse_when(at, settings.timezone, wiring.now())
    report = reporter(as_json=given.as_json, dry_run=given.dry_run)
    with stoppable() as stop, report, options.open_session(settings, given.user) as session:
        report.follow(session)
        posts = selection.selected(session, asked, given.verb.value)
        request = ExpiryRequest(posts, when, given.reason or "", given.dry_run)
        for done in change_expiries(session, request, stop):
            report.add(done)
    raise typer.Exit(stop.exit_code or report.exit_code())


def _carry_out(context: typer.Context, asked: Asked, given: _Options) -> None:
    """Make the change and show it."""
    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.scheduling.verbs import VerbRequest, carry_out
    from emdash_cli.views.verb_report import reporter

    settings = options.root(context).settings()
    report = reporter(as_json=given.as_json, dry_run=given.dry_run)
    with stoppable() as stop, report, options.open_session(settings, given.user) as session:
        report.follow(session)
        posts = selection.selected(session, asked, given.verb.value)
        request = VerbRequest(given.verb, posts, given.reason or "", given.force, given.dry_run)
        for done in carry_out(session, request, stop):
            report.add(done)
    raise typer.Exit(stop.exit_code or report.exit_code())
