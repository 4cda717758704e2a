"""Posts to schedule and sweep, and databases that do what a network or another program may do in between."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from emdash_cli.databases.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emdash_cli.domain.ports import Limits, Row, Statement
    from tests.harness.cli import Cli

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def text(moment: datetime) -> str:
    """As it is stored."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ago(**span: float) -> str:
    return text(NOW - timedelta(**span))


def ahead(**span: float) -> str:
    return text(NOW + timedelta(**span))


def body(words: str) -> list[dict[str, Any]]:
    """A paragraph of Portable Text."""
    span = {"_type": "span", "_key": "s", "text": words, "marks": []}
    return [{"_type": "block", "_key": "b", "style": "normal", "markDefs": [], "children": [span]}]


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def insert(blog: Cli, table: str, **values: object) -> None:
    marks = ", ".join("?" for _ in values)
    blog.sql(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())


def give_post(
    blog: Cli,
    slug: str,
    *,
    draft: dict[str, Any] | str | None = None,
    live: dict[str, Any] | None = None,
    lock: dict[str, Any] | None = None,
    **columns: object,
) -> str:
    """A post as EmDash or another tool leaves it; its id is its slug in capitals.

    Args:
        blog: where.
        slug: of the post.
        draft: data of its draft revision, or the raw text of it; None: it has none.
        live: data of its live revision.
        lock: what differs from a lock as `emdash schedule` writes it; None: no lock.
        columns: what else differs from a scheduled post.
    """
    post = slug.upper()
    for kind, data in (("DRAFT", draft), ("LIVE", live)):
        if data is not None:
            raw = data if isinstance(data, str) else compact(data)
            insert(blog, "revisions", id=f"{kind}-{post}", collection="posts", entry_id=post, data=raw)
    row: dict[str, object] = {
        "id": post,
        "slug": slug,
        "status": "scheduled",
        "locale": "en",
        "translation_group": post,
        "title": "Old title",
        "content": compact(body("old")),
        "created_at": ago(days=30),
        "updated_at": ago(days=30),
        "live_revision_id": f"LIVE-{post}" if live is not None else None,
        "draft_revision_id": f"DRAFT-{post}" if draft is not None else None,
    } | columns
    insert(blog, "ec_posts", **row)
    if lock is not None:
        raw = draft if isinstance(draft, str) else compact(draft)
        locked = {"slug": slug, "data": raw, "scheduled_at": row["scheduled_at"], "locked_by": "operator:ada"} | lock
        insert(
            blog,
            "schedule_locks",
            **({"post_id": post, "revision_id": f"DRAFT-{post}", "locked_at": ago(days=9)} | locked),
        )
    return post


def due_post(blog: Cli, slug: str, words: str = "new", **values: Any) -> str:
    """A locked post that was due an hour ago, with a draft that says something new."""
    draft = {"title": f"About {slug}", "content": body(words)} | values.pop("data", {})
    settings: dict[str, Any] = {"scheduled_at": ago(hours=1), "draft": draft, "lock": {}} | values
    return give_post(blog, slug, **settings)


def read(blog: Cli, table: str, **where: object) -> dict[str, Any]:
    """The one row of a table with those values."""
    with closing(sqlite3.connect(blog.root / "emdash.db")) as connection:
        connection.row_factory = sqlite3.Row
        condition = " AND ".join(f"{name} = ?" for name in where)
        rows = connection.execute(f"SELECT * FROM {table} WHERE {condition}", tuple(where.values())).fetchall()
    assert len(rows) == 1, (table, where, len(rows))
    return dict(rows[0])


def post_row(blog: Cli, slug: str) -> dict[str, Any]:
    return read(blog, "ec_posts", slug=slug)


def dump(blog: Cli, *, without: Sequence[str] = ()) -> list[str]:
    """Everything that the store holds."""
    with closing(sqlite3.connect(blog.root / "emdash.db")) as connection:
        return [line for line in connection.iterdump() if not any(f'INTO "{table}"' in line for table in without)]


def outcomes(blog: Cli, *options: str, code: int = 0) -> dict[str, tuple[str, str]]:
    """What a sweep tells of each post: outcome and code, by slug, in the order in which it tells them."""
    result = blog("sweep", "--json", *options)
    assert result.code == code, result
    return {one["slug"]: (one["outcome"], one["code"]) for one in result.json["outcomes"]}


class Port:
    """A database port over a file, to be disturbed; counts its requests."""

    def __init__(self, blog: Cli) -> None:
        self.blog = blog
        self.inner = SqliteDatabase(blog.root / "emdash.db")
        self.requests = 0

    @property
    def limits(self) -> Limits:
        return self.inner.limits

    def query(self, statement: Statement) -> list[Row]:
        return self.batch([statement])[0]

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.requests += 1
        return self.inner.batch(statements)

    def close(self) -> None:
        self.inner.close()


class SendsTwice(Port):
    """The reply to each request is lost, and the request sent again."""

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        super().batch(statements)
        return super().batch(statements)


class Interrupted(Port):
    """Something happens after so many requests: between the first and the second, unless it is said otherwise."""

    def __init__(self, blog: Cli, happening: Callable[[], object], after: int = 1) -> None:
        super().__init__(blog)
        self.happening = happening
        self.after = after

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        if self.requests == self.after:
            self.happening()
        return super().batch(statements)
