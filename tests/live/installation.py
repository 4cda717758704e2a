"""Puts the site's packages and compiled driver into ``.cache``, and builds it there as for production."""

from __future__ import annotations

import hashlib
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.harness.node import CACHE, Node, NodeError, alone, node, packages, run, say

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(__file__).parent / "site"


@contextmanager
def installed(node: Node) -> Iterator[Path]:
    """The folder of the site, ready to start, for this process alone.

    Two servers in one folder would share Vite's cache of bundled packages, so a second run waits for the first.
    """
    with alone(CACHE / "emdash-site-used.lock"):
        home = packages(
            "emdash-site", SOURCES, ("package.json", "package-lock.json", ".npmrc"), built=("better-sqlite3",)
        )
        _build(home, node)
        yield home


def _build(home: Path, node: Node) -> None:
    sources = [path for path in sorted(SOURCES.rglob("*")) if path.is_file()]
    content = b"".join(str(path.relative_to(SOURCES)).encode() + path.read_bytes() for path in sources)
    built = home / "dist" / f".emdash-built-{hashlib.sha256(content).hexdigest()[:16]}"
    if built.exists():
        return
    for part in ("src", "public", "dist"):
        shutil.rmtree(home / part, ignore_errors=True)
    for part in ("src", "public"):
        shutil.copytree(SOURCES / part, home / part)
    for name in ("astro.config.mjs", "seed.json"):
        shutil.copy(SOURCES / name, home / name)
    run("astro build", [str(node.program), "node_modules/astro/bin/astro.mjs", "build"], home, node)
    built.touch()


if __name__ == "__main__":
    try:
        with installed(node()) as folder:
            say(f"ready in {folder}")
    except NodeError as error:
        sys.exit(f"emdash site: {error}")
