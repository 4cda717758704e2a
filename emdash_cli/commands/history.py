"""``emdash history``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, assert_never

import typer

from emdash_cli.commands import options, who

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.text_changes import Changes
    from emdash_cli.reports.history import Event, History


class Format(StrEnum):
    """How a history may be shown."""

    TABLE = "table"
    JSON = "json"


def history(
    context: typer.Context,
    slug: who.Slug,
    locale: who.Locale = None,
    form: Annotated[Format | None, typer.Option("--format", "-f", help="How to show it; else as a table.")] = None,
    as_json: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--json", help="The same as --format json.")
    ] = False,
    user: who.AsUser = None,
) -> None:
    r"""Show a post's revisions, changes and source file.

    The oldest comes first. Each revision tells what it changed: fields, and how many words of the body came and
    went. `live` is the one that readers see, `draft` the one that goes live next, `locked` the one that was
    reviewed when the post was scheduled. A post in the trash has its history too.

    On a terminal times are shown in the zone of the settings; in a pipe each event is a line, separated by tabs: time
    in UTC, what, who, marks, what changed.

    \b
    Examples:
      emdash history 042-caching-at-the-edge
      emdash history hello-world --locale de
      emdash history hello-world --json | jq '.events[].what'

    --json prints {"post_id", "slug", "locale", "title", "status", "version", "created_at", "published_at",
    "scheduled_at", "lock": {"by", "at", "is_changed", "held"} or null, "events": […]}. An event has "what" and
    "at": a source also who, stream, file, outcome, slug, key, queued_at, run_id; a revision id, who, marks, words
    and changes (added, removed, changed, words_added, words_removed; null for the first); a deed action, who, detail.

    Exit codes: 0 shown, 2 a wrong option, or the slug is there in several locales or not in the one that was named,
    3 there is no such post, 4 the user is unknown or disabled, 6 the store fails.
    """
    from emdash_cli.reports.history import read_history

    chosen = options.one_format(form, Format.JSON, as_json=as_json)
    settings = options.root(context).settings()
    with who.reading(settings, user) as database:
        found = read_history(database, settings.fields, slug, locale)
    if chosen is Format.JSON:
        from emdash_cli.views import output

        output.json_document(_document(found))
        return
    _print(found, settings.timezone)


def _document(found: History) -> dict[str, Any]:
    from dataclasses import asdict

    events = [{"what": type(event).__name__.lower(), **asdict(event)} for event in found.events]
    return {**asdict(found), "events": events}


def _print(found: History, zone: ZoneInfo) -> None:
    from emdash_cli.views import output
    from emdash_cli.views.output import harmless

    local = zone if output.is_terminal() else None
    if local:
        output.data(f"{output.styled(harmless(found.slug), 'cyan')} ({found.locale}), {found.status}")
        output.data(harmless(found.title))
    rows = [(_time(event.at, local), *(harmless(cell) for cell in _cells(event, local))) for event in found.events]
    output.table(("when", "what", "who", "is", "details"), rows)
    if found.lock:
        output.note(f"locked by {found.lock.by} on {_time(found.lock.at, zone)}")
        if found.lock.held:
            output.note(f"held: {found.lock.held}")
        elif found.lock.is_changed:
            output.note("its text was changed since: see `emdash diff`")
    if not any(type(event).__name__ == "Revision" for event in found.events):
        output.note("there are no revisions: the only text is the one that the post has now")


def _cells(event: Event, zone: ZoneInfo | None) -> tuple[str, str, str, str]:
    from emdash_cli.reports.history import Deed, Revision, Source
    from emdash_cli.views.history_details import in_words

    match event:
        case Source():
            queued = f", queued {_time(event.queued_at, zone)}" if event.queued_at else ""
            return event.outcome, event.who or "", "", f"from {event.file} of stream {event.stream}{queued}"
        case Revision():
            told = [f"{event.words} words", *([_changes(event.changes)] if event.changes is not None else [])]
            return "revision", event.who or "", ", ".join(event.marks), ": ".join(told)
        case Deed():
            return event.action, event.who, "", in_words(event.detail, lambda text: _time(text, zone))
        case _:
            assert_never(event)


def _changes(changes: Changes) -> str:
    if not changes:
        return "nothing changed"
    named = {"added": changes.added, "removed": changes.removed, "changed": changes.changed}
    told = [f"{verb} {', '.join(fields)}" for verb, fields in named.items() if fields]
    if changes.words_added or changes.words_removed:
        told.append(f"+{changes.words_added} -{changes.words_removed} words")
    return "; ".join(told)


def _time(text: str | None, zone: ZoneInfo | None) -> str:
    """As it is stored, or as a clock in that zone shows it."""
    from emdash_cli.domain.instants import from_utc_text

    if not text or zone is None:
        return text or ""
    try:
        return f"{from_utc_text(text).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):  # another tool wrote what is no time
        return text
