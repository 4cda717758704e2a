"""`emdash enqueue`: validated first, at the end of the queue, never over another file, durable."""

from __future__ import annotations

import fcntl
import io
import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.commands.tracing import EMDASH, needs_strace, traced

if TYPE_CHECKING:
    from tests.commands.cli import Cli


def article(title: str = "A title", **more: object) -> dict[str, object]:
    return {"title": title, "body_text": "Text.", **more}


def stdin(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))


def test_json_is_queued_byte_for_byte_and_its_new_name_printed(blog: Cli) -> None:
    raw = b'{ "body_text" : "Text.",\n "title": "Caf\\u00e9 \xc3\xa9" }'
    blog.write("in/whatever.json", raw)
    result = blog("enqueue", "in/whatever.json").succeeds()
    assert result.lines == [str(blog.root / "queue/01-cafe-e.json")]
    assert (blog.root / "queue/01-cafe-e.json").read_bytes() == raw
    assert blog.files("queue") == ["01-cafe-e.json"]
    assert blog("publish-queue", "--json").json["counts"]["published"] == 1


@pytest.mark.parametrize(
    "matter",
    [
        "---\ntitle: Hello\ntags: [a, b]\ndraft: true\n---\n",
        '+++\ntitle = "Hello"\ntags = ["a", "b"]\ndraft = true\n+++\n',
    ],
    ids=["yaml", "toml"],
)
def test_markdown_becomes_a_queue_file(blog: Cli, matter: str) -> None:
    blog.write("hello.md", f"{matter}\n# Heading\n\nText.\n")
    blog("enqueue", "hello.md").succeeds()
    document = json.loads((blog.root / "queue/01-hello.json").read_text())
    assert document == {"title": "Hello", "tags": ["a", "b"], "status": "draft", "body_text": "# Heading\n\nText."}


@pytest.mark.parametrize(
    "raw",
    [json.dumps(article("From a pipe")).encode(), b"---\ntitle: From a pipe\n---\nText."],
    ids=["json", "markdown"],
)
def test_an_article_may_come_through_a_pipe(blog: Cli, raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, raw)
    blog("enqueue", "-").succeeds()
    assert blog.files("queue") == ["01-from-a-pipe.json"]


@pytest.mark.parametrize(
    ("waiting", "archived", "name"),
    [
        ([], [], "01-a-title.json"),
        (["041-x.json"], [], "042-a-title.json"),
        (["9-x.json", "10-y.json"], [], "11-a-title.json"),
        (["099-x.json"], [], "100-a-title.json"),
        ([], ["published/2026-01/07-x.json"], "08-a-title.json"),
        (
            [],
            ["published/2026-01/90-x.json", "published/2026-02/007-y.json", "draft/2025-12/5-z.json"],
            "008-a-title.json",
        ),
        (["03-back-again.json"], ["published/2026-02/17-y.json"], "18-a-title.json"),
        (
            ["no-number.json", "12-notes.txt", ".13-hidden.json"],
            ["published/2026-01/20-x.json.reason.txt"],
            "01-a-title.json",
        ),
    ],
)
def test_the_number_is_the_one_after_the_last(blog: Cli, waiting: list[str], archived: list[str], name: str) -> None:
    for path in [*(f"queue/{file}" for file in waiting), *(f"archive/{file}" for file in archived)]:
        blog.write(path, "")
    blog.write("a.json", article())
    told = blog("enqueue", "a.json", "--dry-run").succeeds().lines
    done = blog("enqueue", "a.json").succeeds().lines
    assert told == done == [str(blog.root / "queue" / name)]


def test_several_files_keep_their_order(blog: Cli) -> None:
    names = [blog.write(f"{name}.json", article(name)) for name in ("second", "first", "third")]
    blog("enqueue", *names).succeeds()
    assert blog.files("queue") == ["01-second.json", "02-first.json", "03-third.json"]


def test_a_number_without_a_successor_is_pointed_out(blog: Cli) -> None:
    blog.write("queue/999999999999999999-x.json", "")
    blog.write("a.json", article())
    blog("enqueue", "a.json").fails(2, "no number comes after 999999999999999999")
    assert blog.files("queue") == ["999999999999999999-x.json"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("日本語のタイトル", "01-ri-ben-yu-notaitoru.json"),
        ("🎉🎉", "01-article.json"),
        ("wort" * 74, f"01-{'wort' * 20}.json"),
    ],
)
def test_any_title_gives_a_name_that_every_system_takes(blog: Cli, title: str, name: str) -> None:
    blog.write("a.json", article(title))
    blog("enqueue", "a.json").succeeds()
    assert blog.files("queue") == [name]


