"""Where the model drives the tool: a SQLite file, or a D1 engine."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

from freezegun import freeze_time

from tests.harness.d1_site import D1Site, new_d1_site
from tests.harness.site import TOP, Ran, clean_environment, new_site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from tests.d1_engine.engine import Engine
    from tests.harness.site import Site

SETTINGS = '[streams.default]\nslug = "{title}"\n'
NEVER = 1_000_000_000


def text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FilePlace:
    """The tool on a SQLite file, in this process."""

    def __init__(self, root: Path) -> None:
        self.site: Site = new_site(root)
        self.site.settings(SETTINGS)

    def run(self, now: datetime, *words: str) -> Ran:
        with freeze_time(now):
            return self.site.run(*words)

    def crash(self, now: datetime, nth: int, *words: str) -> None:
        """Run a command in a process that dies at the nth thing it does, if it does so many."""
        ended = self._process(now, nth, *words)
        assert ended.returncode in (0, 3, -signal.SIGKILL), ended.stderr

    def _process(self, now: datetime, nth: int, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.model.crash", str(nth), text(now), *words]
        environment = {**self.environment(), "PYTHONPATH": str(TOP)}
        return subprocess.run(
            command, cwd=self.site.root, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    def environment(self) -> Mapping[str, str]:
        return clean_environment()

    def autosave(self, slug: str, title: str) -> None:
        """Rewrite a draft in place, as EmDash's editor does."""
        data = json.dumps({"title": title, "content": []}).replace("'", "''")
        self.site.change(
            f"UPDATE revisions SET data = '{data}'"
            f" WHERE id = (SELECT draft_revision_id FROM ec_posts WHERE slug = '{slug}')"
        )

    def posts(self) -> dict[str, dict[str, Any]]:
        """What the store holds, by slug."""
        self._look()
        with closing(sqlite3.connect(self.site.store)) as connection:
            connection.row_factory = sqlite3.Row
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            rows = connection.execute("""
                SELECT p.slug, p.status, p.title, p.scheduled_at, l.data ->> '$.title' AS live,
                  d.data ->> '$.title' AS draft, k.held_at AS held
                FROM ec_posts AS p LEFT JOIN revisions AS l ON l.id = p.live_revision_id
                LEFT JOIN revisions AS d ON d.id = p.draft_revision_id
                LEFT JOIN schedule_locks AS k ON k.post_id = p.id""").fetchall()
        return {row["slug"]: dict(row) for row in rows}

    def _look(self) -> None:
        """Have ``emdash.db`` hold what the store holds."""


class D1Place(FilePlace):
    """The tool on a D1 engine, each command in a process of its own."""

    def __init__(self, root: Path, engine: Engine) -> None:
        self.d1_site = new_d1_site(root, engine.database())
        self.site = self.d1_site
        self.site.settings(SETTINGS)

    def run(self, now: datetime, *words: str) -> Ran:
        ended = self._process(now, NEVER, *words)
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    def environment(self) -> Mapping[str, str]:
        assert isinstance(self.site, D1Site)
        return self.site.environment

    def _look(self) -> None:
        self.d1_site.mirror()
