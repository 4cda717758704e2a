"""What `--dry-run` says of announcements, and what `enqueue` remarks on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

if TYPE_CHECKING:
    from tests.harness.site import Site

NOW = "2026-06-15T12:00:00Z"
PLATFORMS = """
[platforms.blog]
kind = "target"
url = "https://blog.example/publish"
[platforms.x]
kind = "x"
token = "env:X_TOKEN"
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
"""
SETTINGS = f"""
[streams.default]
slug = "{{name}}"
platforms = ["blog", "x", "engines"]
{PLATFORMS}"""


@pytest.fixture(params=["sqlite", pytest.param("d1", marks=pytest.mark.d1)])
def announcing(request: pytest.FixtureRequest) -> Site:
    """A site with three platforms, on a file and on D1; their secrets are not there."""
    site: Site = request.getfixturevalue("site" if request.param == "sqlite" else "d1_site")
    site.settings(SETTINGS)
    return site


def announced_on(site: Site, name: str) -> list[str]:
    found: list[str] = site.publish("--dry-run").succeeds().outcomes[name]["announced_on"]
    return found


def test_a_dry_run_names_the_platforms_and_what_is_to_be_known(announcing: Site) -> None:
    announcing.put("a.json", title="About README.md")
    before = announcing.sql("SELECT count(*) FROM publish_lanes")
    told = announcing.run("publish-queue", "--dry-run").succeeds()
    assert told.lines == ["would be published\tdefault\ta.json\ta\t\tblog, x, engines"]
    assert "note: a.json: x: X turns README.md into a link" in told.err
    (outcome,) = announcing.publish("--dry-run").json["outcomes"]
    assert outcome["announced_on"] == ["blog", "x", "engines"]
    assert [notice for notice in outcome["notices"] if notice.startswith("x: ")]
    assert announcing.sql("SELECT count(*) FROM publish_lanes") == before
    announcing.publish().succeeds()
    lanes = [lane for (lane,) in announcing.sql("SELECT lane FROM publish_jobs ORDER BY lane")]
    assert lanes == sorted(outcome["announced_on"])


@freeze_time(NOW)
@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"platforms": []}, []),
        ({"platforms": ["x"]}, ["x"]),
        ({"status": "draft"}, []),
        ({"publish_at": "2026-06-20T00:00:00Z"}, ["blog", "x", "engines"]),
        ({"publish_at": "2026-06-14T00:00:00Z"}, ["engines"]),
    ],
)
def test_it_names_those_that_get_a_job(announcing: Site, fields: dict[str, Any], names: list[str]) -> None:
    """What is dated before a platform was set up is not announced there; engines are told of every change."""
    announcing.put("a.json", **fields)
    assert announced_on(announcing, "a.json") == names
    announcing.publish()
    announcing.sql("UPDATE ec_posts SET scheduled_at = '2026-06-15T12:00:00.000Z' WHERE scheduled_at > ''")
    announcing.run("sweep")
    lanes = {lane for (lane,) in announcing.sql("SELECT lane FROM publish_jobs")}
    assert lanes == set(names)


def test_what_a_lane_knows_of_its_beginning_counts(announcing: Site) -> None:
    with freeze_time("2026-06-01"):
        announcing.put("old.json")
        announcing.publish()
    with freeze_time(NOW):
        announcing.put("a.json", publish_at="2026-06-14T00:00:00Z")
        assert announced_on(announcing, "a.json") == ["blog", "x", "engines"]
        announcing.put("b.json", publish_at="2026-06-02T00:00:00Z")
        assert announced_on(announcing, "b.json") == ["blog", "engines"], "too old for X"


def test_a_sweep_names_where_posts_would_be_announced(announcing: Site) -> None:
    with freeze_time("2026-06-14"):
        announcing.put("a.json", publish_at="2026-06-15T11:00:00Z")
        announcing.put("b.json", publish_at="2026-06-15T11:00:00Z", platforms=["x"])
        announcing.publish()
    with freeze_time(NOW):
        told = announcing.run("sweep", "--dry-run", "--json").succeeds().json["outcomes"]
        assert {one["slug"]: one["announced_on"] for one in told} == {"a": ["blog", "x", "engines"], "b": ["x"]}
        assert announcing.run("sweep", "--dry-run").lines[1].endswith("\tx")
        announcing.run("sweep").succeeds()
        assert len(announcing.sql("SELECT 1 FROM publish_jobs")) == 4


def test_an_import_announces_nothing_but_changes(announcing: Site) -> None:
    announcing.write("blog/a.md", "---\ntitle: T\n---\n\ntext\n")
    (outcome,) = (
        announcing.run("import", "--from-markdown", "blog", "--date", "now", "--dry-run", "--json")
        .succeeds()
        .json["outcomes"]
    )
    assert outcome["announced_on"] == ["engines"]


EVERY_LANE = """
[streams.default]
slug = "{name}"
platforms = ["blog", "x", "new", "engines", "failures", "hook"]
[platforms.blog]
kind = "target"
url = "https://blog.example/publish"
since = 2020-01-01
[platforms.x]
kind = "x"
token = "env:X_TOKEN"
since = 2020-01-01
stale_after = "7d"
[platforms.new]
kind = "target"
url = "https://new.example/publish"
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
[platforms.failures]
kind = "webhook"
url = "https://blog.example/failures"
secret = "env:S"
events = ["job.dead", "post.updated"]
since = 2020-01-01
[platforms.hook]
kind = "webhook"
url = "https://blog.example/hook"
secret = "env:S"
since = 2020-01-01
"""


@freeze_time(NOW)
@pytest.mark.parametrize("named", ["", "platforms: []", "platforms: [x, failures, new]"])
@pytest.mark.parametrize("date", ["2019-01-01", "2025-01-01", "2026-06-14", "2026-06-15T12:00:00Z", "2026-06-20"])
@pytest.mark.parametrize("options", [(), ("--announce",)])
def test_a_dry_run_of_an_import_names_those_that_get_a_job(
    site: Site, options: tuple[str, ...], date: str, named: str
) -> None:
    site.settings(EVERY_LANE)
    site.write("blog/a.md", f"---\ntitle: T\ndate: {date}\n{named}\n---\n\ntext\n")
    words = ("import", "--from-markdown", "blog", *options)
    (foreseen,) = site.run(*words, "--dry-run", "--json").succeeds().json["outcomes"]
    site.run(*words).succeeds()
    site.sql("UPDATE ec_posts SET scheduled_at = '2026-06-15T12:00:00.000Z' WHERE status = 'scheduled'")
    site.run("sweep").succeeds()
    written = site.sql("SELECT lane FROM publish_jobs WHERE kind IN ('announce', 'update')")
    assert sorted(foreseen["announced_on"]) == sorted(lane for (lane,) in written)


def test_a_dry_run_of_a_change_names_where_the_post_was_announced(announcing: Site) -> None:
    """And engines, which are told of every change."""

    def foreseen() -> list[str]:
        (one,) = announcing.run("sweep", "--dry-run", "--json").succeeds().json["outcomes"]
        found: list[str] = one["announced_on"]
        return found

    with freeze_time("2026-06-14"):
        announcing.put("a.json", publish_at="2026-06-13T00:00:00Z")
        announcing.publish().succeeds()
        assert announcing.sql("SELECT lane FROM publish_jobs") == [("engines",)]
        announcing.run("edit", "a", "--title", "New").succeeds()
        announcing.run("schedule", "a", "--at", "2026-06-15T11:00:00Z").succeeds()
    with freeze_time(NOW):
        assert foreseen() == ["engines"]
        announcing.sql(
            "INSERT INTO publish_jobs (subject, lane, kind, state, run_after, created_at)"
            " SELECT id, 'blog', 'announce', 'done', '2026', '2026' FROM ec_posts"
        )
        assert foreseen() == ["blog", "engines"]


def test_a_dry_run_foresees_no_second_announcement(announcing: Site) -> None:
    with freeze_time("2026-06-14"):
        announcing.put("a.json", publish_at="2026-06-15T11:00:00Z")
        announcing.publish().succeeds()
        announcing.sql(
            "INSERT INTO publish_jobs (subject, lane, kind, state, run_after, created_at)"
            " SELECT id, 'x', 'announce', 'done', '2026', '2026' FROM ec_posts"
        )
    with freeze_time(NOW):
        (foreseen,) = announcing.run("sweep", "--dry-run", "--json").succeeds().json["outcomes"]
        assert foreseen["announced_on"] == ["blog", "engines"]


def test_a_dry_run_knows_that_a_platform_which_comes_back_begins_anew(announcing: Site) -> None:
    with freeze_time("2026-06-14"):
        announcing.put("live.json")
        announcing.put("a.json", publish_at="2026-06-15T11:00:00Z")
        announcing.publish().succeeds()
        announcing.sql("UPDATE publish_lanes SET removed_at = '2026-06-14' WHERE lane = 'blog'")
    with freeze_time(NOW):
        (foreseen,) = announcing.run("sweep", "--dry-run", "--json").succeeds().json["outcomes"]
        assert foreseen["announced_on"] == ["x", "engines"]
        announcing.run("sweep").succeeds()
        assert ("blog", "a") not in announcing.sql(
            "SELECT j.lane, p.slug FROM publish_jobs AS j JOIN ec_posts AS p ON p.id = j.subject"
        )


CHANGES = """
[streams.default]
slug = "{name}"
on_change = "update"
platforms = ["blog", "x", "engines", "other"]
[platforms.blog]
kind = "target"
url = "https://blog.example/publish"
on_update = "send"
since = 2020-01-01
[platforms.x]
kind = "x"
token = "env:X_TOKEN"
since = 2020-01-01
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
[platforms.other]
kind = "cloudflare-cache"
zone = "0123456789abcdef0123456789abcdef"
token = "env:X_TOKEN"
"""


def new_jobs(site: Site) -> list[str]:
    """The lanes that get a job by what is done next; those so far are done."""
    found = site.sql("SELECT lane FROM publish_jobs WHERE state = 'pending' ORDER BY lane")
    site.sql("UPDATE publish_jobs SET state = 'done', ended_at = '2026' WHERE state = 'pending'")
    return [lane for (lane,) in found]


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ({}, {}, ["blog", "engines", "other"]),
        ({}, {"platforms": ["engines"]}, ["blog", "engines"]),
        ({"platforms": ["x"]}, {}, ["engines", "other"]),
        ({"platforms": []}, {"platforms": []}, []),
        ({"status": "draft"}, {"status": "draft"}, []),
        ({"status": "draft"}, {}, ["blog", "x", "engines", "other"]),
        ({"status": "draft"}, {"publish_at": "2019-05-01T10:00:00Z", "platforms": ["x", "engines"]}, ["engines"]),
    ],
)
def test_a_dry_run_of_an_edited_file_names_those_that_are_sent_the_change(
    site: Site, before: dict[str, Any], after: dict[str, Any], names: list[str]
) -> None:
    site.settings(CHANGES)
    site.put("a.json", title="One", id="a", **before)
    site.publish().succeeds()
    new_jobs(site)
    site.put("a.json", title="Two", id="a", **after)
    (foreseen,) = site.publish("--dry-run").succeeds().json["outcomes"]
    assert (foreseen["outcome"], foreseen["announced_on"]) == ("updated", names)
    assert site.run("publish-queue", "--dry-run").lines[0].endswith(f"\t{', '.join(names)}" if names else "\ta")
    assert not new_jobs(site)
    site.publish().succeeds()
    assert new_jobs(site) == sorted(names)


def test_a_dry_run_of_an_import_of_edited_files_names_them_as_well(site: Site) -> None:
    site.settings(CHANGES)
    words = ("import", "--from-markdown", "blog", "--date", "now", "--announce", "--update")
    site.write("blog/a.md", "---\ntitle: One\n---\n\ntext\n")
    site.run(*words).succeeds()
    assert new_jobs(site) == ["blog", "engines", "other", "x"]
    site.write("blog/a.md", "---\ntitle: Two\n---\n\ntext\n")
    (foreseen,) = site.run(*words, "--dry-run", "--json").succeeds().json["outcomes"]
    site.run(*words).succeeds()
    assert sorted(foreseen["announced_on"]) == new_jobs(site) == ["blog", "engines", "other"]


def test_text_that_waits_as_the_draft_is_sent_nowhere(site: Site) -> None:
    site.settings(CHANGES.replace('"update"', '"draft"'))
    site.put("a.json", title="One", id="a")
    site.publish().succeeds()
    site.put("a.json", title="Two", id="a")
    (foreseen,) = site.publish("--dry-run").succeeds().json["outcomes"]
    assert (foreseen["outcome"], foreseen["announced_on"]) == ("updated", [])


@pytest.mark.parametrize(
    ("option", "names"), [(("--tag", "edge"), ["blog", "engines", "other"]), (("--title", "New"), [])]
)
def test_a_dry_run_of_an_edit_names_where_the_change_would_be_sent(
    site: Site, option: tuple[str, str], names: list[str]
) -> None:
    """Tags have no draft in EmDash; a title waits for somebody to publish it."""
    site.settings(CHANGES)
    site.put("a.json")
    site.publish().succeeds()
    new_jobs(site)
    assert site.run("edit", "a", *option, "--dry-run", "--json").succeeds().json["announced_on"] == names
    told = site.run("edit", "a", *option, "--dry-run").succeeds()
    assert ("the change would be sent to blog, engines and other" in told.err) is bool(names)
    assert not new_jobs(site)
    edited = site.run("edit", "a", *option, "--json").succeeds()
    assert edited.json["announced_on"] == []
    assert new_jobs(site) == sorted(names)


@freeze_time(NOW)
def test_a_dry_run_of_schedule_names_where_the_post_would_be_announced(announcing: Site) -> None:
    with freeze_time("2026-06-14"):
        announcing.put("live.json", platforms=["x"])
        announcing.put("a.json", status="draft")
        announcing.publish().succeeds()
    words = ("schedule", "a", "--at", "2026-06-20T00:00:00Z", "--dry-run")

    def on(*words: str) -> list[str]:
        (post,) = announcing.run(*words, "--json").succeeds().json["posts"]
        found: list[str] = post["announced_on"]
        return found

    assert on(*words) == ["blog", "x", "engines"]
    told = announcing.run(*words).succeeds()
    assert "when it goes live, it would be announced on blog, x and engines" in told.err
    announcing.run(*words[:-1]).succeeds()
    early = ("reschedule", "a", "--at", "2026-06-01T00:00:00Z", "--dry-run")
    assert on(*early) == ["engines"], "before the platforms were set up"
    assert on("unschedule", "a", "--dry-run") == []
    assert announcing.sql("SELECT lane FROM publish_jobs WHERE state = 'pending'") == [("x",)]


def test_enqueue_remarks_and_names_without_the_store(site: Site) -> None:
    site.settings(SETTINGS)
    site.store.unlink()
    long = "word " * 80
    site.write("a.json", {"title": "T", "body_text": "b", "social": {"x": f"See README.md {long}"}})
    told = site.run("enqueue", "a.json", "--dry-run").succeeds()
    assert "note: a.json: x: X turns README.md into a link" in told.err
    assert "a.json would be announced on blog, x and engines" in told.err
    assert site.run("enqueue", "a.json", "--json").json["queued"][0]["announced_on"] == ["blog", "x", "engines"]


def test_a_post_with_nothing_to_send_is_remarked_on(site: Site) -> None:
    site.settings(SETTINGS.replace('kind = "x"', 'kind = "x"\ntemplate = "{% if author %}{{ author }}{% endif %}"'))
    site.write("a.json", {"title": "T", "body_text": "b"})
    site.run("enqueue", "a.json").succeeds().fails(0, "x: there is no text to send")
