"""The body that a batch is sent as."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.databases.d1 import MAX_INTEGER, packed
from emdash_cli.domain.errors import RefusedError
from emdash_cli.domain.ports import Limits, Statement
from emdash_cli.settings import D1_GROUP_BYTES

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Value

LIMITS = Limits(group_articles=100, group_bytes=1_000, value_bytes=2_000_000)

values: st.SearchStrategy[Value] = (
    st.none()
    | st.text(max_size=20)
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
)
statements = st.builds(Statement, st.text(max_size=20), st.lists(values, max_size=5).map(tuple))


@given(batch=st.lists(statements, max_size=4))
def test_it_is_the_batch_as_json(batch: list[Statement]) -> None:
    assert json.loads(packed(batch, LIMITS, D1_GROUP_BYTES)) == {
        "batch": [{"sql": statement.sql, "params": list(statement.params)} for statement in batch]
    }


def test_text_travels_unescaped_so_that_it_stays_small() -> None:
    text = "é😀" * 1_000
    assert len(packed([Statement("SELECT ?1", (text,))], LIMITS, D1_GROUP_BYTES)) < len(text.encode()) + 60


def test_a_refusal_says_which_parameter_of_which_statement() -> None:
    limits = Limits(group_articles=100, group_bytes=1_000, value_bytes=10)
    batch = [Statement("SELECT 1"), Statement("INSERT\n  INTO post VALUES (?1, ?2)", ("fits", "x" * 11))]
    with pytest.raises(RefusedError) as caught:
        packed(batch, limits, D1_GROUP_BYTES)
    assert caught.value.message == (
        "parameter 2 of statement 2 (INSERT INTO post VALUES (?1, ?2)) has 11 bytes; D1 accepts at most 10 in one value"
    )
