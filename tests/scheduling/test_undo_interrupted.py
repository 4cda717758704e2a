"""`emdash undo` that is killed, disturbed, repeated, stopped, or on a store elsewhere."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from emdash_cli.scheduling.undo import Undoing, undo
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.sessions import session_in
from tests.harness.site import clean_environment
from tests.model.process import KILLED
from tests.scheduling.kills import processes
from tests.scheduling.test_undo import UPDATING, outcomes, published, state, text, undone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from emdash_cli.domain.errors import EmdashError
    from emdash_cli.domain.outcome import Notice
    from emdash_cli.domain.ports import Row, Statement
    from emdash_cli.scheduling.undo_plan import UndonePost
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Site

AT = "2026-06-15T12:00:0{}Z"


class Told:
    def __init__(self) -> None:
        self.posts: dict[str, str] = {}
        self.errors: list[str] = []

    def add(self, event: UndonePost | Notice) -> None:
        assert not isinstance(event, tuple)
        assert event.slug not in self.posts
        self.posts[event.slug] = event.code or event.outcome

    def add_error(self, error: EmdashError) -> None:
        self.errors.append(error.code)


def undo_over(port: Port, run: str, *, stops: bool = False) -> Told:
    told = Told()
    undo(session_in(port, port.site.root), Undoing(run, "", is_preview=False, stopped=lambda: stops), told)
    return told


def mixed(site: Site) -> str:
    """A run that publishes two posts and changes a third."""
    site.settings(UPDATING)
    published(site, c="Old.")
    return published(site, a="One.", b="Two.", c="New.")


def is_taken_back(site: Site) -> None:
    assert [state(site, slug)[0] for slug in "abc"] == ["draft", "draft", "published"]
    assert "Old." in text(site, "c")
    assert site.archived() == {"published": ["c.json"], "undone": ["a.json", "b.json", "c.json"]}
    assert site.sql("SELECT count(*) FROM pipeline_audit WHERE detail ->> 'undoes' > ''") == [(3,)]


@pytest.mark.faults
def test_a_kill_anywhere_leaves_what_a_second_run_completes(site: Site, tmp_path: Path) -> None:
    words = ("undo", mixed(site))
    nth = 0
    with processes() as running:
        while True:
            nth += 1
            copy = site.copy(tmp_path / f"killed-{nth}")
            ran = running.run(words, AT.format(0), nth, copy.root, clean_environment())
            for slug in "ab":
                assert state(copy, slug)[0] in {"draft", "published"}
            again = running.run(words, AT.format(1), 0, copy.root, clean_environment())
            assert again.code == 0, f"killed at {nth}: {again}"
            is_taken_back(copy)
            shutil.rmtree(copy.root)
            if ran.code != KILLED:
                break
    assert nth > 30


def test_a_kill_between_the_posts_and_the_files_is_made_good(site: Site, tmp_path: Path) -> None:
    run = mixed(site)
    kept = tmp_path / "archive"
    shutil.copytree(site.archive, kept)
    undone(site, run).succeeds()
    shutil.rmtree(site.archive)
    shutil.copytree(kept, site.archive)
    assert set(outcomes(undone(site, run).succeeds()).values()) == {"unchanged"}
    is_taken_back(site)


def test_a_lost_answer_is_as_good_as_one_that_arrives(any_site: Site) -> None:
    run = mixed(any_site)
    assert undo_over(SendsTwice(any_site), run).posts == {"a": "unpublished", "b": "unpublished", "c": "restored"}
    is_taken_back(any_site)


@pytest.mark.parametrize("after", [2, 3, 4, 5])
def test_an_edit_in_between_is_seen_and_left_alone(any_site: Site, after: int) -> None:
    run = mixed(any_site)
    port = Interrupted(
        any_site, lambda: any_site.sql("UPDATE ec_posts SET version = version + 1, title = 'Mine'"), after
    )
    told = undo_over(port, run)
    for slug in "abc":
        if told.posts[slug] == "edited_since":
            assert state(any_site, slug)[:2] == ["published", "Mine"]
    assert told.errors == []
    if after == 2:
        assert set(told.posts.values()) == {"edited_since"}


def test_what_is_changed_again_and_again_is_given_up(site: Site) -> None:
    run = mixed(site)
    port = Restless(site)
    told = undo_over(port, run)
    assert told.errors == ["changed_meanwhile"]
    assert "a" not in told.posts
    assert state(site, "a")[0] == "published"


class Restless(Port):
    """Somebody announces, before each change, that the post is to be scheduled, and takes that back afterwards."""

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        is_change = any("INSERT INTO pipeline_audit" in statement.sql for statement in statements)
        if is_change:
            self.site.sql("UPDATE ec_posts SET scheduled_at = '2099' WHERE slug = 'a'")
        try:
            return super().batch(statements)
        finally:
            if is_change:
                self.site.sql("UPDATE ec_posts SET scheduled_at = NULL WHERE slug = 'a'")


def test_it_stops_after_a_group(site: Site) -> None:
    run = mixed(site)
    assert undo_over(Port(site), run, stops=True).posts == {}
    assert state(site, "a")[0] == "published"


def test_six_hundred_posts_are_two_groups(site: Site) -> None:
    site.put_many(600)
    run = site.publish().succeeds().json["run"]
    done = undone(site, run).succeeds()
    assert done.json["counts"]["unpublished"] == 600
    assert len(site.archived()["undone"]) == 600
    assert len(site.sql("SELECT DISTINCT substr(id, 1, 22) FROM pipeline_audit WHERE action = 'unpublished'")) == 2
    assert undone(site, done.json["run"]).succeeds().json["counts"]["restored"] == 600
    assert site.sql("SELECT DISTINCT status FROM ec_posts") == [("published",)]


def test_on_d1(d1_site: D1Site) -> None:
    run = mixed(d1_site)
    done = undone(d1_site, run).succeeds()
    assert outcomes(done) == {"a": "unpublished", "b": "unpublished", "c": "restored"}
    d1_site.mirror()
    is_taken_back(d1_site)
    assert outcomes(undone(d1_site, run).succeeds()) == dict.fromkeys("abc", "unchanged")
    again = undone(d1_site, done.json["run"]).succeeds()
    assert outcomes(again) == dict.fromkeys("abc", "restored")
    d1_site.mirror()
    assert [state(d1_site, slug)[0] for slug in "abc"] == ["published"] * 3
    assert "New." in text(d1_site, "c")


@pytest.mark.parametrize("verb", ["publish", "unpublish", "trash", "untrash"])
def test_the_run_of_a_verb_is_undone(any_site: Site, verb: str) -> None:
    any_site.settings(UPDATING)
    if verb == "publish":
        any_site.put("a.json", status="draft")
        any_site.publish().succeeds()
    else:
        published(any_site, a="One.")
    if verb == "untrash":
        any_site.run("trash", "a").succeeds()
    before = any_site.row("ec_posts", slug="a")
    run = any_site.run(verb, "a", "--json").succeeds().json["run"]
    assert any_site.row("ec_posts", slug="a") != before

    first = undone(any_site, run).succeeds().json["run"]

    keys = ("status", "published_at", "live_revision_id", "deleted_at", "scheduled_at", "slug", "title", "content")
    after = any_site.row("ec_posts", slug="a")
    unlike = {key for key in keys if before[key] != after[key]}
    assert unlike <= {"deleted_at"} if verb == "untrash" else unlike == set()
    assert (after["deleted_at"] is None) == (before["deleted_at"] is None)
    undone(any_site, first).succeeds()
    undone(any_site, run).fails(3, "edited_since")
