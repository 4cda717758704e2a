"""The history of a post: as a JSON document, on a terminal, and as lines for a pipe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, assert_never

from emdash_cli.domain.outcome import REASONS
from emdash_cli.reports.history import Announcement, Deed, Revision, Source
from emdash_cli.views import announced, output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.post_text import Changes
    from emdash_cli.reports.history import Event, History
    from emdash_cli.views.documents import posts

_FATES = {
    "remove": "it had neither a text nor a revision",
    "revision": "its newest revision is now live",
    "columns": "a revision was created from its own text",
}
_TIMES = {
    "scheduled_at": "for",
    "scheduled_before": "was to go live",
    "expires_at": "expires",
    "expired_at": "expired",
    "expires_before": "was to expire",
    "wanted": "due",
    "published_at": "dated",
}
_NAMES = {"reason": "", "forced": "", "fields": "changed", "file": "from"}
_ACCEPTED = {"text_changed": "with its text changed since it was last scheduled"}
_HIDDEN = {
    *("version", "form", "revision", "key", "code", "status_before", "slug_before", "slug_after"),
    *("group_before", "group", "byline", "author_id", "live_since", "public"),
    *("overrides", "run", "live_before", "draft_before", "files", "draft_after", "published_before", "alone"),
}
"""Names that are internal to the tool, or shown together with another one."""
_WITHOUT_TEXT = frozenset({"unpublished", "trashed", "untrashed"})
"""Actions that change no text."""
_OF_EXPIRY = frozenset({"expires_at", "expires_before", "expired_at"})


def show(found: History, zone: ZoneInfo, *, as_json: bool) -> None:
    """Print the history: a line for each event, or one JSON document."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(document(found))
    else:
        _print(found, zone)


def document(found: History) -> posts.History:
    """The history as a JSON document."""
    from emdash_cli.views.documents import posts

    lock = posts.Lock.of(found.lock) if found.lock else None
    return posts.History.of(
        found,
        lock=lock,
        expiry=posts.Expiry.of(found.expiry) if found.expiry else None,
        events=tuple(_event(event) for event in found.events),
        distribution=announced.document(found.distribution),
    )


def _event(event: Event) -> posts.Source | posts.Revision | posts.Action | posts.Announcement:
    from emdash_cli.views.documents import posts

    match event:
        case Source():
            return posts.Source.of(event)
        case Revision():
            changes = None if event.changes is None else posts.Changes.of(event.changes)
            return posts.Revision.of(event, changes=changes)
        case Deed():
            return posts.Action.of(event)
        case Announcement():
            return posts.Announcement.of(event)
        case _:
            assert_never(event)


def _print(found: History, zone: ZoneInfo) -> None:
    """A line for each event, below a heading on a terminal; the lock is shown on stderr.

    Args:
        found: the history.
        zone: of the times on a terminal; in a pipe they stay in UTC.
    """
    local = zone if output.is_terminal() else None
    if local:
        output.data(f"{output.styled(output.sanitized(found.slug), 'cyan')} ({found.locale}), {found.status}")
        output.data(output.sanitized(found.title))
    rows = [
        (_time(event.at, local), *(output.sanitized(cell) for cell in _cells(event, local))) for event in found.events
    ]
    output.table(("when", "what", "who", "is", "details", "revision"), rows, whole="revision")
    if found.expiry:
        output.note(f"expires {_time(found.expiry.at, zone)}, set by {found.expiry.set_by}")
    if found.lock:
        output.note(f"locked by {found.lock.by} on {_time(found.lock.at, zone)}")
        if found.lock.held:
            output.note(f"held: {found.lock.held}")
        elif found.lock.is_changed:
            output.note("its text has changed since: see `emdash diff`")
    if said := announced.sentence(found.distribution):
        output.note(said)
    if not any(isinstance(event, Revision) for event in found.events):
        output.note("there are no revisions: the only text is the current one")


def _cells(event: Event, zone: ZoneInfo | None) -> tuple[str, str, str, str, str]:
    match event:
        case Source():
            queued = f", queued {_time(event.queued_at, zone)}" if event.queued_at else ""
            return event.outcome, event.who or "", "", f"from {event.file} of stream {event.stream}{queued}", ""
        case Revision():
            parts = [f"{event.words} words", *([_changes(event.changes)] if event.changes is not None else [])]
            return "revision", event.who or "", ", ".join(event.marks), ": ".join(parts), event.id
        case Deed():
            return event.action, event.who, "", _in_words(event, lambda text: _time(text, zone)), ""
        case Announcement():
            of_job = f"job {event.job}" + (f": {event.reason}" if event.reason else "")
            said = f"{of_job}, {event.external_id}" if event.external_id else of_job
            return event.outcome, "", event.platform, said, ""
        case _:
            assert_never(event)


def _changes(changes: Changes) -> str:
    if not changes:
        return "nothing changed"
    named = {"added": changes.added, "removed": changes.removed, "changed": changes.changed}
    parts = [f"{verb} {', '.join(fields)}" for verb, fields in named.items() if fields]
    if changes.words_added or changes.words_removed:
        parts.append(f"+{changes.words_added} -{changes.words_removed} words")
    return "; ".join(parts)


def _time(text: str | None, zone: ZoneInfo | None) -> str:
    return output.local_time(text, zone, "%Y-%m-%d %H:%M:%S")


def _in_words(event: Deed, time: Callable[[str], str]) -> str:
    """The details of an audit row in editors' terms, separated by commas.

    Args:
        event: the audit row; unknown names of its detail are shown unchanged.
        time: formats UTC text for display.
    """
    change = ["a change to a published post"] if _is_change_of_live(event) else []
    return ", ".join([*change, *_known(event.detail), *_named(event.detail, time)])


def _is_change_of_live(event: Deed) -> bool:
    """Whether a text was changed, or scheduled, of a post that was public before."""
    if event.detail.get("status_before") != "published" or event.action in _WITHOUT_TEXT:
        return False
    return "to_revision" not in event.detail and not _OF_EXPIRY & set(event.detail)


def _known(detail: Mapping[str, Any]) -> Iterator[str]:
    if detail.get("code") and not detail.get("reason"):
        yield REASONS.get(str(detail["code"]), str(detail["code"]))
    if "to_revision" in detail:
        yield "live" if detail.get("form") == "live" else "as the draft"
    if overridden := detail.get("overrides"):
        yield f"although {overridden['locked_by']} had it locked"
    before, after = detail.get("slug_before"), detail.get("slug_after")
    if before and after and before != after:
        yield f"slug {after} instead of {before}"


def _named(detail: Mapping[str, Any], time: Callable[[str], str]) -> Iterator[str]:
    for name, value in detail.items():
        if name in _HIDDEN or value in (None, "", [], {}):
            continue
        if name in _TIMES:
            # If only the draft changed, or no text at all, the post's date is not part of the change.
            is_new = value != detail.get("wanted") and detail.get("form") not in {"draft", "touch"}
            if name != "published_at" or is_new:
                yield f"{_TIMES[name]} {time(str(value))}"
        elif name == "accepted":
            yield _ACCEPTED.get(str(value), str(value))
        elif name == "fate":
            yield _FATES.get(str(value), str(value))
        else:
            yield f"{_NAMES.get(name, name.replace('_', ' '))} {_plain(value, time)}".lstrip()


def _plain(value: Any, time: Callable[[str], str]) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each, time) for each in value)
    if isinstance(value, str):
        return time(value) if value.endswith("Z") else value
    return json.dumps(value, ensure_ascii=False)
