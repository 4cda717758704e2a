"""The examples in docs/api.md run, one after the other, and the page names whatever is public."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from emdash_cli import api

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"<!-- run -->\n```python\n(.*?)```", PAGE, flags=re.DOTALL)


def python(directory: Path, *words: str, source: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "LANG": "C.UTF-8"}
    command = [sys.executable, "-W", "error", *words]
    return subprocess.run(
        command, cwd=directory, env=environment, input=source, capture_output=True, text=True, check=False
    )


def test_examples_run(tmp_path: Path) -> None:
    assert python(tmp_path, "-m", "emdash_cli", "init").returncode == 0
    ran = python(tmp_path, "-", source="\n".join(EXAMPLES))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "03-untitled.json line 1, title: is missing\n"


def test_the_page_names_every_public_name() -> None:
    for name in api.__all__:
        assert hasattr(api, name)
        assert re.search(rf"\b{name}\b", PAGE), name
