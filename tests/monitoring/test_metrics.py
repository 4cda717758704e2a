"""`emdash metrics`: the figures, where they go, and what the dashboard and the rules make of them."""

from __future__ import annotations

import json
import re
import sqlite3
import urllib.request
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.jobs.sql.claiming import names
from emdash_cli.reports.metrics import BOUNDS_S
from emdash_cli.reports.sql import metrics as sql
from tests.harness.site import TOP, ended
from tests.monitoring.conftest import DAY, NOW

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.harness.site import Site

DOCS = TOP / "docs"
SERIES = re.compile(r"\bemdash_\w+")


def figures(site: Site, at: str = NOW) -> dict[str, float]:
    with freeze_time(at):
        printed = site.run("metrics").succeeds().out
    return {
        name: float(value) for name, value in (line.rsplit(" ", 1) for line in printed.splitlines() if line[0] != "#")
    }


def test_jobs_are_counted_by_platform_and_state(busy: Site) -> None:
    found = figures(busy)
    jobs = {name: value for name, value in found.items() if name.startswith("emdash_jobs{") and value}
    assert jobs == {
        'emdash_jobs{platform="partner",state="pending"}': 2,
        'emdash_jobs{platform="partner",state="dead"}': 1,
        'emdash_jobs{platform="other",state="running"}': 1,
        'emdash_jobs{platform="other",state="unknown"}': 1,
    }
    assert found['emdash_jobs_oldest_due_age_seconds{platform="partner"}'] == 600
    assert found['emdash_jobs_oldest_due_age_seconds{platform="other"}'] == 0
    assert found['emdash_platform_paused{platform="other"}'] == 1
    assert found['emdash_platform_budget_used{platform="other"}'] == 4
    assert 'emdash_platform_budget{platform="partner"}' not in found


def test_what_ended_today_is_counted_and_what_ended_before_is_not(busy: Site) -> None:
    found = figures(busy)
    attempts = {name: value for name, value in found.items() if name.startswith("emdash_attempts_total")}
    assert attempts == {
        'emdash_attempts_total{category="delivered",platform="partner"}': 1,
        'emdash_attempts_total{category="transient",platform="partner"}': 1,
        'emdash_attempts_total{category="validation",platform="partner"}': 1,
        'emdash_attempts_total{category="lost",platform="other"}': 1,
    }
    assert found['emdash_cost_usd_total{platform="partner"}'] == 0.25
    assert sum(value for name, value in found.items() if name.startswith("emdash_jobs_ended_total")) == 3


def test_ages_are_a_histogram(busy: Site) -> None:
    """2 s and half an hour on one platform, none at all on the other."""
    found = figures(busy)
    name = "emdash_job_age_seconds"
    buckets = {
        bound: found[f'{name}_bucket{{le="{bound}",platform="partner"}}']
        for bound in ("1.0", "5.0", "900.0", "3600.0", "+Inf")
    }
    assert buckets == {"1.0": 0, "5.0": 1, "900.0": 1, "3600.0": 2, "+Inf": 2}
    assert found[f'{name}_count{{platform="partner"}}'] == 2
    assert found[f'{name}_sum{{platform="partner"}}'] == 1802
    assert found[f'{name}_bucket{{le="1.0",platform="other"}}'] == 1


def test_queues_posts_and_signs_of_life(site: Site) -> None:
    site.run("sweep").succeeds()
    site.put("a.json")
    site.insert("ec_posts", id="P", slug="p", status="scheduled", title="P", content="[]", locale="en",
                scheduled_at="2026-06-15T11:00:00.000Z")  # fmt: skip
    site.sql("UPDATE pipeline_heartbeats SET seen_at = '2026-06-15T11:59:00.000Z'")
    found = figures(site)
    assert found['emdash_queue_files{stream="default"}'] == 1
    assert found['emdash_queue_oldest_age_seconds{stream="default"}'] > 86400
    assert (found["emdash_posts_due"], found["emdash_posts_overdue"]) == (1, 1)
    assert found["emdash_posts_oldest_due_age_seconds"] == 3600
    at = found["emdash_read_timestamp_seconds"]
    assert found['emdash_heartbeat_timestamp_seconds{kind="sweep"}'] == at - 60
    assert found['emdash_heartbeat_stale{kind="sweep"}'] == 0


def test_no_series_is_there_twice_and_none_says_when_it_was_created(busy: Site) -> None:
    """The check of promtool does not notice duplicates."""
    printed = busy.run("metrics").succeeds().out.splitlines()
    samples = Counter(line.rsplit(" ", 1)[0] for line in printed if not line.startswith("#"))
    assert set(samples.values()) == {1}
    about = Counter(tuple(line.split(" ", 3)[:3]) for line in printed if line.startswith("#"))
    assert set(about.values()) == {1}
    assert not any("_created" in line for line in printed)


def test_json_has_the_same_figures(busy: Site) -> None:
    printed = figures(busy)
    with freeze_time(NOW):
        found = busy.run("metrics", "--format", "json").succeeds().json["figures"]
    assert len(found) == len(printed) - 1  # all but emdash_up
    assert {each["name"] for each in found} == {name.partition("{")[0] for name in printed} - {"emdash_up"}
    assert sum(each["value"] for each in found) == pytest.approx(sum(printed.values()) - 1)


def test_a_file_is_replaced_as_a_whole(busy: Site) -> None:
    path = busy.root / "emdash.prom"
    path.write_text("old")
    with path.open() as before:
        busy.run("metrics", "--textfile", path).succeeds()
        assert before.read() == "old", "whoever reads it has the old file to its end"
    assert path.read_text("utf-8").startswith("# HELP emdash_up")
    assert path.stat().st_mode & 0o777 == 0o644
    assert [name for name in busy.files() if "prom" in name] == ["emdash.prom"]


