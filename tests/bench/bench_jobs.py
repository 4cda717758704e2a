"""Announcing: the queue of jobs beside huey, in the same run, and what it costs however much is waiting."""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.articles import write_queue
from tests.bench.bench_d1 import in_environment
from tests.bench.installed import EMDASH
from tests.bench.processes import Cost, cost, paired
from tests.bench.rows import Row
from tests.d1_engine.engine import start
from tests.harness.d1_site import new_d1_site
from tests.harness.receiver import receiver
from tests.harness.site import TOP, clean_environment, new_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.site import Site

SCALE = float(os.environ.get("EMDASH_BENCH_SCALE", "1"))
"""Less than 1 for a try on a busy machine; the aims are meant for 1."""
ANSWER_S = 0.05
IN_FLIGHT = 64
RUNS = 3
MORE_JOBS = """
WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
INSERT INTO publish_jobs (subject, lane, kind, version, run_after, change, created_at)
SELECT subject, lane, kind, n.i, run_after, change, created_at FROM publish_jobs CROSS JOIN n WHERE version = 1"""
PLATFORMS = "".join(
    f"""
[platforms.p{number}]
kind = "target"
url = "{{url}}/p{number}"
allow_private = true
"""
    for number in range(3)
)


def measure() -> list[Row]:
    """The rows of one run."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as name:  # noqa: S108 - a disk, no tmpfs
        bench = Bench(Path(name))
        return [
            bench.one_thread(),
            *bench.whole_runner(is_idempotent=True),
            *bench.whole_runner(is_idempotent=False),
            bench.idempotent_lane(),
            bench.however_much_waits(),
            bench.memory(),
            bench.publishing(),
            bench.requests_to_d1(),
        ]


class Bench:
    """Stores of their own for each measurement."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._made = itertools.count()

    def one_thread(self) -> Row:
        """Claim, mark and acknowledge in groups of 50, against dequeue and execute."""
        count = scaled(6000)
        own, other = self._in_turn(("own_steps", {"count": count, "group": 50}), ("huey_steps", {"count": count}))
        ratio = ratio_of(other, own, "seconds")
        by_cpu = ratio_of(other, own, "cpu_seconds")
        figure = f"{ratio:.1f} × (CPU {by_cpu:.1f} ×), {rate(own, count):,.0f} a second"
        return Row("claim, begin and ack in groups of 50, one thread / huey", figure, "≥ 3 ×", ratio >= 3)

    def whole_runner(self, *, is_idempotent: bool) -> list[Row]:
        """Against a server that answers after 50 ms, with 64 requests at once.

        No queue is faster than the server. So huey bounds the ratio, where commits are so quick that it keeps most of
        its threads busy.
        """
        count = scaled(6016)
        lane = "idempotent lane" if is_idempotent else "lane that is not idempotent"
        with slow_server() as url:
            how = {"count": count, "url": url, "threads": IN_FLIGHT}
            own, huey, server, client = self._in_turn(
                ("own_runner", {**how, "group": 2 * IN_FLIGHT, "is_idempotent": is_idempotent}),
                *((what, {**how, "keeps": is_idempotent}) for what in ("huey_runner", "server_alone", "client_alone")),
            )
        ratio, by_cpu = ratio_of(huey, own, "seconds"), ratio_of(huey, own, "cpu_seconds")
        bound, share = ratio_of(huey, server, "seconds"), ratio_of(server, own, "seconds")
        cpu_ms = statistics.median(one["cpu_seconds"] for one in own) / count * 1000
        figure = f"{ratio:.2f} × of {bound:.2f} × that the server allows (CPU {by_cpu:.1f} ×)"
        share_figure = (
            f"{share:.0%} of {rate(server, count):,.0f} a second, {cpu_ms:.2f} ms of CPU a request;"
            f" the client without a queue {ratio_of(server, client, 'seconds'):.0%}"
        )
        return [
            Row(f"whole runner, {lane}, 64 in flight, 50 ms each / huey with 64 threads", figure, "≥ 2 ×", ratio >= 2),
            Row("the same / what the server allows", share_figure, "≥ 85 %", share >= 0.85),
        ]

    def idempotent_lane(self) -> Row:
        """The whole runner where a request may be repeated, in groups of 200, with requests that take no time."""
        count = scaled(10_000)
        how = {"count": count, "url": "", "threads": 8, "group": 200, "is_idempotent": True}
        own, other = self._in_turn(("own_runner", how), ("huey_steps", {"count": count}))
        ratio, by_cpu = ratio_of(other, own, "seconds"), ratio_of(other, own, "cpu_seconds")
        figure = f"{ratio:.1f} × (CPU {by_cpu:.1f} ×), {rate(own, count):,.0f} a second"
        return Row("whole runner, idempotent lane, groups of 200 / huey", figure, "≥ 3 ×", ratio >= 3)

    def however_much_waits(self) -> Row:
        """The cost of a job with 1,000 and with 1,000,000 waiting."""
        few, many = {"count": 1000, "waiting": 1000}, {"count": 1000, "waiting": scaled(1_000_000)}
        own, other = self._in_turn(("own_steps", many), ("own_steps", few), runs=5)
        ratio, by_cpu = ratio_of(own, other, "seconds"), ratio_of(own, other, "cpu_seconds")
        name = f"a job with {many['waiting']:,} waiting / with {few['waiting']:,}"
        return Row(name, f"{ratio:.2f} × (CPU {by_cpu:.2f} ×)", "≤ 1.3 ×", ratio <= 1.3)

    def memory(self) -> Row:
        """Of `emdash worker`, while it works off 100,000 jobs; the first 10,000 fill the database's page cache."""
        count, posts = scaled(100_000), 100
        site = new_site(self._base / f"site-{next(self._made)}")
        with slow_server(0) as url:
            write_queue(site.queue, posts, 400)
            site.settings('streams.default.platforms = ["p0"]\n' + PLATFORMS.format(url=url.rstrip("/")))
            cost((*EMDASH, "publish-queue", "--quiet"), site.root)
            site.sql(MORE_JOBS, count // posts)
            process = subprocess.Popen([*EMDASH, "worker", "--quiet"], cwd=site.root, env=clean_environment())
            seen = [self._memory_after(site, process.pid, done) for done in (count // 10, count)]
            process.terminate()
            process.wait()
        early, late = seen
        figure = f"{early:.1f} MiB after {count // 10:,} jobs, {late:.1f} after {count:,}"
        return Row("memory of a worker", figure, "+ 2 MiB at most", late - early <= 2)

    def _memory_after(self, site: Site, worker: int, done: int) -> float:
        """What a worker has in memory, in MiB, once so many jobs are done."""
        while site.sql("SELECT count(*) FROM publish_jobs WHERE state = 'done'")[0][0] < done:
            time.sleep(0.5)
        pages = int(Path(f"/proc/{worker}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def publishing(self) -> Row:
        """Whole processes: articles with three platforms each, against articles with none."""
        count = scaled(3000)
        write_queue(self._base / "articles", count)

        def run(settings: str) -> Cost:
            site = new_site(self._base / f"site-{next(self._made)}")
            self._fill(site, settings)
            return cost((*EMDASH, "publish-queue", "--quiet"), site.root)

        announced = 'streams.default.platforms = ["p0", "p1", "p2"]\n' + PLATFORMS.format(url="http://127.0.0.1:9")
        walls, cpus, _ = paired(lambda: run(announced), lambda: run(""), RUNS)
        figure = f"{walls:.2f} × (CPU {cpus:.2f} ×)"
        return Row("publishing with 3 platforms / with none", figure, "≤ 1.25 ×", walls <= 1.25)

    def _fill(self, site: Site, settings: str) -> None:
        import shutil

        site.settings(settings)
        shutil.rmtree(site.queue)
        shutil.copytree(self._base / "articles", site.queue)
        os.sync()

    def requests_to_d1(self) -> Row:
        """A thousand announcements of posts on D1."""
        count = scaled(1000)
        with start("workerd") as engine, receiver() as platform:
            site = new_d1_site(self._base / "d1", engine.database())
            site.settings('streams.default.platforms = ["p0"]\n' + PLATFORMS.format(url=platform.url))
            write_queue(site.queue, count, 400)
            with in_environment(site):
                cost((*EMDASH, "publish-queue", "--quiet"), site.root)
                site.d1.forget()
                cost((*EMDASH, "distribute", "--quiet"), site.root)
            requests = len(site.d1.requests())
            sent = len(platform.requests)
        figure = f"{requests} requests for {sent:,}"
        return Row("1,000 announcements on D1", figure, "≤ 60", requests <= 60 and sent == count)

    def _in_turn(self, *programs: tuple[str, dict[str, Any]], runs: int = RUNS) -> list[list[dict[str, float]]]:
        """What each program told: A B A B …, so that a change of the machine's speed meets all of them."""
        rounds = [[self._run(*program) for program in programs] for _ in range(runs)]
        return [list(told) for told in zip(*rounds, strict=True)]

    def _run(self, what: str, how: dict[str, Any]) -> dict[str, float]:
        path = self._base / f"{what}-{next(self._made)}.db"
        command = [sys.executable, "-m", "tests.bench.queues", what, json.dumps(how | {"path": str(path)})]
        said = subprocess.run(command, cwd=TOP, env=clean_environment(), check=True, stdout=subprocess.PIPE)
        for file in self._base.glob(f"{path.name}*"):
            file.unlink()
        told: dict[str, float] = json.loads(said.stdout)
        return told


def scaled(count: int) -> int:
    """So many, or fewer for a try."""
    return max(200, int(count * SCALE))


def ratio_of(one: list[dict[str, float]], other: list[dict[str, float]], key: str) -> float:
    """The median of the ratios, pair by pair."""
    return statistics.median(a[key] / b[key] for a, b in zip(one, other, strict=True))


def rate(told: list[dict[str, float]], count: int) -> float:
    """Jobs a second, in the median."""
    return statistics.median(count / one["seconds"] for one in told)


@contextmanager
def slow_server(answer_s: float = ANSWER_S) -> Iterator[str]:
    """The address of a server that answers after so many seconds."""
    command = [sys.executable, "-m", "tests.bench.slow_server", str(answer_s)]
    process = subprocess.Popen(command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/"
    finally:
        process.stdin.close()
        process.wait()
