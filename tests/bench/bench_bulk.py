"""The verbs for ten thousand posts against set-based statements, and for one post against an idle sweep."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.store import schema
from tests.bench.bench_publish import MADE_AT
from tests.bench.installed import EMDASH, PYTHON
from tests.bench.processes import Cost, cost, paired
from tests.bench.rows import Row
from tests.emdash_databases.databases import write_database

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOOR = Path(__file__).with_name("floor_bulk.py")
POSTS = 10_000
AT = ("--at", "2999-01-01T00:00Z")
VERBS = {"schedule": ("draft", AT), "publish": ("draft", ()), "unpublish": ("published", ())}
"""The verbs, with the status of the posts that they are given, and their options."""
RUNS = 5
SINGLE_RUNS = 15


def measure() -> list[Row]:
    """Posts of 1 KB, in the embedded store and in a database of EmDash."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as name:  # noqa: S108 - a disk, no tmpfs
        base = Path(name)
        many = [_many(base, verb, version) for version in (None, "0.34") for verb in VERBS]
        return many + [_one(base, verb) for verb in VERBS]


def _many(base: Path, verb: str, version: str | None) -> Row:
    status, options = VERBS[verb]
    root = _store(base / f"{verb}-{version}", version, status)
    slugs = [f"post-{number}" for number in range(1, POSTS + 1)]

    def fresh() -> Path:
        copy = root.with_name("copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root, copy)
        os.sync()
        return copy

    walls, cpus, tool = paired(
        lambda: cost((*EMDASH, verb, *slugs, *options, "--json"), fresh()),
        lambda: cost((PYTHON, FLOOR, verb, "emdash.db"), fresh()),
        RUNS,
    )
    where = f"EmDash {version}" if version else "embedded store"
    figure = f"{walls:.2f} × (CPU {cpus:.2f} ×), {tool.wall:.1f} s, {tool.peak:.0f} MiB"
    return Row(f"{verb} {POSTS:,} posts of 1 KB, {where} / floor", figure, "≤ 3 ×", walls <= 3)


def _one(base: Path, verb: str) -> Row:
    status, options = VERBS[verb]
    root = _store(base / f"{verb}-one", None, status)

    def once(numbers: Iterator[int]) -> Cost:
        return cost((*EMDASH, verb, f"post-{next(numbers)}", *options), root)

    numbers = iter(range(1, POSTS))
    once(numbers)
    walls, cpus, _ = paired(lambda: once(numbers), lambda: cost((*EMDASH, "sweep", "--quiet"), root), SINGLE_RUNS)
    figure = f"{walls:.1f} × (CPU {cpus:.1f} ×)"
    return Row(f"{verb} of one post / sweep, nothing due", figure, "≤ 5 ×", walls <= 5)


def _store(root: Path, version: str | None, status: str) -> Path:
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
        connection.executescript(_fill(is_live=status == "published"))
    return root


def _fill(*, is_live: bool) -> str:
    words = '[{"_type":"block","_key":"b1","style":"normal","children":[{"_type":"span","_key":"s","text":"%s"}]}]'
    content = words % ("word " * 180)
    state = "'published', at, id, NULL" if is_live else "'draft', NULL, NULL, id"
    return f"""
    CREATE TEMP TABLE n AS WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {POSTS})
      SELECT i, printf('%026d', i) AS id, strftime('%Y-%m-%dT%H:%M:%fZ', 1500000000 + i * 60, 'unixepoch') AS at FROM c;
    INSERT INTO revisions (id, collection, entry_id, data) SELECT id, 'posts', id,
      '{{"title":"Post ' || i || '","content":{content}}}' FROM n;
    INSERT INTO ec_posts (id, slug, created_at, updated_at, translation_group, title, content, status, published_at,
        live_revision_id, draft_revision_id)
      SELECT id, 'post-' || i, at, at, id, 'Post ' || i, '{content}', {state} FROM n;
    DROP TABLE n;"""
