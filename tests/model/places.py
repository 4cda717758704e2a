"""Where the model drives the tool: a SQLite file, the database of an EmDash site, or a D1 engine."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.emdash_databases.databases import write_database
from tests.harness.d1_site import D1Site, new_d1_site
from tests.harness.site import clean_environment, new_site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from tests.d1_engine.engine import Engine
    from tests.harness.site import Result, Site
    from tests.model.process import Processes

STREAMS = ("default", "notes")
SETTINGS = """
[streams.default]
slug = "{title}"
platforms = ["bot", "partner"]
[streams.notes]
slug = "{title}"
queue = "notes"
archive = "noted"
on_change = "update"
platforms = ["partner"]
[platforms.partner]
kind = "target"
url = "URL/partner"
allow_private = true
since = 2030-01-01
concurrency = 1000
[platforms.bot]
kind = "telegram"
token = "env:BOT_TOKEN"
chat = "@blog"
api_base = "URL"
allow_private = true
since = 2030-01-01
rate = "9999999/s"
concurrency = 1000
stale_after = "never"
"""
"""A platform that recognises what it was sent, and one that must not be sent anything twice; without limits, so that a
run announces whatever is due."""
POSTS = """
    SELECT p.id, p.slug, p.status, p.title, p.scheduled_at, p.published_at, p.deleted_at, l.data ->> '$.title' AS live,
      d.data ->> '$.title' AS draft, d.data ->> '$._slug' AS draft_slug, k.post_id AS locked, k.held_at AS held,
      k.data ->> '$.title' AS reviewed, k.slug AS reviewed_slug,
      (SELECT e.expires_at FROM post_expiries AS e WHERE e.post_id = p.id) AS expires,
      (SELECT group_concat(DISTINCT t.label) FROM content_taxonomies AS c
        JOIN taxonomies AS t ON t.translation_group = c.taxonomy_id AND t.name = 'tag'
        WHERE c.collection = 'posts' AND c.entry_id IN (p.id, p.translation_group)) AS tag
    FROM ec_posts AS p LEFT JOIN revisions AS l ON l.id = p.live_revision_id
    LEFT JOIN revisions AS d ON d.id = p.draft_revision_id
    LEFT JOIN schedule_locks AS k ON k.post_id = p.id"""

LEDGER = """
    SELECT substr(key, 4, length(key) - 6) AS key FROM publish_ledger
    WHERE key LIKE 'id:%:en' AND key NOT LIKE '%#retired-%'"""

OUTBOX = "SELECT path, path_before FROM publish_outbox"
JOBS = """
    SELECT j.id, j.subject, j.lane, j.kind, j.version, j.state, j.attempts, j.crashes, j.suspected, p.slug,
      j.change ->> '$.path' AS path, j.change ->> '$.path_before' AS path_before, j.purged_at,
      EXISTS (SELECT 1 FROM job_attempts AS a WHERE a.job_id = j.id AND a.claim = j.claim) AS is_begun
    FROM publish_jobs AS j LEFT JOIN ec_posts AS p ON p.id = j.subject ORDER BY j.id"""
LANES = "SELECT lane, paused_at FROM publish_lanes"
LITTER = "SELECT DISTINCT entry_id AS id FROM revisions WHERE entry_id NOT IN (SELECT id FROM ec_posts)"
FOREIGN_KEYS = "PRAGMA foreign_key_check"
REDIRECTS = "SELECT source, destination FROM _emdash_redirects"
KEPT = {
    "0.32": """
    SELECT p.slug FROM content_taxonomies AS c JOIN ec_posts AS p ON p.id = c.entry_id
    WHERE (c.status, c.scheduled_at, c.published_at, c.deleted_at)
      IS NOT (p.status, p.scheduled_at, p.published_at, p.deleted_at)""",
    "0.34": """
    SELECT p.slug FROM ec_posts AS p JOIN revisions AS r ON r.id = coalesce(p.draft_revision_id, p.live_revision_id)
    WHERE r.id NOT IN (
      SELECT q.revision_id FROM _emdash_revision_prune_queue AS q WHERE q.entry_id = p.id)""",
}
"""Posts of which EmDash does not have what it keeps beside them, by its version: stamps of term links, and a queue of
entries whose old revisions may be pruned."""


def text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FilePlace:
    """The tool on a SQLite file."""

    version: str | None = None
    """Of the EmDash whose database it is."""

    def __init__(self, root: Path, processes: Processes) -> None:
        self.processes = processes
        self.site = self.new_site(root)
        self.site.environment["BOT_TOKEN"] = "12345:planted"  # noqa: S105 - planted

    def new_site(self, root: Path) -> Site:
        return new_site(root)

    def announces_at(self, url: str) -> None:
        """All platforms are there."""
        self.site.settings(SETTINGS.replace("URL", url))

    def run(self, now: datetime, *words: str, nth: int = 0) -> Result:
        """Run a command in a process that dies at the nth thing it does, if that is not 0 and it does so many."""
        return self.processes.run(words, text(now), nth, self.site.root, self.environment())

    def environment(self) -> Mapping[str, str]:
        return clean_environment() | self.site.environment

    def look(self, *queries: str) -> list[list[dict[str, Any]]]:
        """What the store answers, by a way that is not the code under test."""
        with closing(sqlite3.connect(self.site.store)) as connection:
            connection.row_factory = sqlite3.Row
            return [[dict(row) for row in connection.execute(query)] for query in queries]


class EmDashPlace(FilePlace):
    """The tool on the database of an EmDash site, with its triggers, redirects and queues."""

    def __init__(self, root: Path, processes: Processes, version: str) -> None:
        self.version: str = version
        super().__init__(root, processes)
        ran = self.processes.run(("init",), "2040-01-01T00:00:00.000Z", 0, root, self.environment())
        assert ran.code == 0, ran

    def new_site(self, root: Path) -> Site:
        site = new_site(root)
        write_database(self.version, site.store)
        return site


class D1Place(FilePlace):
    """The tool on a D1 engine."""

    def __init__(self, root: Path, processes: Processes, engine: Engine) -> None:
        self.engine = engine
        super().__init__(root, processes)

    def new_site(self, root: Path) -> Site:
        return new_d1_site(root, self.engine.database())

    def look(self, *queries: str) -> list[list[dict[str, Any]]]:
        assert isinstance(self.site, D1Site)
        return self.site.d1.execute(*queries)
