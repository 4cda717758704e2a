"""What `emdash schedule`, `reschedule` and `unschedule` refuse: the post, the person or the words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, ahead, give_post
from tests.scheduling.drafts import DRAFT, draft

if TYPE_CHECKING:
    from tests.harness.site import Site


@freeze_time(NOW)
class TestRefused:
    @pytest.mark.parametrize(
        ("verb", "columns", "words"),
        [
            ("schedule", {"status": "published", "live": DRAFT, "draft": None}, ("no change", "emdash edit")),
            ("schedule", {"status": "archived"}, ("has the status archived",)),
            ("schedule", {"status": "scheduled", "scheduled_at": "2026-07-01T09:00:00+02:00"},
             ("already scheduled, for Wed 2026-07-01 07:00 UTC", "emdash reschedule")),
            ("schedule", {"status": "published", "live": {}, "scheduled_at": "soon"}, ("already, for soon",)),
            ("reschedule", {"status": "draft"}, ("is not scheduled", "emdash schedule")),
            ("unschedule", {"status": "draft"}, ("is not scheduled",)),
            ("unschedule", {"status": "published", "live": DRAFT}, ("is not scheduled",)),
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
        site.run("schedule", "a-draft", "--at", "+2h", "--locale", "fr").fails(3, "in fr", "one in de and in en")
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
