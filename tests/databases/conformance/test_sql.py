"""What the statements in emdash_cli/store are built from runs on every engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement
from tests.databases.conformance.posts import insert, keys, rows

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Database


class TestSql:
    def test_json_each_joins_rows_and_their_lists(self, database: Database) -> None:
        document = json.dumps([{"post": "a", "n": 7, "tags": ["x", "y"]}, {"post": "b", "n": 8, "tags": []}])
        answer = rows(
            database,
            "SELECT j.value->>'post' AS post, j.value->>'n' AS n, typeof(j.value->>'n') AS kind, t.value AS tag"
            " FROM json_each(?1) AS j CROSS JOIN json_each(j.value, '$.tags') AS t ORDER BY j.key, t.key",
            document,
        )
        assert answer == [
            {"post": "a", "n": 7, "kind": "integer", "tag": "x"},
            {"post": "a", "n": 7, "kind": "integer", "tag": "y"},
        ]

    def test_a_common_table_with_row_numbers_feeds_an_insert(self, posts: Database) -> None:
        answers = posts.batch(
            [
                Statement(
                    "WITH ranked AS (SELECT j.value AS id, row_number() OVER (ORDER BY j.key) AS n"
                    " FROM json_each(?1) AS j)"
                    " INSERT INTO post (id, slug, number) SELECT id, printf('%0*d-%s', CAST(?2 AS INTEGER), n, id), n"
                    " FROM ranked WHERE 1 ON CONFLICT DO NOTHING RETURNING id, slug",
                    ('["a", "b"]', 3),
                ),
                Statement("SELECT slug, number, typeof(number) AS kind FROM post ORDER BY id"),
            ]
        )
        assert answers == [
            [{"id": "a", "slug": "001-a"}, {"id": "b", "slug": "002-b"}],
            [
                {"slug": "001-a", "number": 1, "kind": "integer"},
                {"slug": "002-b", "number": 2, "kind": "integer"},
            ],
        ]

    def test_on_conflict_do_nothing_passes_over_any_unique_column(self, posts: Database) -> None:
        again = Statement("INSERT INTO post (id, slug) VALUES ('b', 'a') ON CONFLICT DO NOTHING RETURNING id")
        assert posts.batch([insert("a"), again]) == [[], []]
        assert keys(posts) == ["a"]

    def test_on_conflict_do_update_takes_the_new_row(self, posts: Database) -> None:
        upsert = Statement(
            "INSERT INTO post (id, number) SELECT value->>'id', value->>'n' FROM json_each(?1) WHERE 1"
            " ON CONFLICT (id) DO UPDATE SET number = excluded.number RETURNING number",
            ('[{"id": "a", "n": 5}]',),
        )
        assert posts.batch([insert("a"), upsert])[1] == [{"number": 5}]

    def test_update_from_json_each_with_returning(self, posts: Database) -> None:
        update = Statement(
            "UPDATE post AS e SET number = CAST(j.value->>'n' AS INTEGER) FROM json_each(?1) AS j"
            " WHERE e.id = j.value->>'id' AND +e.number IS NULL RETURNING id, number",
            ('[{"id": "a", "n": 5}]',),
        )
        assert posts.batch([insert("a"), insert("b"), update])[2] == [{"id": "a", "number": 5}]

    def test_the_columns_of_a_table_can_be_selected(self, posts: Database) -> None:
        answer = rows(
            posts,
            'SELECT m.name AS "table", c.name AS "column" FROM sqlite_master AS m'
            " CROSS JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name = ?1",
            "link",
        )
        assert answer == [{"table": "link", "column": "id"}, {"table": "link", "column": "post"}]

    def test_a_partial_index_is_made_and_used(self, posts: Database) -> None:
        posts.batch([Statement("CREATE INDEX due ON post (number, id) WHERE number IS NOT NULL")])
        (plan,) = rows(posts, "EXPLAIN QUERY PLAN SELECT id FROM post WHERE number IS NOT NULL AND number <= 5")
        assert "due" in str(plan["detail"])

    def test_views_and_triggers_work(self, posts: Database) -> None:
        posts.batch(
            [
                Statement("CREATE VIEW numbered AS SELECT id FROM post WHERE number > 0"),
                Statement(
                    "CREATE TRIGGER number_new AFTER INSERT ON post BEGIN"
                    " UPDATE post SET number = 1 WHERE id = new.id; END"
                ),
                insert("a"),
            ]
        )
        assert rows(posts, "SELECT id FROM numbered") == [{"id": "a"}]
