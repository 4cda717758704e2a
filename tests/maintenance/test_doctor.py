"""`emdash doctor`: each thing that may be wrong is found, named with what to do, and nothing is changed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.inbox import probes
from emdash_cli.maintenance.sql import inspection
from tests.emdash_databases.databases import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.site import Site
    from tests.maintenance.support import Half


def problems(site: Site, *options: str) -> dict[str, dict[str, str]]:
    """The problems by their check; each says what to do."""
    result = site.run("doctor", "--json", *options)
    found = {item["check"]: item for item in result.json["findings"] if item["health"] == "problem"}
    assert (result.code, result.json["ok"]) == ((3, False) if found else (0, True))
    assert all(item["hint"] for item in found.values()), found
    return found


def findings(site: Site) -> dict[str, dict[str, str]]:
    return {item["check"]: item for item in site.run("doctor", "--json").json["findings"]}


@pytest.fixture
def busy(site: Site) -> Site:
    """A place from which something was published."""
    for number in range(3):
        site.write(f"queue/{number}-a.json", {"title": f"A{number}", "body_text": "b", "tags": ["t"]})
    site.run("publish-queue").succeeds()
    return site


def test_nothing_is_wrong_with_what_init_and_publish_queue_make(busy: Site) -> None:
    before = busy.files()
    assert problems(busy) == {}
    assert set(busy.files()) - {"emdash.db-shm", "emdash.db-wal"} == set(before) - {"emdash.db-shm", "emdash.db-wal"}
    assert not list(busy.root.rglob(".emdash-doctor-*"))
    checks = findings(busy)
    assert checks["ledger"]["message"].startswith("3 rows of the ledger were checked")
    assert checks["archive"]["message"].startswith("3 archived files were checked")
    assert f"SQLite {sqlite3.sqlite_version}" in checks["integrity"]["message"]
    assert "journal mode wal, synchronous FULL" in checks["durability"]["message"]
    assert "no problems found" in busy.run("doctor").succeeds().err


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_wrong_with_a_site_of_emdash(site: Site, version: str) -> None:
    site.use_layout(version)
    assert problems(site) == {}
    assert "an EmDash site" in findings(site)["store"]["message"]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_index_that_a_site_lacks_is_named(site: Site, version: str) -> None:
    site.use_layout(version)
    site.sql("DROP INDEX idx_revisions_entry")
    assert "revisions (collection, entry_id)" in problems(site)["indexes"]["message"]


def test_no_settings_file_is_no_problem_and_worth_a_word(site: Site) -> None:
    (site.root / "emdash.toml").unlink()
    assert problems(site) == {}
    assert findings(site)["settings"]["health"] == "warning"


def test_settings_that_cannot_be_read_end_with_2(site: Site) -> None:
    site.write("emdash.toml", "timezone = 'Nowhere'\n")
    site.run("doctor").fails(2, "unknown time zone")


@pytest.mark.parametrize("name", ["queue", "archive"])
def test_a_directory_that_is_missing_does_not_stop_the_other_checks(busy: Site, name: str) -> None:
    shutil.rmtree(busy.root / name)
    found = problems(busy)
    assert f"there is no directory {busy.root / name}" in found["directories of default"]["message"]
    assert findings(busy)["integrity"]["health"] == "ok"


def test_two_filesystems_are_found(site: Site) -> None:
    other = Path("/proc/self/fdinfo")
    assert other.stat().st_dev != site.root.stat().st_dev
    site.write("emdash.toml", f'[streams.default]\narchive = "{other}"\n')
    assert "different filesystems" in problems(site)["directories of default"]["message"]


def test_a_probe_finds_locks_links_and_the_time(tmp_path: Path) -> None:
    found = probes.probe(tmp_path, tmp_path)
    assert (found.links, found.locks) == (True, True)
    assert abs(found.modified_at - datetime.now(UTC).timestamp()) < 60
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_not_there_is_a_problem_with_its_remedy(site: Site) -> None:
    (site.root / "emdash.db").unlink()
    found = problems(site)["store"]
    assert "there is no store" in found["message"]
    assert "emdash init" in found["hint"]


def test_a_store_without_the_tools_tables_is_a_problem(site: Site) -> None:
    site.sql("DROP TABLE pipeline_schema")
    assert "emdash init" in problems(site)["store"]["hint"]


def test_a_store_of_a_newer_emdash_is_a_problem(site: Site) -> None:
    site.sql("INSERT INTO pipeline_schema VALUES (99, 'x')")
    assert "version 99" in problems(site)["store"]["message"]


def test_damage_to_the_file_is_found(busy: Site) -> None:
    with closing(sqlite3.connect(busy.root / "emdash.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'idx_revisions_entry'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with (busy.root / "emdash.db").open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    assert problems(busy).keys() & {"integrity", "store"}


def break_index(site: Site) -> None:
    site.sql("DROP INDEX publish_ledger_stream")


def change_index(site: Site) -> None:
    site.sql("DROP INDEX publish_ledger_stream")
    site.sql("CREATE INDEX publish_ledger_stream ON publish_ledger (stream)")


def break_emdash_index(site: Site) -> None:
    site.sql("DROP INDEX idx_ec_posts_scheduled")


def break_reference(site: Site) -> None:
    site.sql("UPDATE ec_posts SET draft_revision_id = 'NOWHERE'")


def leave_claim(site: Site) -> None:
    site.sql("UPDATE publish_ledger SET claim = 'C' WHERE file = '1-a.json'")


def record_in_future(site: Site) -> None:
    late = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    site.sql("UPDATE publish_ledger SET recorded_at = ? WHERE file = '1-a.json'", late)


def beat_in_future(site: Site) -> None:
    site.sql("UPDATE pipeline_heartbeats SET seen_at = '2999-01-01T00:00:00.000Z'")


def lose_ledger_row(site: Site) -> None:
    site.sql("DELETE FROM publish_ledger WHERE file = '1-a.json'")


def lose_file(site: Site) -> None:
    next(site.root.glob("archive/published/*/1-a.json")).unlink()


@pytest.mark.parametrize(
    ("harm", "check", "words"),
    [
        (break_index, "indexes", "publish_ledger_stream is missing"),
        (change_index, "indexes", "publish_ledger_stream differs from the one"),
        (break_emdash_index, "indexes", "idx_ec_posts_scheduled is missing"),
        (break_reference, "foreign keys", "3 rows refer to a row that does not exist (ec_posts → revisions)"),
        (leave_claim, "claims", "1-a.json (default)"),
        (record_in_future, "clock of the runs", "an article of stream default"),
        (beat_in_future, "clock of the runs", "a run of publish was recorded at 2999-01-01"),
        (lose_ledger_row, "archive", "1-a.json"),
        (lose_file, "ledger", "1-a.json (default)"),
    ],
)
def test_each_harm_is_found_alone(busy: Site, harm: Callable[[Site], None], check: str, words: str) -> None:
    harm(busy)
    found = problems(busy)
    assert found.keys() == {check}
    assert words in found[check]["message"]
    busy.run("doctor").fails(3, words, "1 problem")


@pytest.mark.parametrize("harm", [break_index, change_index, break_emdash_index])
def test_what_it_says_about_an_index_mends_it(busy: Site, harm: Callable[[Site], None]) -> None:
    harm(busy)
    hint = problems(busy)["indexes"]["hint"]
    for order in hint.split("; then "):
        if "emdash init" in order:
            busy.run("init").succeeds()
        else:
            busy.sql(order.removeprefix("run: "))
    assert problems(busy) == {}


def test_a_clock_that_is_wrong_is_found(busy: Site) -> None:
    with freeze_time(datetime.now(UTC) + timedelta(minutes=10)):
        found = problems(busy)
    assert found.keys() == {"clock of default"}
    assert "behind this machine's clock" in found["clock of default"]["message"]


def test_a_file_that_waits_to_be_filed_away_is_not_missed(busy: Site) -> None:
    path = next(busy.root.glob("archive/published/*/1-a.json"))
    path.rename(busy.root / "queue/1-a.json")
    assert problems(busy) == {}


def test_a_file_that_got_a_number_in_the_archive_is_known(busy: Site) -> None:
    path = next(busy.root.glob("archive/published/*/1-a.json"))
    path.rename(path.with_name("1-a~2.json"))
    assert problems(busy) == {}


def test_an_imported_page_is_not_missing_from_the_archive(busy: Site) -> None:
    busy.write("pages/page.md", "---\ntitle: Page\ndate: 2026-01-01\n---\nText.\n")
    busy.run("import", "--from-markdown", "pages").succeeds()
    assert problems(busy) == {}
    assert findings(busy)["ledger"]["message"].startswith("3 rows of the ledger were checked")


def test_the_sample_is_spread_over_the_months(tmp_path: Path) -> None:
    for month in ("2026-01", "2026-02", "2026-03"):
        for number in range(50):
            path = tmp_path / "published" / month / f"{number}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    found = probes.sample_archive(tmp_path, ("published", "draft"), 30, Random(1))  # noqa: S311 - no secret
    assert len(found) == len(set(found)) == 30
    assert {file.month for file in found} == {"2026-01", "2026-02", "2026-03"}


def test_the_ledgers_sample_goes_from_its_first_row_to_its_last(busy: Site) -> None:
    def files(*fractions: float) -> list[Any]:
        read = inspection.sample_ledger(fractions)
        return sorted(row[2] for row in busy.sql(read.sql, *read.params))

    assert files(0.0) == ["0-a.json"]
    assert files(1.0) == ["2-a.json"]
    assert files(*(part / 20 for part in range(21))) == ["0-a.json", "1-a.json", "2-a.json"]


def test_no_check_of_the_ledger_reads_it_whole(busy: Site) -> None:
    reads = [inspection.CLAIMS, inspection.NEWEST, inspection.sample_ledger([0.5])]
    reads.append(inspection.without_ledger([("default", "2026-01", ["1-a.json"])]))
    for read in reads:
        plan = [row[3] for row in busy.sql(f"EXPLAIN QUERY PLAN {read.sql}", *read.params)]
        # The search for the highest rowid is a "SEARCH m"; what is scanned is what was made on the way.
        scans = {step.split()[1] for step in plan if step.startswith("SCAN")}
        assert scans <= {"j", "n", "s", "streams", "h"}, plan


@pytest.mark.usefixtures("frozen")
def test_orphans_and_incomplete_posts_are_counted_as_cleanup_finds_them(mess: Half) -> None:
    found = {name: item for name, item in findings(mess.site).items() if name in {"orphans", "incomplete posts"}}
    assert {item["health"] for item in found.values()} == {"warning"}
    assert all("emdash cleanup" in item["hint"] for item in found.values())
    would_go = mess.site.run("cleanup", "--dry-run", "--json").json["outcomes"]
    posts = [item["slug"] for item in would_go if item["kind"] == "post"]
    assert found["incomplete posts"]["message"].startswith(f"{len(posts)} published posts without a live revision: ")
    mess.site.run("cleanup")
    assert findings(mess.site)["orphans"]["health"] == "ok"


def test_the_orphans_of_each_kind_are_counted(site: Site) -> None:
    long_ago = "2020-01-01T00:00:00.000Z"
    for number in range(2):
        site.sql(
            "INSERT INTO revisions (id, collection, entry_id, data, created_at) VALUES (?, 'posts', 'gone', '{}', ?)",
            f"R{number}", long_ago,
        )  # fmt: skip
    site.sql("INSERT INTO _emdash_seo (collection, content_id, created_at) VALUES ('posts', 'gone', ?)", long_ago)
    site.sql("INSERT INTO _emdash_seo (collection, content_id, created_at) VALUES ('pages', 'gone', ?)", long_ago)
    finding = findings(site)["orphans"]
    assert finding["message"] == "rows of deleted posts, terms or bylines remain: 1 SEO row, 2 revisions"
    site.sql("UPDATE revisions SET created_at = datetime('now')")
    assert findings(site)["orphans"]["message"].endswith("remain: 1 SEO row"), "the others may be work in progress"


LINKEDIN = """
[platforms.linkedin]
kind = "linkedin"
token = "env:LINKEDIN_TOKEN"
author = "abc123XYZ"
token_issued = 2026-05-01
"""


class TestPlatforms:
    """Whether announcements could leave this machine; nobody is asked."""

    @pytest.fixture(autouse=True)
    def platforms(self, site: Site) -> None:
        site.write("emdash.toml", (site.root / "emdash.toml").read_text("utf-8") + LINKEDIN)

    def test_a_secret_that_is_missing_is_a_problem_that_names_its_platform(self, site: Site) -> None:
        found = problems(site)["platform linkedin"]
        assert "LINKEDIN_TOKEN is not set" in found["message"]
        assert "[platforms.linkedin]" in found["hint"]

    @pytest.mark.parametrize(
        ("now", "health", "message"),
        [
            ("2026-06-19", "ok", "secrets are there"),
            ("2026-06-21", "warning", "expires on 2026-06-30"),
            ("2026-07-01", "warning", "has expired"),
        ],
    )
    def test_a_token_that_ends_is_a_warning(self, site: Site, now: str, health: str, message: str) -> None:
        site.environment["LINKEDIN_TOKEN"] = "planted"  # noqa: S105 - planted
        with freeze_time(now):
            found = findings(site)["platform linkedin"]
        assert (found["health"], message in found["message"]) == (health, True)
