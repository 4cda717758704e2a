"""What `publish-queue` says and does: outcomes, counts, exit codes, limits, preview, silence."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.publishing.publish import LONG_QUEUE
from tests.faults.locks import held_lock
from tests.harness.checks import assert_exactly_once

if TYPE_CHECKING:
    from tests.harness.site import Site


OUTCOMES = ["published", "scheduled", "draft", "updated", "duplicate", "changed", "conflict", "rejected", "left"]


def put_one_of_each(site: Site) -> dict[str, str]:
    """A file for every outcome, and where it belongs."""
    site.put("00-owner.json", slug="taken", id="owner")
    assert site.run("publish-queue").code == 0
    site.put("01-plain.json")
    site.put("02-later.json", publish_at="2100-06-15T09:00:00Z")
    site.put("03-draft.json", status="draft")
    site.put("04-again.json", **json.loads(site.originals["00-owner.json"]))
    site.put("05-slug.json", slug="taken")
    site.put("06-id.json", id="owner", title="Something else")
    site.put("07-bad.json", title="")
    site.put("08-waits.json", translation_of="nobody", locale="de")
    return {
        "01-plain.json": "published",
        "02-later.json": "scheduled",
        "03-draft.json": "draft",
        "04-again.json": "duplicate",
        "05-slug.json": "conflict",
        "06-id.json": "changed",
        "07-bad.json": "rejected",
        "08-waits.json": "left",
    }


def test_document(site: Site) -> None:
    outcomes = put_one_of_each(site)
    ran = site.spawn("publish-queue", "--json")
    assert ran.code == 3
    assert ran.err == ""
    document = ran.json
    assert list(document) == ["outcomes", "counts", "errors", "notices", "run"]
    assert list(document["counts"]) == OUTCOMES
    assert ran.counts == {
        **dict.fromkeys(["published", "scheduled", "draft", "duplicate", "changed", "conflict", "rejected", "left"], 1),
    }
    assert document["errors"] == document["notices"] == []
    keys = [
        *("file", "stream", "outcome", "slug", "locale", "post_id", "archived_to", "reason", "notices", "differences"),
        "announced_on",
    ]
    assert all(list(outcome) == keys for outcome in document["outcomes"])
    assert {name: reported["outcome"] for name, reported in ran.outcomes.items()} == outcomes
    for name, reported in ran.outcomes.items():
        assert reported["stream"] == "default"
        assert (reported["archived_to"] is None) == (reported["outcome"] == "left")
        assert (reported["reason"] == "") == (reported["outcome"] in {"published", "scheduled", "draft"})
        if reported["archived_to"]:
            assert reported["archived_to"].startswith(f"{site.archive}/{reported['outcome']}/")
            assert reported["archived_to"].endswith(f"/{name}")
    posts = dict(site.sql("SELECT file, post_id FROM publish_ledger"))
    assert {name: ran.outcomes[name]["post_id"] for name in ("01-plain.json", "02-later.json", "03-draft.json")} == {
        name: posts[name] for name in ("01-plain.json", "02-later.json", "03-draft.json")
    }
    assert ran.outcomes["04-again.json"]["post_id"] == posts["00-owner.json"]
    assert site.waiting() == ["08-waits.json"]


def test_lines(site: Site) -> None:
    """Tab-separated in a pipe: outcome, stream, file, slug, reason; counts on the other stream."""
    put_one_of_each(site)
    ran = site.run("publish-queue")
    assert ran.code == 3
    lines = [line.split("\t") for line in ran.out.splitlines()]
    assert sorted(line[2] for line in lines) == [
        f"{path}" for path in sorted(site.originals) if path != "00-owner.json"
    ]
    plain = next(line for line in lines if line[2] == "01-plain.json")
    assert plain == ["published", "default", "01-plain.json", "1-about-01-plain"]
    counts = "1 published, 1 scheduled, 1 draft, 1 duplicate, 1 changed, 1 conflict, 1 rejected, 1 left"
    assert ran.err == f"{counts}\n"


def test_no_colour_in_a_pipe(site: Site) -> None:
    put_one_of_each(site)
    ran = site.spawn("publish-queue")
    assert "\x1b" not in ran.out + ran.err


def test_nothing_to_do(site: Site) -> None:
    ran = site.run("publish-queue")
    assert (ran.code, ran.out, ran.err) == (0, "", "nothing to publish\n")
    ran = site.run("publish-queue", "--json")
    assert (ran.code, ran.counts, ran.json["outcomes"]) == (0, {}, [])


def test_quiet(site: Site) -> None:
    """An idle or successful cron run is silent, so that cron sends no mail; trouble is not."""
    assert site.run("publish-queue", "--quiet") == (0, "", "")
    site.put("1-a.json")
    assert site.run("publish-queue", "--quiet") == (0, "", "")
    site.put("2-bad.json", title="")
    ran = site.run("publish-queue", "--quiet")
    assert (ran.code, ran.out) == (3, "")
    assert "2-bad.json" in ran.err
    assert "title" in ran.err


def test_usage(site: Site) -> None:
    assert site.run("publish-queue", "--limit", "0").code == 2
    assert site.run("publish-queue", "--wait", "-1").code == 2
    ran = site.run("publish-queue", "--stream", "defualt")
    assert ran.code == 2
    assert "did you mean `default`?" in ran.err
    site.settings('databse = "sqlite:emdash.db"\n')
    ran = site.publish()
    assert ran.code == 2
    assert "did you mean `database`?" in ran.json["error"]["hint"]


def test_order_is_that_of_the_numbers(site: Site) -> None:
    names = ["2-b.json", "10-a.json", "010-b.json", "100-a.json", "a.json", "b.json"]
    for name in reversed(names):
        site.put(name)
    assert list(site.publish().outcomes) == ["2-b.json", "010-b.json", "10-a.json", "100-a.json", "a.json", "b.json"]


def test_limit(site: Site) -> None:
    site.put_many(7)
    assert site.publish("--limit", "3").counts == {"published": 3}
    assert site.waiting() == [f"{number:04}-article.json" for number in range(4, 8)]
    assert site.publish("--limit", "3").counts == {"published": 3}
    assert site.publish().counts == {"published": 1}
    assert_exactly_once(site)


def test_limit_is_not_used_up_by_what_is_no_news(site: Site) -> None:
    site.put("1-a.json")
    assert site.run("publish-queue").code == 0
    site.put("2-again.json", **json.loads(site.originals["1-a.json"]))
    site.put("3-bad.json", title="")
    site.put("4-b.json")
    site.put("5-c.json")
    ran = site.publish("--limit", "1")
    assert ran.counts == {"published": 1, "duplicate": 1, "rejected": 1}
    assert site.waiting() == ["5-c.json"]


def test_per_run(site: Site) -> None:
    site.settings('[streams.default]\nqueue = "queue"\narchive = "archive"\nper_run = 2\n')
    site.put_many(5)
    assert [site.publish().counts for _ in range(3)] == [{"published": 2}, {"published": 2}, {"published": 1}]
    assert_exactly_once(site)


def test_limit_overrides_per_run(site: Site) -> None:
    site.settings('[streams.default]\nqueue = "queue"\narchive = "archive"\nper_run = 2\n')
    site.put_many(5)
    assert site.publish("--limit", "4").counts == {"published": 4}


def preview_and_run(site: Site) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What a dry run says, having changed nothing, and what the run that follows says; without the new ids."""
    known = {post for (post,) in site.sql("SELECT id FROM ec_posts")}
    before = site.tree()
    previewed = site.run("publish-queue", "--dry-run", "--json")
    assert site.tree() == before
    ran = site.run("publish-queue", "--json")
    assert previewed.code == ran.code
    assert previewed.json["counts"] == ran.json["counts"]
    said = []
    for document in (previewed.json, ran.json):
        for reported in document["outcomes"]:
            if reported["post_id"] not in known:
                reported["reason"] = reported["reason"].replace(f"post {reported['post_id']}, ", "")
                reported["post_id"] = None
        said.append(document["outcomes"])
    return said[0], said[1]


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_preview_says_what_the_run_does(site: Site, journal_mode: str) -> None:
    site.sql(f"PRAGMA journal_mode={journal_mode}")
    put_one_of_each(site)
    site.put("09-german.json", translation_of="owner", locale="de")
    site.put("10-twin.json", title="Twin", id="twin")
    site.put("11-twin.json", title="Twin", id="twin")
    previewed, ran = preview_and_run(site)
    assert [reported["file"] for reported in previewed if reported.pop("differences")] == ["06-id.json"]
    assert not any(reported.pop("differences") for reported in ran)
    assert previewed == ran


