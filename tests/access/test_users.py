"""`emdash users`: who there is, and what they may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.emdash_databases.databases import VERSIONS
from tests.harness.posts import NOW, ago

if TYPE_CHECKING:
    from tests.harness.site import Site


@pytest.fixture(autouse=True)
def _nobody_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMDASH_USER", raising=False)


@pytest.fixture
def staff(site: Site) -> Site:
    """One of each role that matters."""
    for role in ("author", "editor", "admin"):
        site.run("users", "add", f"{role}@example.com", "--role", role, "--name", f"The {role}").succeeds()
    return site


def test_add_and_list(staff: Site) -> None:
    staff.run("users", "add", " Ada@Example.com ").succeeds()
    assert staff.run("users", "list").succeeds().lines == [
        "ada@example.com\tcontributor\t\t",
        "admin@example.com\tadmin\tThe admin\t",
        "author@example.com\tauthor\tThe author\t",
        "editor@example.com\teditor\tThe editor\t",
    ]
    listed = staff.run("users", "list", "--json").succeeds().json
    user_id = listed[0].pop("id")
    assert len(user_id) == 26
    assert listed[0] == {"email": "ada@example.com", "name": None, "role": "contributor", "disabled": False}
    assert staff.row("users", email="ada@example.com")["role"] == 20


def test_role_and_disable(staff: Site) -> None:
    assert staff.run("users", "role", "the author", "editor").succeeds().lines == [
        "changed\tauthor@example.com\teditor"
    ]
    assert staff.row("users", email="author@example.com")["role"] == 40
    user_id = staff.row("users", email="editor@example.com")["id"]
    staff.run("users", "disable", user_id).succeeds()
    assert "editor@example.com\teditor\tThe editor\tdisabled" in staff.run("users", "list").lines
    document = staff.run("users", "disable", user_id, "--undo", "--json").succeeds().json
    assert (document["outcome"], document["disabled"]) == ("enabled", False)
    assert staff.row("users", id=user_id)["disabled"] == 0


@freeze_time(NOW)
def test_every_change_is_in_the_audit_table(staff: Site) -> None:
    staff.run("users", "role", "author@example.com", "editor", "--as", "admin@example.com").succeeds()
    staff.run("users", "disable", "author@example.com").succeeds()
    rows = staff.sql("SELECT actor, action, at, detail FROM pipeline_audit ORDER BY rowid")[-2:]
    assert [(row[1], row[2]) for row in rows] == [("user_role", ago()), ("user_disabled", ago())]
    assert rows[0][0] == "user:admin@example.com"
    assert rows[1][0].startswith("operator:")
    assert json.loads(rows[0][3]) == {"email": "author@example.com", "role": 40, "before": 30}


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        (("disable", "author@example.com"), "author@example.com already has the role author and is disabled"),
        (
            ("disable", "editor@example.com", "--undo"),
            "editor@example.com already has the role editor and is not disabled",
        ),
        (("role", "the editor", "editor"), "editor@example.com already has the role editor and is not disabled"),
    ],
)
def test_what_is_so_already_is_not_written_again(staff: Site, words: tuple[str, ...], reported: str) -> None:
    staff.run("users", "disable", "author@example.com").succeeds()
    before = staff.dump()
    for dry_run in ((), ("--dry-run",)):
        done = staff.run("users", *words, *dry_run).succeeds()
        assert "unchanged" in done.out
        assert f"nothing changed: {reported}" in done.err
    assert staff.run("users", *words, "--json").succeeds().json["outcome"] == "unchanged"
    assert staff.dump() == before


@pytest.mark.parametrize(
    "words",
    [
        ("add", "new@example.com"),
        ("role", "author@example.com", "admin"),
        ("disable", "author@example.com"),
    ],
)
class TestEveryChange:
    def test_a_dry_run_changes_nothing(self, staff: Site, words: tuple[str, ...]) -> None:
        before = staff.dump()
        assert staff.run("users", *words, "--dry-run").succeeds().out.startswith("would be ")
        assert staff.dump() == before

    @pytest.mark.parametrize(("who", "code"), [("author", 4), ("editor", 4), ("admin", 0)])
    def test_only_admins_may(self, staff: Site, words: tuple[str, ...], who: str, code: int) -> None:
        assert staff.run("users", *words, "--as", f"{who}@example.com").code == code

    @pytest.mark.parametrize("version", VERSIONS)
    def test_the_users_of_a_site_are_its_own(self, site: Site, version: str, words: tuple[str, ...]) -> None:
        site.use_layout(version)
        before = site.dump()
        site.run("users", *words).fails(3, "EmDash site", "admin, under Users")
        assert site.dump() == before
        assert site.run("users", "list").succeeds().lines == ["dev@emdash.local\tadmin\tDev Admin\t"]


def test_what_cannot_be(staff: Site) -> None:
    staff.run("users", "add", "EDITOR@example.com").fails(3, "editor@example.com is already a user")
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
        staff.run("users", "add", nonsense).fails(2, "not an e-mail address")
    staff.run("users", "role", "edtor@example.com", "admin").fails(4, "did you mean editor@example.com?")
    staff.run("users", "role", "editor@example.com", "king").fails(2, "king")
    staff.run("users", "disable", "nobody@example.org").fails(4, "no user 'nobody@example.org'")


def test_names_of_others_cannot_steer_the_terminal(staff: Site) -> None:
    """A site's users are not of this tool's making."""
    staff.sql("UPDATE users SET name = ?1, email = ?1 WHERE role = 50", "a\x1b]0;b\x07\tc")
    assert "a]0;b c\tadmin\ta]0;b c\t" in staff.run("users", "list").succeeds().lines
