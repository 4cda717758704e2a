"""Recognising files and changing posts goes by indexes: the work does not grow with the store."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.domain.outcome import FileOutcome
from emdash_cli.transfer.import_files import Import, import_files
from emdash_cli.transfer.sources import Rules, markdown_source
from tests.harness.ports import Port
from tests.harness.posts import NOW, ago
from tests.harness.sessions import session_in
from tests.store.test_sweep_plans import SMALL, Place, Recording, crowd, store

if TYPE_CHECKING:
    from pathlib import Path

    from emdash_cli.settings import OnChange
    from tests.harness.site import Site

__all__ = ["store"]

OF_A_GROUP = SMALL | {"item", "asked", "keyed", "known", "fresh", "able", "numbered", "named", "found", "f", "v"}
"""What a plan may look through: rows of one group, and locales."""


def import_all(site: Site, port: Port, on_change: OnChange) -> list[str]:
    session = session_in(port, site.root, clock=lambda: NOW)
    settings = session.settings
    stream = settings.streams[0]
    rules = Rules(stream, settings.timezone, None, settings.paths, None, False, None, False)  # noqa: FBT003
    source = markdown_source(site.root / "pages", rules)
    reported = import_files(session, Import(source, stream, None, False, lambda: False, on_change))  # noqa: FBT003
    return [event.outcome for event in reported if isinstance(event, FileOutcome)]


def work(site: Site, port: Port) -> None:
    """Files of every kind: new, known, edited in all that they say, renamed."""
    site.write("emdash.toml", '[streams.default]\nslug = "{name}"\n')
    for edition in ("first", "second"):
        for name in ("a", "b", "c"):
            site.write(
                f"pages/{name}.md",
                f"---\ntitle: {name}\nid: {name}\ndate: 2024-01-01\ntags: [{edition}]\nauthor: {edition}\n"
                f"seo:\n  title: {edition}\n---\nThe {edition} text.\n",
            )
            site.write(f"pages/{name}-2.md", f"---\ntitle: {name} 2\ndate: 2024-01-01\n---\nThe {edition} text.\n")
        (site.root / "pages/d.md").unlink(missing_ok=True)
        site.write(f"pages/{'d' if edition == 'first' else 'e'}.md", "---\ntitle: D\ndate: 2024-01-01\n---\nD.\n")
        expected = {"first": {"published"}, "second": {"updated", "duplicate"}}
        assert set(import_all(site, port, "update")) == expected[edition]
    assert set(import_all(site, port, "draft")) == {"duplicate"}


@pytest.mark.parametrize("analysed", [False, True])
def test_no_plan_looks_through_a_table(store: Place, *, analysed: bool) -> None:
    crowd_with_names(store, 300)
    if analysed:
        store.sql("ANALYZE")
    port = Recording(store)
    work(store, port)
    with closing(sqlite3.connect(store.root / "emdash.db")) as connection:
        for statement in port.sent:
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params):
                scanned = re.match(r"SCAN (?:\d+ )?\(?(\w+)", step)
                # A new term is looked for by its label, too, among all of its taxonomy.
                is_term = scanned and scanned[1] in {"o", "t"} and "INTO taxonomies" in statement.sql
                assert not scanned or scanned[1] in OF_A_GROUP or is_term, f"{step}\n{statement.sql}"


def crowd_with_names(site: Place, count: int) -> None:
    """Other posts, and bylines and files enough of each."""
    crowd(site, count)
    with closing(sqlite3.connect(site.root / "emdash.db")) as connection, connection:
        for number in range(count):
            name = f"other-{number:05}"
            connection.execute("INSERT INTO _emdash_bylines (id, slug, display_name, locale, translation_group)"
                               " VALUES (?1, ?1, ?1, 'en', ?1)", (name,))  # fmt: skip
            connection.execute(
                "INSERT INTO publish_ledger (key, digest, post_id, revision_id, translation_group, outcome, stream,"
                " file, locale, slug, recorded_at, run_id)"
                " VALUES (?1, ?1, ?1, ?1, ?1, 'published', 'default', ?1, 'en', ?1, ?2, 'R')",
                (name, ago()),
            )
            connection.execute("INSERT INTO publish_sources (post_id, digest, said) VALUES (?1, ?1, '{}')", (name,))
            connection.execute("INSERT INTO publish_keys (key, post_id, recorded_at) VALUES (?1, ?1, ?1)", (name,))


def steps(site: Place, posts: int) -> int:
    """How many hundreds of steps SQLite's virtual machine takes."""
    crowd_with_names(site, posts)
    port = Port(site)
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    port.inner._connection.set_progress_handler(count, 100)
    work(site, port)
    port.close()
    return taken[0]


def test_the_work_does_not_grow_with_the_store(store: Place, tmp_path: Path) -> None:
    """In steps of the virtual machine, which no load of the machine changes."""
    large = Place(tmp_path / "large")
    large.root.mkdir()
    (large.root / "emdash.db").write_bytes((store.root / "emdash.db").read_bytes())
    assert steps(large, 2_100) <= steps(store, 210) * 1.1 + 2
