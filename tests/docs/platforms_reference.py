"""The generated parts of docs/platforms: schemas, and the tables of what is in them.

``python -m tests.docs.platforms_reference`` writes them anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emdash_cli.platforms import _schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = Path(__file__).parents[2] / "docs" / "platforms"


def generated() -> Iterator[tuple[Path, str]]:
    """Each file that has generated parts, and its right content."""
    schemas = {"target": _schemas.target(), "webhook": _schemas.webhook()}
    for kind, schema in schemas.items():
        yield PAGES / f"{kind}.schema.json", json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        page = PAGES / f"{kind}.md"
        properties = schema["properties"].get("data", schema)["properties"]
        content = _between_marks(page.read_text("utf-8"), "body", _table(properties))
        if kind == "webhook":
            content = _between_marks(content, "events", _events(_schemas.events()))
        yield page, content
    yield PAGES / "webhook-events.schema.json", json.dumps(_schemas.events(), indent=2, ensure_ascii=False) + "\n"


def _events(schema: dict[str, Any]) -> str:
    """Each type with its keys, then the keys."""
    shapes = {shape["properties"]["type"]["const"]: shape["properties"]["data"] for shape in schema["oneOf"]}
    rows = [f"| `{event}` | {' '.join(f'`{key}`' for key in data['properties'])} |" for event, data in shapes.items()]
    keys = {key: value for data in shapes.values() for key, value in data["properties"].items()}
    return "\n".join(["", "| Type | Keys of `data` |", "|---|---|", *rows, _table(keys)])


def _between_marks(page: str, mark: str, table: str) -> str:
    before, begin, rest = page.partition(f"<!-- {mark}: begin -->\n")
    _, end, after = rest.partition(f"<!-- {mark}: end -->")
    return f"{before}{begin}{table}{end}{after}"


def _table(properties: dict[str, Any]) -> str:
    rows = [
        f"| `{name}` | {_type(schema)} | {schema.get('description', '')} |".replace("|  |", "| |")
        for name, schema in properties.items()
    ]
    return "\n".join(["", "| Key | Type | Meaning |", "|---|---|---|", *rows, "", ""])


def _type(schema: dict[str, Any]) -> str:
    if "pattern" in schema and "T" in schema["pattern"]:
        return "instant"
    kinds: list[str] = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join("list" if kind == "array" else kind for kind in kinds)


if __name__ == "__main__":
    for path, content in list(generated()):
        path.write_text(content, "utf-8")
