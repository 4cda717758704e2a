"""The meaning of an answer of D1's REST API: rows, a reason to send the batch again, or an error with advice.

The texts and the HTTP status decide, never the error code alone: 7500 stands for a violated constraint and for an
internal fault alike, and 7429 for a queue that will shorten and for a batch that will never fit.
Texts: https://developers.cloudflare.com/d1/observability/debug-d1/ and, for SQLite's own, a local D1 engine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from emdash_cli.domain.errors import CredentialsError, DatabaseError, RefusedError, TooLargeError, UnavailableError

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Row


RESENDS_TRANSIENT: Final = 5


class Answer(NamedTuple):
    """An HTTP answer, reduced to what its meaning depends on."""

    status: int
    body: bytes
    retry_after: str = ""
    """The header of that name: seconds, or an HTTP date."""


@dataclass(frozen=True, slots=True)
class Executed:
    """The batch took effect; its rows, by statement."""

    rows: list[list[Row]]


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Whether the batch took effect is unknown, or it did not; sending it again may help.

    Attributes:
        error: the error to raise if the batch was sent often enough; its code names the kind of failure.
        resends: how many resends a failure of this kind is worth.
        after_s: the wait that the server asked for, in seconds.
    """

    error: DatabaseError
    resends: int = RESENDS_TRANSIENT
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Sending the same batch again cannot help."""

    error: DatabaseError


Verdict = Executed | SendAgain | Failed


class _Fault(NamedTuple):
    code: object
    text: str


# SQLite's verdict on what the batch writes. It is checked first, because a deferred foreign key also says "was reset".
_REFUSED = re.compile(r"SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)|constraint failed", re.IGNORECASE)
# Its verdict on the database, or on a statement that it cannot run at all. No article is at fault.
_CANNOT_RUN = re.compile(
    r"SQLITE_(ERROR|AUTH|RANGE|SCHEMA|MISUSE|CORRUPT|NOTADB)|syntax error|no such table"
    r"|too many SQL variables|parameter bindings|did not contain a statement|No SQL statements detected",
    re.IGNORECASE,
)
_TOO_LARGE = re.compile(
    r"(CPU|time|memory) limit|exceeded timeout|timed out|body is too large|payload too large|SQLITE_NOMEM"
    r"|arguments or return values are limited",
    re.IGNORECASE,
)
_FULL = re.compile(r"maximum DB size|maximum account storage|free tier|SQLITE_FULL", re.IGNORECASE)
_TRANSIENT = re.compile(
    r"overloaded|connection lost|was reset|object to be reset|transient issue|internal error"
    r"|SQLITE_(BUSY|LOCKED|IOERR|INTERRUPT)|try again",
    re.IGNORECASE,
)
_BAD_TOKEN = re.compile(r"invalid (request|format for authorization) header|invalid api token", re.IGNORECASE)
_NOT_FOUND = re.compile(r"could not route|could not be found|not found", re.IGNORECASE)

_SPURIOUS_DENIAL: Final = 7403
_SERVER_FAULT: Final = 500
_ORIGIN_TOO_SLOW: Final = 524
"""Cloudflare's edge gave up waiting for the origin. It is not a standard status, so `HTTPStatus` lacks it."""


def judge(answer: Answer, statements: int, now: datetime, *, secret: str) -> Verdict:
    """The meaning of the answer to a batch.

    Args:
        answer: the answer.
        statements: the number of statements in the batch.
        now: the present instant, for a Retry-After that is a date.
        secret: the token, which is removed from every error message, even if the other side repeated it.
    """
    document = _document(answer.body)
    rows = _rows(document)
    if answer.status == HTTPStatus.OK and rows is not None:
        if len(rows) == statements:
            return Executed(rows)
        return _again(f"it returned results for {len(rows)} of {statements} statements")
    return _failure(answer, document, statements, now, secret)


