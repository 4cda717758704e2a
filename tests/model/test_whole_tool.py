"""One model drives the whole tool: whatever is done in whatever order, the store and the folders say what it says."""

from __future__ import annotations

import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from tests.emdash_databases.databases import VERSIONS
from tests.model.announcing import Announcing
from tests.model.machine import CRASH, NTH, PAUSE
from tests.model.places import (
    FOREIGN_KEYS,
    JOBS,
    KEPT,
    LANES,
    LEDGER,
    LITTER,
    OUTBOX,
    POSTS,
    REDIRECTS,
    STREAMS,
    D1Place,
    EmDashPlace,
    FilePlace,
    text,
)
from tests.model.process import Processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.d1_engine.engine import Engine
    from tests.model.blog import Post

Row = dict[str, Any]
PATH = "/posts/{}".format
COMMANDS = st.sampled_from(["publish-queue", "sweep", "publish-queue", "sweep", "cleanup"])


class WholeTool(Announcing):
    """What cron does, whole or cut off, and what must be true whenever nobody is at work."""

    @rule(command=COMMANDS, hours=PAUSE)
    def cron(self, command: str, hours: int) -> None:
        self.blog.wait(hours)
        self.do(command)

    @rule(command=COMMANDS, hours=PAUSE, nth=NTH)
    def cron_dies(self, command: str, hours: int, nth: int) -> None:
        self.blog.wait(hours)
        self.do(command, nth)

    def do(self, command: str, nth: int = 0) -> None:
        match command:
            case "publish-queue":
                self.emdash(command, nth=nth, codes=(0, 3))
                self.blog.publish()
            case "sweep":
                self.sweep(nth)
            case _:
                self.cleanup(nth)

    def cleanup(self, nth: int) -> None:
        """What is left half done is finished or removed, and nothing else is touched."""
        preview = self.emdash("cleanup", "--dry-run", "--json").json["outcomes"]
        fates = self.blog.cleanup()
        assert {each["slug"]: each["outcome"] for each in preview if each["kind"] == "post"} == fates
        self.emdash("cleanup", nth=nth)
        assert self.emdash("cleanup", "--dry-run", "--json").json["outcomes"] == []

    def teardown(self) -> None:
        """In the end, cron has done everything that was to be done, and the tool works as on the first day."""
        try:
            if sys.exception() is None:
                self.end_well()
        finally:
            super().teardown()

    def end_well(self) -> None:
        self.blog.wait(100)
        for command in ("publish-queue", "sweep", "cleanup"):
            self.do(command)
            self.all_is_as_it_must_be()
        for post in [post for post in self.free() if post.live is not None and post.expires is None][:1]:
            self.rename_and_hold(post)
            for verb in ("unpublish", "publish", "trash", "untrash"):
                self.blog.wait(1)
                self.act_on(verb, [post])
                self.all_is_as_it_must_be()
        self.everybody_is_told()
        self.all_is_as_it_must_be()

    def rename_and_hold(self, post: Post) -> None:
        """A published post is renamed; its next change is held, reviewed and published."""
        self.publish_edit(post, 0, "new-slug")
        self.all_is_as_it_must_be()
        self.edit_post(post, 0, "title")
        self.all_is_as_it_must_be()
        self.plan_post(post, 1)
        self.autosave(post)
        self.blog.wait(1)
        self.sweep()
        self.all_is_as_it_must_be()
        self.plan_post(post, 1)
        self.blog.wait(1)
        self.sweep()
        self.all_is_as_it_must_be()

    @precondition(lambda self: self.blog.removed)
    @rule(nth=CRASH)
    def restore(self, nth: int) -> None:
        for path in sorted(self.site.archive.glob("removed/*.jsonl")):
            self.emdash("restore", str(path), nth=nth)
        self.blog.restore()

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        version = self.place.version
        posts, ledger, outbox, jobs, lanes, litter, dangling, *kept = self.place.look(
            POSTS, LEDGER, OUTBOX, JOBS, LANES, LITTER, FOREIGN_KEYS, *([REDIRECTS, KEPT[version]] if version else [])
        )
        self.readers_see_what_they_should({row["slug"]: row for row in posts})
        assert {row["key"] for row in ledger} == set(self.blog.filed)
        self.what_went_live_is_recorded_once(outbox)
        self.every_job_is_as_it_must_be(jobs, lanes)
        assert {row["id"] for row in litter} == set(self.blog.litter)
        assert dangling == []
        self.every_file_is_where_it_belongs()
        if kept:
            self.emdash_finds_what_it_keeps_beside_its_posts(*kept)

    def readers_see_what_they_should(self, found: Mapping[str, Row]) -> None:
        assert sorted(found) == sorted(post.slug for post in self.blog.posts.values())
        for post in self.blog.posts.values():
            row, draft = found[post.slug], post.draft or (None, None)
            assert (row["status"], row["live"]) == (post.status, post.live), row
            # A draft may name the slug that its post has, which changes nothing.
            assert (row["draft"], row["draft_slug"] if row["draft_slug"] != post.slug else None) == draft, row
            if post.live is not None:
                assert row["title"] == post.live, row
            assert (row["deleted_at"] is not None) == post.is_trashed, row
            if post.half is None:
                assert row["published_at"] == (text(post.dated) if post.dated else None), row
            assert bool(row["held"]) == post.held, row
            assert row["scheduled_at"] == (text(post.planned) if post.planned else None), row
            assert row["tag"] == post.tag, row
            assert row["expires"] == (text(post.expires) if post.expires else None), row
            self.what_was_reviewed_is_locked(post, row)

    @staticmethod
    def what_was_reviewed_is_locked(post: Post, row: Row) -> None:
        locked = (row["reviewed"], row["reviewed_slug"]) if row["locked"] else None
        assert locked == ((post.reviewed.title, post.reviewed.slug or post.slug) if post.reviewed else None), row

    def what_went_live_is_recorded_once(self, rows: Sequence[Row]) -> None:
        said = Counter({(PATH(slug), before and PATH(before)): n for (slug, before), n in self.blog.announced.items()})
        assert Counter((row["path"], row["path_before"]) for row in rows) == said

    def emdash_finds_what_it_keeps_beside_its_posts(self, redirects: Sequence[Row], wrong: Sequence[Row]) -> None:
        said = {PATH(before): PATH(slug) for before, slug in self.blog.redirects.items()}
        assert {row["source"]: row["destination"] for row in redirects} == said
        assert wrong == []

    def every_file_is_where_it_belongs(self) -> None:
        for stream in STREAMS:
            waiting = sorted(path.name for path in (self.site.root / self.queue(stream)).glob("[!.]*"))
            assert waiting == sorted(file.name for file in self.blog.queue if file.stream == stream)
        found = [self.site.archived(archive) for archive in ("archive", "noted")]
        placed = [(name, folder) for folders in found for folder, names in folders.items() for name in names]
        assert sorted(placed) == sorted(self.blog.archived.items())


