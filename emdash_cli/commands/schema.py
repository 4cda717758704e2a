"""``emdash schema``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options  # noqa: TC001 - Typer reads the annotations when it runs


def complete_documents(incomplete: str) -> list[tuple[str, str]]:
    """Names of documents that start with this prefix, with their descriptions."""
    from emdash_cli.views.schemas import listed

    return [(each.name, each.description) for each in listed().schemas if each.name.startswith(incomplete)]


def schema(
    document: Annotated[
        str | None,
        typer.Argument(
            metavar="[DOCUMENT]",
            help="queue-file, or a command such as status.",
            autocompletion=complete_documents,
            show_default=False,
        ),
    ] = None,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
) -> None:
    r"""Print the JSON Schema of a queue file or of a report.

    A report is what a command prints with --json.

    Without DOCUMENT, the command lists the documents that have a schema, the commands that print them, and their
    descriptions: as a table on a terminal, in a pipe as one line of tab-separated fields each, and with --json as one
    document. A schema is always printed as JSON. docs/json.md shows the same schemas as tables.

    \b
    Examples:
      emdash schema
      emdash schema queue-file > queue-file.schema.json
      check-jsonschema --schemafile queue-file.schema.json queue/*.json
      emdash schema status | jq '.properties | keys'
      emdash schema | cut -f1                       their names

    Exit codes: 0 success; 2 no such document.
    """
    from emdash_cli.views import schemas

    if document is None:
        schemas.show_list(as_json=as_json)
    else:
        schemas.show_schema(document)
