"""Holds what ``--json`` printed against its JSON Schema: every test that prints a document checks it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from emdash_cli.commands.app import command_in
from emdash_cli.views import schemas

if TYPE_CHECKING:
    from collections.abc import Sequence


def check(words: Sequence[str], printed: str) -> None:
    """Nothing if these words do not ask for a document, or if it has exactly the keys of its schema."""
    command = command_in(words)
    if "--json" not in words or command is None or not printed:
        return
    full = f"{command} {words[list(words).index(command) + 1]}"
    if any(full in each.commands for each in schemas.PRINTED.values()):
        command = full
    if command == "schema" and len(words) > 2:
        return  # a schema, of whatever document
    for document in documents(printed):
        is_error = isinstance(document, dict) and document.keys() == {"error"}
        validator("error" if is_error else command).validate(document)


def documents(printed: str) -> list[Any]:
    """One document, or one for each sweep of a watch."""
    found = []
    decoder, rest = json.JSONDecoder(), printed.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].lstrip()
    return found


@cache
def validator(name: str) -> Draft202012Validator:
    """The schema of a document or command, under which an object has no other keys."""
    schema = schemas.schema(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(closed(schema))


def closed(schema: Any) -> Any:
    """The schema under which no object has keys that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(part) for key, part in schema.items()}
    if isinstance(found.get("properties"), dict) and found.get("type") == "object":
        found["additionalProperties"] = False
    return found
