"""``emdash reschedule``."""

from __future__ import annotations

import typer  # noqa: TC002 - Typer reads the annotations when it runs

from emdash_cli.commands import invocation, options, who


def reschedule(
    context: typer.Context,
    slug: who.ScheduledSlug,
    at: who.When,
    locale: who.Locale = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Move a scheduled post to another time.

    The copy of its text is replaced by its present text, which is what goes live. This also releases a post that is
    held: review `emdash diff SLUG`, then reschedule it. Only editors and admins may reschedule.

    \b
    Examples:
      emdash reschedule 042-caching --at 'fri 8:30'
      emdash reschedule 042-caching --at now

    WHEN, --json and the exit codes are those of `emdash schedule`.
    """
    from emdash_cli import wiring
    from emdash_cli.commands.scheduling import carry_out
    from emdash_cli.domain.instants import parse_when
    from emdash_cli.scheduling.schedule import Request

    settings = options.root(context).settings()
    when = parse_when(at, settings.timezone, wiring.now())
    request = Request("reschedule", slug, locale, when, user, invocation.operator(), settings.timezone, dry_run)
    carry_out(request, settings, as_json=as_json)
