"""The claim to a group of posts: all of them or none, and once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.ports import Statement
from emdash_cli.domain.ulid import UlidSource
from emdash_cli.store.changes import Claim, Group, claim_posts
from tests.harness.ports import Port
from tests.harness.posts import NOW, ago, give_post
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from emdash_cli.domain.ports import Row
    from tests.harness.site import Site

POSTS = "SELECT * FROM ec_posts ORDER BY id"
ROWS = "SELECT id, action, post_id, detail FROM pipeline_audit ORDER BY id"


def claim(site: Site, posts: list[Row]) -> Claim:
    port = Port(site)
    source = UlidSource()
    made = Claim.new(lambda: source.next(NOW), "ada")
    details = [{"reason": f"about {post['slug']}"} for post in posts]
    statement = claim_posts(session_in(port).layout, Group(made, ago(), "tried", posts, details))
    port.batch([statement, statement])
    return made


def posts(site: Site) -> list[Row]:
    for slug in ("a", "b", "c"):
        give_post(site, slug, draft={"title": slug})
    return Port(site).query(Statement(POSTS))


def test_a_group_is_claimed_once_with_what_was_said_of_each_post(any_site: Site) -> None:
    made = claim(any_site, posts(any_site))
    rows = any_site.sql(ROWS)
    assert [row[:3] for row in rows] == [(f"{made}000{n}", "tried", post) for n, post in enumerate("ABC")]
    said = json.loads(rows[1][3])
    assert (said["reason"], said["version"], said["status_before"]) == ("about b", 1, "scheduled")


@pytest.mark.parametrize(
    "change",
    [
        "version = version + 1",
        "status = 'published'",
        "scheduled_at = '2030-01-01T00:00:00.000Z'",
        "draft_revision_id = NULL",
        "deleted_at = '2030-01-01T00:00:00.000Z'",
    ],
)
def test_nothing_is_claimed_if_a_post_has_changed_since(any_site: Site, change: str) -> None:
    read = posts(any_site)
    any_site.sql(f"UPDATE ec_posts SET {change} WHERE slug = 'c'")
    claim(any_site, read)
    assert any_site.sql(ROWS) == []


def test_nothing_is_claimed_if_a_post_is_gone(any_site: Site) -> None:
    read = posts(any_site)
    any_site.sql("DELETE FROM ec_posts WHERE slug = 'a'")
    claim(any_site, read)
    assert any_site.sql(ROWS) == []
