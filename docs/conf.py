"""Settings of the documentation site: https://www.sphinx-doc.org/en/master/usage/configuration.html."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

project = "emdash"
author = "The emdash authors"
project_copyright = "The emdash authors, MIT licence"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
html_theme = "furo"
html_title = "emdash"

DOCS = Path(__file__).parent
TOP = DOCS.parent
INCLUDED = {
    "README.md": "index",
    "CHANGELOG.md": "changes",
    "CONTRIBUTING.md": "contributing",
    "SECURITY.md": "security",
    "tests/README.md": "tests",
}
"""Files outside ``docs/`` and the pages of the site that show them."""
_INCLUDE = re.compile(r"^```\{include\} \.\./(\S+)\n```$", re.MULTILINE)
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")


def with_site_links(text: str, source: Path, page: Path) -> str:
    """The text of a file with its relative links as they must be on a page of the site."""

    def link(found: re.Match[str]) -> str:
        target = os.path.relpath(source.parent / found[1], TOP)
        shown = DOCS / f"{INCLUDED[target]}.md" if target in INCLUDED else TOP / target
        return os.path.relpath(shown, page.parent)

    return _LINK.sub(link, text)


def read(app: Any, docname: str, content: list[str]) -> None:
    """Include files from outside ``docs/``; links are written for readers of the repository and translated here."""
    page = Path(app.env.doc2path(docname))

    def included(found: re.Match[str]) -> str:
        source = TOP / found[1]
        return with_site_links(source.read_text("utf-8"), source, page)

    own = with_site_links(content[0], page, page)
    content[0] = _INCLUDE.sub(included, own)


def setup(app: Any) -> None:
    """Register `read`."""
    app.connect("source-read", read)
