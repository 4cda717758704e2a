"""`emdash schedule`, `reschedule` and `unschedule`: from draft to schedule and back, and the lock on the text."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.scheduling import schedule
from emdash_cli.scheduling.post_names import PostName
from emdash_cli.scheduling.selection import Selection
from tests.emdash_databases.databases import VERSIONS
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, body, compact, due_post, give_post, outcomes
from tests.harness.sessions import session_in
from tests.scheduling.support import DRAFT, draft

if TYPE_CHECKING:
    from tests.harness.site import Site


@freeze_time(NOW)
class TestLifecycle:
    def test_a_draft_is_scheduled_and_then_published(self, site: Site) -> None:
        draft(site)
        done = site.run("schedule", "a-draft", "--at", "+2h").succeeds()
        assert done.lines == ["scheduled\ta-draft\ten\tMon 2026-06-15 14:00 UTC (2026-06-15T14:00:00Z)"]
        row = site.post("a-draft")
        assert (row["status"], row["scheduled_at"], row["version"]) == ("scheduled", ahead(hours=2), 2)
        assert row["updated_at"] == ago()
        assert outcomes(site) == {}
        with freeze_time(NOW.replace(hour=14)):
            assert outcomes(site) == {"a-draft": ("published", "")}
        row = site.post("a-draft")
        assert (row["status"], row["title"], row["published_at"]) == ("published", "Fresh", ahead(hours=2))

    def test_a_published_post_stays_as_it_is_until_its_change_is_due(self, site: Site) -> None:
        give_post(site, "live", draft=DRAFT, live={"title": "Old title"}, status="published", published_at=ago(days=3))
        site.run("schedule", "live", "--at", "tomorrow 09:00").succeeds()
        row = site.post("live")
        assert (row["status"], row["scheduled_at"]) == ("published", "2026-06-16T09:00:00.000Z")
        assert (row["title"], row["live_revision_id"]) == ("Old title", "LIVE-LIVE")
        with freeze_time("2026-06-16T09:00:00Z"):
            assert outcomes(site) == {"live": ("published", "")}
        row = site.post("live")
        assert (row["title"], row["published_at"], row["scheduled_at"]) == ("Fresh", ago(days=3), None)

    def test_unscheduling_makes_it_a_draft_again(self, site: Site) -> None:
        draft(site)
        site.run("schedule", "a-draft", "--at", "+2h").succeeds()
        assert site.run("unschedule", "a-draft").succeeds().lines == ["unscheduled\ta-draft\ten\tnow a draft"]
        row = site.post("a-draft")
        assert (row["status"], row["scheduled_at"], row["draft_revision_id"]) == ("draft", None, "DRAFT-A-DRAFT")
        assert site.sql("SELECT * FROM schedule_locks") == []
        with freeze_time(NOW.replace(day=16)):
            assert outcomes(site) == {}

    def test_unscheduling_the_change_of_a_published_post_keeps_both(self, site: Site) -> None:
        give_post(
            site, "live", draft=DRAFT, live={"title": "Old title"}, status="published", scheduled_at=ahead(hours=1)
        )
        assert site.run("unschedule", "live").succeeds().lines == ["unscheduled\tlive\ten\tnow published"]
        row = site.post("live")
        assert (row["status"], row["scheduled_at"], row["draft_revision_id"]) == ("published", None, "DRAFT-LIVE")

    def test_rescheduling_moves_it_and_locks_what_it_says_now(self, site: Site) -> None:
        draft(site)
        site.run("schedule", "a-draft", "--at", "+2h").succeeds()
        changed = compact({**DRAFT, "title": "Changed"})
        site.sql("UPDATE revisions SET data = ?", changed)
        site.run("reschedule", "a-draft", "--at", "+1h").succeeds()
        lock = site.row("schedule_locks", post_id="A-DRAFT")
        assert (lock["data"], lock["scheduled_at"]) == (changed, ahead(hours=1))
        with freeze_time(NOW.replace(hour=13)):
            assert outcomes(site) == {"a-draft": ("published", "")}

    def test_a_past_time_is_accepted_with_a_warning(self, site: Site) -> None:
        draft(site)
        done = site.run("schedule", "a-draft", "--at", "2026-06-14 09:00").succeeds()
        assert "that time has passed: the post goes live with the next sweep" in done.err
        assert outcomes(site) == {"a-draft": ("published", "")}
        assert site.post("a-draft")["published_at"] == "2026-06-14T09:00:00.000Z"

    @pytest.mark.parametrize(("at", "warnings"), [("now", 0), ("2026-06-15 12:00", 0), ("2026-06-15 11:59", 1)])
    def test_now_and_the_minute_that_it_is_are_not_past(self, site: Site, at: str, warnings: int) -> None:
        draft(site)
        with freeze_time(NOW.replace(second=30), auto_tick_seconds=0.1):
            for verb in ("schedule", "reschedule"):
                assert site.run(verb, "a-draft", "--at", at).succeeds().err.count("has passed") == warnings
            assert outcomes(site) == {"a-draft": ("published", "")}

    def test_json(self, site: Site) -> None:
        draft(site)
        site.write("emdash.toml", 'timezone = "Europe/Berlin"\n')
        document = site.run("schedule", "a-draft", "--at", "tomorrow 09:00", "--json").succeeds().json
        [post] = document.pop("posts")
        assert post.pop("by").startswith("operator:")
        assert site.sql("SELECT DISTINCT detail ->> 'run' FROM pipeline_audit") == [(document.pop("run"),)]
        assert document == {"counts": {"scheduled": 1}, "errors": [], "notices": [], "dry_run": False}
        assert post == {
            "outcome": "scheduled",
            "slug": "a-draft",
            "locale": "en",
            "post_id": "A-DRAFT",
            "status": "scheduled",
            "scheduled_at": "2026-06-16T07:00:00.000Z",
            "scheduled_before": None,
            "display_time": "Tue 2026-06-16 09:00 CEST (2026-06-16T07:00:00Z)",
            "warnings": [],
            "announced_on": [],
        }


@freeze_time(NOW)
class TestLock:
    def test_it_keeps_text_and_slug_and_who_and_when(self, site: Site) -> None:
        data = {**DRAFT, "_slug": "fresh-slug"}
        draft(site, draft=data)
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=40)
        site.run("schedule", "a-draft", "--at", "+2h", "--as", "ADA").succeeds()
        lock = site.row("schedule_locks", post_id="A-DRAFT")
        assert lock == {
            "post_id": "A-DRAFT",
            "revision_id": "DRAFT-A-DRAFT",
            "slug": "fresh-slug",
            "data": compact(data),
            "scheduled_at": ahead(hours=2),
            "locked_by": "user:ada@example.com",
            "locked_at": ago(),
            "held_at": None,
            "held_reason": None,
        }

    def test_a_draft_of_emdash_s_api_has_its_text_in_the_columns_only(self, site: Site) -> None:
        """Its revision is made of them: nulls left out, JSON as JSON, and a field of the site's own too."""
        site.sql("ALTER TABLE ec_posts ADD COLUMN subtitle TEXT")
        site.sql("ALTER TABLE ec_posts ADD COLUMN rating INTEGER")
        image = {"provider": "external", "id": "", "src": "https://example.org/a.png", "alt": 'An "a"'}
        columns = {"title": 'Says "hi" ü', "content": compact(body("text")), "featured_image": compact(image)}
        draft(site, draft=None, subtitle="[not json", rating=3, excerpt=None, **columns)
        site.run("schedule", "a-draft", "--at", "+2h").succeeds()
        row = site.post("a-draft")
        revision = site.row("revisions", id=row["draft_revision_id"])
        assert (revision["entry_id"], revision["collection"], len(revision["id"])) == ("A-DRAFT", "posts", 26)
        assert json.loads(revision["data"]) == {
            "title": 'Says "hi" ü',
            "content": body("text"),
            "featured_image": image,
            "subtitle": "[not json",
            "rating": 3,
        }
        assert site.row("schedule_locks", post_id="A-DRAFT")["data"] == revision["data"]
        with freeze_time(NOW.replace(hour=14)):
            assert outcomes(site) == {"a-draft": ("published", "")}
        after = site.post("a-draft")
        assert after["live_revision_id"] == revision["id"]
        kept = ("title", "content", "featured_image", "subtitle", "rating", "excerpt")
        assert [after[name] for name in kept] == [row[name] for name in kept]

    def test_who_did_what_is_in_the_audit_table(self, site: Site) -> None:
        draft(site)
        for words in (("schedule", "--at", "+2h"), ("reschedule", "--at", "+3h"), ("unschedule",)):
            site.run(words[0], "a-draft", *words[1:]).succeeds()
        rows = site.sql("SELECT action, at, post_id, slug, locale, actor, detail FROM pipeline_audit ORDER BY rowid")
        assert [row[:5] for row in rows] == [
            (action, ago(), "A-DRAFT", "a-draft", "en") for action in ("scheduled", "rescheduled", "unscheduled")
        ]
        assert all(row[5].startswith("operator:") for row in rows)
        assert json.loads(rows[1][6]) == {
            "scheduled_at": ahead(hours=3),
            "version": 2,
            "status_before": "scheduled",
            "scheduled_before": ahead(hours=2),
            "slug_before": "a-draft",
            "live_before": None,
            "draft_before": "DRAFT-A-DRAFT",
            "run": site.sql("SELECT id FROM pipeline_runs WHERE kind = 'reschedule'")[0][0],
        }


