"""`emdash publish`, `unpublish`, `trash` and `untrash` on the command line."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, ago, ahead, body, due_post, give_post
from tests.scheduling.support import draft

if TYPE_CHECKING:
    from tests.harness.site import Site

LIVE = {"title": "Live", "content": body("live")}


def live(site: Site, slug: str = "a", **columns: Any) -> str:
    values: dict[str, Any] = {"status": "published", "published_at": ago(days=3), **columns}
    return give_post(site, slug, live=LIVE, **values)


@freeze_time(NOW)
class TestFromDraftToTrashAndBack:
    def test_each_verb_says_what_the_post_is_now(self, any_site: Site) -> None:
        draft(any_site)
        for words, line in (
            (("publish", "a-draft"), "published\ta-draft\ten\tlive since 2026-06-15T12:00:00.000Z"),
            (("publish", "a-draft"), "unchanged\ta-draft\ten\tlive since 2026-06-15T12:00:00.000Z"),
            (("unpublish", "a-draft", "--reason", "too early"), "unpublished\ta-draft\ten\ta draft"),
            (("unpublish", "a-draft"), "unchanged\ta-draft\ten\ta draft"),
            (("trash", "a-draft"), "trashed\ta-draft\ten\tin the trash"),
            (("trash", "a-draft"), "unchanged\ta-draft\ten\tin the trash"),
            (("untrash", "a-draft"), "untrashed\ta-draft\ten\ta draft"),
            (("untrash", "a-draft"), "unchanged\ta-draft\ten\ta draft"),
        ):
            assert any_site.run(*words).succeeds().lines == [line]
        history = any_site.run("history", "a-draft").succeeds().lines
        done = {line.split("\t")[1] for line in history if "operator" in line}
        assert done == {"published", "unpublished", "trashed", "untrashed"}
        assert any("too early" in line for line in history)

    def test_json(self, site: Site) -> None:
        live(site)
        document = site.run("unpublish", "a", "--json").succeeds().json
        run = document.pop("run")
        assert site.sql("SELECT kind, counts FROM pipeline_runs WHERE id = ?", run) == [
            ("unpublish", '{"unpublished": 1}')
        ]
        (detail,) = site.sql("SELECT detail FROM pipeline_audit")[0]
        assert json.loads(detail)["run"] == run
        assert document == {
            "posts": [
                {
                    "outcome": "unpublished",
                    "slug": "a",
                    "locale": "en",
                    "post_id": "A",
                    "status": "draft",
                    "published_at": None,
                    "scheduled_at": None,
                    "expires_at": None,
                    "notes": [],
                    "announced_on": [],
                }
            ],
            "counts": {"unpublished": 1},
            "errors": [],
            "notices": [],
            "dry_run": False,
        }


@freeze_time(NOW)
@pytest.mark.parametrize("verb", ["publish", "unpublish", "trash", "untrash"])
class TestAllOfThem:
    def given(self, site: Site, verb: str) -> None:
        if verb == "publish":
            draft(site, "a")
        else:
            live(site, deleted_at=ago(days=1) if verb == "untrash" else None)

    def test_a_dry_run_changes_nothing(self, site: Site, verb: str) -> None:
        self.given(site, verb)
        before = site.dump()
        ran = site.run(verb, "a", "--dry-run").succeeds()
        assert ran.out.startswith(f"would be {verb}ed\ta\ten\t")
        assert site.run(verb, "a", "--dry-run", "--json").succeeds().json["run"] is None
        assert site.dump() == before

    @pytest.mark.parametrize("role", [10, 20, 30])
    def test_whoever_is_no_editor_may_not(self, site: Site, verb: str, role: int) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=role)
        self.given(site, verb)
        before = site.dump()
        site.run(verb, "a", "--as", "ada@example.com").fails(4, f"may not {verb}", "editors and admins may")
        assert site.dump() == before

    def test_an_editor_may_and_is_named(self, site: Site, verb: str) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=40)
        self.given(site, verb)
        site.run(verb, "a", "--as", "ada@example.com").succeeds()
        assert site.sql("SELECT action, actor FROM pipeline_audit") == [(f"{verb}ed", "user:ada@example.com")]

    def test_no_such_post(self, site: Site, verb: str) -> None:
        self.given(site, verb)
        before = site.dump()
        site.run(verb, "ab", "a").fails(3, "there is no post ab")
        site.run(verb).fails(2, "no posts were named")
        assert site.dump() == before

    def test_a_list_on_stdin(self, site: Site, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.given(site, verb)
        listed = site.run("posts", "--json", *(("--status", "trashed") if verb == "untrash" else ())).succeeds().out
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(listed.encode())))
        assert site.run(verb, "-").succeeds().lines[0].startswith(f"{verb}ed\ta\t")

    def test_filters_need_a_yes_in_a_pipe(self, site: Site, verb: str) -> None:
        self.given(site, verb)
        site.insert("taxonomies", id="T", name="tag", slug="launch", label="Launch", translation_group="T")
        site.insert("content_taxonomies", collection="posts", entry_id="A", taxonomy_id="T")
        before = site.dump()
        site.run(verb, "--tag", "launch").fails(2, "the filters match 1 post", f"--yes to {verb}")
        assert site.dump() == before
        assert site.run(verb, "--tag", "launch", "--yes").succeeds().lines[0].startswith(f"{verb}ed\ta\t")


@freeze_time(NOW)
class TestForce:
    def test_an_editor_may_not_override_a_review(self, site: Site) -> None:
        site.insert("users", id="U1", email="ed@example.com", name="Ed", role=40)
        site.insert("users", id="U2", email="ada@example.com", name="Ada", role=50)
        due_post(site, "a", scheduled_at=ahead(days=1), lock={"data": "{}"})
        before = site.dump()
        site.run("publish", "a", "--as", "Ed").fails(
            3, "is scheduled for Tue 2026-06-16 12:00 UTC", "operator:ada scheduled it", "emdash diff a", "--force"
        )
        site.run("publish", "a", "--force", "--as", "Ed").fails(
            4, "may not override the schedule of posts", "admins may"
        )
        assert site.dump() == before
        ran = site.run("publish", "a", "--force", "--as", "Ada").succeeds()
        assert "although it is scheduled for Tue 2026-06-16" in ran.err
        assert "operator:ada" in site.run("history", "a").succeeds().out


@freeze_time(NOW)
class TestTrash:
    def test_a_post_in_the_trash_is_not_published_and_says_how(self, site: Site) -> None:
        live(site, deleted_at=ago(days=1))
        for verb in ("publish", "unpublish"):
            site.run(verb, "a").fails(3, "it is in the trash", "emdash untrash a")

    def test_one_that_is_overdue_needs_a_person(self, any_site: Site) -> None:
        due_post(any_site, "a", deleted_at=ago(days=1))
        ran = any_site.run("untrash", "a").succeeds()
        assert ran.lines == ["untrashed\ta\ten\ta draft"]
        assert "it is held" in ran.err
        assert any_site.run("sweep", "--json").json["counts"]["published"] == 0
        any_site.run("publish", "a").fails(3, "has been held since", "passed while it was in the trash")
        any_site.run("reschedule", "a", "--at", "now").succeeds()
        assert any_site.run("sweep", "--json").succeeds().counts["published"] == 1


@freeze_time(NOW)
def test_what_is_refused_stops_all_and_each_is_named(site: Site) -> None:
    for slug in ("a", "b", "c"):
        live(site, slug)
    for slug in ("later", "later-2"):
        due_post(site, slug, scheduled_at=ahead(days=1))
    before = site.dump()
    site.run("unpublish", "a", "later", "b", "later-2", "c").fails(
        3, "because of 2 of 5 posts", "later (en) is scheduled", "later-2 (en) is scheduled", "emdash unschedule later"
    )
    assert site.dump() == before


@freeze_time(NOW)
def test_more_than_a_group(site: Site) -> None:
    for number in range(1_001):
        live(site, f"s{number:04}")
    ran = site.run("unpublish", "--status", "published", "--yes", "--json").succeeds()
    assert ran.json["counts"] == {"unpublished": 1_001}
    assert site.sql("SELECT DISTINCT status FROM ec_posts") == [("draft",)]
    assert site.sql("SELECT counts FROM pipeline_runs") == [('{"unpublished": 1001}',)]


class TestTheTrashAndTheSweep:
    """A sweep notes what it sees in the trash, and holds it once its time has passed."""

    def in_the_trash(self, site: Site) -> None:
        with freeze_time(NOW):
            due_post(site, "a", scheduled_at=ahead(hours=2))
            site.run("trash", "a").succeeds()
        with freeze_time(NOW.replace(hour=13)):
            site.run("sweep").succeeds()

    def test_brought_back_in_time_it_goes_live_at_its_time(self, any_site: Site) -> None:
        self.in_the_trash(any_site)
        with freeze_time(NOW.replace(hour=13, minute=30)):
            any_site.run("untrash", "a").succeeds()
        with freeze_time(NOW.replace(hour=15)):
            assert any_site.run("sweep", "--json").succeeds().counts["published"] == 1

    def test_brought_back_after_a_sweep_has_held_it_it_says_so(self, any_site: Site) -> None:
        self.in_the_trash(any_site)
        with freeze_time(NOW.replace(hour=15)):
            any_site.run("sweep").fails(3)
            ran = any_site.run("untrash", "a").succeeds()
            assert "it is held: the time it was scheduled for passed while it was in the trash" in ran.err
            assert any_site.run("sweep", "--json").json["counts"]["published"] == 0
