"""List the runs that changed something, and show what one of them did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emdash_cli.store import runs

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run that changed something.

    Attributes:
        kind: the command, such as ``publish`` (`publish-queue`) or ``sweep``.
        started_at: UTC text.
        seen_at: when it was last seen at work, UTC text; None if that is not known.
        counts: what it did, by outcome.
    """

    id: str
    kind: str
    started_at: str
    seen_at: str | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class PostOfRun:
    """What a run did to a post.

    Attributes:
        action: ``created published`` (scheduled, draft), or as in the audit table: published, updated, held, …
        slug: of the post when the run was done with it.
        at: UTC text.
        status: of the post now: draft, scheduled, published, trashed, or gone.
        undone: whether `emdash undo` of this run has taken it back.
    """

    action: str
    slug: str
    locale: str
    post_id: str
    at: str
    status: str
    undone: bool


@dataclass(frozen=True, slots=True)
class RunDetails:
    """A run and what it did to posts, in order.

    Attributes:
        run: the run.
        by: who started it, as the audit table names them; None if it changed no post.
    """

    run: ListedRun
    by: str | None
    posts: tuple[PostOfRun, ...]


def list_runs(session: Session, kind: str | None, most: int) -> list[ListedRun]:
    """The latest runs, newest first.

    Args:
        session: open store.
        kind: of the runs; None: any.
        most: maximum number.

    Raises:
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    [rows] = session.read([runs.latest_runs(kind, most)])
    created = _created(session, rows)
    return [_listed(row, created.get(str(row["id"]), {})) for row in rows]


def show_run(session: Session, run: str) -> RunDetails:
    """What a run did.

    Raises:
        EmdashError: there is no such run.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    [rows] = session.read([runs.find_run(run)])
    if not rows:
        raise runs.no_such_run(run)
    found = session.database.query(runs.deeds(session.names, run, runs.last_id(_text(rows[0]["seen_at"]))))
    posts = tuple(_post(row) for row in found)
    by = next((str(row["actor"]) for row in found if row["actor"]), None)
    created = _created(session, rows)
    return RunDetails(_listed(rows[0], created.get(run, {})), by, posts)


def _created(session: Session, rows: list[Row]) -> dict[str, dict[str, int]]:
    """By run, the new posts by outcome."""
    spans = [[str(row["id"]), runs.last_id(_text(row["seen_at"]))] for row in rows]
    counts: dict[str, dict[str, int]] = {}
    for row in session.database.query(runs.created_by(spans)) if spans else ():
        counts.setdefault(str(row["run"]), {})[str(row["outcome"])] = int(row["posts"] or 0)
    return counts


def _listed(row: Row, created: dict[str, int]) -> ListedRun:
    counts = created | json.loads(str(row["counts"]))
    return ListedRun(str(row["id"]), str(row["kind"]), str(row["started_at"]), _text(row["seen_at"]), counts)


def _post(row: Row) -> PostOfRun:
    detail = json.loads(str(row["detail"]))
    action = str(row["action"])
    status = "gone" if row["gone"] else str(row["status"]) if row["deleted_at"] is None else "trashed"
    return PostOfRun(
        action=f"created {detail['outcome']}" if action == "created" else action,
        slug=str(row["slug"]),
        locale=str(row["locale"]),
        post_id=str(row["post_id"]),
        at=str(row["at"]),
        status=status,
        undone=row["undone_version"] is not None,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
