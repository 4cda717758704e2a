"""`emdash edit` on a terminal: the post in an editor, and that nothing typed is lost."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.harness.posts import body, give_post
from tests.harness.site import clean_environment, terminal_text
from tests.scheduling.support import a_draft, a_published_post
from tests.scheduling.test_edit_fields import ALL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.site import Site

KEPT = re.compile(r"your text was kept in (\S+\.md)")


class Desk:
    """A terminal and an editor, which changes its file by scripts: the first time by the first of them, and so on."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.seen = ""
        self.files = site.root / "typed"
        self.files.mkdir()

    def edit(self, *scripts: str, words: tuple[str, ...] = (), code: int = 0, **environment: str) -> str:
        """Each script is Python, with the text of the file in `text`; what is printed."""
        turns = self.site.write("turns.json", list(scripts))
        editor = self.site.write("editor.py", _EDITOR)
        command = shlex.join([sys.executable, str(editor), str(turns), str(self.site.root / "opened.json")])
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "emdash_cli", "edit", "a", *words],
            cwd=self.site.root,
            env=clean_environment() | {"VISUAL": command, "NO_COLOR": "1", "TMPDIR": str(self.files)} | environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        said = terminal_text(ours).replace("\r\n", "\n")
        assert process.wait(60) == code, said
        return said

    def opened(self) -> list[str]:
        """What the editor found in the file each time."""
        found: list[str] = json.loads((self.site.root / "opened.json").read_text())
        return found

    def kept(self) -> list[Path]:
        return list(self.files.iterdir())


_EDITOR = """
import json, sys
from pathlib import Path
turns, log, place = map(Path, sys.argv[1:])
opened = json.loads(log.read_text()) if log.exists() else []
text = place.read_text()
log.write_text(json.dumps([*opened, text]))
scripts = json.loads(turns.read_text())
scope = {"text": text}
exec(scripts[min(len(opened), len(scripts) - 1)], scope)
place.write_text(scope["text"])
"""
NOTHING = "pass"


@pytest.fixture
def desk(site: Site) -> Desk:
    a_published_post(site)
    site.run("edit", "a", *ALL).succeeds()
    return Desk(site)


def test_it_opens_all_that_the_post_says_and_saving_that_changes_nothing(desk: Desk) -> None:
    before = desk.site.dump()
    assert "unchanged" in desk.edit(NOTHING)
    assert desk.site.dump() == before
    above, _, below = desk.opened()[0].partition("---\n")
    assert all(line.startswith("#|") for line in above.splitlines())
    assert "published" in above
    assert below.splitlines() == [
        'title: "New"',
        'slug: "b"',
        'excerpt: "In short"',
        'category: "News"',
        'tags: ["One", "Zwei, drei"]',
        'author: "Ada Lovelace"',
        'seo: {"title": "T", "description": "D", "image": "/i.png", "canonical": "https://e.org/", "no_index": true}',
        'featured_image: {"src": "https://e.org/f.png", "alt": "F"}',
        "---",
        "",
        "old",
    ]
    assert desk.kept() == []


def test_what_is_typed_is_what_the_post_says_then(desk: Desk) -> None:
    script = (
        "text = text.replace('old', 'Typed *text*.').replace('\"One\", ', '').replace('\"New\"', 'Typed: \"title\"')"
        ".replace('title: Typed: \"title\"', 'title: \\'Typed: \"title\"\\'')"
    )
    said = desk.edit(script)
    assert "edited a: title, content, tags\n" in said
    assert "note: in the draft until it is published, for example with `emdash publish a`: title, content" in said
    assert "note: on the site at once, because EmDash keeps no drafts of these fields: tags" in said
    data = json.loads(desk.site.row("revisions", id=desk.site.post("a")["draft_revision_id"])["data"])
    assert data["title"] == 'Typed: "title"'
    assert desk.kept() == []


