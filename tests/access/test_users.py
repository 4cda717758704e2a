"""`emdash users`: who there is, and what they may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.harness.emdash_sites import VERSIONS, emdash_site
from tests.harness.posts import NOW, ago, dump, read

if TYPE_CHECKING:
    from tests.harness.cli import Cli


@pytest.fixture(autouse=True)
def _nobody_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMDASH_USER", raising=False)


@pytest.fixture
def staff(blog: Cli) -> Cli:
    """One of each role that matters."""
    for role in ("author", "editor", "admin"):
        blog("users", "add", f"{role}@example.com", "--role", role, "--name", f"The {role}").succeeds()
    return blog


def test_add_and_list(staff: Cli) -> None:
    staff("users", "add", " Ada@Example.com ").succeeds()
    assert staff("users", "list").succeeds().lines == [
        "ada@example.com\tcontributor\t\t",
        "admin@example.com\tadmin\tThe admin\t",
        "author@example.com\tauthor\tThe author\t",
        "editor@example.com\teditor\tThe editor\t",
    ]
    listed = staff("users", "list", "--json").succeeds().json
    user_id = listed[0].pop("id")
    assert len(user_id) == 26
    assert listed[0] == {"email": "ada@example.com", "name": None, "role": "contributor", "disabled": False}
    assert read(staff, "users", email="ada@example.com")["role"] == 20


def test_role_and_disable(staff: Cli) -> None:
    assert staff("users", "role", "the author", "editor").succeeds().lines == ["changed\tauthor@example.com\teditor"]
    assert read(staff, "users", email="author@example.com")["role"] == 40
    user_id = read(staff, "users", email="editor@example.com")["id"]
    staff("users", "disable", user_id).succeeds()
    assert "editor@example.com\teditor\tThe editor\tdisabled" in staff("users", "list").lines
    document = staff("users", "disable", user_id, "--undo", "--json").succeeds().json
    assert (document["outcome"], document["disabled"]) == ("enabled", False)
    assert read(staff, "users", id=user_id)["disabled"] == 0


@freeze_time(NOW)
def test_every_change_is_in_the_audit_table(staff: Cli) -> None:
    staff("users", "role", "author@example.com", "editor", "--as", "admin@example.com").succeeds()
    staff("users", "disable", "author@example.com").succeeds()
    rows = staff.sql("SELECT actor, action, at, detail FROM pipeline_audit ORDER BY rowid")[-2:]
    assert [(row[1], row[2]) for row in rows] == [("user_role", ago()), ("user_disabled", ago())]
    assert rows[0][0] == "user:admin@example.com"
    assert rows[1][0].startswith("operator:")
    assert json.loads(rows[0][3]) == {"email": "author@example.com", "role": 40, "before": 30}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("disable", "author@example.com"), "author@example.com has the role author and is disabled"),
        (("disable", "editor@example.com", "--undo"), "editor@example.com has the role editor and is not disabled"),
        (("role", "the editor", "editor"), "editor@example.com has the role editor and is not disabled"),
    ],
)
def test_what_is_so_already_is_not_written_again(staff: Cli, words: tuple[str, ...], told: str) -> None:
    staff("users", "disable", "author@example.com").succeeds()
    before = dump(staff)
    for dry_run in ((), ("--dry-run",)):
        done = staff("users", *words, *dry_run).succeeds()
        assert "unchanged" in done.out
        assert f"nothing changed: {told}" in done.err
    assert staff("users", *words, "--json").succeeds().json["outcome"] == "unchanged"
    assert dump(staff) == before


@pytest.mark.parametrize(
    "words",
    [
        ("add", "new@example.com"),
        ("role", "author@example.com", "admin"),
        ("disable", "author@example.com"),
    ],
)
class TestEveryChange:
    def test_a_dry_run_changes_nothing(self, staff: Cli, words: tuple[str, ...]) -> None:
        before = dump(staff)
        assert staff("users", *words, "--dry-run").succeeds().out.startswith("would be ")
        assert dump(staff) == before

    @pytest.mark.parametrize(("who", "code"), [("author", 4), ("editor", 4), ("admin", 0)])
    def test_only_admins_may(self, staff: Cli, words: tuple[str, ...], who: str, code: int) -> None:
        assert staff("users", *words, "--as", f"{who}@example.com").code == code

    @pytest.mark.parametrize("version", VERSIONS)
    def test_the_users_of_a_site_are_its_own(self, blog: Cli, version: str, words: tuple[str, ...]) -> None:
        emdash_site(blog, version)
        before = dump(blog)
        blog("users", *words).fails(3, "EmDash site", "admin, under Users")
        assert dump(blog) == before
        assert blog("users", "list").succeeds().lines == ["dev@emdash.local\tadmin\tDev Admin\t"]


def test_what_cannot_be(staff: Cli) -> None:
    staff("users", "add", "EDITOR@example.com").fails(3, "editor@example.com is already a user")
    nowhere = (
        "e\x1b[31m@x.com",
        "e\x7f@x.com",
        "e@x\x9b31m.com",
        "e@x\u200b.com",
        "e@x\u202e.com",
        "e\u00a0@x.com",
        "e@\nx.com",
    )
    for nonsense in ("ada", "ada@", "@example.com", "a b@example.com", *nowhere):
        staff("users", "add", nonsense).fails(2, "not an e-mail address")
    staff("users", "role", "edtor@example.com", "admin").fails(4, "did you mean editor@example.com?")
    staff("users", "role", "editor@example.com", "king").fails(2, "king")
    staff("users", "disable", "nobody@example.org").fails(4, "no user 'nobody@example.org'")


def test_names_of_others_cannot_steer_the_terminal(staff: Cli) -> None:
    """A site's users are not of this tool's making."""
    staff.sql("UPDATE users SET name = ?1, email = ?1 WHERE role = 50", "a\x1b]0;b\x07\tc")
    assert "a]0;b c\tadmin\ta]0;b c\t" in staff("users", "list").succeeds().lines
