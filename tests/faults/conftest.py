from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.tracer import Tracer
from tests.targets import TRACER, demand

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def tracer() -> Iterator[Tracer]:
    """Runs the command line and strikes at a given call into the kernel."""
    demand(TRACER)
    with Tracer() as tracer:
        yield tracer