def test_a_field_that_is_taken_out_is_cleared(desk: Desk) -> None:
    script = "text = '\\n'.join(l for l in text.split('\\n') if l[:4] not in ('tags', 'seo:', 'auth', 'feat'))"
    said = desk.edit(script)
    assert "featured_image, tags, author, seo.title" in said.replace("\n", " ")
    post = desk.site.run("show", "a", "--json").succeeds().json
    assert ([term["label"] for term in post["terms"]], post["bylines"]) == (["News"], [])


def test_without_the_lines_above_it_is_the_same(desk: Desk) -> None:
    assert "unchanged" in desk.edit("text = text[text.index('---'):]")
    said = desk.edit("text = text[text.index('---'):].replace('tags: [\"One\", \"Zwei, drei\"]\\n', '')")
    assert "edited a: tags\n" in said


@pytest.mark.parametrize("script", ["text = ''", "text = text.partition('---')[0]", "text = ' \\n'"])
def test_an_empty_file_gives_up(desk: Desk, script: str) -> None:
    before = desk.site.dump()
    assert "abandoned" in desk.edit(script)
    assert json.loads(desk.edit(script, words=("--json",)))["outcome"] == "abandoned"
    assert desk.site.dump() == before
    assert desk.kept() == []


def test_a_fault_opens_it_again_with_what_is_wrong_at_its_top(desk: Desk) -> None:
    wrong = "text = text.replace('slug: \"b\"', 'slug: \"???\"').replace('old', 'Typed.')"
    said = desk.edit(wrong, "text = text.replace('???', 'right')")
    assert "edited a: content, slug\n" in said
    second = desk.opened()[1].splitlines()
    fault = next(line for line in second if line.startswith("#| !"))
    line = re.search(r"line (\d+), slug: ", fault)
    assert line, fault
    assert second[int(line[1]) - 1] == 'slug: "???"', "the line is that of the file as it is opened again"
    assert desk.kept() == []


@pytest.mark.parametrize(
    ("wrong", "reported", "code"),
    [
        ("text = text.replace('slug: \"b\"', 'slug: \"???\"')", "slug", 2),
        ("text = text.replace('category: \"News\"', 'category: [')", "line", 2),
        ("text = text.replace('slug: \"b\"', 'slug: \"taken\"')", "the slug taken (en) belongs to post TAKEN", 3),
        ("text = text.replace('\"Ada Lovelace\"', 'nobody@example.com')", "never published", 3),
    ],
)
def test_a_fault_that_stays_ends_it_and_the_text_is_kept(desk: Desk, wrong: str, reported: str, code: int) -> None:
    give_post(desk.site, "taken", status="draft", draft={})
    before = desk.site.dump()
    said = desk.edit(f"{wrong}.replace('old', 'Typed.')", NOTHING, code=code)
    assert reported in said
    assert desk.site.dump() == before
    (path,) = desk.kept()
    assert KEPT.search(said.replace("\n", ""))
    assert "Typed." in path.read_text()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten_and_the_text_is_kept(desk: Desk) -> None:
    database = str(desk.site.root / "emdash.db")
    script = (
        f"import sqlite3; c = sqlite3.connect({database!r}); c.execute('UPDATE ec_posts SET version = 99');"
        " c.commit(); c.close(); text = text.replace('old', 'Typed.')"
    )
    assert "somebody else has just changed" in desk.edit(script, code=3)
    assert len(desk.opened()) == 1
    (path,) = desk.kept()
    done = desk.site.run("edit", "a", "--file", path, "--json").succeeds().json
    assert done["fields"] == ["content"], "a kept text is taken as it was typed"


def test_a_kept_text_is_whole(desk: Desk) -> None:
    script = "text = text.replace('tags: [\"One\", \"Zwei, drei\"]\\n', '')"
    said = desk.edit(script, words=("--dry-run",))
    assert "would be edited a: tags" in said
    assert '-tags: ["One", "Zwei, drei"]' in said
    (path,) = desk.kept()
    assert desk.site.run("edit", "a", "--file", path, "--json").succeeds().json["fields"] == ["tags"]


