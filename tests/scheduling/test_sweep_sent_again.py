"""A sweep's batch that is sent again after a lost reply leaves alone what happened since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freezegun import freeze_time

from emdash_cli.domain.outcome import SweptPost
from emdash_cli.scheduling.sweep import SweepOptions, sweep
from tests.harness.ports import Port
from tests.harness.posts import NOW, ahead, due_post
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row, Statement
    from tests.harness.site import Site


class SendsAgainLater(Port):
    """The reply to a change is lost, and it is sent again when somebody has made new locks for its posts."""

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        rows = super().batch(statements)
        if not any("INSERT INTO pipeline_audit" in statement.sql for statement in statements):
            return rows
        for row in rows[-1]:
            lock = {"revision_id": "R2", "data": "{}", "scheduled_at": ahead(days=1), "locked_by": "ada"}
            self.site.insert("schedule_locks", post_id=row["post_id"], **lock, locked_at=ahead(minutes=1))
        return super().batch(statements)


@freeze_time(NOW)
def test_a_lock_that_was_made_since_survives(site: Site) -> None:
    """Of a post that the batch published, and of one that was published elsewhere."""
    due_post(site, "published")
    due_post(site, "preempted")
    site.sql("UPDATE ec_posts SET status = 'published', scheduled_at = NULL WHERE id = 'PREEMPTED'")
    session = session_in(SendsAgainLater(site), clock=lambda: NOW, post_path="/p/{slug}")
    events = sweep(session, SweepOptions(None, is_preview=False, stopped=lambda: False))
    told = sorted(event.slug for event in events if isinstance(event, SweptPost))
    assert told == ["preempted", "published"]
    found = site.sql("SELECT post_id, held_at FROM schedule_locks ORDER BY 1")
    assert found == [("PREEMPTED", None), ("PUBLISHED", None)]
