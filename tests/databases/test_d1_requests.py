"""The body that a batch is sent as."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.databases.d1 import MAX_INTEGER, MAX_PARAMS, MAX_SQL_BYTES, packed
from emdash_cli.domain.errors import RefusedError, TooLargeError, UsageError
from emdash_cli.domain.ports import Limits, Statement
from emdash_cli.settings import D1_GROUP_BYTES
from tests.databases.support import ONE

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Value
    from tests.databases.support import Waiting


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


class TestBeforeSending:
    """What D1 would refuse is refused here, with no request spent on it."""

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            (Statement("SELECT 1", tuple(range(MAX_PARAMS + 1))), "101 parameters"),
            (Statement("SELECT '" + "é" * (MAX_SQL_BYTES // 2) + "'"), "bytes of SQL"),
            (Statement("SELECT ?1", ("é" * 1_000_001,)), "2,000,002 bytes"),
            (Statement("SELECT ?1", (2**53 + 1,)), "2\\^53"),
            (Statement("SELECT ?1", (-(2**53) - 1,)), "2\\^53"),
            (Statement("SELECT ?1", (float("nan"),)), "nan"),
            (Statement("SELECT ?1", (float("inf"),)), "inf"),
            (Statement("SELECT ?1", ("half \udfff",)), "surrogate"),
            (Statement("SELECT ?1", (b"bytes",)), "bytes"),  # type: ignore[arg-type]
        ],
    )
    def test_a_statement_beyond_the_limits_is_refused(self, waiting: Waiting, statement: Statement, said: str) -> None:
        with pytest.raises(RefusedError, match=said):
            waiting.database.batch([ONE, statement])
        assert waiting.instance.requests() == []

    def test_a_group_beyond_the_limit_is_too_large(self, waiting: Waiting) -> None:
        # A quote has two bytes on the way.
        half = Statement("SELECT length(?1) AS n", ('"' * 990_000,))
        waiting.database.batch([half, half])
        (seen,) = waiting.instance.requests()
        more = Statement("SELECT length(?1) AS n", ('"' * 1_000_000,))
        with pytest.raises(TooLargeError, match="d1_group_bytes"):
            waiting.database.batch([more, more])
        assert len(waiting.instance.requests()) == 1
        waiting.open(group_bytes=seen.bytes + 100_000).batch([more, more])

    def test_an_article_that_is_larger_than_the_groups_are_to_be_is_sent_alone(self, waiting: Waiting) -> None:
        database = waiting.open(group_bytes=100_000)
        assert database.limits.group_bytes == 80_000
        assert database.query(Statement("SELECT length(?1) AS n", ("x" * 1_900_000,))) == [{"n": 1_900_000}]

    def test_what_stands_at_the_limits_passes(self, waiting: Waiting) -> None:
        longest = "SELECT '" + "x" * (MAX_SQL_BYTES - 14) + "' AS t"
        numbered = ",".join(f"?{number}" for number in range(1, MAX_PARAMS + 1))
        answers = waiting.database.batch(
            [
                Statement(longest),
                Statement(f"SELECT max({numbered}) AS top", tuple(range(MAX_PARAMS))),
                Statement("SELECT length(?1) AS n", ("x" * 2_000_000,)),
            ]
        )
        assert len(longest) == MAX_SQL_BYTES
        assert answers[1:] == [[{"top": 99}], [{"n": 2_000_000}]]

    def test_truth_values_are_bound_as_numbers(self, waiting: Waiting) -> None:
        assert waiting.database.query(Statement("SELECT ?1 AS yes, ?2 AS no", (True, False))) == [{"yes": 1, "no": 0}]

    def test_nothing_to_do_costs_no_request(self, waiting: Waiting) -> None:
        assert waiting.database.batch([]) == []
        assert waiting.instance.requests() == []

    def test_a_batch_costs_one_request_however_large(self, waiting: Waiting) -> None:
        waiting.database.batch([Statement("SELECT ?1 AS t", ("x" * 10_000,))] * 300)
        (request,) = waiting.instance.requests()
        assert (request.statements, request.form) == (300, "query")

    @pytest.mark.parametrize("base_url", ["api.cloudflare.com", "ftp://x/", "https://", "http://[::1", ""])
    def test_a_base_url_that_is_none_is_refused(self, waiting: Waiting, base_url: str) -> None:
        with pytest.raises(UsageError, match="not a URL"):
            waiting.open(base_url=base_url)

    @pytest.mark.parametrize("end", ["?x=1", "#top"])
    def test_nothing_can_be_appended_to_a_query(self, waiting: Waiting, end: str) -> None:
        with pytest.raises(UsageError, match="has a \\? or a #"):
            waiting.open(base_url=waiting.instance.base_url + end)

    def test_a_password_in_the_base_url_is_refused_and_not_repeated(self, waiting: Waiting) -> None:
        with pytest.raises(UsageError, match="user name or password") as caught:
            waiting.open(base_url="https://u:secretpw@proxy.example/")
        assert "secretpw" not in str(vars(caught.value))

    @pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
    def test_plain_http_goes_by_no_proxy(
        self, waiting: Waiting, variable: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert waiting.open().query(ONE) == waiting.database.query(ONE)
        assert waiting.notices == []

    def test_the_token_is_not_sent_unencrypted_to_another_machine(self, waiting: Waiting) -> None:
        with pytest.raises(UsageError, match="unencrypted"):
            waiting.open(base_url="http://api.cloudflare.com/client/v4")
