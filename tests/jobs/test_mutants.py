"""The list of guards is that of the program as it is."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.jobs.mutants import MUTANTS, TOP, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.guard)
def test_a_guard_is_where_it_is_said_to_be(mutant: Mutant) -> None:
    source = (TOP / "emdash_cli" / mutant.file).read_text("utf-8")
    assert source.count(mutant.old) == 1
    assert all((TOP / test).is_file() for test in mutant.tests)


def test_each_guard_has_one_name() -> None:
    assert not [name for name, times in Counter(mutant.guard for mutant in MUTANTS).items() if times > 1]