def judge_bookmark(answer: Answer, now: datetime, *, secret: str) -> Verdict:
    """The meaning of the answer to a request for the Time Travel bookmark; see `judge`."""
    document = _document(answer.body)
    match document:
        case {"success": True, "result": {"bookmark": str(bookmark)}} if answer.status == HTTPStatus.OK:
            return Executed([[{"bookmark": bookmark}]])
        case _:
            return _failure(answer, document, 1, now, secret)


def _failure(answer: Answer, document: dict[str, Any], statements: int, now: datetime, secret: str) -> Verdict:
    faults = _faults(document, secret)
    said = "; ".join(fault.text for fault in faults)
    return _by_text(said, statements) or _by_status(answer, faults, said, now)


def _by_text(said: str, statements: int) -> Verdict | None:
    if _BAD_TOKEN.search(said):
        return Failed(denied(said))
    if _REFUSED.search(said):
        return Failed(RefusedError(f"D1 refused the batch: {said}"))
    if _CANNOT_RUN.search(said):
        return Failed(cannot_run(said))
    if _TOO_LARGE.search(said):
        error = TooLargeError(f"D1 could not finish the batch: {said}")
        # A single statement has no half to try, so it is sent once more as it is.
        return SendAgain(error, resends=1) if statements == 1 else Failed(error)
    if _FULL.search(said):
        return Failed(
            UnavailableError(
                f"D1 accepts no more data: {said}",
                hint="free some space in the database, or upgrade the plan",
                code="disk_full",
            )
        )
    if "overloaded" in said.lower():
        return _again(said, code="store_overloaded")
    return _again(said) if _TRANSIENT.search(said) else None


def _by_status(answer: Answer, faults: list[_Fault], said: str, now: datetime) -> Verdict:
    said = said or f"HTTP {answer.status} without an API response"
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _throttled(said, answer.retry_after, now)
    if answer.status == HTTPStatus.FORBIDDEN and any(fault.code == _SPURIOUS_DENIAL for fault in faults):
        return SendAgain(not_allowed(said), resends=1)
    passing = answer.status in {HTTPStatus.OK, HTTPStatus.REQUEST_TIMEOUT} or answer.status >= _SERVER_FAULT
    if passing and answer.status != _ORIGIN_TOO_SLOW:
        return _again(said)
    return Failed(_final(answer.status, said, is_api=bool(faults)))


def _final(status: int, said: str, *, is_api: bool) -> DatabaseError:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return denied(said)
        case HTTPStatus.FORBIDDEN:
            return not_allowed(said)
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE | 524:
            return TooLargeError(f"D1 did not accept the batch: {said}")
        case HTTPStatus.NOT_FOUND:
            return missing(said)
        case _ if status >= HTTPStatus.BAD_REQUEST and is_api:
            return missing(said) if _NOT_FOUND.search(said) else not_taken(said)
        case _:
            return no_api(said)


def _again(said: str, *, code: str = "store_unavailable") -> SendAgain:
    return SendAgain(unavailable(said, code=code))


def _throttled(said: str, retry_after: str, now: datetime) -> Verdict:
    after_s = _seconds(retry_after, now)
    error = UnavailableError(
        f"Cloudflare's rate limit has been reached: {said}",
        hint=f"run again in {after_s or 300:.0f} seconds; the limit covers all programs of the account's user",
        code="rate_limited",
    )
    return SendAgain(error, after_s=after_s)


def _seconds(retry_after: str, now: datetime) -> float | None:
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


def _document(body: bytes) -> dict[str, Any]:
    """The answer as JSON; empty if it is something else, such as a proxy's page."""
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _rows(document: dict[str, Any]) -> list[list[Row]] | None:
    """The rows by statement; None unless the answer and every statement in it report success."""
    match document:
        case {"success": True, "result": [*results]}:
            rows = [
                result["results"]
                for result in results
                if isinstance(result, dict)
                and result.get("success") is True
                and isinstance(result.get("results"), list)
            ]
            return rows if len(rows) == len(results) else None
        case _:
            return None


