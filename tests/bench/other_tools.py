"""One article by the other ways there are: `wrangler d1 execute --local`, and EmDash's own command line."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.bench.articles import write_queue
from tests.d1_engine.install import CACHE, EngineError, Packages
from tests.harness.node import NodeError, node
from tests.live.emdash_site import running_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

WRANGLER = "4.164.0"
RUNS = 3
SCRIPT = {
    "wrangler.toml": (
        'name = "bench"\ncompatibility_date = "2026-07-01"\n[[d1_databases]]\nbinding = "DB"\n'
        'database_name = "bench"\ndatabase_id = "00000000-0000-0000-0000-000000000001"\n'
    )
}
TABLES = (
    "CREATE TABLE IF NOT EXISTS ec_posts (id TEXT PRIMARY KEY, slug TEXT, status TEXT, title TEXT, content TEXT,"
    " live_revision_id TEXT); CREATE TABLE IF NOT EXISTS revisions (id TEXT PRIMARY KEY, entry_id TEXT, data TEXT)"
)


def all_of_them(base: Path) -> Iterator[tuple[str, float | None]]:
    """Each way and the median of the seconds it takes; None where it is not installed and cannot be."""
    yield f"the same by three calls of wrangler {WRANGLER} d1 execute --local", _or_none(lambda: wrangler(base))
    yield "the same by EmDash's own `content create`, into a running site", _or_none(lambda: content_create(base))


def _or_none(measured: object) -> float | None:
    with suppress(EngineError, NodeError):
        return float(measured())  # type: ignore[operator]
    return None


def wrangler(base: Path) -> float:
    """Post, revision, set live: the three statements of a naive script, each by a call of its own."""
    packages = Packages()
    program = _wrangler_program()
    place = base / "wrangler"
    place.mkdir()
    for name, text in SCRIPT.items():
        (place / name).write_text(text)
    # Settings, logs and telemetry of wrangler's stay in the benchmark's own directory.
    environment = {
        **os.environ,
        "HOME": str(place),
        "XDG_CONFIG_HOME": str(place),
        "CI": "1",
        "WRANGLER_SEND_METRICS": "false",
        "PATH": f"{packages.node().parent}{os.pathsep}{os.environ['PATH']}",
    }
    execute = [str(packages.node()), str(program), "d1", "execute", "bench", "--local", "--command"]

    def run(sql: str) -> None:
        _run([*execute, sql], place, environment)

    run(TABLES)
    content = article(base)["body_text"].replace("'", "''")

    def once(number: int) -> float:
        began = time.perf_counter()
        run(
            f"INSERT INTO ec_posts (id, slug, status, title, content) VALUES ({number}, 's', 'draft', 't', '{content}')"
        )
        run(f"INSERT INTO revisions (id, entry_id, data) VALUES ({number}, {number}, '{content}')")
        run(f"UPDATE ec_posts SET live_revision_id = id, status = 'published' WHERE id = {number}")
        return time.perf_counter() - began

    return statistics.median(once(number) for number in range(RUNS))


def _wrangler_program() -> Path:
    """Wrangler, installed beside the engines when it is first asked for."""
    home = CACHE.with_name(f"bench-wrangler-{WRANGLER}")
    program = home / "node_modules" / "wrangler" / "bin" / "wrangler.js"
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        packages = Packages()
        install = [*packages._npm(), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(home)]
        packages._run([*install, f"wrangler@{WRANGLER}"], f"npm install wrangler@{WRANGLER}")
    return program


def content_create(base: Path) -> float:
    """EmDash's own command, which speaks with the running site; it publishes what it creates."""
    toolchain = node()
    place = base / "emdash"
    place.mkdir()
    with running_site(place) as site:
        create = [str(toolchain.program), "node_modules/emdash/dist/cli/index.mjs", "content", "create", "posts"]
        environment = {**toolchain.environment, "HOME": str(place)}

        def once(number: int) -> float:
            wish = json.dumps({"title": f"Bench {number}", "content": article(base)["body_text"]})
            command = [*create, "--data", wish, "--slug", f"bench-{number}", "--url", site.base_url]
            began = time.perf_counter()
            _run([*command, "--token", site.token], site.home, environment)
            return time.perf_counter() - began

        return statistics.median(once(number) for number in range(RUNS))


def article(base: Path) -> dict[str, str]:
    """An article of 8 KB, the one that the tool's own run publishes."""
    place = base / "one"
    write_queue(place, 1, 8000)
    found: dict[str, str] = json.loads((place / "000001-article.json").read_text())
    return found


def _run(command: Sequence[str], place: Path, environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise EngineError(f"{command[0]} cannot be started: {error}") from error
    if done.returncode:
        raise EngineError(f"{' '.join(command[:6])} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
