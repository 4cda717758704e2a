-- The store of emdash 0.1.0.
-- What was published, once per idempotency key. It outlives its posts and refers to them by value only.
CREATE TABLE IF NOT EXISTS publish_ledger (
  key TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  post_id TEXT NOT NULL UNIQUE,
  revision_id TEXT NOT NULL,
  translation_group TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('published', 'scheduled', 'draft')),
  stream TEXT NOT NULL,
  file TEXT NOT NULL,
  locale TEXT NOT NULL,
  slug TEXT NOT NULL,
  series TEXT,
  number INTEGER,
  words INTEGER NOT NULL DEFAULT 0,
  metadata TEXT,
  platforms TEXT,
  queued_at TEXT,
  recorded_at TEXT NOT NULL,
  run_id TEXT NOT NULL,
  claim TEXT,
  UNIQUE (series, number)
);
-- Rows that the batch under way has claimed; outside of a batch there are none.
CREATE INDEX IF NOT EXISTS publish_ledger_claim ON publish_ledger (claim) WHERE claim IS NOT NULL;
-- Quotas look at its beginning; statistics find in it all that they need.
CREATE INDEX IF NOT EXISTS publish_ledger_stream
  ON publish_ledger (stream, recorded_at, outcome, words, queued_at);

-- The text and slug that were reviewed when a post was scheduled, and by whom.
CREATE TABLE IF NOT EXISTS schedule_locks (
  post_id TEXT PRIMARY KEY,
  revision_id TEXT NOT NULL,
  slug TEXT,
  data TEXT NOT NULL,
  scheduled_at TEXT NOT NULL,
  locked_by TEXT NOT NULL,
  locked_at TEXT NOT NULL,
  held_at TEXT,
  held_reason TEXT
);
CREATE INDEX IF NOT EXISTS schedule_locks_held ON schedule_locks (held_at, post_id) WHERE held_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS schedule_locks_due ON schedule_locks (scheduled_at, post_id) WHERE held_at IS NULL;

-- What each run did; a run in which nothing happened leaves only its heartbeat.
CREATE TABLE IF NOT EXISTS pipeline_runs (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, started_at TEXT NOT NULL, seen_at TEXT NOT NULL, counts TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS pipeline_runs_kind ON pipeline_runs (kind, started_at);
CREATE TABLE IF NOT EXISTS pipeline_heartbeats (
  kind TEXT PRIMARY KEY, run_id TEXT NOT NULL, started_at TEXT NOT NULL, seen_at TEXT NOT NULL
);

-- Who changed what, and when.
CREATE TABLE IF NOT EXISTS pipeline_audit (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, post_id TEXT, slug TEXT,
  locale TEXT, detail TEXT
);
CREATE INDEX IF NOT EXISTS pipeline_audit_post ON pipeline_audit (post_id, at);

-- URLs that a cache still holds and that should be fetched anew.
CREATE TABLE IF NOT EXISTS purge_wishes (
  id TEXT PRIMARY KEY, path TEXT NOT NULL, post_id TEXT NOT NULL, wished_at TEXT NOT NULL, done_at TEXT
);
CREATE INDEX IF NOT EXISTS purge_wishes_open ON purge_wishes (wished_at) WHERE done_at IS NULL;