def test_a_post_without_a_text_can_be_edited_and_a_text_is_not_taken_out(site: Site) -> None:
    a_draft(site, draft={"title": "T", "content": []})
    desk = Desk(site)
    assert "edited a: tags\n" in desk.edit("text = text.replace('tags: []', 'tags: [one]')")
    assert "edited a: content\n" in desk.edit("text += 'Typed.'")
    said = desk.edit("text = text.replace('Typed.', '')", code=2)
    assert "there is no text below the front matter" in said


@pytest.mark.parametrize("name", ["ACME | Team", "Jane <jane@example.com>", "ops@example.com", "Ann, Bob"])
def test_a_byline_of_another_tool_is_no_change_of_the_author(site: Site, name: str) -> None:
    a_draft(site)
    site.run("edit", "a", "--author", "Ada").succeeds()
    site.sql("UPDATE _emdash_bylines SET display_name = ?", name)
    assert "edited a: tags\n" in Desk(site).edit("text = text.replace('tags: []', 'tags: [one]')")


def test_what_no_queue_file_could_say_is_unchanged_all_the_same(site: Site) -> None:
    a_draft(site, draft={"title": "T" * 400, "content": "text", "excerpt": 5, "_slug": "Not valid"})
    before = site.dump()
    desk = Desk(site)
    assert "unchanged" in desk.edit(NOTHING)
    assert site.dump() == before


def test_an_editor_that_fails_changes_nothing(desk: Desk) -> None:
    before = desk.site.dump()
    assert "exited with code 7" in desk.edit("raise SystemExit(7)", code=3)
    assert desk.kept() == []
    assert "editor '/no/where --wait' not found" in desk.edit(NOTHING, code=2, VISUAL="/no/where --wait")
    assert "is not a command" in desk.edit(NOTHING, code=2, VISUAL="'")
    assert desk.site.dump() == before


def test_an_editor_that_removes_its_file_gives_up(desk: Desk) -> None:
    before = desk.site.dump()
    script = "import os, sys; os.remove(sys.argv[3]); raise SystemExit(0)"
    assert json.loads(desk.edit(script, words=("--json",)))["outcome"] == "abandoned"
    assert "abandoned: the file was empty or deleted" in desk.edit(script)
    assert desk.site.dump() == before


def test_a_text_that_is_no_utf8_is_kept(desk: Desk) -> None:
    script = "import sys; open(sys.argv[3], 'wb').write(b'\\xff'); raise SystemExit(0)"
    assert "not UTF-8" in desk.edit(script, code=2)
    assert [path.read_bytes() for path in desk.kept()] == [b"\xff"]


def test_a_post_of_a_media_library_image_keeps_it(site: Site) -> None:
    image = {"provider": "local", "id": "MEDIA", "filename": "a.png"}
    a_draft(site, draft={"title": "T", "content": body("old"), "featured_image": image})
    desk = Desk(site)
    assert "edited a: content\n" in desk.edit("text = text.replace('old', 'Typed.')")
    data = json.loads(site.row("revisions", id=site.post("a")["draft_revision_id"])["data"])
    assert data["featured_image"] == image


def test_an_editor_that_writes_the_same_errors_again_is_not_opened_for_ever(desk: Desk) -> None:
    bad = "text = 'no front matter'"
    assert "is missing" in desk.edit(bad, bad, "raise SystemExit('opened once more')", code=2)
    assert len(desk.opened()) == 2


def test_an_editor_may_add_a_byte_order_mark_and_carriage_returns(desk: Desk) -> None:
    script = "text = '\\ufeff' + text.replace('title: \"', 'title: \"New ', 1).replace('\\n', '\\r\\n')"
    assert "edited a: title\n" in desk.edit(script)
