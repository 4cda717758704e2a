"""Commands whose output was closed before they began, as by ``>&-``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

EMDASH = Path(sys.executable).with_name("emdash")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize("command", ["publish-queue", "posts", "sweep --json", "status", "nothing-of-the-kind"])
def test_what_goes_there_goes_nowhere(site: Site, command: str, closed: str) -> None:
    site.put("1-a.json")
    ran = subprocess.run(f"{EMDASH} {command} {closed}", shell=True, cwd=site.root, capture_output=True, check=False)  # noqa: S602 - the shell closes it
    assert ran.returncode == (2 if command == "nothing-of-the-kind" else 0)
    assert b"Traceback" not in ran.stderr
