"""Alarms: what went wrong with announcements is said once for each cause, to people and to what they have set up."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from emdash_cli.domain.announced import reason
from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.outcome import Notice
from emdash_cli.jobs.sql import alarms as sql
from emdash_cli.jobs.sql.alarms import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from emdash_cli.domain.ports import Row, Statement
    from emdash_cli.store.session import Session

VERSION: Final = 1
"""Of the notice: it grows when a key is removed or changes its meaning."""
GRACE: Final = timedelta(minutes=5)
"""What could have been sent for longer than this is overdue."""
_OLD: Final = timedelta(days=7)
"""What failed before that is not news, where alarms were not looked for so far."""
_GIVEN_UP: Final = timedelta(minutes=10)


class Sender(Protocol):
    """Sends notices to what `[alarms]` names."""

    def send(self, of_class: str, notice_id: str, body: str, now: datetime) -> str | None:
        """Send one; why that failed, or None."""
        ...


def moment(session: Session, lanes: str) -> Moment:
    """When alarms are looked for, and in which lanes (names, as JSON)."""
    now = session.clock()
    return Moment(lanes, utc_text(now), utc_text(now - _OLD), utc_text(now - _GIVEN_UP), utc_text(now - GRACE))


def anything_new(at: Moment) -> Statement:
    """A read that answers a row if `sound` has something to do."""
    return sql.anything_new(at)


def sound(session: Session, at: Moment, actor: str, sender: Sender | None, report: Callable[[Notice], None]) -> None:
    """Raise the alarms that nobody has raised, and tell those that nobody has told.

    Whatever fails about that is reported, and left to the next run.

    Args:
        session: in whose store they are.
        at: when.
        actor: who looks for them, as the audit table names them.
        sender: sends them on; None: only this run's output and the audit table are told.
        report: told of each that this run raises.
    """
    token = session.new_id()
    *_, raised = session.database.batch(sql.raise_alarms(at, token, actor))
    for row in raised:
        report(Notice(f"alarm ({row['class']}): {describe(row)}"))
    if sender is None:
        return
    *_, taken = session.database.batch(sql.take(at, token))
    for of_class in ("ops", "content"):
        rows = [row for row in taken if row["class"] == of_class]
        if not rows:
            continue
        causes = [str(row["cause"]) for row in rows]
        problem = _send(session, sender, of_class, rows)
        if problem:
            report(Notice(f"an alarm ({of_class}) could not be sent: {problem}"))
        session.database.batch([sql.told(token, at.now, problem, causes)])


def _send(session: Session, sender: Sender, of_class: str, rows: Sequence[Row]) -> str | None:
    now = session.clock()
    causes = "\n".join(str(row["cause"]) for row in rows)
    notice_id = f"alarm:{hashlib.sha256(causes.encode()).hexdigest()[:32]}"
    notice = {
        "type": "alarm",
        "version": VERSION,
        "timestamp": utc_text(now),
        "data": {"class": of_class, "alarms": [_document(row) for row in rows]},
    }
    try:
        return sender.send(of_class, notice_id, json.dumps(notice, ensure_ascii=False), now)
    except (EmdashError, OSError, ValueError) as error:
        return str(error)


def _document(row: Row) -> dict[str, object]:
    return {
        "cause": row["cause"],
        "kind": row["kind"],
        "platform": row["platform"],
        "job": row["job_id"],
        "postId": row["post_id"],
        "category": row["category"],
        "error": row["detail"],
        "raisedAt": row["raised_at"],
        "message": describe(row),
    }


def describe(row: Row) -> str:
    """The alarm in one sentence, with what to do next."""
    platform, job, detail = row["platform"], row["job_id"], str(row["detail"] or "")
    why = detail or reason(str(row["category"] or ""), None)
    because = f": {why}" if why else ""
    match row["kind"]:
        case "dead":
            return f"job {job} on {platform} is dead{because}; `emdash jobs show {job}`, then retry or discard it"
        case "unknown":
            return f"job {job} on {platform} may or may not have arrived{because}; `emdash jobs resolve {job}`"
        case "paused":
            return f"platform {platform} is paused{because}; `emdash platforms resume {platform}`"
        case "budget":
            return f"platform {platform} has too little budget left this month{because}, and announcements wait"
        case _:
            return f"announcements have been overdue since {detail}: is `emdash distribute` running often enough?"
