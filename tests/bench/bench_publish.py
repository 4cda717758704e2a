"""`publish-queue` as a whole process, against a script that only reads, parses, inserts prepared rows and renames."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.portable_text import from_markdown
from emdash_cli.store import schema
from tests.bench.articles import markdown, write_queue
from tests.bench.installed import EMDASH, PYTHON
from tests.bench.processes import Cost, cost, paired
from tests.bench.rows import Row
from tests.emdash_databases.databases import VERSIONS, write_database

FLOOR = Path(__file__).with_name("floor_publish.py")
PEAK_MIB = 150
MADE_AT = "2026-01-01T00:00:00.000Z"


def measure() -> list[Row]:
    """The embedded store, EmDash's databases, and a very full directory."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as name:  # noqa: S108 - a disk, no tmpfs
        base = Path(name)
        (base / "prepared.json").write_text(from_markdown(markdown(random.Random(5), 8000)).json)
        write_queue(base / "articles", 10_000)
        rows = [*_against_the_floor(base, None, 10_000, 2.5, 3), *_against_the_floor(base, None, 3000, 3.0, 5)]
        for version in VERSIONS:
            rows += _against_the_floor(base, version, 3000, 3.0, 3)
        return [*rows, _full_directory(base)]


def _against_the_floor(base: Path, version: str | None, count: int, aim: float, runs: int) -> list[Row]:
    names = sorted(path.name for path in (base / "articles").iterdir())[:count]

    def site() -> Path:
        root = _site(base, version)
        for each in names:
            shutil.copyfile(base / "articles" / each, root / "queue" / each)
        os.sync()
        return root

    def tool() -> Cost:
        return _in(site(), (*EMDASH, "publish-queue", "--json"))

    def floor() -> Cost:
        return _in(site(), (PYTHON, FLOOR, "queue", "archive", "emdash.db", base / "prepared.json"))

    walls, cpus, peak = paired(tool, floor, runs)
    where = f"EmDash {version}" if version else "embedded store"
    figure = f"{walls:.2f} × (CPU {cpus:.2f} ×), {peak.wall / count * 1e6:.0f} µs an article"
    return [
        Row(f"publish {count:,} articles of 8 KB, {where} / floor", figure, f"≤ {aim} ×", walls <= aim),
        Row(f"its memory, {where}", f"{peak.peak:.0f} MiB", f"< {PEAK_MIB} MiB", peak.peak < PEAK_MIB),
    ]


def _full_directory(base: Path) -> Row:
    """Cost per file of 100,000 small files, against that of 10,000."""
    write_queue(base / "few", 10_000, size=400)
    write_queue(base / "many", 100_000, size=400)

    def run(articles: Path) -> Cost:
        root = _site(base, None)
        shutil.rmtree(root / "queue")
        shutil.copytree(articles, root / "queue")
        os.sync()
        return _in(root, (*EMDASH, "publish-queue", "--json"))

    few, many = run(base / "few"), run(base / "many")
    ratio = many.cpu / few.cpu / 10
    figure = f"{ratio:.2f} × (CPU a file), {many.peak:.0f} MiB"
    return Row(
        "100,000 files / 10,000 files, a file", figure, "≤ 1.15 ×, < 150 MiB", ratio <= 1.15 and many.peak < PEAK_MIB
    )


def _site(base: Path, version: str | None) -> Path:
    root = base / "site"
    shutil.rmtree(root, ignore_errors=True)
    for directory in ("queue", "archive"):
        (root / directory).mkdir(parents=True)
    store = root / "emdash.db"
    if version:
        write_database(version, store)
    with closing(SqliteDatabase(store, create=True)) as opened:
        if not version:
            opened.batch(schema.emdash_tables())
        opened.batch(schema.tool_tables(MADE_AT))
    return root


def _in(root: Path, command: tuple[str | Path, ...]) -> Cost:
    return cost(command, root)
