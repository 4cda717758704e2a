"""The batch that changes posts: whole or not at all, never over what somebody else did, and harmless when repeated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.article import Term
from emdash_cli.domain.authors import NOBODY, Author
from emdash_cli.domain.collection import PostPath
from emdash_cli.domain.ulid import UlidSource
from emdash_cli.store.audit import Claim
from emdash_cli.store.revisions import texts_of
from emdash_cli.store.updating import Change, SourceRecord, UpdateContext, posts_as_read, update_posts
from tests.harness.emdash_sites import VERSIONS
from tests.harness.posts import (
    NOW,
    Port,
    SendsTwice,
    ago,
    ahead,
    body,
    compact,
    dump,
    give_post,
    insert,
    post_row,
    read,
    text,
)
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.domain.ports import Row
    from tests.harness.cli import Cli

STORES = [None, *VERSIONS]
TEXT = {"title": "New title", "content": body("new"), "excerpt": "In short"}
LIVE = {"title": "Old title", "content": body("old")}


class Bench:
    """A store's posts, read and changed through one port."""

    def __init__(self, blog: Cli, port: type[Port] = SendsTwice) -> None:
        self.blog = blog
        self.port = port(blog)
        self.layout = session_in(self.port).layout

    def posts(self, *slugs: str) -> list[Row]:
        return self.port.query(posts_as_read(self.layout, [slug.upper() for slug in slugs]))

    def change(self, changes: Sequence[Change]) -> list[str]:
        """The slugs of the posts that were changed."""
        source = UlidSource()
        act = UpdateContext(
            Claim.new(lambda: source.next(NOW), "ada"), "updated", ago(), PostPath(), lambda: source.next(NOW)
        )
        return [str(row["slug"]) for row in self.port.batch(update_posts(self.layout, changes, act))[-1]]


@pytest.fixture
def bench(stores: Cli) -> Bench:
    return Bench(stores)


def live_post(blog: Cli, slug: str = "a", **values: Any) -> None:
    give_post(blog, slug, **({"status": "published", "live": LIVE, "published_at": ago(days=9)} | values))


def entered(blog: Cli, slug: str = "a") -> None:
    insert(
        blog, "publish_ledger", key=f"id:{slug}:en", digest="old", post_id=slug.upper(), locale="en", slug=slug,
        revision_id=f"LIVE-{slug.upper()}", translation_group=slug.upper(), outcome="published", stream="default",
        file=f"{slug}.md", recorded_at=ago(days=9), run_id="R",
    )  # fmt: skip


