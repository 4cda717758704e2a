"""A batch is one transaction, on every engine; so are its foreign keys."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.errors import DatabaseError, RefusedError
from emdash_cli.domain.ports import Statement
from tests.databases.conformance.posts import insert, keys, rows

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Database, Value
    from tests.databases.conformance.stores import Store


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
