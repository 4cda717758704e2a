"""The locale that the settings give to articles which name none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.harness.site import Site

GERMAN = '[streams.default]\nslug = "{name}"\nlocale = "german"\n'


@pytest.mark.parametrize("words", [["publish-queue"], ["import", "--from-archive", "queue"]], ids=" ".join)
def test_a_word_that_is_no_language_tag_publishes_nothing(any_site: Site, words: list[str]) -> None:
    any_site.settings(GERMAN)
    any_site.put("a.json")
    any_site.run(*words).fails(2, "'german'", "not a language tag", "pt-BR")
    assert any_site.files("queue") == ["a.json"]
    assert any_site.sql("SELECT count(*) FROM ec_posts") == [(0,)]


def test_a_store_whose_posts_have_such_a_locale_goes_on_with_it(site: Site) -> None:
    site.put("a.json")
    site.run("publish-queue").succeeds()
    site.sql("UPDATE ec_posts SET locale = 'german'")
    site.settings(GERMAN)
    site.put("b.json")
    site.run("publish-queue").succeeds()
    assert site.sql("SELECT DISTINCT locale FROM ec_posts") == [("german",)]
