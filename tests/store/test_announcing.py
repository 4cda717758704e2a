"""Which jobs a post gets when it goes live: one for each platform, once in its life, in the batch that publishes it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW

if TYPE_CHECKING:
    from tests.harness.site import Site

SETTINGS = """
[streams.default]
slug = "{name}"
on_change = "update"
platforms = ["partner", "hook"]
[streams.news]
slug = "{name}"
platforms = ["hook"]
[streams.silent]
slug = "{name}"
[platforms.partner]
kind = "target"
url = "https://partner.example/api/blog/publish"
token = "env:PARTNER_TOKEN"
[platforms.hook]
kind = "webhook"
url = "https://hook.example/"
secret = "env:HOOK_SECRET"
[platforms.social]
kind = "target"
url = "https://social.example/"
stale_after = "2d"
"""
JOBS = """SELECT p.slug, j.lane, j.kind, j.version FROM publish_jobs AS j JOIN ec_posts AS p ON p.id = j.subject
 ORDER BY p.slug, j.lane, j.kind, j.version"""


@pytest.fixture
def place(site: Site) -> Site:
    site.write("emdash.toml", SETTINGS)
    site.run("init").succeeds()
    return site


def put(place: Site, name: str, folder: str = "queue", **fields: Any) -> None:
    place.write(f"{folder}/1-{name}.json", {"title": name, "body_text": name} | fields)


def jobs(place: Site) -> list[tuple[Any, ...]]:
    return place.sql(JOBS)


def announced(place: Site) -> list[tuple[str, str]]:
    return [(slug, lane) for slug, lane, kind, _ in jobs(place) if kind == "announce"]


@pytest.mark.parametrize(
    ("fields", "lanes"),
    [
        ({}, ["hook", "partner"]),
        ({"platforms": ["social"]}, ["social"]),
        ({"platforms": []}, []),
        ({"platforms": None}, ["hook", "partner"]),
        ({"status": "draft"}, []),
        ({"publish_at": "2999-01-01T00:00:00Z"}, []),
    ],
)
def test_a_file_or_else_its_stream_says_where(place: Site, fields: dict[str, Any], lanes: list[str]) -> None:
    put(place, "a", **fields)
    place.run("publish-queue").succeeds()
    assert announced(place) == [("a", lane) for lane in lanes]


def test_every_stream_has_its_own_platforms(place: Site) -> None:
    put(place, "a")
    put(place, "b", "queue/news")
    put(place, "c", "queue/silent")
    place.run("publish-queue").succeeds()
    assert announced(place) == [("a", "hook"), ("a", "partner"), ("b", "hook")]


def test_a_file_that_names_an_unknown_platform_is_rejected(place: Site) -> None:
    put(place, "a", platforms=["hook", "facebok"])
    place.run("publish-queue").fails(3, "platforms[1]", "'facebok' is not a platform", "hook", "partner", "social")
    assert jobs(place) == []


def test_without_platforms_in_the_settings_a_file_may_name_any(site: Site) -> None:
    put(site, "a", platforms=["x"])
    site.run("publish-queue").succeeds()
    assert site.sql("SELECT * FROM publish_jobs") == []


def test_a_job_knows_the_path_and_who_published(place: Site) -> None:
    put(place, "a", platforms=["social"])
    place.run("publish-queue").succeeds()
    ((change, by, state, stale),) = place.sql("SELECT change, triggered_by, state, stale_at FROM publish_jobs")
    assert change == '{"path":"/posts/a","path_before":null}'
    assert by.startswith("run:")
    assert (state, stale > "2026") == ("pending", True)


class TestBackdated:
    """A lane begins when the store first hears of it, unless the settings say since when."""

    def publish(self, place: Site, days: int, platform: str) -> list[tuple[str, str]]:
        with freeze_time(NOW):
            put(place, "first", platforms=[])
            place.run("publish-queue").succeeds()
        with freeze_time(NOW + timedelta(days=10)):
            put(place, "a", platforms=[platform], publish_at=f"{NOW + timedelta(days=10 - days):%Y-%m-%dT%H:%M:%SZ}")
            place.run("publish-queue").succeeds()
        return announced(place)

    def test_what_is_dated_before_the_lane_is_not_announced(self, place: Site) -> None:
        assert self.publish(place, 11, "partner") == []

    def test_what_is_dated_since_is(self, place: Site) -> None:
        assert self.publish(place, 9, "partner") == [("a", "partner")]

    def test_what_would_be_too_late_at_once_is_not(self, place: Site) -> None:
        assert self.publish(place, 3, "social") == []

    def test_what_is_not_too_late_is(self, place: Site) -> None:
        assert self.publish(place, 1, "social") == [("a", "social")]

    def test_the_settings_say_since_when(self, place: Site) -> None:
        place.write("emdash.toml", SETTINGS.replace('kind = "target"', 'kind = "target"\nsince = 2020-01-01', 1))
        assert self.publish(place, 1000, "partner") == [("a", "partner")]


def test_what_is_imported_is_not_announced(place: Site) -> None:
    """However recent it is: it was announced where it comes from."""
    place.write("emdash.toml", SETTINGS.replace("token =", "since = 2020-01-01\ntoken ="))
    place.write("old/a.md", "---\ntitle: A\ndate: 2026-11-01\nsyndicate_to: mastodon\n---\ntext\n")
    place.write("old/b.md", "---\ntitle: B\ndate: 2026-11-01\n---\ntext\n")
    place.run("import", "--from-markdown", "old", "--stream", "default").succeeds()
    assert place.sql("SELECT count(*) FROM ec_posts") == [(2,)]
    assert jobs(place) == []


def test_what_is_imported_is_announced_if_that_is_asked_for(place: Site) -> None:
    """Once, and neither what is older than the platform nor what its stream does not announce."""
    place.write("emdash.toml", SETTINGS.replace("token =", "since = 2026-10-01\ntoken ="))
    place.write("new/a.md", "---\ntitle: A\ndate: 2026-11-01\n---\ntext\n")
    place.write("new/b.md", "---\ntitle: B\ndate: 2026-09-01\n---\ntext\n")
    place.write("new/c.md", "---\ntitle: C\ndate: 2026-11-01\nplatforms: []\n---\ntext\n")
    command = ("import", "--from-markdown", "new", "--stream", "default", "--announce")
    foreseen = place.run(*command, "--dry-run", "--json").succeeds().json["outcomes"]
    assert {one["file"]: one["announced_on"] for one in foreseen} == {"a.md": ["partner"], "b.md": [], "c.md": []}
    assert jobs(place) == []
    for _ in range(2):
        place.run(*command).succeeds()
        assert announced(place) == [("a", "partner")]


def test_an_import_that_is_announced_names_platforms_that_there_are(place: Site) -> None:
    place.write("new/a.md", "---\ntitle: A\ndate: 2026-11-01\nplatforms: [partnr]\n---\ntext\n")
    command = ("import", "--from-markdown", "new", "--stream", "default")
    assert "partnr" in place.run(*command, "--announce", "--json").fails(3).json["outcomes"][0]["reason"]
    place.run(*command).succeeds()


def test_published_again_it_is_not_announced_again(place: Site) -> None:
    put(place, "a")
    place.run("publish-queue").succeeds()
    before = jobs(place)
    put(place, "a")
    place.run("publish-queue").succeeds()
    assert jobs(place) == before


def without(platform: str) -> str:
    """The settings, with that platform taken out."""
    tables = SETTINGS.split("\n[")
    kept = "\n[".join(table for table in tables if not table.startswith(f"platforms.{platform}]"))
    return kept.replace(f'"{platform}", ', "")


def test_a_platform_that_was_taken_out_gets_nothing_more(place: Site) -> None:
    """Neither posts that go live, nor changes of those that were announced there."""
    put(place, "a")
    place.run("publish-queue").succeeds()
    place.sql("UPDATE publish_jobs SET state = 'done'")
    place.write("emdash.toml", without("partner"))
    put(place, "a", body_text="new")
    put(place, "b")
    place.run("publish-queue").succeeds()
    assert jobs(place) == [
        ("a", "hook", "announce", 1),
        ("a", "hook", "update", 2),
        ("a", "partner", "announce", 1),
        ("b", "hook", "announce", 1),
    ]


def test_a_platform_that_is_new_is_not_told_of_posts_that_change(place: Site) -> None:
    """Even if it is to be told of posts that went live before."""
    place.write("emdash.toml", without("partner"))
    put(place, "a")
    place.run("publish-queue").succeeds()
    place.write("emdash.toml", SETTINGS.replace("token =", "since = 2020-01-01\ntoken ="))
    put(place, "a", body_text="new")
    place.run("publish-queue").succeeds()
    assert announced(place) == [("a", "hook")]


def test_a_post_that_is_withdrawn_and_goes_live_again_is_not_announced_again(place: Site) -> None:
    put(place, "a")
    place.run("publish-queue").succeeds()
    before = jobs(place)
    place.sql("UPDATE ec_posts SET status = 'draft'")
    place.run("schedule", "a", "--at", "now").succeeds()
    place.run("sweep").succeeds()
    assert place.sql("SELECT status FROM ec_posts") == [("published",)]
    assert jobs(place) == before


class TestSwept:
    def sweep(self, place: Site, **fields: Any) -> None:
        with freeze_time(NOW):
            put(place, "a", publish_at=f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", **fields)
            place.run("publish-queue").succeeds()
            assert jobs(place) == []
        with freeze_time(NOW + timedelta(days=1, minutes=1)):
            place.run("sweep").succeeds()
            place.run("sweep").succeeds()

    def test_by_the_platforms_of_its_stream(self, place: Site) -> None:
        self.sweep(place)
        assert jobs(place) == [("a", "hook", "announce", 1), ("a", "partner", "announce", 1)]

    def test_going_live_is_no_change(self, place: Site) -> None:
        place.write("emdash.toml", SETTINGS + '[platforms.engines]\nkind = "indexnow"\nkey = "0123456789abcdef"\n')
        self.sweep(place, platforms=["engines"])
        assert jobs(place) == [("a", "engines", "announce", 1)]

    def test_by_its_own_platforms(self, place: Site) -> None:
        self.sweep(place, platforms=["social"])
        assert announced(place) == [("a", "social")]

    def test_by_none(self, place: Site) -> None:
        self.sweep(place, platforms=[])
        assert jobs(place) == []

    def test_a_post_of_no_stream_goes_with_the_default_one(self, place: Site) -> None:
        with freeze_time(NOW):
            put(place, "a", publish_at=f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}")
            place.run("publish-queue").succeeds()
            place.sql("DELETE FROM publish_ledger")
        with freeze_time(NOW + timedelta(days=1, minutes=1)):
            place.run("sweep").succeeds()
        assert announced(place) == [("a", "hook"), ("a", "partner")]


class TestChanged:
    @pytest.fixture
    def live(self, place: Site) -> Site:
        put(place, "a", platforms=["partner", "hook"])
        put(place, "b", platforms=[])
        place.run("publish-queue").succeeds()
        return place

    def change(self, place: Site, text: str) -> list[tuple[Any, ...]]:
        """Both posts get that text, live at once; the jobs that follow from changes."""
        put(place, "a", platforms=["partner", "hook"], body_text=text)
        put(place, "b", platforms=[], body_text=text)
        place.run("publish-queue").succeeds()
        assert place.sql("SELECT count(*) FROM publish_outbox WHERE path = '/posts/b'")[0][0] > 1
        return [job for job in jobs(place) if job[2] == "update"]

    def test_it_is_sent_where_the_post_was(self, live: Site) -> None:
        live.sql("UPDATE publish_jobs SET state = 'done' WHERE lane = 'partner'")
        updates = self.change(live, "new")
        assert updates == [("a", "partner", "update", 2)], "what is still to be announced is announced as it is then"

    def test_changes_that_are_not_sent_yet_are_one(self, live: Site) -> None:
        live.sql("UPDATE publish_jobs SET state = 'done'")
        self.change(live, "new")
        assert len(self.change(live, "newer")) == 2
        live.sql("UPDATE publish_jobs SET state = 'done'")
        assert len(self.change(live, "newest")) == 4

    def test_a_change_of_the_address_is_not_one_with_a_change_of_the_text(self, live: Site) -> None:
        """What is waiting says nothing of the old address."""
        live.sql("UPDATE publish_jobs SET state = 'done'")
        self.change(live, "new")
        live.run("edit", "a", "--new-slug", "c").succeeds()
        live.run("schedule", "a", "--at", "now").succeeds()
        live.run("sweep").succeeds()
        changes = live.sql("SELECT change FROM publish_jobs WHERE kind = 'update' AND lane = 'hook' ORDER BY id")
        assert [json.loads(change) for (change,) in changes] == [
            {"path": "/posts/a", "path_before": None},
            {"path": "/posts/c", "path_before": "/posts/a"},
        ]

    def test_a_platform_may_be_told_not_to_follow_changes(self, live: Site) -> None:
        live.write("emdash.toml", SETTINGS.replace('kind = "target"', 'kind = "target"\non_update = "ignore"'))
        live.sql("UPDATE publish_jobs SET state = 'done'")
        assert [job[1] for job in self.change(live, "new")] == ["hook"]

    def test_a_platform_of_every_change_is_told_of_those_of_posts_that_name_it(self, place: Site) -> None:
        """Whatever was announced there, and however long ago the post went live."""
        place.write("emdash.toml", SETTINGS + '[platforms.engines]\nkind = "indexnow"\nkey = "0123456789abcdef"\n')
        put(place, "a", platforms=["engines"], publish_at="2020-01-01T00:00:00Z")
        put(place, "b", platforms=[])
        place.run("publish-queue").succeeds()
        assert jobs(place) == [("a", "engines", "announce", 1)]
        put(place, "a", platforms=["engines"], publish_at="2020-01-01T00:00:00Z", body_text="new")
        put(place, "b", platforms=[], body_text="new")
        place.run("publish-queue").succeeds()
        assert jobs(place)[1:] == [("a", "engines", "update", 2)]