@freeze_time(NOW)
@pytest.mark.parametrize("words", [("schedule", "--at", "+2h"), ("reschedule", "--at", "+2h"), ("unschedule",)])
def test_a_dry_run_changes_nothing(site: Site, words: tuple[str, ...]) -> None:
    if words[0] == "schedule":
        draft(site)
    else:
        due_post(site, "a-draft", scheduled_at=ahead(hours=1))
    before = site.dump()
    done = site.run(words[0], "a-draft", *words[1:], "--dry-run").succeeds()
    assert done.out.startswith(f"would be {words[0]}d\ta-draft")
    assert site.dump() == before


@freeze_time(NOW)
class TestOtherWritersOfTheEmbeddedStore:
    """They may set published_at alone; it is when the post was to be published, not when it was."""

    def wish(self, site: Site) -> None:
        give_post(site, "wish", draft=DRAFT, published_at=ahead(hours=1))

    def test_rescheduled(self, site: Site) -> None:
        self.wish(site)
        site.run("schedule", "wish", "--at", "+3h").fails(3, "already scheduled, for Mon 2026-06-15 13:00 UTC")
        site.run("reschedule", "wish", "--at", "+3h").succeeds()
        with freeze_time(NOW.replace(hour=14)):
            assert outcomes(site) == {}
        with freeze_time(NOW.replace(hour=15)):
            assert outcomes(site) == {"wish": ("published", "")}
        assert site.post("wish")["published_at"] == ahead(hours=3)

    def test_unscheduled(self, site: Site) -> None:
        self.wish(site)
        site.run("unschedule", "wish").succeeds()
        row = site.post("wish")
        assert (row["status"], row["published_at"]) == ("draft", None)


