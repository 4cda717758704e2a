"""Everything that naive readers crash on, beside good files: those are published, the bad ones say what is wrong."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from tests.harness.checks import assert_exactly_once

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.site import Site


class Poison(NamedTuple):
    """A bad file: its bytes, and what its reason must name."""

    raw: bytes
    named: tuple[str, ...]


def article(rest: str) -> bytes:
    """An article of three lines with something wrong on the third."""
    return f'{{"title": "Fine",\n"body_text": "Fine.",\n{rest}}}'.encode("utf-8", "surrogatepass")


POISON = {
    "nested-100000-deep": Poison(article('"metadata": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}"), ("line 3",)),
    "nested-from-the-start": Poison(b"[" * 100_000, ("line 1",)),
    "integer-of-5000-digits": Poison(article(f'"metadata": {{"n": {"9" * 5000}}}'), ("line 3", "metadata.n")),
    "integer-of-64-bits": Poison(article(f'"metadata": {{"n": {2**63}}}'), ("line 3", "metadata.n")),
    "float-too-large": Poison(article('"metadata": {"n": 1e999}'), ("line 3", "metadata.n")),
    "not-a-number": Poison(article('"metadata": {"n": NaN}'), ("line 3", "metadata.n", "NaN")),
    "infinity": Poison(article('"metadata": {"n": -Infinity}'), ("line 3", "metadata.n")),
    "duplicate-key": Poison(article('"title": "Other"'), ("line 3", "title", "twice")),
    "invalid-utf-8": Poison(b'{"title": "Fine",\n"body_text": "\xff"}', ("line 2", "0xff", "UTF-8")),
    "utf-16": Poison('{"title": "Fine", "body_text": "Fine."}'.encode("utf-16"), ("UTF-16", "UTF-8")),
    "lone-surrogate": Poison(article(r'"excerpt": "\ud83d"'), ("line 3", "excerpt", "surrogate")),
    "surrogate-in-bytes": Poison(article('"excerpt": "\ud83d"'), ("line 3", "UTF-8")),
    "nul": Poison(article(r'"excerpt": "a\u0000b"'), ("line 3", "excerpt", "NUL")),
    "nul-bytes": Poison(b"\0" * 4096, ("NUL",)),
    "top-level-null": Poison(b"null", ("line 1", "null")),
    "top-level-list": Poison(b"[]", ("line 1", "a list")),
    "top-level-text": Poison(b'"title"', ("line 1", "a text")),
    "empty-file": Poison(b"", ("empty",)),
    "cut-short": Poison(b'{"title": "Fine",\n"body_text": "Fi', ("line 2", "not JSON")),
    "two-documents": Poison(b'{"title": "Fine"}\n{"body_text": "Fine."}', ("line 2", "not JSON")),
    "empty-title": Poison(b'{"body_text": "Fine.",\n"title": " "}', ("line 2", "title", "blank")),
    "no-title": Poison(b'{"body_text": "Fine."}', ("title", "missing")),
    "no-text": Poison(b'{"title": "Fine"}', ("text",)),
    "title-of-two-lines": Poison(b'{"body_text": "Fine.",\n"title": "a\\nb"}', ("line 2", "title", "line break")),
    "title-is-a-number": Poison(b'{"body_text": "Fine.",\n"title": 5}', ("line 2", "title", "text", "number")),
    "tags-of-wrong-type": Poison(article('"tags": ["a", 5.5]'), ("line 3", "tags[1]")),
    "seo-of-wrong-type": Poison(article('"seo": {"no_index": "maybe"}'), ("line 3", "seo.no_index")),
    "impossible-date": Poison(article('"publish_at": "2026-02-30T09:00:00Z"'), ("line 3", "publish_at")),
    "no-date": Poison(article('"publish_at": "soon"'), ("line 3", "publish_at")),
    "impossible-slug": Poison(article('"slug": "../../etc"'), ("line 3", "slug")),
    "misspelt-key": Poison(article('"publsh_at": "2026-06-15T09:00:00Z"'), ("line 3", "publsh_at", "publish_at")),
    "two-texts": Poison(article('"content": "Fine too."'), ("line 3", "content")),
    "scheduled-without-time": Poison(article('"status": "scheduled"'), ("line 3", "status")),
    "published-in-the-future": Poison(
        article('"status": "published", "publish_at": "2100-01-01T00:00:00Z"'), ("line 3", "status", "future")
    ),
    "unknown-status": Poison(article('"status": "live"'), ("line 3", "status", "live")),
    "text-of-2-megabytes": Poison(
        json.dumps({"title": "Fine", "body_text": "word " * 385_000}).encode(), ("body_text", "bytes")
    ),
    "file-of-40-megabytes": Poison(b'{"title": "' + b"a" * 40_000_000 + b'"}', ("bytes", "maximum")),
    "metadata-too-large": Poison(article(f'"metadata": {{"a": "{"x" * 500_000}"}}'), ("line 3", "metadata", "bytes")),
}
GOOD = ("0001-good.json", "5000-good.json", "9999-good.json")


def put_poison(site: Site) -> dict[str, str]:
    """One file of each kind, numbered, between good ones; answers where each belongs."""
    for number, (name, poison) in enumerate(POISON.items(), 2):
        site.put_raw(f"{number:04}-{name}.json", poison.raw)
    outcomes = dict.fromkeys(site.originals, "rejected")
    for name in GOOD:
        site.put(name)
    return outcomes | dict.fromkeys(GOOD, "published")


def test_every_poison_is_rejected_and_every_good_file_published(site: Site) -> None:
    outcomes = put_poison(site)
    ran = site.run("publish-queue", "--json")
    assert ran.code == 3
    assert ran.err == ""
    assert {name: reported["outcome"] for name, reported in ran.outcomes.items()} == outcomes
    assert ran.counts == {"published": len(GOOD), "rejected": len(POISON)}
    assert_exactly_once(site, outcomes)
    for number, (name, poison) in enumerate(POISON.items(), 2):
        file = f"{number:04}-{name}.json"
        reason = site.reason(file)
        missing = [word for word in poison.named if word not in reason]
        assert not missing, f"{name}: {missing} is not in the reason: {reason}"
        assert reason.startswith("rejected: ")
        assert len(reason) < 4000
        assert reason.rstrip("\n").isprintable()
        assert ran.outcomes[file]["reason"] in reason


def test_entries_that_are_no_files(site: Site, tmp_path: Path) -> None:
    """A pipe without a writer, a socket, a link and a directory are not waited for, followed or entered."""
    secret = tmp_path / "secret.json"
    secret.write_text('{"title": "Secret", "body_text": "Not from the queue."}')
    os.mkfifo(site.queue / "1-pipe.json")
    (site.queue / "2-link.json").symlink_to(secret)
    (site.queue / "3-broken-link.json").symlink_to("nowhere.json")
    (site.queue / "4-directory.json").mkdir()
    (site.queue / "4-directory.json" / "inside.json").write_text("{}")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(site.queue / "5-socket.json"))
    site.put("6-good.json")
    (site.queue / ".hidden.json").write_text("{")
    (site.queue / "notes.txt").write_text("not an article")
    ran = site.run("publish-queue", "--json")
    assert ran.code == 3
    assert ran.counts == {"published": 1, "rejected": 5}
    assert site.waiting() == [".hidden.json", "notes.txt"]
    names = ["1-pipe.json", "2-link.json", "3-broken-link.json", "4-directory.json", "5-socket.json"]
    assert site.archived() == {"published": ["6-good.json"], "rejected": names}
    assert all("not a regular file" in site.reason(name) for name in names)
    assert secret.exists()
    assert site.sql("SELECT title FROM ec_posts") == [("About 6-good",)]


def test_file_that_is_still_being_written(site: Site) -> None:
    """What does not parse yet is left for the next run; once it is complete, or has been left alone, that is over."""
    path = site.put_raw("1-a.json", b'{"title": "Half')
    os.utime(path, (time.time(), time.time()))
    ran = site.publish()
    assert ran.code == 0
    assert ran.counts == {"left": 1}
    assert "still being written" in ran.outcomes["1-a.json"]["reason"]
    site.put("1-a.json")
    assert site.publish().counts == {"published": 1}
    assert_exactly_once(site)


def test_young_file_that_is_complete_but_wrong(site: Site) -> None:
    """Nothing will change about it: it is rejected at once."""
    path = site.put("1-a.json", title="")
    os.utime(path, (time.time(), time.time()))
    assert site.publish().counts == {"rejected": 1}


def test_file_from_the_future(site: Site) -> None:
    """A clock that went wrong does not keep a broken file in the queue for ever."""
    path = site.put_raw("1-a.json", b'{"title": "Half')
    os.utime(path, (time.time() + 86400, time.time() + 86400))
    assert site.publish().counts == {"rejected": 1}


# Root may read everything; without these two capabilities it has the rights of any owner.
WITHOUT_PRIVILEGE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


def test_file_that_may_not_be_read(site: Site) -> None:
    """It is no fault of the file's: it stays, and the run says what to do."""
    site.put("1-a.json")
    path = site.put("2-b.json")
    path.chmod(0)
    ran = site.spawn("publish-queue", "--json", launcher=WITHOUT_PRIVILEGE)
    assert ran.code == 6, ran
    assert "2-b.json" in site.waiting()
    (error,) = ran.json["errors"]
    assert "2-b.json" in error["message"]
    assert "permission" in error["hint"]
    path.chmod(0o644)
    assert site.run("publish-queue").code == 0
    assert_exactly_once(site)


