-- What must be announced becomes an outbox: it knows where a post was before, and what is done can be found and removed.
CREATE TABLE publish_outbox (
  id TEXT PRIMARY KEY, post_id TEXT NOT NULL, path TEXT NOT NULL, path_before TEXT, recorded_at TEXT NOT NULL,
  done_at TEXT
);
CREATE INDEX publish_outbox_open ON publish_outbox (recorded_at, id) WHERE done_at IS NULL;
CREATE INDEX publish_outbox_done ON publish_outbox (done_at) WHERE done_at IS NOT NULL;
INSERT INTO publish_outbox (id, post_id, path, recorded_at, done_at)
  SELECT id, post_id, path, wished_at, done_at FROM purge_wishes;
DROP TABLE purge_wishes;
