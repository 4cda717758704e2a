"""Finding, promoting and reading posts where there are very many."""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.article import FieldNames
from emdash_cli.posts import sql
from emdash_cli.store import due, schema
from tests.bench.bench_publish import MADE_AT
from tests.bench.installed import EMDASH, PYTHON
from tests.bench.processes import cost, paired
from tests.bench.rows import Row
from tests.emdash_databases.databases import write_database

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = FieldNames()
FLOOR = Path(__file__).with_name("floor_promote.py")
LATER = "2999-01-01T00:00:00.000Z"
SCHEDULED = 10_000
MANY = 1_000_000


def measure() -> list[Row]:
    """A million posts in the embedded store; fewer in a database of EmDash."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as name:  # noqa: S108 - a disk, no tmpfs
        base = Path(name)
        small = _store(base / "small", None, posts=1000, scheduled=10)
        large = _store(base / "large", None, posts=MANY, scheduled=SCHEDULED)
        rows = [_idle(large, "1,000,000 posts"), *_queries(small, large), *_promotion(large, "embedded store")]
        site = _store(base / "site", "0.34", posts=100_000, scheduled=SCHEDULED)
        return [*rows, _idle(site, "EmDash 0.34, 100,000 posts"), *_promotion(site, "EmDash 0.34")]


def _store(root: Path, version: str | None, *, posts: int, scheduled: int) -> Path:
    root.mkdir()
    for directory in ("queue", "archive"):
        (root / directory).mkdir()
    store = root / "emdash.db"
    if version:
        write_database(version, store)
    with closing(SqliteDatabase(store, create=True)) as opened:
        if not version:
            opened.batch(schema.emdash_tables())
        opened.batch(schema.tool_tables(MADE_AT))
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.executescript(_fill(posts, scheduled))
    return root


def _fill(posts: int, scheduled: int) -> str:
    """So many posts of 1 KB with their revisions; the last ones are scheduled far from now."""
    words = '[{"_type":"block","_key":"b1","style":"normal","children":[{"_type":"span","_key":"s","text":"%s"}]}]'
    content = words % ("word " * 180)
    return f"""
    CREATE TEMP TABLE n AS WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {posts})
      SELECT i, printf('%026d', i) AS id, i > {posts - scheduled} AS later,
        strftime('%Y-%m-%dT%H:%M:%fZ', 1500000000 + i * 60, 'unixepoch') AS at FROM c;
    INSERT INTO revisions (id, collection, entry_id, data) SELECT id, 'posts', id,
      '{{"title":"Post ' || i || '","content":{content}}}' FROM n;
    INSERT INTO ec_posts (id, slug, status, created_at, updated_at, published_at, scheduled_at, live_revision_id,
        draft_revision_id, translation_group, title, content)
      SELECT id, 'post-' || i, iif(later, 'scheduled', 'published'), at, at, iif(later, NULL, at),
        iif(later, '{LATER}', NULL), iif(later, NULL, id), iif(later, id, NULL), id, 'Post ' || i, '{content}' FROM n;
    INSERT INTO schedule_locks (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at)
      SELECT n.id, n.id, 'post-' || n.i, r.data, '{LATER}', 'bench', n.at FROM n JOIN revisions AS r ON r.id = n.id
      WHERE n.later;
    DROP TABLE n;"""


def _idle(root: Path, where: str) -> Row:
    walls, cpus, _ = paired(
        lambda: cost((*EMDASH, "sweep", "--quiet"), root), lambda: cost((PYTHON, "-c", "import sqlite3"), root), 11
    )
    figure = f"{walls:.1f} × (CPU {cpus:.1f} ×)"
    return Row(f'sweep, nothing due, {where} / python -c "import sqlite3"', figure, "≤ 4.5 ×", walls <= 4.5)


def _queries(small: Path, large: Path) -> list[Row]:
    now, later = "2026-01-01T00:00:00.000Z", "2026-01-01T14:00:00.000Z"
    finding = due.anything_due(NAMES, now, later)
    with (
        closing(SqliteDatabase(small / "emdash.db")) as few,
        closing(SqliteDatabase(large / "emdash.db")) as many,
    ):
        of_few, of_many = _alternating(lambda: few.query(finding), lambda: many.query(finding))
        show = sql.post(NAMES, "post-500000", None)
        _, shown = _alternating(lambda: few.query(show), lambda: many.query(show))
    ratio = of_many / of_few
    return [
        Row("finding due posts among 1,000,000", f"{of_many * 1e6:.0f} µs", "≤ 1,000 µs", of_many <= 1e-3),
        Row("the same / among 1,000", f"{ratio:.2f} ×", "≤ 1.5 ×", ratio <= 1.5),
        Row("show, inside the process, among 1,000,000", f"{shown * 1e6:.0f} µs", "< 1,000 µs", shown < 1e-3),
    ]


def _alternating(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    def once(function: Callable[[], object]) -> float:
        began = time.perf_counter()
        function()
        return time.perf_counter() - began

    pairs = [(once(one), once(other)) for _ in range(200)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def _promotion(root: Path, where: str) -> list[Row]:
    """Promoting all that is scheduled, from copies of one store."""

    def due_store() -> Path:
        copy = root.with_name("due")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root, copy)
        with closing(sqlite3.connect(copy / "emdash.db")) as connection, connection:
            then = "2026-01-01T00:00:00.000Z"
            connection.execute("UPDATE ec_posts SET scheduled_at = ? WHERE scheduled_at IS NOT NULL", (then,))
            connection.execute("UPDATE schedule_locks SET scheduled_at = ?", (then,))
        os.sync()
        return copy

    walls, cpus, tool = paired(
        lambda: cost((*EMDASH, "sweep", "--json"), due_store()),
        lambda: cost((PYTHON, FLOOR, "emdash.db"), due_store()),
        7,
    )
    figure = f"{walls:.2f} × (CPU {cpus:.2f} ×), {tool.wall / SCHEDULED * 1e6:.0f} µs a post"
    return [Row(f"promoting 10,000 due posts, {where} / floor", figure, "≤ 3 ×", walls <= 3)]
