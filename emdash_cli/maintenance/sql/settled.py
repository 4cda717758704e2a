"""Old enough to be nobody's work in progress.

Times are compared as instants: a revision's is ``2026-06-15 09:00:00`` by default, a post's is ISO 8601. A tool
may backdate what it writes; an id that is a ULID tells when it was made all the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.ulid import ALPHABET

if TYPE_CHECKING:
    from datetime import datetime

_LEAD: Final = timedelta(days=1)
"""How far the clock of another machine may be ahead; an id from further on is no ULID but looks like one."""


class Cutoff(NamedTuple):
    """The first parameters of every statement that asks `settled`."""

    instant: str
    """UTC text; what was made before it is settled."""
    first_id: str
    """What ULIDs of that instant begin with."""
    last_id: str
    """What the last ULIDs begin with that can have been made by now."""

    @classmethod
    def before(cls, now: datetime, age: timedelta) -> Cutoff:
        """Settled is what is older than `age`."""
        return cls(utc_text(now - age), _ulid_prefix(now - age), _ulid_prefix(now + _LEAD))


def settled(*, times: tuple[str, ...], made_id: str) -> str:
    """SQL: each of the times, and the ULID if it is one, lies before the cutoff, which is ?1 to ?3."""
    conditions = [f"coalesce(julianday({time}), 0) < julianday(?1)" for time in times]
    return " AND ".join([*conditions, f"NOT ({made_id} >= ?2 AND {made_id} < ?3 AND {_is_ulid(made_id)})"])


def dated_before(made_id: str) -> str:
    """SQL: it is a ULID from before the cutoff."""
    return f"({made_id} < ?2 AND {_is_ulid(made_id)})"


def _is_ulid(made_id: str) -> str:
    return f"length({made_id}) = 26 AND {made_id} NOT GLOB '*[^0-9A-HJKMNP-TV-Z]*'"


def _ulid_prefix(moment: datetime) -> str:
    milliseconds = int(moment.timestamp() * 1000)
    return "".join(ALPHABET[(milliseconds >> shift) & 31] for shift in range(45, -1, -5))
