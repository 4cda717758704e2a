"""The work that an article costs the database does not grow with the posts that are there.

Counted in steps of SQLite's virtual machine, which are the same on every machine, not in time.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.ports import Statement
from emdash_cli.store import schema
from tests.emdash_databases.databases import write_database
from tests.harness.sessions import session_in
from tests.harness.site import MADE_AT, Site, new_site
from tests.targets import swept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from emdash_cli.domain.ports import Row

ARTICLES = 100
SMALL, LARGE = 1_000, (20_000, 100_000)


def store_with(site: Site, layout: str, posts: int, *, analysed: bool) -> None:
    """A store of that layout that holds so many posts, as this tool would have published them."""
    if layout != "embedded":
        write_database(layout, site.store)
        with closing(SqliteDatabase(site.store)) as database:
            database.batch(schema.tool_tables(MADE_AT))
    with closing(sqlite3.connect(site.store)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        fill(connection, posts)
        if analysed:
            connection.execute("ANALYZE")


def fill(connection: sqlite3.Connection, posts: int) -> None:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {posts})"
    at = "strftime('%Y-%m-%dT%H:%M:%S.000Z', '2020-01-01', i || ' minutes')"
    text = """'[{"_type":"block","children":[{"_type":"span","text":"About ' || i || '"}]}]'"""
    connection.execute(f"""
        INSERT INTO revisions (id, collection, entry_id, data)
        {numbers} SELECT 'r' || i, 'posts', 'p' || i, json_object('title', 'Title ' || i) FROM n""")
    connection.execute(f"""
        INSERT INTO ec_posts (id, slug, status, created_at, updated_at, published_at, live_revision_id, locale,
          translation_group, title, content)
        {numbers} SELECT 'p' || i, i || '-title-' || i, 'published', {at}, {at}, {at}, 'r' || i, 'en', 'p' || i,
          'Title ' || i, {text} FROM n""")
    connection.execute(f"""
        INSERT INTO publish_ledger (key, digest, post_id, revision_id, translation_group, outcome, stream, file, locale,
          slug, series, number, recorded_at, run_id)
        {numbers} SELECT 'sha256:' || i, 'd' || i, 'p' || i, 'r' || i, 'p' || i, 'published', 'default', i || '.json',
          'en', i || '-title-' || i, '{{number}}-{{title}}|en', i, {at}, 'run' FROM n""")
    connection.execute("""
        INSERT INTO taxonomies (id, name, slug, label, locale, translation_group)
        VALUES ('t1', 'tag', 'news', 'News', 'en', 't1')""")
    links = {row[1] for row in connection.execute("PRAGMA table_info(content_taxonomies)")}
    kept = "collection, entry_id, taxonomy_id" + (", status, locale" if "status" in links else "")
    values = "'posts', 'p' || i, 't1'" + (", 'published', 'en'" if "status" in links else "")
    connection.execute(f"INSERT INTO content_taxonomies ({kept}) {numbers} SELECT {values} FROM n")


def publish(database: SqliteDatabase, site: Site) -> None:
    from emdash_cli.publishing.queues import Publication, publish_queues

    session = session_in(database, site.root)
    task = Publication(session.settings.streams, None, 0, is_preview=False, stopped=lambda: False)
    outcomes = list(publish_queues(session, task))
    assert [getattr(reported, "outcome", reported) for reported in outcomes] == ["published"] * ARTICLES


def steps_per_article(site: Site) -> float:
    """Steps of SQLite's virtual machine while the queue is published."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 100
        return 0

    with closing(SqliteDatabase(site.store)) as database:
        database._connection.set_progress_handler(count, 100)
        publish(database, site)
    return steps / ARTICLES


def queue_at(tmp_path: Path, layout: str, posts: int, *, analysed: bool = True) -> Site:
    site = new_site(tmp_path / f"{posts}")
    store_with(site, layout, posts, analysed=analysed)
    for number in range(ARTICLES):
        site.put(f"{number:03}-new.json", tags=["News", "Tools"], author="Ada Lovelace", seo={"title": "A"})
    return site


def cost_at(tmp_path: Path, layout: str, posts: int, *, analysed: bool = True) -> float:
    return steps_per_article(queue_at(tmp_path, layout, posts, analysed=analysed))


@pytest.mark.parametrize("posts", swept(*LARGE))
def test_cost_of_an_article(tmp_path: Path, store_layout: str, posts: int) -> None:
    small, large = (cost_at(tmp_path, store_layout, count) for count in (SMALL, posts))
    assert large == pytest.approx(small, rel=0.1)


def test_cost_of_an_article_without_statistics(tmp_path: Path, store_layout: str) -> None:
    """A planner without statistics from ANALYZE chooses as well."""
    small, large = (cost_at(tmp_path, store_layout, count, analysed=False) for count in (SMALL, LARGE[0]))
    assert large == pytest.approx(small, rel=0.1)


class Counting(SqliteDatabase):
    statements = 0

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.statements += len(statements)
        return super().batch(statements)


def test_a_group_takes_few_statements(tmp_path: Path, store_layout: str) -> None:
    """For each statement that may fail halfway, SQLite first copies every page that the statement changes."""
    site = queue_at(tmp_path, store_layout, SMALL)
    with closing(Counting(site.store)) as database:
        publish(database, site)
        assert database.statements <= ARTICLES // 2


def test_the_copies_stay_in_memory(tmp_path: Path) -> None:
    """Beyond 64 KB, SQLite would write them to a temporary file: two system calls for each page."""
    site = new_site(tmp_path)
    store_with(site, "embedded", SMALL, analysed=False)
    with closing(SqliteDatabase(site.store)) as database:
        assert database.query(Statement("PRAGMA temp_store")) == [{"temp_store": 2}]
