"""``emdash config``."""

from __future__ import annotations

import typer  # noqa: TC002 - Typer reads the annotations when it runs

from emdash_cli.commands import options


def config(
    context: typer.Context,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
) -> None:
    r"""Show every setting in force and where it comes from.

    A value comes from an option (--db), the environment (EMDASH_DATABASE), emdash.toml or, if none of them sets it, the
    default, in this order. emdash.toml is the file that --config names, or EMDASH_CONFIG, or ./emdash.toml. Its paths
    are relative to its own directory and are shown as absolute paths. Secrets are not settings: emdash.toml says only
    where they are, in the environment or in a file.

    \b
    Examples:
      emdash config
      emdash --db sqlite:/srv/site/data.db config
      emdash config --json | jq -r '.values."streams.default.queue".value'
    """
    from emdash_cli.reports.settings import show_settings
    from emdash_cli.views import installation as view

    settings = options.root(context).settings()
    view.show_settings(show_settings(settings), settings, as_json=as_json)
