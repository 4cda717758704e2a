"""Each target of the Makefile runs the tests that need what it names, and says what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]


def python(*words: str, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=TOP, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("mark", "packages"),
    [
        ("faults", ["strace", "util-linux mount"]),
        ("browser", ["chromium", "bash"]),
        ("metrics", ["prometheus"]),
        ("emdash", ["g++", "make", "chromium"]),
    ],
)
def test_whatever_is_missing_is_said_at_once_with_how_to_get_it(mark: str, packages: list[str], tmp_path: Path) -> None:
    done = python("tests.targets", mark, path=str(tmp_path))
    assert done.returncode == 1
    for package in packages:
        assert f"apt-get install {package}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_test_that_asks_for_a_tool_is_left_to_its_target() -> None:
    calendar = ("pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests/views/test_calendar_page.py")
    everywhere, browser = python(*calendar).stdout, python(*calendar, "-m", "browser").stdout
    assert "test_the_page_needs_nothing_else" in everywhere
    assert "test_what_an_author_writes_is_text" not in everywhere
    assert "test_the_page_needs_nothing_else" not in browser
    assert "test_what_an_author_writes_is_text" in browser
