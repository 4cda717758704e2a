-- Which article came from the file of that name.
CREATE INDEX IF NOT EXISTS publish_ledger_file ON publish_ledger (file, stream, recorded_at);

-- What a post's file said when it was last written: `digest` is of all of it, `said` what it says beside its text, as
-- JSON. `written` is a digest of the revision that an update wrote last; a first publication leaves it NULL.
CREATE TABLE IF NOT EXISTS publish_sources (
  post_id TEXT PRIMARY KEY, digest TEXT NOT NULL, said TEXT NOT NULL, written TEXT, updated_at TEXT
) WITHOUT ROWID;

-- By what else than the ledger's key an article is known: an id that its file got later, texts that it had, its path.
CREATE TABLE IF NOT EXISTS publish_keys (
  key TEXT PRIMARY KEY, post_id TEXT NOT NULL, recorded_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS publish_keys_post ON publish_keys (post_id);