@pytest.mark.parametrize("stores", STORES, indirect=True)
class TestAChange:
    def test_goes_live_whole(self, stores: Cli, bench: Bench) -> None:
        live_post(stores)
        (post,) = bench.posts("a")
        assert bench.change([Change(post, is_live=True, data=compact(TEXT))]) == ["a"]
        row = post_row(stores, "a")
        assert (row["title"], json.loads(row["content"]), row["excerpt"]) == ("New title", body("new"), "In short")
        assert row["live_revision_id"] not in {None, "LIVE-A"}
        assert (row["draft_revision_id"], row["version"], row["updated_at"]) == (None, 2, ago())
        assert row["published_at"] == ago(days=9), "the first date stays"
        revision = read(stores, "revisions", id=row["live_revision_id"])
        assert (json.loads(revision["data"]), revision["entry_id"]) == (TEXT, "A")
        assert stores.sql("SELECT path FROM publish_outbox") == [("/posts/a",)]
        audit = read(stores, "pipeline_audit", post_id="A")
        assert (audit["action"], audit["actor"], audit["at"]) == ("updated", "ada", ago())

    def test_becomes_the_draft(self, stores: Cli, bench: Bench) -> None:
        live_post(stores)
        (post,) = bench.posts("a")
        assert bench.change([Change(post, is_live=False, data=compact(TEXT))]) == ["a"]
        before, row = dict(post), post_row(stores, "a")
        assert (row["title"], row["live_revision_id"]) == ("Old title", before["live_revision_id"])
        assert json.loads(read(stores, "revisions", id=row["draft_revision_id"])["data"]) == TEXT

    def test_a_draft_is_published_as_it_is(self, stores: Cli, bench: Bench) -> None:
        give_post(stores, "a", status="draft", draft=TEXT)
        (post,) = bench.posts("a")
        assert bench.change([Change(post, is_live=True)]) == ["a"]
        row = post_row(stores, "a")
        assert (row["status"], row["title"], row["published_at"]) == ("published", "New title", ago())
        assert (row["live_revision_id"], row["draft_revision_id"]) == ("DRAFT-A", None)

    def test_what_hangs_on_it_makes_no_revision(self, stores: Cli, bench: Bench) -> None:
        live_post(stores)
        entered(stores)
        (post,) = bench.posts("a")
        linked = (Term("tag", "one", "One"), Term("category", "essays", "Essays"))
        bench.change([Change(post, is_live=True, linked=linked, author=Author("Ada"), seo={"seo_title": "S"})])
        (post,) = bench.posts("a")
        assert (post["live_revision_id"], post["version"], post["seo_title"]) == ("LIVE-A", 2, "S")
        assert links(stores) == ["Essays", "One"]
        assert credits(stores) == ["Ada"]
        changed = Change(
            post, is_live=True, linked=(Term("tag", "two", "Two"),), unlinked=(Term("tag", "one", "One"),),
            author=Author("Grace"), seo={"seo_description": "D", "seo_no_index": 1},
        )  # fmt: skip
        bench.change([changed])
        assert links(stores) == ["Essays", "Two"]
        assert credits(stores) == ["Grace"]
        (post,) = bench.posts("a")
        assert (post["seo_title"], post["seo_description"], post["seo_no_index"]) == ("S", "D", 1)
        assert len(stores.sql("SELECT id FROM revisions")) == 1

    def test_a_byline_that_somebody_added_stays(self, stores: Cli, bench: Bench) -> None:
        live_post(stores)
        bench.change([Change(bench.posts("a")[0], is_live=True, author=Author("Ada"))])
        insert(
            stores, "_emdash_bylines", id="G", slug="guest", display_name="Guest", locale="en", translation_group="G"
        )
        insert(
            stores,
            "_emdash_content_bylines",
            id="X",
            collection_slug="posts",
            content_id="A",
            byline_id="G",
            sort_order=1,
        )
        bench.change([Change(bench.posts("a")[0], is_live=True, author=NOBODY)])
        assert credits(stores) == ["Guest"]
        assert post_row(stores, "a")["primary_byline_id"] == "G"

    def test_a_new_slug_leaves_a_redirect(self, stores: Cli, bench: Bench) -> None:
        live_post(stores)
        bench.change([Change(bench.posts("a")[0], is_live=True, data=compact(TEXT), slug="b")])
        assert post_row(stores, "b")["id"] == "A"
        assert stores.sql("SELECT path_before, path FROM publish_outbox") == [("/posts/a", "/posts/b")]
        if bench.layout.has_redirects:
            assert stores.sql("SELECT source, destination FROM _emdash_redirects") == [("/posts/a", "/posts/b")]

    def test_a_translation_takes_its_terms_along(self, stores: Cli, bench: Bench) -> None:
        live_post(stores)
        live_post(stores, "de", locale="de")
        bench.change([Change(bench.posts("de")[0], is_live=True, linked=(Term("tag", "one", "One"),))])
        bench.change([Change(bench.posts("de")[0], is_live=True, group="A")])
        assert post_row(stores, "de")["translation_group"] == "A"
        assert links(stores, "DE") == ["One"]

    def test_the_ledger_knows_what_the_file_says_now(self, stores: Cli, bench: Bench) -> None:
        live_post(stores)
        entered(stores)
        source = SourceRecord("new", ("text:new", "path:default:a.md"), "meaning", '{"tags":[]}', "w", "{}", 7)
        bench.change([Change(bench.posts("a")[0], is_live=True, data=compact(TEXT), source=source)])
        (post,) = bench.posts("a")
        assert (post["digest"], post["meaning"], post["said"], post["written"]) == (
            "new",
            "meaning",
            '{"tags":[]}',
            "w",
        )
        assert post["written_revision"] == post["live_revision_id"]
        assert stores.sql("SELECT key, post_id FROM publish_keys ORDER BY 1") == [
            ("path:default:a.md", "A"), ("text:new", "A"),
        ]  # fmt: skip


def links(blog: Cli, post: str = "A") -> list[str]:
    entry = post_row(blog, post.lower())
    found = blog.sql(
        "SELECT t.label FROM content_taxonomies AS c JOIN taxonomies AS t ON t.translation_group = c.taxonomy_id"
        " WHERE c.entry_id IN (?, ?) ORDER BY 1",
        entry["id"], entry["translation_group"],
    )  # fmt: skip
    return [label for (label,) in found]


