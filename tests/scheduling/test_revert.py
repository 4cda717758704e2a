"""`emdash revert`: an older revision becomes the draft or goes live, and the history says so."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.scheduling import revert
from emdash_cli.scheduling.revert import RevertTarget
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, body, compact, give_post, outcomes
from tests.harness.sessions import session_in
from tests.harness.site import ended
from tests.scheduling.kills import killed_everywhere

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

FIRST = {"title": "First title", "content": body("first"), "excerpt": "First"}
SECOND = {"title": "Second title", "content": body("second"), "excerpt": "Second"}
THIRD = {"title": "Third title", "content": body("third"), "excerpt": "Third"}


def revision(site: Site, name: str, data: object, minutes: int, post: str = "A") -> str:
    raw = data if isinstance(data, str) else compact(data)
    at = f"2026-06-01 00:{minutes:02}:00"
    site.insert("revisions", id=name, collection="posts", entry_id=post, data=raw, created_at=at)
    return name


def a_post(site: Site, **columns: Any) -> None:
    """A published post that was live with its first text, and then with its second."""
    revision(site, "R1", FIRST, 1)
    revision(site, "R2", SECOND, 2)
    columns = {"status": "published", "live_revision_id": "R2", "published_at": ago(days=9)} | columns
    said: dict[str, Any] = {"title": "Second title", "content": compact(body("second")), "excerpt": "Second"}
    give_post(site, "a", **(said | columns))


def recorded_live(site: Site, *revisions: str) -> None:
    """A sweep made them live, one after the other."""
    for place, name in enumerate(revisions):
        detail = compact({"revision": name, "form": "other", "version": place})
        site.insert(
            "pipeline_audit", id=f"W{place}", at=ago(days=9 - place), actor="sweep", action="published",
            post_id="A", detail=detail,
        )  # fmt: skip


def data_of(site: Site, pointer: str = "draft_revision_id") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site.row("revisions", id=site.post("a")[pointer])["data"])
    return found


def reverted(site: Site, *options: str) -> dict[str, Any]:
    done: dict[str, Any] = site.run("revert", "a", *options, "--json").succeeds().json
    return done


@freeze_time(NOW)
class TestToTheDraft:
    def test_the_older_text_is_copied_into_a_new_revision_as_in_emdash(self, any_site: Site) -> None:
        a_post(any_site)
        before = any_site.post("a")
        done = reverted(any_site, "--to", "R1")
        after = any_site.post("a")
        assert after == before | {"draft_revision_id": done["revision"], "version": 2}
        assert data_of(any_site) == FIRST
        assert (done["outcome"], done["to"], done["status"], done["is_live"]) == ("reverted", "R1", "published", False)
        assert done["fields"] == ["title", "content", "excerpt"]
        assert any_site.sql("PRAGMA foreign_key_check") == []
        assert any_site.sql("SELECT count(*) FROM publish_outbox") == [(0,)], "nothing is public"

    def test_and_goes_live_with_the_next_sweep(self, any_site: Site) -> None:
        a_post(any_site)
        reverted(any_site, "--to", "R1")
        any_site.run("schedule", "a", "--at", "now").succeeds()
        assert outcomes(any_site) == {"a": ("published", "")}
        assert any_site.post("a")["title"] == "First title"

    def test_a_draft_returns_to_the_revision_before(self, any_site: Site) -> None:
        a_post(any_site, status="draft", live_revision_id=None, draft_revision_id="R2", published_at=None)
        assert reverted(any_site, "--to", "LAST")["to"] == "R1"
        assert data_of(any_site) == FIRST

    def test_a_draft_that_was_pending_stays_in_the_history(self, any_site: Site) -> None:
        revision(any_site, "R3", THIRD, 3)
        a_post(any_site, draft_revision_id="R3")
        done = reverted(any_site, "--to", "R1")
        assert done["replaced"] == "R3"
        assert any_site.row("revisions", id="R3")
        assert reverted(any_site, "--to", "R3")["fields"] == ["title", "content", "excerpt"]

    def test_what_has_no_value_then_is_cleared(self, any_site: Site) -> None:
        a_post(any_site)
        revision(any_site, "R0", {"title": "Zero", "content": body("zero")}, 0)
        assert reverted(any_site, "--to", "R0")["fields"] == ["title", "content", "excerpt"]
        assert data_of(any_site)["excerpt"] is None
        reverted(any_site, "--to", "R0", "--live")
        assert any_site.post("a")["excerpt"] is None

    def test_fields_that_the_collection_no_longer_has_are_left_out_and_named(self, any_site: Site) -> None:
        a_post(any_site)
        revision(any_site, "R0", {**FIRST, "subtitle": "Gone", "mood": 1}, 0)
        done = any_site.run("revert", "a", "--to", "R0").succeeds()
        assert "no longer has these fields: subtitle, mood" in done.err
        assert data_of(any_site) == FIRST

    def test_the_caller_is_its_author_and_the_local_operator_leaves_that_of_the_post(self, any_site: Site) -> None:
        any_site.insert("users", id="U1", email="ada@example.com", name="Ada", role=40)
        any_site.insert("users", id="U2", email="bob@example.com", name="Bob", role=40)
        a_post(any_site, author_id="U1")
        reverted(any_site, "--to", "R1", "--as", "Bob")
        assert any_site.row("revisions", id=any_site.post("a")["draft_revision_id"])["author_id"] == "U2"
        reverted(any_site, "--to", "R2")
        assert any_site.row("revisions", id=any_site.post("a")["draft_revision_id"])["author_id"] == "U1"


@freeze_time(NOW)
class TestLive:
    def test_the_older_text_is_public_at_once(self, any_site: Site) -> None:
        a_post(any_site)
        done = reverted(any_site, "--to", "R1", "--live", "--reason", "wrong figures")
        row = any_site.post("a")
        assert (row["title"], json.loads(row["content"]), row["excerpt"]) == ("First title", body("first"), "First")
        assert (row["live_revision_id"], row["draft_revision_id"]) == (done["revision"], None)
        assert (row["published_at"], row["version"], row["updated_at"]) == (ago(days=9), 2, ago())
        assert data_of(any_site, "live_revision_id") == FIRST
        assert any_site.sql("SELECT path FROM publish_outbox") == [("/posts/a",)]
        if done["revision"] and any_site.sql("SELECT 1 FROM sqlite_master WHERE name = '_emdash_revision_prune_queue'"):
            assert any_site.sql("SELECT entry_id, revision_id FROM _emdash_revision_prune_queue") == [
                ("A", done["revision"])
            ]

    def test_last_is_the_live_revision_before_and_again_the_one_after(self, any_site: Site) -> None:
        a_post(any_site)
        revision(any_site, "R15", THIRD, 1)  # a draft that nobody published
        recorded_live(any_site, "R1", "R2")
        assert reverted(any_site, "--to", "LAST", "--live")["to"] == "R1"
        assert reverted(any_site, "--to", "last", "--live")["to"] == "R2"
        assert any_site.post("a")["title"] == "Second title"

    def test_what_publish_queue_and_edits_made_live_is_known(self, any_site: Site) -> None:
        any_site.put("1-a.json", title="From the queue", slug="a")
        any_site.publish()
        any_site.run("edit", "a", "--title", "Edited").succeeds()
        any_site.run("edit", "a", "--title", "Edited again").succeeds()
        any_site.run("schedule", "a", "--at", "now").succeeds()
        assert outcomes(any_site) == {"a": ("published", "")}
        assert "title" in reverted(any_site, "--to", "LAST", "--live")["fields"]
        assert any_site.post("a")["title"] == "From the queue"

    def test_what_emdash_made_live_is_not_guessed(self, any_site: Site) -> None:
        a_post(any_site)
        any_site.run("revert", "a", "--to", "LAST", "--live").fails(3, "is not recorded", "emdash history a")
        done = any_site.run("revert", "a", "--to", "LAST").succeeds()
        assert "is not recorded" in done.err
        assert data_of(any_site) == FIRST

    def test_if_nothing_was_written_in_between_it_is_known(self, any_site: Site) -> None:
        a_post(any_site)
        recorded_live(any_site, "R1")
        assert reverted(any_site, "--to", "LAST", "--live")["to"] == "R1"

    def test_a_pending_change_is_replaced_and_named(self, any_site: Site) -> None:
        revision(any_site, "R3", THIRD, 3)
        a_post(any_site, draft_revision_id="R3")
        done = any_site.run("revert", "a", "--to", "R1", "--live").succeeds()
        assert "the history keeps it as revision R3" in done.err
        assert any_site.post("a")["draft_revision_id"] is None

    def test_a_draft_is_published(self, any_site: Site) -> None:
        a_post(any_site, status="draft", live_revision_id=None, draft_revision_id="R2", published_at=None)
        done = reverted(any_site, "--to", "R2", "--live")
        assert (done["fields"], done["status"]) == (["status"], "published")
        row = any_site.post("a")
        assert (row["status"], row["title"], row["published_at"]) == ("published", "Second title", ago())

    def test_a_slug_that_was_staged_with_it_returns_and_leaves_a_redirect(self, any_site: Site) -> None:
        a_post(any_site)
        revision(any_site, "R0", {**FIRST, "_slug": "b"}, 0)
        assert reverted(any_site, "--to", "R0", "--live")["slug"] == "b"
        assert any_site.post("b")["id"] == "A"
        assert any_site.sql("SELECT path_before, path FROM publish_outbox") == [("/posts/a", "/posts/b")]

    def test_a_slug_that_another_post_has_now_stays_away(self, any_site: Site) -> None:
        a_post(any_site)
        give_post(any_site, "b", status="draft")
        revision(any_site, "R0", {**FIRST, "_slug": "b"}, 0)
        done = any_site.run("revert", "a", "--to", "R0", "--live").succeeds()
        assert "it keeps the slug a: b belongs to post B now" in done.err
        assert data_of(any_site, "live_revision_id") == FIRST


REFUSED = {
    "none": ("NOTHING", "there is no revision NOTHING"),
    "of another post": ("B1", "belongs to post b (en), not to a (en)"),
    "of another collection": ("P1", "belongs to A"),
    "no JSON": ("BAD", "is not a JSON object"),
    "a list": ("LIST", "is not a JSON object"),
}


@freeze_time(NOW)
class TestRefused:
    @pytest.mark.parametrize(("to", "words"), REFUSED.values(), ids=REFUSED)
    @pytest.mark.parametrize("how", [(), ("--live",), ("--dry-run",)], ids=" ".join)
    def test_a_revision_that_cannot_be_used(self, any_site: Site, to: str, words: str, how: tuple[str, ...]) -> None:
        a_post(any_site)
        give_post(any_site, "b", status="draft")
        revision(any_site, "B1", FIRST, 1, "B")
        any_site.insert("revisions", id="P1", collection="pages", entry_id="A", data="{}")
        revision(any_site, "BAD", "{", 3)
        revision(any_site, "LIST", "[]", 4)
        before = any_site.dump()
        any_site.run("revert", "a", "--to", to, *how).fails(3, words, "emdash history")
        assert any_site.dump() == before

    @pytest.mark.parametrize("columns", [{"status": "scheduled"}, {"status": "published"}])
    def test_a_scheduled_post_is_locked(self, any_site: Site, columns: dict[str, Any]) -> None:
        a_post(any_site, scheduled_at=ahead(hours=1), **columns)
        any_site.insert(
            "schedule_locks", post_id="A", revision_id="R2", data="{}", scheduled_at=ahead(hours=1),
            locked_by="user:ada@example.com", locked_at=ago(),
        )  # fmt: skip
        before = any_site.dump()
        words = ("scheduled for", "13:00 UTC", "user:ada@example.com locked its text", "emdash unschedule a")
        any_site.run("revert", "a", "--to", "R1").fails(3, *words)
        assert any_site.dump() == before

    def test_no_post_no_revision_before_no_status(self, site: Site) -> None:
        site.run("revert", "a", "--to", "LAST").fails(3, "there is no post a")
        a_post(site, live_revision_id="R1")
        site.run("revert", "a", "--to", "LAST").fails(3, "no revision before the present one")
        site.run("revert", "a", "--to", "LAST", "--live").fails(3, "no revision before the present one")
        site.sql("UPDATE ec_posts SET status = 'archived'")
        site.run("revert", "a", "--to", "R2").fails(3, "status archived", "reverted")
        site.sql("UPDATE ec_posts SET deleted_at = ?", ago())
        site.run("revert", "a", "--to", "R2").fails(3, "trash")

    @pytest.mark.parametrize(
        ("columns", "options"),
        [
            ({}, ("--to", "R2")),
            ({}, ("--to", "R2", "--live")),
            ({"draft_revision_id": "R1"}, ("--to", "R1")),
            ({"draft_revision_id": "R1"}, ("--to", "R2", "--live")),
            ({"status": "draft", "live_revision_id": None, "draft_revision_id": "R2"}, ("--to", "R2")),
        ],
    )
    def test_the_text_that_it_has_already_is_nothing_to_do(
        self, any_site: Site, columns: dict[str, Any], options: tuple[str, ...]
    ) -> None:
        a_post(any_site, **columns)
        before = any_site.dump()
        done = reverted(any_site, *options)
        assert (done["outcome"], done["fields"], done["run"]) == ("unchanged", [], None)
        assert any_site.dump() == before

    @pytest.mark.parametrize(
        ("role", "owner", "options", "may"),
        [
            (20, "U1", (), False),
            (30, "U1", (), True),
            (30, "U2", (), False),
            (30, "U1", ("--live",), False),
            (40, "U2", ("--live",), True),
        ],
    )
    def test_who_may(self, site: Site, role: int, owner: str, options: tuple[str, ...], *, may: bool) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=role)
        a_post(site, author_id=owner)
        before = site.dump()
        ran = site.run("revert", "a", "--to", "R1", "--as", "Ada", *options)
        assert ran.code == (0 if may else 4), ran
        assert may or site.dump() == before

    def test_a_slug_in_two_languages_needs_one(self, site: Site) -> None:
        a_post(site)
        give_post(site, "b", status="draft", locale="de")
        site.sql("UPDATE ec_posts SET slug = 'a' WHERE id = 'B'")
        site.run("revert", "a", "--to", "R1").fails(2, "--locale")
        assert reverted(site, "--to", "R1", "--locale", "en")["post_id"] == "A"


@freeze_time(NOW)
class TestReport:
    def test_a_dry_run_shows_the_difference_and_changes_nothing(self, any_site: Site) -> None:
        a_post(any_site)
        before = any_site.dump()
        done = any_site.run("revert", "a", "--to", "R1", "--dry-run").succeeds()
        assert done.lines == [
            "would be reverted\ta\ten\tdraft\tR1\ttitle, content, excerpt",
            "--- as it is now",
            "+++ as it was in R1",
            "@@ -1,5 +1,5 @@",
            "-title: Second title",
            "+title: First title",
            " slug: a",
            "-excerpt: Second",
            "+excerpt: First",
            " ",
            "-second",
            "+first",
        ]
        assert any_site.dump() == before
        planned = reverted(any_site, "--to", "R1", "--live", "--dry-run")
        assert (planned["revision"], planned["run"], planned["dry_run"]) == (None, None, True)
        assert any_site.dump() == before

    def test_the_history_shows_it_as_what_it_is(self, any_site: Site) -> None:
        any_site.insert("users", id="U1", email="ada@example.com", name="Ada", role=40)
        a_post(any_site)
        draft = reverted(any_site, "--to", "R1", "--as", "Ada")
        with freeze_time(NOW + timedelta(minutes=1)):
            live = reverted(any_site, "--to", "R1", "--live", "--reason", "wrong figures")
        deeds = [
            (event["who"], event["action"], event["detail"])
            for event in any_site.run("history", "a", "--json").succeeds().json["events"]
            if event["kind"] == "action"
        ]
        assert deeds[0][:2] == ("user:ada@example.com", "reverted")
        assert [detail["to_revision"] for *_, detail in deeds] == ["R1", "R1"]
        assert [detail["run"] for *_, detail in deeds] == [draft["run"], live["run"]]
        assert [detail.get("reason") for *_, detail in deeds] == [None, "wrong figures"]
        rows = [line.split("\t") for line in any_site.run("history", "a").succeeds().lines]
        said = [row[4] for row in rows if row[1] == "reverted"]
        assert said[0].startswith("as the draft, to revision R1")
        assert said[1].startswith("live, to revision R1")
        assert "wrong figures" in said[1]
        printed = {row[5] for row in rows if row[1] == "revision"}
        assert printed == {"R1", "R2", draft["revision"], live["revision"]}
        runs = any_site.sql("SELECT id, kind, counts FROM pipeline_runs ORDER BY id")
        assert runs == [(done["run"], "revert", '{"reverted": 1}') for done in (draft, live)]


PLATFORMS = """
[streams.default]
platforms = ["hook", "engines"]
[platforms.hook]
kind = "target"
url = "https://hook.example/publish"
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
"""


class TestAnnounced:
    @pytest.fixture
    def announced(self, any_site: Site) -> Site:
        """A post that was announced twice: when it went live, and when its text changed."""
        any_site.settings(PLATFORMS)
        any_site.put("1-a.json", title="One", slug="a")
        any_site.publish()
        any_site.sql("UPDATE publish_jobs SET state = 'done', external_id = '7'")
        any_site.run("edit", "a", "--title", "Two").succeeds()
        any_site.run("schedule", "a", "--at", "now").succeeds()
        any_site.run("sweep").succeeds()
        any_site.sql("UPDATE publish_jobs SET state = 'done'")
        return any_site

    def updates(self, site: Site) -> list[tuple[str, str]]:
        return site.sql("SELECT lane, kind FROM publish_jobs WHERE state = 'pending' ORDER BY lane")

    def test_what_went_live_is_sent_to_the_platforms_as_an_edit_is(self, announced: Site) -> None:
        planned = reverted(announced, "--to", "LAST", "--live", "--dry-run")
        assert sorted(planned["announced_on"]) == ["engines", "hook"]
        assert self.updates(announced) == []
        reverted(announced, "--to", "LAST", "--live")
        assert self.updates(announced) == [("engines", "update"), ("hook", "update")]

    def test_a_draft_is_not(self, announced: Site) -> None:
        assert reverted(announced, "--to", "LAST", "--dry-run")["announced_on"] == []
        reverted(announced, "--to", "LAST")
        assert self.updates(announced) == []


@freeze_time(NOW)
class TestRequests:
    def revert(self, port: Port, to: str = "R1", **target: Any) -> revert.Reverted:
        session = session_in(port, clock=lambda: NOW)
        return revert.revert(session, RevertTarget("a", None, to, is_live=True, is_preview=False, **target))

    def test_one_that_is_sent_twice_reverts_once(self, any_site: Site) -> None:
        a_post(any_site)
        assert self.revert(SendsTwice(any_site)).outcome == "reverted"
        assert any_site.post("a")["version"] == 2
        assert any_site.sql("SELECT count(*) FROM revisions") == [(3,)]
        assert any_site.sql("SELECT count(*) FROM pipeline_runs") == [(1,)]

    @pytest.mark.parametrize("after", [1, 2])
    def test_an_edit_meanwhile_wins_and_nothing_is_recorded(self, any_site: Site, after: int) -> None:
        a_post(any_site)
        port = Interrupted(any_site, lambda: any_site.run("edit", "a", "--title", "Theirs").succeeds(), after)
        with pytest.raises(RefusedChangeError, match="somebody else has just changed"):
            self.revert(port)
        assert data_of(any_site)["title"] == "Theirs"
        assert any_site.post("a")["title"] == "Second title"
        assert any_site.sql("SELECT count(*) FROM pipeline_runs") == [(0,)]
        assert any_site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'reverted'") == [(0,)]

    def test_a_revert_meanwhile_refuses_the_edit(self, any_site: Site) -> None:
        from emdash_cli.scheduling import edit
        from emdash_cli.scheduling.edits import Edits

        a_post(any_site)
        port = Interrupted(any_site, lambda: reverted(any_site, "--to", "R1"), 2)
        session = session_in(port, clock=lambda: NOW)
        opened = edit.open_post(session, edit.EditTarget("a", None, is_preview=False))
        with pytest.raises(RefusedChangeError, match="somebody else has just changed"):
            edit.edit(session, opened, Edits({"title": "Mine"}))
        assert data_of(any_site) == FIRST

    def test_a_draft_that_emdash_rewrites_in_place_is_not_lost(self, any_site: Site) -> None:
        revision(any_site, "R3", THIRD, 3)
        a_post(any_site, draft_revision_id="R3")
        rewrite = "UPDATE revisions SET data = json_set(data, '$.title', 'Theirs') WHERE id = 'R3'"
        with pytest.raises(RefusedChangeError, match="somebody else has just changed"):
            self.revert(Interrupted(any_site, lambda: any_site.sql(rewrite), 2))
        assert any_site.post("a")["draft_revision_id"] == "R3"


def test_two_processes_at_once_leave_one_whole_text(site: Site) -> None:
    """An edit and a revert race: whoever comes second either builds on the first or is refused."""
    a_post(site)
    recorded_live(site, "R1", "R2")
    for number in range(4):
        started = [site.start("revert", "a", "--to", "R1", "--live"), site.start("edit", "a", "--title", f"E{number}")]
        codes = [ended(process).code for process in started]
        assert set(codes) <= {0, 3}, codes
        assert 0 in codes
        live = json.loads(site.row("revisions", id=site.post("a")["live_revision_id"])["data"])
        assert {name: site.post("a")[name] for name in ("title", "excerpt")} == {
            name: live[name] for name in ("title", "excerpt")
        }
        site.run("revert", "a", "--to", "R2", "--live").succeeds()


def test_killed_between_any_two_statements(site: Site, tmp_path: Path) -> None:
    a_post(site)
    recorded_live(site, "R1", "R2")

    def whole(killed: Site) -> None:
        row = killed.post("a")
        assert (row["title"], row["status"], row["draft_revision_id"]) == ("First title", "published", None)
        assert json.loads(killed.row("revisions", id=row["live_revision_id"])["data"]) == FIRST
        assert killed.sql("SELECT count(*) FROM revisions") == [(3,)]
        assert killed.sql("SELECT count(*) FROM publish_outbox") == [(1,)]

    assert killed_everywhere(site, tmp_path, ("revert", "a", "--to", "R1", "--live"), whole) > 20


def test_on_d1(d1_site: D1Site) -> None:
    d1_site.put("1-a.json", title="One", slug="a")
    d1_site.publish()
    first = d1_site.sql("SELECT live_revision_id FROM ec_posts")[0][0]
    d1_site.run("edit", "a", "--title", "Two").succeeds()
    d1_site.run("schedule", "a", "--at", "now").succeeds()
    d1_site.run("sweep").succeeds()
    assert reverted(d1_site, "--to", "LAST", "--dry-run")["to"] == first
    assert reverted(d1_site, "--to", first)["to"] == first
    done = reverted(d1_site, "--to", "LAST", "--live")
    assert (done["to"], done["status"]) == (first, "published")
    assert d1_site.sql("SELECT title, live_revision_id, draft_revision_id FROM ec_posts") == [
        ("One", done["revision"], None)
    ]
    assert d1_site.sql("SELECT action FROM pipeline_audit ORDER BY id DESC LIMIT 1") == [("reverted",)]
