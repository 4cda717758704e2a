"""A real Prometheus and its promtool read the figures, and the rules."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.instants import utc_text
from emdash_cli.wiring import now
from tests.harness.site import TOP
from tests.monitoring.test_metrics import SERIES, figures, listening

if TYPE_CHECKING:
    from tests.harness.site import Site

RULES = TOP / "docs" / "monitoring" / "alerts.yml"


def promtool(prometheus: str, *words: str | Path, stdin: str = "") -> None:
    command = [str(Path(prometheus).with_name("promtool")), *map(str, words)]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_no_fault_with_the_figures(busy: Site, prometheus: str) -> None:
    busy.run("sweep").succeeds()
    promtool(prometheus, "check", "metrics", stdin=busy.run("metrics").succeeds().out)


def test_the_rules_fire_where_they_must_and_only_there(prometheus: str, tmp_path: Path) -> None:
    promtool(prometheus, "check", "rules", RULES)
    cases = (Path(__file__).parent / "alerts_test.yml").read_text("utf-8")
    (tmp_path / "cases.yml").write_text(cases.replace("[ALERTS]", f"[{RULES}]"), "utf-8")
    promtool(prometheus, "test", "rules", tmp_path / "cases.yml")


def answer(port: int, query: str) -> Any:
    url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(url, timeout=10) as response:
        return json.load(response)["data"]["result"]


def free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_real_prometheus_scrapes_every_series(busy: Site, prometheus: str, tmp_path: Path) -> None:
    busy.run("sweep").succeeds()
    busy.sql("UPDATE publish_jobs SET ended_at = ? WHERE ended_at IS NOT NULL", utc_text(now()))
    port = free_port()
    with listening(busy, "127.0.0.1:0") as (url, _):
        target = url.removeprefix("http://").partition("/")[0]
        (tmp_path / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s}\nscrape_configs: [{job_name: emdash, static_configs:"
            f" [{{targets: ['{target}']}}]}}]\nrule_files: ['{RULES}']\n",
            "utf-8",
        )
        server = subprocess.Popen(
            [
                prometheus,
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert eventually(port, "emdash_up")[0]["value"][1] == "1"
            scraped = {row["metric"]["__name__"] for row in answer(port, '{job="emdash"}')}
            assert {name.partition("{")[0] for name in figures(busy, utc_text(now()))} <= scraped
            [dead] = answer(port, 'emdash_jobs{state="dead",platform="partner"}')
            assert dead["value"][1] == "1"
            board = json.loads((TOP / "docs" / "monitoring" / "grafana.json").read_text("utf-8"))
            for panel in board["panels"]:
                for target_ in panel["targets"]:
                    assert SERIES.search(target_["expr"])
                    answer(port, target_["expr"])  # 400 for a query that cannot be read
        finally:
            server.terminate()
            server.wait(timeout=30)


def eventually(port: int, query: str) -> Any:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if found := answer(port, query):
                return found
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError("nothing was scraped")
