"""The batch that changes posts: whole or not at all, never over what somebody else did, and harmless when repeated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.domain.article import PublicSite, Term
from emdash_cli.domain.authors import NOBODY, Author
from emdash_cli.domain.delivery import Lane
from emdash_cli.domain.ulid import UlidSource
from emdash_cli.store.changes import Claim, texts_of
from emdash_cli.store.updating import Change, SourceRecord, UpdateContext, posts_as_read, update_posts
from tests.harness.ports import Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, body, compact, give_post, text
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.domain.ports import Row
    from tests.harness.site import Site

TEXT = {"title": "New title", "content": body("new"), "excerpt": "In short"}
LIVE = {"title": "Old title", "content": body("old")}


class Bench:
    """A store's posts, read and changed through one port."""

    def __init__(self, site: Site, port: type[Port] = SendsTwice) -> None:
        self.site = site
        self.port = port(site)
        self.layout = session_in(self.port).layout

    def posts(self, *slugs: str) -> list[Row]:
        return self.port.query(posts_as_read(self.layout, [slug.upper() for slug in slugs]))

    def change(self, changes: Sequence[Change]) -> list[str]:
        """The slugs of the posts that were changed."""
        source = UlidSource()
        act = UpdateContext(
            Claim.new(lambda: source.next(NOW), "ada"), "updated", ago(), PublicSite(), lambda: source.next(NOW)
        )
        return [str(row["slug"]) for row in self.port.batch(update_posts(self.layout, changes, act))[-1]]


@pytest.fixture
def bench(any_site: Site) -> Bench:
    return Bench(any_site)


def live_post(site: Site, slug: str = "a", **values: Any) -> None:
    give_post(site, slug, **({"status": "published", "live": LIVE, "published_at": ago(days=9)} | values))


def entered(site: Site, slug: str = "a") -> None:
    site.insert(
        "publish_ledger", key=f"id:{slug}:en", digest="old", post_id=slug.upper(), locale="en", slug=slug,
        revision_id=f"LIVE-{slug.upper()}", translation_group=slug.upper(), outcome="published", stream="default",
        file=f"{slug}.md", recorded_at=ago(days=9), run_id="R",
    )  # fmt: skip