def test_preview_of_two_that_want_one_slug(site: Site) -> None:
    site.put("1-a.json", slug="mine")
    site.put("2-b.json", slug="mine")
    ran = site.publish("--dry-run")
    assert ran.counts == {"published": 1, "conflict": 1}
    assert "belongs to another article, that of 1-a.json" in ran.outcomes["2-b.json"]["reason"]
    assert site.publish().counts == ran.counts


def test_preview_of_more_than_one_group(site: Site) -> None:
    """Numbers count on and duplicates are seen from one group to the next."""
    site.put_many(230)
    site.put("0231-again.json", **json.loads(site.originals["0001-article.json"]))
    previewed, ran = preview_and_run(site)
    assert previewed == ran
    assert len({reported["slug"] for reported in ran if reported["outcome"] == "published"}) == 230


def test_preview_keeps_to_quota_and_limit(site: Site) -> None:
    site.settings('[streams.default]\nqueue = "queue"\narchive = "archive"\ncadence = "monthly-3"\n')
    site.put_many(5)
    previewed, ran = preview_and_run(site)
    assert previewed == ran
    site.put_many(5)
    before = site.tree()
    assert site.publish("--dry-run", "--limit", "2").counts["published"] == 2
    assert site.tree() == before


def test_preview_of_a_missing_store(site: Site) -> None:
    site.store.unlink()
    site.put("1-a.json")
    before = site.tree()
    assert site.publish("--dry-run").code == 6
    assert site.tree() == before