def test_places_that_may_not_be_entered(site: Site) -> None:
    """The queue of one stream, the archive of another, and the store."""
    site.settings(
        '[streams.a]\nqueue = "locked/queue"\narchive = "a"\n'
        '[streams.b]\nqueue = "queue"\narchive = "archive"\n'
        '[streams.c]\nqueue = "c"\narchive = "locked/archive"\n'
    )
    site.put("1-a.json")
    site.put("1-c.json", queue="c")
    (site.root / "locked").chmod(0)
    ran = site.spawn("publish-queue", "--json", launcher=WITHOUT_PRIVILEGE)
    assert ran.code == 6, ran
    assert ran.counts == {"published": 1}
    assert [error["code"] for error in ran.json["errors"]] == ["queue_trouble"] * 2
    ran = site.spawn("--db", "sqlite:locked/emdash.db", "publish-queue", "--json", launcher=WITHOUT_PRIVILEGE)
    assert ran.code == 6, ran
    assert ran.json["errors"][-1]["code"] == "store_unavailable"
    (site.root / "locked").chmod(0o755)


def test_names(site: Site) -> None:
    """Names of any bytes are published under, and printed so that they cannot do anything to a terminal."""
    names = [
        "1-new\nline.json",
        "2-\x1b[31mred\x1b[0m.json",
        "3-" + "n" * 248 + ".json",
        "4-\u202egnp.json",
        "5-tab\there.json",
        "6-caf\u00e9.json",
        "6-cafe\u0301.json",
        os.fsdecode(b"7-\xff\xfe.json"),
        "8-\U0001f600.json",
    ]
    for number, name in enumerate(names):
        site.put(name, title=f"Article {number}", body_text=f"Text {number}")
    ran = site.run("publish-queue")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == len(names)
    assert all(line.replace("\t", "").isprintable() for line in ran.out.splitlines())
    assert all(line.count("\t") == 3 for line in ran.out.splitlines())
    assert r"2-\x1b[31mred" in ran.out
    assert r"7-\udcff\udcfe.json" in ran.out
    assert site.waiting() == []
    assert sorted(site.archived()["published"]) == sorted(names)
    assert site.sql("SELECT count(*) FROM ec_posts") == [(len(names),)]


