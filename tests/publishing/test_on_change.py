"""`on_change`: what `publish-queue` makes of a queue file that was published and edited since."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.harness.checks import assert_exactly_once

if TYPE_CHECKING:
    from tests.harness.site import Site

UPDATE = '[streams.default]\non_change = "update"\n'
DRAFT = '[streams.default]\non_change = "draft"\n'


def titles(site: Site) -> list[tuple[Any, ...]]:
    return site.sql("SELECT slug, title FROM ec_posts ORDER BY 1")


@pytest.fixture
def known(site: Site) -> Site:
    """A stream whose edited files update their posts, and a file that was published."""
    site.settings(UPDATE)
    site.put("1-a.json", title="A", tags=["one"])
    assert site.publish().counts == {"published": 1}
    return site


def test_a_file_of_the_same_name_updates_its_post(known: Site) -> None:
    known.put("1-a.json", title="A, edited", tags=["two"])
    ran = known.publish()
    assert (ran.code, ran.counts) == (0, {"updated": 1})
    assert titles(known) == [("1-a", "A, edited")]
    assert known.archived() == {"published": ["1-a.json"], "updated": ["1-a.json"]}
    assert ran.outcomes["1-a.json"]["archived_to"].endswith("/1-a.json")
    known.put("1-a.json", title="A, edited", tags=["two"])
    assert known.publish().counts == {"duplicate": 1}


def test_a_file_with_its_id_updates_its_post_under_any_name(site: Site) -> None:
    site.settings(UPDATE)
    site.put("1-a.json", title="A", id="x")
    site.put("2-b.json", title="B", id="x")
    site.put("3-c.json", title="C", id="x")
    assert site.publish().counts == {"published": 1, "updated": 2}
    assert titles(site) == [("1-a", "C")]


def test_as_draft(site: Site) -> None:
    site.settings(DRAFT)
    site.put("1-a.json", title="A")
    site.publish()
    site.put("1-a.json", title="A, edited")
    ran = site.publish()
    assert ran.counts == {"updated": 1}
    assert "waits as the draft" in ran.outcomes["1-a.json"]["reason"]
    assert titles(site) == [("1-a", "A")]
    assert site.sql("SELECT path FROM publish_outbox") == [("/posts/1-a",)], "only the publication is announced"
    site.run("schedule", "1-a", "--at", "now")
    site.run("sweep")
    assert titles(site) == [("1-a", "A, edited")]


def test_reported_only_an_id_tells(site: Site) -> None:
    """A generator may give every article one name: the next one is a new article."""
    site.put("1-a.json", title="A")
    site.put("2-b.json", title="B", id="b")
    site.publish()
    site.put("1-a.json", title="Quite another article")
    site.put("2-b.json", title="B", id="b", tags=["new"])
    ran = site.publish()
    assert (ran.code, ran.counts) == (3, {"published": 1, "changed": 1})
    assert 'set `on_change = "update"` for its stream' in site.reason("2-b.json")
    assert site.archived()["changed"] == ["2-b.json"]


def test_what_was_only_reported_is_brought_in_later(site: Site) -> None:
    site.put("2-b.json", title="B", id="b")
    site.publish()
    site.put("2-b.json", title="B, edited", id="b")
    site.publish()
    (place,) = site.archive.glob("changed/*/2-b.json")
    assert site.run("requeue", str(place)).code == 3, "nothing would come of it yet"
    site.settings(UPDATE)
    assert site.run("requeue", str(place)).code == 0
    assert site.publish().counts == {"updated": 1}
    assert titles(site) == [("1-b", "B, edited")]


def test_requeued_again_it_is_a_new_post(known: Site) -> None:
    """All keys of the article are given up, also those that an edit brought."""
    for title in ("B", "C"):
        known.put("1-a.json", title=title)
        known.publish()
    known.sql("DELETE FROM ec_posts")
    known.put("1-a.json", title="C")
    assert known.publish().counts == {"duplicate": 1}
    (place,) = known.archive.glob("duplicate/*/1-a.json")
    assert known.run("requeue", "--again", str(place)).code == 0
    assert known.publish().counts == {"published": 1}


def test_an_edit_elsewhere_is_a_conflict_with_its_differences(known: Site) -> None:
    known.sql("UPDATE ec_posts SET title = 'By hand'")
    known.put("1-a.json", title="A, edited")
    ran = known.publish()
    assert (ran.code, ran.counts) == (3, {"conflict": 1})
    assert "1-a was edited elsewhere" in known.reason("1-a.json")
    assert "-title: By hand\n+title: A, edited\n" in known.reason("1-a.json")
    assert titles(known) == [("1-a", "By hand")]


def test_a_dry_run_says_what_the_run_does(known: Site) -> None:
    known.put("1-a.json", title="A, edited", tags=["two"])
    before = known.tree()
    ran = known.publish("--dry-run")
    assert ran.counts == {"updated": 1}
    reported = ran.outcomes["1-a.json"]
    assert {"-title: A", "+title: A, edited", "-tags: one", "+tags: two"} < set(reported["differences"])
    assert known.tree() == before
    done = known.publish().outcomes["1-a.json"]
    assert {**reported, "differences": []} == done


def test_a_run_that_was_killed_before_archiving(known: Site) -> None:
    """The file is what was written, and no duplicate of it."""
    known.put("1-a.json", title="A, edited")
    known.publish()
    (place,) = known.archive.glob("updated/*/1-a.json")
    place.rename(known.queue / "1-a.json")
    assert known.publish().counts == {"updated": 1}
    assert known.archived() == {"published": ["1-a.json"], "updated": ["1-a.json"]}


def test_in_the_figures_an_update_is_no_failure(known: Site) -> None:
    known.put("1-a.json", title="A, edited")
    known.publish()
    assert known.run("stats", "--json").json["failures"] == {}
    assert known.run("status", "--json").json["runs"]


def test_updates_do_not_count_for_the_cadence(known: Site) -> None:
    known.settings(UPDATE + 'cadence = "daily-1"\n')
    known.put("1-a.json", title="A, edited")
    known.put("2-b.json", title="B")
    ran = known.publish()
    assert ran.counts == {"updated": 1, "left": 1}


def test_what_cannot_be_set(site: Site) -> None:
    site.settings('[streams.default]\non_change = "replace"\n')
    ran = site.publish()
    assert ran.code == 2
    assert "'replace' is not" in ran.out
    assert '\\"report\\", \\"update\\", \\"draft\\"' in ran.out


def test_many_at_once(site: Site) -> None:
    """More than one batch takes, each with a change of its own; the rest is as it was."""
    site.settings(UPDATE)
    site.put_many(230, tags=["one"], author="Ada Lovelace")
    site.publish()
    for number in range(1, 231):
        name = f"{number:04}-article.json"
        site.put(name, **(json.loads(site.originals[name]) | {"title": f"Edited {number}", "tags": [f"t{number % 7}"]}))
    assert site.publish().counts == {"updated": 230}
    assert {title for _, title in titles(site)} == {f"Edited {number}" for number in range(1, 231)}
    assert site.sql("SELECT count(*) FROM revisions") == [(460,)]
    links = "SELECT count(*) FROM content_taxonomies AS c JOIN taxonomies AS t ON t.id = c.taxonomy_id WHERE t.slug "
    assert site.sql(f"{links} = 'one'") == [(0,)]
    assert site.sql(f"{links} LIKE 't_'") == [(230,)]
    assert site.sql("SELECT count(*) FROM _emdash_content_bylines") == [(230,)]


def test_nothing_else_is_written_for_what_is_new(site: Site) -> None:
    site.settings(UPDATE)
    site.put("1-a.json", tags=["one"], author="Ada Lovelace")
    site.put("2-b.json", status="draft")
    site.publish()
    assert_exactly_once(site, {"1-a.json": "published", "2-b.json": "draft"})
