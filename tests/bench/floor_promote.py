"""The floor: promote what is due with plain sqlite3, set-based, in one transaction. No lock, no fence, no report."""

import sqlite3
import sys

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA synchronous=FULL")
connection.execute("BEGIN IMMEDIATE")
connection.execute(
    """
    UPDATE ec_posts AS p SET title = r.data ->> 'title', content = r.data -> 'content', live_revision_id = r.id,
      draft_revision_id = NULL, status = 'published', published_at = coalesce(p.published_at, p.scheduled_at),
      scheduled_at = NULL, version = version + 1, updated_at = '2026-06-01T00:00:00.000Z'
    FROM revisions AS r WHERE r.id = p.draft_revision_id AND p.scheduled_at <= '2026-06-01T00:00:00.000Z'
    """
)
connection.execute("DELETE FROM schedule_locks WHERE scheduled_at <= '2026-06-01T00:00:00.000Z'")
connection.execute("COMMIT")
