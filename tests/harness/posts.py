"""Posts as EmDash, another tool or `emdash schedule` leaves them, and the time of the tests of schedules."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.harness.site import Site

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


def give_post(
    site: Site,
    slug: str,
    *,
    draft: dict[str, Any] | str | None = None,
    live: dict[str, Any] | None = None,
    lock: dict[str, Any] | None = None,
    **columns: object,
) -> str:
    """A post as EmDash or another tool leaves it; its id is its slug in capitals.

    Args:
        site: where.
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
            site.insert("revisions", id=f"{kind}-{post}", collection="posts", entry_id=post, data=raw)
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
    site.insert("ec_posts", **row)
    if lock is not None:
        raw = draft if isinstance(draft, str) else compact(draft)
        locked = {"slug": slug, "data": raw, "scheduled_at": row["scheduled_at"], "locked_by": "operator:ada"} | lock
        site.insert(
            "schedule_locks",
            **({"post_id": post, "revision_id": f"DRAFT-{post}", "locked_at": ago(days=9)} | locked),
        )
    return post


def due_post(site: Site, slug: str, words: str = "new", **values: Any) -> str:
    """A locked post that was due an hour ago, with a draft that says something new."""
    draft = {"title": f"About {slug}", "content": body(words)} | values.pop("data", {})
    settings: dict[str, Any] = {"scheduled_at": ago(hours=1), "draft": draft, "lock": {}} | values
    return give_post(site, slug, **settings)


def outcomes(site: Site, *options: str, code: int = 0) -> dict[str, tuple[str, str]]:
    """What a sweep tells of each post: outcome and code, by slug, in the order in which it tells them."""
    result = site.run("sweep", "--json", *options)
    assert result.code == code, result
    return {one["slug"]: (one["outcome"], one["code"]) for one in result.json["outcomes"]}


def foreign_post(site: Site, **values: object) -> None:
    """A published post without a revision, as another tool would write it."""
    site.insert(
        "ec_posts", **({"status": "published", "locale": "en", "published_at": "2025-06-01T00:00:00.000Z"} | values)
    )


def article(title: str = "A title", **more: object) -> dict[str, object]:
    """The document of a queue file."""
    return {"title": title, "body_text": "Text.", **more}
