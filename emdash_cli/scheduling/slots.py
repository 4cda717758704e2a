"""The slots of the streams, and the posts that take them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from emdash_cli.domain.days import start_of_day
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.domain.slots import timetable
from emdash_cli.inbox import files
from emdash_cli.inbox.files import QueueTroubleError
from emdash_cli.scheduling.sql import slots as sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.ports import Row
    from emdash_cli.domain.slots import Slot
    from emdash_cli.settings import Stream
    from emdash_cli.store.session import Session

USUAL: Final = 10
"""Slots of a stream that are listed unless more are asked for."""
MOST_SLOTS: Final = 1_000
"""Slots of a stream that are listed at once."""
ODD_TEXT: Final = timedelta(hours=15)
"""How far a stored text may sort from its instant; UTC offsets go up to 14 hours."""


@dataclass(frozen=True, slots=True)
class Taker:
    """A post that takes a slot.

    Attributes:
        at: when it goes live, aware, in UTC.
        held: why it waits until somebody has reviewed it; None if it is not held.
    """

    post_id: str
    slug: str
    locale: str
    at: datetime
    held: str | None


@dataclass(frozen=True, slots=True)
class ListedSlot:
    """A slot with the posts that take it: none if it is free; several, if somebody chose its time by hand."""

    slot: Slot
    posts: tuple[Taker, ...]


@dataclass(frozen=True, slots=True)
class StreamSlots:
    """Slots of one stream.

    Attributes:
        source: the setting that names them; None: the stream has no slots.
        names: how that setting names them.
        is_cut: whether there are more of them than are listed, although all were asked for.
    """

    stream: str
    source: Literal["slots", "cadence"] | None
    names: tuple[str, ...]
    slots: tuple[ListedSlot, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class SlotReport:
    """The slots of the streams.

    Attributes:
        zone: in which they are named.
        notices: of `waiting_files`.
    """

    zone: ZoneInfo
    streams: tuple[StreamSlots, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """Which slots to list.

    Attributes:
        first: the first day; slots that have passed are not listed. None: today.
        last: the last day; None: there is none.
        most: slots of each stream; None: all of the days, up to `MOST_SLOTS`, or without a last day, `USUAL`.
    """

    streams: Sequence[Stream]
    first: date | None = None
    last: date | None = None
    most: int | None = None


def list_slots(session: Session, query: SlotQuery) -> SlotReport:
    """The slots of the streams, each with the posts that take it.

    Raises:
        UsageError: the days are outside the years 1 to 9999.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    settings = session.settings
    window = _window(query, session.clock(), settings.timezone)
    found = [(stream, _slots_of(stream, window, settings.timezone)) for stream in query.streams]
    takers = takers_by_stream(_rows(session, [slots for _, slots in found if slots]))
    streams = (_listed(stream, slots, window, takers.get(stream.name, ())) for stream, slots in found)
    return SlotReport(settings.timezone, tuple(streams), waiting_files(query.streams))


def _rows(session: Session, slots: Sequence[Sequence[Slot]]) -> Sequence[Row]:
    """The posts that may take one of the slots."""
    if not slots:
        return ()
    start, end = min(each[0].at for each in slots), max(each[-1].until for each in slots)
    window = (utc_text(start - ODD_TEXT), utc_text(end + ODD_TEXT))
    [rows] = session.read([sql.planned(session.names, *window, session.settings.default_stream)])
    return rows


class _Window(NamedTuple):
    """Slots after `start`, before `end` if there is one, at most `most`."""

    start: datetime
    end: datetime | None
    most: int


def _window(query: SlotQuery, now: datetime, zone: ZoneInfo) -> _Window:
    try:
        # A slot at the first instant of a day belongs to the day.
        start = max(start_of_day(query.first, zone) - timedelta(microseconds=1), now) if query.first else now
        end = start_of_day(query.last + timedelta(days=1), zone) if query.last else None
    except OverflowError as error:
        raise UsageError("the slots would exceed the years 1 to 9999", hint="choose other days") from error
    return _Window(start, end, query.most or (MOST_SLOTS if end else USUAL))


def _slots_of(stream: Stream, window: _Window, zone: ZoneInfo) -> list[Slot]:
    """The slots to list, and one more if there are more."""
    table = timetable(stream.slots, stream.cadence)
    if table is None:
        return []
    slots = table.slots_after(window.start, zone)
    return list(islice(takewhile(lambda slot: window.end is None or slot.at < window.end, slots), window.most + 1))


def _listed(stream: Stream, slots: list[Slot], window: _Window, takers: Sequence[Taker]) -> StreamSlots:
    source: Literal["slots", "cadence"] | None = "slots" if stream.slots else "cadence" if stream.cadence else None
    names = stream.slots or ((stream.cadence,) if stream.cadence else ())
    listed = tuple(ListedSlot(slot, takers_of(slot, takers)) for slot in slots[: window.most])
    return StreamSlots(stream.name, source, names, listed, is_cut=bool(window.end) and len(slots) > window.most)


def waiting_files(streams: Iterable[Stream]) -> tuple[str, ...]:
    """A remark on each stream whose cadence will publish files as well: it knows nothing of slots."""
    notices = []
    for stream in streams:
        try:
            waiting = sum(1 for _ in files.names(stream.queue)) if stream.cadence else 0
        except QueueTroubleError:
            continue
        if waiting:
            number = "1 file waits" if waiting == 1 else f"{waiting:,} files wait"
            notices.append(
                f"{number} in the queue of stream {stream.name}, and `publish-queue` knows nothing of slots:"
                f" it publishes by the cadence {stream.cadence}, besides the posts that take slots"
            )
    return tuple(notices)


def takers_by_stream(rows: Iterable[Row]) -> dict[str, list[Taker]]:
    """The posts of `sql.planned` by their streams, in the order of their times.

    A time that cannot be read, which the sweep reports, takes no slot.
    """
    found: dict[str, list[Taker]] = {}
    for row in rows:
        try:
            at = from_utc_text(str(row["at"]))
        except ValueError:
            continue
        held = None if row["held"] is None else str(row["held"])
        taker = Taker(str(row["id"]), str(row["slug"] or ""), str(row["locale"]), at, held)
        found.setdefault(str(row["stream"]), []).append(taker)
    for takers in found.values():
        takers.sort(key=lambda taker: (taker.at, taker.slug, taker.locale))
    return found


def takers_of(slot: Slot, takers: Sequence[Taker]) -> tuple[Taker, ...]:
    """Those of the posts, which are in the order of their times, that take the slot."""
    first, last = (bisect_right(takers, edge - timedelta(microseconds=1), key=lambda each: each.at) for edge in slot)
    return tuple(takers[first:last])
