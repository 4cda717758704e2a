"""What `publish-queue` makes public is in the outbox once, in the batch that publishes it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from emdash_cli.publishing.queues import Publication, publish_queues
from tests.d1_engine.faults import NOTHING, SENT_TWICE
from tests.harness.d1_site import new_d1_site
from tests.harness.ports import SendsTwice
from tests.harness.posts import NOW, ago
from tests.harness.sessions import session_in
from tests.store.test_sweep_plans import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Instance
    from tests.harness.ports import Port
    from tests.harness.site import Site

ARTICLES: dict[str, dict[str, str]] = {
    "1-new": {"id": "source"},
    "2-old": {"publish_at": "2020-05-06T07:08:09Z"},
    "3-german": {"locale": "de", "translation_of": "source"},
    "4-later": {"publish_at": "2999-01-01T00:00:00Z"},
    "5-draft": {"status": "draft"},
}
SETTINGS = 'post_path = "/{locale}/blog/{slug}/"\ndefault_locale = "en"\n[streams.default]\nslug = "{name}"\n'
PUBLIC = [("german", "/de/blog/german/"), ("new", "/blog/new/"), ("old", "/blog/old/")]
OUTBOX = """SELECT p.slug, o.path FROM publish_outbox AS o JOIN ec_posts AS p ON p.id = o.post_id
 WHERE o.path_before IS NULL AND o.done_at IS NULL ORDER BY p.slug"""


def fill(site: Site) -> None:
    site.write("emdash.toml", SETTINGS)
    for name, fields in ARTICLES.items():
        site.write(f"queue/{name}.json", {"title": name, "body_text": name} | fields)


def publish(site: Site, port: Port) -> None:
    session = session_in(port, site.root, clock=lambda: NOW)
    task = Publication(session.settings.streams, None, 0, is_preview=False, stopped=lambda: False)
    list(publish_queues(session, task))


@freeze_time(NOW)
def test_what_is_public_is_to_be_announced(any_site: Site) -> None:
    """Backdated articles as well; scheduled ones are announced by the sweep, and drafts once they are published."""
    fill(any_site)
    assert any_site.run("publish-queue", "--dry-run").succeeds()
    assert any_site.sql("SELECT * FROM publish_outbox") == []
    any_site.run("publish-queue").succeeds()
    assert any_site.sql(OUTBOX) == PUBLIC
    assert any_site.sql("SELECT DISTINCT recorded_at FROM publish_outbox") == [(ago(),)]
    fill(any_site)
    any_site.run("publish-queue").succeeds()
    assert len(any_site.sql("SELECT * FROM publish_outbox")) == len(PUBLIC)


def test_a_batch_that_is_sent_twice_records_once(any_site: Site) -> None:
    fill(any_site)
    publish(any_site, SendsTwice(any_site))
    assert any_site.sql(OUTBOX) == PUBLIC
    assert len(any_site.sql("SELECT * FROM publish_outbox")) == len(PUBLIC)


def test_the_rows_are_found_by_the_claim(any_site: Site) -> None:
    fill(any_site)
    port = Recording(any_site)
    publish(any_site, port)
    sent = [statement for statement in port.sent if "INSERT INTO publish_outbox" in statement.sql]
    with closing(sqlite3.connect(any_site.root / "emdash.db")) as connection:
        for statement in sent:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params).fetchall()
            searched = [step for *_, step in plan if "publish_ledger" in step]
            assert searched == ["SEARCH publish_ledger USING INDEX publish_ledger_claim (claim>? AND claim<?)"]
    # A translation whose source comes with the same batch is sent again.
    assert len(sent) == 2


@pytest.mark.parametrize("faults", [(), (NOTHING, SENT_TWICE)])
def test_on_d1(tmp_path: Path, d1: Instance, faults: tuple[object, ...]) -> None:
    site = new_d1_site(tmp_path / "site", d1)
    site.settings(SETTINGS)
    for name, fields in ARTICLES.items():
        site.put(f"{name}.json", **fields)
    d1.faults(*faults, cycle=True)  # type: ignore[arg-type]
    assert site.publish().code == 0
    d1.faults()
    assert sorted(site.sql(OUTBOX)) == PUBLIC
    assert site.sql("SELECT count(*) FROM publish_outbox") == [(len(PUBLIC),)]
