"""Lists, calendars, completions and statistics read by index, and a list finds the same whichever way it searches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.article import FieldNames
from emdash_cli.domain.ports import Statement
from emdash_cli.publishing.sql.claiming import known_locales
from emdash_cli.reports.sql import figures, history, listing
from emdash_cli.reports.sql.listing import ListQuery
from emdash_cli.scheduling.sql import slots
from emdash_cli.store import labels

if TYPE_CHECKING:
    from emdash_cli.databases.sqlite import SqliteDatabase

NAMES = FieldNames()
WINDOW = listing.Window("2026-01-01", "2026-02-01", "2026-01-01", "2026-02-01")
PERIOD = figures.Period("2026-01-01", "2026-02-01")
FILTERS = {
    "nothing": ListQuery(),
    "locale": ListQuery(locale="de"),
    "since": ListQuery(since="2026-01-01T00:10:00.000Z"),
    "after": ListQuery(after=("2026-01-01T00:30:00.000Z", "post-00120")),
    "draft": ListQuery(status="draft"),
    "scheduled": ListQuery(status="scheduled"),
    "trashed": ListQuery(status="trashed"),
    "author": ListQuery(author="ann"),
    "name": ListQuery(author="Ann B."),
    "category": ListQuery(category="news"),
    "tag": ListQuery(tag="Rare"),
    "stream": ListQuery(stream="tech"),
    "from": ListQuery(live_from="2026-01-01T00:10:00.000Z"),
    "to": ListQuery(live_until="2026-01-01T01:00:00.000Z"),
    "from-to": ListQuery(live_from="2026-01-01T00:10:00.000Z", live_until="2026-01-01T01:00:00.000Z", locale="en"),
    "trashed-from": ListQuery(status="trashed", live_from="2026-01-01T00:10:00.000Z"),
    "all": ListQuery(
        *("published", "ann", "news", "common", "tech", "en", "2026-01-01T00:10:00.000Z"),
        ("2026-01-02T00:00:00.000Z", "post-02000"),
    ),
}
OTHERS = {
    "calendar": listing.calendar(NAMES, WINDOW),
    "slots": slots.planned(NAMES, "2026-01-01", "2026-02-01", "default"),
    "authors": listing.authors_beginning("a"),
    "schedulable": listing.schedulable_beginning(NAMES, "a"),
    "scheduled": listing.scheduled_beginning(NAMES, "a"),
    "known-authors": labels.known_bylines("a"),
    "known-locales": known_locales(NAMES),
    "known-users": labels.users_known_as(["a@example.org"]),
    "known-terms": labels.known_terms("tag", "a"),
    "tags": listing.terms_beginning("tag", "a"),
    "history-post": history.posts_with_slug(NAMES, "a"),
    "history-revisions": history.revisions_of(NAMES, "a"),
    "history-data": history.data_of(["a"]),
    "history-audit": history.audit_of("a"),
    "history-source": history.source_of("a"),
    "ends": figures.first_and_last(),
    "months": figures.by_month([("2026-01", "2026-01-01", "2026-02-01")]),
    "waits": figures.waits(PERIOD),
    "failures": figures.failures(PERIOD),
    "statuses": figures.posts_by_status(NAMES),
}


def fill(store: SqliteDatabase, count: int) -> None:
    """Every second post is Ann's, every third is news and of the stream tech, every fiftieth has a rare tag."""
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    post, made = "printf('post-%05d', i)", "strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', (i / 2 * 30) || ' seconds')"
    status = "CASE WHEN i % 10 = 0 THEN 'draft' WHEN i % 35 = 0 THEN 'scheduled' ELSE 'published' END"
    scheduled_at = f"CASE WHEN i % 35 = 0 OR i % 44 = 0 THEN {made} END"
    locale = "CASE WHEN i % 7 = 0 THEN 'de' ELSE 'en' END"
    statements = [
        f"""{numbers} INSERT INTO ec_posts
          (id, slug, locale, status, scheduled_at, translation_group, created_at, deleted_at)
        SELECT {post}, {post}, {locale}, {status}, {scheduled_at}, {post}, {made}, iif(i % 90 = 0, {made}, NULL)
        FROM n""",
        "INSERT INTO _emdash_bylines (id, slug, display_name, translation_group) VALUES ('A', 'ann', 'Ann B.', 'A')",
        f"""{numbers} INSERT INTO _emdash_content_bylines (id, collection_slug, content_id, byline_id)
        SELECT {post}, 'posts', {post}, iif(i % 2 = 0, 'A', 'B' || i % 40) FROM n""",
        """INSERT INTO taxonomies (id, name, slug, label, translation_group)
        VALUES ('N', 'category', 'news', 'News', 'N'), ('R', 'tag', 'rare', 'Rare', 'R'),
          ('C', 'tag', 'common', '', 'C')""",
        f"""{numbers} INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id)
        SELECT 'posts', {post}, 'N' FROM n WHERE i % 3 = 0 UNION ALL SELECT 'posts', {post}, 'R' FROM n WHERE i % 50 = 0
        UNION ALL SELECT 'posts', {post}, 'C' FROM n""",
        f"""{numbers} INSERT INTO publish_ledger
        (key, digest, post_id, revision_id, translation_group, outcome, stream, file, locale, slug, recorded_at, run_id)
        SELECT i, '', {post}, '', '', 'published',
          iif(i % 3 = 0, 'tech', 's' || i % 40), '', '', '', {made}, '' FROM n""",
    ]
    store.batch([Statement(sql) for sql in statements])


