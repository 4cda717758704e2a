"""What all rules use: the tool in its place, and the blog as it must be."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.model.blog import Blog, Post
from tests.model.process import KILLED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.harness.site import Result
    from tests.model.places import FilePlace

# Where memory can be had as a directory: a crash of a process loses nothing that a disk would keep.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - mkdtemp makes a private folder in it
T = TypeVar("T")
CHOICE = st.integers(min_value=0, max_value=999)
HOURS = st.integers(min_value=1, max_value=90)
PAUSE = st.just(0) | st.integers(min_value=1, max_value=50)
"""Hours that pass before a command."""
NTH = st.integers(min_value=1, max_value=90)
CRASH = st.just(0) | NTH
"""At which of the things that it does a command dies, and is run again; 0: it does not."""
CRASH_OR_ANSWER = CRASH | st.integers(min_value=-3, max_value=-1)
"""Below 0: when platforms have answered that many times, which a count of all that it does seldom meets."""


def pick(things: Sequence[T], which: int) -> T:
    return things[which % len(things)]


def quoted(value: object) -> str:
    """As SQL: D1's statements get no parameters here."""
    return "'" + (value if isinstance(value, str) else json.dumps(value)).replace("'", "''") + "'"


class Machine(RuleBasedStateMachine):
    """The tool, and a blog as it must be."""

    def __init__(self, place: Callable[[Path], FilePlace]) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="emdash-model-", dir=MEMORY))
        self.place = place(self.root / "site")
        self.site = self.place.site
        self.folder = self.root / "pages"
        self.folder.mkdir()
        self.blog = Blog(has_scheduler=self.place.version is not None)
        self.serial = 0
        self.articles: dict[str, str] = {}  # what platforms recognise posts by, by post and platform

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    def emdash(self, *words: str, nth: int = 0, codes: tuple[int, ...] = (0,)) -> Result:
        """Run a command, and check how it ends. One that died is run again, as a person or cron would."""
        if nth:
            ran = self.place.run(self.blog.now, *words, nth=nth)
            assert ran.code in {KILLED, *codes}, ran
        ran = self.place.run(self.blog.now, *words)
        assert ran.code in codes, ran
        return ran

    def having(self, condition: Callable[[Post], bool]) -> list[Post]:
        return sorted(filter(condition, self.blog.posts.values()), key=lambda post: post.slug)

    def all_is_as_it_must_be(self) -> None:
        """What must be true whenever nobody is at work."""

    def number(self) -> int:
        self.serial += 1
        return self.serial
