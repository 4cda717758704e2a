"""The engines that the tests stand on: they speak Cloudflare's contract, and agree with the reference."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.d1_engine.engine import start
from tests.d1_engine.install import EngineError, Packages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.d1_engine.engine import Engine, Instance

STATEMENTS = [
    {"sql": "CREATE TABLE t (a INTEGER PRIMARY KEY, b)"},
    {"sql": "INSERT INTO t VALUES (?1, ?2), (?3, ?3) RETURNING a, typeof(b) AS kind", "params": [1, "x", 2]},
    {"sql": "SELECT * FROM t ORDER BY a"},
]
REFUSED = [
    "SELEC 1",
    "SELECT * FROM nowhere",
    "INSERT INTO t VALUES (1, 1), (1, 1)",
    "PRAGMA user_version",
    "SELECT sqlite_version()",
    "BEGIN",
    "SELECT " + " UNION ALL SELECT ".join("123456"),
    "SELECT 'x' LIKE '" + "%" * 51 + "'",
    "SELECT 1 --" + "x" * 100_000,
]


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Engine]:
    with start("stand-in") as engine:
        yield engine


@pytest.fixture(scope="module")
def workerd() -> Iterator[Engine]:
    with start("workerd") as engine:
        yield engine


def post(instance: Instance, body: object, *, form: str = "query", token: str | None = None) -> httpx.Response:
    return httpx.post(
        f"{instance.base_url}/accounts/{instance.account_id}/d1/database/{instance.database_id}/{form}",
        json=body,
        headers={"Authorization": f"Bearer {token or instance.token}"},
        timeout=30,
    )


def test_an_answer_has_the_shape_of_cloudflares(d1: Instance) -> None:
    answer = post(d1, {"batch": STATEMENTS}).json()
    assert {key: answer[key] for key in ("success", "errors", "messages")} == {
        "success": True,
        "errors": [],
        "messages": [],
    }
    assert [(one["success"], one["results"]) for one in answer["result"]] == [
        (True, []),
        (True, [{"a": 1, "kind": "text"}, {"a": 2, "kind": "real"}]),
        (True, [{"a": 1, "b": "x"}, {"a": 2, "b": 2}]),
    ]
    assert {"served_by", "duration", "rows_read", "rows_written", "size_after", "changed_db"} <= set(
        answer["result"][0]["meta"]
    )


def test_raw_answers_columns_and_rows(d1: Instance) -> None:
    (one,) = post(d1, {"sql": "SELECT ?1 AS a, ?2 AS b", "params": ["x", None]}, form="raw").json()["result"]
    assert one["results"] == {"columns": ["a", "b"], "rows": [["x", None]]}


def test_another_token_is_refused(d1: Instance) -> None:
    answer = post(d1, {"sql": "SELECT 1"}, token="another")  # noqa: S106
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, 10000)


def test_databases_are_strangers_to_one_another(d1_engine: Engine) -> None:
    one, other = d1_engine.database(), d1_engine.database()
    one.execute("CREATE TABLE t (a)")
    post(one, {"sql": "SELECT 1"})
    assert other.execute("SELECT name FROM sqlite_master") == [[]]
    assert other.requests() == []


def answers_of(instance: Instance) -> list[Any]:
    """The rows of a batch, and what is said to each statement that D1 does not take."""
    answer = post(instance, {"batch": STATEMENTS}).json()
    rows = [one["results"] for one in answer["result"]]
    return [rows, *(post(instance, {"batch": [{"sql": sql}]}).json() for sql in REFUSED)]


def test_the_fast_engine_answers_as_the_reference_does(workerd: Engine, d1_reference: Engine) -> None:
    fast, reference = answers_of(workerd.database()), answers_of(d1_reference.database())
    assert fast == reference
    assert [answer["success"] for answer in fast[1:]] == [False] * len(REFUSED)


def test_the_stand_in_answers_as_the_fast_engine_does(workerd: Engine, stand_in: Engine) -> None:
    """Refusals in the same words, but for the offset, and for the advice not to say BEGIN."""
    (rows, *refusals), (wanted_rows, *wanted) = (answers_of(engine.database()) for engine in (stand_in, workerd))
    assert rows == wanted_rows
    for sql, refusal, other in zip(REFUSED, refusals, wanted, strict=True):
        assert gist(refusal) == gist(other), sql


def gist(refusal: dict[str, Any]) -> dict[str, Any]:
    """Without what only advises a person."""
    advice = r" at offset \d+|To execute a transaction, please use .*|not authorized: SQLITE_AUTH$"
    errors = [error | {"message": re.sub(advice, "", error["message"])} for error in refusal["errors"]]
    return refusal | {"errors": errors}


@pytest.mark.parametrize("kind", ["stand-in", pytest.param("workerd", marks=pytest.mark.engines)])
def test_it_ends_with_the_process_that_started_it(kind: str) -> None:
    program = (
        f"from tests.d1_engine.engine import start; import os; print(start({kind!r}).origin, flush=True); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 9
    # It may take the shell a moment to notice.
    assert not all(answers(done.stdout.strip()) for _ in range(200))


@pytest.mark.engines
def test_without_the_registry_it_fails_and_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "npm_config_registry": "http://127.0.0.1:9",
        "npm_config_cache": str(tmp_path / "npm"),
        "npm_config_fetch_retries": "0",
        "PIP_INDEX_URL": "http://127.0.0.1:9",
        "PIP_RETRIES": "0",
        "PIP_FIND_LINKS": "",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(EngineError, match="needs the npm registry"):
        start("workerd", Packages(tmp_path / "cache"))


def answers(origin: str) -> bool:
    try:
        httpx.get(origin, timeout=1)
    except httpx.TransportError:
        return False
    return True
