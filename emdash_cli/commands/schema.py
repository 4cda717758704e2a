"""``emdash schema``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Document(StrEnum):
    """Documents that have a JSON Schema."""

    QUEUE_FILE = "queue-file"


def schema(
    document: Annotated[Document, typer.Argument(metavar="DOCUMENT", help="queue-file: one article of the queue.")],
) -> None:
    r"""Print the JSON Schema of a document such as a queue file.

    \b
    Examples:
      emdash schema queue-file > queue-file.schema.json
      emdash schema queue-file | jq '.properties | keys'
      check-jsonschema --schemafile queue-file.schema.json queue/*.json
    """
    import json

    from emdash_cli.domain.queue_file import json_schema
    from emdash_cli.views import output

    match document:
        case Document.QUEUE_FILE:
            output.data(json.dumps(json_schema(), ensure_ascii=False, indent=2))
