"""A directory that `emdash` works in: what lies in it, commands run in it, and what its store says afterwards."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from freezegun import freeze_time

from emdash_cli.__main__ import run
from tests.emdash_databases.databases import VERSIONS, empty_database
from tests.harness.documents import check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TOP = Path(__file__).parents[2]
MADE_AT = "2026-01-01T00:00:00.000Z"
EMBEDDED = "embedded"
LAYOUTS = (EMBEDDED, *VERSIONS)
"""Whose tables a store has: those of `emdash init`, or those of a version of EmDash."""


class Result(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def succeeds(self) -> Result:
        """Check that it did."""
        assert self.code == 0, self
        return self

    def fails(self, code: int, *words: str) -> Result:
        """Check that it ended with that code and said those words, on stdout or stderr."""
        assert self.code == code, self
        for word in words:
            assert word in self.out + self.err, self
        return self

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines on stdout."""
        return self.out.splitlines()

    @property
    def outcomes(self) -> dict[str, dict[str, Any]]:
        """What the document says of each file, by the file's name."""
        return {outcome["file"]: outcome for outcome in self.json["outcomes"]}

    @property
    def counts(self) -> dict[str, int]:
        """The counts of the document that are not zero."""
        return {outcome: count for outcome, count in self.json["counts"].items() if count}


class _Stream(io.StringIO):
    """Where a command writes to in this process."""

    def __init__(self, is_terminal: bool) -> None:  # noqa: FBT001 - what isatty answers
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@dataclass
class Site:
    """One directory, usually with ``emdash.toml``, ``queue/``, ``archive/`` and a store in ``emdash.db``.

    Attributes:
        root: the directory.
        originals: what was put into the queues, by file name.
        environment: variables that commands see in addition to the usual ones.
        layout: whose tables the store has, one of `LAYOUTS`.
        is_terminal: whether commands find a terminal to write to, instead of a pipe.
    """

    root: Path
    originals: dict[str, bytes] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    layout: str = EMBEDDED
    is_terminal: bool = False

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

    def write(self, name: str, content: object) -> Path:
        """Write any file below the directory: text, bytes, or a document as JSON."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

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
        self.originals[name] = raw
        return path

    def put_atomically(self, name: str, **fields: Any) -> None:
        """Write a queue file beside the queue and move it in when it is complete."""
        path = self.put(f".{name}.tmp", **fields)
        self.originals[name] = self.originals.pop(path.name)
        path.rename(path.with_name(name))

    def put_many(self, count: int, **fields: Any) -> None:
        """Write so many articles, each different."""
        for number in range(1, count + 1):
            self.put(f"{number:04}-article.json", title=f"Article {number}", **fields)

    def run(self, *words: str | Path) -> Result:
        """Run a command in this process; a document that it prints must be as its schema says."""
        arguments = [str(word) for word in words]
        out, err = _Stream(self.is_terminal), _Stream(self.is_terminal)
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            contextlib.chdir(self.root),
            _environment(self.environment),
        ):
            code = run(arguments)
        check(arguments, out.getvalue())
        return Result(int(code), out.getvalue(), err.getvalue())

    def publish(self, *options: str) -> Result:
        """Run ``publish-queue --json`` in this process."""
        return self.run("publish-queue", "--json", *options)

    def command(self, *words: str) -> list[str]:
        """The command line as a process is started with it."""
        return [sys.executable, "-m", "emdash_cli", *words]

    def start(self, *words: str, launcher: Iterable[str] = ()) -> subprocess.Popen[str]:
        """Start a command as a process of its own; `ended` waits for it."""
        return subprocess.Popen(
            [*launcher, *self.command(*words)],
            cwd=self.root,
            env=clean_environment() | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def spawn(self, *words: str, launcher: Iterable[str] = ()) -> Result:
        """Run a command as a process of its own, whose streams, signals and exit are real."""
        return ended(self.start(*words, launcher=launcher))

    def sql(self, text: str, *values: object, database: str = "emdash.db") -> list[tuple[Any, ...]]:
        """Rows of a statement, by a way that is not the code under test; what it changes is committed."""
        with closing(sqlite3.connect(self.root / database)) as connection, connection:
            connection.execute("PRAGMA synchronous=OFF")  # what a test writes need not outlive a power cut
            return connection.execute(text, values).fetchall()

    def insert(self, table: str, **values: object) -> None:
        """Add a row as another program would."""
        marks = ", ".join("?" for _ in values)
        self.sql(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())

    def row(self, table: str, **where: object) -> dict[str, Any]:
        """The one row of a table with those values."""
        condition = " AND ".join(f"{name} = ?" for name in where)
        with closing(sqlite3.connect(self.store)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute(f"SELECT * FROM {table} WHERE {condition}", tuple(where.values())).fetchall()
        assert len(rows) == 1, (table, where, len(rows))
        return dict(rows[0])

    def post(self, slug: str) -> dict[str, Any]:
        """The row of the one post with that slug."""
        return self.row("ec_posts", slug=slug)

    def dump(self, *, without: Sequence[str] = ()) -> list[str]:
        """Everything that the store holds, tables left out by name."""
        with closing(sqlite3.connect(self.store)) as connection:
            return [line for line in connection.iterdump() if not any(f'INTO "{table}"' in line for table in without)]

    def mirror(self) -> None:
        """Have ``emdash.db`` hold what the store holds, wherever that is."""

    def use_layout(self, layout: str) -> None:
        """Exchange the store for an empty one with those tables, and the tool's own."""
        for ending in ("", "-wal", "-shm"):
            self.store.with_name(f"{self.store.name}{ending}").unlink(missing_ok=True)
        self.store.write_bytes(_empty_store(layout))
        self.layout = layout

    def files(self, folder: str = ".") -> list[str]:
        """Every file below the folder, by its path from there."""
        root = self.root / folder
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())

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
        return Site(root, dict(self.originals), self.environment, self.layout)


