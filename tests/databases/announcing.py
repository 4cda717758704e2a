"""What the tests of D1 ask for: one row, or a batch whose effect can be counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from tests.d1_engine.engine import Instance

ONE = Statement("SELECT 1 AS one")


def announce(name: str) -> list[Statement]:
    """A batch that adds the name once, however often it is sent, and reads back what is so."""
    return [
        Statement("INSERT INTO names SELECT ?1, 1 WHERE NOT EXISTS (SELECT 1 FROM names WHERE name = ?1)", (name,)),
        Statement("INSERT INTO effects SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM effects WHERE name = ?1)", (name,)),
        Statement("SELECT name, times FROM names WHERE name = ?1", (name,)),
    ]


def effects(instance: Instance) -> Counter[str]:
    (rows,) = instance.execute("SELECT n.name FROM names AS n JOIN effects AS e ON e.name = n.name")
    return Counter(row["name"] for row in rows)