def drive(place: Callable[[Path], FilePlace], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        partial(WholeTool, place),  # type: ignore[arg-type]  # it only calls it
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    found = Processes()
    yield found
    found.close()


def test_on_a_file(processes: Processes) -> None:
    """Some seconds of it."""
    drive(partial(FilePlace, processes=processes), examples=5, steps=50)


@pytest.mark.parametrize("version", VERSIONS)
def test_on_an_emdash_site(processes: Processes, version: str) -> None:
    drive(partial(EmDashPlace, processes=processes, version=version), examples=2, steps=50)


@pytest.mark.d1
def test_on_d1(processes: Processes, d1_engine: Engine) -> None:
    drive(partial(D1Place, processes=processes, engine=d1_engine), examples=2, steps=30)


@pytest.mark.faults
def test_on_a_file_for_minutes(processes: Processes) -> None:
    """Minutes of it; what it finds is printed as a program that does the same."""
    drive(partial(FilePlace, processes=processes), examples=100, steps=40)


@pytest.mark.faults
@pytest.mark.parametrize("version", VERSIONS)
def test_on_an_emdash_site_for_minutes(processes: Processes, version: str) -> None:
    drive(partial(EmDashPlace, processes=processes, version=version), examples=50, steps=40)


@pytest.mark.d1
@pytest.mark.faults
def test_on_d1_for_minutes(processes: Processes, d1_engine: Engine) -> None:
    drive(partial(D1Place, processes=processes, engine=d1_engine), examples=20, steps=30)
