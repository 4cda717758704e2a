"""The root options, and the user who runs the tool. Typer is not imported, to keep `cron` fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Database
    from emdash_cli.domain.roles import Actor
    from emdash_cli.settings import Settings


class Root(NamedTuple):
    """``--config`` and ``--db``."""

    config: str | None
    database: str | None

    def settings(self) -> Settings:
        """The settings that follow from these options, the environment and emdash.toml."""
        from emdash_cli import wiring

        return wiring.settings(self.config, self.database)


def operator() -> str:
    """The login name of the person who runs the tool."""
    from emdash_cli import wiring

    return wiring.operator()


def permit(database: Database, user: str | None, permission: str) -> str:
    """The name for the audit table of the user, or of the operator if there is none, who has the `Permission`.

    Raises:
        NotAllowedError: the user does not exist, is disabled, or has a role that does not suffice.
    """
    if not user:
        return f"operator:{operator()}"
    return permitted(database, user, permission).label


def permitted(database: Database, user: str | None, permission: str) -> Actor:
    """The actor; otherwise as `permit`."""
    from emdash_cli.access.users import permit as ask
    from emdash_cli.domain.roles import Permission

    return ask(database, user, operator(), Permission(permission))
