"""The reports find the jobs of posts by index, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.article import FieldNames
from emdash_cli.domain.ports import Statement
from emdash_cli.posts import sql
from emdash_cli.reports.sql import history, listing, platforms

if TYPE_CHECKING:
    from emdash_cli.databases.sqlite import SqliteDatabase

NAMES = FieldNames()


@pytest.mark.parametrize("analysed", [False, True])
@pytest.mark.parametrize(
    "statement",
    [
        sql.post(NAMES, "a", None, jobs=True),
        history.posts_with_slug(NAMES, "a", jobs=True),
        listing.list_posts(NAMES, listing.ListQuery(), jobs=True),
        *platforms.standing(NAMES, '["x"]', "2026-01-02", "2026-01-01"),
    ],
    ids=["show", "history", "posts", "lanes", "failures", "next"],
)
def test_jobs_are_found_by_index(store: SqliteDatabase, statement: Statement, *, analysed: bool) -> None:
    if analysed:
        store.batch(
            [
                Statement(
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
                    " INSERT INTO publish_jobs (subject, lane, kind, run_after, created_at, state, ended_at)"
                    " SELECT 'post-' || i, 'x', 'announce', '2026', '2026', iif(i % 2, 'done', 'pending'),"
                    " iif(i % 2, '2026', NULL) FROM n"
                ),
                Statement("ANALYZE"),
            ]
        )
    plan = store.query(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params))
    of_jobs = [
        line for row in plan if (line := str(row["detail"])).split()[1] in {"j", "o", "r", "d", "s", "publish_jobs"}
    ]
    assert of_jobs
    assert not [line for line in of_jobs if line.startswith("SCAN") and "VIRTUAL TABLE" not in line], of_jobs
