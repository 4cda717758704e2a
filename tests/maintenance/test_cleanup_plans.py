"""How SQLite finds what `emdash cleanup` looks for."""

from __future__ import annotations

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.domain.collection import FieldNames, PostPath
from emdash_cli.maintenance.sql import cleaning
from emdash_cli.maintenance.sql import rows as kinds
from emdash_cli.maintenance.sql.cleaning import Cutoff
from emdash_cli.store.audit import Claim
from emdash_cli.store.layout import describe_store, layout_from, versions
from tests.maintenance.cleaning import AGE, NOW
from tests.maintenance.half_done import OLD, Half

pytestmark = pytest.mark.usefixtures("frozen")


def test_every_look_goes_by_an_index(half: Half) -> None:
    names = FieldNames()
    database = SqliteDatabase(half.site.root / "emdash.db")
    layout = layout_from(names, *(database.query(read) for read in [*describe_store(names), *versions()]))
    store = cleaning.collections_from(layout, database.query(cleaning.describe_collections()))
    cutoff = Cutoff.before(NOW, AGE)
    reads = [cleaning.find_incomplete(layout, cutoff, remove_all=False)]
    reads += [
        look(store, kind, cutoff) for kind in kinds.KINDS for look in (cleaning.find_orphans, cleaning.count_orphans)
    ]
    claim = Claim.new(lambda: "X" * 26)
    planned = [cleaning.PlannedRepair("P", "columns", 1)]
    reads += cleaning.repair_incomplete(layout, cleaning.Repair(planned, False, cutoff, claim, OLD, PostPath()))  # noqa: FBT003
    for kind in kinds.KINDS:
        keys = [["x"] * len(kind.key)]
        reads += [kinds.rows_of(kind, keys), *cleaning.remove_orphans(store, kind, cutoff, keys)]
    reads += [cleaning.count_announced(OLD), cleaning.find_announced(OLD), cleaning.remove_announced(OLD, ["x"])]
    tables = {"pipeline_audit", "publish_outbox", *"prnodxl", layout.posts, *(kind.table for kind in kinds.KINDS)}
    for read in reads:
        plan = [str(row["detail"]) for row in database.query(read._replace(sql=f"EXPLAIN QUERY PLAN {read.sql}"))]
        scans = [step for step in plan if step.startswith("SCAN") and "USING COVERING INDEX" not in step]
        assert not [step for step in scans if step.split()[1] in tables], (read.sql, plan)
    for kind in kinds.KINDS:
        for look in (cleaning.find_orphans(store, kind, cutoff), cleaning.count_orphans(store, kind, cutoff)):
            steps = database.query(look._replace(sql=f"EXPLAIN QUERY PLAN {look.sql}"))
            (outer,) = [str(row["detail"]) for row in steps if str(row["detail"]).split()[1] == "c"]
            assert "USING COVERING INDEX" in outer
    for look in (cleaning.count_announced(OLD), cleaning.find_announced(OLD)):
        [step, *_] = database.query(look._replace(sql=f"EXPLAIN QUERY PLAN {look.sql}"))
        assert "INDEX publish_outbox_done (done_at<?)" in str(step["detail"])
    database.close()
