BEGIN TRANSACTION;
CREATE TABLE _emdash_bylines (
  id TEXT PRIMARY KEY, slug TEXT NOT NULL, display_name TEXT NOT NULL, bio TEXT, avatar_media_id TEXT,
  website_url TEXT, user_id TEXT REFERENCES users (id) ON DELETE SET NULL, is_guest INTEGER NOT NULL DEFAULT 0,
  created_at TEXT DEFAULT (datetime('now')), updated_at TEXT DEFAULT (datetime('now')),
  locale TEXT NOT NULL DEFAULT 'en', translation_group TEXT,
  CONSTRAINT _emdash_bylines_slug_locale_unique UNIQUE (slug, locale)
);
INSERT INTO "_emdash_bylines" VALUES('01M8AX19C6W98Z28MA3ECWXJH7','ada','Ada',NULL,NULL,NULL,NULL,1,'2026-11-26T03:05:25.126Z','2026-11-26T03:05:25.126Z','en','01M8AX19C6W98Z28MA3ECWXJH7');
CREATE TABLE _emdash_content_bylines (
  id TEXT PRIMARY KEY, collection_slug TEXT NOT NULL, content_id TEXT NOT NULL, byline_id TEXT NOT NULL,
  sort_order INTEGER NOT NULL DEFAULT 0, role_label TEXT, created_at TEXT DEFAULT (datetime('now')),
  CONSTRAINT content_bylines_unique UNIQUE (collection_slug, content_id, byline_id)
);
INSERT INTO "_emdash_content_bylines" VALUES('01M8AX19C6W98Z28MA2R72QZZZ','posts','01M8AX19C6W98Z28MA2R72QZZZ','01M8AX19C6W98Z28MA3ECWXJH7',0,NULL,'2026-11-26 03:05:25');
CREATE TABLE _emdash_migrations (name TEXT PRIMARY KEY NOT NULL, timestamp TEXT NOT NULL);
INSERT INTO "_emdash_migrations" VALUES('068_content_taxonomy_entry_groups','1970-01-01T00:00:00.000Z');
CREATE TABLE _emdash_seo (
  collection TEXT NOT NULL, content_id TEXT NOT NULL, seo_title TEXT, seo_description TEXT, seo_image TEXT,
  seo_canonical TEXT, seo_no_index INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL DEFAULT (datetime('now')),
  updated_at TEXT NOT NULL DEFAULT (datetime('now')),
  CONSTRAINT _emdash_seo_pk PRIMARY KEY (collection, content_id)
);
CREATE TABLE content_taxonomies (
  collection TEXT NOT NULL, entry_id TEXT NOT NULL, taxonomy_id TEXT NOT NULL, status TEXT, scheduled_at TEXT,
  deleted_at TEXT, locale TEXT, published_at TEXT, created_at TEXT,
  CONSTRAINT content_taxonomies_pk PRIMARY KEY (collection, entry_id, taxonomy_id)
);
INSERT INTO "content_taxonomies" VALUES('posts','01M8AX19C6W98Z28MA2R72QZZZ','01M8AX19C6W98Z28MA3HBXKQC4',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE ec_posts (
  id TEXT PRIMARY KEY, slug TEXT, status TEXT DEFAULT 'draft', author_id TEXT, primary_byline_id TEXT,
  created_at TEXT DEFAULT (datetime('now')), updated_at TEXT DEFAULT (datetime('now')), published_at TEXT,
  scheduled_at TEXT, deleted_at TEXT, version INTEGER DEFAULT 1,
  live_revision_id TEXT REFERENCES revisions (id), draft_revision_id TEXT REFERENCES revisions (id),
  locale TEXT NOT NULL DEFAULT 'en', translation_group TEXT, title TEXT NOT NULL DEFAULT '', featured_image TEXT,
  content JSON, excerpt TEXT,
  CONSTRAINT ec_posts_slug_locale_unique UNIQUE (slug, locale)
);
INSERT INTO "ec_posts" VALUES('01M8AX19C6W98Z28MA2QM4533C','1-one','published',NULL,NULL,'2026-11-26T03:05:25.126Z','2026-11-26T03:05:25.126Z','2026-11-26T03:05:25.126Z',NULL,NULL,1,'01M8AX19C6W98Z28MA32G4253V',NULL,'en','01M8AX19C6W98Z28MA2QM4533C','One',NULL,'[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of One.","marks":[]}]}]','Text of One.');
INSERT INTO "ec_posts" VALUES('01M8AX19C6W98Z28MA2R72QZZZ','2-two','published',NULL,'01M8AX19C6W98Z28MA3ECWXJH7','2026-11-26T03:05:25.126Z','2026-11-26T03:05:25.126Z','2026-11-26T03:05:25.126Z',NULL,NULL,1,'01M8AX19C6W98Z28MA362BNFAQ',NULL,'en','01M8AX19C6W98Z28MA2R72QZZZ','Two',NULL,'[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Two.","marks":[]}]}]','Text of Two.');
INSERT INTO "ec_posts" VALUES('01M8AX19C6W98Z28MA2SQ82WVC','3-later','scheduled',NULL,NULL,'2026-11-26T03:05:25.126Z','2026-11-26T03:05:25.126Z',NULL,'2099-01-01T09:00:00.000Z',NULL,1,NULL,'01M8AX19C6W98Z28MA36TGYM9X','en','01M8AX19C6W98Z28MA2SQ82WVC','Later',NULL,'[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Later.","marks":[]}]}]','Text of Later.');
INSERT INTO "ec_posts" VALUES('01M8AX19C6W98Z28MA2XDESYZF','4-draft','published',NULL,NULL,'2026-11-26T03:05:25.126Z','2026-11-26T03:05:25.452Z','2026-11-25T00:00:00.000Z',NULL,NULL,3,'01M8AX19C6W98Z28MA36W0FQYE',NULL,'en','01M8AX19C6W98Z28MA2XDESYZF','Draft',NULL,'[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Draft.","marks":[]}]}]','Text of Draft.');
INSERT INTO "ec_posts" VALUES('01M8AX19C6W98Z28MA30V9B5J1','held','scheduled',NULL,NULL,'2026-11-26T03:05:25.126Z','2026-11-26T03:05:25.126Z',NULL,'2026-11-01T00:00:00.000Z',NULL,1,NULL,'01M8AX19C6W98Z28MA3AK2XR2R','en','01M8AX19C6W98Z28MA30V9B5J1','Held',NULL,'[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Held.","marks":[]}]}]','Text of Held.');
CREATE TABLE pipeline_audit (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, post_id TEXT, slug TEXT,
  locale TEXT, detail TEXT
);
INSERT INTO "pipeline_audit" VALUES('01M8AX196BXRDMJRKSR111KMJP','2026-11-26T03:05:25.126Z','operator:root','publish',NULL,NULL,NULL,NULL);
INSERT INTO "pipeline_audit" VALUES('01M8AX19FRZSB575HN6G980001','2026-11-26T03:05:25.240Z','sweep','held','01M8AX19C6W98Z28MA30V9B5J1','held','en','{"code":"text_changed","reason":"its text was changed after it was scheduled; see `emdash diff`","version":1,"form":"other","revision":"01M8AX19C6W98Z28MA3AK2XR2R","wanted":"2026-11-01T00:00:00.000Z","published_at":"2026-11-01T00:00:00.000Z","slug_before":"held","slug_after":"held","status_before":"scheduled"}');
INSERT INTO "pipeline_audit" VALUES('01M8AX19K56HANWN9ZYW3P0000','2026-11-26T03:05:25.348Z','operator:root','scheduled','01M8AX19C6W98Z28MA2XDESYZF','4-draft','en','{"scheduled_at":"2026-11-25T00:00:00.000Z","version":1,"status_before":"draft","scheduled_before":null}');
INSERT INTO "pipeline_audit" VALUES('01M8AX19PCSKG4CGTYWAC80001','2026-11-26T03:05:25.452Z','sweep','published','01M8AX19C6W98Z28MA2XDESYZF','4-draft','en','{"code":"","reason":null,"version":2,"form":"same","revision":"01M8AX19C6W98Z28MA36W0FQYE","wanted":"2026-11-25T00:00:00.000Z","published_at":"2026-11-25T00:00:00.000Z","slug_before":"4-draft","slug_after":"4-draft","status_before":"scheduled"}');
CREATE TABLE pipeline_heartbeats (
  kind TEXT PRIMARY KEY, run_id TEXT NOT NULL, started_at TEXT NOT NULL, seen_at TEXT NOT NULL
);
INSERT INTO "pipeline_heartbeats" VALUES('publish','01M8AX196BXRDMJRKSR111KMJP','2026-11-26T03:05:24.939Z','2026-11-26T03:05:25.126Z');
INSERT INTO "pipeline_heartbeats" VALUES('sweep','01M8AX19P7FZJZSGDHR5QVD8RM','2026-11-26T03:05:25.447Z','2026-11-26T03:05:25.455Z');
CREATE TABLE pipeline_runs (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, started_at TEXT NOT NULL, seen_at TEXT NOT NULL, counts TEXT NOT NULL
);
INSERT INTO "pipeline_runs" VALUES('01M8AX19FBA847A4CAMX9XGMF3','sweep','2026-11-26T03:05:25.227Z','2026-11-26T03:05:25.243Z','{"held": 1}');
INSERT INTO "pipeline_runs" VALUES('01M8AX19P7FZJZSGDHR5QVD8RM','sweep','2026-11-26T03:05:25.447Z','2026-11-26T03:05:25.455Z','{"published": 1}');
CREATE TABLE pipeline_schema (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL);
INSERT INTO "pipeline_schema" VALUES(1,'2026-11-26T03:05:24.810Z');
CREATE TABLE publish_ledger (
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
INSERT INTO "publish_ledger" VALUES('id:art-1:en','9c0137aa7b0634301436cfa1271a125ece95347fa9ab9d49f588ab3ec899beba','01M8AX19C6W98Z28MA2QM4533C','01M8AX19C6W98Z28MA32G4253V','01M8AX19C6W98Z28MA2QM4533C','published','default','01-one.json','en','1-one','{number}-{title}|en',1,3,'{}','[]','2026-11-26T03:05:24.829Z','2026-11-26T03:05:25.126Z','01M8AX196BXRDMJRKSR111KMJP',NULL);
INSERT INTO "publish_ledger" VALUES('id:art-2:en','4d281e563357bb132ac08a05aef7c8bc53b0e2a91185f16b68f7081d66920bc3','01M8AX19C6W98Z28MA2R72QZZZ','01M8AX19C6W98Z28MA362BNFAQ','01M8AX19C6W98Z28MA2R72QZZZ','published','default','02-two.json','en','2-two','{number}-{title}|en',2,3,'{}','[]','2026-11-26T03:05:24.830Z','2026-11-26T03:05:25.126Z','01M8AX196BXRDMJRKSR111KMJP',NULL);
INSERT INTO "publish_ledger" VALUES('id:art-3:en','257dd389e5224addb85cfc8f20f1036306e488753b1a197f099ea3050bb1135a','01M8AX19C6W98Z28MA2SQ82WVC','01M8AX19C6W98Z28MA36TGYM9X','01M8AX19C6W98Z28MA2SQ82WVC','scheduled','default','03-later.json','en','3-later','{number}-{title}|en',3,3,'{}','[]','2026-11-26T03:05:24.830Z','2026-11-26T03:05:25.126Z','01M8AX196BXRDMJRKSR111KMJP',NULL);
INSERT INTO "publish_ledger" VALUES('id:art-4:en','ebc7b631f2f5dd4404a26df894744217f0d1f3d4de6a9ee01b768493c693bc3e','01M8AX19C6W98Z28MA2XDESYZF','01M8AX19C6W98Z28MA36W0FQYE','01M8AX19C6W98Z28MA2XDESYZF','draft','default','04-draft.json','en','4-draft','{number}-{title}|en',4,3,'{}','[]','2026-11-26T03:05:24.830Z','2026-11-26T03:05:25.126Z','01M8AX196BXRDMJRKSR111KMJP',NULL);
INSERT INTO "publish_ledger" VALUES('id:art-5:en','23ffb18aa6826e31fb3b3dfc163dce9e462c9514fd2ae74bb929b95cb10c2251','01M8AX19C6W98Z28MA30V9B5J1','01M8AX19C6W98Z28MA3AK2XR2R','01M8AX19C6W98Z28MA30V9B5J1','scheduled','default','05-held.json','en','held',NULL,NULL,3,'{}','[]','2026-11-26T03:05:24.830Z','2026-11-26T03:05:25.126Z','01M8AX196BXRDMJRKSR111KMJP',NULL);
CREATE TABLE purge_wishes (
  id TEXT PRIMARY KEY, path TEXT NOT NULL, post_id TEXT NOT NULL, wished_at TEXT NOT NULL, done_at TEXT
);
INSERT INTO "purge_wishes" VALUES('01M8AX19PCSKG4CGTYWAC80001','/posts/4-draft','01M8AX19C6W98Z28MA2XDESYZF','2026-11-26T03:05:25.452Z',NULL);
CREATE TABLE revisions (
  id TEXT PRIMARY KEY, collection TEXT NOT NULL, entry_id TEXT NOT NULL, data TEXT NOT NULL, author_id TEXT,
  created_at TEXT DEFAULT (datetime('now'))
);
INSERT INTO "revisions" VALUES('01M8AX19C6W98Z28MA32G4253V','posts','01M8AX19C6W98Z28MA2QM4533C','{"title":"One","content":[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of One.","marks":[]}]}],"excerpt":"Text of One."}',NULL,'2026-11-26 03:05:25');
INSERT INTO "revisions" VALUES('01M8AX19C6W98Z28MA362BNFAQ','posts','01M8AX19C6W98Z28MA2R72QZZZ','{"title":"Two","content":[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Two.","marks":[]}]}],"excerpt":"Text of Two."}',NULL,'2026-11-26 03:05:25');
INSERT INTO "revisions" VALUES('01M8AX19C6W98Z28MA36TGYM9X','posts','01M8AX19C6W98Z28MA2SQ82WVC','{"title":"Later","content":[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Later.","marks":[]}]}],"excerpt":"Text of Later."}',NULL,'2026-11-26 03:05:25');
INSERT INTO "revisions" VALUES('01M8AX19C6W98Z28MA36W0FQYE','posts','01M8AX19C6W98Z28MA2XDESYZF','{"title":"Draft","content":[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Draft.","marks":[]}]}],"excerpt":"Text of Draft."}',NULL,'2026-11-26 03:05:25');
INSERT INTO "revisions" VALUES('01M8AX19C6W98Z28MA3AK2XR2R','posts','01M8AX19C6W98Z28MA30V9B5J1','{"title":"Changed","content":[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Held.","marks":[]}]}],"excerpt":"Text of Held."}',NULL,'2026-11-26 03:05:25');
CREATE TABLE schedule_locks (
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
INSERT INTO "schedule_locks" VALUES('01M8AX19C6W98Z28MA2SQ82WVC','01M8AX19C6W98Z28MA36TGYM9X','3-later','{"title":"Later","content":[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Later.","marks":[]}]}],"excerpt":"Text of Later."}','2099-01-01T09:00:00.000Z','publish-queue','2026-11-26T03:05:25.126Z',NULL,NULL);
INSERT INTO "schedule_locks" VALUES('01M8AX19C6W98Z28MA30V9B5J1','01M8AX19C6W98Z28MA3AK2XR2R','held','{"title":"Held","content":[{"_type":"block","_key":"b1","style":"normal","markDefs":[],"children":[{"_type":"span","_key":"b1s0","text":"Text of Held.","marks":[]}]}],"excerpt":"Text of Held."}','2026-11-01T00:00:00.000Z','publish-queue','2026-11-26T03:05:25.126Z','2026-11-26T03:05:25.240Z','its text was changed after it was scheduled; see `emdash diff`');
CREATE TABLE taxonomies (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, slug TEXT NOT NULL, label TEXT NOT NULL, parent_id TEXT, data TEXT,
  locale TEXT NOT NULL DEFAULT 'en', translation_group TEXT, sort_order INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT taxonomies_name_slug_locale_unique UNIQUE (name, slug, locale),
  CONSTRAINT taxonomies_parent_fk FOREIGN KEY (parent_id) REFERENCES taxonomies (id) ON DELETE SET NULL
);
INSERT INTO "taxonomies" VALUES('01M8AX19C6W98Z28MA3HBXKQC4','tag','a','a',NULL,NULL,'en','01M8AX19C6W98Z28MA3HBXKQC4',0);
CREATE TABLE users (
  id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT, avatar_url TEXT, role INTEGER NOT NULL DEFAULT 10,
  email_verified INTEGER NOT NULL DEFAULT 0, data TEXT, created_at TEXT DEFAULT (datetime('now')),
  updated_at TEXT DEFAULT (datetime('now')), disabled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX idx_revisions_entry ON revisions (collection, entry_id);
CREATE INDEX idx_ec_posts_scheduled ON ec_posts (scheduled_at, id) WHERE scheduled_at IS NOT NULL;
CREATE INDEX idx_ec_posts_scheduled_odd ON ec_posts (scheduled_at)
  WHERE scheduled_at IS NOT NULL AND (length(scheduled_at) <> 24 OR substr(scheduled_at, -1) <> 'Z');
CREATE INDEX idx_ec_posts_publish_wish ON ec_posts (published_at, id)
  WHERE status = 'scheduled' AND scheduled_at IS NULL;
CREATE INDEX idx_ec_posts_live_revision ON ec_posts (live_revision_id);
CREATE INDEX idx_ec_posts_draft_revision ON ec_posts (draft_revision_id);
CREATE INDEX idx_ec_posts_translation_group ON ec_posts (translation_group);
CREATE INDEX idx_ec_posts_deleted_published_id ON ec_posts (deleted_at, published_at DESC, id DESC);
CREATE INDEX idx_ec_posts_deleted_status ON ec_posts (deleted_at, status);
CREATE INDEX idx_ec_posts_deleted_created_id ON ec_posts (deleted_at, created_at DESC, id DESC);
CREATE INDEX idx_ec_posts_loc_crt ON ec_posts (deleted_at, locale, created_at DESC, id DESC);
CREATE VIEW ec_revisions AS SELECT * FROM revisions;
CREATE INDEX idx_taxonomies_parent ON taxonomies (parent_id);
CREATE INDEX idx_taxonomies_translation_group ON taxonomies (translation_group);
CREATE INDEX idx_taxonomies_name_locale ON taxonomies (name, locale);
CREATE INDEX idx_content_taxonomies_group_lookup
  ON content_taxonomies (taxonomy_id, collection, entry_id);
CREATE INDEX idx_bylines_display_name ON _emdash_bylines (display_name);
CREATE UNIQUE INDEX idx_bylines_user_id_locale_unique ON _emdash_bylines (user_id, locale)
  WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX idx_bylines_group_locale_unique ON _emdash_bylines (translation_group, locale)
  WHERE translation_group IS NOT NULL;
CREATE INDEX idx_content_bylines_byline ON _emdash_content_bylines (byline_id);
CREATE INDEX publish_ledger_claim ON publish_ledger (claim) WHERE claim IS NOT NULL;
CREATE INDEX publish_ledger_stream
  ON publish_ledger (stream, recorded_at, outcome, words, queued_at);
CREATE INDEX schedule_locks_held ON schedule_locks (held_at, post_id) WHERE held_at IS NOT NULL;
CREATE INDEX schedule_locks_due ON schedule_locks (scheduled_at, post_id) WHERE held_at IS NULL;
CREATE INDEX pipeline_runs_kind ON pipeline_runs (kind, started_at);
CREATE INDEX pipeline_audit_post ON pipeline_audit (post_id, at);
CREATE INDEX purge_wishes_open ON purge_wishes (wished_at) WHERE done_at IS NULL;
COMMIT;
