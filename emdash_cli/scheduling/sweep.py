"""Publish due posts, hold those that were changed without review, and report both."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import DatabaseError, RefusedError, TooLargeError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.outcome import REASONS, Notice, Swept, SweptPost
from emdash_cli.scheduling.sql.strays import Moment, find_strays, resolve_strays, still_held
from emdash_cli.store.due import OFFSET_HOURS, anything_due, anything_expired, find_overdue_in_trash, note_trashed
from emdash_cli.store.session import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session

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
    """

    limit: int | None
    is_preview: bool
    stopped: Callable[[], bool]


def sweep(session: Session, options: SweepOptions) -> Iterator[SweptPost | Notice]:
    """Sweep once and yield each post as it happens. If nothing is due, this costs one request.

    Raises:
        NotAllowedError: the acting user may not publish.
        DatabaseError: the store is unreachable or failing; what was yielded before is durable.
    """
    session.require("publish")
    yield from _Sweep(options, Run("sweep", session, actor=None if session.user else "sweep")).events()


class _Sweep:
    """One sweep."""

    def __init__(self, options: SweepOptions, run: Run) -> None:
        self._options = options
        self._run = run
        self._session = run.session
        self._left = options.limit
        self._seen: set[object] = set()

    def events(self) -> Iterator[SweptPost | Notice]:
        names = self._session.names
        now, later, moment = self._times()
        reads = [
            anything_due(names, now, later),
            find_strays(names, moment),
            still_held(names),
            find_overdue_in_trash(names, now, later, GROUP),
            anything_expired(names, now),
        ]
        signs = [] if self._options.is_preview else [*note_trashed(names, now), *self._run.sign_of_life()]
        due, strays, held, overdue, expired, *_ = self._session.open([*reads, *signs])
        layout = self._session.layout
        yield from (Notice(text, is_news=False) for text in layout.warnings)
        yield from (_held_before(row) for row in held if row["post_id"] not in {stray["post_id"] for stray in strays})
        if strays:
            yield from self._strays(strays)
        if overdue:
            yield from self._overdue(overdue)
        # A post that is to be taken down by now is not published before.
        if expired:
            yield from self._expire()
        if due:
            yield from self._preview() if self._options.is_preview else self._promote()
        if self._run.has_unrecorded_counts() and not self._options.is_preview:
            self._session.database.batch(self._run.sign_of_life())

    def _times(self) -> tuple[str, str, Moment]:
        now = self._session.clock()
        later = now + timedelta(hours=OFFSET_HOURS)
        return utc_text(now), utc_text(later), Moment(utc_text(now), utc_text(now + SOON))

    def _strays(self, found: Sequence[Row]) -> Iterator[SweptPost]:
        if not self._options.is_preview:
            _, _, moment = self._times()
            found = self._session.database.batch(resolve_strays(self._session.layout, moment, self._run.claim()))[-1]
        for row in found:
            yield self._swept(row)

    def _overdue(self, found: Sequence[Row]) -> Iterator[SweptPost]:
        """Hold the posts whose time passed in the trash."""
        if self._options.is_preview:
            yield from map(self._swept, found)
            return
        from emdash_cli.scheduling.sql.holding import hold_overdue
        from emdash_cli.scheduling.sql.promotion import DueGroup

        while found:
            now, later, _ = self._times()
            group = DueGroup(self._run.claim(), now, later, GROUP, None, self._session.settings.site)
            batch = [*self._run.signs_of_work(), *hold_overdue(self._session.layout, group)]
            found = self._session.database.batch(batch)[-1]
            yield from map(self._swept, found)

    def _expire(self) -> Iterator[SweptPost | Notice]:
        """Take down the posts whose expiry has come."""
        from emdash_cli.scheduling.sql.expiries import ExpiredGroup, expire, find_expired

        session = self._session
        if self._options.is_preview:
            yield from map(self._swept, session.database.query(find_expired(session.names, session.now(), 1_000_000)))
            return
        size, passed_over = GROUP, 0
        while not self._options.stopped():
            group = ExpiredGroup(self._run.claim(), session.now(), size, passed_over, session.settings.site)
            try:
                rows = session.database.batch([*self._run.signs_of_work(), *expire(session.layout, group)])[-1]
            except (RefusedError, TooLargeError) as error:
                if size == 1:
                    # The store refuses only this post, which stays the first one. The others do not wait for it.
                    refused = session.database.query(find_expired(session.names, group.now, 1, passed_over))
                    yield from (Notice(f"{row['slug']} was not taken down: {error.message}") for row in refused)
                    passed_over += 1
                size = max(size // 2, 1)
                continue
            _check(rows)
            yield from map(self._swept, rows)
            if len(rows) < size:
                return
            size = min(GROUP, size * 2)

    def _preview(self) -> Iterator[SweptPost]:
        """What would be published, apart from what would be held or taken down before."""
        from emdash_cli.scheduling.sql.promotion import preview

        now, later, _ = self._times()
        most = self._left or 1_000_000
        rows = self._session.database.query(preview(self._session.layout, now, later, most))
        swept = [self._swept(row) for row in rows if row["post_id"] not in self._seen]
        live = [post.post_id for post in swept if post.outcome is Swept.PUBLISHED]
        announced_on = self._expected(live) if live and self._session.settings.platforms else {}
        yield from (post._replace(announced_on=announced_on.get(post.post_id, ())) for post in swept)

    def _expected(self, posts: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Where posts would be announced, by their ids."""
        from emdash_cli.store.announcing import Expected, by_post, expected

        session, lanes = self._session, self._session.settings.site.lanes
        wanted = expected(session.layout, [Expected(post) for post in posts], lanes, session.now())
        return by_post(session.database.query(wanted))

    def _promote(self) -> Iterator[SweptPost | Notice]:
        size = GROUP
        while not self._options.stopped():
            wanted = size if self._left is None else min(size, self._left)
            if not wanted:
                return
            try:
                rows = self._group(wanted, None)
            except (RefusedError, TooLargeError) as error:
                if wanted > 1:
                    size = wanted // 2
                    continue
                if isinstance(error, TooLargeError):
                    raise
                # The store refuses only this post. It is held, so that the others do not wait for it.
                yield Notice(error.message)
                rows = self._group(1, "store_refused")
            for row in rows:
                yield self._swept(row)
            if self._left is not None:
                self._left -= len(rows)
            if len(rows) < wanted:
                return
            size = min(GROUP, size * 2)

    def _group(self, size: int, hold: str | None) -> list[Row]:
        # Imported here because most sweeps find nothing due.
        from emdash_cli.scheduling.sql.promotion import DueGroup, promote

        now, later, _ = self._times()
        group = DueGroup(self._run.claim(), now, later, size, hold, self._session.settings.site)
        rows = self._session.database.batch([*self._run.signs_of_work(), *promote(self._session.layout, group)])[-1]
        _check(rows)
        return rows

    def _swept(self, row: Row) -> SweptPost:
        outcome = Swept(str(row["action"]))
        self._run.counts[outcome] = self._run.counts.get(outcome, 0) + 1
        code = str(row["code"])
        self._seen.add(row["post_id"])
        return SweptPost(
            outcome=outcome,
            slug=str(row["slug"] or ""),
            locale=str(row["locale"]),
            post_id=str(row["post_id"]),
            published_at=str(row["published_at"]) if row["published_at"] and outcome is not Swept.HELD else None,
            code=code,
            reason=REASONS.get(code, ""),
            held_at=self._session.now() if outcome is Swept.HELD else None,
        )


def _check(rows: Sequence[Row]) -> None:
    for row in rows:
        if not row["stands"]:
            raise DatabaseError(
                f"the post {row['post_id']} should be {row['action']} now, but is not",
                hint="run `emdash doctor`",
                code="not_read_back",
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
