"""List posts, newest first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from emdash_cli.domain.errors import UsageError
from emdash_cli.reports.sql import listing
from emdash_cli.store import labels
from emdash_cli.store.announced import distribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.announced import Distribution
    from emdash_cli.domain.ports import Row
    from emdash_cli.reports.sql.listing import ListQuery
    from emdash_cli.store.session import Session

_MARK = "~"
"""Separates the two halves of a cursor; neither contains it."""


@dataclass(frozen=True, slots=True)
class ListedPost:
    """A post in a list.

    Attributes:
        status: draft, scheduled, published, or trashed.
        created_at: UTC text, like the other times; the list is sorted by it.
        scheduled_at: when the post goes live or, if it is published, a change to it; for a held post, when it should
            have.
        expires_at: when the post is taken down again; None: never.
        author: name in the byline.
        stream: from which it was published; None if it was created elsewhere.
        held: why it waits until somebody has reviewed it; None if it is not held.
        distribution: how far its announcement has come; None where no platforms are set up, and for a post that is not
            live.
    """

    id: str
    slug: str
    locale: str
    status: str
    title: str
    created_at: str
    published_at: str | None
    scheduled_at: str | None
    expires_at: str | None
    updated_at: str | None
    author: str | None
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    stream: str | None
    held: str | None
    distribution: Distribution | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Some posts, and the cursor at which the list continues: None at its end."""

    posts: Sequence[ListedPost]
    cursor: str | None


def list_posts(session: Session, wanted: ListQuery) -> Listed:
    """The posts that match.

    Raises:
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    # One more row shows whether the list continues.
    more = wanted._replace(most=wanted.most + 1)
    [rows] = session.read([listing.list_posts(session.names, more, jobs=bool(session.settings.platforms))])
    posts = [_post(row) for row in rows[: wanted.most]]
    goes_on = len(rows) > wanted.most
    return Listed(posts, f"{posts[-1].created_at}{_MARK}{posts[-1].id}" if goes_on else None)


def unknown_names(session: Session, wanted: ListQuery) -> list[str]:
    """Why a list is empty, as sentences: each requested author, category and tag that does not exist.

    Raises:
        DatabaseError: the store is unreachable or failing.
    """
    asked = [
        (what, name, statement(name))
        for what, name, statement in (
            ("author", wanted.author, labels.known_bylines),
            ("category", wanted.category, partial(labels.known_terms, "category")),
            ("tag", wanted.tag, partial(labels.known_terms, "tag")),
        )
        if name is not None
    ]
    found = session.read([statement for _, _, statement in asked]) if asked else []
    return [
        f"there is no {what} {name!r}{_similar(name, rows)}"
        for (what, name, _), rows in zip(asked, found, strict=True)
        if not any(row["is_it"] for row in rows)
    ]


def _similar(name: str, rows: Sequence[Row]) -> str:
    from difflib import get_close_matches

    slugs = {str(row[key]).casefold(): str(row["slug"]) for key in ("label", "slug") for row in rows if row[key]}
    near = dict.fromkeys(slugs[key] for key in get_close_matches(name.casefold(), slugs, n=3))
    return f"; did you mean {' or '.join(near)}?" if near else ""


def parse_cursor(text: str) -> tuple[str, str]:
    """The time and the id in a cursor.

    Raises:
        UsageError: it is not a cursor.
    """
    made, mark, post = text.partition(_MARK)
    if not (made and mark and post):
        raise UsageError(f"{text!r} is not a position in a list", hint="use the value of `next` from --json")
    return made, post


def _post(row: Row) -> ListedPost:
    def text(name: str) -> str | None:
        return None if row[name] is None else str(row[name])

    return ListedPost(
        id=str(row["id"]),
        slug=text("slug") or "",
        locale=str(row["locale"]),
        status=listing.TRASHED if row["trashed"] else str(row["status"]),
        title=str(row["title"]),
        created_at=text("created_at") or "",
        published_at=text("published_at"),
        scheduled_at=text("scheduled_at"),
        expires_at=text("expires_at"),
        updated_at=text("updated_at"),
        author=text("author"),
        categories=tuple(json.loads(str(row["categories"]))),
        tags=tuple(json.loads(str(row["tags"]))),
        stream=text("stream"),
        held=text("held"),
        distribution=distribution(row.get("jobs"), is_live=row["status"] == "published" and not row["trashed"]),
    )
