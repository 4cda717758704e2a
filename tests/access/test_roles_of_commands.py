"""Roles hold for every command that changes something, once a user is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

ROLES = ("subscriber", "contributor", "author", "editor", "admin")
COMMANDS = {
    ("publish-queue",): "editor",
    ("sweep",): "editor",
    ("enqueue", "article.md"): "contributor",
    ("import", "--from-markdown", "folder", "--date", "now"): "editor",
    ("cleanup",): "admin",
}


@pytest.fixture
def staffed(site: Site) -> Site:
    """A site with a user of each role, a waiting article, and one to queue."""
    for number, role in enumerate(ROLES, start=1):
        site.sql(
            "INSERT INTO users (id, email, name, role) VALUES (?, ?, ?, ?)", role, f"{role}@x.org", role, number * 10
        )
    site.sql("INSERT INTO users (id, email, role, disabled) VALUES ('gone', 'gone@x.org', 50, 1)")
    site.put("1-a.json")
    (site.root / "article.md").write_text("---\ntitle: Hello\n---\nText.\n")
    (site.root / "folder").mkdir()
    (site.root / "folder" / "page.md").write_text("---\ntitle: Page\n---\nText.\n")
    return site


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what(staffed: Site, command: tuple[str, ...], role: str) -> None:
    may = ROLES.index(role) >= ROLES.index(COMMANDS[command])
    before = staffed.tree()
    ran = staffed.run(*command, "--as", f"{role}@x.org")
    assert ran.code == (0 if may else 4)
    if not may:
        assert f"{role}@x.org" in ran.err
        assert staffed.tree() == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("user", ["gone@x.org", "nobody@x.org"])
def test_a_disabled_or_unknown_user_may_do_nothing(staffed: Site, command: tuple[str, ...], user: str) -> None:
    before = staffed.tree()
    assert staffed.run(*command, "--as", user).code == 4
    assert staffed.tree() == before


READING = (
    *(
        "show 1-a",
        "posts",
        "history 1-a",
        "diff 1-a",
        "calendar",
        "slots",
        "stats",
        "status",
        "doctor",
        "export backup",
    ),
    "users list",
)


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize("named", ["--as", "EMDASH_USER"])
def test_a_disabled_or_unknown_user_reads_nothing(
    staffed: Site, monkeypatch: pytest.MonkeyPatch, command: str, named: str
) -> None:
    assert staffed.run("publish-queue").code == 0
    slug = staffed.sql("SELECT slug FROM ec_posts")[0][0]
    words = [word.replace("1-a", slug) for word in command.split()]
    before = staffed.tree()
    for user, message in {"gone@x.org": "gone@x.org is disabled", "nobody@x.org": "no user 'nobody@x.org'"}.items():
        if named == "EMDASH_USER":
            monkeypatch.setenv(named, user)
        ran = staffed.run(*words, *(["--as", user] if named == "--as" else []))
        assert (ran.code, ran.out) == (4, "")
        assert message in ran.err
    assert staffed.tree() == before
    assert staffed.run(*words, "--as", "subscriber@x.org").code in {0, 3}


def test_the_operator_may_do_everything(staffed: Site) -> None:
    for command in COMMANDS:
        assert staffed.run(*command).code == 0


def test_the_audit_table_says_who_published_and_who_swept(staffed: Site) -> None:
    staffed.put("2-b.json", status="scheduled", publish_at="2099-01-01T00:00:00Z")
    assert staffed.run("publish-queue", "--as", "editor@x.org").code == 0
    assert staffed.run("import", "--from-markdown", "folder", "--date", "now", "--as", "admin@x.org").code == 0
    staffed.sql("UPDATE ec_posts SET scheduled_at = '2020-01-01T00:00:00.000Z' WHERE scheduled_at IS NOT NULL")
    assert staffed.run("sweep", "--as", "editor@x.org").code == 0
    rows = staffed.sql("SELECT action, actor, post_id IS NULL FROM pipeline_audit ORDER BY rowid")
    assert rows == [
        ("publish", "user:editor@x.org", 1),
        ("import", "user:admin@x.org", 1),
        ("published", "user:editor@x.org", 0),
    ]
    (slug,) = staffed.sql("SELECT slug FROM publish_ledger WHERE file = '1-a.json'")[0]
    source = json.loads(staffed.run("history", slug, "--json").out)["events"][0]
    assert (source["kind"], source["who"]) == ("source", "user:editor@x.org")


def test_a_run_that_publishes_nothing_is_no_change(staffed: Site) -> None:
    assert staffed.run("publish-queue").code == 0
    staffed.put("1-a.json")
    assert staffed.run("publish-queue").code == 0
    assert staffed.sql("SELECT count(*) FROM pipeline_audit") == [(1,)]


@pytest.mark.parametrize("user", ["", " ", "\t"])
def test_a_blank_name_opens_nothing(staffed: Site, user: str) -> None:
    """A variable that is not set must not make an author the operator, nor somebody without a name."""
    staffed.sql("INSERT INTO users (id, email, role) VALUES ('nameless', 'n@x.org', 50)")
    for command in COMMANDS:
        ran = staffed.run(*command, "--as", user)
        assert (ran.code, "is blank" in ran.err) == (2, True)
