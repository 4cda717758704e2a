"""The root options, and the user who runs the tool. Typer is not imported, to keep `cron` fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from emdash_cli.settings import Settings


class Root(NamedTuple):
    """``--config`` and ``--db``."""

    config: str | None
    database: str | None

    def settings(self) -> Settings:
        """The settings that follow from these options, the environment and emdash.toml."""
        from emdash_cli import wiring

        return wiring.settings(self.config, self.database)
