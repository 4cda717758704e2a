"""The one place that picks the real things: settings, clock, database, ids."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from emdash_cli.domain.errors import UsageError
from emdash_cli.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from emdash_cli.domain.ports import Database


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def id_source() -> Callable[[], str]:
    """Makes new ids, each greater than the one before."""
    from emdash_cli.domain.ulid import UlidSource

    source = UlidSource()
    return lambda: source.next(now())


def settings(config: str | None, database: str | None) -> Settings:
    """The settings in force in this process."""
    return load(os.environ, config=config, database=database, directory=Path.cwd())


def open_database(chosen: Settings, *, create: bool = False) -> AbstractContextManager[Database]:
    """The store that the settings name, closed at the end of the block.

    Raises:
        UsageError: no such kind of store.
        DatabaseError: it cannot be opened.
    """
    kind, _, rest = chosen.database.partition(":")
    match kind:
        case "sqlite" if rest:
            from emdash_cli.databases.sqlite import SqliteDatabase

            return closing(SqliteDatabase(chosen.root / rest, create=create))
        case "d1" if rest.count("/") == 1:
            return closing(_d1(chosen, rest))
        case _:
            raise UsageError(
                f"database {chosen.database!r} (from {chosen.origins.get('database', 'settings')}) names no store",
                hint="write sqlite:PATH, or d1:ACCOUNT_ID/DATABASE_ID",
            )


def _d1(chosen: Settings, rest: str) -> Database:
    from emdash_cli.databases.d1 import D1Database

    account, database = rest.split("/")
    token = os.environ.get("CLOUDFLARE_API_TOKEN", "")
    if not token:
        raise UsageError(
            "CLOUDFLARE_API_TOKEN is not set, and the database is on D1",
            hint="set it to an API token that may edit D1; it is never printed or stored",
            code="no_token",
        )
    return D1Database(account_id=account, database_id=database, token=token, base_url=chosen.api_base_url)
