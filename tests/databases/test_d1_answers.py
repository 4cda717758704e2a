"""What D1's answers mean, by text and status."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.databases.d1 import BACKOFF_CAP_S, pause_before
from emdash_cli.databases.d1_answers import Answer, Executed, Failed, SendAgain, Verdict, judge
from emdash_cli.domain.errors import (
    CredentialsError,
    DatabaseError,
    RefusedError,
    TooLargeError,
    UnavailableError,
)

TOKEN = "the-token"  # noqa: S105  # of nobody
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def verdict(status: int, body: object, *, statements: int = 2, retry_after: str = "") -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judge(Answer(status, raw, retry_after), statements, NOON, secret=TOKEN)


def failure(code: int, message: str) -> dict[str, Any]:
    return {"result": None, "success": False, "errors": [{"code": code, "message": message}], "messages": []}


def success(*results: object) -> dict[str, Any]:
    return {"result": list(results), "success": True, "errors": [], "messages": []}


ROWS = {"results": [{"a": 1}], "success": True, "meta": {}}


def test_success_is_every_statement_answered() -> None:
    assert verdict(200, success(ROWS, ROWS)) == Executed([[{"a": 1}], [{"a": 1}]])


@pytest.mark.parametrize(
    "body",
    [
        success(ROWS),
        success(ROWS, ROWS, ROWS),
        success(ROWS, ROWS | {"success": False}),
        success(ROWS, {"success": True}),
        success(ROWS, {"results": None, "success": True}),
        success(ROWS, "?"),
        {**success(ROWS, ROWS), "success": False},
        {"result": {"results": []}, "success": True},
        {"success": True},
        [],
        None,
        b"",
        b"<html>",
        b"\xff",
        b'{"result":[',
    ],
)
def test_anything_less_than_success_leaves_it_open_whether_the_batch_took_effect(body: object) -> None:
    assert isinstance(verdict(200, body), SendAgain)


def test_rows_with_another_status_than_200_are_not_success() -> None:
    assert isinstance(verdict(500, success(ROWS, ROWS)), SendAgain)


@pytest.mark.parametrize(
    ("status", "code", "message", "expected"),
    [
        (
            400,
            7500,
            "UNIQUE constraint failed: t.c: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)",
            RefusedError,
        ),
        (400, 7500, 'near "SELEC": syntax error at offset 0: SQLITE_ERROR', DatabaseError),
        (400, 7500, "too many SQL variables at offset 5: SQLITE_ERROR", DatabaseError),
        (400, 7500, "statement too long: SQLITE_TOOBIG", RefusedError),
        (400, 7500, "string or blob too big: SQLITE_TOOBIG", RefusedError),
        (400, 7500, "not authorized: SQLITE_AUTH", DatabaseError),
        (400, 7500, "Wrong number of parameter bindings for SQL query.", DatabaseError),
        (400, 7500, "no such table: main.gone_table: SQLITE_ERROR", DatabaseError),
        (400, 7500, "database disk image is malformed: SQLITE_CORRUPT", DatabaseError),
        (400, 7400, "The request is malformed", DatabaseError),
        (500, 7500, "UNIQUE constraint failed: t.c: SQLITE_CONSTRAINT", RefusedError),
        (200, 7500, "UNIQUE constraint failed: t.c: SQLITE_CONSTRAINT", RefusedError),
        (
            500,
            7500,
            "Durable Object was reset and rolled back because constraints were violated: FOREIGN KEY constraint failed",
            RefusedError,
        ),
        (400, 7429, "D1 DB exceeded its CPU time limit and was reset.", TooLargeError),
        (500, 7500, "D1 DB's isolate exceeded its memory limit and was reset.", TooLargeError),
        (500, 7500, "D1 DB storage operation exceeded timeout which caused object to be reset.", TooLargeError),
        (429, 7429, "D1 DB exceeded its CPU time limit and was reset.", TooLargeError),
        (413, 0, "Payload Too Large", TooLargeError),
        (524, 0, "A timeout occurred", TooLargeError),
        (400, 7500, "Exceeded maximum DB size", UnavailableError),
        (401, 10000, "Authentication error", CredentialsError),
        (403, 10000, "Authentication error", CredentialsError),
        (400, 6003, "Invalid request headers", CredentialsError),
        (400, 6111, "Invalid format for Authorization header", CredentialsError),
        (404, 7404, "The database 1234 could not be found", DatabaseError),
        (400, 7003, "Could not route to /accounts/x, perhaps your object identifier is invalid?", DatabaseError),
        (302, 0, "Found", DatabaseError),
    ],
)
def test_what_is_final(status: int, code: int, message: str, expected: type[DatabaseError]) -> None:
    match verdict(status, failure(code, message)):
        case Failed(error):
            assert type(error) is expected
            assert message in error.message
        case other:
            pytest.fail(f"not final: {other}")


def test_a_refusal_in_other_words_than_the_apis_comes_from_elsewhere() -> None:
    answer = verdict(405, b"<html>Method Not Allowed</html>")
    assert isinstance(answer, Failed)
    assert (answer.error.code, "not Cloudflare's API" in answer.error.message) == ("store_missing", True)


@pytest.mark.parametrize(
    ("status", "code", "message", "error_code"),
    [
        (400, 7429, "D1 DB is overloaded. Requests queued for too long.", "store_overloaded"),
        (429, 7429, "D1 DB is overloaded. Too many requests queued.", "store_overloaded"),
        (400, 7500, "internal error", "store_unavailable"),
        (500, 7500, "Network connection lost.", "store_unavailable"),
        (500, 7500, "D1 DB reset because its code was updated.", "store_unavailable"),
        (400, 7500, "Internal error while starting up D1 DB storage caused object to be reset.", "store_unavailable"),
        (400, 7500, "Cannot resolve D1 DB due to transient issue on remote node.", "store_unavailable"),
        (400, 7500, "database is locked: SQLITE_BUSY", "store_unavailable"),
        (503, 0, "Service Unavailable", "store_unavailable"),
        (408, 0, "Request Timeout", "store_unavailable"),
        (403, 7403, "The given account is not valid or is not authorized to access this service", "credentials"),
        (429, 971, "Please wait and consider throttling your request speed", "rate_limited"),
        (429, 10429, "Rate limited", "rate_limited"),
    ],
)
def test_what_is_worth_another_try(status: int, code: int, message: str, error_code: str) -> None:
    match verdict(status, failure(code, message)):
        case SendAgain(error, resends):
            assert error.code == error_code
            assert resends >= 1
        case other:
            pytest.fail(f"not to be sent again: {other}")


def test_a_statement_that_failed_inside_a_success_says_why() -> None:
    answer = verdict(200, success(ROWS, {"success": False, "error": "CHECK constraint failed: quota"}))
    assert isinstance(answer, Failed)
    assert "CHECK constraint failed: quota" in answer.error.message


@pytest.mark.parametrize(
    ("retry_after", "after_s"),
    [("7", 7.0), ("0", 0.0), ("Sun, 22 Nov 2026 12:01:00 GMT", 60.0), ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0)]
    + [(nonsense, None) for nonsense in ("", "soon", "-3", "²", "1.5")],
)
def test_retry_after_is_seconds_or_a_date(retry_after: str, after_s: float | None) -> None:
    answer = verdict(429, failure(971, "throttled"), retry_after=retry_after)
    assert isinstance(answer, SendAgain)
    assert answer.after_s == after_s


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "message", "results"]), inner),
    max_leaves=5,
)
documents = anything | st.fixed_dictionaries(
    {},
    optional={
        "success": st.booleans(),
        "errors": anything | st.lists(st.fixed_dictionaries({"code": anything, "message": anything})),
        "result": anything | st.lists(st.fixed_dictionaries({"success": anything, "error": anything})),
    },
)


@given(
    status=st.sampled_from([100, 200, 302, 400, 401, 403, 404, 408, 413, 429, 500, 524, 599]),
    body=st.binary() | documents.map(lambda document: json.dumps(document).encode()),
    retry_after=st.text(max_size=30) | st.datetimes().map(str) | st.integers().map(str),
)
def test_no_answer_is_beyond_it(status: int, body: bytes, retry_after: str) -> None:
    answer = judge(Answer(status, body, retry_after), 1, NOON, secret=TOKEN)
    assert isinstance(answer, Executed | Failed | SendAgain)


@given(resend=st.integers(1, 50), chance=st.floats(0, 1, exclude_max=True))
def test_backoff_is_jittered_over_its_full_and_bounded_length(resend: int, chance: float) -> None:
    assert pause_before(resend, None, 0.0) == 0
    assert 0 <= pause_before(resend, None, chance) <= BACKOFF_CAP_S
    assert pause_before(resend, None, chance) <= pause_before(resend + 1, None, chance)


@given(after_s=st.floats(0, 330), chance=st.floats(0, 1, exclude_max=True), resend=st.integers(1, 50))
def test_never_sooner_than_the_server_asked(after_s: float, chance: float, resend: int) -> None:
    assert after_s <= pause_before(resend, after_s, chance) <= after_s + 1