def new_site(root: Path, *, layout: str = EMBEDDED, journal_mode: str = "wal") -> Site:
    """A site as `emdash init` makes it: settings, an empty queue, an empty archive, and a store without posts."""
    site = Site(root)
    for directory in (site.queue, site.archive):
        directory.mkdir(parents=True)
    site.write("emdash.toml", _initial_settings())
    site.use_layout(layout)
    if journal_mode != "wal":
        site.sql(f"PRAGMA journal_mode={journal_mode}")
    return site


@cache
def _initial_settings() -> str:
    with tempfile.TemporaryDirectory() as directory:
        Site(Path(directory)).run("init").succeeds()
        return Path(directory, "emdash.toml").read_text("utf-8")


@cache
def _empty_store(layout: str) -> bytes:
    """The bytes of a store to which `emdash init` has added what it needs; made once, as it takes a while."""
    with tempfile.TemporaryDirectory() as directory, freeze_time(MADE_AT):
        site = Site(Path(directory))
        if layout != EMBEDDED:
            site.store.write_bytes(empty_database(layout))
        site.run("init").succeeds()
        return site.store.read_bytes()


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        if variables:
            os.environ.clear()
            os.environ.update(before)


def clean_environment() -> dict[str, str]:
    """The environment of a process under test: nothing of the test run's own, such as measuring coverage."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "LANG": "C.UTF-8", "HOME": "/nonexistent"}


def terminal_text(terminal: int) -> str:
    """All that a process writes to a pseudo-terminal, of which this is our end, until it leaves it."""
    written = b""
    try:
        while part := os.read(terminal, 65536):
            written += part
    except OSError:  # Linux reports the other end's closing as an error.
        pass
    os.close(terminal)
    return written.decode()


def ended(process: subprocess.Popen[str]) -> Result:
    """Wait for the end of a process."""
    out, err = process.communicate(timeout=300)
    return Result(process.returncode, out, err)
