-- A lane is one platform account of emdash.toml: who announces there, its limits, and how far they are used.
CREATE TABLE publish_lanes (
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
CREATE TABLE publish_jobs (
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
CREATE INDEX publish_jobs_due ON publish_jobs (lane, priority, run_after, units) WHERE state = 'pending';
CREATE INDEX publish_jobs_threads ON publish_jobs (lane, units) WHERE state = 'pending' AND units > 1;
CREATE INDEX publish_jobs_running ON publish_jobs (lane, claim) WHERE state = 'running';
CREATE INDEX publish_jobs_ended ON publish_jobs (state, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX publish_jobs_done ON publish_jobs (ended_at) WHERE state = 'done' AND purged_at IS NULL;

-- Written before a request leaves: a claim of a job that has no row here has sent nothing.
CREATE TABLE job_attempts (
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
CREATE TABLE job_steps (
  job_id INTEGER NOT NULL,
  step INTEGER NOT NULL,
  claim TEXT NOT NULL,
  begun_at TEXT NOT NULL,
  done_at TEXT,
  external_id TEXT,
  PRIMARY KEY (job_id, step)
) WITHOUT ROWID;

-- What people are told of, once for each cause. A run claims what it tells; what it could not tell, the next one tries.
CREATE TABLE alarms (
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
CREATE INDEX alarms_to_tell ON alarms (raised_at) WHERE told_at IS NULL;
CREATE INDEX alarms_raised ON alarms (raised_by);

-- NULL: the file did not say. []: it is to be announced nowhere. Both were [] so far, and nothing was announced.
UPDATE publish_ledger SET platforms = NULL WHERE platforms = '[]';

-- What is recorded here is handed over to the jobs in the same batch; what went live before is not announced late.
DROP INDEX publish_outbox_open;
UPDATE publish_outbox SET done_at = recorded_at WHERE done_at IS NULL;
