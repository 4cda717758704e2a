"""Publish due posts, hold those that were changed without review, and report both."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import DatabaseError, RefusedError, TooLargeError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.outcome import REASONS, Swept, SweptPost
from emdash_cli.scheduling.sql.sweep import DueGroup, Moment, find_strays, preview, promote, resolve_strays, still_held
from emdash_cli.store.audit import Claim
from emdash_cli.store.due import OFFSET_HOURS, anything_due
from emdash_cli.store.run import Run
from emdash_cli.store.session import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emdash_cli.domain.collection import FieldNames, PostPath
    from emdash_cli.domain.ports import Clock, Database, Row
    from emdash_cli.store.layout import Layout

GROUP: Final = 500
"""Posts in one batch. EmDash waits for less than a tenth of a second while one is written."""
SOON: Final = timedelta(hours=1)
"""How long before its time the text of a post is first compared with what was reviewed."""
_NAP_S: Final = 0.25
"""A signal does not end a sleep, so sleeps are short."""


class SweepOptions(NamedTuple):
    """What to sweep, and how.

    Attributes:
        limit: maximum number of posts; None: all that are due.
        is_preview: report what would happen without changing anything.
        stopped: whether to end after the current group.
        actor: who sweeps, as the audit table names them.
    """

    limit: int | None
    is_preview: bool
    post_path: PostPath
    stopped: Callable[[], bool]
    actor: str = "sweep"


class Warned(NamedTuple):
    """A remark that does not stop the sweep.

    Attributes:
        is_news: false for remarks that every sweep would repeat.
    """

    text: str
    is_news: bool = True


def sweep(
    options: SweepOptions, database: Database, names: FieldNames, clock: Clock, new_id: Callable[[], str]
) -> Iterator[SweptPost | Warned]:
    """Sweep once and yield each post as it happens. If nothing is due, this costs one request.

    Raises:
        DatabaseError: the store is unreachable or failing; what was yielded before is durable.
    """
    yield from _Sweep(options, database, Run("sweep", clock, new_id, options.actor)).events(names)


class _Sweep:
    """One sweep."""

    def __init__(self, options: SweepOptions, database: Database, run: Run) -> None:
        self._options = options
        self._database = database
        self._run = run
        self._left = options.limit

    def events(self, names: FieldNames) -> Iterator[SweptPost | Warned]:
        now, later, moment = self._times()
        reads = [anything_due(names, now, later), find_strays(names, moment), still_held(names)]
        signs = [] if self._options.is_preview else self._run.sign_of_life()
        layout, (due, strays, held, *_) = open_store(self._database, names, [*reads, *signs])
        yield from (Warned(text, is_news=False) for text in layout.warnings)
        yield from (_held_before(row) for row in held if row["post_id"] not in {stray["post_id"] for stray in strays})
        if strays:
            yield from self._strays(layout, strays)
        if due:
            yield from self._preview(layout) if self._options.is_preview else self._promote(layout)
        if self._run.has_unrecorded_counts() and not self._options.is_preview:
            self._database.batch(self._run.sign_of_life())

    def _claim(self) -> Claim:
        return Claim.new(self._run.new_id, self._run.actor)

    def _times(self) -> tuple[str, str, Moment]:
        now = self._run.clock()
        later = now + timedelta(hours=OFFSET_HOURS)
        return utc_text(now), utc_text(later), Moment(utc_text(now), utc_text(now + SOON))

    def _strays(self, layout: Layout, found: Sequence[Row]) -> Iterator[SweptPost]:
        if not self._options.is_preview:
            _, _, moment = self._times()
            found = self._database.batch(resolve_strays(layout, moment, self._claim()))[-1]
        for row in found:
            yield self._swept(row)

    def _preview(self, layout: Layout) -> Iterator[SweptPost]:
        now, later, _ = self._times()
        most = self._left or 1_000_000
        for row in self._database.query(preview(layout, now, later, most)):
            yield self._swept(row)

    def _promote(self, layout: Layout) -> Iterator[SweptPost | Warned]:
        size = GROUP
        while not self._options.stopped():
            wanted = size if self._left is None else min(size, self._left)
            if not wanted:
                return
            try:
                rows = self._group(layout, wanted, None)
            except (RefusedError, TooLargeError) as error:
                if wanted > 1:
                    size = wanted // 2
                    continue
                if isinstance(error, TooLargeError):
                    raise
                # The store refuses only this post. It is held, so that the others do not wait for it.
                yield Warned(error.message)
                rows = self._group(layout, 1, "store_refused")
            for row in rows:
                yield self._swept(row)
            if self._left is not None:
                self._left -= len(rows)
            if len(rows) < wanted:
                return
            size = min(GROUP, size * 2)

    def _group(self, layout: Layout, size: int, hold: str | None) -> list[Row]:
        now, later, _ = self._times()
        group = DueGroup(self._claim(), now, later, size, hold, self._options.post_path)
        rows = self._database.batch([*self._run.sign_of_life(), *promote(layout, group)])[-1]
        for row in rows:
            if not row["stands"]:
                raise DatabaseError(
                    f"the post {row['post_id']} should be {row['action']} now, but is not",
                    hint="run `emdash doctor`",
                    code="not_read_back",
                )
        return rows

    def _swept(self, row: Row) -> SweptPost:
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
    """Alternate between work and waiting.

    Args:
        work: called in each turn; it handles its own errors.
        every_s: from the end of one turn to the start of the next, in seconds.
        stopped: whether to end; called before each turn and while waiting.
        sleep: waits for that many seconds.
    """
    while not stopped():
        left = every_s
        while left > 0 and not stopped():
            sleep(min(_NAP_S, left))
            left -= _NAP_S
        if not stopped():
            work()
