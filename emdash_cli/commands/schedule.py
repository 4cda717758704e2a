"""``emdash schedule``."""

from __future__ import annotations

import typer  # noqa: TC002 - Typer reads the annotations when it runs

from emdash_cli.commands import invocation, options, who


def schedule(
    context: typer.Context,
    slug: who.SchedulableSlug,
    at: who.When,
    locale: who.Locale = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Schedule a draft, or a published post's pending change.

    `emdash sweep` publishes it when the time comes. A copy of the text and the slug is kept: what goes live is what
    you saw when you scheduled it. If anything changes them before, the post is held until you have reviewed it
    (`emdash diff`) and run `reschedule` or `unschedule`. Until then, a published post stays live as it is. Only
    editors and admins may schedule.

    \b
    WHEN is in the time zone of emdash.toml unless it has an offset:
      '2026-06-15 09:00'  2026-06-15T09:00+02:00  9am  'tomorrow 09:00'
      'mon 8:30'  +2h  +1d  now

    A time that the clocks skip or show twice is refused, with both readings named. A time up to a minute in the past
    is accepted with a warning.

    \b
    Examples:
      emdash schedule 042-caching --at 'tomorrow 09:00'
      emdash schedule 042-caching --at +2h --dry-run
      emdash schedule ueber-uns --locale de --at 2026-06-15T09:00+02:00

    --json prints {"outcome", "slug", "locale", "post_id", "status", "scheduled_at", "shown", "by", "warnings",
    "dry_run"}.

    Exit codes: 0 done, 2 no such time, 3 the post cannot be scheduled, 4 not allowed, 6 the store fails.
    """
    from emdash_cli import wiring
    from emdash_cli.commands.scheduling import carry_out
    from emdash_cli.domain.instants import parse_when
    from emdash_cli.scheduling.schedule import Request

    settings = options.root(context).settings()
    when = parse_when(at, settings.timezone, wiring.now())
    request = Request("schedule", slug, locale, when, user, invocation.operator(), settings.timezone, dry_run)
    carry_out(request, settings, as_json=as_json)
