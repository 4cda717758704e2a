"""``emdash metrics``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003 - Typer reads the annotations when the command is built
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import options, who

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.reports.metrics import Family


class Format(StrEnum):
    """Which one."""

    PROMETHEUS = "prometheus"
    JSON = "json"


def metrics(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="How to print them. [default: prometheus]", show_default=False),
    ] = None,
    textfile: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Replace this file instead of printing.")
    ] = None,
    listen: Annotated[
        str | None, typer.Option(metavar="ADDRESS:PORT", help="Answer Prometheus there until stopped.")
    ] = None,
    stale_after: Annotated[
        str, typer.Option(metavar="DURATION", help="A kind of run that was silent for longer is stale.")
    ] = "26h",
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Print figures for monitoring.

    The figures cover each queue (its depth and the age of its oldest file); posts that are scheduled, due, overdue or
    held; heartbeats; each platform (its jobs by state, how long the oldest has been due, whether it is paused, and its
    budget); and, since midnight UTC, attempts by outcome, the jobs that have ended, their age when they were begun, and
    their cost. docs/metrics.md lists them, with a Grafana dashboard and alert rules.

    Prometheus can get them in two ways: from the file of --textfile, which cron writes for node_exporter's textfile
    collector and which is always replaced as a whole, or from --listen, which answers at the given address only,
    without a password. While the store is away, both say `emdash_up 0`.

    \b
    Examples:
      emdash metrics
      emdash metrics --format json
      emdash metrics --listen 127.0.0.1:9464
      * * * * * cd /srv/blog && emdash metrics --textfile /srv/emdash.prom

    --json prints Metrics; see `emdash schema metrics`.

    Exit codes: 0 success; 2 invalid option, a file that cannot be written, or an address that cannot be listened at; 4
    the user is unknown or disabled; 6 the store cannot be reached; 130 or 143 a listener was stopped.
    """
    from emdash_cli.domain.days import parse_duration
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.domain.instants import utc_text
    from emdash_cli.reports.metrics import metrics as figures
    from emdash_cli.views import metrics as views
    from emdash_cli.views import output
    from emdash_cli.wiring import now

    settings = options.root(context).settings()
    span = parse_duration(stale_after)
    wants_json = options.one_format(form, Format.JSON, as_json=as_json) is Format.JSON
    if sum((listen is not None, textfile is not None, wants_json)) > 1:
        raise UsageError("--listen, --textfile and JSON exclude one another", hint="choose one of them")

    def read() -> Sequence[Family]:
        with who.reading(settings, user, quiet=True) as session:
            return figures(session, span)

    if listen is not None:
        raise typer.Exit(_serve(listen, read))
    if textfile:
        views.save(textfile, read)
        return
    found = read()
    if wants_json:
        views.show_json(found, utc_text(now()))
    else:
        output.write(views.text(found))


def _serve(listen: str, read: Callable[[], Sequence[Family]]) -> int:
    import time

    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.views import metrics as views

    address = _address(listen)
    read()
    with stoppable() as stop:
        views.serve(address, read, stop, time.sleep)
    return stop.exit_code or 0


def _address(text: str) -> tuple[str, int]:
    """The host and port of ``HOST:PORT`` or ``[IPv6]:PORT``."""
    from emdash_cli.domain.errors import UsageError

    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004
        raise UsageError(f"--listen {text!r} is not an address and a port", hint="write 127.0.0.1:9464, or [::1]:9464")
    return host, int(port)