def test_a_title_without_letters_is_named_after_its_slug(blog: Cli) -> None:
    blog.write("a.json", article("🎉", slug="party"))
    blog("enqueue", "a.json").succeeds()
    assert blog.files("queue") == ["01-party.json"]


def test_if_one_file_is_bad_nothing_is_queued_and_every_problem_is_told(blog: Cli) -> None:
    blog.write("good.json", article())
    blog.write("bad.json", '{\n "title": "",\n "body_text": "Text.",\n "publsh_at": "2026-01-01"\n}')
    blog.write("worse.md", "---\ntitle: Fine\nstatus: soon\n---\nText.")
    before = blog.snapshot()
    result = blog("enqueue", "good.json", "bad.json", "worse.md", "none.json", ".").fails(3)
    assert result.out == ""
    for words in (
        "bad.json: line 2, title: is blank",
        'bad.json: line 4, publsh_at: is not a known key; did you mean "publish_at"?',
        "worse.md: line 3, status:",
        "none.json: it cannot be read: No such file or directory",
        ".: it is a directory",
        "nothing was queued: 4 of 5 files refused",
    ):
        assert words in result.err
    assert blog.snapshot() == before
    told = blog("enqueue", "good.json", "bad.json", "--json").fails(3).json
    assert told["queued"] == []
    assert [(problem["line"], problem["field"]) for problem in told["refused"][0]["problems"]] == [
        (2, "title"),
        (4, "publsh_at"),
    ]


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.md", b"---\ntitle: x\n---\n\nText \xff", "line 5: a byte there is not UTF-8"),
        ("a.json", b'{"title": "x", "body_text": "' + b"x" * 2_000_000 + b'"}', "it has more than 2,000,000 bytes"),
        ("a.md", b"---\ntitle: x\n---\n" + b'"\n' * 900_000, "as JSON it has"),
        ("a.json", b'{"title": "x", "content": [{"_type": "image"}]}', "content[0]"),
        ("a.json", b"", "a.json: "),
        ("a.md", b"No title at all.", "title: is missing"),
    ],
)
def test_what_publishing_would_reject_is_refused(blog: Cli, name: str, raw: bytes, said: str) -> None:
    blog.write(name, raw)
    blog("enqueue", name).fails(3, said)
    assert blog.files("queue") == []


@freeze_time("2026-01-01T00:00:00Z")
def test_times_are_judged_by_the_clock(blog: Cli) -> None:
    blog.write("a.json", article(status="published", publish_at="2026-01-02"))
    blog("enqueue", "a.json").fails(3, "publish_at is in the future")
    with freeze_time("2026-01-03T00:00:00Z"):
        blog("enqueue", "a.json").succeeds()


def test_a_dry_run_writes_nothing(blog: Cli) -> None:
    blog.write("a.json", article())
    before = blog.snapshot()
    result = blog("enqueue", "a.json", "--dry-run").succeeds()
    assert "1 would be queued for default" in result.err
    assert blog("enqueue", "a.json", "--dry-run", "--json").json["queued"][0]["title"] == "A title"
    assert blog.snapshot() == before


def test_the_stream_has_to_be_clear(cli: Cli) -> None:
    cli.write("emdash.toml", "[streams.news]\n[streams.essays]\n")
    cli("init").succeeds()
    cli.write("a.json", article())
    cli("enqueue", "a.json").fails(2, "news, essays", "--stream news")
    cli("enqueue", "a.json", "--stream", "nwes").fails(2, "did you mean `news`?")
    cli("enqueue", "a.json", "--stream", "essays").succeeds()
    assert cli.files("queue") == ["essays/01-a-title.json"]


def test_a_queue_that_is_not_there_is_not_made(cli: Cli) -> None:
    cli.write("a.json", article())
    cli("enqueue", "a.json").fails(2, "there is no directory", "emdash init")
    assert cli.files() == ["a.json"]


@needs_strace
def test_no_file_is_written_over(blog: Cli) -> None:
    """On a filesystem without locks another writer may take the name at the last moment."""
    blog.write("a.json", article("One"))
    blog.write("b.json", article("Two"))
    done = traced(blog.root, "enqueue", "a.json", "b.json", inject="link,linkat:error=EEXIST:when=1")
    assert done.code == 0
    assert blog.files("queue") == ["02-one.json", "03-two.json"]


def test_entries_of_any_kind_keep_their_names(blog: Cli) -> None:
    blog.write("a.json", article())
    (blog.root / "queue/02-a-title.json").symlink_to("nowhere")
    (blog.root / "queue/03-a-title.json").mkdir()
    blog("enqueue", "a.json").succeeds()
    assert sorted(entry.name for entry in (blog.root / "queue").iterdir()) == [
        "02-a-title.json",
        "03-a-title.json",
        "04-a-title.json",
    ]


