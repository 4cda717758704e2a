"""The history of a post: its revisions, the changes to it, and the file that it came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.announced import reason
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.domain.post_text import Changes, changes, word_count
from emdash_cli.posts.read import the_post
from emdash_cli.reports.sql import history as store
from emdash_cli.store.announced import distribution

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emdash_cli.domain.announced import Distribution, PlatformJob
    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session

_AT_A_TIME: Final = 4_000_000
"""Bytes of revisions read in one request, because an engine may refuse an answer that is too large."""
_ANNOUNCED: Final = {
    ("done", "announce"): "announced",
    ("done", "update"): "updated",
    ("dead", "announce"): "failed",
    ("dead", "update"): "failed",
}
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Revision:
    """A text that the post had at some time.

    Attributes:
        at: UTC text, like the other times; None if it cannot be read.
        who: the user who wrote it; None if EmDash or a publisher did not record one.
        marks: those of live, draft and locked that apply.
        words: of the body.
        changes: since the previous revision; None for the first, and if either of the two cannot be read.
    """

    at: str | None
    id: str
    who: str | None
    marks: tuple[str, ...]
    words: int
    changes: Changes | None


@dataclass(frozen=True, slots=True)
class Deed:
    """An action on the post, from the audit table."""

    at: str | None
    action: str
    who: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """The file that the post was published from.

    Attributes:
        who: the user or operator who started the run; None for a post that another tool had published.
    """

    at: str | None
    who: str | None
    stream: str
    file: str
    outcome: str
    slug: str
    key: str
    queued_at: str | None
    run_id: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """The end of the post's job on a platform."""

    at: str | None
    platform: str
    outcome: str
    job: int
    external_id: str | None
    reason: str


Event = Revision | Deed | Source | Announcement


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock that keeps a scheduled text as it was reviewed.

    Attributes:
        is_changed: whether the revision has changed since it was locked.
        held: why the sweep does not publish it; None if it would.
    """

    by: str
    at: str
    is_changed: bool
    held: str | None


@dataclass(frozen=True, slots=True)
class Expiry:
    """When the post is taken down again, UTC text, and who said so."""

    at: str
    set_by: str
    set_at: str


@dataclass(frozen=True, slots=True)
class History:
    """A post and its events, oldest first."""

    post_id: str
    slug: str
    locale: str
    title: str
    status: str
    version: int
    created_at: str | None
    published_at: str | None
    scheduled_at: str | None
    lock: Lock | None
    expiry: Expiry | None
    events: Sequence[Event]
    distribution: Distribution | None


def read_history(session: Session, slug: str, locale: str | None) -> History:
    """The history of the post with that slug, even if it is in the trash.

    Raises:
        EmdashError: there is none, or there are several and no locale was given.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    names = session.names
    [found] = session.read([store.posts_with_slug(names, slug, jobs=bool(session.settings.platforms))])
    post = the_post(session, slug, locale, found)
    post_id = str(post["id"])
    revisions, deeds, sources = session.read(
        [store.revisions_of(names, post_id), store.audit_of(post_id), store.source_of(post_id)]
    )
    events: list[Event] = [_source(row) for row in sources]
    events += _revisions(session, post, revisions)
    events += [_deed(row) for row in deeds]
    announced = distribution(post.get("jobs"), is_live=post["status"] == "published" and not post["deleted_at"])
    events += [_announcement(job) for job in announced.jobs if job.ended_at] if announced else []
    return History(
        post_id=post_id,
        slug=str(post["slug"]),
        locale=str(post["locale"]),
        title=str(post["title"]),
        status="trashed" if post["deleted_at"] else str(post["status"]),
        version=int(post["version"] or 0),
        created_at=_utc(post["created_at"]),
        published_at=_utc(post["published_at"]),
        scheduled_at=_utc(post["scheduled_at"]),
        lock=_lock(post),
        expiry=_expiry(post),
        # EmDash cuts the times of revisions to seconds, so the file, which came first, is put first.
        events=sorted(events, key=lambda event: _to_the_second(event.at)),
        distribution=announced,
    )


def _revisions(session: Session, post: Row, rows: Sequence[Row]) -> Iterator[Revision]:
    ordered = sorted(rows, key=lambda row: (_to_the_second(_utc(row["created_at"])), str(row["id"])))
    before: dict[str, Any] | None = None
    is_first = True
    for row, data in _with_data(session, ordered):
        yield Revision(
            at=_utc(row["created_at"]),
            id=str(row["id"]),
            who=None if row["author"] is None else str(row["author"]),
            marks=_marks(post, str(row["id"])),
            words=word_count((data or {}).get(session.names.content)),
            changes=None
            if is_first or before is None or data is None
            else changes(before, data, session.names.content),
        )
        before, is_first = data, False


def _with_data(session: Session, rows: Sequence[Row]) -> Iterator[tuple[Row, dict[str, Any] | None]]:
    """Each row with its data; None if the data is not a JSON object."""
    page: list[Row] = []
    size = 0
    for place, row in enumerate(rows):
        page.append(row)
        size += int(row["size"] or 0)
        if size >= _AT_A_TIME or place == len(rows) - 1:
            found = session.database.query(store.data_of([str(each["id"]) for each in page]))
            data = {str(each["id"]): each["data"] for each in found}
            yield from ((each, _parsed(data.get(str(each["id"])))) for each in page)
            page, size = [], 0


def _parsed(data: object) -> dict[str, Any] | None:
    try:
        found = json.loads(str(data))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _marks(post: Row, revision: str) -> tuple[str, ...]:
    said = {"live": "live_revision_id", "draft": "draft_revision_id", "locked": "locked_revision_id"}
    return tuple(mark for mark, column in said.items() if post[column] == revision)


def _lock(post: Row) -> Lock | None:
    if post["locked_by"] is None:
        return None
    held = str(post["held_reason"] or "held") if post["held_at"] else None
    return Lock(str(post["locked_by"]), str(post["locked_at"]), bool(post["changed_since_locked"]), held)


def _expiry(post: Row) -> Expiry | None:
    if post["expires_at"] is None:
        return None
    return Expiry(str(post["expires_at"]), str(post["expiry_set_by"]), str(post["expiry_set_at"]))


def _source(row: Row) -> Source:
    return Source(
        at=_utc(row["recorded_at"]),
        who=None if row["actor"] is None else str(row["actor"]),
        stream=str(row["stream"]),
        file=str(row["file"]),
        outcome=str(row["outcome"]),
        slug=str(row["slug"]),
        key=str(row["key"]),
        queued_at=_utc(row["queued_at"]),
        run_id=str(row["run_id"]),
    )


def _deed(row: Row) -> Deed:
    return Deed(
        at=_utc(row["at"]), action=str(row["action"]), who=str(row["actor"]), detail=_parsed(row["detail"]) or {}
    )


def _announcement(job: PlatformJob) -> Announcement:
    why = "" if job.state == "done" else reason(job.category, job.error)
    outcome = _ANNOUNCED.get((job.state, job.kind), job.state)
    return Announcement(_utc(job.ended_at), job.platform, outcome, job.job, job.external_id, why)


def _utc(value: object) -> str | None:
    """A stored time in the form that this tool writes."""
    try:
        return None if value is None else utc_text(from_utc_text(str(value)))
    except ValueError:
        return None


def _to_the_second(text: str | None) -> datetime:
    return from_utc_text(text).replace(microsecond=0) if text else _NEVER
