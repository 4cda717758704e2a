-- The embedded store: the part of EmDash's own tables that is written (column for column as migration 068
-- leaves them), and the tool's tables. On a real EmDash database only the tool's tables are created.
-- A line "-- [name]" begins a section; sections are read by emdash_cli/store/schema.py.

-- [emdash]
CREATE TABLE IF NOT EXISTS _emdash_migrations (name TEXT PRIMARY KEY NOT NULL, timestamp TEXT NOT NULL);
-- The one migration whose effect is not visible in the columns: terms are linked by translation group.
INSERT INTO _emdash_migrations (name, timestamp) VALUES ('068_content_taxonomy_entry_groups', '1970-01-01T00:00:00.000Z')
  ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS users (
  id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT, avatar_url TEXT, role INTEGER NOT NULL DEFAULT 10,
  email_verified INTEGER NOT NULL DEFAULT 0, data TEXT, created_at TEXT DEFAULT (datetime('now')),
  updated_at TEXT DEFAULT (datetime('now')), disabled INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS revisions (
  id TEXT PRIMARY KEY, collection TEXT NOT NULL, entry_id TEXT NOT NULL, data TEXT NOT NULL, author_id TEXT,
  created_at TEXT DEFAULT (datetime('now'))
);
CREATE INDEX IF NOT EXISTS idx_revisions_entry ON revisions (collection, entry_id);

CREATE TABLE IF NOT EXISTS ec_posts (
  id TEXT PRIMARY KEY, slug TEXT, status TEXT DEFAULT 'draft', author_id TEXT, primary_byline_id TEXT,
  created_at TEXT DEFAULT (datetime('now')), updated_at TEXT DEFAULT (datetime('now')), published_at TEXT,
  scheduled_at TEXT, deleted_at TEXT, version INTEGER DEFAULT 1,
  live_revision_id TEXT REFERENCES revisions (id), draft_revision_id TEXT REFERENCES revisions (id),
  locale TEXT NOT NULL DEFAULT 'en', translation_group TEXT, title TEXT NOT NULL DEFAULT '', featured_image TEXT,
  content JSON, excerpt TEXT,
  CONSTRAINT ec_posts_slug_locale_unique UNIQUE (slug, locale)
);
-- Due posts. A scheduled change of a published post has scheduled_at set too.
CREATE INDEX IF NOT EXISTS idx_ec_posts_scheduled ON ec_posts (scheduled_at, id) WHERE scheduled_at IS NOT NULL;
-- Those whose text does not sort like its instant: it has an offset, a blank, no milliseconds.
CREATE INDEX IF NOT EXISTS idx_ec_posts_scheduled_odd ON ec_posts (scheduled_at)
  WHERE scheduled_at IS NOT NULL AND (length(scheduled_at) <> 24 OR substr(scheduled_at, -1) <> 'Z');
-- Due posts of writers that set published_at alone.
CREATE INDEX IF NOT EXISTS idx_ec_posts_publish_wish ON ec_posts (published_at, id)
  WHERE status = 'scheduled' AND scheduled_at IS NULL;
-- Also what makes deleting a revision cheap while foreign keys are enforced.
CREATE INDEX IF NOT EXISTS idx_ec_posts_live_revision ON ec_posts (live_revision_id);
CREATE INDEX IF NOT EXISTS idx_ec_posts_draft_revision ON ec_posts (draft_revision_id);
CREATE INDEX IF NOT EXISTS idx_ec_posts_translation_group ON ec_posts (translation_group);
CREATE INDEX IF NOT EXISTS idx_ec_posts_deleted_published_id ON ec_posts (deleted_at, published_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS idx_ec_posts_deleted_status ON ec_posts (deleted_at, status);
-- Lists of posts, the newest first, of all locales and of one.
CREATE INDEX IF NOT EXISTS idx_ec_posts_deleted_created_id ON ec_posts (deleted_at, created_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS idx_ec_posts_loc_crt ON ec_posts (deleted_at, locale, created_at DESC, id DESC);
-- One of the sources calls the revisions so.
CREATE VIEW IF NOT EXISTS ec_revisions AS SELECT * FROM revisions;

CREATE TABLE IF NOT EXISTS taxonomies (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, slug TEXT NOT NULL, label TEXT NOT NULL, parent_id TEXT, data TEXT,
  locale TEXT NOT NULL DEFAULT 'en', translation_group TEXT, sort_order INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT taxonomies_name_slug_locale_unique UNIQUE (name, slug, locale),
  CONSTRAINT taxonomies_parent_fk FOREIGN KEY (parent_id) REFERENCES taxonomies (id) ON DELETE SET NULL
);
CREATE INDEX IF NOT EXISTS idx_taxonomies_parent ON taxonomies (parent_id);
CREATE INDEX IF NOT EXISTS idx_taxonomies_translation_group ON taxonomies (translation_group);
CREATE INDEX IF NOT EXISTS idx_taxonomies_name_locale ON taxonomies (name, locale);

CREATE TABLE IF NOT EXISTS content_taxonomies (
  collection TEXT NOT NULL, entry_id TEXT NOT NULL, taxonomy_id TEXT NOT NULL, status TEXT, scheduled_at TEXT,
  deleted_at TEXT, locale TEXT, published_at TEXT, created_at TEXT,
  CONSTRAINT content_taxonomies_pk PRIMARY KEY (collection, entry_id, taxonomy_id)
);
CREATE INDEX IF NOT EXISTS idx_content_taxonomies_group_lookup
  ON content_taxonomies (taxonomy_id, collection, entry_id);

CREATE TABLE IF NOT EXISTS _emdash_bylines (
  id TEXT PRIMARY KEY, slug TEXT NOT NULL, display_name TEXT NOT NULL, bio TEXT, avatar_media_id TEXT,
  website_url TEXT, user_id TEXT REFERENCES users (id) ON DELETE SET NULL, is_guest INTEGER NOT NULL DEFAULT 0,
  created_at TEXT DEFAULT (datetime('now')), updated_at TEXT DEFAULT (datetime('now')),
  locale TEXT NOT NULL DEFAULT 'en', translation_group TEXT,
  CONSTRAINT _emdash_bylines_slug_locale_unique UNIQUE (slug, locale)
);
CREATE INDEX IF NOT EXISTS idx_bylines_display_name ON _emdash_bylines (display_name);
CREATE UNIQUE INDEX IF NOT EXISTS idx_bylines_user_id_locale_unique ON _emdash_bylines (user_id, locale)
  WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS idx_bylines_group_locale_unique ON _emdash_bylines (translation_group, locale)
  WHERE translation_group IS NOT NULL;

CREATE TABLE IF NOT EXISTS _emdash_content_bylines (
  id TEXT PRIMARY KEY, collection_slug TEXT NOT NULL, content_id TEXT NOT NULL, byline_id TEXT NOT NULL,
  sort_order INTEGER NOT NULL DEFAULT 0, role_label TEXT, created_at TEXT DEFAULT (datetime('now')),
  CONSTRAINT content_bylines_unique UNIQUE (collection_slug, content_id, byline_id)
);
CREATE INDEX IF NOT EXISTS idx_content_bylines_byline ON _emdash_content_bylines (byline_id);

CREATE TABLE IF NOT EXISTS _emdash_seo (
  collection TEXT NOT NULL, content_id TEXT NOT NULL, seo_title TEXT, seo_description TEXT, seo_image TEXT,
  seo_canonical TEXT, seo_no_index INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL DEFAULT (datetime('now')),
  updated_at TEXT NOT NULL DEFAULT (datetime('now')),
  CONSTRAINT _emdash_seo_pk PRIMARY KEY (collection, content_id)
);

-- [tool]
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

-- When a post is to be taken down again, and who said so. The row is removed with the post's expiry.
CREATE TABLE IF NOT EXISTS post_expiries (
  post_id TEXT PRIMARY KEY, expires_at TEXT NOT NULL, set_by TEXT NOT NULL, set_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS post_expiries_due ON post_expiries (expires_at, post_id);

-- Scheduled posts that a sweep has seen in the trash. EmDash leaves no trace when it restores a post.
CREATE TABLE IF NOT EXISTS trashed_schedules (post_id TEXT PRIMARY KEY, seen_at TEXT NOT NULL) WITHOUT ROWID;

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

-- Posts whose page has changed in public, and when that was handed over to the jobs. `path_before` is the address that a
-- renamed post had.
CREATE TABLE IF NOT EXISTS publish_outbox (
  id TEXT PRIMARY KEY, post_id TEXT NOT NULL, path TEXT NOT NULL, path_before TEXT, recorded_at TEXT NOT NULL,
  done_at TEXT
);
CREATE INDEX IF NOT EXISTS publish_outbox_done ON publish_outbox (done_at) WHERE done_at IS NOT NULL;

-- A lane is one platform account of emdash.toml: who announces there, its limits, and how far they are used.
CREATE TABLE IF NOT EXISTS publish_lanes (
  lane TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  streams TEXT NOT NULL DEFAULT '[]',
  since TEXT NOT NULL,
  set_up_at TEXT NOT NULL DEFAULT '',
  removed_at TEXT,
  idempotent INTEGER NOT NULL DEFAULT 0,
  sends_updates INTEGER NOT NULL DEFAULT 0,
  every_change INTEGER NOT NULL DEFAULT 0,
  stale_after_s INTEGER,
  concurrency INTEGER NOT NULL DEFAULT 8,
  interval_us INTEGER NOT NULL DEFAULT 0,
  burst INTEGER NOT NULL DEFAULT 1,
  tat_us INTEGER NOT NULL DEFAULT 0,
  budget INTEGER,
  events TEXT NOT NULL DEFAULT '[]',
  period TEXT NOT NULL DEFAULT 'month' CHECK (period IN ('day', 'month')),
  spent INTEGER NOT NULL DEFAULT 0,
  spent_in TEXT NOT NULL DEFAULT '',
  closed_until TEXT NOT NULL DEFAULT '',
  paused_at TEXT,
  paused_reason TEXT,
  granted TEXT NOT NULL DEFAULT '[]',
  granted_to TEXT NOT NULL DEFAULT ''
);

-- What is to be sent to one platform about one post, and what came of it. The row of an announcement is kept: it is the
-- proof that the post must not be announced there again.
CREATE TABLE IF NOT EXISTS publish_jobs (
  id INTEGER PRIMARY KEY,
  subject TEXT NOT NULL,
  lane TEXT NOT NULL,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  state TEXT NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'running', 'done', 'dead', 'unknown', 'discarded')),
  priority INTEGER NOT NULL DEFAULT 2 CHECK (priority BETWEEN 0 AND 3),
  run_after TEXT NOT NULL,
  stale_at TEXT,
  change TEXT,
  payload TEXT,
  parts INTEGER NOT NULL DEFAULT 1,
  units INTEGER NOT NULL DEFAULT 1,
  attempts INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  claim TEXT,
  lease_until TEXT,
  suspected INTEGER NOT NULL DEFAULT 0,
  category TEXT,
  error TEXT,
  external_id TEXT,
  created_at TEXT NOT NULL,
  ended_at TEXT,
  organization_id TEXT,
  triggered_by TEXT,
  cost_usd REAL,
  model_used TEXT,
  purged_at TEXT,
  UNIQUE (subject, lane, kind, version),
  CHECK ((state = 'running') = (claim IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS publish_jobs_due ON publish_jobs (lane, priority, run_after, units) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS publish_jobs_threads ON publish_jobs (lane, units) WHERE state = 'pending' AND units > 1;
CREATE INDEX IF NOT EXISTS publish_jobs_running ON publish_jobs (lane, claim) WHERE state = 'running';
CREATE INDEX IF NOT EXISTS publish_jobs_ended ON publish_jobs (state, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS publish_jobs_done ON publish_jobs (ended_at) WHERE state = 'done' AND purged_at IS NULL;

-- Written before a request leaves: a claim of a job that has no row here has sent nothing.
CREATE TABLE IF NOT EXISTS job_attempts (
  job_id INTEGER NOT NULL,
  claim TEXT NOT NULL,
  begun_at TEXT NOT NULL,
  worker TEXT NOT NULL,
  ended_at TEXT,
  category TEXT,
  error TEXT,
  external_id TEXT,
  evidence TEXT,
  lost_at TEXT,
  applied INTEGER,
  PRIMARY KEY (job_id, claim)
) WITHOUT ROWID;

-- The parts of a job that are sent one by one, such as the posts of a thread.
CREATE TABLE IF NOT EXISTS job_steps (
  job_id INTEGER NOT NULL,
  step INTEGER NOT NULL,
  claim TEXT NOT NULL,
  begun_at TEXT NOT NULL,
  done_at TEXT,
  external_id TEXT,
  PRIMARY KEY (job_id, step)
) WITHOUT ROWID;

-- What people are told of, once for each cause. A run claims what it tells; what it could not tell, the next one tries.
CREATE TABLE IF NOT EXISTS alarms (
  cause TEXT PRIMARY KEY,
  class TEXT NOT NULL CHECK (class IN ('ops', 'content')),
  kind TEXT NOT NULL,
  platform TEXT,
  job_id INTEGER,
  post_id TEXT,
  category TEXT,
  detail TEXT,
  raised_at TEXT NOT NULL,
  raised_by TEXT NOT NULL,
  claim TEXT,
  claimed_at TEXT,
  told_at TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  error TEXT
);
CREATE INDEX IF NOT EXISTS alarms_to_tell ON alarms (raised_at) WHERE told_at IS NULL;
CREATE INDEX IF NOT EXISTS alarms_raised ON alarms (raised_by);

CREATE TABLE IF NOT EXISTS pipeline_schema (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL);
