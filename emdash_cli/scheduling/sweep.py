"""Publish what is due, hold what was changed without review, and tell of both."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import DatabaseError, RefusedError, TooLargeError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.outcome import REASONS, Swept, SweptPost
from emdash_cli.scheduling.sql.sweep import Group, Moment, find_strays, preview, promote, settle, still_held
from emdash_cli.store.audit import Claim
from emdash_cli.store.due import OFFSET_HOURS, anything_due
from emdash_cli.store.fields import Fields, describe_fields, fields_from
from emdash_cli.store.run import Run
from emdash_cli.store.session import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emdash_cli.domain.collection import FieldNames, PostPath
    from emdash_cli.domain.ports import Clock, Database, Row

GROUP: Final = 500
"""Posts in one batch; EmDash beside it waits for less than a tenth of a second while it is written."""
SOON: Final = timedelta(hours=1)
"""So long before its time, the text itself of a post is compared with what was reviewed."""
_NAP_S: Final = 0.25
"""A signal does not end a sleep, so sleeps are short."""


class Request(NamedTuple):
    """What to sweep.

    Attributes:
        limit: posts at most; None: all that are due.
        is_preview: tell what would happen, and change nothing.
        stopped: whether to end after the group under way.
        actor: how the audit table names whoever sweeps.
    """

    limit: int | None
    is_preview: bool
    post_path: PostPath
    stopped: Callable[[], bool]
    actor: str = "sweep"


class Warned(NamedTuple):
    """Something to know that stops nothing.

    Attributes:
        is_news: false for what every sweep would find again.
    """

    text: str
    is_news: bool = True


def sweep(
    request: Request, database: Database, names: FieldNames, clock: Clock, new_id: Callable[[], str]
) -> Iterator[SweptPost | Warned]:
    """Sweep once, and tell of each post as it happens; nothing due costs one request.

    Raises:
        DatabaseError: the store is unreachable or failing; what was told of before is durable.
    """
    yield from _Sweep(request, database, Run("sweep", clock, new_id, request.actor)).events(names)


class _Sweep:
    """One sweep under way."""

    def __init__(self, request: Request, database: Database, run: Run) -> None:
        self._request = request
        self._database = database
        self._run = run
        self._left = request.limit

    def events(self, names: FieldNames) -> Iterator[SweptPost | Warned]:
        now, later, moment = self._times()
        reads = [describe_fields(names), anything_due(names, now, later), find_strays(names, moment), still_held(names)]
        signs = [] if self._request.is_preview else self._run.sign_of_life()
        layout, (columns, due, strays, held, *_) = open_store(self._database, names, [*reads, *signs])
        yield from (Warned(text, is_news=False) for text in layout.warnings)
        fields = fields_from(layout, columns)
        yield from (_held_before(row) for row in held if row["post_id"] not in {stray["post_id"] for stray in strays})
        if strays:
            yield from self._strays(fields, strays)
        if due:
            yield from self._preview(fields) if self._request.is_preview else self._promote(fields)
        if self._run.has_unrecorded_counts() and not self._request.is_preview:
            self._database.batch(self._run.sign_of_life())

    def _claim(self) -> Claim:
        return Claim.new(self._run.new_id, self._run.actor)

    def _times(self) -> tuple[str, str, Moment]:
        now = self._run.clock()
        later = now + timedelta(hours=OFFSET_HOURS)
        return utc_text(now), utc_text(later), Moment(utc_text(now), utc_text(now + SOON))

    def _strays(self, fields: Fields, found: Sequence[Row]) -> Iterator[SweptPost]:
        if not self._request.is_preview:
            _, _, moment = self._times()
            found = self._database.batch(settle(fields.layout, moment, self._claim()))[-1]
        for row in found:
            yield self._told(row)

    def _preview(self, fields: Fields) -> Iterator[SweptPost]:
        now, later, _ = self._times()
        most = self._left or 1_000_000
        for row in self._database.query(preview(fields.layout, now, later, most)):
            yield self._told(row)

    def _promote(self, fields: Fields) -> Iterator[SweptPost | Warned]:
        size = GROUP
        while not self._request.stopped():
            wanted = size if self._left is None else min(size, self._left)
            if not wanted:
                return
            try:
                rows = self._group(fields, wanted, None)
            except (RefusedError, TooLargeError) as error:
                if wanted > 1:
                    size = wanted // 2
                    continue
                if isinstance(error, TooLargeError):
                    raise
                # It stands alone and is refused: held, so that the others are not kept waiting.
                yield Warned(error.message)
                rows = self._group(fields, 1, "store_refused")
            for row in rows:
                yield self._told(row)
            if self._left is not None:
                self._left -= len(rows)
            if len(rows) < wanted:
                return
            size = min(GROUP, size * 2)

    def _group(self, fields: Fields, size: int, hold: str | None) -> list[Row]:
        now, later, _ = self._times()
        group = Group(self._claim(), now, later, size, hold, self._request.post_path)
        rows = self._database.batch([*self._run.sign_of_life(), *promote(fields, group)])[-1]
        for row in rows:
            if not row["stands"]:
                raise DatabaseError(
                    f"the post {row['post_id']} was to be {row['action']}, and is not",
                    hint="run `emdash doctor`",
                    code="not_read_back",
                )
        return rows

    def _told(self, row: Row) -> SweptPost:
        outcome = Swept(str(row["action"]))
        self._run.counts[outcome] = self._run.counts.get(outcome, 0) + 1
        code = str(row["code"])
        return SweptPost(
            outcome=outcome,
            slug=str(row["slug"] or ""),
            locale=str(row["locale"]),
            post_id=str(row["post_id"]),
            published_at=str(row["published_at"]) if row["published_at"] and outcome is not Swept.HELD else None,
            code=code,
            reason=REASONS.get(code, ""),
            held_at=self._run.now() if outcome is Swept.HELD else None,
        )


def _held_before(row: Row) -> SweptPost:
    reason = str(row["held_reason"] or "")
    code = next((code for code, text in REASONS.items() if text == reason), "held")
    return SweptPost(
        outcome=Swept.HELD,
        slug=str(row["slug"] or ""),
        locale=str(row["locale"]),
        post_id=str(row["post_id"]),
        code=code,
        reason=reason,
        held_at=str(row["held_at"]),
        is_news=False,
    )


def repeat(
    work: Callable[[], object], every_s: float, stopped: Callable[[], bool], sleep: Callable[[float], None]
) -> None:
    """Wait and work in turn.

    Args:
        work: what to do; it copes with its own trouble.
        every_s: from the end of one turn to the next, in seconds.
        stopped: whether to end; asked before each turn and while waiting.
        sleep: waits for that many seconds.
    """
    while not stopped():
        left = every_s
        while left > 0 and not stopped():
            sleep(min(_NAP_S, left))
            left -= _NAP_S
        if not stopped():
            work()