@freeze_time(NOW)
@pytest.mark.parametrize("version", VERSIONS)
def test_on_a_database_of_emdash(site: Site, version: str) -> None:
    """Up to 0.32 the term links copy status and times; from 0.34 on there is a queue of revisions to prune."""
    site.use_layout(version)
    draft(site, draft=None)
    (term,) = site.sql("SELECT translation_group FROM taxonomies LIMIT 1")
    site.insert("content_taxonomies", collection="posts", entry_id="A-DRAFT", taxonomy_id=term[0], status="draft")
    site.run("schedule", "a-draft", "--at", "+2h").succeeds()
    stamp = "SELECT status, scheduled_at, published_at, locale FROM content_taxonomies"
    expected = ("scheduled", ahead(hours=2), None, "en")
    assert site.sql(stamp) == [expected if version == "0.32" else ("draft", None, None, None)]
    revision = site.post("a-draft")["draft_revision_id"]
    if version == "0.34":
        assert site.sql("SELECT * FROM _emdash_revision_prune_queue") == [("posts", "A-DRAFT", revision)]
    with freeze_time(NOW.replace(hour=14)):
        assert outcomes(site) == {"a-draft": ("published", "")}
    if version == "0.32":
        assert site.sql(stamp) == [("published", None, ahead(hours=2), "en")]
    assert site.sql("PRAGMA foreign_key_check") == []


def change(port: Port, verb: Any = "schedule", hour: int = 14) -> schedule.Scheduled:
    at = None if verb == "unschedule" else NOW.replace(hour=hour)
    request = schedule.ScheduleChange(verb, Selection([PostName("a-draft")]), at)
    [done] = schedule.Plan(session_in(port, clock=lambda: NOW), request).carry_out()
    return done


