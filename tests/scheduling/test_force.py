"""`--force` of `edit`, `revert` and `rename`: an admin ends the schedule that locks a post, and changes it at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.scheduling.rename import RenameTarget, rename_post
from tests.harness.ports import Interrupted, SendsTwice
from tests.harness.posts import NOW, ago, ahead, body, give_post
from tests.harness.sessions import session_in
from tests.scheduling.kills import killed_everywhere

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

OLDER = {"title": "Older", "content": body("older")}
TEXT = {"title": "Title", "content": body("text")}
COMMANDS: dict[str, tuple[str, ...]] = {
    "edit": ("edit", "a", "--title", "New"),
    "revert": ("revert", "a", "--to", "OLD"),
    "revert --live": ("revert", "a", "--to", "OLD", "--live"),
    "rename": ("rename", "a", "b"),
}


def scheduled(site: Site, **columns: Any) -> None:
    """A post that is scheduled for tomorrow, with an older revision."""
    site.insert("revisions", id="OLD", collection="posts", entry_id="A", data=json.dumps(OLDER), created_at=ago(days=9))
    give_post(site, "a", **({"scheduled_at": ahead(days=1), "draft": TEXT, "lock": {}} | columns))


def deeds(site: Site) -> list[str]:
    return [action for (action,) in site.sql("SELECT action FROM pipeline_audit WHERE post_id = 'A' ORDER BY id")]


@freeze_time(NOW)
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
class TestForce:
    def test_without_it_the_refusal_says_who_locked_it_and_when(self, any_site: Site, words: tuple[str, ...]) -> None:
        scheduled(any_site)
        before = any_site.dump()
        said = (
            "scheduled for",
            "2026-06-16 12:00 UTC",
            "operator:ada locked its text on",
            "2026-06-06 12:00 UTC",
            "--force",
        )
        any_site.run(*words).fails(3, *said)
        assert any_site.dump() == before

    def test_it_ends_the_schedule_and_changes_the_post_in_one_batch(
        self, any_site: Site, words: tuple[str, ...]
    ) -> None:
        scheduled(any_site)
        done = any_site.run(*words, "--force").succeeds()
        assert "this ends its schedule" in done.err
        (row,) = any_site.sql("SELECT status, scheduled_at, version FROM ec_posts WHERE id = 'A'")
        assert row == ("published" if "--live" in words else "draft", None, 3)
        assert any_site.sql("SELECT count(*) FROM schedule_locks") == [(0,)]
        verb = {"edit": "edited", "revert": "reverted", "rename": "renamed"}[words[0]]
        assert deeds(any_site) == ["unscheduled", verb]
        slug = "b" if words[0] == "rename" else "a"
        (told,) = [line.split("\t")[4] for line in any_site.run("history", slug).lines if "\tunscheduled\t" in line]
        assert f"by an admin, so that it could be {verb}" in told

    def test_a_change_of_a_published_post_and_a_held_post(self, any_site: Site, words: tuple[str, ...]) -> None:
        held = {"held_at": ago(), "held_reason": "its text was changed", "scheduled_at": ago()}
        scheduled(any_site, status="published", live=OLDER | {"title": "Live"}, scheduled_at=None, lock=held)
        any_site.run(*words).fails(3, "is held: its text was changed; operator:ada locked its text on")
        any_site.run(*words, "--force").succeeds()
        assert any_site.sql("SELECT count(*) FROM schedule_locks") == [(0,)]
        assert any_site.sql("SELECT status FROM ec_posts") == [("published",)]

    def test_without_a_lock_it_changes_nothing_more(self, any_site: Site, words: tuple[str, ...]) -> None:
        scheduled(any_site, status="draft", scheduled_at=None, lock=None)
        done = any_site.run(*words, "--force").succeeds()
        assert "schedule" not in done.err.replace("emdash schedule", "")
        assert len(deeds(any_site)) == 1

    def test_a_dry_run_changes_nothing(self, any_site: Site, words: tuple[str, ...]) -> None:
        scheduled(any_site)
        before = any_site.dump()
        assert "this ends its schedule" in any_site.run(*words, "--force", "--dry-run").succeeds().err
        assert any_site.dump() == before

    @pytest.mark.parametrize(("role", "may"), [(30, False), (40, False), (50, True)])
    def test_only_admins_may(self, site: Site, words: tuple[str, ...], role: int, *, may: bool) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=role)
        scheduled(site, author_id="U1")
        before = site.dump()
        ran = site.run(*words, "--force", "--as", "Ada")
        assert ran.code == (0 if may else 4), ran
        assert may or site.dump() == before

    def test_killed_between_any_two_statements(self, site: Site, words: tuple[str, ...], tmp_path: Path) -> None:
        scheduled(site)

        def whole(killed: Site) -> None:
            assert killed.sql("SELECT scheduled_at, version FROM ec_posts WHERE id = 'A'") == [(None, 3)]
            assert killed.sql("SELECT count(*) FROM schedule_locks") == [(0,)]
            assert len(deeds(killed)) == 2

        assert killed_everywhere(site, tmp_path, (*words, "--force"), whole) > 20

    def test_on_d1(self, d1_site: D1Site, words: tuple[str, ...]) -> None:
        d1_site.put("1-a.json", title="One", slug="a", status="draft")
        d1_site.publish()
        d1_site.run("edit", "a", "--title", "Two").succeeds()
        d1_site.run("schedule", "a", "--at", "+1d").succeeds()
        (oldest,) = d1_site.sql("SELECT id FROM revisions ORDER BY rowid LIMIT 1")[0]
        words = tuple(oldest if word == "OLD" else word for word in words)
        d1_site.run(*words).fails(3, "is scheduled for")
        d1_site.run(*words, "--force").succeeds()
        assert d1_site.sql("SELECT scheduled_at FROM ec_posts") == [(None,)]


@freeze_time(NOW)
def test_one_that_is_sent_twice_changes_the_post_once(any_site: Site) -> None:
    scheduled(any_site)
    session = session_in(SendsTwice(any_site), clock=lambda: NOW)
    rename_post(session, RenameTarget("a", "b", None, is_preview=False, force=True))
    assert any_site.sql("SELECT slug, version FROM ec_posts") == [("b", 3)]
    assert deeds(any_site) == ["unscheduled", "renamed"]


@freeze_time(NOW)
def test_what_happened_meanwhile_stops_both(any_site: Site) -> None:
    scheduled(any_site)
    port = Interrupted(any_site, lambda: any_site.run("reschedule", "a", "--at", "+2d").succeeds(), 2)
    with pytest.raises(RefusedChangeError, match="somebody else has just changed"):
        rename_post(session_in(port, clock=lambda: NOW), RenameTarget("a", "b", None, is_preview=False, force=True))
    assert deeds(any_site) == ["rescheduled"]
    assert any_site.sql("SELECT count(*) FROM schedule_locks") == [(1,)]
