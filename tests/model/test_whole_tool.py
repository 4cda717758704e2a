"""One model drives the whole tool: whatever is done in whatever order, the store and the folders say what it says."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.model.blog import Blog, File, Page, Post
from tests.model.places import D1Place, FilePlace, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.d1_engine.engine import Engine
    from tests.harness.site import Ran

T = TypeVar("T")
CHOICE = st.integers(min_value=0, max_value=999)
HOURS = st.integers(min_value=1, max_value=72)
NTH = st.integers(min_value=1, max_value=90)


def pick(things: Sequence[T], which: int) -> T:
    return things[which % len(things)]


class WholeTool(RuleBasedStateMachine):
    """The tool, and a blog as it must be."""

    def __init__(self, place: Callable[[Path], FilePlace]) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="emdash-model-"))
        self.place = place(self.root / "site")
        self.site = self.place.site
        self.folder = self.root / "pages"
        self.folder.mkdir()
        self.blog = Blog()
        self.serial = 0
        self.said: dict[str, dict[str, str]] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    def emdash(self, *words: str) -> Ran:
        return self.place.run(self.blog.now, *words)

    def crash(self, nth: int, *words: str) -> None:
        self.place.crash(self.blog.now, nth, *words)

    def having(self, condition: Callable[[Post], bool]) -> list[Post]:
        return sorted(filter(condition, self.blog.posts.values()), key=lambda post: post.slug)

    def number(self) -> int:
        self.serial += 1
        return self.serial

    # Files come into the queue.

    def put(self, key: str, title: str, **fields: str) -> str:
        name = f"{self.number():03}-{key}.json"
        self.site.put(name, id=key, slug=key, title=title, body_text=f"The text of {title}.", **fields)
        return name

    @rule(status=st.sampled_from(["published", "draft", "scheduled"]), hours=HOURS)
    def write(self, status: str, hours: int) -> None:
        key = f"article-{self.serial + 1}"
        due = self.blog.now + timedelta(hours=hours) if status == "scheduled" else None
        fields = {"status": status} | ({"publish_at": text(due)} if due else {})
        self.said[key] = fields
        name = self.put(key, f"First {key}", **fields)
        self.blog.queue.append(File(name, key, f"First {key}", status, due))

    @precondition(lambda self: self.blog.first)
    @rule(which=CHOICE, says_the_same=st.booleans())
    def write_again(self, which: int, says_the_same: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        key, title = pick(sorted(self.blog.first.items()), which)
        title = title if says_the_same else f"{title}, rewritten {self.serial}"
        self.blog.queue.append(File(self.put(key, title, **self.said[key]), key, title))

    # What cron does, whole or cut off.

    @rule()
    def publish(self) -> None:
        assert self.emdash("publish-queue").code in {0, 3}
        self.blog.publish()

    @precondition(lambda self: self.blog.queue)
    @rule(nth=NTH)
    def publish_and_crash(self, nth: int) -> None:
        self.crash(nth, "publish-queue")
        self.publish()

    @rule()
    def sweep(self) -> None:
        assert self.emdash("sweep").code in {0, 3}
        self.blog.sweep()

    @precondition(lambda self: self.having(lambda post: post.due is not None and post.due <= self.blog.now))
    @rule(nth=NTH)
    def sweep_and_crash(self, nth: int) -> None:
        self.crash(nth, "sweep")
        self.sweep()

    @rule(hours=HOURS)
    def wait(self, hours: int) -> None:
        self.blog.wait(hours)

    @rule()
    def cleanup(self) -> None:
        """Nothing is ever left half done, so there is nothing to clean up."""
        ran = self.emdash("cleanup", "--dry-run", "--json")
        assert ran.code == 0, ran
        assert ran.document["outcomes"] == [], ran

    # What an editor does.

    @precondition(lambda self: self.having(lambda post: post.draft is not None and not post.held))
    @rule(which=CHOICE, hours=HOURS)
    def schedule(self, which: int, hours: int) -> None:
        post = pick(self.having(lambda post: post.draft is not None and not post.held), which)
        due = self.blog.now + timedelta(hours=hours)
        ran = self.emdash("reschedule" if post.due else "schedule", post.slug, "--at", text(due))
        assert ran.code == 0, ran
        post.schedule(due)

    @precondition(lambda self: self.having(lambda post: post.due is not None))
    @rule(which=CHOICE)
    def unschedule(self, which: int) -> None:
        post = pick(self.having(lambda post: post.due is not None), which)
        assert self.emdash("unschedule", post.slug).code == 0
        post.unschedule()

    @precondition(lambda self: self.blog.posts)
    @rule(which=CHOICE)
    def edit(self, which: int) -> None:
        post = pick(self.having(lambda _: True), which)
        title = f"Edit {self.number()} of {post.slug}"
        ran = self.emdash("edit", post.slug, "--title", title)
        if post.due is None:
            assert ran.code == 0, ran
            post.draft = title
        else:
            assert ran.code == 3, "what was reviewed is locked"

    @precondition(lambda self: self.having(lambda post: post.due is not None and post.draft is not None))
    @rule(which=CHOICE)
    def edit_behind_its_back(self, which: int) -> None:
        post = pick(self.having(lambda post: post.due is not None and post.draft is not None), which)
        post.draft = f"Autosave {self.number()}"
        self.place.autosave(post.slug, post.draft)

    # A folder of pages that is brought in again and again.

    def page(self, key: str, title: str) -> None:
        matter = f"---\ntitle: {title}\ndate: 2026-06-01\n---\nText of {key}.\n"
        (self.folder / f"{key}.md").write_text(matter, "utf-8")

    @rule()
    def add_page(self) -> None:
        key = f"page-{len(self.blog.pages) + 1}"
        self.blog.pages[key] = Page(f"First {key}")
        self.page(key, f"First {key}")

    @precondition(lambda self: self.blog.pages)
    @rule(which=CHOICE)
    def edit_page(self, which: int) -> None:
        key, page = pick(sorted(self.blog.pages.items()), which)
        page.says = f"Page {self.number()} of {key}"
        self.page(key, page.says)

    @precondition(lambda self: self.blog.pages)
    @rule(nth=st.none() | NTH, update=st.booleans())
    def bring_in(self, nth: int | None, update: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        words = ["import", "--from-markdown", str(self.folder), *(["--update"] if update else [])]
        if nth:
            self.crash(nth, *words)
        ran = self.emdash(*words)
        assert ran.code in {0, 3}, ran
        self.blog.bring_in(update=update)

    # What must be true whenever nobody is at work.

    @invariant()
    def readers_see_what_they_should(self) -> None:
        found = self.place.posts()
        assert sorted(found) == sorted(self.blog.posts)
        for key, post in self.blog.posts.items():
            row = found[key]
            assert (row["status"], row["live"], row["draft"]) == (post.status, post.live, post.draft), key
            assert post.live is None or row["title"] == post.live, key
            assert bool(row["held"]) == post.held, key
            assert row["scheduled_at"] == (text(post.due) if post.due else None), key

    @invariant()
    def every_file_is_where_it_belongs(self) -> None:
        assert self.site.waiting() == [file.name for file in self.blog.queue]
        folders = self.site.archived()
        assert {name: folder for folder, names in folders.items() for name in names} == self.blog.archived
        assert sum(map(len, folders.values())) == len(self.blog.archived)


def drive(place: Callable[[Path], FilePlace], examples: int, steps: int, *, is_random: bool = False) -> None:
    run_state_machine_as_test(
        partial(WholeTool, place),  # type: ignore[arg-type]  # it only calls it
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=not is_random,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, *([Phase.shrink] if is_random else [])],
        ),
    )


def test_on_a_file() -> None:
    """Some seconds of it, the same every time."""
    drive(FilePlace, examples=20, steps=20)


@pytest.mark.d1
def test_on_d1(d1_engine: Engine) -> None:
    drive(partial(D1Place, engine=d1_engine), examples=2, steps=8)


@pytest.mark.faults
def test_on_a_file_for_minutes() -> None:
    """Another way each time; what it finds is printed as a program that does the same."""
    drive(FilePlace, examples=60, steps=30, is_random=True)


@pytest.mark.d1
@pytest.mark.faults
def test_on_d1_for_minutes(d1_engine: Engine) -> None:
    drive(partial(D1Place, engine=d1_engine), examples=12, steps=20, is_random=True)
