"""Processes that are ended from outside, in the middle of hundreds of files."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.locks import held_lock
from tests.harness.checks import assert_exactly_once
from tests.harness.site import ended, new_site
from tests.targets import swept

if TYPE_CHECKING:
    import subprocess

    from tests.harness.site import Site

FILES = 400


def wait_for_archived(site: Site, process: subprocess.Popen[str], count: int) -> None:
    """Until so many files lie in the archive, or the process has ended."""
    while sum(map(len, site.archived().values())) < count and process.poll() is None:
        time.sleep(0.001)


def wait_for_handler(pid: int) -> None:
    """Until a process handles SIGTERM: only then does it not simply die of it."""
    caught = 0
    while not caught & 1 << signal.SIGTERM - 1:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
        caught = int(status.partition("SigCgt:")[2].split()[0], 16)
        time.sleep(0.001)


@pytest.mark.parametrize("seed", swept(*range(4)))
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_killed_again_and_again(tmp_path: Path, journal_mode: str, seed: int) -> None:
    """A run is killed whenever some more files were archived, until one is left alone."""
    site = new_site(tmp_path / "site", journal_mode=journal_mode)
    site.put_many(FILES, tags=["news"], author="Ada Lovelace")
    chance = random.Random(seed)  # noqa: S311 - no secret
    goal = 0
    while True:
        goal += chance.randrange(1, 120)
        if goal > FILES:
            break
        process = site.start("publish-queue")
        wait_for_archived(site, process, goal)
        time.sleep(chance.random() * 0.02)
        process.kill()
        ended(process)
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_asked_to_stop(site: Site, number: signal.Signals, code: int) -> None:
    """The group under way is finished, and what was said is so."""
    site.put_many(FILES)
    process = site.start("publish-queue", "--json")
    wait_for_archived(site, process, 1)
    process.send_signal(number)
    ran = ended(process)
    assert ran.code == code, ran.err
    assert ran.err == ""
    archived = site.archived()["published"]
    assert len(archived) == ran.counts["published"]
    assert len(archived) < FILES
    assert site.sql("SELECT count(*) FROM publish_ledger") == [(len(archived),)]
    assert len(site.waiting()) == FILES - len(archived)
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


LONG = 1200
"""So many files that a second process helps."""


def helpers(pid: int) -> list[int]:
    """The processes that prepare files for a process."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return [int(child) for child in children if b"publishing.ahead" in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_killed_with_a_helper(site: Site) -> None:
    """Nothing that outlives the run for a moment keeps the next one from starting at once."""
    site.put_many(LONG)
    process = site.start("publish-queue")
    wait_for_archived(site, process, 150)
    process.kill()
    process.wait()
    again = site.spawn("publish-queue")
    ended(process)
    assert again.code == 0, again.err
    assert_exactly_once(site)


def test_helper_that_is_killed(site: Site) -> None:
    site.put_many(LONG)
    process = site.start("publish-queue", "--json")
    wait_for_archived(site, process, 150)
    (helper,) = helpers(process.pid)
    os.kill(helper, signal.SIGKILL)
    ran = ended(process)
    assert ran.code == 6
    assert ran.err == ""
    assert "helper process was killed" in ran.json["errors"][0]["message"]
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


def test_long_run_that_is_asked_to_stop(site: Site) -> None:
    """Control-C reaches the helper, too."""
    site.put_many(LONG)
    process = site.start("publish-queue", "--json")
    wait_for_archived(site, process, 150)
    for pid in (*helpers(process.pid), process.pid):
        os.kill(pid, signal.SIGINT)
    ran = ended(process)
    assert ran.code == 130
    assert ran.err == ""
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


def test_asked_twice(site: Site) -> None:
    """The second signal does not wait for the group under way, which then is as if it had not begun, or done."""
    site.put_many(FILES)
    process = site.start("publish-queue")
    wait_for_archived(site, process, 1)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    ran = ended(process)
    assert ran.code in {130, 143}
    assert "Traceback" not in ran.err
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


def test_asked_to_stop_while_waiting_for_the_lock(site: Site) -> None:
    site.put("1-a.json")
    with held_lock(site.queue):
        process = site.start("publish-queue", "--wait", "600")
        wait_for_handler(process.pid)
        process.send_signal(signal.SIGTERM)
        ran = ended(process)
    assert ran.code == 143
    assert site.waiting() == ["1-a.json"]
