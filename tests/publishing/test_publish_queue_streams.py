"""Streams, and what holds one of them back: cadence, trouble with directories, files that change."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.faults.locks import held_lock

if TYPE_CHECKING:
    from tests.harness.site import Site


def one_stream(site: Site, *settings: str) -> None:
    lines = ["[streams.default]", 'queue = "queue"', 'archive = "archive"', *settings]
    site.settings("\n".join(lines) + "\n")


def three_streams(site: Site) -> None:
    """Each with one good file."""
    streams = [f'[streams.{name}]\nqueue = "{name}/queue"\narchive = "{name}/archive"\n' for name in ("a", "b", "c")]
    site.settings("".join(streams))
    for name in ("a", "b", "c"):
        site.put(f"1-{name}.json", queue=f"{name}/queue")


def test_all_streams(site: Site) -> None:
    three_streams(site)
    ran = site.publish()
    assert ran.code == 0
    assert {name: told["stream"] for name, told in ran.outcomes.items()} == {
        "1-a.json": "a",
        "1-b.json": "b",
        "1-c.json": "c",
    }
    assert site.archived("b/archive") == {"published": ["1-b.json"]}


def test_one_stream_of_three(site: Site) -> None:
    three_streams(site)
    assert list(site.publish("--stream", "b").outcomes) == ["1-b.json"]
    assert list(site.publish().outcomes) == ["1-a.json", "1-c.json"]


def test_streams_count_together_where_they_have_one_pattern(site: Site) -> None:
    three_streams(site)
    assert [told["slug"] for told in site.publish().json["outcomes"]] == [
        "1-about-1-a",
        "2-about-1-b",
        "3-about-1-c",
    ]


def test_missing_directory_of_one_stream(site: Site) -> None:
    three_streams(site)
    shutil.rmtree(site.root / "b" / "archive")
    ran = site.publish()
    assert ran.code == 2
    assert sorted(ran.outcomes) == ["1-a.json", "1-c.json"]
    (error,) = ran.json["errors"]
    assert error["code"] == "no_directory"
    assert "emdash init" in error["hint"]
    assert (site.root / "b" / "queue" / "1-b.json").exists()


def test_one_stream_is_locked(site: Site) -> None:
    """Its files are left; the exit code is that of the others."""
    three_streams(site)
    with held_lock(site.root / "b" / "queue"):
        ran = site.publish()
    assert ran.code == 0
    assert ran.counts == {"published": 2, "left": 1}
    assert ran.outcomes["1-b.json"]["outcome"] == "left"
    assert [error["code"] for error in ran.json["errors"]] == ["busy"]
    assert site.publish().counts == {"published": 1}


def test_bad_files_of_one_stream(site: Site) -> None:
    three_streams(site)
    site.put("0-bad.json", queue="b/queue", title="")
    ran = site.publish()
    assert ran.code == 3
    assert ran.counts == {"published": 3, "rejected": 1}


@pytest.mark.parametrize("other", ["queue", "sub/../queue", "link", "link/../queue", "./queue/"])
def test_two_streams_with_one_queue(site: Site, other: str) -> None:
    (site.root / "link").symlink_to("queue")
    site.settings(f'[streams.a]\nqueue = "queue"\n[streams.b]\nqueue = "{other}"\n')
    ran = site.publish()
    assert ran.code == 2
    assert "same queue" in ran.json["error"]["message"]


def test_defaults_of_a_stream(site: Site) -> None:
    one_stream(site, 'locale = "de"', 'author = "Ada Lovelace"', 'category = "Essays"', 'slug = "{name}"')
    site.put("1-first.json")
    site.put("2-second.json", locale="fr", author="Grace Hopper", category="News")
    assert site.publish().counts == {"published": 2}
    assert site.sql("SELECT slug, locale FROM ec_posts ORDER BY slug") == [("first", "de"), ("second", "fr")]
    bylines = site.sql("SELECT display_name, locale FROM _emdash_bylines ORDER BY display_name")
    assert bylines == [("Ada Lovelace", "de"), ("Grace Hopper", "fr")]
    assert site.sql("SELECT label, locale FROM taxonomies ORDER BY label") == [("Essays", "de"), ("News", "fr")]


@pytest.mark.parametrize(
    ("cadence", "runs"),
    [
        (
            "weekly-2",
            [
                ("2026-03-02T10:00:00Z", 2),  # a Monday
                ("2026-03-02T10:01:00Z", 0),
                ("2026-03-08T22:59:59Z", 0),
                ("2026-03-08T23:00:00Z", 2),  # Monday in Berlin
                ("2026-03-30T09:00:00Z", 2),  # three weeks later: nothing is caught up
                ("2026-03-31T09:00:00Z", 0),
            ],
        ),
        ("daily-1", [("2026-03-28T22:59:59Z", 1), ("2026-03-28T23:00:00Z", 1), ("2026-03-29T21:59:59Z", 0)]),
        ("0 9 * * 1-5", [("2026-03-02T07:59:00Z", 1), ("2026-03-02T08:00:00Z", 1), ("2026-03-02T18:00:00Z", 0)]),
    ],
)
def test_cadence(site: Site, cadence: str, runs: list[tuple[str, int]]) -> None:
    one_stream(site, f'cadence = "{cadence}"')
    toml = site.root / "emdash.toml"
    toml.write_text(f'timezone = "Europe/Berlin"\n{toml.read_text()}')
    site.put_many(12)
    for now, count in runs:
        with freeze_time(now):
            ran = site.publish()
        assert ran.code == 0
        assert ran.counts.get("published", 0) == count, now
    assert len(site.waiting()) == 12 - sum(count for _, count in runs)


@freeze_time("2026-03-02T10:00:00Z")
def test_limit_overrides_cadence(site: Site) -> None:
    one_stream(site, 'cadence = "weekly-2"')
    site.put_many(6)
    assert site.publish().counts["published"] == 2
    assert site.publish("--limit", "3").counts == {"published": 3}


@freeze_time("2026-03-02T10:00:00Z")
def test_cadence_does_not_hold_back_what_is_no_news(site: Site) -> None:
    one_stream(site, 'cadence = "weekly-1"')
    site.put("1-a.json", title="A", body_text="Text.")
    site.put("2-a.json", title="A", body_text="Text.")
    site.put("3-bad.json", title="")
    counts: dict[str, int] = {}
    for _ in range(3):
        for outcome, count in site.publish().counts.items():
            counts[outcome] = counts.get(outcome, 0) + count
    assert counts["published"] == 1
    assert site.sql("SELECT count(*) FROM ec_posts") == [(1,)]
