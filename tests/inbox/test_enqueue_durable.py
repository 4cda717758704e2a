"""`emdash enqueue` beside other writers and on a failing disk: never over another file, whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.harness.posts import article
from tests.harness.tracing import EMDASH, needs_strace, traced

if TYPE_CHECKING:
    from tests.harness.site import Site


@needs_strace
def test_no_file_is_written_over(site: Site) -> None:
    """On a filesystem without locks another writer may take the name at the last moment."""
    site.write("a.json", article("One"))
    site.write("b.json", article("Two"))
    done = traced(site.root, "enqueue", "a.json", "b.json", inject="link,linkat:error=EEXIST:when=1")
    assert done.code == 0
    assert site.files("queue") == ["02-one.json", "03-two.json"]


def test_entries_of_any_kind_keep_their_names(site: Site) -> None:
    site.write("a.json", article())
    (site.root / "queue/02-a-title.json").symlink_to("nowhere")
    (site.root / "queue/03-a-title.json").mkdir()
    site.run("enqueue", "a.json").succeeds()
    assert sorted(entry.name for entry in (site.root / "queue").iterdir()) == [
        "02-a-title.json",
        "03-a-title.json",
        "04-a-title.json",
    ]


def test_writers_take_turns(site: Site) -> None:
    """One that waits for another derives its number only when the other is done."""
    site.write("a.json", article())
    descriptor = os.open(site.root / "archive", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    waiting = subprocess.Popen([*EMDASH, "enqueue", "a.json"], cwd=site.root, stdout=subprocess.PIPE, text=True)
    try:
        while waiting.poll() is None and not is_waiting(waiting.pid):
            time.sleep(0.01)
        site.write("queue/05-from-the-other.json", article("The other"))
    finally:
        os.close(descriptor)
    assert waiting.communicate()[0].strip() == str(site.root / "queue/06-a-title.json")


def is_waiting(process: int) -> bool:
    """Whether the process waits for a lock; see proc_locks(5)."""
    waiting = (line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" in line)
    return any(str(process) in words for words in waiting)


def test_racing_writers_lose_nothing_and_share_no_number(site: Site) -> None:
    writers, each = 6, 12
    for writer in range(writers):
        for place in range(each):
            site.write(f"in/{writer}/{place:02}.json", article(f"Writer {writer} article {place}"))

    def start(writer: int) -> subprocess.Popen[str]:
        files = sorted(str(path) for path in (site.root / f"in/{writer}").iterdir())
        halves = f"{' '.join(files[: each // 2])}", f"{' '.join(files[each // 2 :])}"
        script = " && ".join(f"{' '.join(EMDASH)} enqueue {half}" for half in halves)
        return subprocess.Popen(["sh", "-c", script], cwd=site.root, stdout=subprocess.PIPE, text=True)

    running = [start(writer) for writer in range(writers)]
    printed = [line for process in running for line in process.communicate()[0].splitlines()]
    assert [process.returncode for process in running] == [0] * writers
    names = site.files("queue")
    assert sorted(printed) == [str(site.root / "queue" / name) for name in names]
    assert [int(name.split("-")[0]) for name in names] == list(range(1, writers * each + 1))
    titles: set[Any] = {json.loads((site.root / "queue" / name).read_text())["title"] for name in names}
    assert len(titles) == writers * each


@needs_strace
def test_the_file_is_synced_before_it_is_named_and_the_directory_before_it_is_told(site: Site) -> None:
    site.write("a.json", article())
    done = traced(site.root, "enqueue", "a.json")
    assert done.code == 0
    places = done.order(
        r"openat\(.*/queue/\.emdash-.*\.tmp.*O_EXCL\|O_NOFOLLOW",
        r"write\(.*/queue/\.emdash-",
        r"fsync\(.*/queue/\.emdash-.*\) += 0",
        r"link.*/queue/01-a-title\.json",
        r"fsync\(\d+<[^>]*/queue>\) += 0",
        r"write\(1<.*01-a-title\.json",
    )
    assert places == sorted(places)


@needs_strace
@pytest.mark.parametrize(
    ("inject", "said"),
    [
        ("fsync:error=EIO:when=1", "the disk is failing"),
        ("fsync:error=EIO:when=2", "the disk is failing"),
        ("fsync:error=ENOSPC:when=1", "free some space"),
        ("link,linkat:error=EACCES:when=1", "give this user read and write permission"),
    ],
)
def test_a_disk_that_fails_is_told_and_leaves_no_half_article(site: Site, inject: str, said: str) -> None:
    site.write("a.json", article("One"))
    site.write("b.json", article("Two"))
    done = traced(site.root, "enqueue", "a.json", "b.json", inject=inject)
    assert done.code == 6
    assert said in done.err
    assert site.files("queue") == []


@needs_strace
@pytest.mark.parametrize(
    "call", ["fsync:signal=KILL:when=1", "link,linkat:signal=KILL:when=1", "fsync:signal=KILL:when=2"]
)
def test_a_writer_that_is_killed_leaves_whole_files_or_none(site: Site, call: str) -> None:
    path = site.write("a.json", article())
    traced(site.root, "enqueue", "a.json", inject=call)
    visible = [name for name in site.files("queue") if not name.startswith(".")]
    assert all((site.root / "queue" / name).read_bytes() == path.read_bytes() for name in visible)
    site.run("enqueue", "a.json").succeeds()
    counts = site.run("publish-queue", "--json").json["counts"]
    assert (counts["published"], counts["rejected"]) == (1, 0)


def test_a_disk_that_takes_a_part_only_is_no_success(site: Site) -> None:
    """With a limit on the size of files a write comes back short, and the next one fails."""
    site.write("a.json", article(body_text="x" * 200_000))
    script = f"ulimit -f 128; exec {' '.join(EMDASH)} enqueue a.json"
    done = subprocess.run(["sh", "-c", script], cwd=site.root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (6, "")
    assert site.files("queue") == []


@needs_strace
def test_a_filesystem_without_hard_links_is_written_to_as_safely(site: Site) -> None:
    site.write("a.json", article())
    done = traced(site.root, "enqueue", "a.json", inject="link,linkat:error=EOPNOTSUPP")
    assert done.code == 0
    assert site.files("queue") == ["01-a-title.json"]
    assert (site.root / "queue/01-a-title.json").read_bytes() == (site.root / "a.json").read_bytes()
    done.order(r"01-a-title\.json\", O_WRONLY\|O_CREAT\|O_EXCL\|O_NOFOLLOW", r"rename\(.*01-a-title\.json")
