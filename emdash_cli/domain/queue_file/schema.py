"""The JSON Schema of a queue file."""

from __future__ import annotations

from typing import Any, Final

from emdash_cli.domain.queue_file.model import Document

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
AUTHOR: Final = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "What readers see."},
        "slug": {"type": "string", "description": "Slug of the byline."},
        "email": {"type": "string", "description": "Finds the user or byline; never shown."},
        "user": {
            "type": "string",
            "description": "E-mail address or id of the user to whom the post belongs, if not to the one of `email`.",
        },
    },
}
WITH_COMMAS: Final = {"type": "string", "description": "Several, with commas between them."}


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the documented keys, for editors and for programs that write queue files.

    A document that complies may still be refused by `parse`, which also knows which times exist, how large
    a file may be and what keys of other tools mean; `parse` in turn takes such keys, which are not in here.
    """
    schema: dict[str, Any] = _plain(Document.model_json_schema())
    fields: dict[str, Any] = schema["properties"]
    markdown, portable = fields.pop("body_text"), fields.pop("blocks")
    markdown["type"] = "string"
    portable |= {"type": "array", "items": {"type": "object", "required": ["_type"]}, "minItems": 1}
    either = {"description": "As `body_text`, or Portable Text.", "anyOf": [markdown, portable]}
    for field in ("tags", "platforms"):
        fields[field] = _or(fields[field], WITH_COMMAS)
    fields["author"] = _or(fields["author"], AUTHOR)
    fields["featured_image"] = _or(fields["featured_image"], schema["$defs"]["ImagePart"]["properties"]["src"])
    schema["properties"] = {
        "id": fields.pop("id"),
        "title": fields.pop("title"),
        "body_text": markdown,
        "body": {"description": "As `content`.", "$ref": "#/properties/content"},
        "content": either,
        **fields,
    }
    schema["oneOf"] = [{"required": [name]} for name in ("body_text", "body", "content")]
    return {"$schema": DIALECT, "title": "Queue file", **schema, "additionalProperties": True}


def _or(schema: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {key: schema.pop(key) for key in ("description", "examples") if key in schema}
    return {**about, "anyOf": [*schema.get("anyOf", [schema]), other]}


def _plain(schema: Any) -> Any:
    """Without generated titles and defaults, and with ``type: [t, null]`` for what may be null."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: {name: _plain(part) for name, part in value.items()} if key in ("properties", "$defs") else _plain(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str)) and key != "default"
    }
    if found.get("additionalProperties") is False:
        del found["additionalProperties"]
    choices = found.get("anyOf", [])
    if len(choices) == len(("it", "null")) and choices[1] == {"type": "null"} and "type" in choices[0]:
        del found["anyOf"]
        types = choices[0]["type"]
        found = {**choices[0], **found, "type": [*([types] if isinstance(types, str) else types), "null"]}
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return found
