"""`emdash enqueue`: what is queued, at the end of the queue, and under which name."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import article
from tests.posts.test_authors import bylines, shows_no_address, user

if TYPE_CHECKING:
    from tests.harness.site import Site


STREAMS = "".join(
    f'[streams.{name}]\nqueue = "{queue}"\narchive = "{queue}-archive"\nlocale = "{locale}"\n'
    for name, queue, locale in (("default", "queue", "en"), ("german", "q-de", "de"), ("brazil", "q-br", "pt-BR"))
)


def stdin(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))


def test_json_is_queued_byte_for_byte_and_its_new_name_printed(site: Site) -> None:
    raw = b'{ "body_text" : "Text.",\n "title": "Caf\\u00e9 \xc3\xa9" }'
    site.write("in/whatever.json", raw)
    result = site.run("enqueue", "in/whatever.json").succeeds()
    assert result.lines == [str(site.root / "queue/01-cafe-e.json")]
    assert (site.root / "queue/01-cafe-e.json").read_bytes() == raw
    assert site.files("queue") == ["01-cafe-e.json"]
    assert site.run("publish-queue", "--json").json["counts"]["published"] == 1


@pytest.mark.parametrize(
    "matter",
    [
        "---\ntitle: Hello\ntags: [a, b]\ndraft: true\n---\n",
        '+++\ntitle = "Hello"\ntags = ["a", "b"]\ndraft = true\n+++\n',
    ],
    ids=["yaml", "toml"],
)
def test_markdown_becomes_a_queue_file(site: Site, matter: str) -> None:
    site.write("hello.md", f"{matter}\n# Heading\n\nText.\n")
    site.run("enqueue", "hello.md").succeeds()
    document = json.loads((site.root / "queue/01-hello.json").read_text())
    assert document == {"title": "Hello", "tags": ["a", "b"], "status": "draft", "body_text": "# Heading\n\nText."}


@pytest.mark.parametrize(
    "raw",
    [json.dumps(article("From a pipe")).encode(), b"---\ntitle: From a pipe\n---\nText."],
    ids=["json", "markdown"],
)
def test_an_article_may_come_through_a_pipe(site: Site, raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, raw)
    site.run("enqueue", "-").succeeds()
    assert site.files("queue") == ["01-from-a-pipe.json"]


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
def test_the_number_is_the_one_after_the_last(site: Site, waiting: list[str], archived: list[str], name: str) -> None:
    for path in [*(f"queue/{file}" for file in waiting), *(f"archive/{file}" for file in archived)]:
        site.write(path, "")
    site.write("a.json", article())
    reported = site.run("enqueue", "a.json", "--dry-run").succeeds().lines
    done = site.run("enqueue", "a.json").succeeds().lines
    assert reported == done == [str(site.root / "queue" / name)]


def test_several_files_keep_their_order(site: Site) -> None:
    names = [site.write(f"{name}.json", article(name)) for name in ("second", "first", "third")]
    site.run("enqueue", *names).succeeds()
    assert site.files("queue") == ["01-second.json", "02-first.json", "03-third.json"]


def test_a_number_without_a_successor_is_pointed_out(site: Site) -> None:
    site.write("queue/999999999999999999-x.json", "")
    site.write("a.json", article())
    site.run("enqueue", "a.json").fails(2, "no number can follow 999999999999999999")
    assert site.files("queue") == ["999999999999999999-x.json"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("日本語のタイトル", "01-ri-ben-yu-notaitoru.json"),
        ("🎉🎉", "01-article.json"),
        ("wort" * 74, f"01-{'wort' * 20}.json"),
    ],
)
def test_any_title_gives_a_name_that_every_system_takes(site: Site, title: str, name: str) -> None:
    site.write("a.json", article(title))
    site.run("enqueue", "a.json").succeeds()
    assert site.files("queue") == [name]


def test_a_title_without_letters_is_named_after_its_slug(site: Site) -> None:
    site.write("a.json", article("🎉", slug="party"))
    site.run("enqueue", "a.json").succeeds()
    assert site.files("queue") == ["01-party.json"]


def test_a_dry_run_writes_nothing(site: Site) -> None:
    site.write("a.json", article())
    before = site.tree()
    result = site.run("enqueue", "a.json", "--dry-run").succeeds()
    assert "1 would be queued for default" in result.err
    assert site.run("enqueue", "a.json", "--dry-run", "--json").json["queued"][0]["title"] == "A title"
    assert site.tree() == before


@pytest.mark.parametrize(
    ("path", "locale"),
    [
        ("hello.de.md", "de"),
        ("content/DE/posts/hello.md", "de"),
        ("hello/pt_br.md", "pt-BR"),
        ("notes/it/hello.md", None),
    ],
)
def test_markdown_is_in_the_language_of_its_path(site: Site, path: str, locale: str | None) -> None:
    site.write("emdash.toml", 'database = "sqlite:emdash.db"\ntimezone = "UTC"\n' + STREAMS)
    site.run("init").succeeds()
    site.write(path, "---\ntitle: Hello\n---\nText.\n")
    site.run("enqueue", path, "--stream", "default").succeeds()
    assert json.loads((site.root / "queue/01-hello.json").read_text()).get("locale") == locale
    site.write(path, "---\ntitle: Hello\nlang: fr\n---\nText.\n")
    site.run("enqueue", path, "--stream", "default").succeeds()
    assert json.loads((site.root / "queue/02-hello.json").read_text())["locale"] == "fr"


def test_a_key_of_translations_that_links_nothing_is_pointed_out(site: Site) -> None:
    site.write("a.md", "---\ntitle: A\ntranslationKey: k\n---\nText.\n")
    site.write("b.md", "---\ntitle: B\ntranslationKey: k\nlang: de\ntranslation_of: a\n---\nText.\n")
    site.write("c.md", "---\ntitle: C\nref: k\n---\nText.\n")
    first, *others = site.run("enqueue", "a.md", "b.md", "c.md", "--json").succeeds().json["queued"]
    (notice,) = first["notices"]
    assert notice.startswith(
        "line 3, translationKey: is stored as metadata and does not link this post to a translation"
    )
    assert "translation_of" in notice
    assert [other["notices"] for other in others] == [[], []]
    published = site.run("publish-queue", "--json").json["outcomes"]
    assert any("does not link this post to a translation" in notice for notice in published[0]["notices"])
    assert site.run("enqueue", "a.md", "--strict").code == 3


def queued(site: Site) -> dict[str, Any]:
    (name,) = site.waiting()
    document: dict[str, Any] = json.loads((site.queue / name).read_text())
    return document


@pytest.mark.parametrize("suffix", ["md", "json"])
def test_enqueue_as_somebody_makes_them_the_author(site: Site, suffix: str) -> None:
    user(site, "Jane Doe")
    site.sql("UPDATE users SET role = 30")
    text = '{"title": "T", "body_text": "Text."}' if suffix == "json" else "---\ntitle: T\n---\nText.\n"
    (site.root / f"a.{suffix}").write_text(text)
    assert site.run("enqueue", f"a.{suffix}", "--as", "jane@example.org").code == 0
    assert queued(site)["author"] == {"name": "Jane Doe", "email": "jane@example.org", "user": "jane@example.org"}
    assert site.publish().counts == {"published": 1}
    assert bylines(site) == ["Jane Doe"]
    assert site.sql("SELECT author_id FROM ec_posts") == [("u1",)]
    (site.root / "b.md").write_text("---\ntitle: T\n---\nOther text.\n")
    assert site.run("edit", "1-t", "--file", "b.md", "--as", "jane@example.org").code == 0
    shows_no_address(site)


def test_an_author_whom_the_file_names_stays_but_the_post_is_theirs(site: Site) -> None:
    user(site, "Jane Doe")
    site.sql("UPDATE users SET role = 20")
    (site.root / "a.md").write_text("---\ntitle: T\nauthors: [Grace Hopper]\n---\nText.\n")
    assert site.run("enqueue", "a.md", "--as", "Jane Doe").code == 0
    assert site.publish().counts == {"published": 1}
    assert bylines(site) == ["Grace Hopper"]
    assert site.sql("SELECT author_id FROM ec_posts") == [("u1",)]


def test_somebody_without_a_name_leaves_the_byline_to_the_stream(site: Site) -> None:
    user(site, None)
    site.sql("UPDATE users SET role = 30")
    (site.root / "a.md").write_text("---\ntitle: T\n---\nText.\n")
    assert site.run("enqueue", "a.md", "--as", "u1").code == 0
    ran = site.publish()
    assert ran.counts == {"published": 1}
    assert "the post has no byline" in next(iter(ran.outcomes.values()))["notices"][0]
    assert site.sql("SELECT author_id, primary_byline_id FROM ec_posts") == [("u1", None)]


def test_without_a_user_a_queue_file_stays_as_it_was_written(site: Site) -> None:
    (site.root / "a.json").write_text('{"title": "T",   "body_text": "Text."}')
    assert site.run("enqueue", "a.json").code == 0
    assert next(site.queue.iterdir()).read_text() == '{"title": "T",   "body_text": "Text."}'


def test_problems_and_notices_have_the_lines_of_the_file_that_was_handed_in(site: Site) -> None:
    user(site, "Jane Doe")
    site.sql("UPDATE users SET role = 30")
    (site.root / "a.json").write_text('{"title": "T", "body_text": "{{< toc >}}"}')
    ran = site.run("enqueue", "a.json", "--as", "Jane Doe", "--json")
    assert json.loads(ran.out)["queued"][0]["notices"][0].startswith('line 1, body_text: "{{< toc >}}"')
    (site.root / "b.json").write_text('{"title": "T", "body_text": "x", "slug": "No Slug"}')
    assert "b.json: line 1, slug: " in site.run("enqueue", "b.json", "--as", "Jane Doe").err


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
    reported = site.run("enqueue", "good.json", "bad.json", "--json").fails(3).json
    assert reported["queued"] == []
    assert [(problem["line"], problem["field"]) for problem in reported["refused"][0]["problems"]] == [
        (2, "title"),
        (4, "publsh_at"),
    ]


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.md", b"---\ntitle: x\n---\n\nText \xff", "line 5: byte 24 of the file, 0xff, is not UTF-8"),
        ("a.json", b'{"title": "x", "body_text": "' + b"x" * 2_000_000 + b'"}', "it has more than 2,000,000 bytes"),
        ("a.md", b"---\ntitle: x\n---\n" + b'"\n' * 900_000, "as JSON, it has"),
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
