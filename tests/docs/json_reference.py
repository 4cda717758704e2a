"""The generated parts of docs/json.md; ``python -m tests.docs.json_reference`` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emdash_cli.views import schemas
from tests.domain.queue_file.reference import table

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "json.md"
SECTION = re.compile(r"<!-- generated: ([a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)
WORDS = {"string": "text", "boolean": "true or false", "array": "list", "number": "number"}

Schema = dict[str, Any]


def kind(schema: Schema, parts: Schema) -> str:
    """What a value may be, in words."""
    if "$ref" in schema:
        part = parts[schema["$ref"].rpartition("/")[2]]
        return kind(part, parts) if "enum" in part else "object"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind(each, parts) for each in schema["anyOf"]))
    if "type" not in schema:
        return "any value"
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    words = [WORDS.get(each, each) for each in types]
    if schema.get("items"):
        words[0] = f"list of {kind(schema['items'], parts)}{'s' if '$ref' in schema['items'] else ''}"
    if isinstance(schema.get("additionalProperties"), dict):
        words[0] = f"object of {kind(schema['additionalProperties'], parts)}s"
    return " or ".join(words).replace("objects or objects", "objects")


def inner(schema: Schema, path: str, parts: Schema) -> Iterator[tuple[str, Schema]]:
    """The objects within a value, each with the path at which it is."""
    if "$ref" in schema:
        part = parts[schema["$ref"].rpartition("/")[2]]
        if "properties" in part:
            yield path, part
    for each in schema.get("anyOf", ()):
        yield from inner(each, path, parts)
    if "items" in schema:
        yield from inner(schema["items"], f"{path}[]", parts)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from inner(schema["additionalProperties"], f"{path}.NAME", parts)


def tables(path: str, schema: Schema, parts: Schema) -> Iterator[str]:
    """The table of an object and those of the objects within it; an error has one table for all."""
    rows = []
    below = []
    for key, value in schema["properties"].items():
        rows.append((f"`{key}`", kind(value, parts), value["description"]))
        below += list(inner(value, f"{path}.{key}".lstrip("."), parts))
    yield table(("Key", "Type", "Meaning"), rows)
    for at, part in below:
        if part["title"] == "Error" and "errors" in schema["properties"]:
            yield f"`{at}`: as in [Errors](#errors)."
            continue
        variant = part["properties"].get("kind", {}).get("enum", ())
        which = f" with the kind `{variant[0]}`" if variant else ""
        yield f"`{at}`{which}: {part['description']}"
        yield from tables(at, part, parts)


def section(name: str) -> str:
    """What a document is, who prints it, and its keys."""
    schema = schemas.schema(name)
    parts = schema.get("$defs", {})
    commands = [f"`emdash {command} --json`" for command in schemas.PRINTED[name].commands]
    printed = (
        f"Printed by {' and '.join(filter(None, [', '.join(commands[:-1]), *commands[-1:]]))}." if commands else ""
    )
    about = " ".join(schema["description"].split("\n\n"))
    top = tables("", schema, parts) if "properties" in schema else tables("[]", parts["User"], parts)
    return "\n\n".join(filter(None, [f"{about} {printed}".strip(), *top]))


def render(page: str) -> str:
    """The page with its generated parts as they must be."""
    return SECTION.sub(lambda match: f"<!-- generated: {match[1]} -->\n{section(match[1])}\n<!-- end -->", page)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
