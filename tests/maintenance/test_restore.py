"""`emdash restore`: what `cleanup` removed comes back as it was, once, and never over anything else."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.maintenance.support import Half, half_done, whole

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.site import Site

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def mess(any_site: Site) -> Half:
    half = Half(any_site, by_group=any_site.layout != "0.32")
    whole(half)
    half_done(half)
    return half


def cleaned(half: Half, *options: str) -> Path:
    """Clean up, and answer the file with what was removed."""
    half.site.run("cleanup", *options)
    (name,) = half.site.files("archive/removed")
    return half.site.root / "archive/removed" / name


def outcomes(document: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for item in document["outcomes"]:
        found.setdefault(item["outcome"], set()).add(f"{item['kind']} {item['key']}")
    return found


def test_every_row_comes_back_as_it_was(mess: Half) -> None:
    before = mess.everything()
    file = cleaned(mess, "--remove")
    assert mess.everything() != before
    result = mess.site.run("restore", file, "--json").succeeds()
    assert outcomes(result.json).keys() == {"restored"}
    assert mess.everything() == before
    assert mess.site.sql("PRAGMA foreign_key_check") == []
    types = "SELECT DISTINCT typeof(version), typeof(title), typeof(content) FROM ec_posts WHERE id = 'ONLY'"
    assert mess.site.sql(types) == [("integer", "text", "text")]


def test_the_second_time_nothing_changes(mess: Half) -> None:
    file = cleaned(mess, "--remove")
    mess.site.run("restore", file).succeeds()
    before = mess.everything()
    assert outcomes(mess.site.run("restore", file, "--json").succeeds().json).keys() == {"present"}
    assert mess.everything() == before


def test_a_dry_run_tells_the_same_and_changes_nothing(mess: Half) -> None:
    file = cleaned(mess, "--remove")
    before = mess.site.tree()
    preview = mess.site.run("restore", file, "--dry-run", "--json").succeeds()
    after = mess.site.tree()
    assert {name for name in after if before.get(name) != after[name]} <= {"emdash.db-shm", "emdash.db-wal"}
    assert preview.json["outcomes"] == mess.site.run("restore", file, "--json").succeeds().json["outcomes"]


def test_removed_again_and_restored_from_either_file(mess: Half) -> None:
    before = mess.everything()
    first = cleaned(mess, "--remove")
    mess.site.run("restore", first).succeeds()
    mess.site.run("cleanup", "--remove").succeeds()
    names = mess.site.files("archive/removed")
    assert len(names) == 2
    for name in names:
        mess.site.run("restore", mess.site.root / "archive/removed" / name).succeeds()
        assert mess.everything() == before


def test_what_conflicts_is_refused_with_its_reason_and_the_rest_comes_back(mess: Half) -> None:
    file = cleaned(mess, "--remove")
    mess.post("NEW", slug="unlive", status="draft")
    mess.revision("ORPHAN-1", "NEW", ["other text"])
    result = mess.site.run("restore", file, "--json").fails(3)
    reported = {item["key"]: (item["outcome"], item["reason"]) for item in result.json["outcomes"]}
    assert reported["UNLIVE"] == ("refused", "its slug now belongs to post NEW")
    assert reported["UNLIVE-1"] == ("refused", "its post is not restored")
    assert reported["ORPHAN-1"] == ("refused", "another row has taken its place")
    assert reported["BARE"][0] == reported["BARE-1"][0] == "restored"
    assert "UNLIVE" not in mess.ids("ec_posts")
    assert mess.site.sql("SELECT entry_id FROM revisions WHERE id = 'ORPHAN-1'") == [("NEW",)]


def test_quietly_only_what_a_person_should_look_at_is_told(mess: Half) -> None:
    file = cleaned(mess, "--remove")
    mess.post("NEW", slug="unlive", status="draft")
    result = mess.site.run("restore", file, "--quiet").fails(3)
    assert result.out == ""
    assert {line.split("\t")[0] for line in result.err.splitlines()} == {"refused"}
    assert "BARE" in mess.ids("ec_posts")
    mess.site.sql("UPDATE ec_posts SET slug = 'elsewhere' WHERE id = 'NEW'")
    done = mess.site.run("restore", file, "--quiet").succeeds()
    assert (done.out, done.err) == ("", "")


def test_a_pending_change_comes_back_with_its_post(mess: Half) -> None:
    mess.site.sql("UPDATE ec_posts SET draft_revision_id = 'OTHER-1' WHERE id = 'OTHER'")
    before = mess.everything()
    mess.site.run("restore", cleaned(mess, "--remove")).succeeds()
    assert mess.everything() == before


def told_of(document: Any, key: str) -> tuple[str, str]:
    return next((item["outcome"], item["reason"]) for item in document["outcomes"] if item["key"] == key)


def test_a_post_whose_revision_is_missing_comes_back_without_it(mess: Half) -> None:
    mess.site.sql("UPDATE ec_posts SET draft_revision_id = 'OTHER-1' WHERE id = 'OTHER'")
    file = cleaned(mess, "--remove")
    lines = [line for line in file.read_text().splitlines() if json.loads(line)["row"].get("id") != "OTHER-1"]
    file.write_text("".join(f"{line}\n" for line in lines))
    document = mess.site.run("restore", file, "--json").succeeds().json
    assert told_of(document, "OTHER") == ("restored", "draft_revision_id is now empty: revision OTHER-1 does not exist")
    assert mess.site.sql("SELECT draft_revision_id FROM ec_posts WHERE id = 'OTHER'") == [(None,)]


def test_a_post_that_named_a_revision_that_never_was_comes_back(mess: Half) -> None:
    mess.post("LOST", [], live_revision_id="01NOSUCHREV")
    before = mess.everything()
    file = cleaned(mess)
    assert "LOST" not in mess.ids("ec_posts")
    preview = mess.site.run("restore", file, "--dry-run", "--json").succeeds().json
    done = mess.site.run("restore", file, "--json").succeeds().json
    assert preview["outcomes"] == done["outcomes"]
    assert told_of(done, "LOST") == ("restored", "live_revision_id is now empty: revision 01NOSUCHREV does not exist")
    lost = {row for row in before["ec_posts"] if row[0] == "LOST"}
    mended = {tuple(None if value == "01NOSUCHREV" else value for value in row) for row in lost}
    assert {row for row in mess.rows("ec_posts") if row[0] == "LOST"} == mended
    assert outcomes(mess.site.run("restore", file, "--json").succeeds().json).keys() == {"present"}
    mess.site.sql("UPDATE ec_posts SET live_revision_id = '01NOSUCHREV' WHERE id = 'LOST'")
    assert outcomes(mess.site.run("restore", file, "--json").succeeds().json).keys() == {"present"}


def test_a_credit_that_was_given_again_is_refused_beforehand(mess: Half) -> None:
    file = cleaned(mess)
    row = {"collection_slug": "posts", "content_id": "GONE", "byline_id": "B1"}
    mess.insert("_emdash_content_bylines", id="AGAIN", **row)
    preview = mess.site.run("restore", file, "--dry-run", "--json").fails(3).json
    done = mess.site.run("restore", file, "--json").fails(3).json
    assert preview["outcomes"] == done["outcomes"]
    assert told_of(done, "credit-GONE") == ("refused", "credit AGAIN now names the same byline of the post")


def test_a_line_that_was_cut_off_is_left_out(mess: Half) -> None:
    file = cleaned(mess)
    whole_lines = file.read_bytes()
    file.write_bytes(whole_lines + b'{"table": "revisions", "row": {"id": "HALF')
    mess.site.run("restore", file).succeeds()
    assert "HALF" not in mess.ids("revisions")


def test_a_last_line_without_its_end_counts_if_it_is_whole(mess: Half) -> None:
    before = mess.everything()
    file = cleaned(mess, "--remove")
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    mess.site.run("restore", file).succeeds()
    assert mess.everything() == before


@pytest.fixture
def half(site: Site) -> Half:
    return Half(site, by_group=True)


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"table": "revisions"}', '{"table": 1, "row": {}}'])
def test_another_file_is_refused_before_anything_is_put_back(half: Half, line: str) -> None:
    half_done(half)
    file = cleaned(half)
    file.write_text(f"{file.read_text()}{line}\n")
    before = half.everything()
    half.site.run("restore", file).fails(2, "was not written by `emdash cleanup`")
    assert half.everything() == before
    half.site.run("restore", half.site.root / "nowhere.jsonl").fails(2, "there is no file")


@pytest.mark.parametrize("text", ["", '{"table": "revisions", "row": {"id": "HALF', "nonsense"])
def test_a_file_with_nothing_in_it_is_refused(half: Half, text: str) -> None:
    result = half.site.run("restore", half.site.write("kept.jsonl", text)).fails(2, "has no complete line")
    assert "nothing to do" not in result.err


def test_where_something_went_wrong_it_is_not_said_that_there_was_nothing_to_do(half: Half) -> None:
    assert "nothing to do" in half.site.run("cleanup").succeeds().err
    assert "nothing to do" not in half.site.run("restore", "nosuch").fails(2, "there is no file").err
    half.site.sql("INSERT INTO pipeline_schema (version, applied_at) VALUES (999, 0)")
    assert "nothing to do" not in half.site.run("cleanup").fails(2, "upgrade emdash").err


def test_other_tables_and_columns_are_refused(half: Half) -> None:
    rows = [
        {"table": "users", "row": {"id": "U", "email": "root@example.org", "role": 50}},
        {"table": "revisions", "row": {"id": "R", "collection": "posts", "entry_id": "P", "data": "{}", "x y": 1}},
        {"table": "revisions", "row": {"id": "S", "collection": "pages", "entry_id": "P", "data": "{}"}},
    ]
    file = half.site.write("kept.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))
    result = half.site.run("restore", file, "--json").fails(3)
    assert outcomes(result.json) == {"refused": {"row users", "revision R", "revision S"}}
    assert half.ids("users") | half.ids("revisions") == set()


def test_temporary_files_come_back_with_their_bytes_and_time(half: Half) -> None:
    raw = bytes(range(256))
    path = half.site.write("queue/.01-a.json.tmp", raw)
    long_ago = (NOW - timedelta(days=3)).timestamp()
    os.utime(path, (long_ago, long_ago))
    file = cleaned(half)
    assert not path.exists()
    half.site.run("restore", file, "--dry-run").succeeds()
    assert not path.exists()
    half.site.run("restore", file).succeeds()
    assert (path.read_bytes(), path.stat().st_mtime) == (raw, long_ago)
    assert "present" in half.site.run("restore", file).succeeds().out
    path.write_bytes(b"other")
    half.site.run("restore", file).fails(3, "another file has its name")
    assert path.read_bytes() == b"other"


def test_a_name_in_the_file_does_not_lead_out_of_the_queue(half: Half) -> None:
    line = {"stream": "default", "file": "../../evil", "modified_at": 0, "base64": ""}
    half.site.run("restore", half.site.write("kept.jsonl", f"{json.dumps(line)}\n"))
    assert "evil" not in half.site.files()
    assert not (half.site.root.parent / "evil").exists()
