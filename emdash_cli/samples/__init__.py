"""The files that `emdash init` creates: a commented emdash.toml, and sample articles."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Final

ID_PREFIX: Final = "emdash-sample-"
"""The prefix of each sample's id."""

_DATABASE_LINE: Final = 'database = "sqlite:emdash.db"'


def settings_text(database: str) -> str:
    """The commented emdash.toml for that database."""
    text = (files(__name__) / "emdash.toml").read_text("utf-8")
    return text.replace(_DATABASE_LINE, f"database = {json.dumps(database, ensure_ascii=False)}", 1)


def articles() -> list[tuple[str, str]]:
    """The sample articles in order: the name of each, and its Markdown with front matter."""
    found = sorted(
        (entry.name, entry.read_text("utf-8")) for entry in files(__name__).iterdir() if entry.name.endswith(".md")
    )
    return [(name.removesuffix(".md").partition("-")[2], text) for name, text in found]
