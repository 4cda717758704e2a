"""The power fails before any call that writes; when it is back, a rerun leaves every article published once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.faults.power import PRIVATE_MOUNTS, make_image, why_not
from tests.faults.tracer import Tracer
from tests.publishing_site import Site, assert_exactly_once, new_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A write to a file that is not synced yet is as good as none: to cut before the sync is to cut before each of them.
CHANGING = ("ftruncate", "fsync", "fdatasync", "mkdir", "link", "linkat", "rename", "unlink")
PARTS = 2


@pytest.fixture(scope="module")
def disk() -> Iterator[Tracer]:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with Tracer(PRIVATE_MOUNTS, "tests.faults.power") as disk:
        yield disk


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_power_fails_at_every_write(disk: Tracer, tmp_path: Path, journal_mode: str, part: int) -> None:
    content = tmp_path / "content"
    template = new_site(content / "site", journal_mode=journal_mode)
    template.put("1-first.json", tags=["news"], author="Ada Lovelace")
    template.put("2-second.json", status="draft")
    template.put("3-rejected.json", title="")
    outcomes = {"1-first.json": "published", "2-second.json": "draft", "3-rejected.json": "rejected"}
    make_image(content, tmp_path / "image")
    point = part + 1
    while True:
        site = Site(tmp_path / f"cut-at-{point}", template.files)
        image = tmp_path / f"image-{point}"
        shutil.copy(tmp_path / "image", image)
        wish = {"image": str(image), "copy": str(site.root), "arguments": ["publish-queue"], "error": ""}
        answer = disk.ask(wish | {"at": point, "blow": "cut", "only": CHANGING})
        try:
            # The power fails before the call or, once there is no such call, as soon as the run has ended.
            assert answer["code"] in ({3, 6} if answer["struck"] else {3})
            assert "Traceback" not in answer["err"]
            assert answer["again"]["code"] in ({0, 3} if answer["struck"] else {0})
            assert_exactly_once(site, outcomes)
            assert "title" in site.reason("3-rejected.json")
        except (AssertionError, ValueError) as wrong:
            call = answer["calls"][min(point, len(answer["calls"])) - 1]
            wrong.add_note(f"power cut before call {point}, {call}\n{answer['out']}{answer['err']}{answer['again']}")
            raise
        shutil.rmtree(site.root)
        image.unlink()
        if not answer["struck"]:
            break
        point += PARTS
    assert point > 20, "the run was not traced"
