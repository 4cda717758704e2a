"""`emdash enqueue` validates first: what it refuses, and that it queues nothing then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.publishing.enqueuing import article

if TYPE_CHECKING:
    from tests.harness.site import Site


def test_if_one_file_is_bad_nothing_is_queued_and_every_problem_is_told(site: Site) -> None:
    site.write("good.json", article())
    site.write("bad.json", '{\n "title": "",\n "body_text": "Text.",\n "publsh_at": "2026-01-01"\n}')
    site.write("worse.md", "---\ntitle: Fine\nstatus: soon\n---\nText.")
    before = site.tree()
    result = site.run("enqueue", "good.json", "bad.json", "worse.md", "none.json", ".").fails(3)
    assert result.out == ""
    for words in (
        "bad.json: line 2, title: is blank",
        'bad.json: line 4, publsh_at: is an unknown key; did you mean "publish_at"?',
        "worse.md: line 3, status:",
        "none.json: it cannot be read: No such file or directory",
        ".: it is a directory",
        "nothing was queued: 4 of 5 files refused",
    ):
        assert words in result.err
    assert site.tree() == before
    told = site.run("enqueue", "good.json", "bad.json", "--json").fails(3).json
    assert told["queued"] == []
    assert [(problem["line"], problem["field"]) for problem in told["refused"][0]["problems"]] == [
        (2, "title"),
        (4, "publsh_at"),
    ]


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.md", b"---\ntitle: x\n---\n\nText \xff", "line 5: byte 24 of the file, 0xff, is not UTF-8"),
        ("a.json", b'{"title": "x", "body_text": "' + b"x" * 2_000_000 + b'"}', "it has more than 2,000,000 bytes"),
        ("a.md", b"---\ntitle: x\n---\n" + b'"\n' * 900_000, "as JSON it has"),
        ("a.json", b'{"title": "x", "content": [{"_type": "image"}]}', "content[0]"),
        ("a.json", b"", "a.json: "),
        ("a.md", b"No title at all.", "title: is missing"),
    ],
)
def test_what_publishing_would_reject_is_refused(site: Site, name: str, raw: bytes, said: str) -> None:
    site.write(name, raw)
    site.run("enqueue", name).fails(3, said)
    assert site.files("queue") == []


@freeze_time("2026-01-01T00:00:00Z")
def test_times_are_judged_by_the_clock(site: Site) -> None:
    site.write("a.json", article(status="published", publish_at="2026-01-02"))
    site.run("enqueue", "a.json").fails(3, "publish_at is in the future")
    with freeze_time("2026-01-03T00:00:00Z"):
        site.run("enqueue", "a.json").succeeds()


def test_the_stream_has_to_be_clear(bare: Site) -> None:
    bare.write("emdash.toml", "[streams.news]\n[streams.essays]\n")
    bare.run("init").succeeds()
    bare.write("a.json", article())
    bare.run("enqueue", "a.json").fails(2, "news, essays", "--stream news")
    bare.run("enqueue", "a.json", "--stream", "nwes").fails(2, "did you mean `news`?")
    bare.run("enqueue", "a.json", "--stream", "essays").succeeds()
    assert bare.files("queue") == ["essays/01-a-title.json"]


def test_a_queue_that_is_not_there_is_not_made(bare: Site) -> None:
    bare.write("a.json", article())
    bare.run("enqueue", "a.json").fails(2, "there is no directory", "emdash init")
    assert bare.files() == ["a.json"]
