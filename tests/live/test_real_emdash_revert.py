"""A post returns to an older revision as EmDash itself restores one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.live.admin import assert_settled
from tests.live.pages import plain_html
from tests.live.test_real_emdash_schedule import changed, drafted, published

if TYPE_CHECKING:
    from tests.live.emdash_site import EmdashSite
    from tests.live.newsroom import Newsroom

MOVING = {"id", "slug", "version", "created_at", "updated_at", "published_at", "live_revision_id", "draft_revision_id",
          "translation_group", "title"}  # fmt: skip


def twice_published(site: EmdashSite, slug: str) -> tuple[str, str]:
    """The id of a post that EmDash published, changed and published again, and that of its first revision."""
    post_id = published(site, slug, "First words.")
    (first,) = site.rows("SELECT live_revision_id AS id FROM ec_posts WHERE id = ?", post_id)
    changed(site, post_id, "Second words.")
    site.api("POST", f"/content/posts/{post_id}/publish", {})
    return post_id, first["id"]


def left(site: EmdashSite, post_id: str, slug: str) -> dict[str, Any]:
    """The row of a post without what differs from post to post, and the texts of its revisions in order."""
    (row,) = site.rows("SELECT * FROM ec_posts WHERE id = ?", post_id)
    revisions = site.rows(
        "SELECT r.data, r.author_id, r.id = p.live_revision_id AS is_live, r.id = p.draft_revision_id AS is_draft"
        " FROM revisions AS r JOIN ec_posts AS p ON p.id = r.entry_id WHERE p.id = ? ORDER BY r.created_at, r.id",
        post_id,
    )
    texts = [
        (json.loads(each["data"].replace(slug, "SLUG")), each["is_live"], each["is_draft"], each["author_id"])
        for each in revisions
    ]
    return {name: value for name, value in row.items() if name not in MOVING} | {"revisions": texts}


def test_it_leaves_what_emdash_leaves(site: EmdashSite, newsroom: Newsroom) -> None:
    """As the draft, and published; row by row, but for the version, which EmDash 0.32 does not raise for a draft."""
    (theirs, their_first), (ours, our_first) = (twice_published(site, slug) for slug in ("restored", "reverted"))
    (admin,) = site.rows("SELECT email FROM users LIMIT 1")
    before = site.rows("SELECT updated_at FROM ec_posts WHERE id = ?", ours)

    site.api("POST", f"/revisions/{their_first}/restore", {})
    newsroom.run("revert", "reverted", "--to", our_first, "--as", admin["email"])
    assert left(site, ours, "reverted") == left(site, theirs, "restored")
    assert site.rows("SELECT updated_at FROM ec_posts WHERE id = ?", ours) == before
    assert "Second words." in plain_html(site.get("/posts/reverted"))
    compared = [site.api("GET", f"/content/posts/{each}/compare") for each in (theirs, ours)]
    assert [each["hasChanges"] for each in compared] == [True, True]

    site.api("POST", f"/content/posts/{theirs}/publish", {})
    done = newsroom.report("revert", "reverted", "--to", our_first, "--live", "--as", admin["email"])
    assert done["replaced"]
    mine, its = left(site, ours, "reverted"), left(site, theirs, "restored")
    assert {**mine, "revisions": None} == {**its, "revisions": None}
    assert mine["revisions"][-1] == its["revisions"][-1]
    assert "First words." in plain_html(site.get("/posts/reverted"))
    assert_settled(site, ours)


def test_the_admin_goes_on_from_there(site: EmdashSite, newsroom: Newsroom) -> None:
    post_id, first = twice_published(site, "to-and-fro")
    newsroom.run("revert", "to-and-fro", "--to", first, "--live")
    (row,) = site.rows("SELECT live_revision_id AS id FROM ec_posts WHERE id = ?", post_id)
    changed(site, post_id, "Third words.")
    site.api("POST", f"/content/posts/{post_id}/publish", {})
    assert "Third words." in plain_html(site.get("/posts/to-and-fro"))
    newsroom.run("revert", "to-and-fro", "--to", row["id"], "--live")
    assert "First words." in plain_html(site.get("/posts/to-and-fro"))
    newsroom.run("revert", "to-and-fro", "--to", "LAST", "--live")
    assert "Third words." in plain_html(site.get("/posts/to-and-fro"))
    assert_settled(site, post_id)


def test_a_new_slug_leaves_what_emdash_leaves(site: EmdashSite, newsroom: Newsroom) -> None:
    """A slug that EmDash's API is sent without a text; beside it, `emdash rename`."""
    theirs, ours = published(site, "their-first", "Movable."), published(site, "our-first", "Movable.")
    site.api("PUT", f"/content/posts/{theirs}", {"slug": "their-second"})
    newsroom.run("rename", "our-first", "our-second")
    mine, its = left(site, ours, "our-first"), left(site, theirs, "their-first")
    assert mine == its
    moved = site.rows("SELECT source, destination, type, is_pattern, enabled, auto FROM _emdash_redirects"
                      " WHERE source IN ('/posts/our-first', '/posts/their-first')")  # fmt: skip
    assert len({(row["type"], row["is_pattern"], row["enabled"], row["auto"]) for row in moved}) == 1, moved
    assert {row["destination"] for row in moved} == {"/posts/our-second", "/posts/their-second"}
    assert "Movable." in plain_html(site.get("/posts/our-second"))
    assert_settled(site, ours)
    # EmDash keeps redirects in memory, so their rows are looked at.
    newsroom.run("rename", "our-second", "our-first")
    back = site.rows("SELECT source, destination FROM _emdash_redirects WHERE source LIKE '/posts/our-%'")
    assert back == [{"source": "/posts/our-second", "destination": "/posts/our-first"}]


def test_emdash_finds_the_translations(site: EmdashSite, newsroom: Newsroom) -> None:
    english, german = drafted(site, "tied", "Tied."), drafted(site, "gebunden", "Gebunden.", locale="de")

    def locales(post_id: str) -> list[str]:
        found = site.api("GET", f"/content/posts/{post_id}/translations")["translations"]
        return sorted(each["locale"] for each in found)

    newsroom.run("translations", "gebunden", "--link", "tied")
    assert locales(english) == locales(german) == ["de", "en"]
    newsroom.run("translations", "tied", "--unlink")
    assert (locales(english), locales(german)) == (["en"], ["de"])
