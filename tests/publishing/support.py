"""Pages that are imported, edited and imported again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.harness.site import Result, Site

PAGE = {
    "title": "Hello",
    "date": "2024-05-31",
    "tags": ["one", "two"],
    "categories": ["Essays"],
    "author": "Ada Lovelace",
    "seo": {"description": "For search engines"},
    "image": "https://example.org/a.png",
}
TEXT = "A first paragraph.\n\nA second one.\n"


def page(site: Site, text: str = TEXT, name: str = "hello.md", **changes: Any) -> None:
    """Write a page; None takes a field out."""
    fields = {key: value for key, value in (PAGE | changes).items() if value is not None}
    head = "".join(f"{key}: {json.dumps(value)}\n" for key, value in fields.items())
    site.write(f"pages/{name}", f"---\n{head}---\n{text}")


def imported(site: Site, *options: str) -> Result:
    return site.run("import", "--from-markdown", "pages", "--json", *options)


def outcomes(reported: Result) -> dict[str, str]:
    return {each["file"]: each["outcome"] for each in reported.json["outcomes"]}


def only(reported: Result) -> dict[str, Any]:
    (found,) = reported.json["outcomes"]
    return dict(found)


def document(site: Site, slug: str = "hello") -> dict[str, Any]:
    shown = site.run("show", slug, "--json").succeeds().json
    return dict(shown)
