"""A directory that `emdash publish-queue` works in, and what must be true of it once a run has ended."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from emdash_cli.__main__ import run
from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.store import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TOP = Path(__file__).parents[2]
MADE_AT = "2026-01-01T00:00:00.000Z"


class Ran(NamedTuple):
    """What a run said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """What it printed under ``--json``."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def outcomes(self) -> dict[str, dict[str, Any]]:
        """The outcome of each file of that document, by the file's name."""
        return {outcome["file"]: outcome for outcome in self.document["outcomes"]}

    @property
    def counts(self) -> dict[str, int]:
        """The counts of that document that are not zero."""
        return {outcome: count for outcome, count in self.document["counts"].items() if count}


@dataclass
class Site:
    """One directory with ``emdash.toml``, ``queue/``, ``archive/`` and a store.

    Attributes:
        files: what was put into the queues, by file name.
    """

    root: Path
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def queue(self) -> Path:
        return self.root / "queue"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def store(self) -> Path:
        return self.root / "emdash.db"

    def settings(self, text: str) -> None:
        """Write ``emdash.toml`` and the directories of the streams that it names."""
        (self.root / "emdash.toml").write_text(text, "utf-8")
        for line in text.splitlines():
            key, _, value = (part.strip().strip('"') for part in line.partition("="))
            if key in {"queue", "archive"}:
                (self.root / value).mkdir(parents=True, exist_ok=True)

    def put(self, name: str, *, queue: str = "queue", **fields: Any) -> Path:
        """Write a queue file; without fields, an article that says what its name is."""
        stem = name.removesuffix(".json")
        article = {"title": f"About {stem}", "body_text": f"# {stem}\n\nSome *text* about {stem}."} | fields
        return self.put_raw(name, json.dumps(article, ensure_ascii=False).encode(), queue=queue)

    def put_raw(self, name: str, raw: bytes, *, queue: str = "queue") -> Path:
        """Write a queue file of any content, old enough to have been written to its end."""
        path = self.root / queue / name
        path.write_bytes(raw)
        os.utime(path, (1_767_225_600, 1_767_225_600))
        self.files[name] = raw
        return path

    def put_atomically(self, name: str, **fields: Any) -> None:
        """Write a queue file beside the queue and move it in when it is complete."""
        path = self.put(f".{name}.tmp", **fields)
        self.files[name] = self.files.pop(path.name)
        path.rename(path.with_name(name))

    def put_many(self, count: int, **fields: Any) -> None:
        """Write so many articles, each different."""
        for number in range(1, count + 1):
            self.put(f"{number:04}-article.json", title=f"Article {number}", **fields)

    def run(self, *arguments: str) -> Ran:
        """Run the command line in this process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(self.root):
            code = run(list(arguments))
        return Ran(int(code), out.getvalue(), err.getvalue())

    def publish(self, *arguments: str) -> Ran:
        """Run ``publish-queue --json`` in this process."""
        return self.run("publish-queue", "--json", *arguments)

    def command(self, *arguments: str) -> list[str]:
        """The command line as a process is started with it."""
        return [sys.executable, "-m", "emdash_cli", *arguments]

    def start(self, *arguments: str, launcher: Iterable[str] = ()) -> subprocess.Popen[str]:
        """Start the command line as a process of its own."""
        return subprocess.Popen(
            [*launcher, *self.command(*arguments)],
            cwd=self.root,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def spawn(self, *arguments: str, launcher: Iterable[str] = ()) -> Ran:
        """Run the command line as a process of its own."""
        return ended(self.start(*arguments, launcher=launcher))

    def rows(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """What the database answers, by a way that is not the code under test."""
        with closing(sqlite3.connect(self.store)) as connection:
            return connection.execute(sql, params).fetchall()

    def change(self, sql: str, *params: object) -> None:
        """Change the database as another program would."""
        with closing(sqlite3.connect(self.store)) as connection, connection:
            connection.execute(sql, params)

    def insert_post(self, **values: object) -> None:
        """A post as another tool would write it."""
        row = {"status": "published", "locale": "en", "published_at": "2025-06-01T00:00:00.000Z"} | values
        marks = ", ".join("?" for _ in row)
        self.change(f"INSERT INTO ec_posts ({', '.join(row)}) VALUES ({marks})", *row.values())

    def tree(self) -> dict[str, bytes | None]:
        """Every file below the site with its bytes, every directory with None."""
        return {
            str(path.relative_to(self.root)): path.read_bytes() if path.is_file() else None
            for path in sorted(self.root.rglob("*"))
        }

    def waiting(self) -> list[str]:
        """Names in the queue."""
        return sorted(path.name for path in self.queue.iterdir())

    def archived(self, archive: str = "archive") -> dict[str, list[str]]:
        """Names in the archive by outcome, reasons left out."""
        found: dict[str, list[str]] = {}
        for path in sorted((self.root / archive).glob("*/*/*")):
            if not path.name.endswith(".reason.txt"):
                found.setdefault(path.parts[-3], []).append(path.name)
        return found

    def reason(self, name: str) -> str:
        """What stands in the reason file of an archived file."""
        (path,) = self.archive.glob(f"*/*/{name}.reason.txt")
        return path.read_text("utf-8")

    def copy(self, root: Path) -> Site:
        """The same site elsewhere."""
        shutil.copytree(self.root, root, symlinks=True)
        return Site(root, dict(self.files))


def new_site(root: Path, *, journal_mode: str = "wal") -> Site:
    """A site with an empty store and no articles."""
    site = Site(root)
    for directory in (site.queue, site.archive):
        directory.mkdir(parents=True)
    (root / "emdash.toml").write_text("")
    with closing(SqliteDatabase(site.store, create=True)) as database:
        database.batch([*schema.emdash_tables(), *schema.tool_tables(MADE_AT)])
    with closing(sqlite3.connect(site.store)) as connection:
        connection.execute(f"PRAGMA journal_mode={journal_mode}")
    return site


def clean_environment() -> dict[str, str]:
    """The environment of a process under test: nothing of the test run's own, such as measuring coverage."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "LANG": "C.UTF-8", "HOME": "/nonexistent"}


