"""The floor: change all posts with plain sqlite3, set-based, 500 in a transaction, with a row about each in the audit.

No fence, no check of the posts' states, no report.
"""

import sqlite3
import sys

VERBS = {
    "schedule": [
        """
    INSERT INTO schedule_locks (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at)
    SELECT p.id, r.id, p.slug, r.data, '2999-01-01T00:00:00.000Z', 'floor', '2026-06-01T00:00:00.000Z'
    FROM ec_posts AS p JOIN revisions AS r ON r.id = p.draft_revision_id WHERE p.id > ?1 AND p.id <= ?2
    """,
        """
    UPDATE ec_posts SET status = 'scheduled', scheduled_at = '2999-01-01T00:00:00.000Z', version = version + 1,
      updated_at = '2026-06-01T00:00:00.000Z' WHERE id > ?1 AND id <= ?2
    """,
    ],
    "publish": [
        """
    UPDATE ec_posts AS p SET title = r.data ->> 'title', content = r.data -> 'content', live_revision_id = r.id,
      draft_revision_id = NULL, status = 'published', published_at = '2026-06-01T00:00:00.000Z', scheduled_at = NULL,
      version = version + 1, updated_at = '2026-06-01T00:00:00.000Z'
    FROM revisions AS r WHERE r.id = p.draft_revision_id AND p.id > ?1 AND p.id <= ?2
    """,
    ],
    "unpublish": [
        """
    INSERT INTO revisions (id, collection, entry_id, data)
    SELECT 'draft-' || p.id, 'posts', p.id, r.data
    FROM ec_posts AS p JOIN revisions AS r ON r.id = p.live_revision_id WHERE p.id > ?1 AND p.id <= ?2
    """,
        """
    UPDATE ec_posts SET status = 'draft', draft_revision_id = 'draft-' || id, scheduled_at = NULL,
      version = version + 1, updated_at = '2026-06-01T00:00:00.000Z' WHERE id > ?1 AND id <= ?2
    """,
    ],
}

AUDIT = """
    INSERT INTO pipeline_audit (id, at, actor, action, post_id, slug, locale, detail)
    SELECT 'audit-' || p.id, '2026-06-01T00:00:00.000Z', 'floor', ?3, p.id, p.slug, p.locale,
      json_object('version', p.version, 'status_before', p.status)
    FROM ec_posts AS p WHERE p.id > ?1 AND p.id <= ?2
    """

connection = sqlite3.connect(sys.argv[2], isolation_level=None)
connection.execute("PRAGMA synchronous=FULL")
ids = [row[0] for row in connection.execute("SELECT id FROM ec_posts ORDER BY id")]
last = ""
for start in range(0, len(ids), 500):
    group = ids[start : start + 500]
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(AUDIT, (last, group[-1], sys.argv[1]))
    for statement in VERBS[sys.argv[1]]:
        connection.execute(statement, (last, group[-1]))
    connection.execute("COMMIT")
    last = group[-1]
