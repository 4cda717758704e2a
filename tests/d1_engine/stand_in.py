"""A stand-in for D1 in Python, for machines without Node: SQLite with D1's limits, behind the contract of its engines.

``python -m tests.d1_engine.stand_in READY_FD``, with the token in ``D1_ENGINE_TOKEN``. It says the same as
``contract.mjs``, which `make test-d1` puts in front of the real engines; ``test_engine.py`` compares the two.
Limits: https://developers.cloudflare.com/d1/platform/limits/; what SQL may do there: src/workerd/util/sqlite.c++ of
https://github.com/cloudflare/workerd.
"""

from __future__ import annotations

import json
import math
import os
import re
import sqlite3
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

API = re.compile(r"/client/v4/accounts/([^/]+)/d1/database/([^/]+)/(query|raw|time_travel/bookmark)")
CONTROL = re.compile(r"/control/([^/]+)")
MAX_PARAMS = 100
MAX_SQL_BYTES = 100_000
MAX_VALUE_BYTES = 2_000_000
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 2_200_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: MAX_SQL_BYTES,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 5,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 50,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: MAX_PARAMS,
}
PRAGMAS = {
    *("table_info", "table_xinfo", "table_list", "index_info", "index_xinfo", "index_list", "foreign_key_list"),
    *("foreign_key_check", "quick_check", "defer_foreign_keys", "foreign_keys", "optimize", "data_version"),
}
FORBIDDEN_ACTIONS = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT}
FORBIDDEN_FUNCTIONS = {"sqlite_version", "sqlite_source_id", "load_extension", "sqlite_compileoption_get"}
# Half of an answer whose Content-Length promises more.
DROPPED = b'{"result":'


class RefusedRequestError(Exception):
    """An answer in Cloudflare's shape that is no success."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass
class StandInDatabase:
    """One database, and what tests want of the requests for it."""

    faults: list[dict[str, Any]] = field(default_factory=list)
    cycle: bool = False
    max_body: int | None = None
    log: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    inner: sqlite3.Connection = field(
        default_factory=lambda: sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, cached_statements=0
        )
    )

    def __post_init__(self) -> None:
        self.inner.execute("PRAGMA foreign_keys = ON")
        for limit, value in LIMITS.items():
            self.inner.setlimit(limit, value)

    def next_fault(self) -> dict[str, Any]:
        """What the next request meets."""
        if not self.faults:
            return {}
        fault = self.faults.pop(0)
        if self.cycle:
            self.faults.append(fault)
        return fault

    def execute(self, statements: list[dict[str, Any]], *, raw: bool = False) -> list[dict[str, Any]]:
        """Rows of one atomic batch, in D1's shape.

        Raises:
            RefusedRequestError: in SQLite's words; nothing was changed.
        """
        with self.lock:
            self.inner.execute("BEGIN IMMEDIATE")
            try:
                self.inner.set_authorizer(_authorised)
                answers = [self._answer(statement, raw=raw) for statement in statements]
                self.inner.set_authorizer(None)
                self.inner.execute("COMMIT")
            except sqlite3.Error as error:
                raise RefusedRequestError(400, 7500, _message(error)) from error
            finally:
                self.inner.set_authorizer(None)
                if self.inner.in_transaction:
                    self.inner.execute("ROLLBACK")
        return answers

    def _answer(self, statement: dict[str, Any], *, raw: bool) -> dict[str, Any]:
        before = self.inner.total_changes
        cursor = self.inner.execute(statement["sql"], [_bound(value) for value in statement["params"]])
        rows = [[_told(value) for value in row] for row in cursor.fetchall()]
        columns = [column[0] for column in cursor.description or ()]
        results = {"columns": columns, "rows": rows} if raw else [dict(zip(columns, row, strict=True)) for row in rows]
        written = self.inner.total_changes - before
        meta = {"served_by": "stand-in", "duration": 0, "changed_db": written > 0, "size_after": 0}
        return {"results": results, "success": True, "meta": meta | {"rows_read": len(rows), "rows_written": written}}


def _authorised(action: int, first: str | None, second: str | None, _schema: str | None, _by: str | None) -> int:
    if action in FORBIDDEN_ACTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first not in PRAGMAS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second in FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _bound(value: object) -> object:
    """A number is JavaScript's: SQLite is given a REAL."""
    return float(value) if isinstance(value, int) else value


