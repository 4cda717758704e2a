"""`status`, `cleanup`, `restore` and `doctor` on D1, whose SQLite allows less than a file's."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.databases.d1 import D1Database
from emdash_cli.domain.ports import Statement
from tests.harness.cli import Cli
from tests.maintenance.half_done import Half, half_done, whole

if TYPE_CHECKING:
    from tests.d1_engine.engine import Instance


@dataclass
class D1Cli(Cli):
    """The command line in a place whose store is a D1 database."""

    instance: Instance

    def __init__(self, cli: Cli, instance: Instance) -> None:
        super().__init__(cli.root, cli._output)
        self.instance = instance

    def sql(self, text: str, *values: Any, database: str = "") -> list[tuple[Any, ...]]:
        del database
        there = self.instance
        with closing(D1Database(there.account_id, there.database_id, there.token, base_url=there.base_url)) as store:
            # A SELECT and a change go the same way; numbers of parameters are given by their order.
            numbered = text
            for place in range(1, len(values) + 1 if "?1" not in text else 0):
                numbered = numbered.replace("?", f"\0{place}", 1)
            (rows,) = store.batch([Statement(numbered.replace("\0", "?"), values)])
        return [tuple(row.values()) for row in rows]


@pytest.fixture
def half(cli: Cli, d1: Instance, monkeypatch: pytest.MonkeyPatch) -> Half:
    monkeypatch.setenv("EMDASH_DATABASE", f"d1:{d1.account_id}/{d1.database_id}")
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", d1.base_url)
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", d1.token)
    cli("init").succeeds()
    return Half(D1Cli(cli, d1), by_group=True)


def test_a_mess_is_cleaned_up_and_comes_back(half: Half) -> None:
    whole(half)
    half_done(half)
    before = half.everything()
    preview = half.cli("cleanup", "--dry-run", "--json").fails(3)
    assert half.everything() == before
    result = half.cli("cleanup", "--json").fails(3)
    assert preview.json["outcomes"] == result.json["outcomes"]
    assert result.json["counts"] == {"finished": 5, "removed": 10, "left": 1}
    assert half.cli.sql("PRAGMA foreign_key_check") == []
    after = half.everything()
    (name,) = half.cli.files("archive/removed")
    half.cli("restore", half.cli.root / "archive/removed" / name).succeeds()
    gone = {"EMPTY", "GONE", "ORPHAN-1", half.entry("EMPTY"), half.entry("GONE")}
    for table, rows in half.everything().items():
        assert rows == after[table] | {row for row in before[table] if gone & {*row[:3]}}


def test_how_things_stand(half: Half) -> None:
    half.cli("publish-queue").succeeds()
    half.cli("sweep").succeeds()
    assert [run["kind"] for run in half.cli("status", "--json").succeeds().json["runs"]] == ["publish", "sweep"]
    half.post("LATE", status="scheduled", scheduled_at="2026-01-01 00:00:00")
    assert half.cli("status", "--json").fails(3).json["overdue"] == 1


def test_the_doctor_finds_nothing_and_says_what_it_did_not_look_at(half: Half) -> None:
    half.cli.write("queue/1-a.json", {"title": "A", "body_text": "b"})
    half.cli("publish-queue").succeeds()
    result = half.cli("doctor", "--json").succeeds()
    health = {item["check"]: item["health"] for item in result.json["findings"]}
    assert health["integrity"] == "skipped"
    assert {check for check, how in health.items() if how not in {"ok", "skipped"}} <= {"settings"}
