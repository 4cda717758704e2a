"""``emdash webhooks``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from emdash_cli.commands import completion, options, who
from emdash_cli.commands.manual import Manual

webhooks = typer.Typer(cls=Manual, no_args_is_help=True, rich_markup_mode=None)


class Event(StrEnum):
    """The types that `--event` accepts."""

    PUBLISHED = "post.published"
    UPDATED = "post.updated"
    SCHEDULED = "post.scheduled"
    UNSCHEDULED = "post.unscheduled"
    HELD = "post.held"
    UNPUBLISHED = "post.unpublished"
    JOB_DEAD = "job.dead"
    JOB_UNKNOWN = "job.unknown"
    REQUEST_FINISHED = "request.finished"


@webhooks.callback()
def about() -> None:
    """Test the webhooks of emdash.toml."""


@webhooks.command("test")
def send_notice(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A webhook of emdash.toml.", autocompletion=completion.complete_platforms),
    ],
    event: Annotated[
        Event | None, typer.Option(help="Send a notice of this type, with made-up data. [default: webhook.test]")
    ] = None,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Send a signed test notice to a webhook, and print the answer.

    The notice has the type `webhook.test`, or that of --event, with the articleId, job or request `test`. It is signed
    like any other: with both secrets, if there are two. Nothing is recorded or tried again, and a paused webhook stays
    paused.

    \b
    Examples:
      emdash webhooks test hook
      emdash webhooks test hook --event request.finished
      emdash webhooks test hook --json | jq -r .answer

    To replace a secret, list the old and the new one in emdash.toml, `secret = ["env:OLD", "env:NEW"]`, and run this
    command before and after the receiver switches. Then remove the old secret.

    Exit codes: 0 the receiver accepted it; 2 no such webhook or no secret; 3 it did not accept it; 4 not allowed;
    6 the store fails.
    """
    from emdash_cli import wiring
    from emdash_cli.distribution.testing import send_test
    from emdash_cli.domain.delivery import EventType
    from emdash_cli.views.webhooks import show_test

    settings = options.root(context).settings()
    account = settings.platform(name)
    with options.open_session(settings, user) as session, wiring.connecting(settings) as connect:
        tested = send_test(session, account, connect, EventType(event) if event else None)
    raise typer.Exit(show_test(tested, as_json=as_json))
