"""A Cloudflare D1 database, used through its REST API: client, rate limit, and request bodies for batches."""

from __future__ import annotations

import math
import random as _random
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec

from emdash_cli.databases.d1_answers import (
    TOKEN_VARIABLE,
    Answer,
    Executed,
    Failed,
    SendAgain,
    Verdict,
    judge,
    judge_bookmark,
    placed,
    unavailable,
)
from emdash_cli.domain.errors import CredentialsError, RefusedError, TooLargeError, UsageError
from emdash_cli.domain.ports import Limits
from emdash_cli.settings import D1_BASE_URL, D1_GROUP_BYTES, api_url

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    import httpx

    from emdash_cli.domain.ports import Clock, Row, Statement, Value


ESCAPED: Final = 1.25
"""Portable Text grows by about a fifth as JSON inside JSON, because every quotation mark gets a backslash."""


REQUEST_S: Final = 30.0
"""D1 cancels a request after this many seconds."""
MARGIN_S: Final = 5.0
CONNECT_S: Final = 10.0

BACKOFF_BASE_S: Final = 0.5
BACKOFF_CAP_S: Final = 20.0
PATIENCE_S: Final = 360.0
"""The longest time to wait for a batch, in seconds: one five-minute block and some backoff."""

RESENDS_TIMED_OUT: Final = 1


class D1Database:
    """One D1 database, as described by the port `emdash_cli.domain.ports.Database`.

    A batch is one POST to ``/query``, which D1 executes in one transaction. After a failure that leaves open whether
    the batch took effect (a lost reply, a 5xx), the same batch is sent again, as the port allows.

    Errors, in addition to what `emdash_cli.domain.errors` says of each: ``TooLargeError`` if D1 ran into its CPU,
    memory or time limit, which may happen by bad luck even to a batch of one article; a plain ``DatabaseError`` with
    the code ``store_missing`` if there is no such database or no such API.

    Args:
        account_id: Cloudflare's id of the account, 32 hexadecimal digits.
        database_id: the database's UUID.
        token: an API token with the permission Account / D1 / Edit; it appears in no message, repr or log.
        base_url: URL of the API, without a trailing slash; https, except on this machine.
        group_bytes: approximate maximum size of a request's body. A batch that is larger than both this and
            `D1_GROUP_BYTES` raises TooLargeError, so that it is halved.
        client: creates the HTTP client; called at the first request, and again after `close`.
        sleep: waits for that many seconds.
        monotonic: seconds on a clock that never goes back.
        clock: the present instant, needed to read a Retry-After that is a date.
        random: a number in [0, 1).
        notice: called with one line before each wait for another attempt.

    Raises:
        CredentialsError: the token is empty or has characters that no token has.
        UsageError: the base URL is not a URL, has a password or a query, or would send the token unencrypted.
    """

    def __init__(  # noqa: PLR0913  # what the tests replace is an argument, not a global
        self,
        account_id: str,
        database_id: str,
        token: str,
        *,
        base_url: str = D1_BASE_URL,
        group_bytes: int = D1_GROUP_BYTES,
        client: Callable[[], httpx.Client] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Clock = lambda: datetime.now(UTC),
        random: Callable[[], float] = _random.random,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.limits = Limits(100, group_bytes=int(group_bytes / ESCAPED), value_bytes=2_000_000, is_remote=True)
        self._max_bytes = max(group_bytes, D1_GROUP_BYTES)
        self._name = f"d1:{account_id}/{database_id}"
        self._token = _checked_token(token)
        self._base = base = _checked_base(base_url)
        self._url = f"{base}/accounts/{quote(account_id, safe='')}/d1/database/{quote(database_id, safe='')}"
        self._make_client = client or partial(http_client, by_proxy=base.startswith("https:"))
        self._client: httpx.Client | None = None
        self._sleep = sleep
        self._monotonic = monotonic
        self._clock = clock
        self._random = random
        self._notice = notice
        self._bucket = TokenBucket(monotonic=monotonic, sleep=sleep)

    def __repr__(self) -> str:
        return f"D1Database({self._name!r})"

    def query(self, statement: Statement) -> list[Row]:
        """Rows of a single read-only statement."""
        return self.batch([statement])[0]

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Execute all statements in one request and one transaction, which is durable when this returns."""
        if not statements:
            return []
        body = packed(statements, self.limits, self._max_bytes)
        return self._persist(
            lambda client, headers: client.post(f"{self._url}/query", content=body, headers=headers),
            lambda answer: judge(answer, len(statements), self._clock(), secret=self._token),
        )

    def bookmark(self) -> str:
        """The bookmark to which Time Travel can restore the present state of the database.

        https://developers.cloudflare.com/d1/reference/time-travel/
        """
        ((row,),) = self._persist(
            lambda client, headers: client.get(f"{self._url}/time_travel/bookmark", headers=headers),
            lambda answer: judge_bookmark(answer, self._clock(), secret=self._token),
        )
        return str(row["bookmark"])

    def _persist(
        self, send: Callable[[httpx.Client, httpx.Headers], httpx.Response], read: Callable[[Answer], Verdict]
    ) -> list[list[Row]]:
        """Send the batch until an answer decides its fate or the patience ends."""
        started = self._monotonic()
        failures: Counter[str] = Counter()
        while True:
            self._bucket.take()
            match self._placed(self._attempt(send, read)):
                case Executed(rows):
                    return rows
                case Failed(error):
                    raise error
                case SendAgain(error, resends, after_s):
                    failures[error.code] += 1
                    pause = pause_before(failures.total(), after_s, self._random())
                    tired = self._monotonic() - started + pause > PATIENCE_S
                    if failures[error.code] > resends or tired:
                        raise error
                    self._notice(f"{error.message}; trying again in {pause:.1f} s")
                    self._sleep(pause)

    def _placed(self, verdict: Verdict) -> Verdict:
        if isinstance(verdict, Executed) or self._base == D1_BASE_URL:
            return verdict
        return replace(verdict, error=placed(verdict.error, self._base))

    def close(self) -> None:
        """Close the connections. Closing twice is harmless."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _attempt(
        self, send: Callable[[httpx.Client, httpx.Headers], httpx.Response], read: Callable[[Answer], Verdict]
    ) -> Verdict:
        import httpx

        if self._client is None:
            self._client = self._make_client()
        # httpx.Headers hides the token in its own repr, which a plain dict would show in a traceback.
        headers = httpx.Headers({"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"})
        try:
            response = send(self._client, headers)
        except httpx.ReadTimeout:
            said = f"no answer within {REQUEST_S + MARGIN_S:.0f} s"
            return SendAgain(unavailable(said, code="store_timed_out"), resends=RESENDS_TIMED_OUT)
        except httpx.RequestError as error:
            said = f"{type(error).__name__}: {error}"
            if "CERTIFICATE_VERIFY_FAILED" in said:
                return Failed(unavailable(said))
            return SendAgain(unavailable(said, code="store_unreachable"))
        return read(Answer(response.status_code, response.content, response.headers.get("Retry-After", "")))


