"""What is bound comes back as it went, on every engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emdash_cli.domain.errors import RefusedError
from emdash_cli.domain.ports import Statement
from tests.databases.conformance.posts import insert, rows

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Database, Value


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
