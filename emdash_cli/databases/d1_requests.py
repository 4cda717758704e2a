"""A batch as the body of a request to D1, checked against D1's limits before anything is sent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import msgspec

from emdash_cli.domain.errors import RefusedError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Limits, Statement, Value

MAX_PARAMS: Final = 100
MAX_SQL_BYTES: Final = 100_000
MAX_INTEGER: Final = 2**53
"""D1 binds every JSON number as a double, and up to here doubles hold each whole number exactly."""


def packed(statements: Sequence[Statement], limits: Limits, max_bytes: int) -> bytes:
    """The JSON body of one batch.

    The limits are D1's own, per statement and per value: https://developers.cloudflare.com/d1/platform/limits/.

    Raises:
        RefusedError: a statement or a value is beyond what D1 takes or keeps intact, however small the batch.
        TooLargeError: the body has more than `max_bytes` bytes.
    """
    batch = []
    for number, statement in enumerate(statements, 1):
        where = f"statement {number} ({_opening(statement.sql)})"
        _check_statement(statement, where)
        params = []
        for position, value in enumerate(statement.params, 1):
            # JSON true is bound as text by one engine and as 1.0 by another.
            plain = int(value) if isinstance(value, bool) else value
            _check_value(plain, f"parameter {position} of {where}", limits)
            params.append(plain)
        batch.append({"sql": statement.sql, "params": params})
    body = msgspec.json.encode({"batch": batch})
    if len(body) > max_bytes:
        raise TooLargeError(
            f"the request has {len(body):,} bytes, and {max_bytes:,} is the most (the setting d1_group_bytes)"
        )
    return body


def _opening(sql: str) -> str:
    return " ".join(sql[:400].split())[:60]


def _check_statement(statement: Statement, where: str) -> None:
    if len(statement.params) > MAX_PARAMS:
        raise RefusedError(f"{where} has {len(statement.params)} parameters, and D1 takes {MAX_PARAMS}")
    size = _utf8_bytes(statement.sql, where)
    if size > MAX_SQL_BYTES:
        raise RefusedError(f"{where} has {size:,} bytes of SQL, and D1 takes {MAX_SQL_BYTES:,}")


def _check_value(value: Value, where: str, limits: Limits) -> None:
    match value:
        case str():
            size = _utf8_bytes(value, where)
            if size > limits.value_bytes:
                raise RefusedError(
                    f"{where} has {size:,} bytes, and D1 takes {limits.value_bytes:,} in one value",
                    hint="shorten the text, or split it into several articles",
                )
        case int():
            if abs(value) > MAX_INTEGER:
                raise RefusedError(
                    f"{where} is {value}, which D1 would round: its numbers are doubles, exact up to 2^53",
                    hint="bind it as text and CAST it in the statement",
                )
        case float():
            if not math.isfinite(value):
                raise RefusedError(f"{where} is {value}, and JSON has no such number")
        case None:
            pass
        case _:
            raise RefusedError(f"{where} is of type {type(value).__name__}, which JSON does not carry")


def _utf8_bytes(text: str, where: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise RefusedError(f"{where} holds half a surrogate pair at {error.start}, which is not text") from error
