"""The README's picture shows what the commands print today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def shown(picture: Path) -> list[str]:
    """The lines of a picture, without what differs from run to run: its times, its ID and where things stand."""
    lines = re.findall(r"<text[^>]*y=\"([\d.]+)\"[^>]*>(.*?)</text>", picture.read_text("utf-8"))
    words = " ".join(text for _, text in lines).replace("&#160;", " ")
    return re.sub(r"\b[0-9A-Z]{26}\b|\d+|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", "*", words).split()


def test_the_picture_is_of_a_run_of_this_version(tmp_path: Path) -> None:
    drawn = tmp_path / "terminal.svg"
    subprocess.run([sys.executable, DOCS / "picture.py", drawn], check=True)
    assert len(shown(drawn)) > 50
    assert shown(drawn) == shown(DOCS / "terminal.svg"), "run `make picture`"
