"""Full, read-only and vanished: what a disk does to a run, and that a rerun completes what it left."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.errors import UnavailableError
from emdash_cli.publishing.queues import Publication, publish_queues
from tests.faults.locks import locked_store
from tests.harness.checks import assert_exactly_once
from tests.harness.sessions import session_in
from tests.harness.site import Result, Site, clean_environment, ended, new_site
from tests.targets import private_mounts_command

if TYPE_CHECKING:
    from pathlib import Path

needs_mounts = pytest.mark.usefixtures("private_mounts")


def assert_failed(ran: Result, code: str, hint: str) -> None:
    """Exit code 6 and one error, under ``--json``."""
    assert ran.code == 6, ran
    assert ran.err == ""
    (error,) = ran.json["errors"]
    assert error["code"] == code
    assert hint in error["hint"]


def in_mount(site: Site, mount: str, *, back: Path | None = None) -> Result:
    """Publish where a shell command has mounted something at the site; copy what is there then, if asked to."""
    copy = f'cp -a "$PWD" "{back}"' if back else ":"
    script = f'{mount}\ncd "$PWD"\n"$@"\ncode=$?\n{copy}\nexit $code'
    process = subprocess.Popen(
        [*private_mounts_command(), "sh", "-c", script, "sh", *site.command("publish-queue", "--json")],
        cwd=site.root,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return ended(process)


@needs_mounts
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
@pytest.mark.parametrize("kilobytes", [1400, 1600, 2000])
def test_the_disk_is_full(tmp_path: Path, journal_mode: str, kilobytes: int) -> None:
    """A small disk fills up somewhere in the middle; with more room, a rerun completes."""
    site = new_site(tmp_path / "site", journal_mode=journal_mode)
    site.put_many(150, body_text="word " * 400)
    small = f'mount -t tmpfs -o size={kilobytes}k none /mnt && cp -a "$PWD" /mnt/ && mount --bind /mnt/site "$PWD"'
    ran = in_mount(site, small, back=tmp_path / "after")
    after = Site(tmp_path / "after", site.originals)
    assert ran.code == 6, ran
    assert ran.json["errors"], ran.out
    assert "Traceback" not in ran.err
    assert after.run("publish-queue").code == 0
    assert_exactly_once(after)


@needs_mounts
def test_the_disk_is_read_only(site: Site) -> None:
    site.put_many(3)
    before = site.tree()
    ran = in_mount(site, 'mount --bind "$PWD" "$PWD" && mount -o remount,ro,bind "$PWD"')
    assert_failed(ran, "store_unavailable", "permissions")
    assert site.tree() == before
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


@needs_mounts
def test_the_archive_is_on_another_disk(site: Site) -> None:
    """A file cannot be moved there in one step, so nothing is published at all."""
    site.put("1-a.json")
    ran = in_mount(site, 'mount -t tmpfs none "$PWD/archive"')
    assert ran.code == 2
    assert [error["code"] for error in ran.json["errors"]] == ["two_filesystems"]
    assert site.sql("SELECT count(*) FROM publish_ledger") == [(0,)]
    assert site.waiting() == ["1-a.json"]


READ_ONLY_ARCHIVE = "mount --bind archive archive && mount -o remount,ro,bind archive"


@needs_mounts
def test_the_archive_cannot_be_written(site: Site) -> None:
    """What the store took is published; the next run files it away as that, not as a duplicate."""
    site.put("1-a.json")
    ran = in_mount(site, READ_ONLY_ARCHIVE)
    assert ran.code == 6
    assert ran.outcomes["1-a.json"]["outcome"] == "published"
    assert ran.outcomes["1-a.json"]["archived_to"] is None
    assert site.waiting() == ["1-a.json"]
    assert site.publish().counts == {"published": 1}
    assert_exactly_once(site)


@needs_mounts
def test_a_bad_file_cannot_be_archived(site: Site) -> None:
    site.put("1-bad.json", title="")
    ran = in_mount(site, READ_ONLY_ARCHIVE)
    assert ran.code == 6
    assert ran.counts == {"left": 1}
    assert site.run("publish-queue").code == 3
    assert_exactly_once(site, {"1-bad.json": "rejected"})


def test_the_store_is_locked_too_long(site: Site) -> None:
    """By a program that does not let go for as long as emdash waits."""
    site.put("1-a.json")
    with closing(SqliteDatabase(site.store, busy_timeout_s=0.1)) as database, locked_store(site.store):
        session = session_in(database, site.root)
        task = Publication(session.settings.streams, None, 0, is_preview=False, stopped=lambda: False)
        run = publish_queues(session, task)
        with pytest.raises(UnavailableError) as raised:
            list(run)
    assert raised.value.code == "store_busy"
    assert raised.value.exit_code == 6
    assert site.waiting() == ["1-a.json"]
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


def test_the_store_is_locked_for_a_moment(site: Site) -> None:
    site.put("1-a.json")
    with locked_store(site.store):
        process = site.start("publish-queue", "--json")
        time.sleep(1)
        assert process.poll() is None
    assert ended(process).code == 0
    assert_exactly_once(site)


def test_the_store_is_missing(site: Site) -> None:
    site.put("1-a.json")
    site.store.unlink()
    before = site.tree()
    assert_failed(site.publish(), "store_missing", "emdash init")
    assert site.tree() == before


def test_the_store_has_no_tables(site: Site) -> None:
    site.put("1-a.json")
    site.store.write_bytes(b"")
    assert_failed(site.publish(), "store_not_initialised", "emdash init")
    assert site.waiting() == ["1-a.json"]


@pytest.mark.parametrize("rubbish", [b"not a database, " * 1000, b"SQLite format 3\0" + b"\xff" * 8192])
def test_the_store_is_rubbish(site: Site, rubbish: bytes) -> None:
    site.put("1-a.json")
    good = site.store.read_bytes()
    site.store.write_bytes(rubbish)
    assert_failed(site.publish(), "store_damaged", "backup")
    assert site.store.read_bytes() == rubbish
    site.store.write_bytes(good)
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


def test_the_store_is_a_directory(site: Site) -> None:
    site.put("1-a.json")
    site.store.unlink()
    site.store.mkdir()
    assert_failed(site.publish(), "store_unavailable", "")
    assert site.waiting() == ["1-a.json"]


def test_the_disk_has_a_damaged_page(site: Site) -> None:
    """A page in the middle is overwritten while nobody looks."""
    site.put("1-a.json")
    raw = bytearray(site.store.read_bytes())
    (page,) = site.sql("SELECT rootpage FROM sqlite_master WHERE name = 'publish_ledger'")[0]
    raw[(page - 1) * 4096 : page * 4096] = b"\xee" * 4096
    site.store.write_bytes(raw)
    assert_failed(site.publish(), "store_damaged", "backup")
    assert site.waiting() == ["1-a.json"]


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
@pytest.mark.parametrize("replaced", [False, True])
def test_the_store_is_deleted_meanwhile(tmp_path: Path, journal_mode: str, replaced: bool) -> None:  # noqa: FBT001
    """What is archived as published after that is in no store that anybody will ever read."""
    site = new_site(tmp_path / "site", journal_mode=journal_mode)
    site.put_many(1000)
    spare = new_site(tmp_path / "spare", journal_mode=journal_mode)
    process = site.start("publish-queue", "--json")
    while not (site.archive / "published").exists():
        time.sleep(0.001)
    for path in site.root.glob("emdash.db*"):
        path.unlink()
    if replaced:
        shutil.copy(spare.store, site.store)
    archived = len(site.archived().get("published", ()))
    ran = ended(process)
    assert ran.code == 6
    assert "Traceback" not in ran.err
    assert len(site.archived().get("published", ())) <= archived + 250, "it went on after the group under way"
    shutil.copy(spare.store, site.store)
    left = set(site.waiting())
    assert site.run("publish-queue").code == 0
    assert {file for (file,) in site.sql("SELECT file FROM publish_ledger")} == left
