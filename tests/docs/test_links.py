"""The links of the documents lead to files and headings that exist, and so do the modules that they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(TOP) for path in (*TOP.glob("*.md"), *TOP.glob("docs/**/*.md"), TOP / "tests" / "README.md")
)


def text_of(page: Path) -> str:
    """The page without code, in which links are examples."""
    return re.sub(r"^```.*?^```$|(`+)[^`].*?\1", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


MODULES = [
    f"/{path.relative_to(TOP)}" for folder in ("emdash_cli", "tests", "docs") for path in (TOP / folder).rglob("*.py")
]
ELSEWHERE = {"commands/NAME.py", "httpx/__init__.py"}
"""A placeholder, and a file of a library."""


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings: in lower case, without punctuation, hyphens for blanks."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    here = TOP / page
    for target, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)", text_of(here)):
        there = here.parent / target if target else here
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_modules_that_a_page_names_exist(page: Path) -> None:
    for named in re.findall(r"`([\w/]+\.py)`", (TOP / page).read_text("utf-8")):
        assert named in ELSEWHERE or any(path.endswith(f"/{named}") for path in MODULES), named
