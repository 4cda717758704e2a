"""``emdash unschedule``."""

from __future__ import annotations

import typer  # noqa: TC002 - Typer reads the annotations when it runs

from emdash_cli.commands import invocation, options, who


def unschedule(
    context: typer.Context,
    slug: who.ScheduledSlug,
    locale: who.Locale = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Take a post off the schedule.

    A scheduled post becomes a draft again; a published one keeps its pending change as a draft. The lock on
    its text is released, so that it can be edited. Only editors and admins unschedule.

    \b
    Examples:
      emdash unschedule 042-caching
      emdash unschedule ueber-uns --locale de --dry-run

    --json and the exit codes are those of `emdash schedule`.
    """
    from emdash_cli.commands.scheduling import carry_out
    from emdash_cli.scheduling.schedule import Request

    settings = options.root(context).settings()
    request = Request("unschedule", slug, locale, None, user, invocation.operator(), settings.timezone, dry_run)
    carry_out(request, settings, as_json=as_json)
