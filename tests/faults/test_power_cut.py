"""The power fails before any call that writes; when it is back, a rerun leaves every article published once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.faults.power import PRIVATE_MOUNTS, make_image
from tests.faults.tracer import Tracer
from tests.harness.checks import assert_exactly_once
from tests.harness.site import Site, new_site
from tests.targets import LOOP_MOUNTS, TRACER, demand

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A write to a file that is not synced yet is as good as none: to cut before the sync is to cut before each of them.
CHANGING = ("ftruncate", "fsync", "fdatasync", "mkdir", "link", "linkat", "rename", "unlink")
PARTS = 2


@pytest.fixture(scope="module")
def disk() -> Iterator[Tracer]:
    demand(TRACER, LOOP_MOUNTS)
    with Tracer(PRIVATE_MOUNTS, "tests.faults.power") as disk:
        yield disk


def fill(site: Site) -> dict[str, str]:
    """A few files; answers the folder of each."""
    site.put("1-first.json", tags=["news"], author="Ada Lovelace")
    site.put("2-second.json", status="draft")
    site.put("3-rejected.json", title="")
    return {"1-first.json": "published", "2-second.json": "draft", "3-rejected.json": "rejected"}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_power_fails_at_every_write(disk: Tracer, tmp_path: Path, journal_mode: str, part: int) -> None:
    content = tmp_path / "content"
    template = new_site(content / "site", journal_mode=journal_mode)
    outcomes = fill(template)
    make_image(content, tmp_path / "image")
    for site in cut(disk, tmp_path, template, start=part + 1, stride=PARTS):
        assert_exactly_once(site, outcomes)
        assert "title" in site.reason("3-rejected.json")


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_power_of_the_store_alone_fails(disk: Tracer, tmp_path: Path, journal_mode: str) -> None:
    """The store is on a disk of its own, and every move of a file outlives what the store did not keep."""
    template = new_site(tmp_path / "template", journal_mode=journal_mode)
    template.settings('database = "sqlite:disk/emdash.db"\n')
    outcomes = fill(template)
    (tmp_path / "content").mkdir()
    template.store.rename(tmp_path / "content" / "emdash.db")
    make_image(tmp_path / "content", tmp_path / "image")
    for site in cut(disk, tmp_path, template, start=1, stride=1, around=template.root):
        (site.root / "disk" / "emdash.db").rename(site.store)
        shutil.rmtree(site.root / "disk")
        assert_exactly_once(site, outcomes)


def cut(
    disk: Tracer, tmp_path: Path, template: Site, *, start: int, stride: int, around: Path | None = None
) -> Iterator[Site]:
    """What is there after a power cut before each call, and after a rerun."""
    point = start
    while True:
        site = Site(tmp_path / f"cut-at-{point}", template.originals)
        image = tmp_path / f"image-{point}"
        shutil.copy(tmp_path / "image", image)
        places = {"image": str(image), "copy": str(site.root), "site": str(around or "")}
        blow = {"at": point, "blow": "cut", "only": CHANGING, "error": ""}
        answer = disk.ask({"arguments": ["publish-queue"], **places, **blow})
        try:
            # The power fails before the call or, once there is no such call, as soon as the run has ended.
            assert answer["code"] in ({3, 6} if answer["struck"] else {3})
            assert "Traceback" not in answer["err"]
            assert answer["again"]["code"] in ({0, 3} if answer["struck"] else {0})
        except AssertionError as wrong:
            wrong.add_note(f"{answer['out']}{answer['err']}{answer['again']}")
            raise
        yield site
        shutil.rmtree(site.root)
        image.unlink()
        if not answer["struck"]:
            break
        point += stride
    assert point > 20, "the run was not traced"
