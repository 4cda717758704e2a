from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.kernel_calls import IS_SUPPORTED
from tests.faults.tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def tracer() -> Iterator[Tracer]:
    """Runs the command line and strikes at a given call into the kernel."""
    if not IS_SUPPORTED:
        pytest.skip("the tracer knows the registers of x86-64 Linux only")
    with Tracer() as tracer:
        yield tracer
