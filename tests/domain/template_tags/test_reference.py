"""docs/template-tags.md says what the code does."""

from __future__ import annotations

import pytest

from emdash_cli.domain.template_tags import Context, render
from emdash_cli.domain.template_tags.meanings import MEANINGS, Row
from tests.domain.template_tags import reference

TEXT = reference.PAGE.read_text("utf-8")


def test_the_table_has_not_drifted() -> None:
    """If this fails: ``python -m tests.domain.template_tags.reference``."""
    assert reference.render(TEXT) == TEXT
    assert all(f"`{name}`" in TEXT for row in MEANINGS for name in row.names)


@pytest.mark.parametrize("row", MEANINGS, ids=lambda row: row.names[0])
def test_its_examples_are_right(row: Row) -> None:
    found = render(row.example, Context(variables={"title": "The title"}))
    assert found.remaining == ()
    if row.becomes[0] in "<[":
        assert found.markdown == row.becomes
