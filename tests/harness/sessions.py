"""Sessions in a store that a test has opened itself, for tests that call an action without the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from emdash_cli import wiring
from emdash_cli.settings import load
from emdash_cli.store.session import Session, Who

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Clock, Database


def session_in(
    database: Database, root: Path | None = None, *, clock: Clock = wiring.now, user: str | None = None, **changes: Any
) -> Session:
    """A session for `user` or the operator "test".

    Args:
        database: which the test closes.
        root: the directory with emdash.toml; without one, every setting has its default.
        clock: the present instant.
        user: by e-mail address, name or id.
        changes: to the settings.
    """
    directory = root or Path("/nowhere")
    settings = load({}, config=None, database=None, directory=directory, read_platform=wiring.read_platform)
    return Session(database, settings._replace(**changes), clock, wiring.id_source(clock), Who(user, lambda: "test"))
