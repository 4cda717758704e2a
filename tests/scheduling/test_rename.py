"""`emdash rename`: another slug at once, and a redirect from the old address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.scheduling.rename import Renamed, RenameTarget, rename_post
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, body, compact, give_post, outcomes
from tests.harness.sessions import session_in
from tests.harness.site import ended
from tests.scheduling.kills import killed_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

TEXT: dict[str, Any] = {"title": "Title", "content": body("text"), "excerpt": "Text"}
DRAFT: dict[str, Any] = {**TEXT, "title": "Draft title"}


def a_post(site: Site, **columns: Any) -> None:
    said = {"title": "Title", "content": compact(body("text")), "excerpt": "Text"}
    give_post(site, "a", **({"status": "published", "live": TEXT, "published_at": ago(days=9)} | said | columns))


def renamed(site: Site, *words: str) -> dict[str, Any]:
    done: dict[str, Any] = site.run("rename", *words, "--json").succeeds().json
    return done


def redirects(site: Site) -> list[tuple[str, str]] | None:
    """The redirects, by source; None in a store without any."""
    if not site.sql("SELECT 1 FROM sqlite_master WHERE name = '_emdash_redirects'"):
        return None
    return site.sql("SELECT source, destination FROM _emdash_redirects ORDER BY source")


@freeze_time(NOW)
class TestPublished:
    def test_the_new_address_is_public_at_once_and_the_old_one_redirects(self, any_site: Site) -> None:
        a_post(any_site)
        before = any_site.post("a")
        done = renamed(any_site, "a", "b", "--reason", "shorter")
        assert any_site.post("b") == before | {"slug": "b", "version": 2, "updated_at": ago()}
        assert any_site.sql("SELECT path_before, path FROM publish_outbox") == [("/posts/a", "/posts/b")]
        has_redirects = redirects(any_site) is not None
        assert redirects(any_site) in (None, [("/posts/a", "/posts/b")])
        assert (done["outcome"], done["slug_before"], done["slug"], done["path"]) == ("renamed", "a", "b", "/posts/b")
        assert done["redirected_from"] == ("/posts/a" if has_redirects else None)
        assert any_site.sql("PRAGMA foreign_key_check") == []

    def test_back_again_leaves_no_loop(self, any_site: Site) -> None:
        a_post(any_site)
        for slug, new in (("a", "b"), ("b", "a"), ("a", "b"), ("b", "c"), ("c", "a")):
            renamed(any_site, slug, new)
        assert any_site.post("a")["id"] == "A"
        found = redirects(any_site)
        if found is not None:
            assert "/posts/a" not in dict(found), "the address of the post is not redirected away"
            for source in dict(found):
                seen = [source]
                while seen[-1] in dict(found):
                    seen.append(dict(found)[seen[-1]])
                    assert len(seen) <= len(found) + 1, "a loop"
                assert seen[-1] == "/posts/a"

    def test_a_pending_change_stays_and_keeps_a_slug_of_its_own(self, any_site: Site) -> None:
        a_post(any_site, draft={**DRAFT, "_slug": "later"})
        done = any_site.run("rename", "a", "b").succeeds()
        assert "its pending change has another slug, later" in done.err
        row = any_site.post("b")
        assert (row["draft_revision_id"], row["title"]) == ("DRAFT-A", "Title")
        any_site.run("schedule", "b", "--at", "now").succeeds()
        assert outcomes(any_site) == {"later": ("published", "")}

    def test_a_revision_that_names_a_slug_is_followed_by_one_that_names_the_new_one(self, any_site: Site) -> None:
        """EmDash would give the post its old slug back when it is published again."""
        a_post(any_site, live={**TEXT, "_slug": "a"})
        renamed(any_site, "a", "b")
        live = any_site.row("revisions", id=any_site.post("b")["live_revision_id"])
        assert json.loads(live["data"]) == {**TEXT, "_slug": "b"}
        assert any_site.row("revisions", id="LIVE-A"), "it stays in the history"

    def test_a_post_without_a_revision(self, any_site: Site) -> None:
        a_post(any_site, live=None)
        renamed(any_site, "a", "b")
        assert any_site.post("b")["live_revision_id"] is None

    def test_the_text_is_still_that_of_its_file(self, any_site: Site) -> None:
        any_site.settings('[streams.default]\non_change = "update"\n')
        any_site.put("1-a.json", title="One", slug="a")
        any_site.publish()
        renamed(any_site, "a", "b")
        any_site.put("1-a.json", title="Two", slug="a")
        assert any_site.publish().counts == {"updated": 1}
        assert any_site.sql("SELECT title FROM ec_posts") == [("Two",)]

    @pytest.mark.parametrize("staged", [(), ("--new-slug", "two")])
    def test_last_is_what_was_live_before_with_another_text(self, any_site: Site, staged: tuple[str, ...]) -> None:
        any_site.put("1-a.json", title="One", slug="a")
        any_site.publish()
        any_site.run("edit", "a", "--title", "Two", *staged).succeeds()
        any_site.run("schedule", "a", "--at", "now").succeeds()
        any_site.run("sweep").succeeds()
        renamed(any_site, "two" if staged else "a", "b")
        done = any_site.run("revert", "b", "--to", "LAST", "--live", "--json").succeeds().json
        assert done["fields"] == ["title"]
        assert any_site.post("b")["title"] == "One"


@freeze_time(NOW)
class TestDraft:
    def test_it_is_found_under_its_new_slug_and_nothing_is_public(self, any_site: Site) -> None:
        a_post(any_site, status="draft", live=None, draft=DRAFT, published_at=None)
        before = any_site.post("a")
        done = renamed(any_site, "a", "b")
        assert any_site.post("b") == before | {"slug": "b", "version": 2, "updated_at": ago()}
        assert (done["status"], done["redirected_from"]) == ("draft", None)
        assert redirects(any_site) in (None, [])
        assert any_site.sql("SELECT count(*) FROM publish_outbox") == [(0,)]

    def test_a_slug_that_waits_in_it_gives_way(self, any_site: Site) -> None:
        a_post(any_site, status="draft", live=None, draft={**DRAFT, "_slug": "later"}, published_at=None)
        renamed(any_site, "a", "b")
        row = any_site.post("b")
        assert json.loads(any_site.row("revisions", id=row["draft_revision_id"])["data"]) == {**DRAFT, "_slug": "b"}
        any_site.run("schedule", "b", "--at", "now").succeeds()
        assert outcomes(any_site) == {"b": ("published", "")}

    def test_one_that_has_its_text_in_the_columns_only(self, any_site: Site) -> None:
        a_post(any_site, status="draft", live=None, draft=None)
        renamed(any_site, "a", "b")
        assert any_site.post("b")["draft_revision_id"] is None


@freeze_time(NOW)
class TestRefused:
    @pytest.mark.parametrize("columns", [{"status": "scheduled", "live": None, "draft": DRAFT}, {"draft": DRAFT}])
    def test_a_scheduled_post_is_locked(self, any_site: Site, columns: dict[str, Any]) -> None:
        a_post(any_site, scheduled_at=ahead(hours=1), lock={}, **columns)
        before = any_site.dump()
        words = ("scheduled for", "13:00 UTC", "operator:ada locked its text", "emdash unschedule a")
        any_site.run("rename", "a", "b").fails(3, *words)
        assert any_site.dump() == before

    def test_a_slug_that_is_taken_names_its_owner(self, any_site: Site) -> None:
        a_post(any_site)
        give_post(any_site, "b", status="draft", title="The owner")
        give_post(any_site, "c", status="draft", title="Thrown away", deleted_at=ago())
        give_post(any_site, "d", status="draft", locale="de")
        before = any_site.dump()
        any_site.run("rename", "a", "b").fails(3, "post B, “The owner”, which is draft")
        any_site.run("rename", "a", "c").fails(3, "post C, “Thrown away”, which is in the trash")
        assert any_site.dump() == before
        assert renamed(any_site, "a", "d")["outcome"] == "renamed", "another language"

    def test_what_is_no_slug(self, site: Site) -> None:
        a_post(site)
        before = site.dump()
        site.run("rename", "a", "posts/b").fails(2, "NEW", "is a path")
        site.run("rename", "a", "!").fails(2, "NEW", "cannot be used in a URL")
        site.run("rename", "a", "x" * 300).fails(2, "NEW", "characters")
        site.run("rename", "a", " ").fails(2, "NEW", "is blank")
        assert site.dump() == before
        tidied = site.run("rename", "a", "About Us").succeeds()
        assert tidied.lines == ["renamed\ta\ten\tabout-us"]

    def test_the_slug_that_it_has_is_nothing_to_do(self, any_site: Site) -> None:
        a_post(any_site)
        before = any_site.dump()
        assert (renamed(any_site, "a", "a")["outcome"], any_site.dump()) == ("unchanged", before)

    def test_what_was_renamed_before_is_nothing_to_do(self, any_site: Site) -> None:
        a_post(any_site)
        renamed(any_site, "a", "b")
        before = any_site.dump()
        again = any_site.run("rename", "a", "b").succeeds()
        assert again.lines == ["unchanged\tb\ten\tb"]
        assert "renamed from a before" in again.err
        assert any_site.dump() == before
        any_site.run("rename", "x", "b").fails(3, "there is no post x")

    def test_no_post_and_two_languages(self, site: Site) -> None:
        site.run("rename", "a", "b").fails(3, "there is no post a")
        a_post(site)
        give_post(site, "c", status="draft", locale="de")
        site.sql("UPDATE ec_posts SET slug = 'a' WHERE id = 'C'")
        site.run("rename", "a", "b").fails(2, "--locale")
        assert renamed(site, "a", "b", "--locale", "de")["post_id"] == "C"

    @pytest.mark.parametrize(
        ("role", "owner", "status", "may"),
        [
            (20, "U1", "draft", False),
            (30, "U1", "draft", True),
            (30, "U2", "draft", False),
            (30, "U1", "published", False),
            (40, "U2", "published", True),
        ],
    )
    def test_who_may(self, site: Site, role: int, owner: str, status: str, *, may: bool) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=role)
        a_post(site, author_id=owner, status=status)
        before = site.dump()
        ran = site.run("rename", "a", "b", "--as", "Ada")
        assert ran.code == (0 if may else 4), ran
        assert may or site.dump() == before

    def test_a_dry_run_changes_nothing(self, any_site: Site) -> None:
        a_post(any_site)
        before = any_site.dump()
        assert any_site.run("rename", "a", "b", "--dry-run").succeeds().lines == ["would be renamed\ta\ten\tb"]
        assert renamed(any_site, "a", "b", "--dry-run")["run"] is None
        assert any_site.dump() == before


def test_it_is_in_the_history_and_among_the_runs(any_site: Site) -> None:
    a_post(any_site)
    done = renamed(any_site, "a", "b", "--reason", "shorter")
    (row,) = [line.split("\t") for line in any_site.run("history", "b").succeeds().lines if "\trenamed\t" in line]
    assert row[4] == "a change to a published post, slug b instead of a, shorter"
    assert any_site.sql("SELECT id, kind, counts FROM pipeline_runs") == [(done["run"], "rename", '{"renamed": 1}')]
    detail = json.loads(any_site.row("pipeline_audit", action="renamed")["detail"])
    assert (detail["run"], detail["slug_before"], detail["live_before"]) == (done["run"], "a", "LIVE-A")


def test_platforms_are_sent_the_new_address(any_site: Site) -> None:
    any_site.settings(
        '[streams.default]\nplatforms = ["engines"]\n[platforms.engines]\nkind = "indexnow"\nkey = "0123456789abcdef"\n'
    )
    any_site.put("1-a.json", title="One", slug="a")
    any_site.publish()
    any_site.sql("UPDATE publish_jobs SET state = 'done'")
    assert renamed(any_site, "a", "b", "--dry-run")["announced_on"] == ["engines"]
    assert any_site.sql("SELECT count(*) FROM publish_jobs WHERE state = 'pending'") == [(0,)]
    renamed(any_site, "a", "b")
    assert any_site.sql("SELECT lane, kind FROM publish_jobs WHERE state = 'pending'") == [("engines", "update")]


MEANWHILE: Mapping[str, Callable[[Site], object]] = {
    "edited": lambda site: site.run("edit", "a", "--title", "Theirs").succeeds(),
    "scheduled": lambda site: site.run("schedule", "a", "--at", "+1d").succeeds(),
    "locked": lambda site: site.insert(
        "schedule_locks", post_id="A", revision_id="R", data="{}", scheduled_at=ahead(days=1), locked_by="eve",
        locked_at=ago(),
    ),
    "the slug was taken": lambda site: give_post(site, "b", status="draft"),
    "rewritten in place": lambda site: site.sql("UPDATE revisions SET data = '{}' WHERE id = 'DRAFT-A'"),
    "trashed": lambda site: site.sql(f"UPDATE ec_posts SET deleted_at = '{ago()}' WHERE id = 'A'"),
}  # fmt: skip


@freeze_time(NOW)
class TestRequests:
    def rename(self, port: Port) -> Renamed:
        return rename_post(session_in(port, clock=lambda: NOW), RenameTarget("a", "b", None, is_preview=False))

    def test_one_that_is_sent_twice_renames_once(self, any_site: Site) -> None:
        a_post(any_site, live={**TEXT, "_slug": "a"})
        assert self.rename(SendsTwice(any_site)).outcome == "renamed"
        assert any_site.post("b")["version"] == 2
        for table, count in {"revisions": 2, "publish_outbox": 1, "pipeline_runs": 1, "pipeline_audit": 1}.items():
            assert any_site.sql(f"SELECT count(*) FROM {table}") == [(count,)], table

    @pytest.mark.parametrize("what", MEANWHILE)
    def test_what_happened_meanwhile_is_not_overwritten(self, any_site: Site, what: str) -> None:
        a_post(any_site, status="draft", live=None, draft={**DRAFT, "_slug": "later"}, published_at=None)
        port = Interrupted(any_site, lambda: MEANWHILE[what](any_site), 2)
        with pytest.raises(RefusedChangeError, match="somebody else has just changed"):
            self.rename(port)
        assert any_site.sql("SELECT slug FROM ec_posts WHERE id = 'A'") == [("a",)]
        assert any_site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'renamed'") == [(0,)]
        assert any_site.sql("SELECT count(*) FROM pipeline_runs WHERE kind = 'rename'") == [(0,)]


def test_two_posts_that_want_one_slug_do_not_get_it_both(site: Site) -> None:
    a_post(site)
    give_post(site, "c", status="published", live=TEXT)
    ran = [ended(process) for process in [site.start("rename", slug, "b") for slug in ("a", "c")]]
    assert sorted(each.code for each in ran) == [0, 3], ran
    assert site.sql("SELECT count(*) FROM ec_posts WHERE slug = 'b'") == [(1,)]
    assert site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'renamed'") == [(1,)]


def test_killed_between_any_two_statements(site: Site, tmp_path: Path) -> None:
    site.use_layout("0.34")
    a_post(site, live={**TEXT, "_slug": "a"})

    def whole(killed: Site) -> None:
        assert killed.post("b")["id"] == "A"
        assert killed.sql("SELECT count(*) FROM revisions") == [(2,)]
        assert redirects(killed) == [("/posts/a", "/posts/b")]

    assert killed_everywhere(site, tmp_path, ("rename", "a", "b"), whole) > 20


def test_on_d1(d1_site: D1Site) -> None:
    d1_site.put("1-a.json", title="One", slug="a")
    d1_site.publish()
    assert renamed(d1_site, "a", "b", "--dry-run")["outcome"] == "renamed"
    assert renamed(d1_site, "a", "b")["slug"] == "b"
    assert renamed(d1_site, "a", "b")["outcome"] == "unchanged"
    assert d1_site.sql("SELECT slug, version FROM ec_posts") == [("b", 2)]
    assert d1_site.sql("SELECT path_before, path FROM publish_outbox WHERE path_before > ''") == [
        ("/posts/a", "/posts/b")
    ]
