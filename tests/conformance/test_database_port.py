"""What `emdash_cli.domain.ports.Database` promises, shown on every engine by the same tests."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emdash_cli.domain.errors import DatabaseError, RefusedError, UnavailableError
from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Database, Row, Value
    from tests.conformance.stores import Store

POSTS = Statement("CREATE TABLE post (id TEXT PRIMARY KEY, slug TEXT UNIQUE, number INTEGER, body TEXT)")
LINKS = Statement("CREATE TABLE link (id INTEGER PRIMARY KEY, post TEXT NOT NULL REFERENCES post (id))")


def insert(key: str, slug: str | None = None) -> Statement:
    return Statement("INSERT INTO post (id, slug) VALUES (?1, ?2)", (key, slug or key))


def rows(database: Database, sql: str, *params: Value) -> list[Row]:
    return database.query(Statement(sql, params))


def keys(database: Database) -> list[Value]:
    return [row["id"] for row in rows(database, "SELECT id FROM post ORDER BY id")]


@pytest.fixture
def posts(database: Database) -> Database:
    database.batch([POSTS, LINKS])
    return database


class TestTransaction:
    def test_a_failing_third_statement_leaves_no_trace_of_the_first_two(self, posts: Database) -> None:
        with pytest.raises(RefusedError):
            posts.batch([insert("a"), insert("b"), insert("a")])
        assert keys(posts) == []

    def test_a_failing_batch_takes_its_schema_changes_back(self, posts: Database) -> None:
        with pytest.raises(DatabaseError):
            posts.batch([Statement("CREATE TABLE extra (a)"), Statement("INSERT INTO nowhere VALUES (1)")])
        assert rows(posts, "SELECT name FROM sqlite_master WHERE name = 'extra'") == []

    def test_a_refused_batch_leaves_the_connection_usable(self, posts: Database) -> None:
        with pytest.raises(RefusedError):
            posts.batch([insert("a"), insert("a")])
        posts.batch([insert("a")])
        assert keys(posts) == ["a"]

    def test_a_later_statement_sees_what_an_earlier_one_wrote(self, posts: Database) -> None:
        answers = posts.batch([insert("a"), Statement("SELECT slug FROM post"), Statement("SELECT 7 AS n")])
        assert answers == [[], [{"slug": "a"}], [{"n": 7}]]

    def test_no_statements_have_no_rows(self, database: Database) -> None:
        assert database.batch([]) == []

    def test_changes_are_there_for_a_second_connection_and_after_the_first_is_closed(
        self, posts: Database, store: Store
    ) -> None:
        with closing(store.connect()) as second:
            posts.batch([insert("a")])
            assert keys(second) == ["a"]
        posts.close()
        with closing(store.connect()) as third:
            assert keys(third) == ["a"]

    def test_of_two_writers_at_once_neither_loses_a_change(self, posts: Database, store: Store) -> None:
        rounds = 25
        seen: list[Value] = []
        posts.batch([insert("counter"), Statement("UPDATE post SET number = 0")])

        def count() -> None:
            with closing(store.connect()) as own:
                for _ in range(rounds):
                    _, answer = own.batch(
                        [Statement("UPDATE post SET number = number + 1"), Statement("SELECT number FROM post")]
                    )
                    seen.append(answer[0]["number"])

        writers = [threading.Thread(target=count) for _ in range(2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert sorted(map(str, seen)) == sorted(map(str, range(1, 2 * rounds + 1)))

    def test_a_conditional_batch_sent_again_has_one_effect_and_reads_the_same(self, posts: Database) -> None:
        batch = [
            Statement(
                "INSERT INTO post (id, slug) SELECT ?1, ?1 WHERE NOT EXISTS (SELECT 1 FROM link WHERE post = ?1)"
                " ON CONFLICT DO NOTHING",
                ("a",),
            ),
            Statement(
                "INSERT INTO link (post) SELECT p.id FROM post AS p WHERE p.id = ?1"
                " AND NOT EXISTS (SELECT 1 FROM link WHERE post = p.id)",
                ("a",),
            ),
            Statement("SELECT p.id, l.id AS link FROM post AS p JOIN link AS l ON l.post = p.id"),
        ]
        first, second = posts.batch(batch), posts.batch(batch)
        assert first[-1] == second[-1] == [{"id": "a", "link": 1}]

    def test_a_guard_table_aborts_the_batch_by_the_name_of_its_check(self, posts: Database) -> None:
        posts.batch([Statement("CREATE TABLE guard (ok INTEGER CONSTRAINT number_moved_on CHECK (ok = 1))")])
        guard = Statement("INSERT INTO guard SELECT 0 WHERE (SELECT count(*) FROM post) <> CAST(?1 AS INTEGER)", (0,))
        with pytest.raises(RefusedError, match="number_moved_on"):
            posts.batch([insert("a"), guard])
        assert keys(posts) == []


class TestValues:
    @pytest.mark.parametrize(
        "value",
        [
            None,
            "",
            "plain",
            "'quo\"ted'",
            "two\nlines\t",
            "back\\slash",
            "👩‍👩‍👧 😀 é",
            "\u2028",
            "nul\0nul",
            0.1,
            -2.5,
        ],
    )
    def test_a_value_comes_back_as_it_went(self, posts: Database, value: Value) -> None:
        posts.batch([Statement("CREATE TABLE bag (v)"), Statement("INSERT INTO bag VALUES (?1)", (value,))])
        assert rows(posts, "SELECT v, typeof(v) AS kind, ?1 AS bound FROM bag", value) == [
            {
                "v": value,
                "kind": {type(None): "null", str: "text", float: "real"}[type(value)],
                "bound": value,
            }
        ]

    @pytest.mark.parametrize("number", [0, 1, -1, 2**31, 2**53 - 1, 2**53, -(2**53)])
    def test_a_cast_number_is_stored_whole(self, database: Database, number: int) -> None:
        answer = rows(
            database,
            "SELECT CAST(?1 AS INTEGER) AS n, typeof(CAST(?1 AS INTEGER)) AS kind, 'n-' || CAST(?1 AS INTEGER) AS text",
            number,
        )
        assert answer == [{"n": number, "kind": "integer", "text": f"n-{number}"}]

    def test_a_number_bound_for_an_integer_column_is_stored_whole(self, posts: Database) -> None:
        posts.batch([insert("a"), Statement("UPDATE post SET number = ?1", (42,))])
        assert rows(posts, "SELECT number, typeof(number) AS kind FROM post WHERE number = ?1", 42) == [
            {"number": 42, "kind": "integer"}
        ]

    def test_a_larger_number_travels_as_text(self, posts: Database) -> None:
        big = str(2**53 + 1)
        posts.batch([insert("a"), Statement("UPDATE post SET number = CAST(?1 AS INTEGER)", (big,))])
        assert rows(posts, "SELECT CAST(number AS TEXT) AS n FROM post") == [{"n": big}]

    def test_a_number_beyond_64_bits_is_refused(self, database: Database) -> None:
        with pytest.raises(RefusedError):
            rows(database, "SELECT ?1", 2**63)

    def test_a_parameter_used_twice_is_bound_once(self, database: Database) -> None:
        assert rows(database, "SELECT ?2 AS b, ?1 AS a, ?2 || ?1 AS ba", "a", "b") == [{"b": "b", "a": "a", "ba": "ba"}]

    def test_a_row_is_a_dict_in_the_order_of_its_columns(self, posts: Database) -> None:
        posts.batch([insert("a")])
        (row,) = rows(posts, "SELECT slug, id, count(*) AS how_many FROM post")
        assert list(row) == ["slug", "id", "how_many"]

    def test_what_is_not_there_has_no_rows(self, posts: Database) -> None:
        assert rows(posts, "SELECT id FROM post") == []

    def test_half_a_surrogate_pair_is_refused(self, database: Database) -> None:
        with pytest.raises(RefusedError):
            rows(database, "SELECT ?1", "\ud83d")

    def test_a_value_beyond_the_limit_is_refused_and_one_at_it_is_not(self, posts: Database) -> None:
        limit = posts.limits.value_bytes
        posts.batch([Statement("INSERT INTO post (id, body) VALUES ('fits', ?1)", ("é" * (limit // 2),))])
        with pytest.raises(RefusedError):
            posts.batch([Statement("INSERT INTO post (id, body) VALUES ('not', ?1)", ("é" * (limit // 2) + "x",))])
        assert rows(posts, "SELECT id, length(body) AS n FROM post") == [{"id": "fits", "n": limit // 2}]

    # The table is made anew for each example, so that the examples do not meet.
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(texts=st.lists(st.text(), min_size=1, max_size=5))
    def test_any_text_comes_back_as_it_went(self, database: Database, texts: list[str]) -> None:
        answers = database.batch([Statement("SELECT ?1 AS t", (text,)) for text in texts])
        assert [answer[0]["t"] for answer in answers] == texts
        through_json = rows(database, "SELECT value AS t FROM json_each(?1) ORDER BY key", json.dumps(texts))
        assert [str(row["t"]).split("\0")[0] for row in through_json] == [text.split("\0")[0] for text in texts]


class TestSql:
    """What the statements in emdash_cli/store are built from."""

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


class TestForeignKeys:
    def test_they_are_enforced(self, posts: Database) -> None:
        with pytest.raises(RefusedError, match="FOREIGN KEY"):
            posts.batch([Statement("INSERT INTO link (post) VALUES ('nobody')")])

    def test_deferred_they_are_looked_at_when_the_batch_ends(self, posts: Database) -> None:
        posts.batch(
            [
                Statement("PRAGMA defer_foreign_keys = on"),
                Statement("INSERT INTO link (post) VALUES ('a')"),
                insert("a"),
            ]
        )
        assert rows(posts, "SELECT post FROM link") == [{"post": "a"}]

    def test_deferred_and_never_met_they_refuse_the_batch(self, posts: Database) -> None:
        orphan = Statement("INSERT INTO link (post) VALUES ('nobody')")
        with pytest.raises(RefusedError, match="FOREIGN KEY"):
            posts.batch([Statement("PRAGMA defer_foreign_keys = on"), insert("a"), orphan, Statement("SELECT 1")])
        assert keys(posts) == []

    def test_deferring_ends_with_the_batch(self, posts: Database) -> None:
        posts.batch([Statement("PRAGMA defer_foreign_keys = on"), insert("a")])
        orphan_then_parent = [Statement("INSERT INTO link (post) VALUES ('b')"), insert("b")]
        with pytest.raises(RefusedError):
            posts.batch(orphan_then_parent)


class TestErrors:
    def test_a_unique_violation_names_table_and_column(self, posts: Database) -> None:
        with pytest.raises(RefusedError, match=r"UNIQUE constraint failed: post\.slug"):
            posts.batch([insert("a", "same"), insert("b", "same")])

    def test_a_missing_value_names_table_and_column(self, posts: Database) -> None:
        with pytest.raises(RefusedError, match=r"NOT NULL constraint failed: link\.post"):
            posts.batch([Statement("INSERT INTO link (post) VALUES (NULL)")])

    def test_a_trigger_refuses_in_its_own_words(self, posts: Database) -> None:
        posts.batch(
            [Statement("CREATE TRIGGER stop BEFORE DELETE ON post BEGIN SELECT raise(ABORT, 'post is locked'); END")]
        )
        posts.batch([insert("a")])
        with pytest.raises(RefusedError, match="post is locked"):
            posts.batch([Statement("DELETE FROM post")])

    @pytest.mark.parametrize(
        "statement",
        [
            Statement("SELEC 1"),
            Statement("SELECT * FROM nowhere"),
            Statement("SELECT missing FROM post"),
            Statement("SELECT ?1, ?2", ("one",)),
            Statement("SELECT ?1", ("one", "two")),
        ],
    )
    def test_a_statement_that_cannot_run_is_not_tried_again_later(self, posts: Database, statement: Statement) -> None:
        with pytest.raises(DatabaseError) as caught:
            posts.query(statement)
        assert not caught.value.retryable

    def test_a_store_that_is_not_there_is_unavailable(self, store: Store) -> None:
        with pytest.raises(UnavailableError) as caught, closing(store.connect_to_nothing()) as nothing:
            nothing.query(Statement("SELECT 1"))
        assert caught.value.retryable
        assert caught.value.hint

    def test_closing_twice_is_harmless(self, store: Store) -> None:
        database = store.connect()
        database.query(Statement("SELECT 1"))
        database.close()
        database.close()
