"""How SQLite finds what `emdash cleanup` looks for."""

from __future__ import annotations

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.collection import FieldNames, PostPath
from emdash_cli.maintenance.sql import incomplete, orphans
from emdash_cli.maintenance.sql.settled import Cutoff
from emdash_cli.store.audit import Claim
from emdash_cli.store.fields import describe_fields, fields_from
from emdash_cli.store.layout import describe_store, layout_from, versions
from tests.commands.cleaning import AGE, NOW
from tests.commands.half_done import OLD, Half

pytestmark = pytest.mark.usefixtures("frozen")


def test_every_look_goes_by_an_index(half: Half) -> None:
    names = FieldNames()
    database = SqliteDatabase(half.cli.root / "emdash.db")
    layout = layout_from(names, *(database.query(read) for read in [*describe_store(names), *versions()]))
    store = orphans.collections_from(layout, database.query(orphans.describe_collections()))
    fields = fields_from(layout, database.query(describe_fields(names)))
    cutoff = Cutoff.before(NOW, AGE)
    reads = [incomplete.find(fields, cutoff, remove_all=False)]
    reads += [look(store, kind, cutoff) for kind in orphans.KINDS for look in (orphans.find, orphans.count)]
    claim = Claim.new(lambda: "X" * 26)
    planned = [incomplete.Planned("P", "columns", 1)]
    reads += incomplete.mend(fields, incomplete.Mending(planned, False, cutoff, claim, OLD, PostPath()))  # noqa: FBT003
    for kind in orphans.KINDS:
        keys = [["x"] * len(kind.key)]
        reads += [orphans.fetch(kind, keys), *orphans.remove(store, kind, cutoff, keys)]
    tables = {"pipeline_audit", *"prnodxl", layout.posts, *(kind.table for kind in orphans.KINDS)}
    for read in reads:
        plan = [str(row["detail"]) for row in database.query(read._replace(sql=f"EXPLAIN QUERY PLAN {read.sql}"))]
        scans = [step for step in plan if step.startswith("SCAN") and "USING COVERING INDEX" not in step]
        assert not [step for step in scans if step.split()[1] in tables], (read.sql, plan)
    for kind in orphans.KINDS:
        for look in (orphans.find(store, kind, cutoff), orphans.count(store, kind, cutoff)):
            steps = database.query(look._replace(sql=f"EXPLAIN QUERY PLAN {look.sql}"))
            (outer,) = [str(row["detail"]) for row in steps if str(row["detail"]).split()[1] == "c"]
            assert "USING COVERING INDEX" in outer
    database.close()