def test_reason_of_a_file_with_the_longest_name(site: Site) -> None:
    """Its reason file has the longest name, too."""
    name = "1-" + "n" * 248 + ".json"
    site.put(name, title="")
    assert site.run("publish-queue").code == 3
    (folder,) = (site.archive / "rejected").iterdir()
    found = sorted(path.name for path in folder.iterdir())
    assert len(found) == 2
    assert name in found
    (reason,) = set(found) - {name}
    assert len(os.fsencode(reason)) == 255
    assert "title" in (folder / reason).read_text()


def test_same_name_again_and_again(site: Site) -> None:
    """Nothing in the archive is written over."""
    for text in ("one", "two", "three"):
        site.put("1-a.json", body_text=text)
        assert site.run("publish-queue").code == 0
        site.put("1-bad.json", title="", body_text=text)
        assert site.run("publish-queue").code == 3
    assert site.archived()["published"] == ["1-a.json", "1-a~2.json", "1-a~3.json"]
    assert site.archived()["rejected"] == ["1-bad.json", "1-bad~2.json", "1-bad~3.json"]
    texts = [json.loads(path.read_bytes())["body_text"] for path in sorted(site.archive.glob("published/*/*"))]
    assert texts == ["one", "two", "three"]
    assert all(site.reason(name) for name in site.archived()["rejected"])


def test_the_recursion_limit_is_left_alone(site: Site) -> None:
    limit = sys.getrecursionlimit()
    site.put_raw("1-deep.json", POISON["nested-100000-deep"].raw)
    site.run("publish-queue")
    assert sys.getrecursionlimit() == limit


def test_the_place_in_portable_text_is_named_once(site: Site) -> None:
    block = {"_type": "block", "style": "loud", "children": []}
    site.put("1-a.json", body_text=None, content=[block])
    (outcome,) = site.publish().outcomes.values()
    assert outcome["reason"].count("content[0].style") == 1
