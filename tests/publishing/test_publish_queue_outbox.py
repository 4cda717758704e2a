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
from tests.harness.posts import NOW, SendsTwice, ago
from tests.harness.sessions import session_in
from tests.scheduling.sweeping import everywhere
from tests.store.test_sweep_plans import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Instance
    from tests.harness.cli import Cli
    from tests.harness.posts import Port

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


def fill(blog: Cli) -> None:
    blog.write("emdash.toml", SETTINGS)
    for name, fields in ARTICLES.items():
        blog.write(f"queue/{name}.json", {"title": name, "body_text": name} | fields)


def publish(blog: Cli, port: Port) -> None:
    session = session_in(port, blog.root, clock=lambda: NOW)
    task = Publication(session.settings.streams, None, 0, is_preview=False, stopped=lambda: False)
    list(publish_queues(session, task))


@freeze_time(NOW)
@everywhere
def test_what_is_public_is_to_be_announced(stores: Cli) -> None:
    """Backdated articles as well; scheduled ones are announced by the sweep, and drafts once they are published."""
    fill(stores)
    assert stores("publish-queue", "--dry-run").succeeds()
    assert stores.sql("SELECT * FROM publish_outbox") == []
    stores("publish-queue").succeeds()
    assert stores.sql(OUTBOX) == PUBLIC
    assert stores.sql("SELECT DISTINCT recorded_at FROM publish_outbox") == [(ago(),)]
    fill(stores)
    stores("publish-queue").succeeds()
    assert len(stores.sql("SELECT * FROM publish_outbox")) == len(PUBLIC)


@everywhere
def test_a_batch_that_is_sent_twice_records_once(stores: Cli) -> None:
    fill(stores)
    publish(stores, SendsTwice(stores))
    assert stores.sql(OUTBOX) == PUBLIC
    assert len(stores.sql("SELECT * FROM publish_outbox")) == len(PUBLIC)


@everywhere
def test_the_rows_are_found_by_the_claim(stores: Cli) -> None:
    fill(stores)
    port = Recording(stores)
    publish(stores, port)
    sent = [statement for statement in port.sent if "INSERT INTO publish_outbox" in statement.sql]
    with closing(sqlite3.connect(stores.root / "emdash.db")) as connection:
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
    assert sorted(site.rows(OUTBOX)) == PUBLIC
    assert site.rows("SELECT count(*) FROM publish_outbox") == [(len(PUBLIC),)]
