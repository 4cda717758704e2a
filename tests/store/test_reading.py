"""Reading a post back costs the same however many posts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.article import FieldNames
from emdash_cli.domain.ports import Statement
from emdash_cli.posts import sql

if TYPE_CHECKING:
    from emdash_cli.databases.sqlite import SqliteDatabase

NAMES = FieldNames()


@pytest.mark.parametrize("analysed", [False, True])
@pytest.mark.parametrize(
    "statement",
    [
        sql.post(NAMES, "a", None),
        sql.post(NAMES, "a", "en"),
        sql.neighbours(NAMES, "a"),
        sql.slugs_beginning(NAMES, "a", 50),
    ],
    ids=["post", "post-of-locale", "neighbours", "slugs"],
)
def test_no_table_is_scanned_or_sorted(store: SqliteDatabase, statement: Statement, *, analysed: bool) -> None:
    """Of the plan's lines, those that scan may only scan what a subquery has found."""
    if analysed:
        fill(store)
    plan = [
        str(row["detail"]) for row in store.query(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params))
    ]
    results = {line.split()[1] for line in plan if line.startswith("CO-ROUTINE")}
    scans = [line for line in plan if line.startswith("SCAN") and line.split()[1] not in results]
    assert scans == []


def fill(store: SqliteDatabase) -> None:
    """Statistics may change the planner's mind, all the more where the table has no rows or very many of them."""
    store.batch(
        [
            Statement(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                " INSERT INTO ec_posts (id, slug, locale, status, translation_group)"
                " SELECT 'post-' || i, 'slug-' || i, 'en', 'published', 'post-' || i FROM n"
            ),
            Statement("ANALYZE"),
        ]
    )
