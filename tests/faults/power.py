"""A disk whose power can be cut: an ext4 filesystem in a file, and a process that publishes on it.

Started in a mount namespace of its own, so that no mount outlives it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.tracing import cut_power, run_traced, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

PRIVATE_MOUNTS = ("unshare", "--mount", "--propagation", "private")
SIZE = "24M"


def make_image(content: Path, image: Path) -> None:
    """A filesystem in a file, which holds a copy of a directory."""
    quick = "lazy_itable_init=0,lazy_journal_init=0"
    subprocess.run(
        ["mkfs.ext4", "-q", "-F", "-E", quick, "-d", content, image, SIZE], check=True, capture_output=True, text=True
    )


@contextmanager
def mounted(image: str, place: Path) -> Iterator[None]:
    """The filesystem is there inside the block; its journal is replayed as it is mounted."""
    subprocess.run(["mount", "-t", "ext4", "-o", "loop", image, place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def publish_and_cut(wish: dict[str, Any]) -> dict[str, Any]:
    """Publish in ``site/`` of the image until the power is cut; bring it back, publish again, copy what is there.

    The wish is that of `Tracer.run`, with ``image``, ``copy`` and ``site`` in place of the directory. Where ``site``
    names a directory, the image holds the store alone, as its ``disk/``, and only the store loses its power.
    """
    with tempfile.TemporaryDirectory() as directory:
        site = Path(directory) / "site"
        place = site.parent
        if wish["site"]:
            shutil.copytree(wish["site"], site)
            place = site / "disk"
            place.mkdir()
        wish |= {"directory": str(site), "disk": str(place)}
        with mounted(wish["image"], place):
            answer = run_traced(wish)
            if not answer["struck"]:
                cut_power(str(place))
        with mounted(wish["image"], place):
            answer["again"] = run_traced(wish | {"at": 0, "blow": "none"})
            shutil.copytree(site, wish["copy"])
    return answer


if __name__ == "__main__":
    serve(publish_and_cut)
