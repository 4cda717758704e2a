"""`emdash enqueue`: what is queued, at the end of the queue, and under which name."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.publishing.enqueuing import article

if TYPE_CHECKING:
    from tests.harness.cli import Cli

STREAMS = "".join(
    f'[streams.{name}]\nqueue = "{queue}"\narchive = "{queue}-archive"\nlocale = "{locale}"\n'
    for name, queue, locale in (("default", "queue", "en"), ("german", "q-de", "de"), ("brazil", "q-br", "pt-BR"))
)


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
    blog("enqueue", "a.json").fails(2, "no number can follow 999999999999999999")
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


def test_a_dry_run_writes_nothing(blog: Cli) -> None:
    blog.write("a.json", article())
    before = blog.snapshot()
    result = blog("enqueue", "a.json", "--dry-run").succeeds()
    assert "1 would be queued for default" in result.err
    assert blog("enqueue", "a.json", "--dry-run", "--json").json["queued"][0]["title"] == "A title"
    assert blog.snapshot() == before


@pytest.mark.parametrize(
    ("path", "locale"),
    [
        ("hello.de.md", "de"),
        ("content/DE/posts/hello.md", "de"),
        ("hello/pt_br.md", "pt-BR"),
        ("notes/it/hello.md", None),
    ],
)
def test_markdown_is_in_the_language_of_its_path(blog: Cli, path: str, locale: str | None) -> None:
    blog.write("emdash.toml", 'database = "sqlite:emdash.db"\ntimezone = "UTC"\n' + STREAMS)
    blog("init").succeeds()
    blog.write(path, "---\ntitle: Hello\n---\nText.\n")
    blog("enqueue", path, "--stream", "default").succeeds()
    assert json.loads((blog.root / "queue/01-hello.json").read_text()).get("locale") == locale
    blog.write(path, "---\ntitle: Hello\nlang: fr\n---\nText.\n")
    blog("enqueue", path, "--stream", "default").succeeds()
    assert json.loads((blog.root / "queue/02-hello.json").read_text())["locale"] == "fr"


def test_a_key_of_translations_that_links_nothing_is_pointed_out(blog: Cli) -> None:
    blog.write("a.md", "---\ntitle: A\ntranslationKey: k\n---\nText.\n")
    blog.write("b.md", "---\ntitle: B\ntranslationKey: k\nlang: de\ntranslation_of: a\n---\nText.\n")
    blog.write("c.md", "---\ntitle: C\nref: k\n---\nText.\n")
    first, *others = blog("enqueue", "a.md", "b.md", "c.md", "--json").succeeds().json["queued"]
    (notice,) = first["notices"]
    assert notice.startswith("line 3, translationKey: is kept as metadata, and links this post to no translation")
    assert "translation_of" in notice
    assert [other["notices"] for other in others] == [[], []]
    published = blog("publish-queue", "--json").json["outcomes"]
    assert any("links this post to no translation" in notice for notice in published[0]["notices"])
    assert blog("enqueue", "a.md", "--strict").code == 3
