"""Screenshots of the running site in headless Chromium, kept in ``build/live``."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

ARTEFACTS = Path(__file__).parents[2] / "build" / "live"
LIMIT = 120
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
SETTLE = 60_000
"""Milliseconds of the page's own clock, which stands still while it waits for the network."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Takes pictures; each with a profile of its own."""

    program: str
    profiles: Path

    def screenshot(self, url: str, name: str, *, width: int, height: int) -> Path:
        """Saves what a reader sees as ``build/live/NAME.png``."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        picture = ARTEFACTS / f"{name}.png"
        picture.unlink(missing_ok=True)
        command = [
            *(self.program, *FLAGS),
            f"--user-data-dir={self.profiles / name}",
            f"--window-size={width},{height}",
            f"--virtual-time-budget={SETTLE}",
            f"--screenshot={picture}",
            url,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
        assert picture.exists(), f"Chromium took no picture of {url}:\n{done.stderr[-2000:]}"
        return picture


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height, from a PNG's header."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height
