"""``emdash doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import options, who

if TYPE_CHECKING:
    from emdash_cli.settings import Settings


def doctor(
    context: typer.Context,
    sample: Annotated[
        int,
        typer.Option(min=1, max=10_000, metavar="N", help="Compare N files of each archive and N rows of the ledger."),
    ] = 20,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Check settings, queues and store, and suggest fixes.

    It checks:

    \b
    settings     they can be read
    directories  of each stream: present, writable, on one filesystem, with
                 working locks and hard links
    platforms    their secrets are there, and none expires soon; no request
                 is made, unlike by `emdash platforms check`
    store        reachable and sound; table versions, indexes and journal
                 mode; rows that refer to missing rows; claims left over
    clocks       of this machine, of the filesystem and of recorded runs
    archive      a random sample, compared with the ledger in both directions
    cleanup      how much `emdash cleanup` would finish or remove: published
                 posts without a live revision, and orphaned rows of each kind

    It writes nothing except one hidden file in each queue and archive, which it deletes again.

    A SQLite file is read completely, which can take a while if it is large. A D1 database is not read completely.

    Each check is reported as ok, skipped, a warning (it works, but could be better) or a problem.

    \b
    Examples:
      emdash doctor
      emdash doctor --sample 1000
      emdash doctor --json | jq '.findings[] | select(.health == "problem")'

    Exit codes: 0 no problems; 2 the settings cannot be read; 3 problems were found; 4 the user is unknown or disabled.
    """
    from functools import partial
    from random import Random

    from emdash_cli import wiring
    from emdash_cli.maintenance.doctor import Sample, doctor
    from emdash_cli.views.installation import show_findings

    settings = options.root(context).settings()
    chosen = Sample(sample, Random())  # noqa: S311 - chooses a sample, not a secret
    _refuse_disabled(settings, user)
    with wiring.connecting(settings) as prepare:
        connect = partial(options.open_session, settings)
        findings = doctor(settings, connect, wiring.now, prepare=prepare, sample=chosen)
        raise typer.Exit(show_findings(findings, as_json=as_json))


def _refuse_disabled(settings: Settings, user: str | None) -> None:
    """Check the user before anything is shown. `doctor` itself reports a store that cannot be reached."""
    from contextlib import suppress

    from emdash_cli.domain.errors import DatabaseError, UsageError

    with suppress(DatabaseError, UsageError), who.reading(settings, user):
        pass
