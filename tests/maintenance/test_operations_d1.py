"""`status`, `cleanup`, `restore` and `doctor` on D1, whose SQLite allows less than a file's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.maintenance.support import Half, half_done, whole

if TYPE_CHECKING:
    from tests.harness.d1_site import D1Site


@pytest.fixture
def half(d1_site: D1Site) -> Half:
    return Half(d1_site, by_group=True)


def test_a_mess_is_cleaned_up_and_comes_back(half: Half) -> None:
    whole(half)
    half_done(half)
    before = half.everything()
    preview = half.site.run("cleanup", "--dry-run", "--json").fails(3)
    assert half.everything() == before
    result = half.site.run("cleanup", "--json").fails(3)
    assert preview.json["outcomes"] == result.json["outcomes"]
    assert result.json["counts"] == {"finished": 5, "removed": 10, "left": 1}
    assert half.site.sql("PRAGMA foreign_key_check") == []
    after = half.everything()
    (name,) = half.site.files("archive/removed")
    half.site.run("restore", half.site.root / "archive/removed" / name).succeeds()
    gone = {"EMPTY", "GONE", "ORPHAN-1", half.entry("EMPTY"), half.entry("GONE")}
    for table, rows in half.everything().items():
        assert rows == after[table] | {row for row in before[table] if gone & {*row[:3]}}


def test_how_things_stand(half: Half) -> None:
    half.site.run("publish-queue").succeeds()
    half.site.run("sweep").succeeds()
    assert [run["kind"] for run in half.site.run("status", "--json").succeeds().json["runs"]] == ["publish", "sweep"]
    half.post("LATE", status="scheduled", scheduled_at="2026-01-01 00:00:00")
    assert half.site.run("status", "--json").fails(3).json["overdue"] == 1


def test_the_doctor_finds_nothing_and_says_what_it_did_not_look_at(half: Half) -> None:
    half.site.write("queue/1-a.json", {"title": "A", "body_text": "b"})
    half.site.run("publish-queue").succeeds()
    result = half.site.run("doctor", "--json").succeeds()
    health = {item["check"]: item["health"] for item in result.json["findings"]}
    assert health["integrity"] == "skipped"
    assert {check for check, how in health.items() if how not in {"ok", "skipped"}} <= {"settings"}
