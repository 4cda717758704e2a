-- When a post is to be taken down again, and who said so. The row is removed with the post's expiry.
CREATE TABLE post_expiries (
  post_id TEXT PRIMARY KEY, expires_at TEXT NOT NULL, set_by TEXT NOT NULL, set_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX post_expiries_due ON post_expiries (expires_at, post_id);

-- Scheduled posts that a sweep has seen in the trash. EmDash leaves no trace when it restores a post.
CREATE TABLE trashed_schedules (post_id TEXT PRIMARY KEY, seen_at TEXT NOT NULL) WITHOUT ROWID;