class TestAChange:
    def test_goes_live_whole(self, any_site: Site, bench: Bench) -> None:
        live_post(any_site)
        (post,) = bench.posts("a")
        assert bench.change([Change(post, is_live=True, data=compact(TEXT))]) == ["a"]
        row = any_site.post("a")
        assert (row["title"], json.loads(row["content"]), row["excerpt"]) == ("New title", body("new"), "In short")
        assert row["live_revision_id"] not in {None, "LIVE-A"}
        assert (row["draft_revision_id"], row["version"], row["updated_at"]) == (None, 2, ago())
        assert row["published_at"] == ago(days=9), "the first date stays"
        revision = any_site.row("revisions", id=row["live_revision_id"])
        assert (json.loads(revision["data"]), revision["entry_id"]) == (TEXT, "A")
        assert any_site.sql("SELECT path FROM publish_outbox") == [("/posts/a",)]
        audit = any_site.row("pipeline_audit", post_id="A")
        assert (audit["action"], audit["actor"], audit["at"]) == ("updated", "ada", ago())

    def test_becomes_the_draft(self, any_site: Site, bench: Bench) -> None:
        live_post(any_site)
        (post,) = bench.posts("a")
        assert bench.change([Change(post, is_live=False, data=compact(TEXT))]) == ["a"]
        before, row = dict(post), any_site.post("a")
        assert (row["title"], row["live_revision_id"]) == ("Old title", before["live_revision_id"])
        assert json.loads(any_site.row("revisions", id=row["draft_revision_id"])["data"]) == TEXT

    def test_a_draft_is_published_as_it_is(self, any_site: Site, bench: Bench) -> None:
        give_post(any_site, "a", status="draft", draft=TEXT)
        (post,) = bench.posts("a")
        assert bench.change([Change(post, is_live=True)]) == ["a"]
        row = any_site.post("a")
        assert (row["status"], row["title"], row["published_at"]) == ("published", "New title", ago())
        assert (row["live_revision_id"], row["draft_revision_id"]) == ("DRAFT-A", None)

    def test_what_hangs_on_it_makes_no_revision(self, any_site: Site, bench: Bench) -> None:
        live_post(any_site)
        entered(any_site)
        (post,) = bench.posts("a")
        linked = (Term("tag", "one", "One"), Term("category", "essays", "Essays"))
        bench.change([Change(post, is_live=True, linked=linked, author=Author("Ada"), seo={"seo_title": "S"})])
        (post,) = bench.posts("a")
        assert (post["live_revision_id"], post["version"], post["seo_title"]) == ("LIVE-A", 2, "S")
        assert links(any_site) == ["Essays", "One"]
        assert credits(any_site) == ["Ada"]
        changed = Change(
            post, is_live=True, linked=(Term("tag", "two", "Two"),), unlinked=(Term("tag", "one", "One"),),
            author=Author("Grace"), seo={"seo_description": "D", "seo_no_index": 1},
        )  # fmt: skip
        bench.change([changed])
        assert links(any_site) == ["Essays", "Two"]
        assert credits(any_site) == ["Grace"]
        (post,) = bench.posts("a")
        assert (post["seo_title"], post["seo_description"], post["seo_no_index"]) == ("S", "D", 1)
        assert len(any_site.sql("SELECT id FROM revisions")) == 1

    def test_a_byline_that_somebody_added_stays(self, any_site: Site, bench: Bench) -> None:
        live_post(any_site)
        bench.change([Change(bench.posts("a")[0], is_live=True, author=Author("Ada"))])
        any_site.insert(
            "_emdash_bylines", id="G", slug="guest", display_name="Guest", locale="en", translation_group="G"
        )
        any_site.insert(
            "_emdash_content_bylines",
            id="X",
            collection_slug="posts",
            content_id="A",
            byline_id="G",
            sort_order=1,
        )
        bench.change([Change(bench.posts("a")[0], is_live=True, author=NOBODY)])
        assert credits(any_site) == ["Guest"]
        assert any_site.post("a")["primary_byline_id"] == "G"

    def test_a_new_slug_leaves_a_redirect(self, any_site: Site, bench: Bench) -> None:
        live_post(any_site)
        bench.change([Change(bench.posts("a")[0], is_live=True, data=compact(TEXT), slug="b")])
        assert any_site.post("b")["id"] == "A"
        assert any_site.sql("SELECT path_before, path FROM publish_outbox") == [("/posts/a", "/posts/b")]
        if bench.layout.has_redirects:
            assert any_site.sql("SELECT source, destination FROM _emdash_redirects") == [("/posts/a", "/posts/b")]

    def test_a_translation_takes_its_terms_along(self, any_site: Site, bench: Bench) -> None:
        live_post(any_site)
        live_post(any_site, "de", locale="de")
        bench.change([Change(bench.posts("de")[0], is_live=True, linked=(Term("tag", "one", "One"),))])
        bench.change([Change(bench.posts("de")[0], is_live=True, group="A")])
        assert any_site.post("de")["translation_group"] == "A"
        assert links(any_site, "DE") == ["One"]

    def test_the_ledger_knows_what_the_file_says_now(self, any_site: Site, bench: Bench) -> None:
        live_post(any_site)
        entered(any_site)
        source = SourceRecord("new", ("text:new", "path:default:a.md"), "meaning", '{"tags":[]}', "w", "{}", "[]", 7)
        bench.change([Change(bench.posts("a")[0], is_live=True, data=compact(TEXT), source=source)])
        (post,) = bench.posts("a")
        assert (post["digest"], post["meaning"], post["said"], post["written"]) == (
            "new",
            "meaning",
            '{"tags":[]}',
            "w",
        )
        assert post["written_revision"] == post["live_revision_id"]
        assert any_site.sql("SELECT key, post_id FROM publish_keys ORDER BY 1") == [
            ("path:default:a.md", "A"), ("text:new", "A"),
        ]  # fmt: skip


def links(site: Site, post: str = "A") -> list[str]:
    entry = site.post(post.lower())
    found = site.sql(
        "SELECT t.label FROM content_taxonomies AS c JOIN taxonomies AS t ON t.translation_group = c.taxonomy_id"
        " WHERE c.entry_id IN (?, ?) ORDER BY 1",
        entry["id"], entry["translation_group"],
    )  # fmt: skip
    return [label for (label,) in found]


def credits(site: Site) -> list[str]:  # noqa: A001
    found = site.sql("SELECT b.display_name FROM _emdash_content_bylines AS c JOIN _emdash_bylines AS b"
                     " ON b.translation_group = c.byline_id WHERE c.content_id = 'A' ORDER BY 1")  # fmt: skip
    return [name for (name,) in found]


