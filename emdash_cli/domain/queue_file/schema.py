"""The JSON Schema of a queue file."""

from __future__ import annotations

from typing import Any

from emdash_cli.domain.queue_file.model import Document

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the documented keys, for editors and generators.

    What it cannot say (times that exist, the limits on bytes, keys of other tools) `parse` checks.
    """
    schema = Document.model_json_schema()
    fields = schema["properties"]
    markdown, blocks = fields.pop("body_text"), fields.pop("blocks")
    fields["body_text"] = markdown
    return {"$schema": DIALECT, **schema, "additionalProperties": True, "blocks": blocks}