def test_writers_take_turns(blog: Cli) -> None:
    """One that waits for another derives its number only when the other is done."""
    blog.write("a.json", article())
    descriptor = os.open(blog.root / "archive", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    waiting = subprocess.Popen([*EMDASH, "enqueue", "a.json"], cwd=blog.root, stdout=subprocess.PIPE, text=True)
    try:
        while waiting.poll() is None and not is_waiting(waiting.pid):
            time.sleep(0.01)
        blog.write("queue/05-from-the-other.json", article("The other"))
    finally:
        os.close(descriptor)
    assert waiting.communicate()[0].strip() == str(blog.root / "queue/06-a-title.json")


def is_waiting(process: int) -> bool:
    """Whether the process waits for a lock; see proc_locks(5)."""
    waiting = (line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" in line)
    return any(str(process) in words for words in waiting)


def test_racing_writers_lose_nothing_and_share_no_number(blog: Cli) -> None:
    writers, each = 6, 12
    for writer in range(writers):
        for place in range(each):
            blog.write(f"in/{writer}/{place:02}.json", article(f"Writer {writer} article {place}"))

    def start(writer: int) -> subprocess.Popen[str]:
        files = sorted(str(path) for path in (blog.root / f"in/{writer}").iterdir())
        halves = f"{' '.join(files[: each // 2])}", f"{' '.join(files[each // 2 :])}"
        script = " && ".join(f"{' '.join(EMDASH)} enqueue {half}" for half in halves)
        return subprocess.Popen(["sh", "-c", script], cwd=blog.root, stdout=subprocess.PIPE, text=True)

    running = [start(writer) for writer in range(writers)]
    printed = [line for process in running for line in process.communicate()[0].splitlines()]
    assert [process.returncode for process in running] == [0] * writers
    names = blog.files("queue")
    assert sorted(printed) == [str(blog.root / "queue" / name) for name in names]
    assert [int(name.split("-")[0]) for name in names] == list(range(1, writers * each + 1))
    titles: set[Any] = {json.loads((blog.root / "queue" / name).read_text())["title"] for name in names}
    assert len(titles) == writers * each


@needs_strace
def test_the_file_is_synced_before_it_is_named_and_the_directory_before_it_is_told(blog: Cli) -> None:
    blog.write("a.json", article())
    done = traced(blog.root, "enqueue", "a.json")
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
        ("link,linkat:error=EACCES:when=1", "give this user the right"),
    ],
)
def test_a_disk_that_fails_is_told_and_leaves_no_half_article(blog: Cli, inject: str, said: str) -> None:
    blog.write("a.json", article("One"))
    blog.write("b.json", article("Two"))
    done = traced(blog.root, "enqueue", "a.json", "b.json", inject=inject)
    assert done.code == 6
    assert said in done.err
    assert blog.files("queue") == []


@needs_strace
@pytest.mark.parametrize(
    "call", ["fsync:signal=KILL:when=1", "link,linkat:signal=KILL:when=1", "fsync:signal=KILL:when=2"]
)
def test_a_writer_that_is_killed_leaves_whole_files_or_none(blog: Cli, call: str) -> None:
    path = blog.write("a.json", article())
    traced(blog.root, "enqueue", "a.json", inject=call)
    visible = [name for name in blog.files("queue") if not name.startswith(".")]
    assert all((blog.root / "queue" / name).read_bytes() == path.read_bytes() for name in visible)
    blog("enqueue", "a.json").succeeds()
    counts = blog("publish-queue", "--json").json["counts"]
    assert (counts["published"], counts["rejected"]) == (1, 0)


def test_a_disk_that_takes_a_part_only_is_no_success(blog: Cli) -> None:
    """With a limit on the size of files a write comes back short, and the next one fails."""
    blog.write("a.json", article(body_text="x" * 200_000))
    script = f"ulimit -f 64; exec {' '.join(EMDASH)} enqueue a.json"
    done = subprocess.run(["bash", "-c", script], cwd=blog.root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (6, "")
    assert blog.files("queue") == []


@needs_strace
def test_a_filesystem_without_hard_links_is_written_to_as_safely(blog: Cli) -> None:
    blog.write("a.json", article())
    done = traced(blog.root, "enqueue", "a.json", inject="link,linkat:error=EOPNOTSUPP")
    assert done.code == 0
    assert blog.files("queue") == ["01-a-title.json"]
    assert (blog.root / "queue/01-a-title.json").read_bytes() == (blog.root / "a.json").read_bytes()
    done.order(r"01-a-title\.json\", O_WRONLY\|O_CREAT\|O_EXCL\|O_NOFOLLOW", r"rename\(.*01-a-title\.json")