MEANWHILE: Mapping[str, Callable[[Site], object]] = {
    "edited": lambda site: site.sql("UPDATE ec_posts SET version = 2 WHERE id = 'A'"),
    "a draft": lambda site: site.sql("UPDATE ec_posts SET draft_revision_id = 'DRAFT-B' WHERE id = 'A'"),
    "scheduled": lambda site: site.sql(f"UPDATE ec_posts SET scheduled_at = '{ahead(days=1)}' WHERE id = 'A'"),
    "trashed": lambda site: site.sql(f"UPDATE ec_posts SET deleted_at = '{ago()}' WHERE id = 'A'"),
    "locked": lambda site: site.insert(
        "schedule_locks", post_id="A", revision_id="R", data="{}", scheduled_at=ahead(days=1), locked_by="eve",
        locked_at=ago(),
    ),
    "the slug was taken": lambda site: site.sql("UPDATE ec_posts SET slug = 'wanted' WHERE id = 'B'"),
    "rewritten in place": lambda site: site.sql("UPDATE revisions SET data = '{}' WHERE id = 'DRAFT-A'"),
}  # fmt: skip


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_post_that_was_changed_since_it_was_read_is_left_alone(any_site: Site, bench: Bench, what: str) -> None:
    """And the others of the group are changed."""
    live_post(any_site, draft=LIVE)
    give_post(any_site, "b", status="draft", draft=TEXT)
    give_post(any_site, "c", status="draft", draft=TEXT)
    first, last = bench.posts("a", "c")
    MEANWHILE[what](any_site)
    before = any_site.post("a")
    source = SourceRecord("new", ("text:new",), "meaning", "{}", "w", "{}", "[]", 7)
    changes = [
        Change(
            first, is_live=True, data=compact(TEXT), draft_read=compact(LIVE), slug="wanted", author=Author("Ada"),
            linked=(Term("tag", "one", "One"),), seo={"seo_title": "S"}, source=source,
        ),
        Change(last, is_live=True),
    ]  # fmt: skip
    assert bench.change(changes) == ["c"]
    assert any_site.post("a") == before
    assert any_site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'updated'") == [(1,)]
    for table in ("content_taxonomies", "_emdash_content_bylines", "_emdash_seo", "publish_keys", "publish_sources"):
        assert any_site.sql(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_a_batch_sent_again_later_leaves_alone_what_happened_since(site: Site) -> None:
    """Another change, and one elsewhere: nothing of the first one is done again."""
    live_post(site)
    entered(site)
    bench = Bench(site, Port)
    source = UlidSource()
    act = UpdateContext(
        Claim.new(lambda: source.next(NOW), "ada"), "updated", ago(), PublicSite(), lambda: source.next(NOW)
    )
    change = Change(
        bench.posts("a")[0], is_live=True, data=compact(TEXT), author=Author("Ada"),
        linked=(Term("tag", "one", "One"),),
        seo={"seo_title": "S"}, source=SourceRecord("new", ("text:new",), "meaning", "{}", "w", "{}", "[]", 7),
    )  # fmt: skip
    statements = update_posts(bench.layout, [change], act)
    assert len(bench.port.batch(statements)[-1]) == 1
    site.sql("DELETE FROM content_taxonomies")
    site.sql("DELETE FROM _emdash_content_bylines")
    site.sql("UPDATE _emdash_seo SET seo_title = 'By hand'")
    site.sql("UPDATE publish_ledger SET digest = 'newer'")
    site.sql("UPDATE publish_outbox SET done_at = ?", text(NOW))
    site.sql("UPDATE ec_posts SET title = 'Edited', version = 3")
    before = site.dump()
    assert len(bench.port.batch(statements)[-1]) == 1
    assert site.dump() == before


def test_a_change_that_arrives_again_when_it_was_sent_is_not_sent_again(site: Site) -> None:
    live_post(site)
    entered(site)
    bench = Bench(site, Port)
    source = UlidSource()
    lane = Lane("x", "indexnow", ("default",), None, True, True, True, None, 4, 0, 1, None)  # noqa: FBT003
    act = UpdateContext(
        Claim.new(lambda: source.next(NOW), "ada"), "updated", ago(), PublicSite(lanes=(lane,)),
        lambda: source.next(NOW),
    )  # fmt: skip
    statements = update_posts(bench.layout, [Change(bench.posts("a")[0], is_live=True, data=compact(TEXT))], act)
    for _ in range(2):
        bench.port.batch(statements)
        assert site.sql("SELECT kind, version FROM publish_jobs") == [("update", 2)]
        site.sql("UPDATE publish_jobs SET state = 'done'")


def test_texts_are_read_with_what_is_live_and_what_the_columns_say(site: Site) -> None:
    live_post(site, draft=TEXT)
    bench = Bench(site)
    rows = bench.port.query(texts_of(bench.layout, ["A"]))
    found = {str(row["kind"]): json.loads(str(row["data"])) for row in rows}
    assert found == {"draft": TEXT, "live": LIVE, "columns": LIVE}
