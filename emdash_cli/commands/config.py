"""``emdash config``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer  # noqa: TC002 - Typer reads the annotations when it runs

from emdash_cli.commands import options

if TYPE_CHECKING:
    from emdash_cli.reports.settings import Shown


def config(
    context: typer.Context,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
) -> None:
    r"""Show every setting in force and where it comes from.

    A value comes from an option (--db), the environment (EMDASH_DATABASE), emdash.toml or, if none of them sets it, the
    default, in this order. emdash.toml is the file that --config names, or EMDASH_CONFIG, or ./emdash.toml. Its paths
    are relative to its own directory and are shown as absolute paths. Secrets are not settings: they are read from the
    environment only.

    \b
    Examples:
      emdash config
      emdash --db sqlite:/srv/site/data.db config
      emdash config --json | jq -r '.values."streams.default.queue".value'

    --json prints {"file": …, "root": …, "values": {KEY: {"value": …, "origin": …}}}.
    """
    from emdash_cli.reports.settings import show_settings
    from emdash_cli.views import output

    settings = options.root(context).settings()
    shown = show_settings(settings)
    file = str(settings.file) if settings.file else None
    if as_json:
        values = {setting.key: {"value": setting.value, "origin": setting.origin} for setting in shown}
        output.json_document({"file": file, "root": str(settings.root), "values": values})
        return
    rows = [(setting.key, _text(setting.value), _origin(setting.origin, file)) for setting in shown]
    output.table(("setting", "value", "from"), rows)
    if not file:
        output.note(f"there is no emdash.toml in {settings.root}: run `emdash init` to create one")


def _text(value: Shown) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


def _origin(origin: str, file: str | None) -> str:
    return "emdash.toml" if origin == file and file.endswith("/emdash.toml") else origin