def credits(blog: Cli) -> list[str]:  # noqa: A001
    found = blog.sql("SELECT b.display_name FROM _emdash_content_bylines AS c JOIN _emdash_bylines AS b"
                     " ON b.translation_group = c.byline_id WHERE c.content_id = 'A' ORDER BY 1")  # fmt: skip
    return [name for (name,) in found]


MEANWHILE: Mapping[str, Callable[[Cli], object]] = {
    "edited": lambda blog: blog.sql("UPDATE ec_posts SET version = 2 WHERE id = 'A'"),
    "a draft": lambda blog: blog.sql("UPDATE ec_posts SET draft_revision_id = 'DRAFT-B' WHERE id = 'A'"),
    "scheduled": lambda blog: blog.sql(f"UPDATE ec_posts SET scheduled_at = '{ahead(days=1)}' WHERE id = 'A'"),
    "trashed": lambda blog: blog.sql(f"UPDATE ec_posts SET deleted_at = '{ago()}' WHERE id = 'A'"),
    "locked": lambda blog: insert(
        blog, "schedule_locks", post_id="A", revision_id="R", data="{}", scheduled_at=ahead(days=1), locked_by="eve",
        locked_at=ago(),
    ),
    "the slug was taken": lambda blog: blog.sql("UPDATE ec_posts SET slug = 'wanted' WHERE id = 'B'"),
    "rewritten in place": lambda blog: blog.sql("UPDATE revisions SET data = '{}' WHERE id = 'DRAFT-A'"),
}  # fmt: skip


@pytest.mark.parametrize("stores", STORES, indirect=True)
@pytest.mark.parametrize("what", MEANWHILE)
def test_a_post_that_was_changed_since_it_was_read_is_left_alone(stores: Cli, bench: Bench, what: str) -> None:
    """And the others of the group are changed."""
    live_post(stores, draft=LIVE)
    give_post(stores, "b", status="draft", draft=TEXT)
    give_post(stores, "c", status="draft", draft=TEXT)
    first, last = bench.posts("a", "c")
    MEANWHILE[what](stores)
    before = post_row(stores, "a")
    source = SourceRecord("new", ("text:new",), "meaning", "{}", "w", "{}", 7)
    changes = [
        Change(
            first, is_live=True, data=compact(TEXT), draft_read=compact(LIVE), slug="wanted", author=Author("Ada"),
            linked=(Term("tag", "one", "One"),), seo={"seo_title": "S"}, source=source,
        ),
        Change(last, is_live=True),
    ]  # fmt: skip
    assert bench.change(changes) == ["c"]
    assert post_row(stores, "a") == before
    assert stores.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'updated'") == [(1,)]
    for table in ("content_taxonomies", "_emdash_content_bylines", "_emdash_seo", "publish_keys", "publish_sources"):
        assert stores.sql(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_a_batch_sent_again_later_leaves_alone_what_happened_since(blog: Cli) -> None:
    """Another change, and one elsewhere: nothing of the first one is done again."""
    live_post(blog)
    entered(blog)
    bench = Bench(blog, Port)
    source = UlidSource()
    act = UpdateContext(
        Claim.new(lambda: source.next(NOW), "ada"), "updated", ago(), PostPath(), lambda: source.next(NOW)
    )
    change = Change(
        bench.posts("a")[0], is_live=True, data=compact(TEXT), author=Author("Ada"),
        linked=(Term("tag", "one", "One"),),
        seo={"seo_title": "S"}, source=SourceRecord("new", ("text:new",), "meaning", "{}", "w", "{}", 7),
    )  # fmt: skip
    statements = update_posts(bench.layout, [change], act)
    assert len(bench.port.batch(statements)[-1]) == 1
    blog.sql("DELETE FROM content_taxonomies")
    blog.sql("DELETE FROM _emdash_content_bylines")
    blog.sql("UPDATE _emdash_seo SET seo_title = 'By hand'")
    blog.sql("UPDATE publish_ledger SET digest = 'newer'")
    blog.sql("UPDATE publish_outbox SET done_at = ?", text(NOW))
    blog.sql("UPDATE ec_posts SET title = 'Edited', version = 3")
    before = dump(blog)
    assert len(bench.port.batch(statements)[-1]) == 1
    assert dump(blog) == before


def test_texts_are_read_with_what_is_live_and_what_the_columns_say(blog: Cli) -> None:
    live_post(blog, draft=TEXT)
    bench = Bench(blog)
    rows = bench.port.query(texts_of(bench.layout, ["A"]))
    found = {str(row["kind"]): json.loads(str(row["data"])) for row in rows}
    assert found == {"draft": TEXT, "live": LIVE, "columns": LIVE}
