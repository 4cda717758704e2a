"""The slots of the streams: as a JSON document, on a terminal, and as lines for a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.instants import WEEKDAYS, utc_text
from emdash_cli.views import output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from emdash_cli.scheduling.slots import ListedSlot, SlotReport, StreamSlots, Taker
    from emdash_cli.views.documents import blog


def show(found: SlotReport, *, as_json: bool) -> None:
    """Print the slots; on stderr, which streams have none, and how many more there are."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(document(found))
        return
    for stream in found.streams:
        if output.is_terminal():
            _draw(stream, found.zone)
        else:
            for line in _lines(stream, found.zone):
                output.data(line)
        if stream.source is None:
            output.note(f"stream {stream.stream} has no slots: add `slots` or `cadence` to it in emdash.toml")
        if stream.is_cut:
            output.note(
                f"stream {stream.stream} has more slots than these {len(stream.slots)}: choose a shorter period"
            )
    for notice in found.notices:
        output.notice(notice)


def document(found: SlotReport) -> blog.SlotList:
    """The slots as a JSON document."""
    from emdash_cli.views.documents import blog

    streams = (
        blog.StreamSlots.of(stream, slots=tuple(_slot(each, found.zone) for each in stream.slots), cut=stream.is_cut)
        for stream in found.streams
    )
    return blog.SlotList(found.zone.key, tuple(streams), found.notices)


def _slot(listed: ListedSlot, zone: ZoneInfo) -> blog.Slot:
    from emdash_cli.views.documents import blog

    at, until = listed.slot
    posts = tuple(blog.SlotPost.of(post, at=utc_text(post.at)) for post in listed.posts)
    return blog.Slot(utc_text(at), _local(listed, zone), utc_text(until), not posts, posts)


def _local(listed: ListedSlot, zone: ZoneInfo) -> str:
    return listed.slot.at.astimezone(zone).isoformat(timespec="seconds")


def _lines(stream: StreamSlots, zone: ZoneInfo) -> Iterator[str]:
    """A line for each free slot and for each post that takes one: state, stream, time, slug, locale."""
    for listed in stream.slots:
        local = _local(listed, zone)
        if not listed.posts:
            yield f"free\t{stream.stream}\t{local}\t\t"
        for post in listed.posts:
            state = "held" if post.held else "taken"
            yield f"{state}\t{stream.stream}\t{local}\t{output.sanitized(post.slug)}\t{post.locale}"


def _draw(stream: StreamSlots, zone: ZoneInfo) -> None:
    """One line for each slot, under the name of the stream."""
    from rich.text import Text

    console = output.console()
    said = f": {', '.join(stream.names)}, times in {zone.key}" if stream.names else ""
    console.print(Text(f"{stream.stream}{said}", style="bold"))
    for listed in stream.slots:
        local = listed.slot.at.astimezone(zone)
        line = Text(f"  {WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M %Z}  ")
        if not listed.posts:
            line.append("free", style="green")
        line.append(", ".join(_said(post, listed, zone) for post in listed.posts))
        console.print(line)


def _said(post: Taker, listed: ListedSlot, zone: ZoneInfo) -> str:
    """A post, with its time if that is not the slot's, and whether it is held."""
    at = "" if post.at == listed.slot.at else f" at {post.at.astimezone(zone):%Y-%m-%d %H:%M}"
    return f"{output.sanitized(post.slug)} ({post.locale}){at}{' [held]' if post.held else ''}"
