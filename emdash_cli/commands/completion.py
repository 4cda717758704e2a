"""Shell completion of values from the store: bylines, terms and slugs."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, TypeVar

import typer  # noqa: TC002 - Typer reads the annotations when it runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.ports import Statement
    from emdash_cli.store.session import Session

_T = TypeVar("_T")

_MOST_JOBS = 50
PATIENCE_S = 2
"""Short, because the shell and the user wait for it."""


def complete_authors(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Bylines whose slugs start with this prefix."""
    from emdash_cli.reports.sql.listing import authors_beginning

    return _found(context, lambda: authors_beginning(incomplete))


def complete_categories(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Categories whose slugs start with this prefix."""
    from emdash_cli.reports.sql.listing import terms_beginning

    return _found(context, lambda: terms_beginning("category", incomplete))


def complete_tags(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Tags whose slugs start with this prefix."""
    from emdash_cli.reports.sql.listing import terms_beginning

    return _found(context, lambda: terms_beginning("tag", incomplete))


def complete_slugs(context: typer.Context, incomplete: str) -> list[str]:
    """Slugs that start with this prefix."""
    from emdash_cli.posts.read import slugs_beginning

    return _answered(context, lambda session: slugs_beginning(session, incomplete))


def complete_schedulable(context: typer.Context, incomplete: str) -> list[str]:
    """Slugs, starting with this prefix, of posts that can be scheduled."""
    from emdash_cli.reports.sql.listing import schedulable_beginning

    return _slugs(context, lambda names: schedulable_beginning(names, incomplete))


def complete_scheduled(context: typer.Context, incomplete: str) -> list[str]:
    """Slugs, starting with this prefix, of posts that are scheduled or held."""
    from emdash_cli.reports.sql.listing import scheduled_beginning

    return _slugs(context, lambda names: scheduled_beginning(names, incomplete))


def complete_platforms(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Platforms of emdash.toml that start with this prefix, with their kinds; none if it cannot be read."""
    from emdash_cli import wiring
    from emdash_cli.domain.errors import EmdashError

    params = context.find_root().params
    try:
        settings = wiring.settings(params.get("config"), params.get("db"))
    except EmdashError:
        return []
    return [(each.name, each.kind) for each in settings.platforms if each.name.startswith(incomplete)]


def complete_dead(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Numbers of dead jobs that start with this prefix."""
    return _jobs(context, incomplete, ("dead",))


def complete_unknown(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Numbers of unknown jobs that start with this prefix."""
    return _jobs(context, incomplete, ("unknown",))


def complete_open_jobs(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Numbers of dead and unknown jobs that start with this prefix."""
    return _jobs(context, incomplete, ("dead", "unknown"))


def complete_any_job(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Numbers of jobs that have ended and start with this prefix."""
    return _jobs(context, incomplete, ("dead", "unknown", "done", "discarded"))


def _jobs(context: typer.Context, incomplete: str, states: tuple[str, ...]) -> list[tuple[str, str]]:
    from emdash_cli.distribution.sql import jobs_beginning

    def ask(session: Session) -> list[tuple[str, str]]:
        rows = session.database.query(jobs_beginning(session.names, incomplete, states, _MOST_JOBS))
        return [(str(row["word"]), str(row["label"])) for row in rows]

    return _answered(context, ask)


def _slugs(context: typer.Context, question: Callable[[FieldNames], Statement]) -> list[str]:
    def ask(session: Session) -> list[str]:
        return [str(row["word"]) for row in session.database.query(question(session.names))]

    return _answered(context, ask)


def _found(context: typer.Context, question: Callable[[], Statement]) -> list[tuple[str, str]]:
    """Words and their descriptions."""

    def ask(session: Session) -> list[tuple[str, str]]:
        return [(str(row["word"]), str(row["label"])) for row in session.database.query(question())]

    return _answered(context, ask)


def _answered(context: typer.Context, ask: Callable[[Session], list[_T]]) -> list[_T]:
    """The rows from the store; none on any error, because a shell cannot show one."""
    from emdash_cli import wiring

    # Nothing else would end a call that waits for a lock or a network. The shell treats silence as no completions.
    signal.alarm(PATIENCE_S)
    params = context.find_root().params
    try:
        settings = wiring.settings(params.get("config"), params.get("db"))
        user = context.params.get("user") or os.environ.get("EMDASH_USER")
        with wiring.open_session(settings, user) as session:
            session.require("read")
            return ask(session)
    except Exception:  # noqa: BLE001 - a traceback would land in the line that is being typed
        return []
    finally:
        signal.alarm(0)