def _told(value: object) -> object:
    """A value as JavaScript's JSON has it."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case float() | int() if float(value).is_integer():
            return int(float(value))
        case bytes():
            return list(value)
        case _:
            return value


def _message(error: sqlite3.Error) -> str:
    if isinstance(error, sqlite3.ProgrammingError) and "bindings" in str(error):
        return "Wrong number of parameter bindings for SQL query."
    name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
    primary = "_".join(name.split("_")[:2])
    return f"{error}: {primary}" + (f" (extended: {name})" if name != primary else "")


class Handler(BaseHTTPRequestHandler):
    """Cloudflare's REST API for D1, and ``POST /control/DATABASE`` for tests, as in ``contract.mjs``."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    token = os.environ.get("D1_ENGINE_TOKEN", "")
    databases: dict[str, StandInDatabase] = {}  # noqa: RUF012 - one for all requests
    opening = threading.Lock()

    def do_POST(self) -> None:
        """Answer statements, or a test's wish."""
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if control := CONTROL.fullmatch(self.path):
            self._send(200, _controlled(self._database(control[1]), json.loads(body)))
        else:
            self._api(body)

    def do_GET(self) -> None:
        """Answer for the bookmark."""
        self._api(b"")

    def _api(self, body: bytes) -> None:
        call = API.fullmatch(self.path)
        if not call or self.command != ("GET" if call[3] == "time_travel/bookmark" else "POST"):
            message = f"Could not route to {self.path}, perhaps your object identifier is invalid?"
            self._send(404, _failure(7003, message))
            return
        database = self._database(call[2])
        entry: dict[str, Any] = {
            "account": call[1],
            "form": call[3],
            "bytes": len(body),
            "statements": 0,
            "sql": [],
            "status": 0,
        }
        database.log.append(entry)
        fault = database.next_fault()
        time.sleep(fault.get("delay", 0))
        try:
            status, answer = self._answer(database, entry, fault, body)
        except RefusedRequestError as error:
            status, answer = error.status, _failure(error.code, str(error))
        time.sleep(fault.get("hold", 0))
        entry["status"] = status
        if fault.get("drop"):
            self._send_bytes(200, DROPPED, promised=1000)
            self.close_connection = True
        else:
            self._send(status, answer, fault.get("headers", {}))

    def _answer(
        self, database: StandInDatabase, entry: dict[str, Any], fault: dict[str, Any], body: bytes
    ) -> tuple[int, object]:
        if self.headers["Authorization"] != f"Bearer {self.token}":
            raise RefusedRequestError(401, 10000, "Authentication error")
        if database.max_body is not None and len(body) > database.max_body:
            raise RefusedRequestError(413, 7413, "Request body is too large")
        injected = _injected(fault)
        if injected and not fault["after"]:
            return injected
        if entry["form"] == "time_travel/bookmark":
            bookmark = f"00000000-{len(database.log):08x}-00004e2b-c977dc13f5ad1c6ae2e5e2d0bdff1b04"
            return 200, _success({"bookmark": bookmark})
        statements = _parsed(body)
        entry |= {"statements": len(statements), "sql": [statement["sql"] for statement in statements]}
        _check(statements)
        for _ in range(2 if fault.get("twice") else 1):
            result = database.execute(statements, raw=entry["form"] == "raw")
        return injected or (200, _success(result[:-1] if fault.get("truncate") else result))

    def _database(self, name: str) -> StandInDatabase:
        with self.opening:
            if name not in self.databases:
                self.databases[name] = StandInDatabase()
            return self.databases[name]

    def _send(self, status: int, answer: object, headers: dict[str, str] | None = None) -> None:
        """Send a JSON document, or a text as it is."""
        raw = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self._send_bytes(status, raw, headers=headers)

    def _send_bytes(
        self, status: int, raw: bytes, *, promised: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        with suppress(ConnectionError):  # the one who asked was killed
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(promised or len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """The log of requests is the control endpoint's."""


def _injected(fault: dict[str, Any]) -> tuple[int, object] | None:
    if "status" not in fault:
        return None
    return fault["status"], fault.get("text", _failure(fault["code"], fault["message"]))


def _success(result: object) -> dict[str, Any]:
    return {"result": result, "success": True, "errors": [], "messages": []}


def _failure(code: int, message: str) -> dict[str, Any]:
    return {"result": None, "success": False, "errors": [{"code": code, "message": message}], "messages": []}


def _parsed(body: bytes) -> list[dict[str, Any]]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise RefusedRequestError(400, 7400, "The request body is not valid JSON") from error
    statements = document.get("batch", [document])
    if not isinstance(statements, list) or any(not isinstance(one.get("sql"), str) for one in statements):
        raise RefusedRequestError(400, 7400, "The request is malformed: sql must be a string")
    return [{"sql": one["sql"], "params": one.get("params") or []} for one in statements]


def _check(statements: list[dict[str, Any]]) -> None:
    for statement in statements:
        texts = (value for value in statement["params"] if isinstance(value, str))
        if len(statement["params"]) > MAX_PARAMS:
            raise RefusedRequestError(400, 7500, "too many SQL variables at offset 0: SQLITE_ERROR")
        if len(statement["sql"].encode()) > MAX_SQL_BYTES:
            raise RefusedRequestError(400, 7500, "statement too long: SQLITE_TOOBIG")
        if any(len(text.encode()) > MAX_VALUE_BYTES for text in texts):
            raise RefusedRequestError(400, 7500, "string or blob too big: SQLITE_TOOBIG")


def _controlled(database: StandInDatabase, wish: dict[str, Any]) -> dict[str, Any]:
    if "faults" in wish:
        database.faults, database.cycle = wish["faults"], wish.get("cycle", False)
    if "maxBody" in wish:
        database.max_body = wish["maxBody"]
    log = database.log
    if wish.get("forget"):
        database.log = []
    result = database.execute(wish["run"]) if "run" in wish else []
    return {"log": log, "faults": database.faults, "result": result}


class Server(ThreadingHTTPServer):
    """Takes many publishers at once."""

    daemon_threads = True
    request_queue_size = 128


def main(ready_fd: int) -> None:
    """Serve on a free port, which is reported in a line of JSON on that descriptor."""
    with Server(("127.0.0.1", 0), Handler) as server:
        os.write(ready_fd, json.dumps({"port": server.server_address[1]}).encode() + b"\n")
        os.close(ready_fd)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
