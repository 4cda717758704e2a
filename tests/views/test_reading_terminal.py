"""Lists, calendar, history and statistics on a terminal: a pseudo-terminal of 100 columns."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.harness.site import clean_environment, terminal_text

if TYPE_CHECKING:
    from tests.harness.site import Site


@pytest.fixture
def full(site: Site) -> Site:
    article = {"title": "Título", "body_text": "one two", "author": "Ada Lovelace", "category": "News"}
    site.write("queue/1.json", {**article, "slug": "a"})
    site.write(
        "queue/2.json",
        {**article, "slug": "b", "title": "Other", "author": "Alan Turing", "publish_at": "2099-06-01T09:00Z"},
    )
    site.run("publish-queue").succeeds()
    site.sql("UPDATE ec_posts SET title = ?", "Título \x1b]0;x\x07")
    return site


def on_terminal(site: Site, *words: str, **environment: str) -> str:
    """What a person sees, with the colours."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "emdash_cli", *words],
        cwd=site.root,
        env=clean_environment() | {"TERM": "xterm-256color", "COLUMNS": "100"} | environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.STDOUT,
    )
    os.close(theirs)
    seen = terminal_text(ours)
    assert process.wait(60) == 0, seen
    return seen


CALENDAR = ("calendar", "--from", "2099-06-01")
COMMANDS = {
    "posts": (("posts",), ["status", "published", "scheduled", "Ada Lovelace"]),
    "calendar": (CALENDAR, ["Mon 2099-06-01", "09:00 UTC", "A Alan Turing", "● News", "b (en)"]),
    "history": (("history", "b"), ["revision", "draft,", "locked", "2 words", "from 2.json"]),
    "stats": (("stats",), ["month", "default", "█", "2 posts, 4 words", "1 published, 1 scheduled"]),
}


@pytest.mark.parametrize(("words", "reported"), COMMANDS.values(), ids=COMMANDS)
def test_a_person_sees_a_table_with_colours_unless_they_want_none(
    full: Site, words: tuple[str, ...], reported: list[str]
) -> None:
    coloured, plain = on_terminal(full, *words), on_terminal(full, *words, NO_COLOR="1")
    bare = re.sub(r"\x1b\[[0-9;]*m", "", plain)
    for word in reported:
        assert word in bare, bare
    # Colours are 30 to 37 and 90 to 97; bold and dim remain.
    assert re.search(r"\x1b\[(?:\d+;)*[39][0-7]m", coloured)
    assert not re.search(r"\x1b\[(?:\d+;)*[39][0-7]m", plain)
    assert "\x1b]0;x" not in coloured
    assert max(map(len, bare.split("\r\n"))) <= 100


WIDTHS = {60: {"author", "categories", "title"}, 80: {"author", "categories"}, 100: set(), 160: set()}


@pytest.mark.parametrize(("width", "missing"), WIDTHS.items(), ids=map(str, WIDTHS))
def test_a_list_of_posts_names_the_columns_that_it_has_no_room_for(site: Site, width: int, missing: set[str]) -> None:
    slug = "042-caching-at-the-edge-and-what-it-costs-when-nobody-looks"
    article = {"title": "Caching at the edge, " * 9, "slug": slug, "author": "Ada Lovelace", "category": "News"}
    site.write("queue/1.json", {**article, "body_text": "text"})
    site.run("publish-queue").succeeds()
    seen = on_terminal(site, "posts", NO_COLOR="1", COLUMNS=str(width))
    head, _, *lines = re.sub(r"\x1b\[[0-9;]*m", "", seen).splitlines()
    assert set(head.split()) == {"status", "live", "slug", "author", "categories", "title"} - missing
    named = f"not shown: {', '.join(sorted(missing))} (use a wider terminal or --json)"
    assert (lines[-1] == named) is bool(missing), seen
    assert "published" in lines[0]
    # The slug is whole, over as many lines as it needs.
    assert "".join(line[head.index("slug") :].partition(" ")[0] for line in lines[: len(lines) - bool(missing)]) == slug
    assert max(len(line) for line in [head, *lines]) <= max(width, 80)
