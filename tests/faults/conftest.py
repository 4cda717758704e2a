from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.d1_engine.faults import DROPPED_AFTER, NOTHING, SENT_TWICE
from tests.faults.announcing import scene_at
from tests.faults.tracer import Tracer
from tests.harness.d1_site import new_d1_site
from tests.harness.site import new_site
from tests.model.process import Processes
from tests.targets import TRACER, demand

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.announcing import Scene
    from tests.harness.site import Site


@pytest.fixture(scope="session")
def tracer() -> Iterator[Tracer]:
    """Runs the command line and strikes at a given call into the kernel."""
    demand(TRACER)
    with Tracer() as tracer:
        yield tracer


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    """Runs commands that die at the nth thing they do."""
    found = Processes()
    yield found
    found.close()


@pytest.fixture(params=["wal", pytest.param("d1", marks=pytest.mark.d1)])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """On a file, and on D1 where requests arrive twice and answers are lost."""
    if request.param == "d1":
        instance = request.getfixturevalue("d1_engine").database()
        instance.faults(*[SENT_TWICE] * 6, DROPPED_AFTER, *[NOTHING] * 13, cycle=True)
        site: Site = new_d1_site(tmp_path / "site", instance)
    else:
        site = new_site(tmp_path / "site", journal_mode=request.param)
    yield from scene_at(site)


@pytest.fixture(params=["wal", pytest.param("delete", marks=pytest.mark.faults)])
def on_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """On a file, in each journal mode."""
    yield from scene_at(new_site(tmp_path / "site", journal_mode=request.param))
