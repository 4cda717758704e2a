"""`emdash cleanup` on a store in which every kind of half-finished insert was made on purpose."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.article import FieldNames, PublicSite
from emdash_cli.domain.ulid import UlidSource
from emdash_cli.maintenance.sql import cleaning
from emdash_cli.maintenance.sql import rows as kinds
from emdash_cli.maintenance.sql.cleaning import Cutoff
from emdash_cli.store.changes import Claim
from emdash_cli.store.layout import describe_store, layout_from, versions
from tests.maintenance.support import AGE, BODY, NOW, OLD, Half, expected, half_done, outcomes

if TYPE_CHECKING:
    from tests.harness.site import Site


pytestmark = pytest.mark.usefixtures("frozen")


def test_it_finishes_what_has_text_and_removes_what_has_nothing(mess: Half) -> None:
    before = mess.everything()
    result = mess.site.run("cleanup", "--json").fails(3)
    assert outcomes(result) == expected(mess)
    after = mess.everything()
    gone = {
        "ec_posts": {"EMPTY"},
        "revisions": {"ORPHAN-1"},
        "_emdash_content_bylines": {"credit-EMPTY", "credit-GONE"},
        "schedule_locks": {"EMPTY", "GONE"},
    }
    for table, ids in gone.items():
        assert {row[0] for row in before[table]} - {row[0] for row in after[table]} == ids, table
    gone = {"content_taxonomies": {mess.entry("EMPTY"), mess.entry("GONE")}, "_emdash_seo": {"EMPTY", "GONE"}}
    for table, ids in gone.items():
        assert {row[1] for row in before[table]} - {row[1] for row in after[table]} == ids, table
    untouched = ("WHOLE", "DRAFT", "SCHEDULED", "TRASHED", "GERMAN", "UNREADABLE")
    assert {row for row in before["ec_posts"] if row[0] in untouched} <= after["ec_posts"]
    assert before["revisions"] - after["revisions"] == {row for row in before["revisions"] if row[0] == "ORPHAN-1"}
    assert mess.site.sql("PRAGMA foreign_key_check") == []
    assert mess.site.sql("PRAGMA integrity_check") == [("ok",)]


def test_finished_posts_are_live_and_read_as_before(mess: Half) -> None:
    mess.site.run("cleanup").fails(3)
    posts = {
        row[0]: row[1:]
        for row in mess.site.sql(
            "SELECT p.id, r.id, r.entry_id, p.status, json(p.content), json(r.data -> '$.content'), p.title,"
            " r.data ->> '$.title', p.version, p.updated_at FROM ec_posts AS p JOIN revisions AS r"
            " ON r.id = p.live_revision_id WHERE p.id IN ('ONLY', 'ONLY-TERMS', 'UNLIVE', 'BARE', 'OTHER')"
        )
    }
    body = json.loads(json.dumps(BODY))
    for post, (_, entry, status, content, revised, title, revised_title, version, updated_at) in posts.items():
        assert (entry, status, version) == (post, "published", 2)
        assert json.loads(content) == json.loads(revised) == body, post
        assert title == revised_title == f"About {post}"
        assert updated_at == "2026-06-15T12:00:00.000Z"
    assert (posts["UNLIVE"][0], posts["BARE"][0]) == ("UNLIVE-2", "BARE-1")
    made = {post for post, row in posts.items() if not row[0].startswith(post)}
    assert made == {"ONLY", "ONLY-TERMS", "OTHER"}


def test_the_second_time_there_is_nothing_left_to_do(mess: Half) -> None:
    mess.site.run("cleanup").fails(3)
    before = mess.everything()
    again = mess.site.run("cleanup", "--json").fails(3)
    assert outcomes(again) == {("left", "post", "UNREADABLE")}
    assert mess.everything() == before
    assert len(mess.site.files("archive/removed")) == 1


def test_a_dry_run_tells_the_same_and_changes_nothing(mess: Half) -> None:
    before, files = mess.everything(), mess.site.files()
    preview = mess.site.run("cleanup", "--dry-run", "--json").fails(3)
    assert (mess.everything(), mess.site.files()) == (before, files)
    assert mess.site.sql("SELECT count(*) FROM pipeline_audit") == [(0,)]
    real = mess.site.run("cleanup", "--json").fails(3)
    assert preview.json["outcomes"] == real.json["outcomes"]
    assert (preview.json["dry_run"], preview.json["kept_in"]) == (True, None)


def test_quietly_only_what_a_person_should_look_at_is_told(mess: Half) -> None:
    result = mess.site.run("cleanup", "--quiet").fails(3)
    assert result.out == ""
    (line,) = result.err.splitlines()
    assert line.startswith("left\tpost\tUNREADABLE")
    assert "EMPTY" not in mess.ids("ec_posts")
    mess.site.sql("DELETE FROM ec_posts WHERE id = 'UNREADABLE'")
    mess.site.run("cleanup", "--quiet").succeeds()
    done = mess.site.run("cleanup", "--quiet").succeeds()
    assert (done.out, done.err) == ("", "")


def test_remove_removes_everything_incomplete_with_its_revisions(mess: Half) -> None:
    preview = mess.site.run("cleanup", "--remove", "--dry-run", "--json").succeeds()
    result = mess.site.run("cleanup", "--remove", "--json").succeeds()
    assert preview.json["outcomes"] == result.json["outcomes"]
    incomplete_posts = {"ONLY", "ONLY-TERMS", "UNLIVE", "BARE", "OTHER", "EMPTY", "UNREADABLE"}
    assert mess.ids("ec_posts") & incomplete_posts == set()
    left = mess.ids("revisions")
    wanted = {"WHOLE-1", "WHOLE-2", "SCHEDULED-1", "TRASHED-1", "PAGE-1"} | ({"GERMAN-1"} if mess.by_group else set())
    assert left == wanted


def test_whatever_is_removed_is_in_the_file(mess: Half) -> None:
    before = mess.everything()
    result = mess.site.run("cleanup", "--json").fails(3)
    (name,) = mess.site.files("archive/removed")
    assert result.json["kept_in"] == str(mess.site.root / "archive/removed" / name)
    lines = [json.loads(line) for line in (mess.site.root / "archive/removed" / name).read_text().splitlines()]
    kept: dict[str, set[tuple[Any, ...]]] = {}
    for line in lines:
        kept.setdefault(line["table"], set()).add(tuple(line["row"].values()))
    after = mess.everything()
    for table, rows in before.items():
        # Others were changed: posts were finished, and their term links with them.
        removed = {
            row
            for row in rows - after[table]
            if {"EMPTY", "GONE", "ORPHAN-1", *map(mess.entry, ("EMPTY", "GONE"))} & {*row[:3]}
        }
        assert kept.get(table, set()) == removed, table


def test_it_is_in_the_audit_table_and_among_the_runs(embedded: Half) -> None:
    half_done(embedded)
    embedded.site.run("cleanup").fails(3)
    posts = embedded.site.sql("SELECT action, post_id, slug FROM pipeline_audit WHERE post_id IS NOT NULL")
    assert ("removed", "EMPTY", "empty") in posts
    assert ("finished", "ONLY", "only") in posts
    assert len(posts) == 6
    assert embedded.site.sql("SELECT kind, counts ->> 'finished' FROM pipeline_runs") == [("cleanup", 5)]
    # What is run by hand cannot fall silent.
    assert embedded.site.sql("SELECT * FROM pipeline_heartbeats") == []
    assert {row[0] for row in embedded.site.sql("SELECT path FROM publish_outbox")} >= {"/posts/empty", "/posts/only"}
    ((actor,),) = embedded.site.sql("SELECT DISTINCT actor FROM pipeline_audit")
    assert actor.startswith("operator:")


def test_a_pointer_to_a_revision_that_is_gone_is_mended(half: Half) -> None:
    half.site.sql(
        "INSERT INTO ec_posts (id, slug, status, title, content, live_revision_id, created_at, updated_at)"
        " VALUES ('P', 'p', 'published', 'T', '[1]', 'NOWHERE', ?1, ?1)",
        OLD,
    )
    assert outcomes(half.site.run("cleanup", "--json").succeeds()) == {("finished", "post", "P")}
    assert half.site.sql("PRAGMA foreign_key_check") == []


def test_the_newest_revision_is_the_newest_instant(embedded: Half) -> None:
    embedded.post("P", None)
    embedded.revision("Z", "P", ["old"], created_at="2026-06-15T07:59:59.000Z")
    embedded.revision("A", "P", created_at="2026-06-15 08:00:00")
    embedded.site.run("cleanup").succeeds()
    assert embedded.site.sql("SELECT live_revision_id FROM ec_posts") == [("A",)]


def test_pending_changes_stay_pending(embedded: Half) -> None:
    embedded.post("P")
    embedded.revision("D", "P", [{"_type": "block"}])
    embedded.site.sql("UPDATE ec_posts SET draft_revision_id = 'D'")
    embedded.site.run("cleanup").succeeds()
    ((live, draft, content),) = embedded.site.sql("SELECT live_revision_id, draft_revision_id, content FROM ec_posts")
    assert (live != "D", draft, json.loads(content)) == (True, "D", BODY)


@pytest.mark.parametrize(("draft", "left"), [("R2", None), ("R1", "R1")])
def test_a_draft_that_goes_live_is_no_draft_any_more(embedded: Half, draft: str, left: str | None) -> None:
    embedded.post("P")
    embedded.revision("R1", "P", ["pending"], created_at="2026-06-15 07:00:00")
    embedded.revision("R2", "P")
    embedded.site.sql("UPDATE ec_posts SET draft_revision_id = ?", draft)
    embedded.site.run("cleanup").succeeds()
    assert embedded.site.sql("SELECT live_revision_id, draft_revision_id FROM ec_posts") == [("R2", left)]


def test_what_json_cannot_keep_is_not_removed(half: Half) -> None:
    half.post("P", excerpt=b"\xff")
    half.revision("R", "GONE", author_id=b"\xff")
    before = half.everything()
    result = half.site.run("cleanup", "--remove", "--json").fails(3)
    assert outcomes(result) == {("left", "post", "P"), ("left", "revision", "R")}
    assert half.everything() == before


def test_a_revision_that_another_post_points_at_is_no_orphan(half: Half) -> None:
    half.post("P", status="draft")
    half.revision("R", "GONE")
    half.site.sql("UPDATE ec_posts SET draft_revision_id = 'R'")
    assert half.site.run("cleanup", "--json").succeeds().json["outcomes"] == []


def links_and_credits(half: Half, names: dict[str, str]) -> None:
    """A post for each of the names, with a link to that term and a credit of that byline."""
    for post, name in names.items():
        half.post(post, status="draft")
        half.insert("content_taxonomies", collection="posts", entry_id=post, taxonomy_id=name)
        row = {"collection_slug": "posts", "content_id": post, "byline_id": name, "created_at": OLD}
        half.insert("_emdash_content_bylines", id=f"credit-{name}", **row)


def test_links_and_credits_whose_term_or_byline_is_gone_go(half: Half) -> None:
    # By the group of which only a translation is left, by the id of a row without a group, and by nothing.
    young = UlidSource().next(NOW - timedelta(minutes=1))
    posts = [f"01J{number:023}" for number in range(4)]
    links_and_credits(half, dict(zip(posts, ["GROUP", "OLDER", "GONE", young], strict=True)))
    for number, (row, group) in enumerate([("GERMAN", "GROUP"), ("OLDER", None)]):
        half.insert("taxonomies", id=row, translation_group=group, name="tag", slug=f"t{number}", label="T")
        half.insert("_emdash_bylines", id=row, translation_group=group, slug=f"b{number}", display_name="B")
    before = half.everything()
    preview = half.site.run("cleanup", "--dry-run", "--json").succeeds()
    result = half.site.run("cleanup", "--json").succeeds()
    assert preview.json["outcomes"] == result.json["outcomes"]
    reported = {(item["key"], item["reason"]) for item in result.json["outcomes"]}
    link = (f"posts {posts[2]} GONE", "its post or its term does not exist")
    assert reported == {link, ("credit-GONE", "its post or its byline does not exist")}
    assert len(half.rows("content_taxonomies")) == len(half.rows("_emdash_content_bylines")) == 3
    (name,) = half.site.files("archive/removed")
    half.site.run("restore", half.site.root / "archive/removed" / name).succeeds()
    assert half.everything() == before


def test_a_lock_of_another_collection_is_not_an_orphan(half: Half) -> None:
    half.site.sql("CREATE TABLE IF NOT EXISTS ec_pages (id TEXT PRIMARY KEY, slug TEXT, title TEXT)")
    half.insert("ec_pages", id="PAGE", slug="page", title="T")
    half.lock("PAGE")
    half.lock("NOTHING")
    assert outcomes(half.site.run("cleanup", "--json").succeeds()) == {("removed", "lock", "NOTHING")}


def test_the_ledger_is_never_touched(site: Site) -> None:
    site.write("queue/1-a.json", {"id": "a", "title": "A", "body_text": "b", "tags": ["t"]})
    with freeze_time(NOW - timedelta(days=1)):
        site.run("publish-queue").succeeds()
    ledger = site.sql("SELECT * FROM publish_ledger")
    site.sql("DELETE FROM ec_posts")
    site.sql("UPDATE revisions SET created_at = '2026-06-14 12:00:00'")
    site.run("cleanup").succeeds()
    assert site.sql("SELECT count(*) FROM revisions") == [(0,)]
    assert site.sql("SELECT * FROM publish_ledger") == ledger


def test_what_publish_queue_wrote_is_whole(site: Site) -> None:
    for number, extra in enumerate([{}, {"status": "draft"}, {"publish_at": "2027-01-01"}]):
        article = {"title": f"A{number}", "body_text": "b", "tags": ["t"], "author": "Ann", "excerpt": "e"}
        site.write(f"queue/{number}-a.json", article | extra)
    with freeze_time(NOW - timedelta(days=1)):
        site.run("publish-queue").succeeds()
    assert site.run("cleanup", "--json", "--older-than", "0s").succeeds().json["outcomes"] == []


def test_many_orphans_go_in_groups(embedded: Half) -> None:
    for number in range(250):
        embedded.revision(f"R{number:03}", "GONE")
    result = embedded.site.run("cleanup", "--json").succeeds()
    assert result.json["counts"] == {"removed": 250}
    assert embedded.site.sql("SELECT count(*), sum(detail ->> 'rows') FROM pipeline_audit") == [(3, 250)]


def test_temporary_files_of_the_queues_go_and_others_stay(site: Site) -> None:
    names = (".emdash-0123.tmp", ".01-a.json.swp", ".gitkeep", ".nfs0001", "02-b.json", "notes.tmp", ".young.tmp")
    for name in names:
        path = site.write(f"queue/{name}", "x")
        minutes = 1 if "young" in name else 16
        os.utime(path, ((NOW - timedelta(minutes=minutes)).timestamp(),) * 2)
    (site.root / "queue/.folder").mkdir()
    (site.root / "queue/.link").symlink_to("02-b.json")
    preview = site.run("cleanup", "--dry-run", "--json").succeeds()
    result = site.run("cleanup", "--json").succeeds()
    assert preview.json["outcomes"] == result.json["outcomes"]
    keys = {os.path.basename(item["key"]) for item in result.json["outcomes"]}  # noqa: PTH119 - printed text
    assert keys == {".emdash-0123.tmp", ".01-a.json.swp"}
    assert set(site.files("queue")) == {".gitkeep", ".link", ".nfs0001", ".young.tmp", "02-b.json", "notes.tmp"}


def test_rows_of_the_outbox_go_thirty_days_after_they_were_done(site: Site) -> None:
    times = {"open": None, "fresh": "2026-05-16T12:00:00.000Z", "old": "2026-05-16T11:59:59.999Z"}
    insert = "INSERT INTO publish_outbox (id, post_id, path, recorded_at, done_at) VALUES (?, 'P', '/p', ?, ?)"
    for name, done_at in times.items():
        site.sql(insert, name, OLD, done_at)
    site.sql(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
        " INSERT INTO publish_outbox (id, post_id, path, recorded_at, done_at)"
        " SELECT 'old-' || i, 'P', '/p', ?, '2026-01-01T00:00:00.000Z' FROM n",
        OLD,
    )
    wanted = {"outcome": "removed", "kind": "outbox", "key": "1501 rows", "slug": None}
    wanted["reason"] = "processed more than 30 days ago"
    assert site.run("cleanup", "--dry-run", "--json").succeeds().json["outcomes"] == [wanted]
    assert site.sql("SELECT count(*) FROM publish_outbox") == [(1_503,)]
    done = site.run("cleanup", "--json").succeeds().json
    assert (done["outcomes"], done["kept_in"]) == ([wanted], None)
    assert sorted(site.sql("SELECT id FROM publish_outbox")) == [("fresh",), ("open",)]
    assert site.run("cleanup", "--json").succeeds().json["outcomes"] == []


def test_every_look_goes_by_an_index(half: Half) -> None:
    names = FieldNames()
    database = SqliteDatabase(half.site.root / "emdash.db")
    layout = layout_from(names, *(database.query(read) for read in [*describe_store(names), *versions()]))
    store = cleaning.collections_from(layout, database.query(cleaning.describe_collections()))
    cutoff = Cutoff.before(NOW, AGE)
    reads = [cleaning.find_incomplete(layout, cutoff, remove_all=False)]
    reads += [
        look(store, kind, cutoff) for kind in kinds.KINDS for look in (cleaning.find_orphans, cleaning.count_orphans)
    ]
    claim = Claim.new(lambda: "X" * 26)
    planned = [cleaning.PlannedRepair("P", "columns", 1)]
    reads += cleaning.repair_incomplete(layout, cleaning.Repair(planned, False, cutoff, claim, OLD, PublicSite()))  # noqa: FBT003
    for kind in kinds.KINDS:
        keys = [["x"] * len(kind.key)]
        reads += [kinds.rows_of(kind, keys), *cleaning.remove_orphans(store, kind, cutoff, keys)]
    reads += [cleaning.count_announced(OLD), cleaning.find_announced(OLD), cleaning.remove_announced(OLD, ["x"])]
    tables = {"pipeline_audit", "publish_outbox", *"prnodxl", layout.posts, *(kind.table for kind in kinds.KINDS)}
    for read in reads:
        plan = [str(row["detail"]) for row in database.query(read._replace(sql=f"EXPLAIN QUERY PLAN {read.sql}"))]
        scans = [step for step in plan if step.startswith("SCAN") and "USING COVERING INDEX" not in step]
        assert not [step for step in scans if step.split()[1] in tables], (read.sql, plan)
    for kind in kinds.KINDS:
        for look in (cleaning.find_orphans(store, kind, cutoff), cleaning.count_orphans(store, kind, cutoff)):
            steps = database.query(look._replace(sql=f"EXPLAIN QUERY PLAN {look.sql}"))
            (outer,) = [str(row["detail"]) for row in steps if str(row["detail"]).split()[1] == "c"]
            assert "USING COVERING INDEX" in outer
    for look in (cleaning.count_announced(OLD), cleaning.find_announced(OLD)):
        [step, *_] = database.query(look._replace(sql=f"EXPLAIN QUERY PLAN {look.sql}"))
        assert "INDEX publish_outbox_done (done_at<?)" in str(step["detail"])
    database.close()
