"""What can go wrong on the way to D1 and back; each value is met by one request."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong; without arguments, nothing does.

    Attributes:
        status: answer with this status instead of the rows.
        after: whether the batch is executed all the same before that answer.
        code: of Cloudflare's error.
        message: of Cloudflare's error.
        headers: of that answer.
        text: a body instead of Cloudflare's JSON, such as a proxy's page.
        drop: break the connection off in the middle of the answer, the batch being executed.
        delay: seconds to wait before anything is done.
        hold: seconds to keep the answer back after everything is done.
        truncate: leave the last statement out of the answer.
        twice: execute the batch a second time, as if it had been sent again.
    """

    status: int | None = None
    after: bool = False
    code: int = 7500
    message: str = "internal error"
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    drop: bool = False
    delay: float = 0
    hold: float = 0
    truncate: bool = False
    twice: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As the control endpoint reads it."""
        return {key: value for key, value in asdict(self).items() if value is not None}


NOTHING = Fault()
FAILED_BEFORE = Fault(status=500)
FAILED_AFTER = Fault(status=500, after=True)
DROPPED_AFTER = Fault(drop=True)
TRUNCATED = Fault(truncate=True)
SENT_TWICE = Fault(twice=True)
OVERLOADED = Fault(status=400, code=7429, message="D1 DB is overloaded. Requests queued for too long.")
CPU_LIMIT = Fault(status=400, code=7429, message="D1 DB exceeded its CPU time limit and was reset.")
TIME_LIMIT = Fault(
    status=400, code=7429, message="D1 DB storage operation exceeded timeout which caused object to be reset."
)
SPURIOUS_DENIAL = Fault(
    status=403, code=7403, message="The given account is not valid or is not authorized to access this service"
)
PROXY_PAGE = Fault(status=502, text="<html><title>502 Bad Gateway</title></html>")


def throttled(retry_after: str = "7") -> Fault:
    """429 with that Retry-After: seconds, or an HTTP date."""
    message = "More than 1200 requests per 300 seconds reached. Please wait and consider throttling your request speed"
    return Fault(status=429, code=971, message=message, headers={"Retry-After": retry_after})


def slow(seconds: float) -> Fault:
    """Answer later than that."""
    return Fault(delay=seconds)
