"""What the tests of schedules, sweeps and edits share: posts to work on, and what a sweep says of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.outcome import SweptPost
from emdash_cli.scheduling.post_names import PostName
from emdash_cli.scheduling.selection import Selection
from emdash_cli.scheduling.sweep import SweepOptions, sweep
from emdash_cli.scheduling.verbs import ActedOn, Verb, VerbRequest, carry_out
from tests.harness.posts import NOW, body, compact, give_post
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from emdash_cli.store.session import Session
    from tests.harness.ports import Port
    from tests.harness.site import Site


DRAFT = {"title": "Fresh", "content": body("fresh")}


def draft(site: Site, slug: str = "a-draft", **columns: Any) -> str:
    return give_post(site, slug, **({"status": "draft", "draft": DRAFT} | columns))


def many_drafts(site: Site, count: int, *, at: str | None = None) -> list[str]:
    """Drafts d-00001 and so on, with revisions; with `at`, they are scheduled by the operator who runs the tests.

    Returns:
        their slugs.
    """
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    slug, data = "printf('d-%05d', i)", "json_object('title', 'New ' || i)"
    rows = f"""{numbers} INSERT INTO ec_posts
        (id, slug, status, locale, title, content, draft_revision_id, translation_group, created_at, updated_at)
        SELECT {slug}, {slug}, 'draft', 'en', 'Old', '[]', 'R' || i, {slug}, '2026-01-01', '2026-01-01' FROM n"""
    site.sql(f"{numbers} INSERT INTO revisions (id, collection, entry_id, data)"
             f" SELECT 'R' || i, 'posts', {slug}, {data} FROM n")  # fmt: skip
    site.sql(rows)
    slugs = [f"d-{number:05}" for number in range(1, count + 1)]
    if at:
        site.run("schedule", *slugs, "--at", at).succeeds()
    return slugs


MARKDOWN = "---\ntitle: New title\n---\nSome **new** text.\n"


def a_draft(site: Site, **values: Any) -> str:
    data = {"title": "Old title", "content": body("old"), "excerpt": "By hand", "subtitle": "Kept"}
    return give_post(site, "a", **({"status": "draft", "draft": data, "locale": "en"} | values))


def a_published_post(site: Site, **values: Any) -> str:
    data = {"title": "Old title", "content": body("old"), "excerpt": "old"}
    return a_draft(site, **({"status": "published", "draft": None, "live": data} | values))


def edited(site: Site, content: object = MARKDOWN, name: str = "new.md", *options: str) -> dict[str, Any]:
    """The data of the new draft."""
    site.run("edit", "a", "--file", site.write(name, content), *options).succeeds()
    found: dict[str, Any] = json.loads(site.row("revisions", id=site.post("a")["draft_revision_id"])["data"])
    return found


PUBLISHED = ("published", "")
UNLOCKED = ("published", "unlocked")
CHANGED = compact({"title": "Changed", "content": body("changed")})


def swept(port: Port, **request: Any) -> list[SweptPost]:
    """What a sweep over that port tells."""
    asked = SweepOptions(**({"limit": None, "is_preview": False, "stopped": lambda: False} | request))
    events = sweep(session_in(port, clock=lambda: NOW, post_path="/p/{slug}"), asked)
    return [event for event in events if isinstance(event, SweptPost)]


class Told:
    """What `carry_out` told."""

    def __init__(self) -> None:
        self.posts: list[ActedOn] = []
        self.errors: list[EmdashError] = []

    @property
    def outcomes(self) -> dict[str, str]:
        return {post.slug: post.outcome for post in self.posts}


def do(port: Port, verb: str, *slugs: str, user: str | None = None, **request: Any) -> Told:
    """What a verb over that port tells."""
    return told_by(session_in(port, clock=lambda: NOW, user=user, post_path="/p/{slug}"), verb, *slugs, **request)


def told_by(session: Session, verb: str, *slugs: str, **request: Any) -> Told:
    """What a verb in that session tells."""
    told = Told()
    wanted = VerbRequest(Verb(verb), Selection([PostName(slug) for slug in slugs]), **request)
    try:
        told.posts.extend(carry_out(session, wanted))
    except EmdashError as error:
        told.errors.append(error)
    return told
