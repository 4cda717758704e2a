"""What an undoing says and does about announcements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scheduling.test_undo import published, undone
from tests.store.test_withdrawn import SETTINGS

if TYPE_CHECKING:
    from tests.harness.site import Site

JOBS = "SELECT lane, kind FROM publish_jobs WHERE state = ? ORDER BY lane, kind"


@pytest.fixture
def announcing(any_site: Site) -> Site:
    """A site with a partner and a social network, a webhook, and search engines."""
    any_site.settings(SETTINGS.replace('slug = "{name}"', 'slug = "{name}"\non_change = "update"'))
    return any_site


def test_what_was_announced_is_named_and_the_rest_is_discarded(announcing: Site) -> None:
    run = published(announcing, a="One.", b="Two.")
    announcing.sql(
        "UPDATE publish_jobs SET state = 'done', ended_at = '2026'"
        " WHERE lane = 'social' AND subject = (SELECT id FROM ec_posts WHERE slug = 'a')"
    )
    announcing.sql(
        "UPDATE publish_jobs SET state = 'unknown', ended_at = '2026'"
        " WHERE lane = 'partner' AND subject = (SELECT id FROM ec_posts WHERE slug = 'a')"
    )
    [a, b] = undone(announcing, run, "--dry-run").succeeds().json["outcomes"]
    assert (a["announced_on"], a["discarded_on"]) == (["partner", "social"], ["hook"])
    assert (b["announced_on"], b["discarded_on"]) == ([], ["hook", "partner", "social"])

    assert undone(announcing, run).succeeds().json["outcomes"][0] == a | {"outcome": "unpublished", "file": a["file"]}

    discarded = announcing.sql(JOBS, "discarded")
    assert [lane for lane, _ in discarded].count("hook") == 2
    assert ("social", "announce") in discarded
    assert ("hook", "post.unpublished") in announcing.sql(JOBS, "pending")
    assert ("engines", "update") in announcing.sql(JOBS, "pending")


def test_people_are_told_in_words(announcing: Site) -> None:
    run = published(announcing, a="One.")
    announcing.sql("UPDATE publish_jobs SET state = 'done', ended_at = '2026' WHERE lane = 'social'")
    said = announcing.run("undo", run).succeeds().err
    assert "cannot be taken back: a (en) was announced on social" in said
    assert "a (en) will not be announced on hook, partner" in said


def test_a_change_that_was_sent_is_named_and_the_former_text_is_sent(announcing: Site) -> None:
    published(announcing, a="One.")
    announcing.sql("UPDATE publish_jobs SET state = 'done', ended_at = '2026' WHERE state = 'pending'")
    run = published(announcing, a="Two.")
    assert ("partner", "update") in announcing.sql(JOBS, "pending")
    announcing.sql("UPDATE publish_jobs SET state = 'done', ended_at = '2026' WHERE state = 'pending'")

    [found] = undone(announcing, run).succeeds().json["outcomes"]

    assert "partner" in found["announced_on"]
    assert "social" not in found["announced_on"]
    assert ("partner", "update") in announcing.sql(JOBS, "pending")


def test_what_was_never_sent_is_announced_once_the_undoing_is_undone(announcing: Site) -> None:
    run = published(announcing, a="One.")
    first = undone(announcing, run).succeeds().json["run"]
    assert ("social", "announce") not in announcing.sql(JOBS, "pending")
    undone(announcing, first).succeeds()
    assert ("social", "announce") in announcing.sql(JOBS, "pending")
