"""A folder with an ``emdash.toml`` that points at the site's database, and the tool run in it as cron would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUN_LIMIT = 120
SETTINGS = """\
database = "sqlite:{database}"
timezone = "Europe/Berlin"
site_url = "{site_url}"
"""


@dataclass(frozen=True, slots=True)
class Newsroom:
    """Where articles are queued and the tool is run."""

    directory: Path

    def run(self, *arguments: str, code: int = 0) -> str:
        """What ``emdash`` printed on standard output; the test fails on any other exit code than ``code``."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("emdash")), *arguments],
            cwd=self.directory,
            env={"PATH": os.defpath, "HOME": str(self.directory), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_LIMIT,
        )
        said = f"emdash {' '.join(arguments)}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        assert done.returncode == code, said
        return done.stdout

    def report(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The document that a command prints under ``--json``."""
        document: dict[str, Any] = json.loads(self.run(*arguments, "--json", code=code))
        return document

    def enqueue(self, name: str, article: dict[str, Any]) -> None:
        """Puts a file into the queue, complete or not at all, as any writer should."""
        queue = self.directory / "queue"
        unfinished = queue / f".{name}"
        unfinished.write_text(json.dumps(article, ensure_ascii=False), encoding="utf-8")
        unfinished.rename(queue / name)

    def publish(self, *articles: dict[str, Any], code: int = 0) -> list[dict[str, Any]]:
        """Queues the articles and publishes the queue; the outcomes in the order of the articles."""
        for number, article in enumerate(articles, start=1):
            self.enqueue(f"{number:03d}-article.json", article)
        outcomes: list[dict[str, Any]] = self.report("publish-queue", code=code)["outcomes"]
        assert len(outcomes) == len(articles), outcomes
        return sorted(outcomes, key=lambda outcome: Path(outcome["file"]).name)


def open_newsroom(directory: Path, database: Path, site_url: str) -> Newsroom:
    """Makes the folder and lets ``emdash init`` add the tool's own tables to the site's database."""
    directory.mkdir()
    (directory / "emdash.toml").write_text(SETTINGS.format(database=database, site_url=site_url), encoding="utf-8")
    newsroom = Newsroom(directory)
    newsroom.run("init")
    return newsroom
