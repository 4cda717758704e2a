"""Give a draft or a published post a new draft, from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emdash_cli.actions.actor import actor_from, reads_for
from emdash_cli.actions.find_post import the_post
from emdash_cli.actions.open_store import open_store
from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.post_text import STAGED_SLUG, changed_fields, read
from emdash_cli.domain.roles import Deed
from emdash_cli.store import audit
from emdash_cli.store.drafts import replace_draft, slug_owner, texts
from emdash_cli.store.fields import describe_fields, fields_from
from emdash_cli.store.scheduling import find_posts

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.actions.edited_file import EditedFile
    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Clock, Database, Row


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted.

    Attributes:
        file: what the post is to say.
        user: who wants it, by e-mail address, id or name; None for the operator.
        operator: login of the operator.
    """

    slug: str
    locale: str | None
    file: EditedFile
    user: str | None
    operator: str
    is_preview: bool


@dataclass(frozen=True, slots=True)
class Edited:
    """What was done.

    Attributes:
        outcome: edited, or unchanged if the post says just that already.
        status: of the post; what is live stays live until the draft is published.
        fields: names of the fields that changed.
        not_changed: what the file says beyond that, and an edit does not touch.
    """

    outcome: str
    slug: str
    locale: str
    post_id: str
    status: str
    fields: tuple[str, ...]
    not_changed: tuple[str, ...]
    by: str


def edit(request: Request, database: Database, names: FieldNames, clock: Clock, new_id: Callable[[], str]) -> Edited:
    """Do it, or with `is_preview` only say what it would be.

    Raises:
        RefusedChangeError: the post is scheduled, the slug is taken, or somebody has just changed the post.
        NotAllowedError: the user's role does not suffice.
        DatabaseError: the store is unreachable or failing.
    """
    reads = [describe_fields(names), find_posts(names, request.slug), *reads_for(request.user)]
    layout, (columns, rows, *users) = open_store(database, names, reads)
    actor = actor_from(request.user, request.operator, users, database)
    post = the_post(request.slug, request.locale or request.file.locale, rows, database, names)
    actor.require(Deed.EDIT, {post["author_id"], post["byline_user_id"]})
    _check_editable(post)
    found = {
        str(row["kind"]): row["data"] for row in database.query(texts(fields_from(layout, columns), str(post["id"])))
    }
    before = read(found.get("draft") or found.get("live") or found["columns"])
    after = request.file.applied(before, names, str(post["slug"]))
    _check_slug(after, post, database, names)
    slug = str(post["slug"])
    changes = changed_fields((before, slug), (after, slug))
    if changes and not request.is_preview:
        detail = json.dumps({"fields": changes})
        deed = audit.Deed(audit.Claim.new(new_id), utc_text(clock()), actor.label, "edited", post, detail)
        data = json.dumps(after, ensure_ascii=False, separators=(",", ":"))
        if not database.batch(replace_draft(layout, deed, data))[-1]:
            raise RefusedChangeError(
                f"{slug} was changed by somebody else just now; nothing was done",
                hint="look at it and say it again",
                code="changed_meanwhile",
            )
    return Edited(
        outcome="edited" if changes else "unchanged",
        slug=slug,
        locale=str(post["locale"]),
        post_id=str(post["id"]),
        status=str(post["status"]),
        fields=changes,
        not_changed=request.file.not_changed,
        by=actor.label,
    )


def _check_editable(post: Row) -> None:
    if post["scheduled_at"] is not None or post["status"] == "scheduled":
        raise RefusedChangeError(
            f"{post['slug']} ({post['locale']}) is scheduled, and what was reviewed is locked",
            hint=f"`emdash unschedule {post['slug']}` first, and schedule it again afterwards",
            code="locked",
        )
    if post["status"] not in {"draft", "published"}:
        raise RefusedChangeError(
            f"{post['slug']} ({post['locale']}) has the status {post['status']},"
            " and only drafts and published posts can be edited"
        )


def _check_slug(after: dict[str, Any], post: Row, database: Database, names: FieldNames) -> None:
    staged = after.get(STAGED_SLUG)
    if not staged:
        return
    owner = database.query(slug_owner(names, str(staged), str(post["id"])))
    if owner:
        raise RefusedChangeError(
            f"the slug {staged} ({post['locale']}) belongs to post {owner[0]['id']}",
            hint="choose another slug",
            code="slug_taken",
        )