def ended(process: subprocess.Popen[str]) -> Ran:
    """Wait for the end of a process."""
    out, err = process.communicate(timeout=300)
    return Ran(process.returncode, out, err)


def assert_exactly_once(site: Site, outcomes: Mapping[str, str] | None = None) -> None:
    """Every file that was put into the site is in the archive once and in the store once, and nothing else is.

    Args:
        site: with one stream, `default`.
        outcomes: the folder of each file; without it, all are published.
    """
    wanted = outcomes or dict.fromkeys(site.files, "published")
    _assert_files(site, wanted)
    written = {name for name, outcome in wanted.items() if outcome in {"published", "scheduled", "draft"}}
    with closing(sqlite3.connect(site.store)) as connection:
        connection.row_factory = sqlite3.Row
        _assert_sound(connection)
        _assert_posts(connection, {name: json.loads(site.files[name]) for name in written}, wanted)
    leftovers = {path.name for path in site.root.iterdir()} - {"emdash.toml", "emdash.db", "queue", "archive"}
    assert not leftovers, f"left behind: {leftovers}"


def _assert_files(site: Site, wanted: Mapping[str, str]) -> None:
    assert site.waiting() == [], "the queue is not empty"
    archived = [path for path in site.archive.glob("*/*/*") if not path.name.endswith(".reason.txt")]
    found = Counter((path.name, path.parts[-3]) for path in archived)
    assert found == Counter(wanted.items()), "not every file is in its folder of the archive once"
    for path in archived:
        assert path.read_bytes() == site.files[path.name], f"{path} is not what was put into the queue"
    stray = [path for path in site.archive.rglob("*") if path.is_file() and len(path.relative_to(site.root).parts) != 4]
    assert stray == [], "stray files in the archive"


def _assert_sound(connection: sqlite3.Connection) -> None:
    assert [tuple(row) for row in connection.execute("PRAGMA integrity_check")] == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("SELECT key FROM publish_ledger WHERE claim IS NOT NULL").fetchall() == []


def _assert_posts(
    connection: sqlite3.Connection, articles: Mapping[str, dict[str, Any]], outcomes: Mapping[str, str]
) -> None:
    posts = connection.execute("""
        SELECT p.*, l.file, l.outcome, l.slug AS ledger_slug, l.revision_id, l.number
        FROM ec_posts AS p LEFT JOIN publish_ledger AS l ON l.post_id = p.id""").fetchall()
    assert Counter(post["file"] for post in posts) == Counter(list(articles)), "not every article has one post"
    assert _count(connection, "publish_ledger") == len(articles), "not every article has one ledger row"
    assert _count(connection, "revisions") == len(articles), "not every post has one revision"
    slugs = Counter((post["slug"], post["locale"]) for post in posts)
    assert set(slugs.values()) <= {1}, "a slug was given twice"
    numbers = sorted(post["number"] for post in posts if post["number"] is not None)
    assert numbers == list(range(1, len(numbers) + 1)), "a number was given twice or skipped"
    announced = Counter(row[0] for row in connection.execute("SELECT post_id FROM publish_outbox"))
    assert announced == Counter(post["id"] for post in posts if post["status"] == "published"), "the outbox"
    for post in posts:
        _assert_post(connection, post, articles[post["file"]], outcomes[post["file"]])


def _count(connection: sqlite3.Connection, table: str) -> int:
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return count


def _assert_post(connection: sqlite3.Connection, post: sqlite3.Row, article: dict[str, Any], outcome: str) -> None:
    name = post["file"]
    assert (post["status"], post["outcome"]) == (outcome, outcome), f"{name}: status"
    assert post["title"] == article["title"], f"{name}: title"
    assert post["slug"] == post["ledger_slug"], f"{name}: slug"
    live = post["live_revision_id"] if outcome == "published" else post["draft_revision_id"]
    assert live == post["revision_id"], f"{name}: revision"
    (revision,) = connection.execute("SELECT * FROM revisions WHERE id = ?", (live,)).fetchall()
    assert (revision["entry_id"], revision["collection"]) == (post["id"], "posts"), f"{name}: owner of its revision"
    columns = {key: post[key] for key in ("title", "excerpt") if post[key] is not None}
    columns |= {key: json.loads(post[key]) for key in ("content", "featured_image") if post[key] is not None}
    assert json.loads(revision["data"]) == columns, f"{name}: the revision and the post differ"
    tags = connection.execute(
        "SELECT t.label FROM content_taxonomies AS c JOIN taxonomies AS t ON t.translation_group = c.taxonomy_id"
        " WHERE c.entry_id = ? AND t.name = 'tag'",
        (post["translation_group"],),
    )
    assert {row[0] for row in tags} >= set(article.get("tags", ())), f"{name}: tags"
    if "author" in article:
        credit = (
            "SELECT b.display_name FROM _emdash_content_bylines AS c JOIN _emdash_bylines AS b ON b.id = c.byline_id"
        )
        names = connection.execute(f"{credit} WHERE c.content_id = ?", (post["id"],)).fetchall()
        assert [row[0] for row in names] == [article["author"]], f"{name}: byline"
