"""`emdash sweep` while others write: in between two requests, and EmDash's own scheduler and admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from emdash_cli.domain.outcome import SweptPost
from emdash_cli.scheduling.sweep import SweepOptions, sweep
from tests.emdash_databases.databases import VERSIONS
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, compact, due_post, give_post, outcomes
from tests.harness.sessions import session_in
from tests.scheduling.support import CHANGED, swept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row, Statement
    from tests.harness.site import Site


@freeze_time(NOW)
class TestInBetween:
    @pytest.mark.parametrize(
        ("happening", "reported"),
        [
            ("UPDATE revisions SET data = '{}'", ("held", "text_changed")),
            ("UPDATE ec_posts SET scheduled_at = NULL, status = 'draft'", None),
            ("UPDATE ec_posts SET scheduled_at = '2026-07-01T00:00:00.000Z'", None),
            ("UPDATE ec_posts SET deleted_at = 'x'", None),
            ("UPDATE ec_posts SET version = version + 1", ("published", "")),
        ],
    )
    def test_a_change_between_finding_and_publishing_is_seen(
        self, site: Site, happening: str, reported: tuple[str, str] | None
    ) -> None:
        due_post(site, "a")
        port = Interrupted(site, lambda: site.sql(happening))
        assert [(one.outcome, one.code) for one in swept(port)] == ([reported] if reported else [])
        assert (site.post("a")["status"] == "published") is (reported == ("published", ""))

    def test_a_request_that_is_sent_twice_publishes_once(self, any_site: Site) -> None:
        for number in range(3):
            due_post(any_site, f"p{number}", version=number)
        due_post(any_site, "held", lock={"data": "{}"})
        give_post(any_site, "elsewhere", scheduled_at=ago(hours=1))
        give_post(any_site, "unreadable", scheduled_at=ago(hours=1), draft="[")
        port = SendsTwice(any_site)
        assert sorted((one.slug, str(one.outcome)) for one in swept(port)) == [
            ("elsewhere", "published"), ("held", "held"), ("p0", "published"), ("p1", "published"),
            ("p2", "published"), ("unreadable", "held"),
        ]  # fmt: skip
        on_site = any_site.sql("SELECT count(*) FROM sqlite_master WHERE name = 'media'")[0][0]
        assert dict(any_site.sql("SELECT slug, version FROM ec_posts")) == {
            "p0": 1, "p1": 2, "p2": 3, "held": 1 + on_site, "elsewhere": 2, "unreadable": 1 + on_site,
        }  # fmt: skip
        assert any_site.sql("SELECT count(*) FROM publish_outbox") == [(4,)]
        assert any_site.sql("SELECT count(*) FROM pipeline_audit") == [(6,)]

    def test_nor_does_the_second_time_take_the_next_group(self, site: Site) -> None:
        for number in range(5):
            due_post(site, f"p{number}", scheduled_at=ago(hours=9 - number))
        assert [one.slug for one in swept(SendsTwice(site), limit=2)] == ["p0", "p1"]
        assert site.sql("SELECT count(*) FROM ec_posts WHERE status = 'published'") == [(2,)]

    def test_a_lock_that_was_made_since_survives_the_second_time(self, site: Site) -> None:
        """Somebody edits and schedules the post anew before a batch, whose reply was lost, is sent again."""

        class SendsAgainLater(Port):
            def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
                rows = super().batch(statements)
                if any("UPDATE ec_posts" in statement.sql for statement in statements):
                    give = {"post_id": "A", "revision_id": "R2", "slug": "a", "data": "{}", "locked_by": "ada"}
                    site.insert("schedule_locks", **give, scheduled_at=ahead(days=1), locked_at=ahead(minutes=1))
                    return super().batch(statements)
                return rows

        due_post(site, "a")
        assert [one.slug for one in swept(SendsAgainLater(site))] == ["a"]
        assert site.row("schedule_locks", post_id="A")["held_at"] is None

    def test_nothing_due_is_one_request(self, site: Site) -> None:
        due_post(site, "later", scheduled_at=ahead(hours=1))
        port = Port(site)
        assert swept(port) == []
        assert port.requests == 1

    def test_it_stops_after_the_group_under_way(self, site: Site) -> None:
        for number in range(3):
            due_post(site, f"p{number}")
        assert swept(Port(site), stopped=lambda: True) == []
        port = Port(site)
        assert len(swept(port, stopped=lambda: port.requests > 1)) == 3

    def test_a_group_is_500_posts(self, site: Site) -> None:
        size = 500
        for number in range(size + 1):
            give_post(site, f"p{number}", scheduled_at=ago(hours=1))
        port = Port(site)
        assert len(swept(port)) == size + 1
        assert port.requests == 4, "what is due, two groups, and the record of the run"


@freeze_time(NOW)
class TestBesideEmdash:
    """Its own scheduler and admin know nothing of locks."""

    @pytest.fixture(params=VERSIONS)
    def emdash(self, site: Site, request: pytest.FixtureRequest) -> Site:
        site.use_layout(request.param)
        return site

    @pytest.mark.parametrize(
        ("when", "happening"),
        [
            # In place, which only the text tells of: found within the hour before its time.
            (ahead(minutes=59), "UPDATE revisions SET data = ?"),
            # Another revision, another slug: found at once.
            (ahead(days=9), "UPDATE revisions SET data = ?, id = 'R2'"),
        ],
    )
    def test_what_is_edited_before_its_time_is_unscheduled(self, emdash: Site, when: str, happening: str) -> None:
        due_post(emdash, "a", scheduled_at=when)
        due_post(emdash, "b", scheduled_at=when)
        emdash.insert("content_taxonomies", collection="posts", entry_id="A", taxonomy_id="T", status="scheduled")
        assert outcomes(emdash) == {}
        with freeze_time(NOW):
            emdash.sql("UPDATE ec_posts SET draft_revision_id = NULL WHERE id = 'A'")
            emdash.sql(f"{happening} WHERE entry_id = 'A'", CHANGED)
            emdash.sql(
                "UPDATE ec_posts SET draft_revision_id = (SELECT id FROM revisions WHERE entry_id = 'A') WHERE id = 'A'"
            )
        assert outcomes(emdash, code=3) == {"a": ("held", "edited_early")}
        row = emdash.post("a")
        assert (row["status"], row["scheduled_at"], row["version"]) == ("draft", None, 2)
        if emdash.sql("SELECT count(*) FROM _emdash_migrations WHERE name LIKE '068%'") == [(0,)]:
            assert emdash.sql("SELECT status, scheduled_at FROM content_taxonomies") == [("draft", None)]
        assert outcomes(emdash, code=3) == {"a": ("held", "edited_early")}, "it is reported of until somebody acts"
        emdash.run("reschedule", "a", "--at", "+1h").succeeds()
        assert outcomes(emdash) == {}
        assert emdash.post("a")["status"] == "scheduled"

    def test_a_change_of_a_published_post_that_is_edited_stays_published(self, emdash: Site) -> None:
        due_post(emdash, "a", scheduled_at=ahead(minutes=5), status="published", live={"title": "L"})
        emdash.sql("UPDATE revisions SET data = ? WHERE id = 'DRAFT-A'", CHANGED)
        assert outcomes(emdash, code=3) == {"a": ("held", "edited_early")}
        row = emdash.post("a")
        assert (row["status"], row["scheduled_at"], row["draft_revision_id"]) == ("published", None, "DRAFT-A")
        assert emdash.run("unschedule", "a").succeeds().lines == ["unscheduled\ta\ten\tnow published"]
        assert outcomes(emdash) == {}

    def test_on_the_embedded_store_it_waits_for_its_time(self, site: Site) -> None:
        due_post(site, "a", scheduled_at=ahead(minutes=5))
        site.sql("UPDATE revisions SET data = ?", CHANGED)
        assert outcomes(site) == {}
        assert site.post("a")["status"] == "scheduled"

    PUBLISHED_BY_EMDASH = (
        "UPDATE ec_posts SET status = 'published', live_revision_id = draft_revision_id, draft_revision_id = NULL,"
        " scheduled_at = NULL, published_at = '2026-06-15T11:00:00.000Z'"
    )

    @pytest.mark.parametrize(
        ("data", "code", "exit_code"),
        [(None, "published_elsewhere", 0), (CHANGED, "published_unreviewed", 3)],
    )
    def test_what_emdash_published_first_is_compared_with_what_was_reviewed(
        self, emdash: Site, data: str | None, code: str, exit_code: int
    ) -> None:
        due_post(emdash, "a")
        if data:
            emdash.sql("UPDATE revisions SET data = ?", data)
        emdash.sql(self.PUBLISHED_BY_EMDASH)
        before = emdash.sql("SELECT * FROM ec_posts")
        assert outcomes(emdash, code=exit_code) == {"a": ("preempted", code)}
        assert emdash.sql("SELECT * FROM ec_posts") == before
        assert emdash.sql("SELECT * FROM schedule_locks") == []
        assert outcomes(emdash) == {}, "it is reported of once"

    def test_a_staged_slug_that_publishing_took_out_is_no_change(self, emdash: Site) -> None:
        due_post(emdash, "a", draft={"title": "T", "_slug": "b"}, lock={"slug": "b"})
        emdash.sql(self.PUBLISHED_BY_EMDASH + ", slug = 'b'")
        emdash.sql("UPDATE revisions SET data = ?", compact({"title": "T"}))
        assert outcomes(emdash) == {"b": ("preempted", "published_elsewhere")}

    def test_what_was_unscheduled_there_is_released(self, emdash: Site) -> None:
        due_post(emdash, "a")
        emdash.sql("UPDATE ec_posts SET status = 'draft', scheduled_at = NULL")
        assert outcomes(emdash) == {"a": ("released", "unscheduled_elsewhere")}
        assert emdash.sql("SELECT * FROM schedule_locks") == []

    def test_what_was_moved_there_keeps_its_lock(self, emdash: Site) -> None:
        due_post(emdash, "a")
        emdash.sql("UPDATE ec_posts SET scheduled_at = ?", ahead(days=1))
        assert outcomes(emdash) == {}
        assert len(emdash.sql("SELECT * FROM schedule_locks")) == 1

    def test_a_held_post_that_somebody_published_there_is_told_of_once(self, emdash: Site) -> None:
        due_post(emdash, "a", lock={"data": "{}"})
        outcomes(emdash, code=3)
        emdash.sql(self.PUBLISHED_BY_EMDASH)
        assert outcomes(emdash, code=3) == {"a": ("preempted", "published_unreviewed")}
        assert emdash.sql("SELECT * FROM schedule_locks") == []
        assert outcomes(emdash) == {}

    def test_a_dry_run_tells_and_settles_nothing(self, emdash: Site) -> None:
        due_post(emdash, "a", scheduled_at=ahead(minutes=5))
        due_post(emdash, "b")
        emdash.sql("UPDATE revisions SET data = ?", CHANGED)
        emdash.sql(self.PUBLISHED_BY_EMDASH + " WHERE id = 'B'")
        before = emdash.dump()
        expected = {"a": ("held", "edited_early"), "b": ("preempted", "published_unreviewed")}
        assert outcomes(emdash, "--dry-run", code=3) == expected
        assert emdash.dump() == before
        assert outcomes(emdash, code=3) == expected

    def test_a_request_that_is_sent_twice_settles_once(self, emdash: Site) -> None:
        due_post(emdash, "a", scheduled_at=ahead(minutes=5))
        emdash.sql("UPDATE revisions SET data = ?", CHANGED)
        assert [(one.slug, one.code) for one in swept(SendsTwice(emdash))] == [("a", "edited_early")]
        assert emdash.post("a")["version"] == 2
        assert emdash.sql("SELECT count(*) FROM pipeline_audit") == [(1,)]


class SendsAgainLater(Port):
    """The reply to a change is lost, and it is sent again when somebody has made new locks for its posts."""

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        rows = super().batch(statements)
        if not any("INSERT INTO pipeline_audit" in statement.sql for statement in statements):
            return rows
        for row in rows[-1]:
            lock = {"revision_id": "R2", "data": "{}", "scheduled_at": ahead(days=1), "locked_by": "ada"}
            self.site.insert("schedule_locks", post_id=row["post_id"], **lock, locked_at=ahead(minutes=1))
        return super().batch(statements)


@freeze_time(NOW)
def test_a_lock_that_was_made_since_survives(site: Site) -> None:
    """Of a post that the batch published, and of one that was published elsewhere."""
    due_post(site, "published")
    due_post(site, "preempted")
    site.sql("UPDATE ec_posts SET status = 'published', scheduled_at = NULL WHERE id = 'PREEMPTED'")
    session = session_in(SendsAgainLater(site), clock=lambda: NOW, post_path="/p/{slug}")
    events = sweep(session, SweepOptions(None, is_preview=False, stopped=lambda: False))
    reported = sorted(event.slug for event in events if isinstance(event, SweptPost))
    assert reported == ["preempted", "published"]
    found = site.sql("SELECT post_id, held_at FROM schedule_locks ORDER BY 1")
    assert found == [("PREEMPTED", None), ("PUBLISHED", None)]
