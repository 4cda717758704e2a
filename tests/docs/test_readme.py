"""The README's examples are run, in a directory of their own, and print what the README says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from emdash_cli.commands.app import COMMANDS
from emdash_cli.domain.errors import Exit

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text("utf-8")
EXAMPLE = re.compile(r"<!-- run -->\n```console\n(.*?)```", flags=re.DOTALL)
RUN = {
    section.partition("\n")[0]: "".join(EXAMPLE.findall(section))
    for section in re.split(r"^## ", README, flags=re.MULTILINE)
    if EXAMPLE.search(section)
}
"""By its heading, what each section runs, in a directory of its own."""


def steps(block: str) -> list[tuple[str, str]]:
    """Commands and what they print."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def matches(expected: str, printed: str) -> bool:
    """Whether the text is as expected, … standing for anything."""
    pattern = "".join(".*" if part == "…" else re.escape(part) for part in re.split("(…)", expected.rstrip("\n")))
    return re.fullmatch(pattern, printed.rstrip("\n"), flags=re.DOTALL) is not None


@pytest.mark.parametrize("block", RUN.values(), ids=RUN)
def test_examples_print_what_the_readme_says(block: str, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command, expected in steps(block):
        ran = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
        assert matches(expected, ran.stdout), f"{command}\n{ran.stdout}"


def test_every_command_has_an_example() -> None:
    for name in COMMANDS:
        assert re.search(rf"^\$ .*emdash {name}\b|`{name}`", README, flags=re.MULTILINE), name


def test_exit_codes_are_those_of_the_code() -> None:
    table = README.split("## Exit codes")[1].split("##")[0]
    listed = {
        int(code) for row in re.findall(r"^\| ([\d, ]+) \|", table, flags=re.MULTILINE) for code in row.split(",")
    }
    assert listed == {int(code) for code in Exit}


def test_sections_come_in_the_order_in_which_a_newcomer_needs_them() -> None:
    headings = re.findall(r"^## (.*)$", README, flags=re.MULTILINE)
    assert headings[:3] == ["Two commands", "Five minutes with a blog of your own", "Commands"]
    introduction, picture, _ = README.split("\n## ")[0].rpartition("![")
    assert picture
    assert len(re.findall(r"\.\s", introduction)) == 3
