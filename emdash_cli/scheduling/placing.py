"""Give each post a free slot: of its stream, or of a row that is laid out for all of them.

Which slots are free is read before; that nobody takes one meanwhile is a condition of the batch that schedules the
posts (`sql.slots.all_free`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.domain.slots import WeeklyTimes, timetable
from emdash_cli.scheduling.selection import label
from emdash_cli.scheduling.slots import ODD_TEXT, takers_by_stream, takers_of, waiting_files
from emdash_cli.scheduling.sql.slots import Around, Wanted, all_free, planned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from emdash_cli.domain.ports import Row, Statement, Value
    from emdash_cli.domain.slots import FreeSlots, Slot, Timetable
    from emdash_cli.scheduling.slots import Taker
    from emdash_cli.store.session import Session

_TICK: Final = timedelta(microseconds=1)
_NO_END: Final = "9999-12-31T23:59:59.999Z"


class Places:
    """Finds free slots for posts, whose rows have ``stream``, the one that published them.

    Args:
        session: may be opened later.
        free: which slots.

    Raises:
        UsageError: the slots cannot be read.
    """

    def __init__(self, session: Session, free: FreeSlots) -> None:
        self._session = session
        self._start = free.start
        self._every = free.every
        self._row = WeeklyTimes.parse([free.every]) if free.every else None
        self._tables: dict[str, Timetable] = {}
        self._kept: dict[Value, Slot] = {}
        self._found: dict[Value, Slot] = {}

    def keep(self, post: Row) -> bool:
        """Whether the post is scheduled for one of the slots already; `find` then leaves it there.

        Raises:
            UsageError: its stream has no slots.
        """
        table = self._table(self._stream(post))
        try:
            at = from_utc_text(str(post["scheduled_at"]))
        except ValueError:
            return False
        slot = next(table.slots_after(at - _TICK, self._session.settings.timezone), None)
        if slot is None or slot.at != at or (self._start is not None and at < self._start):
            return False
        self._kept[post["id"]] = slot
        return True

    def find(self, posts: Sequence[Row]) -> list[datetime]:
        """The time of a free slot for each post, in their order, which is no other post's, or that of the kept one.

        Raises:
            UsageError: a stream has no slots, or no more of them.
            DatabaseError: the store is unreachable or failing.
        """
        new = [post for post in posts if post["id"] not in self._kept]
        slots = self._free(dict.fromkeys(map(self._stream, new))) if new else {}
        for post in new:
            slot = next(slots[self._stream(post)], None)
            if slot is None:
                raise UsageError(f"there is no slot left for {label(post)}", hint="name other slots")
            self._found[post["id"]] = slot
        places = self._kept | self._found
        return [places[post["id"]].at for post in posts]

    def notices(self, posts: Sequence[Row]) -> tuple[str, ...]:
        """Remarks on the streams of the posts."""
        named = {self._stream(post) for post in posts}
        return waiting_files(stream for stream in self._session.settings.streams if stream.name in named)

    def named(self, post: Row) -> str:
        """Whose slots the post takes one of, for the audit table: the stream's, or the row's."""
        return self._every or self._stream(post)

    def guard(self, posts: Sequence[Row]) -> Statement:
        """The condition that the slots that were found for these posts are still free, for the claim to them."""
        slots = [self._found[post["id"]] for post in posts]
        wanted = [
            Wanted(str(post["id"]), self._stream(post), utc_text(slot.at), utc_text(slot.until))
            for post, slot in zip(posts, slots, strict=True)
        ]
        start, end = min(slot.at for slot in slots), max(slot.until for slot in slots)
        around = Around(utc_text(start - ODD_TEXT), utc_text(end + ODD_TEXT))
        return all_free(self._session.names, wanted, around, self._session.settings.default_stream)

    def _free(self, streams: Iterable[str]) -> dict[str, Iterator[Slot]]:
        """The free slots of each stream; for a row, the same ones for all."""
        now = self._session.clock()
        start = max(self._start - _TICK, now) if self._start else now
        settings = self._session.settings
        taken = self._session.database.query(
            planned(self._session.names, utc_text(start - ODD_TEXT), _NO_END, settings.default_stream)
        )
        takers = takers_by_stream(taken)
        if self._row:
            together = sorted((each for name in streams for each in takers.get(name, ())), key=lambda each: each.at)
            row = _without(self._row.slots_after(start, settings.timezone), together)
            return dict.fromkeys(streams, row)
        return {
            name: _without(self._table(name).slots_after(start, settings.timezone), takers.get(name, ()))
            for name in streams
        }

    def _stream(self, post: Row) -> str:
        return str(post["stream"] or self._session.settings.default_stream)

    def _table(self, stream: str) -> Timetable:
        if self._row:
            return self._row
        if stream not in self._tables:
            self._tables[stream] = self._table_of(stream)
        return self._tables[stream]

    def _table_of(self, name: str) -> Timetable:
        settings = self._session.settings
        stream = next((each for each in settings.streams if each.name == name), None)
        if stream is None:
            known = ", ".join(each.name for each in settings.streams)
            raise UsageError(
                f"there is no stream `{name}` in emdash.toml, whose slots the posts would take; there is {known}",
                hint="use --at, or --every with slots such as 'weekdays 09:00'",
                code="no_slots",
            )
        table = timetable(stream.slots, stream.cadence)
        if table is None:
            raise UsageError(
                f"the stream `{name}` has no slots",
                hint=f'add slots = ["mon 09:00"] to [streams.{name}] of emdash.toml, or use --every with slots',
                code="no_slots",
            )
        return table


def _without(slots: Iterable[Slot], takers: Sequence[Taker]) -> Iterator[Slot]:
    return (slot for slot in slots if not takers_of(slot, takers))
