"""What must be true of a site once a run has ended: every article is archived once and published once."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.harness.site import Site


def assert_exactly_once(site: Site, outcomes: Mapping[str, str] | None = None) -> None:
    """Every file that was put into the site is in the archive once and in the store once, and nothing else is.

    Args:
        site: with one stream, `default`.
        outcomes: the folder of each file; without it, all are published.
    """
    site.mirror()
    wanted = outcomes or dict.fromkeys(site.originals, "published")
    _assert_files(site, wanted)
    written = {name for name, outcome in wanted.items() if outcome in {"published", "scheduled", "draft"}}
    with closing(sqlite3.connect(site.store)) as connection:
        connection.row_factory = sqlite3.Row
        _assert_sound(connection)
        _assert_posts(connection, {name: json.loads(site.originals[name]) for name in written}, wanted)
    leftovers = {path.name for path in site.root.iterdir()} - {"emdash.toml", "emdash.db", "queue", "archive"}
    assert not leftovers, f"left behind: {leftovers}"


def _assert_files(site: Site, wanted: Mapping[str, str]) -> None:
    assert site.waiting() == [], "the queue is not empty"
    archived = [path for path in site.archive.glob("*/*/*") if not path.name.endswith(".reason.txt")]
    found = Counter((path.name, path.parts[-3]) for path in archived)
    assert found == Counter(wanted.items()), "not every file is in its folder of the archive once"
    for path in archived:
        assert path.read_bytes() == site.originals[path.name], f"{path} is not what was put into the queue"
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