@freeze_time(NOW)
def test_a_request_that_is_sent_twice_acts_once(any_site: Site) -> None:
    draft(any_site, draft=None)
    port = SendsTwice(any_site)
    for verb, hour, status, number in (
        ("schedule", 14, "scheduled", 2),
        ("reschedule", 15, "scheduled", 3),
        ("unschedule", 0, "draft", 4),
    ):
        assert change(port, verb, hour).status == status
        assert any_site.post("a-draft")["version"] == number
    assert any_site.sql("SELECT count(*) FROM pipeline_audit") == [(3,)]
    assert any_site.sql("SELECT count(*) FROM revisions") == [(1,)]


@freeze_time(NOW)
@pytest.mark.parametrize(
    "happening",
    [
        "UPDATE ec_posts SET version = version + 1",
        "UPDATE ec_posts SET status = 'published'",
        "UPDATE ec_posts SET scheduled_at = '2026-07-01T00:00:00.000Z'",
        "UPDATE ec_posts SET draft_revision_id = NULL",
        "UPDATE ec_posts SET live_revision_id = draft_revision_id",
        "UPDATE ec_posts SET deleted_at = 'x'",
    ],
)
def test_what_somebody_else_changes_meanwhile_is_not_scheduled(site: Site, happening: str) -> None:
    draft(site)
    port = Interrupted(site, lambda: site.sql(happening))
    with pytest.raises(RefusedChangeError, match="somebody else has just changed"):
        change(port)
    assert site.sql("SELECT count(*) FROM schedule_locks") == [(0,)]
    assert site.sql("SELECT count(*) FROM pipeline_audit") == [(0,)]


@pytest.mark.parametrize(
    ("zone", "wall", "first", "second"),
    [
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
        ("America/New_York", "2027-03-14 02:30", "2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04T01:45:00+10:30", "2026-10-04T02:45:00+11:00"),
        ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-04T01:45:00+11:00", "2027-04-04T01:45:00+10:30"),
    ],
)
def test_a_time_that_is_skipped_or_comes_twice_is_refused_and_each_reading_is_taken(
    site: Site, zone: str, wall: str, first: str, second: str
) -> None:
    """Not frozen: freezegun's datetime loses which of two readings is meant when it changes zones."""
    site.write("emdash.toml", f'timezone = "{zone}"\n')
    draft(site)
    site.run("schedule", "a-draft", "--at", wall).fails(2, zone, first, second)
    assert site.post("a-draft")["status"] == "draft"
    for verb, reading in (("schedule", first), ("reschedule", second)):
        site.run(verb, "a-draft", "--at", reading).succeeds()
        stored = site.post("a-draft")["scheduled_at"]
        assert datetime.fromisoformat(stored) == datetime.fromisoformat(reading)
        assert (len(stored), stored[-1]) == (24, "Z")


@freeze_time(NOW)
class TestDaysThatAreNotInEveryYear:
    @pytest.mark.parametrize(
        ("zone", "wall", "instant"),
        [
            ("Europe/Berlin", "2028-02-29 00:00", "2028-02-28T23:00:00.000Z"),
            ("Europe/Berlin", "2026-12-31 23:59", "2026-12-31T22:59:00.000Z"),
            ("America/New_York", "2026-12-31 23:59", "2027-01-01T04:59:00.000Z"),
            ("Pacific/Kiritimati", "2027-01-01 00:00", "2026-12-31T10:00:00.000Z"),
        ],
    )
    def test_leap_day_and_year_s_end(self, site: Site, zone: str, wall: str, instant: str) -> None:
        site.write("emdash.toml", f'timezone = "{zone}"\n')
        draft(site)
        site.run("schedule", "a-draft", "--at", wall).succeeds()
        assert site.post("a-draft")["scheduled_at"] == instant
        with freeze_time(instant.replace(".000Z", "Z"), tick=False):
            assert outcomes(site) == {"a-draft": ("published", "")}
        assert site.post("a-draft")["published_at"] == instant

    def test_no_leap_day_no_post(self, site: Site) -> None:
        draft(site)
        site.run("schedule", "a-draft", "--at", "2027-02-29 09:00").fails(2, "2027-02-29")


