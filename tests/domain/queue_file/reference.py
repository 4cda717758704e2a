"""The generated parts of docs/queue-file.md; ``python -m tests.domain.queue_file.reference`` writes them anew."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.queue_file import json_schema
from emdash_cli.domain.queue_file.key_names import IMAGE_NAMES, LABELS, PICTURES, SEO_NAMES, TEXTS, TIMES, VISIBILITY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emdash_cli.domain.queue_file.key_names import Rule

PAGE = Path(__file__).parents[3] / "docs" / "queue-file.md"
SECTION = re.compile(r"<!-- generated: ([a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def names_of(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def kind(schema: dict[str, Any]) -> str:
    """The JSON types that a value may have."""
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"] if value)
    if "$ref" in schema:
        return "text or list" if schema["$ref"].startswith("#/properties") else "object"
    parts = [kind(part) for part in schema.get("anyOf", ())]
    types = schema.get("type", ())
    parts += [types] if isinstance(types, str) else types
    words = {"string": "text", "boolean": "true or false", "array": "list"}
    return " or ".join(dict.fromkeys(words.get(part, part) for part in parts if part not in ("null", "")))


def limit(schema: dict[str, Any]) -> str:
    found = {**schema, **{key: value for part in schema.get("anyOf", ()) for key, value in part.items()}}
    if "maxLength" in found and kind(schema) != "object":
        return f" At most {found['maxLength']:,} characters."
    return f" At most {found['maxItems']}." if "maxItems" in found else ""


def fields() -> str:
    schema = json_schema()
    rows = []
    for name, field in schema["properties"].items():
        rows.append((f"`{name}`", kind(field), f"{field['description']}{limit(field)}"))
        part = {"seo": "SeoPart", "featured_image": "ImagePart"}.get(name)
        inner = schema["$defs"][part]["properties"] if part else field.get("properties", {})
        rows += [(f"`{name}.{key}`", kind(of), f"{of['description']}{limit(of)}") for key, of in inner.items()]
    return table(("Key", "Type", "Meaning"), rows)


def becomes(rule: Rule) -> str:
    text = ", or ".join(f"`{'content' if field == 'blocks' else field}`" for field in rule.becomes)
    if rule.read or not rule.becomes:
        return rule.note
    return f"{text}. {rule.note}".strip() if rule.note else text


def foreign_keys() -> str:
    groups = {
        "Times": TIMES,
        "What holds a post back": VISIBILITY,
        "Texts": TEXTS,
        "Labels": LABELS,
        "Pictures and search engines": PICTURES,
    }
    head = ("Key", "Becomes")
    parts = [
        f"### {title}\n\n{table(head, ((names_of(rule.names), becomes(rule)) for rule in rules))}"
        for title, rules in groups.items()
    ]
    inner = [
        (names_of(f"{outer}.{name}" for name in others), f"`{outer}.{field}`")
        for outer, names in (("seo", SEO_NAMES), ("featured_image", IMAGE_NAMES))
        for field, others in names.items()
        if others
    ]
    return "\n\n".join([*parts, f"### Within objects\n\n{table(head, inner)}"])


def schema() -> str:
    return f"```json\n{json.dumps(json_schema(), indent=2, ensure_ascii=False)}\n```"


def render(page: str) -> str:
    """The page with its generated parts as they must be."""
    makers = {"fields": fields, "foreign-keys": foreign_keys, "schema": schema}
    return SECTION.sub(lambda match: f"<!-- generated: {match[1]} -->\n{makers[match[1]]()}\n<!-- end -->", page)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
