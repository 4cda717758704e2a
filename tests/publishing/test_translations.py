"""Translations: linked to their source, whichever comes first, and one for each locale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.harness.posts import foreign_post

if TYPE_CHECKING:
    from tests.harness.site import Site


def groups(site: Site) -> dict[str, set[str]]:
    """Titles by translation group."""
    found: dict[str, set[str]] = {}
    for group, title in site.sql("SELECT translation_group, title FROM ec_posts"):
        found.setdefault(group, set()).add(title)
    return found


def test_source_and_translation_in_one_run(site: Site) -> None:
    site.put("01-a.json", title="Hello", id="a", slug="hello")
    site.put("02-b.json", title="Hallo", locale="de", translation_of="hello", slug="hallo")
    site.put("03-c.json", title="Bonjour", locale="fr", translation_of="a")
    assert site.publish().counts == {"published": 3}
    assert list(groups(site).values()) == [{"Hello", "Hallo", "Bonjour"}]


def test_translation_before_its_source(site: Site) -> None:
    site.put("01-b.json", title="Hallo", locale="de", translation_of="a")
    site.put("02-a.json", title="Hello", id="a")
    assert site.publish().counts == {"published": 2}
    assert list(groups(site).values()) == [{"Hello", "Hallo"}]


def test_numbers_stay_whole_when_a_translation_has_to_wait(site: Site) -> None:
    site.put("01-b.json", title="Hallo", locale="de", translation_of="a")
    site.put("02-a.json", title="Hello", id="a")
    site.put("03-c.json", title="Welt", locale="de")
    site.publish()
    assert sorted(site.sql("SELECT number FROM publish_ledger WHERE locale = 'de'")) == [(1,), (2,)]


def test_a_translation_without_its_source_is_left_until_it_comes(site: Site) -> None:
    site.put("01-b.json", title="Hallo", locale="de", translation_of="a")
    ran = site.publish()
    assert (ran.code, ran.counts) == (0, {"left": 1})
    assert site.waiting() == ["01-b.json"]
    site.put("02-a.json", title="Hello", id="a")
    assert site.publish().counts == {"published": 2}


def test_a_second_translation_into_one_locale_is_a_conflict(site: Site) -> None:
    site.put("01-a.json", title="Hello", id="a")
    site.put("02-b.json", title="Hallo", locale="de", translation_of="a")
    site.put("03-c.json", title="Servus", locale="de", translation_of="a")
    ran = site.publish()
    assert ran.outcomes["03-c.json"]["outcome"] == "conflict"
    ((owner,),) = site.sql("SELECT id FROM ec_posts WHERE title = 'Hallo'")
    assert owner in site.reason("03-c.json")


def test_a_translation_steps_over_a_number_that_a_draft_of_another_tool_has(site: Site) -> None:
    site.put("01-a.json", title="Hello", id="a")
    site.put("02-b.json", title="Hallo", locale="de", translation_of="a")
    foreign_post(site, id="x", slug="1-entwurf", locale="de", status="draft", published_at=None, title="Entwurf")
    assert site.publish().counts == {"published": 2}
    assert site.sql("SELECT slug FROM ec_posts WHERE title = 'Hallo'") == [("2-hallo",)]