def scans(store: SqliteDatabase, statement: Statement) -> list[str]:
    """What is read from one end to the other and is neither the result of a subquery nor a parameter."""
    explained = store.query(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params))
    plan = [str(row["detail"]) for row in explained]
    found = {line.split()[1] for line in plan if line.startswith(("CO-ROUTINE", "MATERIALIZE"))}
    # Aliases of the results of subqueries, as the SQL names them.
    found |= set(re.findall(r"(?:few|found|page|wanted|streams|waits) AS (\w)\b", statement.sql))
    small = {"CONSTANT", "sqlite_master"}
    read = [line for line in plan if line.startswith("SCAN") and "VIRTUAL TABLE" not in line]
    return [line for line in read if line.split()[1] not in found | small and not line.startswith("SCAN (subquery")]


@pytest.mark.parametrize("analysed", [False, True])
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_a_list_scans_no_table(store: SqliteDatabase, wanted: ListQuery, *, analysed: bool) -> None:
    """Statistics may change the planner's mind."""
    if analysed:
        fill(store, 2000)
        store.batch([Statement("ANALYZE")])
    assert scans(store, listing.list_posts(NAMES, wanted)) == []


@pytest.mark.parametrize("analysed", [False, True])
@pytest.mark.parametrize("statement", OTHERS.values(), ids=OTHERS)
def test_nothing_else_scans_a_table(store: SqliteDatabase, statement: Statement, *, analysed: bool) -> None:
    if analysed:
        fill(store, 2000)
        store.batch([Statement("ANALYZE")])
    assert scans(store, statement) == []


def test_statistics_need_the_index_of_the_ledger_alone(store: SqliteDatabase) -> None:
    for name in ("ends", "months", "waits"):
        explained = store.query(Statement(f"EXPLAIN QUERY PLAN {OTHERS[name].sql}", OTHERS[name].params))
        searches = [str(row["detail"]) for row in explained if "publish_ledger" in str(row["detail"])]
        assert searches
        assert all("COVERING INDEX publish_ledger_stream" in line for line in searches), searches


@pytest.mark.parametrize("few", [0, 100, 10_000])
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_both_ways_of_searching_find_the_same(
    store: SqliteDatabase, monkeypatch: pytest.MonkeyPatch, wanted: ListQuery, few: int
) -> None:
    fill(store, 600)
    monkeypatch.setattr(listing, "FEW", few)
    rows = store.query(listing.list_posts(NAMES, wanted._replace(most=40)))
    assert [row["id"] for row in rows] == expected(wanted)[:40]


def expected(wanted: ListQuery) -> list[str]:
    """The posts that `fill` has made and that are wanted, the newest first, reckoned without a database."""
    found = []
    for i in range(600, 0, -1):
        post, minutes, seconds = f"post-{i:05}", *divmod(i // 2 * 30, 60)
        made = f"2026-01-01T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.000Z"
        trashed = i % 90 == 0
        status = "draft" if i % 10 == 0 else "scheduled" if i % 35 == 0 else "published"
        is_change = status == "published" and (i % 35 == 0 or i % 44 == 0)
        is_timed = i % 35 == 0 or i % 44 == 0
        statuses = {"trashed"} if trashed else {status, "scheduled"} if is_change else {status}
        holds = [
            trashed == (wanted.status == "trashed"),
            wanted.status is None or wanted.status in statuses,
            wanted.author is None or i % 2 == 0,
            wanted.category is None or i % 3 == 0,
            wanted.tag != "Rare" or i % 50 == 0,
            wanted.stream is None or i % 3 == 0,
            wanted.locale is None or (wanted.locale == "de") == (i % 7 == 0),
            wanted.since is None or made >= wanted.since,
            wanted.after is None or (made, post) < wanted.after,
            wanted.live_from is None or (is_timed and made >= wanted.live_from),
            wanted.live_until is None or (is_timed and made < wanted.live_until),
        ]
        if all(holds):
            found.append(post)
    return found
