"""``emdash schedule``, ``emdash reschedule`` and ``emdash unschedule``."""

from __future__ import annotations

from typing import Literal, NamedTuple

import typer  # noqa: TC002 - Typer reads the annotations when it runs

from emdash_cli.commands import options, who


class _Options(NamedTuple):
    """Options that the three commands share."""

    slug: str
    locale: str | None
    user: str | None
    dry_run: bool
    as_json: bool


def schedule(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.SchedulableSlug,
    at: who.When,
    locale: who.Locale = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Schedule a draft, or a published post's pending change.

    `emdash sweep` publishes the post when the time comes. A copy of the text and the slug is kept: what goes live is
    what you saw when you scheduled it. If anything changes them before then, the post is held until you have reviewed
    it (`emdash diff`) and run `reschedule` or `unschedule`. Until then, a published post stays live as it is. Only
    editors and admins may schedule.

    \b
    WHEN is in the time zone of emdash.toml unless it has an offset:
      '2026-06-15 09:00'  2026-06-15T09:00+02:00  9am  'tomorrow 09:00'
      'mon 8:30'  +2h  +1d  now

    A local time that is skipped or repeated when the clocks change is refused, and both possible instants are named. A
    time in the past is accepted, with a warning if it is more than a minute ago; the post then goes live with the next
    sweep.

    \b
    Examples:
      emdash schedule 042-caching --at 'tomorrow 09:00'
      emdash schedule 042-caching --at +2h --dry-run
      emdash schedule ueber-uns --locale de --at 2026-06-15T09:00+02:00

    Exit codes: 0 success; 2 no such time; 3 the post cannot be scheduled; 4 not allowed; 6 the store fails.
    """
    _carry_out(context, "schedule", at, _Options(slug, locale, user, dry_run, as_json))


def reschedule(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.ScheduledSlug,
    at: who.When,
    locale: who.Locale = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Move a scheduled post to another time.

    The stored copy is replaced by the current text, which is what will go live. This also releases a held post: review
    `emdash diff SLUG`, then reschedule it. Only editors and admins may reschedule.

    \b
    Examples:
      emdash reschedule 042-caching --at 'fri 8:30'
      emdash reschedule 042-caching --at now

    WHEN and the exit codes are as for `emdash schedule`.
    """
    _carry_out(context, "reschedule", at, _Options(slug, locale, user, dry_run, as_json))


def unschedule(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.ScheduledSlug,
    locale: who.Locale = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Take a post off the schedule.

    A scheduled post becomes a draft again; a published post keeps its pending change as a draft. The text is unlocked
    and can be edited. Only editors and admins may unschedule.

    \b
    Examples:
      emdash unschedule 042-caching
      emdash unschedule ueber-uns --locale de --dry-run

    The exit codes are as for `emdash schedule`.
    """
    _carry_out(context, "unschedule", None, _Options(slug, locale, user, dry_run, as_json))


def _carry_out(
    context: typer.Context, verb: Literal["schedule", "reschedule", "unschedule"], at: str | None, given: _Options
) -> None:
    """Make the change and show it."""
    from emdash_cli import wiring
    from emdash_cli.domain.instants import parse_when
    from emdash_cli.scheduling.schedule import ScheduleChange, change
    from emdash_cli.views.post_changes import show_schedule

    settings = options.root(context).settings()
    when = None if at is None else parse_when(at, settings.timezone, wiring.now())
    with options.open_session(settings, given.user) as session:
        done = change(session, ScheduleChange(verb, given.slug, given.locale, when, is_preview=given.dry_run))
    show_schedule(done, as_json=given.as_json, dry_run=given.dry_run)
