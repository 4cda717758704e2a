"""The folders of the tests are those of the package, and the kinds of tests that tests/README.md names."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "emdash_cli"
NOT_CODE = {"samples", "templates"}
MOST_LINES = 500


def folders(place: Path) -> set[str]:
    return {path.name for path in place.iterdir() if path.is_dir() and next(path.glob("**/*.py"), None)}


def test_every_folder_of_the_package_has_its_tests() -> None:
    assert folders(PACKAGE) - NOT_CODE <= folders(TESTS)


def test_every_folder_is_in_the_table() -> None:
    readme = (TESTS / "README.md").read_text("utf-8")
    table = readme[readme.index("## Where a test goes") :].split("\n\n")[1]
    named = {name for line in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert named == folders(TESTS) | {"package"}


def test_no_file_is_too_long_to_be_read() -> None:
    long = {str(path) for path in TESTS.rglob("*.py") if len(path.read_text("utf-8").splitlines()) > MOST_LINES}
    assert long == set()
