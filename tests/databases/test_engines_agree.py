"""Every command, one after the other, on a SQLite file and on D1: the same answers, but for ids and times."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from emdash_cli.commands.app import COMMANDS
from tests.harness.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.harness.d1_site import D1Site
    from tests.harness.site import Result

FILES: dict[str, object] = {
    "queue/1-live.json": {"title": "Live", "body_text": "Text *one*.", "tags": ["a", "b"], "author": "Ada Lovelace"},
    "queue/2-draft.json": {"title": "Draft", "body_text": "Text two.", "status": "draft", "category": "News"},
    "queue/3-later.json": {"title": "Later", "body_text": "Text three.", "publish_at": "2999-01-01T08:00:00Z"},
    "queue/4-bad.json": {"title": "", "body_text": "Text."},
    "queue/5-german.json": {"title": "Deutsch", "body_text": "Text.", "slug": "deutsch", "locale": "de"},
    "more.json": {"title": "More", "body_text": "Text four.", "slug": "more"},
    "pages/page.md": "---\ntitle: Page\ndate: 2024-01-01\n---\nText five.",
    "new.md": "---\ntitle: Draft, edited\n---\nText two, edited.",
}
STORY = [
    ("init",),
    ("enqueue", "more.json"),
    ("publish-queue", "--dry-run"),
    ("publish-queue",),
    ("requeue", "archive/rejected"),
    ("import", "--from-markdown", "pages"),
    ("posts",),
    ("show", "1-live"),
    ("show", "1-liev"),
    ("edit", "1-live", "--file", "new.md", "--new-slug", "renamed", "--tag", "b", "--tag", "c", "--author", "Bob"),
    ("edit", "1-live", "--category", "News", "--seo-title", "T", "--no-index", "--image", "/i.png", "--image-alt", "I"),
    ("translations", "deutsch", "--link", "1-live"),
    ("translations", "1-live"),
    ("translations", "1-live", "--unlink"),
    ("edit", "deutsch", "--translation-of", "1-live", "--clear", "tags"),
    ("edit", "deutsch", "--clear", "translation_of", "--excerpt", "Kurz", "--dry-run"),
    ("show", "1-live"),
    ("revert", "1-live", "--to", "LAST"),
    ("revert", "1-live", "--to", "LAST", "--live", "--reason", "Why not"),
    ("edit", "1-live", "--file", "new.md", "--new-slug", "renamed"),
    ("rename", "1-live", "2-live", "--dry-run"),
    ("rename", "1-live", "2-live"),
    ("rename", "1-live", "2-live"),
    ("rename", "2-live", "1-live"),
    ("schedule", "1-live", "--at", "now"),
    ("schedule", "2-draft", "--at", "2998-01-01 09:00"),
    ("edit", "2-draft", "--file", "new.md"),
    ("diff", "2-draft"),
    ("reschedule", "2-draft", "--at", "2997-01-01 09:00"),
    ("unschedule", "3-later"),
    ("calendar", "--from", "2997-01-01", "--days", "2"),
    ("slots", "--count", "2"),
    ("reschedule", "2-draft", "--at", "now"),
    ("sweep", "--dry-run"),
    ("sweep",),
    ("sweep",),
    ("show", "2-draft"),
    ("history", "2-draft"),
    ("unpublish", "2-draft", "--reason", "Too early"),
    ("publish", "2-draft"),
    ("trash", "2-draft"),
    ("untrash", "2-draft"),
    ("runs", "list"),
    ("status",),
    ("stats",),
    ("preview", "renamed"),
    ("distribute",),
    ("jobs", "list"),
    ("dead", "list"),
    ("platforms", "list"),
    ("cleanup", "--older-than", "0s"),
    ("export", "out"),
    ("users", "list"),
    ("config",),
    ("publish-queue",),
]
NOT_THE_SAME = {"config", "init"}
"""They name the store."""
OF_THE_RUN = {"storage_bytes", "notes", "median_seconds"}
"""Of the answer of `stats`."""


def test_every_command_answers_the_same(bare_d1: D1Site, tmp_path: Path) -> None:
    def reported(site: Site) -> Iterator[tuple[tuple[str, ...], Result]]:
        for path, content in FILES.items():
            site.write(path, content)
        for words in STORY:
            yield words, site.run(*words, "--json")

    on_file = list(reported(Site(tmp_path / "sqlite")))
    on_d1 = list(reported(bare_d1))
    for (words, one), (_, other) in zip(on_file, on_d1, strict=True):
        assert one.code == other.code, f"{words}: {one} {other}"
        assert one.code in {0, 3}, f"{words}: {one}"
        if words[0] not in NOT_THE_SAME:
            assert comparable(other.json) == comparable(one.json), words
    assert bare_d1.run("doctor", "--json").code in {0, 3}


def test_the_story_has_every_command() -> None:
    others = {"announce", "doctor", "indexnow", "jsonld", "metrics", "restore", "schema", "undo", "webhooks", "worker"}
    assert {words[0] for words in STORY} | others >= set(COMMANDS)


def test_what_the_commands_of_cron_cost(d1_site: D1Site) -> None:
    d1_site.write("queue/1-a.json", FILES["queue/1-live.json"])
    d1_site.run("publish-queue").succeeds()
    for words, most in {
        ("sweep", "--quiet"): 1,
        ("publish-queue", "--quiet"): 1,
        ("show", "1-live"): 2,
        ("posts",): 2,
        ("status", "--quiet"): 3,
    }.items():
        d1_site.d1.forget()
        assert d1_site.run(*words).code == 0, words
        assert len(d1_site.d1.requests()) <= most, words


def comparable(document: Any) -> Any:
    """Without what differs from run to run: folders, ids, times of now, and how long something took."""
    if isinstance(document, dict) and "storage_bytes" in document:
        # D1 does not tell how large it is, and says so; and no two runs take as long.
        document = {key: value for key, value in document.items() if key not in OF_THE_RUN}
    text = re.sub(r"/(?:sqlite|site)/", "/PLACE/", json.dumps(document, ensure_ascii=False))
    text = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{26}\b", "ID", text)
    text = re.sub(r"\b202[0-9]-[01][0-9]-[0-3][0-9](?:[T ][0-9:.]+Z?(?:[+-][0-9:]+)?)?", "NOW", text)
    text = re.sub(r'("(?:\w*seconds\w*|\w*_s|bytes|\w*bytes\w*)": )[0-9.]+', r"\g<1>0", text)
    return json.loads(text)
