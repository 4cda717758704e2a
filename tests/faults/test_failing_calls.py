"""A call that fails, once or from then on: said in one line with exit code 6, nothing lost, and a rerun completes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.harness.checks import assert_exactly_once
from tests.harness.site import new_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.tracer import Blow, Tracer
    from tests.harness.site import Result, Site

# What a full disk refuses, and what a failing one does.
GROWING = ("openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "mkdir", "link", "linkat")
TOUCHING = (*GROWING, "read", "pread64", "unlink", "getdents64")
FAULTS = [("ENOSPC", GROWING), ("EIO", TOUCHING)]


def fill(site: Site) -> dict[str, str]:
    """Every kind of outcome that moves a file; answers the folder of each."""
    site.put("1-first.json", tags=["news"], author="Ada Lovelace", seo={"title": "First"})
    site.put("2-second.json", status="draft")
    site.put("3-rejected.json", title="")
    site.put("4-conflict.json", slug="taken")
    return {
        "1-first.json": "published",
        "2-second.json": "draft",
        "3-rejected.json": "rejected",
        "4-conflict.json": "conflict",
        "0-owner.json": "published",
    }


@pytest.mark.parametrize("blow", ["fail once", "fail from then on"])
@pytest.mark.parametrize(("error", "names"), FAULTS, ids=[error for error, _ in FAULTS])
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_every_call_fails(
    tracer: Tracer, tmp_path: Path, journal_mode: str, error: str, names: tuple[str, ...], blow: Blow
) -> None:
    template = new_site(tmp_path / "template", journal_mode=journal_mode)
    template.put("0-owner.json", slug="taken")
    assert template.run("publish-queue").code == 0
    outcomes = fill(template)
    point = 0
    while True:
        # A call that fails for good fails the later ones too: every fourth will do.
        point += 1 if blow == "fail once" else 4
        site = template.copy(tmp_path / f"failing-{point}")
        traced = tracer.run(site, "publish-queue", at=point, blow=blow, error=error, only=names)
        if not traced.struck:
            assert traced.code == 3, traced.err
            break
        if traced.calls[point - 1].path == "emdash.toml":
            assert traced.code == 2, traced.err
            continue
        try:
            assert_said(traced.ran())
            again = site.run("publish-queue")
            assert again.code in {0, 3}, again
            assert_exactly_once(site, outcomes)
            for name in ("3-rejected.json", "4-conflict.json"):
                assert site.reason(name)
        except (AssertionError, ValueError) as wrong:
            wrong.add_note(f"call {point} {blow} with {error}: {traced.calls[point - 1]}\n{traced.out}{traced.err}")
            raise
        shutil.rmtree(site.root)
    assert point > 30, "the run was not traced"


def assert_said(ran: Result) -> None:
    """A line that says what is wrong and one that says what to do, or nothing was wrong after all."""
    assert "Traceback" not in ran.err
    assert ran.code in {3, 6}
    lines = ran.err.splitlines()
    errors = [place for place, line in enumerate(lines) if line.startswith("error: ")]
    assert bool(errors) == (ran.code == 6)
    assert all(lines[place + 1].startswith(" next: ") for place in errors)
