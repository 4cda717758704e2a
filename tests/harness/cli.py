"""The command line as a user has it: words in; exit code, stdout and stderr out."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emdash_cli.__main__ import run
from tests.harness.documents import check

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    def succeeds(self) -> Result:
        assert self.code == 0, self
        return self

    def fails(self, code: int, *words: str) -> Result:
        """With that exit code, and with those words for people."""
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
        return self.out.splitlines()


class Cli:
    """Runs `emdash` in a directory."""

    def __init__(self, root: Path, output: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._output = output

    def __call__(self, *words: str | Path) -> Result:
        """Run a command; a document that it prints must be as its schema says."""
        arguments = [str(word) for word in words]
        self._output.readouterr()
        code = run(arguments)
        result = Result(int(code), *self._output.readouterr())
        check(arguments, result.out)
        return result

    def write(self, name: str, content: object) -> Path:
        """A file with that text or bytes, or with that document as JSON."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def files(self, folder: str = ".") -> list[str]:
        """Every file below the folder, by its path from there."""
        root = self.root / folder
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())

    def sql(self, text: str, *values: object, database: str = "emdash.db") -> list[tuple[Any, ...]]:
        """Rows of a statement, straight from the store; what it changes is committed."""
        with closing(sqlite3.connect(self.root / database)) as connection, connection:
            return connection.execute(text, values).fetchall()

    def snapshot(self) -> dict[str, bytes | None]:
        """Everything below the root: directories, and files with their bytes."""
        return {
            str(path.relative_to(self.root)): None if path.is_dir() else path.read_bytes()
            for path in self.root.rglob("*")
        }
