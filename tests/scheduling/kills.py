"""A command that is killed at each statement and call, and then run again."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.harness.site import Site, clean_environment
from tests.model.process import KILLED, Processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def processes() -> Iterator[Processes]:
    """What runs commands that die."""
    running = Processes()
    try:
        yield running
    finally:
        running.close()


def killed_everywhere(site: Site, scratch: Path, words: tuple[str, ...], check: Callable[[Site], object]) -> int:
    """Kill the command at each thing it does, run it again, and check what is left; how often it was killed.

    It must also find nothing to do once it is done, as after a kill that came too late.
    """
    nth = 0
    before = site.dump()
    with processes() as running:
        while True:
            nth += 1
            copy = site.copy(scratch / f"killed-{nth}")
            ran = running.run(words, "2026-06-15T12:00:00Z", nth, copy.root, clean_environment())
            if ran.code != KILLED:
                assert ran.code == 0, ran
                check(copy)
                assert running.run(words, "2026-06-15T12:00:01Z", 0, copy.root, clean_environment()).code == 0
                check(copy)
                return nth - 1
            assert copy.dump() == before, f"killed at {nth}, it left half of its change"
            again = running.run(words, "2026-06-15T12:00:01Z", 0, copy.root, clean_environment())
            assert again.code == 0, f"killed at {nth}: {again}"
            check(copy)
            shutil.rmtree(copy.root)
