"""The databases that the other tests take for EmDash's are what EmDash makes."""

from __future__ import annotations

from tests.emdash_databases.generate import file_of
from tests.live.browser import ARTEFACTS


def test_the_committed_sql_is_that_of_a_new_site(sql_before: str) -> None:
    """Where it is not, and EmDash is right: copy the one from ``build/live`` over it."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    committed = file_of("0.32")
    (ARTEFACTS / committed.name).write_text(sql_before, "utf-8")
    assert committed.read_text("utf-8") == sql_before