def test_a_store_that_is_away_is_said_in_the_file(busy: Site) -> None:
    path = busy.root / "emdash.prom"
    busy.store.rename(busy.root / "away.db")
    busy.run("metrics", "--textfile", path).fails(6, "there is no store")
    assert re.findall(r"^[^#].*", path.read_text("utf-8"), re.MULTILINE) == ["emdash_up 0.0"]


@contextmanager
def listening(site: Site, address: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The URL that a listener names, and its process."""
    process = site.start("metrics", "--listen", address)
    try:
        assert process.stderr
        yield process.stderr.readline().split()[-1], process
    finally:
        process.kill()
        process.communicate()


def answered(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 - ours
        return str(response.read().decode())


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0"])
def test_a_listener_answers_at_its_address_alone(busy: Site, address: str) -> None:
    with listening(busy, address) as (url, process):
        assert "emdash_up 1.0" in answered(url)
        hosts = set()
        for table, column in (("tcp", 1), ("tcp6", 1)):
            lines = Path(f"/proc/{process.pid}/net/{table}").read_text("utf-8").splitlines()[1:]
            port = f"{int(url.rpartition(':')[2].partition('/')[0]):04X}"
            hosts |= {line.split()[column].partition(":")[0] for line in lines if line.split()[column].endswith(port)}
        assert hosts == {"0100007F" if address.startswith("127") else "00000000000000000000000001000000"}
        process.terminate()
        assert ended(process).code == 143


def test_a_listener_outlives_the_store(busy: Site) -> None:
    with listening(busy, "127.0.0.1:0") as (url, _):
        busy.store.rename(busy.root / "away.db")
        assert re.findall(r"^[^#].*", answered(url), re.MULTILINE) == ["emdash_up 0.0"]
        (busy.root / "away.db").rename(busy.store)
        assert "emdash_up 1.0" in answered(url)


@pytest.mark.parametrize("address", ["9464", ":9464", "localhost:", "127.0.0.1:x", "127.0.0.1:70000", ""])
def test_an_address_needs_a_host_and_a_port(site: Site, address: str) -> None:
    """Without a host, all addresses of the machine would answer."""
    site.run("metrics", f"--listen={address}").fails(2, "--listen", "127.0.0.1:9464")


def test_an_address_that_is_taken_is_an_error(busy: Site) -> None:
    with listening(busy, "127.0.0.1:0") as (url, _):
        busy.run("metrics", "--listen", url.removeprefix("http://").partition("/")[0]).fails(2, "nothing can listen at")


def test_ways_out_exclude_one_another(site: Site) -> None:
    site.run("metrics", "--json", "--listen", "127.0.0.1:0").fails(2, "exclude one another")
    site.run("metrics", "--textfile", "x", "--listen", "127.0.0.1:0").fails(2, "exclude one another")


def test_every_query_goes_by_index(busy: Site) -> None:
    lanes, midnight = names(["partner", "other"]), f"{DAY}T00:00:00.000Z"
    statements = [
        sql.under_way(lanes, NOW),
        sql.attempts(lanes, midnight),
        sql.ages(lanes, midnight, BOUNDS_S),
        sql.ended(lanes, midnight),
    ]
    small = {"w", "s", "n", "p", "b", "d", "CONSTANT", "l"}
    with closing(sqlite3.connect(busy.store)) as connection:
        for statement in statements:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params)]
            scanned = [line for line in plan if line.startswith("SCAN") and line.split()[1] not in small]
            assert not scanned, plan
            assert any("publish_jobs_" in line for line in plan), plan


def test_they_cost_two_requests(busy: Site) -> None:
    from emdash_cli.domain.days import parse_duration
    from emdash_cli.reports.metrics import metrics
    from tests.harness.ports import Port
    from tests.harness.sessions import session_in

    batches: list[Any] = []

    class Counting(Port):
        def batch(self, statements: Any) -> Any:
            batches.append(statements)
            return super().batch(statements)

    session = session_in(Counting(busy))
    metrics(session, parse_duration("26h"))
    assert len(batches) <= 2


def existing(site: Site) -> set[str]:
    return {name.partition("{")[0] for name in figures(site)}


def test_the_dashboard_and_the_rules_use_series_that_exist(busy: Site) -> None:
    busy.run("sweep").succeeds()
    board = json.loads((DOCS / "monitoring" / "grafana.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = re.findall(r"expr: (.*)", (DOCS / "monitoring" / "alerts.yml").read_text("utf-8"))
    used = {name for text in [*asked, *rules] for name in SERIES.findall(text)}
    assert used <= existing(busy), used - existing(busy)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_the_page_lists_every_series(busy: Site) -> None:
    busy.run("sweep").succeeds()
    listed = re.findall(
        r"^\| `(\w+)` \| (\w+) \|.*?\| (.*) \|$", (DOCS / "metrics.md").read_text("utf-8"), re.MULTILINE
    )
    printed = busy.run("metrics").succeeds().out
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)", printed, re.MULTILINE))
    assert {name: kind for name, kind, _ in listed} == kinds
    abouts = dict(re.findall(r"^# HELP (\w+) (.*)", printed, re.MULTILINE))
    assert {name: about for name, _, about in listed if name != "emdash_up"} == {
        name: about for name, about in abouts.items() if name != "emdash_up"
    }