def test_more_than_one_process_prepares_a_long_queue(site: Site) -> None:
    site.put_many(1150)
    site.put("0500-bad.json", title="")
    ran = site.run("publish-queue", "--json")
    assert ran.code == 3, ran.err
    assert list(ran.outcomes) != []
    assert_exactly_once(site, dict.fromkeys(site.originals, "published") | {"0500-bad.json": "rejected"})
    slugs = {name: reported["slug"] for name, reported in ran.outcomes.items()}
    assert all(slugs[f"{number:04}-article.json"] == f"{number}-article-{number}" for number in (1, 600, 1150))


def test_whoever_reads_may_have_enough(site: Site) -> None:
    """``emdash publish-queue | head -1`` publishes all the same."""
    site.put_many(300)
    process = site.start("publish-queue")
    assert process.stdout
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait() in {0, 141}
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


def test_a_module_in_the_directory_is_not_taken_for_one_of_the_helper(site: Site) -> None:
    """A long queue is prepared by a second process, which may not import what a blog has lying about."""
    for module in ("pickle", "datetime", "emdash_cli"):
        (site.root / f"{module}.py").write_text("raise SystemExit('imported from the working directory')")
    site.put_many(LONG_QUEUE)
    program = Path(sys.executable).with_name("emdash")
    ran = subprocess.run(
        [program, "publish-queue", "--json"], cwd=site.root, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["counts"]["published"] == LONG_QUEUE


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
    assert {name: reported["stream"] for name, reported in ran.outcomes.items()} == {
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
    assert [reported["slug"] for reported in site.publish().json["outcomes"]] == [
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
