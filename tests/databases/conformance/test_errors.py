"""Every engine tells an error the same way."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.errors import DatabaseError, RefusedError, UnavailableError
from emdash_cli.domain.ports import Statement
from tests.databases.conformance.posts import insert

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Database
    from tests.databases.conformance.stores import Store


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