@freeze_time(NOW)
class TestRefused:
    @pytest.mark.parametrize(
        ("verb", "columns", "words"),
        [
            ("schedule", {"status": "published", "live": DRAFT, "draft": None}, ("no change", "emdash edit")),
            ("schedule", {"status": "archived"}, ("has the status archived",)),
            ("schedule", {"status": "scheduled", "scheduled_at": "2026-07-01T09:00:00+02:00"},
             ("already scheduled, for Wed 2026-07-01 07:00 UTC", "emdash reschedule")),
            ("schedule", {"status": "published", "live": {}, "scheduled_at": "soon"}, ("already scheduled, for soon",)),
            ("reschedule", {"status": "draft"}, ("is not scheduled", "emdash schedule")),
            ("schedule", {"deleted_at": "2026-01-01T00:00:00.000Z"}, ("there is no post", "trash")),
            ("schedule", {"draft": {"title": "T", "_slug": "taken"}}, ("which belongs to post TAKEN", "emdash edit")),
        ],
    )  # fmt: skip
    def test_with_the_reason_and_without_a_trace(
        self, site: Site, verb: str, columns: dict[str, Any], words: tuple[str, ...]
    ) -> None:
        give_post(site, "taken", status="published", live={})
        draft(site, **columns)
        before = site.dump()
        at = () if verb == "unschedule" else ("--at", "+2h")
        site.run(verb, "a-draft", *at).fails(3, *words)
        assert site.dump() == before

    def test_no_such_post_names_what_comes_near(self, site: Site) -> None:
        draft(site, "042-caching")
        site.run("schedule", "042-cachin", "--at", "now").fails(
            3, "there is no post 042-cachin", "did you mean 042-caching?"
        )

    def test_a_slug_in_two_locales_needs_one(self, site: Site) -> None:
        draft(site)
        draft(site, id="GERMAN", locale="de", draft=None)
        site.run("schedule", "a-draft", "--at", "+2h").fails(2, "in de and en", "--locale de or --locale en")
        site.run("schedule", "a-draft", "--at", "+2h", "--locale", "fr").fails(3, "in fr", "it exists in de and in en")
        site.run("schedule", "a-draft", "--at", "+2h", "--locale", "de").succeeds()
        assert site.sql("SELECT id FROM ec_posts WHERE status = 'scheduled'") == [("GERMAN",)]

    @pytest.mark.parametrize("verb", ["schedule", "reschedule"])
    def test_no_time_at_all(self, site: Site, verb: str) -> None:
        draft(site)
        site.run(verb, "a-draft", "--at", "someday").fails(2, "someday", "tomorrow 09:00")

    @pytest.mark.parametrize("role", [10, 20, 30])
    @pytest.mark.parametrize("verb", ["schedule", "reschedule", "unschedule"])
    def test_whoever_is_no_editor(self, site: Site, verb: str, role: int) -> None:
        """Their own posts, too."""
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=role)
        draft(
            site,
            author_id="U1",
            **({} if verb == "schedule" else {"status": "scheduled", "scheduled_at": ahead(hours=1)}),
        )
        before = site.dump()
        at = () if verb == "unschedule" else ("--at", "+2h")
        site.run(verb, "a-draft", *at, "--as", "ada@example.com").fails(4, f"may not {verb}", "editors and admins may")
        assert site.dump() == before

    def test_a_disabled_admin_and_a_stranger(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=50, disabled=1)
        draft(site)
        site.run("schedule", "a-draft", "--at", "+2h", "--as", "U1").fails(4, "disabled")
        monkeypatch.setenv("EMDASH_USER", "ad@example.com")
        site.run("schedule", "a-draft", "--at", "+2h").fails(
            4, "no user 'ad@example.com'", "did you mean ada@example.com?"
        )
        monkeypatch.setenv("EMDASH_USER", "zzz")
        site.run("schedule", "a-draft", "--at", "+2h").fails(4, "no user 'zzz'", "emdash users list")

    def test_two_users_of_one_name(self, site: Site) -> None:
        for number in (1, 2):
            site.insert("users", id=f"U{number}", email=f"ada{number}@example.com", name="Ada", role=50)
        draft(site)
        site.run("schedule", "a-draft", "--at", "+2h", "--as", "ada").fails(4, "ada1@example.com, ada2@example.com")