def _faults(document: dict[str, Any], secret: str) -> list[_Fault]:
    """The error messages in the answer, for the whole request and for each statement."""
    whole = document.get("errors")
    faults = [
        _Fault(fault.get("code"), _one_line(fault.get("message"), secret))
        for fault in (whole if isinstance(whole, list) else [])
        if isinstance(fault, dict)
    ]
    results = document.get("result")
    faults.extend(
        _Fault(None, _one_line(result["error"], secret))
        for result in (results if isinstance(results, list) else [])
        if isinstance(result, dict) and result.get("error")
    )
    return faults


def _one_line(text: object, secret: str) -> str:
    return " ".join(str(text or "no message").replace(secret, "[token]").split())[:300]


TOKEN_VARIABLE: Final = "CLOUDFLARE_API_TOKEN"  # noqa: S105  # the name of the variable, not its value
_AGAIN: Final = "run again later; nothing is lost or done twice"
_GIVEN_BY: Final = "CLOUDFLARE_API_BASE_URL or `api_base_url` in emdash.toml"


def unavailable(said: str, *, code: str = "store_unavailable") -> UnavailableError:
    """D1 is unavailable at present. There is no sign that the batch is at fault."""
    return UnavailableError(
        f"D1 gave no usable answer: {said}",
        hint=f"{_AGAIN}; for outages, see https://www.cloudflarestatus.com",
        code=code,
    )


def denied(said: str) -> CredentialsError:
    """Cloudflare does not know the token."""
    return CredentialsError(
        f"Cloudflare does not accept the token in {TOKEN_VARIABLE}: {said}",
        hint=f"create a token with the permission Account / D1 / Edit and set {TOKEN_VARIABLE} to it",
    )


def not_allowed(said: str) -> CredentialsError:
    """The token lacks the permission."""
    return CredentialsError(
        f"the token in {TOKEN_VARIABLE} may not use this database: {said}",
        hint="give it the permission Account / D1 / Edit for this account, or correct the account ID",
    )


def missing(said: str) -> DatabaseError:
    """Cloudflare knows no such account or database."""
    return DatabaseError(
        f"there is no such D1 database: {said}",
        hint="compare the account ID and the database ID with `wrangler d1 list`",
        code="store_missing",
    )


def no_api(said: str) -> DatabaseError:
    """Something other than Cloudflare's API answers."""
    return DatabaseError(
        f"the server at the base URL is not Cloudflare's API: {said}",
        hint=f"check whether a proxy is in between; {_GIVEN_BY} sets the URL if it is not Cloudflare's own",
        code="store_missing",
    )


def cannot_run(said: str) -> DatabaseError:
    """The database itself is at fault, whatever the batch contains."""
    return DatabaseError(
        f"D1 cannot run the batch: {said}",
        hint="the database is at fault, not an article: check its tables and triggers, and run `emdash doctor`",
    )


def not_taken(said: str) -> DatabaseError:
    """The API, or a proxy in front of it, refuses the request whatever it contains."""
    return DatabaseError(
        f"D1 did not accept the request: {said}",
        hint="no article is at fault: check whether a proxy is in between, and run `emdash doctor`",
    )


def placed(error: DatabaseError, base_url: str) -> DatabaseError:
    """The error of an API that is not at Cloudflare's URL. The message includes the URL, since it may be wrong."""
    match error.code:
        case "store_missing":
            hint = f"correct that URL, set by {_GIVEN_BY}, or the account ID and the database ID"
        case "store_unavailable" | "store_unreachable" | "store_timed_out":
            hint = f"{_AGAIN}; if it lasts, correct that URL, set by {_GIVEN_BY}"
        case _:
            return error
    return type(error)(f"at {base_url}: {error.message}", hint=hint, code=error.code)
