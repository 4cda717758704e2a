"""Publishing to D1, on the local engine: what it costs there, and beside it what else one might use."""

from __future__ import annotations

import os
import statistics
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from emdash_cli.domain.portable_text import from_markdown
from tests.bench import other_tools
from tests.bench.articles import write_queue
from tests.bench.installed import EMDASH, PYTHON
from tests.bench.processes import Cost, cost, paired
from tests.bench.rows import Row
from tests.d1_engine.engine import start
from tests.harness.d1_site import new_d1_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.d1_engine.engine import Engine
    from tests.harness.d1_site import D1Site

FLOOR = Path(__file__).with_name("floor_d1.py")
MANY = 1000
BULK = 3000
"""Articles enough for the start of the processes not to count."""
RUNS = 5
AIM = 2.0


def measure() -> list[Row]:
    """Requests, the cost of an article in bulk, and the cost of one alone."""
    with tempfile.TemporaryDirectory() as name, start("workerd") as engine:
        base = Path(name)
        bench = Bench(base, engine)
        return [bench.requests(), bench.against_the_floor(), *bench.one_article()]


class Bench:
    """Sites, each with a fresh database of one engine."""

    def __init__(self, base: Path, engine: Engine) -> None:
        self._base = base
        self._engine = engine
        self._made = 0

    def site(self, count: int, size: int) -> D1Site:
        """A site with so many articles waiting, each of about `size` bytes of Markdown."""
        self._made += 1
        site = new_d1_site(self._base / f"site-{self._made}", self._engine.database())
        write_queue(site.queue, count, size)
        os.sync()
        return site

    def requests(self) -> Row:
        """How many requests a thousand articles take."""
        site = self.site(MANY, 2000)
        with in_environment(site):
            cost((*EMDASH, "publish-queue", "--quiet"), site.root)
        seen = site.d1.requests()
        figure = f"{len(seen)} requests, the largest {max(request.bytes for request in seen) / 1e6:.2f} MB"
        return Row("publishing 1,000 articles of 2 KB to D1", figure, "≤ 11", len(seen) <= 11)

    def against_the_floor(self) -> Row:
        """An article of 8 KB, in bulk, against raw batches of 100 with prepared rows."""
        walls, cpus, tool = paired(self._tool, self._floor, RUNS)
        figure = f"{walls:.2f} × (CPU {cpus:.2f} ×), {tool.wall / BULK * 1000:.2f} ms an article"
        return Row(
            "publishing 3,000 articles of 8 KB to D1 / raw batches of 100", figure, f"≤ {AIM:.0f} ×", walls <= AIM
        )

    def _tool(self) -> Cost:
        site = self.site(BULK, 8000)
        with in_environment(site):
            return cost((*EMDASH, "publish-queue", "--quiet"), site.root)

    def _floor(self) -> Cost:
        site = self.site(BULK, 8000)
        article = (site.queue / f"{BULK:06}-article.json").read_text()
        (site.root / "prepared.json").write_text(from_markdown(body_of(article)).json)
        query = f"{site.d1.base_url}/accounts/{site.d1.account_id}/d1/database/{site.d1.database_id}/query"
        with in_environment(site):
            return cost((PYTHON, FLOOR, "queue", "archive", query, "prepared.json"), site.root)

    def one_article(self) -> list[Row]:
        """One article, as a whole process, beside the other ways to get it there."""
        own = statistics.median(self._one() for _ in range(RUNS))
        rows = [Row("publishing one article to D1", f"{own * 1000:.0f} ms", "for comparison", ok=True)]
        for what, measured in other_tools.all_of_them(self._base):
            figure = f"{measured * 1000:.0f} ms, {measured / own:.1f} × as long" if measured else "not measured"
            rows.append(Row(what, figure, "for comparison", ok=True))
        return rows

    def _one(self) -> float:
        site = self.site(1, 8000)
        with in_environment(site):
            return cost((*EMDASH, "publish-queue", "--quiet"), site.root).wall


def body_of(article: str) -> str:
    """The Markdown of a queue file."""
    import json

    return str(json.loads(article)["body_text"])


@contextmanager
def in_environment(site: D1Site) -> Iterator[None]:
    """What a process needs to find the store, in this one's environment."""
    names = ("EMDASH_DATABASE", "CLOUDFLARE_API_BASE_URL", "CLOUDFLARE_API_TOKEN")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: site.environment[name] for name in names})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
