"""``emdash slots``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def slots(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    stream: options.StreamName = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day. [default: today, from now on]")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day; shows all slots until then.")
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(min=1, max=1000, metavar="N", help="Slots of each stream. [default: 10, or all to --to]"),
    ] = None,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Show which slots are free, and which are taken.

    A slot is a time at which one post of a stream goes live. The stream's setting `slots` names them, for example
    ["mon 09:00", "thu 09:00"]; without it, its `cadence` does: a cron expression by its ticks, and a quota such as
    weekly-2 by so many times at even distances, at 09:00 on days of their own as long as the days suffice.

    A slot is taken by every post of the stream that goes live in its minute, or, with a quota, before the next slot:
    it does not matter who scheduled the post, or how. A held post keeps its slot. A post that no stream published
    belongs to the stream `default`, or to the only one.

    Slots are local times. One that the clocks skip is when they move; of one that they show twice, it is the first.

    In a pipe, each free slot and each post that takes one is a line of tab-separated fields: free, taken or held;
    stream, time, slug, locale. Several posts share a slot if somebody chose the time of one by hand.

    \b
    Examples:
      emdash slots
      emdash slots --stream news --count 20
      emdash slots --from 2026-06-01 --to 2026-06-30
      emdash slots --json | jq -r '.streams[].slots[] | select(.free).local'

    Exit codes: 0 success, even if nothing is free; 2 no such stream, or a period that ends before it begins; 4 the user
    is unknown or disabled; 6 the store fails.
    """
    from emdash_cli.domain.days import parse_period
    from emdash_cli.scheduling.slots import SlotQuery, list_slots
    from emdash_cli.views import slots as view

    settings = options.root(context).settings()
    streams = (settings.stream(stream),) if stream else settings.streams
    first, last = parse_period(start, end)
    with who.reading(settings, user) as session:
        found = list_slots(session, SlotQuery(streams, first, last, count))
    view.show(found, as_json=as_json)
