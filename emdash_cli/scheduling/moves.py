"""Move many scheduled posts by one span, and never twice because a run was interrupted.

A run that is killed leaves its record in ``pipeline_runs`` with posts that are ``left``, and the posts that it moved
with its id in their last audit row. From these, a second run knows which of its posts are where they were to go.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from emdash_cli.domain.errors import EmdashError, RefusedChangeError, UsageError
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.domain.shifts import in_order, shifted
from emdash_cli.scheduling.selection import label, one_error
from emdash_cli.scheduling.sql.scheduling import interrupted_runs, last_moves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.domain.shifts import Shift
    from emdash_cli.store.session import Session

_REMEMBERED: Final = timedelta(days=30)
"""An interrupted run is of no interest after this."""


class Moved(NamedTuple):
    """The new times.

    Attributes:
        times: one for each post.
        continued: ids of interrupted runs whose work this completes.
        notices: for people.
    """

    times: Sequence[datetime]
    continued: tuple[str, ...]
    notices: tuple[str, ...]


class _Move(NamedTuple):
    """How an interrupted run moved a post."""

    run: str
    started_at: str
    before: Value


def moved(
    session: Session, posts: Sequence[Row], shift: Shift, interrupted: Literal["refuse", "continue", "repeat"]
) -> Moved:
    """Where each post is moved to.

    Args:
        session: open.
        posts: scheduled, with ``locked_for``, the time in the lock.
        shift: how far.
        interrupted: what to do about posts that an interrupted run has already moved as far.

    Raises:
        RefusedChangeError: a post has no time that can be read; or an interrupted run has moved some.
        UsageError: a new time does not exist or occurs twice.
    """
    moves = {} if interrupted == "repeat" else _interrupted_moves(session, posts, shift)
    if moves and interrupted == "refuse":
        raise _refused(moves, len(posts), shift)
    errors: list[EmdashError] = []
    before, after = [], []
    for post in posts:
        try:
            start = _start(post, moves.get(post["id"]))
            before.append(start)
            after.append(_target(post, start, shift, session))
        except EmdashError as error:
            errors.append(error)
    if errors:
        raise one_error(errors, len(posts))
    times = in_order(before, after, session.settings.timezone) if shift.skips_weekends else after
    runs = tuple(dict.fromkeys(move.run for move in moves.values()))
    notices = (f"continuing the interrupted run {run}, which had moved {_number(moves, run)}" for run in runs)
    return Moved(times, runs, tuple(notices))


def _start(post: Row, move: _Move | None) -> datetime:
    """The time from which a post is moved: its own, or the one before an interrupted run moved it."""
    at = (move.before if move else post["scheduled_at"]) or post["locked_for"] or post["published_at"]
    try:
        return from_utc_text(str(at))
    except ValueError:
        hint = f"give it another time: `emdash reschedule {post['slug']} --at WHEN`"
        raise RefusedChangeError(f"{label(post)} is scheduled for {at}, which is not a time", hint=hint) from None


def _target(post: Row, start: datetime, shift: Shift, session: Session) -> datetime:
    try:
        found = shifted(start, shift, session.settings.timezone)
        utc_text(found)
    except UsageError as error:
        hint = f"{error.hint} for it: `emdash reschedule {post['slug']} --at WHEN`"
        raise UsageError(f"{label(post)}: {error.message}", hint=hint, code=error.code) from None
    except (OverflowError, ValueError):
        raise UsageError(
            f"{label(post)} would be moved outside the years 1 to 9999", hint="choose another span"
        ) from None
    return found


def _interrupted_moves(session: Session, posts: Sequence[Row], shift: Shift) -> Mapping[Value, _Move]:
    """How an interrupted run of the same actor moved these posts as far, by the posts' ids."""
    since = utc_text(session.clock() - _REMEMBERED)
    runs = {row["id"]: str(row["started_at"]) for row in session.database.query(interrupted_runs("reschedule", since))}
    if not runs:
        return {}
    skip = "weekends" if shift.skips_weekends else None
    found = {}
    for row in (row for answer in session.database.batch(last_moves(session.layout, posts)) for row in answer):
        detail = json.loads(str(row["detail"]))
        is_same = (detail["by"], detail.get("skip"), row["actor"]) == (shift.text, skip, session.actor)
        if is_same and detail.get("run") in runs:
            run = detail["run"]
            found[row["post_id"]] = _Move(run, runs[run], detail["scheduled_before"])
    return found


def _refused(moves: Mapping[Value, _Move], total: int, shift: Shift) -> RefusedChangeError:
    last = max(moves.values(), key=lambda move: move.started_at)
    return RefusedChangeError(
        f"the run {last.run}, begun at {last.started_at}, was interrupted after it had moved"
        f" {len(moves)} of these {total} posts by {shift.text}",
        hint="add --interrupted continue to move only the others, or --interrupted repeat to move all of them again",
        code="interrupted_run",
    )


def _number(moves: Mapping[Value, _Move], run: str) -> str:
    number = sum(move.run == run for move in moves.values())
    return "1 post" if number == 1 else f"{number:,} posts"
