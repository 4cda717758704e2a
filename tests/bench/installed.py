"""What users install: a wheel, in an environment of its own, compiled, as pip leaves it.

The development environment would not do: it has coverage's start-up hook, which every start pays for.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

TOP: Final = Path(__file__).parents[2]
ENVIRONMENT: Final = TOP / ".cache" / "bench"
PYTHON: Final = str(ENVIRONMENT / "bin" / "python")
EMDASH: Final = (str(ENVIRONMENT / "bin" / "emdash"),)


def install() -> None:
    """Build the wheel and install it with the locked versions of what it needs; pip compiles all of it."""
    tools = TOP / ".cache" / "uv" / "bin"
    locked = ENVIRONMENT / "locked.txt"
    # Without pip of its own: that brings setuptools, and with it a start-up hook.
    _run(sys.executable, "-m", "venv", "--without-pip", "--clear", ENVIRONMENT)
    uv = (tools / "uv", "--quiet")
    _run(*uv, "build", "--wheel", "--out-dir", ENVIRONMENT / "dist")
    _run(*uv, "export", "--frozen", "--no-dev", "--no-emit-project", "--no-hashes", "--output-file", locked)
    (wheel,) = (ENVIRONMENT / "dist").glob("*.whl")
    pip = (tools / "pip", "-qq", "--disable-pip-version-check", "--python", PYTHON)
    _run(*pip, "install", "--constraint", locked, wheel)


def _run(*command: str | Path) -> None:
    subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.DEVNULL)