def http_client(*, by_proxy: bool = True) -> httpx.Client:
    """The HTTP client for requests to D1.

    Args:
        by_proxy: whether to use the environment's proxies. Over plain http they would see the token.
    """
    # On import, httpx loads its own command line with Rich and Click, which takes nearly half of the time. It can do
    # without, and does if that import fails (docs/decisions/http-client.md).
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    import httpx

    timeout = httpx.Timeout(REQUEST_S + MARGIN_S, connect=CONNECT_S)
    return httpx.Client(timeout=timeout, verify=_trusted(), trust_env=by_proxy, headers={"User-Agent": "emdash-cli"})


@cache
def _trusted() -> ssl.SSLContext:
    """The trusted certificates. Reading them takes longer than everything else that a client needs."""
    import httpx

    return httpx.create_ssl_context()


def pause_before(resend: int, after_s: float | None, chance: float) -> float:
    """Seconds to wait before the n-th resend, counted from 1.

    This is what the server asked for, plus up to a second so that several runs do not return at once; otherwise
    exponential backoff with full jitter
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).

    Args:
        resend: number of the resend, counted from 1.
        after_s: the wait that the server asked for, in seconds.
        chance: a number in [0, 1).
    """
    if after_s is not None:
        return after_s + chance
    return chance * min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2.0**resend)


def _checked_token(token: str) -> str:
    # An HTTP library quotes an illegal header in its error message: such a token must not get that far.
    if token and token.isascii() and token.isprintable() and " " not in token:
        return token
    fault = "contains a character that no token can contain, such as a line break" if token else "is not set"
    raise CredentialsError(
        f"{TOKEN_VARIABLE} {fault}",
        hint=f"create a token with the permission Account / D1 / Edit and set {TOKEN_VARIABLE} to it",
    )


