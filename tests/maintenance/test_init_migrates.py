"""`emdash init` brings a store of an older emdash up to date, and every other command asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.store.test_migrations import assert_forward, contents, new, old_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.site import Site

__all__ = ["new"]  # a fixture


def test_init_brings_it_up_to_date(bare: Site, new: Path) -> None:
    path = bare.root / "emdash.db"
    old_store(path)
    before = contents(path)
    shown = bare.run("init", "--dry-run").succeeds()
    assert "would be applied\tmigration\t0003_outbox" in shown.out
    assert "CREATE TABLE publish_outbox" in shown.out
    assert contents(path) == before
    assert "applied\tmigration\t0002_sources" in bare.run("init").succeeds().out
    assert_forward(path, before, new)
    assert "nothing was changed" in bare.run("init").succeeds().err
    status = bare.run("status", "--json").json
    assert (status["held"], status["scheduled"]) == (1, 2)
    assert bare.run("sweep").code in {0, 3}


@pytest.mark.parametrize("command", ["publish-queue", "sweep", "status", "posts", "cleanup", "calendar", "stats"])
def test_every_other_command_says_to_run_init_first(bare: Site, command: str) -> None:
    bare.run("init").succeeds()
    (bare.root / "emdash.db").unlink()
    old_store(bare.root / "emdash.db")
    before = (bare.root / "emdash.db").read_bytes()
    bare.run(command).fails(2, "version 1", "run `emdash init`")
    assert (bare.root / "emdash.db").read_bytes() == before
