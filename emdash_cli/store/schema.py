"""The store's own schema: what `emdash init` creates, and which version is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from emdash_cli.domain.ports import Statement

VERSION: Final = 1
"""The version of the tool's own tables that this program reads and writes."""


def _schema_text() -> str:
    """``schema.sql``: inside the installed package, or at the top of the checkout."""
    from importlib.resources import files

    packaged = files("emdash_cli") / "schema.sql"
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).parents[2] / "schema.sql").read_text("utf-8")


def _statements(section: str) -> list[Statement]:
    body = re.split(r"^-- \[(\w+)\]$", _schema_text(), flags=re.MULTILINE)
    text = dict(zip(body[1::2], body[2::2], strict=True))[section]
    without_comments = re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE)
    return [Statement(sql.strip()) for sql in without_comments.split(";\n") if sql.strip()]


def emdash_tables() -> list[Statement]:
    """Statements that create the part of EmDash's tables which the tool writes; harmless where they exist."""
    return _statements("emdash")


def tool_tables(now: str) -> list[Statement]:
    """Statements that create the tool's tables and record their version; harmless where they exist."""
    record = Statement(
        f"INSERT INTO pipeline_schema (version, applied_at) VALUES ({VERSION}, ?1) ON CONFLICT DO NOTHING",
        (now,),
    )
    return [*_statements("tool"), record]