def _checked_base(base_url: str) -> str:
    try:
        return api_url(base_url)
    except UsageError as error:
        message = f"the base URL of Cloudflare's API: {error.message}"
        raise UsageError(message, hint=error.hint or f"the default is {D1_BASE_URL}") from error


MAX_PARAMS: Final = 100
MAX_SQL_BYTES: Final = 100_000
MAX_INTEGER: Final = 2**53
"""D1 binds every JSON number as a double. Up to this limit, doubles represent every whole number exactly."""


def packed(statements: Sequence[Statement], limits: Limits, max_bytes: int) -> bytes:
    """The JSON body of one batch.

    The limits are D1's own, per statement and per value: https://developers.cloudflare.com/d1/platform/limits/.

    Raises:
        RefusedError: a statement or a value exceeds what D1 accepts or keeps intact, however small the batch is.
        TooLargeError: the body has more than `max_bytes` bytes.
    """
    batch = []
    for number, statement in enumerate(statements, 1):
        where = f"statement {number} ({_opening(statement.sql)})"
        _check_statement(statement, where)
        params = []
        for position, value in enumerate(statement.params, 1):
            # One engine binds JSON true as text, another as 1.0.
            plain = int(value) if isinstance(value, bool) else value
            _check_value(plain, f"parameter {position} of {where}", limits)
            params.append(plain)
        batch.append({"sql": statement.sql, "params": params})
    body = msgspec.json.encode({"batch": batch})
    if len(body) > max_bytes:
        raise TooLargeError(
            f"the request has {len(body):,} bytes; the maximum is {max_bytes:,} (setting d1_group_bytes)"
        )
    return body


def _opening(sql: str) -> str:
    return " ".join(sql[:400].split())[:60]


def _check_statement(statement: Statement, where: str) -> None:
    if len(statement.params) > MAX_PARAMS:
        raise RefusedError(f"{where} has {len(statement.params)} parameters; D1 accepts at most {MAX_PARAMS}")
    size = _utf8_bytes(statement.sql, where)
    if size > MAX_SQL_BYTES:
        raise RefusedError(f"{where} has {size:,} bytes of SQL; D1 accepts at most {MAX_SQL_BYTES:,}")


def _check_value(value: Value, where: str, limits: Limits) -> None:
    match value:
        case str():
            size = _utf8_bytes(value, where)
            if size > limits.value_bytes:
                raise RefusedError(
                    f"{where} has {size:,} bytes; D1 accepts at most {limits.value_bytes:,} in one value",
                    hint="shorten the text, or split it into several articles",
                )
        case int():
            if abs(value) > MAX_INTEGER:
                raise RefusedError(
                    f"{where} is {value}, which D1 would round: its numbers are doubles, exact only up to 2^53",
                    hint="bind it as text and CAST it in the statement",
                )
        case float():
            if not math.isfinite(value):
                raise RefusedError(f"{where} is {value}, which is not a JSON number")
        case None:
            pass
        case _:
            raise RefusedError(f"{where} is of type {type(value).__name__}, which JSON cannot represent")


def _utf8_bytes(text: str, where: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise RefusedError(f"{where} has half a surrogate pair at {error.start}, which is not valid text") from error


BURST: Final = 200
PER_SECOND: Final = 3.0
"""At most 200 + 3 * 300 = 1,100 requests in any five minutes.

Cloudflare's API allows one user 1,200 and then refuses every call for the next five minutes
(https://developers.cloudflare.com/fundamentals/api/reference/limits/); the rest is left to the user's other programs.
Each process has its own bucket: if several run at once, the 429 responses slow them down.
"""


class TokenBucket:
    """A token bucket: it allows a burst, then a steady rate.

    Args:
        burst: number of requests that may go out at once after a pause.
        per_second: number of requests per second after that.
        monotonic: seconds on a clock that never goes back.
        sleep: waits for that many seconds.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        burst: int = BURST,
        per_second: float = PER_SECOND,
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._tokens = float(burst)
        self._filled_at = monotonic()

    def take(self) -> None:
        """Take one token, waiting for it if necessary."""
        self._fill()
        if self._tokens < 1:
            self._sleep((1 - self._tokens) / self._per_second)
            self._fill()
        # A sleep that ends early leaves a debt, which the next request pays.
        self._tokens -= 1

    def _fill(self) -> None:
        now = self._monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_second)
        self._filled_at = now
