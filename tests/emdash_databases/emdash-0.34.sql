-- An empty site of EmDash 0.34, https://github.com/emdash-cms/emdash (MIT licence), as EmDash itself makes it.
-- Written by tests/emdash_databases/generate.py; do not edit.
CREATE TABLE "_emdash_404_log" ("id" text primary key, "path" text not null, "referrer" text, "user_agent" text, "ip" text, "created_at" text default (datetime('now')), "hits" integer default 1 not null, "last_seen_at" text);
CREATE TABLE "_emdash_api_tokens" ("id" text primary key, "name" text not null, "token_hash" text not null unique, "prefix" text not null, "user_id" text not null, "scopes" text not null, "expires_at" text, "last_used_at" text, "created_at" text default (datetime('now')), constraint "api_tokens_user_fk" foreign key ("user_id") references "users" ("id") on delete cascade);
CREATE TABLE "_emdash_authorization_codes" ("code_hash" text primary key, "client_id" text not null, "redirect_uri" text not null, "user_id" text not null, "scopes" text not null, "code_challenge" text not null, "code_challenge_method" text default 'S256' not null, "resource" text, "expires_at" text not null, "created_at" text default (datetime('now')), constraint "auth_codes_user_fk" foreign key ("user_id") references "users" ("id") on delete cascade);
CREATE TABLE "_emdash_byline_field_group_values" ("translation_group" text not null, "field_id" text not null references "_emdash_byline_fields" ("id") on delete cascade, "value" text, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), constraint "_emdash_byline_field_group_values_pk" primary key ("translation_group", "field_id"));
CREATE TABLE "_emdash_byline_field_values" ("byline_id" text not null references "_emdash_bylines" ("id") on delete cascade, "field_id" text not null references "_emdash_byline_fields" ("id") on delete cascade, "value" text, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), constraint "_emdash_byline_field_values_pk" primary key ("byline_id", "field_id"));
CREATE TABLE "_emdash_byline_fields" ("id" text primary key, "slug" text not null unique, "label" text not null, "type" text not null, "required" integer default 0 not null, "translatable" integer default 1 not null, "validation" text, "sort_order" integer default 0 not null, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')));
CREATE TABLE "_emdash_bylines" ("id" text primary key, "slug" text not null, "display_name" text not null, "bio" text, "avatar_media_id" text references "media" ("id") on delete set null, "website_url" text, "user_id" text references "users" ("id") on delete set null, "is_guest" integer default 0 not null, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), "locale" text default 'en' not null, "translation_group" text, constraint "_emdash_bylines_slug_locale_unique" unique ("slug", "locale"));
CREATE TABLE "_emdash_collections" ("id" text primary key, "slug" text not null unique, "label" text not null, "label_singular" text, "description" text, "icon" text, "supports" text, "source" text, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), "search_config" text, has_seo INTEGER NOT NULL DEFAULT 0, url_pattern TEXT, "comments_enabled" integer default 0, "comments_moderation" text default 'first_time', "comments_closed_after_days" integer default 90, "comments_auto_approve_users" integer default 1, "hidden" integer default 0 not null, "sort_order" integer, "admin_config" text, title_field TEXT, date_field TEXT, "routable" integer default 1 not null);
CREATE TABLE "_emdash_comment_reactions" ("id" text primary key, "comment_id" text not null references "_emdash_comments" ("id") on delete cascade, "reaction" text default 'like' not null, "voter_hash" text not null, "created_at" text default (datetime('now')));
CREATE TABLE "_emdash_comments" ("id" text primary key, "collection" text not null, "content_id" text not null, "parent_id" text references "_emdash_comments" ("id") on delete cascade, "author_name" text not null, "author_email" text not null, "author_user_id" text references "users" ("id") on delete set null, "body" text not null, "status" text default 'pending' not null, "ip_hash" text, "user_agent" text, "moderation_metadata" text, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')));
CREATE TABLE "_emdash_content_bylines" ("id" text primary key, "collection_slug" text not null, "content_id" text not null, "byline_id" text not null, "sort_order" integer default 0 not null, "role_label" text, "created_at" text default (datetime('now')), constraint "content_bylines_unique" unique ("collection_slug", "content_id", "byline_id"));
CREATE TABLE "_emdash_content_references" ("id" text primary key, "relation_group" text not null, "parent_group" text not null, "child_group" text not null, "sort_order" integer default 0 not null, "created_at" text default (datetime('now')), constraint "content_references_unique" unique ("relation_group", "parent_group", "child_group"));
CREATE TABLE "_emdash_cron_tasks" ("id" text primary key, "plugin_id" text not null, "task_name" text not null, "schedule" text not null, "is_oneshot" integer default 0 not null, "data" text, "next_run_at" text not null, "last_run_at" text, "status" text default 'idle' not null, "locked_at" text, "enabled" integer default 1 not null, "created_at" text default (datetime('now')), constraint "uq_cron_tasks_plugin_task" unique ("plugin_id", "task_name"));
CREATE TABLE "_emdash_device_codes" ("device_code" text primary key, "user_code" text not null unique, "scopes" text not null, "user_id" text, "status" text default 'pending' not null, "expires_at" text not null, "interval" integer default 5 not null, "created_at" text default (datetime('now')), "last_polled_at" text);
CREATE TABLE "_emdash_fields" ("id" text primary key, "collection_id" text not null, "slug" text not null, "label" text not null, "type" text not null, "column_type" text not null, "required" integer default 0, "unique" integer default 0, "default_value" text, "validation" text, "widget" text, "options" text, "sort_order" integer default 0, "created_at" text default (datetime('now')), "searchable" integer default 0, translatable INTEGER NOT NULL DEFAULT 1, "indexed" integer default 0 not null, constraint "fields_collection_fk" foreign key ("collection_id") references "_emdash_collections" ("id") on delete cascade);
CREATE VIRTUAL TABLE "_emdash_fts_posts" USING fts5(
				id UNINDEXED, locale UNINDEXED, title, content,
				tokenize='porter unicode61'
			);
CREATE TABLE "_emdash_media_upload_attempts" ("storage_key" text primary key, "media_id" text not null, "status" text default 'active' not null, "created_at" text default (datetime('now')) not null, "updated_at" text default (datetime('now')) not null);
CREATE TABLE "_emdash_media_usage" ("id" text primary key, "source_key" text not null, "generation" text not null, "field_slug" text not null, "field_path" text not null, "occurrence_index" integer default 0 not null, "reference_type" text not null, "media_id" text, "provider" text default 'local' not null, "provider_asset_id" text not null, "media_kind" text, "mime_type" text, "created_at" text default (datetime('now')), "cleanup_lease_token" text);
CREATE TABLE "_emdash_media_usage_activation" ("task_key" text primary key, "state" text default 'expanded' not null, "runtime_generation" integer default 1 not null, "collection_cursor" text, "drain_confirmed_at" text, "lease_token" text, "lease_expires_at" text, "attempt_count" integer default 0 not null, "last_attempted_at" text, "last_error_code" text, "activated_at" text, "created_at" text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) not null, "updated_at" text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) not null, "media_usage_maintenance_turn" integer default 2 not null);
CREATE TABLE "_emdash_media_usage_cleanup" ("task_key" text primary key, "lease_token" text, "lease_expires_at" text, "next_eligible_at" text not null, "cursor_created_at" text, "cursor_id" text, "scan_before_at" text, "consecutive_failures" integer default 0 not null, "last_started_at" text, "last_completed_at" text, "last_candidate_count" integer default 0 not null, "last_deleted_orphans" integer default 0 not null, "last_deleted_stale" integer default 0 not null, "last_deleted_abandoned" integer default 0 not null, "last_deleted_write_leases" integer default 0 not null, "last_backlog_lower_bound" integer default 0 not null, "last_scan_has_more" integer default 0 not null, "last_duration_ms" integer default 0 not null, "last_error_code" text, "updated_at" text default (datetime('now')) not null);
CREATE TABLE "_emdash_media_usage_cleanup_fence" ("task_key" text primary key, "generation_floor" text not null, "updated_at" text default (datetime('now')) not null);
CREATE TABLE "_emdash_media_usage_collection_deletions" ("collection_id" text not null primary key, "collection_slug" text not null unique, "force_delete" integer not null, "state" text default 'pending' not null, "phase" text default 'fence' not null, "work_cursor" text, "source_key" text, "occurrence_cursor" text, "attempt_count" integer default 0 not null, "next_attempt_at" text not null, "lease_token" text, "lease_expires_at" text, "last_error_code" text, "created_at" text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) not null, "updated_at" text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) not null);
CREATE TABLE "_emdash_media_usage_generation_writes" ("source_key" text not null, "generation" text not null, "lease_token" text primary key, "expires_at" text not null, "created_at" text default (datetime('now')) not null, constraint "_emdash_media_usage_generation_writes_source_generation" unique ("source_key", "generation"));
CREATE TABLE "_emdash_media_usage_index_status" ("adapter_id" text not null, "scope_type" text not null, "scope_key" text not null, "status" text not null, "schema_version" integer default 1 not null, "started_at" text, "completed_at" text, "cursor" text, "indexed_source_count" integer default 0 not null, "failed_source_count" integer default 0 not null, "last_error_code" text, "updated_at" text default (datetime('now')) not null, "collection_id" text, "change_epoch" bigint default 0 not null, "reconciliation_required" integer default 0 not null, "last_incremental_success_at" text, "capture_state" text, constraint "_emdash_media_usage_index_status_pk" primary key ("adapter_id", "scope_type", "scope_key"));
CREATE TABLE "_emdash_media_usage_reconciliations" ("collection_id" text not null primary key, "collection_slug" text not null, "run_token" text not null, "target_epoch" bigint, "field_fingerprint" text, "state" text default 'pending' not null, "phase" text default 'scan' not null, "scan_cursor" text, "scan_upper_id" text, "source_cursor" text, "source_upper_key" text, "attempt_count" integer default 0 not null, "next_attempt_at" text not null, "lease_token" text, "lease_expires_at" text, "last_error_code" text, "created_at" text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) not null, "updated_at" text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) not null);
CREATE TABLE "_emdash_media_usage_sources" ("source_key" text primary key, "source_type" text not null, "collection_slug" text, "content_id" text, "source_variant" text not null, "locale" text, "translation_group" text, "content_slug" text, "content_title" text, "content_status" text, "content_scheduled_at" text, "content_deleted_at" text, "revision_id" text, "current_generation" text not null, "schema_version" integer default 1 not null, "indexed_at" text default (datetime('now')) not null, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), "source_updated_at" text, "source_version" integer, "source_fingerprint" text, "source_completeness" text default 'unknown' not null, "last_attempted_at" text, "last_error_code" text, "collection_id" text, "identity_version" integer);
CREATE TABLE "_emdash_media_usage_work" ("collection_id" text not null, "collection_slug" text not null, "content_id" text not null, "change_epoch" bigint not null, "work_version" bigint default 1 not null, "state" text default 'pending' not null, "attempt_count" integer default 0 not null, "next_attempt_at" text not null, "lease_token" text, "lease_expires_at" text, "last_attempted_at" text, "last_error_code" text, "created_at" text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) not null, "updated_at" text default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) not null, constraint "_emdash_media_usage_work_pk" primary key ("collection_id", "content_id"));
CREATE TABLE "_emdash_menu_items" ("id" text primary key, "menu_id" text not null, "parent_id" text, "sort_order" integer default 0 not null, "type" text not null, "reference_collection" text, "reference_id" text, "custom_url" text, "label" text not null, "title_attr" text, "target" text, "css_classes" text, "created_at" text default (datetime('now')), "locale" text default 'en' not null, "translation_group" text);
CREATE TABLE "_emdash_menus" ("id" text primary key, "name" text not null, "label" text not null, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), "locale" text default 'en' not null, "translation_group" text, constraint "_emdash_menus_name_locale_unique" unique ("name", "locale"));
CREATE TABLE "_emdash_migrations" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "_emdash_migrations_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE "_emdash_oauth_clients" ("id" text primary key, "name" text not null, "redirect_uris" text not null, "scopes" text, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')));
CREATE TABLE "_emdash_oauth_tokens" ("token_hash" text primary key, "token_type" text not null, "user_id" text not null, "scopes" text not null, "client_type" text default 'cli' not null, "expires_at" text not null, "refresh_token_hash" text, "created_at" text default (datetime('now')), client_id TEXT, constraint "oauth_tokens_user_fk" foreign key ("user_id") references "users" ("id") on delete cascade);
CREATE TABLE "_emdash_rate_limits" ("key" text not null, "window" text not null, "count" integer default 1 not null, constraint "pk_rate_limits" primary key ("key", "window"));
CREATE TABLE "_emdash_redirects" ("id" text primary key, "source" text not null, "destination" text not null, "type" integer default 301 not null, "is_pattern" integer default 0 not null, "enabled" integer default 1 not null, "hits" integer default 0 not null, "last_hit_at" text, "group_name" text, "auto" integer default 0 not null, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')));
CREATE TABLE "_emdash_relations" ("id" text primary key, "name" text not null, "parent_collection" text not null, "child_collection" text not null, "parent_label" text not null, "child_label" text not null, "locale" text default 'en' not null, "translation_group" text not null, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), constraint "_emdash_relations_name_locale_unique" unique ("name", "locale"));
CREATE TABLE "_emdash_revision_prune_queue" ("collection" text not null, "entry_id" text not null, "revision_id" text not null, constraint "revision_prune_queue_pk" primary key ("collection", "entry_id"));
CREATE TABLE "_emdash_sections" ("id" text primary key, "slug" text not null unique, "title" text not null, "description" text, "keywords" text, "content" text not null, "preview_media_id" text, "source" text default 'user' not null, "theme_id" text, "created_at" text default CURRENT_TIMESTAMP, "updated_at" text default CURRENT_TIMESTAMP);
CREATE TABLE "_emdash_seo" ("collection" text not null, "content_id" text not null, "seo_title" text, "seo_description" text, "seo_image" text, "seo_canonical" text, "seo_no_index" integer default 0 not null, "created_at" text default (datetime('now')) not null, "updated_at" text default (datetime('now')) not null, constraint "_emdash_seo_pk" primary key ("collection", "content_id"));
CREATE TABLE "_emdash_taxonomy_defs" ("id" text primary key, "name" text not null, "label" text not null, "label_singular" text, "hierarchical" integer default 0, "collections" text, "created_at" text default (datetime('now')), "locale" text default 'en' not null, "translation_group" text, constraint "_emdash_taxonomy_defs_name_locale_unique" unique ("name", "locale"));
CREATE TABLE "_emdash_widget_areas" ("id" text primary key, "name" text not null unique, "label" text not null, "description" text, "created_at" text default CURRENT_TIMESTAMP);
CREATE TABLE "_emdash_widgets" ("id" text primary key, "area_id" text not null references "_emdash_widget_areas" ("id") on delete cascade, "sort_order" integer default 0 not null, "type" text not null, "title" text, "content" text, "menu_name" text, "component_id" text, "component_props" text, "created_at" text default CURRENT_TIMESTAMP);
CREATE TABLE "_plugin_indexes" ("plugin_id" text not null, "collection" text not null, "index_name" text not null, "fields" text not null, "created_at" text default (datetime('now')), constraint "pk_plugin_indexes" primary key ("plugin_id", "collection", "index_name"));
CREATE TABLE "_plugin_state" ("plugin_id" text primary key, "version" text not null, "status" text default 'installed' not null, "installed_at" text default (datetime('now')), "activated_at" text, "deactivated_at" text, "data" text, source TEXT NOT NULL DEFAULT 'config', marketplace_version TEXT, display_name TEXT, description TEXT, registry_publisher_did TEXT, registry_slug TEXT, "mcp_tools_enabled" integer default 0 not null, "mcp_tools_consent" text);
CREATE TABLE "_plugin_storage" ("plugin_id" text not null, "collection" text not null, "id" text not null, "data" text not null, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), constraint "pk_plugin_storage" primary key ("plugin_id", "collection", "id"));
CREATE TABLE "allowed_domains" ("domain" text primary key, "default_role" integer default 20 not null, "enabled" integer default 1 not null, "created_at" text default (datetime('now')));
CREATE TABLE "audit_logs" ("id" text primary key, "timestamp" text default (datetime('now')), "actor_id" text, "actor_ip" text, "action" text not null, "resource_type" text, "resource_id" text, "details" text, "status" text);
CREATE TABLE "auth_challenges" ("challenge" text primary key, "type" text not null, "user_id" text, "data" text, "expires_at" text not null, "created_at" text default (datetime('now')));
CREATE TABLE "auth_tokens" ("hash" text primary key, "user_id" text, "email" text, "type" text not null, "role" integer, "invited_by" text, "expires_at" text not null, "created_at" text default (datetime('now')), constraint "auth_tokens_user_fk" foreign key ("user_id") references "users" ("id") on delete cascade, constraint "auth_tokens_invited_by_fk" foreign key ("invited_by") references "users" ("id") on delete set null);
CREATE TABLE "content_taxonomies" ("collection" text not null, "entry_id" text not null, "taxonomy_id" text not null, "status" TEXT, "scheduled_at" TEXT, "deleted_at" TEXT, "locale" TEXT, "published_at" TEXT, "created_at" TEXT, constraint "content_taxonomies_pk" primary key ("collection", "entry_id", "taxonomy_id"));
CREATE TABLE "credentials" ("id" text primary key, "user_id" text not null, "public_key" blob not null, "counter" integer default 0 not null, "device_type" text not null, "backed_up" integer default 0 not null, "transports" text, "name" text, "created_at" text default (datetime('now')), "last_used_at" text default (datetime('now')), "algorithm" integer default -7 not null, constraint "credentials_user_fk" foreign key ("user_id") references "users" ("id") on delete cascade);
CREATE TABLE "ec_posts" ("id" text primary key, "slug" text, "status" text default 'draft', "author_id" text, "primary_byline_id" text, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), "published_at" text, "scheduled_at" text, "deleted_at" text, "version" integer default 1, "live_revision_id" text references "revisions" ("id"), "draft_revision_id" text references "revisions" ("id"), "locale" text default 'en' not null, "translation_group" text, "title" text default '' not null, "featured_image" text, "content" json, "excerpt" text, constraint "ec_posts_slug_locale_unique" unique ("slug", "locale"));
CREATE TABLE "media" ("id" text primary key, "filename" text not null, "mime_type" text not null, "size" integer, "width" integer, "height" integer, "alt" text, "caption" text, "storage_key" text not null, "content_hash" text, "created_at" text default (datetime('now')), "author_id" text, "status" text default 'ready' not null, blurhash TEXT, dominant_color TEXT);
CREATE TABLE "oauth_accounts" ("provider" text not null, "provider_account_id" text not null, "user_id" text not null, "created_at" text default (datetime('now')), constraint "oauth_accounts_pk" primary key ("provider", "provider_account_id"), constraint "oauth_accounts_user_fk" foreign key ("user_id") references "users" ("id") on delete cascade);
CREATE TABLE "options" ("name" text primary key, "value" text not null);
CREATE TABLE "revisions" ("id" text primary key, "collection" text not null, "entry_id" text not null, "data" text not null, "author_id" text, "created_at" text default (datetime('now')));
CREATE TABLE "taxonomies" ("id" text primary key, "name" text not null, "slug" text not null, "label" text not null, "parent_id" text, "data" text, "locale" text default 'en' not null, "translation_group" text, "sort_order" integer default 0 not null, constraint "taxonomies_name_slug_locale_unique" unique ("name", "slug", "locale"), constraint "taxonomies_parent_fk" foreign key ("parent_id") references "taxonomies" ("id") on delete set null);
CREATE TABLE "users" ("id" text primary key, "email" text not null unique, "name" text, "avatar_url" text, "role" integer default 10 not null, "email_verified" integer default 0 not null, "data" text, "created_at" text default (datetime('now')), "updated_at" text default (datetime('now')), disabled INTEGER NOT NULL DEFAULT 0);
CREATE INDEX "idx_404_log_created" on "_emdash_404_log" ("created_at");
CREATE INDEX "idx_404_log_last_seen" on "_emdash_404_log" ("last_seen_at");
CREATE UNIQUE INDEX "idx_404_log_path_unique" on "_emdash_404_log" ("path");
CREATE INDEX "idx__emdash_byline_field_group_values_field" on "_emdash_byline_field_group_values" ("field_id");
CREATE INDEX "idx__emdash_byline_field_group_values_group" on "_emdash_byline_field_group_values" ("translation_group");
CREATE INDEX "idx__emdash_byline_field_values_byline" on "_emdash_byline_field_values" ("byline_id");
CREATE INDEX "idx__emdash_byline_field_values_field" on "_emdash_byline_field_values" ("field_id");
CREATE INDEX "idx__emdash_byline_fields_sort_order" on "_emdash_byline_fields" ("sort_order");
CREATE INDEX "idx__emdash_bylines_locale" on "_emdash_bylines" ("locale");
CREATE INDEX "idx__emdash_bylines_translation_group" on "_emdash_bylines" ("translation_group");
CREATE INDEX "idx__emdash_content_references_child" on "_emdash_content_references" ("child_group", "relation_group");
CREATE INDEX "idx__emdash_content_references_parent" on "_emdash_content_references" ("parent_group", "relation_group", "sort_order");
CREATE INDEX "idx__emdash_content_references_relation" on "_emdash_content_references" ("relation_group");
CREATE INDEX "idx__emdash_media_usage_cleanup_scan" on "_emdash_media_usage" ("created_at", "id", "source_key", "generation");
CREATE INDEX "idx__emdash_media_usage_collection_deletions_due" on "_emdash_media_usage_collection_deletions" ("state", "next_attempt_at", "updated_at", "collection_id");
CREATE INDEX "idx__emdash_media_usage_collection_deletions_lease" on "_emdash_media_usage_collection_deletions" ("state", "lease_expires_at", "updated_at", "collection_id");
CREATE INDEX "idx__emdash_media_usage_collection_deletions_operator" on "_emdash_media_usage_collection_deletions" ("state", "updated_at", "collection_id");
CREATE INDEX "idx__emdash_media_usage_generation_writes_expiry" on "_emdash_media_usage_generation_writes" ("expires_at", "lease_token");
CREATE INDEX "idx__emdash_media_usage_index_status_status" on "_emdash_media_usage_index_status" ("adapter_id", "status");
CREATE INDEX "idx__emdash_media_usage_media_source_generation" on "_emdash_media_usage" ("media_id", "source_key", "generation");
CREATE INDEX "idx__emdash_media_usage_provider_asset" on "_emdash_media_usage" ("provider", "provider_asset_id");
CREATE INDEX "idx__emdash_media_usage_reconciliations_due" on "_emdash_media_usage_reconciliations" ("state", "next_attempt_at", "updated_at", "collection_id");
CREATE INDEX "idx__emdash_media_usage_reconciliations_failed" on "_emdash_media_usage_reconciliations" ("state", "updated_at", "collection_id");
CREATE INDEX "idx__emdash_media_usage_reconciliations_lease" on "_emdash_media_usage_reconciliations" ("state", "lease_expires_at", "updated_at", "collection_id");
CREATE INDEX "idx__emdash_media_usage_source_cursor" on "_emdash_media_usage" ("source_key", "id");
CREATE INDEX "idx__emdash_media_usage_source_generation" on "_emdash_media_usage" ("source_key", "generation");
CREATE INDEX "idx__emdash_media_usage_sources_collection_cursor" on "_emdash_media_usage_sources" ("source_type", "collection_id", "source_key");
CREATE INDEX "idx__emdash_media_usage_sources_completeness" on "_emdash_media_usage_sources" ("source_type", "collection_slug", "source_completeness");
CREATE INDEX "idx__emdash_media_usage_sources_content" on "_emdash_media_usage_sources" ("source_type", "collection_slug", "content_id");
CREATE INDEX "idx__emdash_media_usage_sources_deleted" on "_emdash_media_usage_sources" ("content_deleted_at");
CREATE INDEX "idx__emdash_media_usage_sources_fingerprint" on "_emdash_media_usage_sources" ("source_fingerprint");
CREATE INDEX "idx__emdash_media_usage_sources_identity" on "_emdash_media_usage_sources" ("source_type", "collection_id", "content_id", "source_variant");
CREATE INDEX "idx__emdash_media_usage_sources_locale" on "_emdash_media_usage_sources" ("collection_slug", "locale");
CREATE INDEX "idx__emdash_media_usage_sources_translation_group" on "_emdash_media_usage_sources" ("collection_slug", "translation_group");
CREATE INDEX "idx__emdash_media_usage_sources_variant" on "_emdash_media_usage_sources" ("source_type", "source_variant");
CREATE UNIQUE INDEX "idx__emdash_media_usage_status_collection" on "_emdash_media_usage_index_status" ("adapter_id", "scope_type", "collection_id");
CREATE INDEX "idx__emdash_media_usage_status_reconciliation" on "_emdash_media_usage_index_status" ("adapter_id", "scope_type", "capture_state", "reconciliation_required", "collection_id");
CREATE UNIQUE INDEX "idx__emdash_media_usage_unique_occurrence" on "_emdash_media_usage" ("source_key", "generation", "field_path", "occurrence_index");
CREATE INDEX "idx__emdash_media_usage_work_due" on "_emdash_media_usage_work" ("state", "next_attempt_at", "updated_at", "collection_id", "content_id");
CREATE INDEX "idx__emdash_media_usage_work_lease" on "_emdash_media_usage_work" ("state", "lease_expires_at", "collection_id", "content_id");
CREATE INDEX "idx__emdash_media_usage_work_operator" on "_emdash_media_usage_work" ("collection_id", "state", "updated_at", "content_id");
CREATE INDEX "idx__emdash_menu_items_locale" on "_emdash_menu_items" ("locale");
CREATE INDEX "idx__emdash_menu_items_translation_group" on "_emdash_menu_items" ("translation_group");
CREATE INDEX "idx__emdash_menus_locale" on "_emdash_menus" ("locale");
CREATE INDEX "idx__emdash_menus_translation_group" on "_emdash_menus" ("translation_group");
CREATE INDEX "idx__emdash_relations_child_collection" on "_emdash_relations" ("child_collection");
CREATE UNIQUE INDEX "idx__emdash_relations_group_locale_unique" on "_emdash_relations" ("translation_group", "locale");
CREATE INDEX "idx__emdash_relations_locale" on "_emdash_relations" ("locale");
CREATE INDEX "idx__emdash_relations_parent_collection" on "_emdash_relations" ("parent_collection");
CREATE INDEX "idx__emdash_relations_translation_group" on "_emdash_relations" ("translation_group");
CREATE INDEX "idx__emdash_taxonomy_defs_locale" on "_emdash_taxonomy_defs" ("locale");
CREATE INDEX "idx__emdash_taxonomy_defs_translation_group" on "_emdash_taxonomy_defs" ("translation_group");
CREATE INDEX "idx_api_tokens_token_hash" on "_emdash_api_tokens" ("token_hash");
CREATE INDEX "idx_api_tokens_user_id" on "_emdash_api_tokens" ("user_id");
CREATE INDEX "idx_audit_action" on "audit_logs" ("action");
CREATE INDEX "idx_audit_actor" on "audit_logs" ("actor_id");
CREATE INDEX "idx_audit_resource" on "audit_logs" ("resource_type", "resource_id");
CREATE INDEX "idx_audit_timestamp" on "audit_logs" ("timestamp");
CREATE INDEX "idx_auth_challenges_expires" on "auth_challenges" ("expires_at");
CREATE INDEX "idx_auth_codes_expires" on "_emdash_authorization_codes" ("expires_at");
CREATE INDEX "idx_auth_tokens_email" on "auth_tokens" ("email");
CREATE INDEX "idx_bylines_display_name" on "_emdash_bylines" ("display_name");
CREATE UNIQUE INDEX "idx_bylines_group_locale_unique"
		ON "_emdash_bylines" (translation_group, locale)
		WHERE translation_group IS NOT NULL;
CREATE INDEX "idx_bylines_slug" on "_emdash_bylines" ("slug");
CREATE UNIQUE INDEX "idx_bylines_user_id_locale_unique"
		ON "_emdash_bylines" (user_id, locale)
		WHERE user_id IS NOT NULL;
CREATE INDEX "idx_comment_reactions_comment" on "_emdash_comment_reactions" ("comment_id");
CREATE UNIQUE INDEX "idx_comment_reactions_unique" on "_emdash_comment_reactions" ("comment_id", "voter_hash", "reaction");
CREATE INDEX "idx_comment_reactions_voter" on "_emdash_comment_reactions" ("voter_hash", "created_at");
CREATE INDEX idx_comments_approved
		ON _emdash_comments (id)
		WHERE status = 'approved';
CREATE INDEX "idx_comments_author_email" on "_emdash_comments" ("author_email");
CREATE INDEX "idx_comments_author_user" on "_emdash_comments" ("author_user_id");
CREATE INDEX "idx_comments_content" on "_emdash_comments" ("collection", "content_id", "status");
CREATE INDEX "idx_comments_parent" on "_emdash_comments" ("parent_id");
CREATE INDEX idx_comments_pending
		ON _emdash_comments (id)
		WHERE status = 'pending';
CREATE INDEX idx_comments_spam
		ON _emdash_comments (id)
		WHERE status = 'spam';
CREATE INDEX "idx_comments_status" on "_emdash_comments" ("status", "created_at");
CREATE INDEX idx_comments_trash
		ON _emdash_comments (id)
		WHERE status = 'trash';
CREATE INDEX "idx_content_bylines_byline" on "_emdash_content_bylines" ("byline_id");
CREATE INDEX "idx_content_bylines_content" on "_emdash_content_bylines" ("collection_slug", "content_id", "sort_order");
CREATE INDEX "idx_content_taxonomies_group_lookup" on "content_taxonomies" ("taxonomy_id", "collection", "entry_id");
CREATE INDEX idx_content_taxonomies_term ON content_taxonomies(taxonomy_id);
CREATE INDEX "idx_credentials_user" on "credentials" ("user_id");
CREATE INDEX "idx_cron_tasks_due" on "_emdash_cron_tasks" ("enabled", "status", "next_run_at");
CREATE INDEX "idx_cron_tasks_plugin" on "_emdash_cron_tasks" ("plugin_id");
CREATE INDEX "idx_ec_posts_author"
			ON "ec_posts" (author_id);
CREATE INDEX "idx_ec_posts_del_tg_locale"
			ON "ec_posts" (deleted_at, translation_group, locale);
CREATE INDEX "idx_ec_posts_deleted_created_id"
			ON "ec_posts" (deleted_at, created_at DESC, id DESC);
CREATE INDEX "idx_ec_posts_deleted_published_id"
			ON "ec_posts" (deleted_at, published_at DESC, id DESC);
CREATE INDEX "idx_ec_posts_deleted_status"
			ON "ec_posts" (deleted_at, status);
CREATE INDEX "idx_ec_posts_deleted_updated_id"
			ON "ec_posts" (deleted_at, updated_at DESC, id DESC);
CREATE INDEX "idx_ec_posts_draft_revision"
			ON "ec_posts" (draft_revision_id);
CREATE INDEX "idx_ec_posts_live_revision"
			ON "ec_posts" (live_revision_id);
CREATE INDEX "idx_ec_posts_loc_crt"
			ON "ec_posts" (deleted_at, locale, created_at DESC, id DESC);
CREATE INDEX "idx_ec_posts_loc_upd"
			ON "ec_posts" (deleted_at, locale, updated_at DESC, id DESC);
CREATE INDEX "idx_ec_posts_locale"
			ON "ec_posts" (locale);
CREATE INDEX "idx_ec_posts_primary_byline"
			ON "ec_posts" (primary_byline_id);
CREATE INDEX "idx_ec_posts_scheduled"
			ON "ec_posts" (scheduled_at)
			WHERE scheduled_at IS NOT NULL;
CREATE INDEX "idx_ec_posts_slug"
			ON "ec_posts" (slug);
CREATE INDEX "idx_ec_posts_tg_locale"
			ON "ec_posts" (translation_group, locale);
CREATE INDEX idx_emdash_seo_collection
		ON _emdash_seo (collection);
CREATE INDEX "idx_fields_collection" on "_emdash_fields" ("collection_id");
CREATE UNIQUE INDEX "idx_fields_collection_slug" on "_emdash_fields" ("collection_id", "slug");
CREATE INDEX "idx_fields_sort" on "_emdash_fields" ("collection_id", "sort_order");
CREATE INDEX "idx_media_content_hash" on "media" ("content_hash");
CREATE INDEX "idx_media_created_at" on "media" ("created_at");
CREATE INDEX "idx_media_filename" on "media" ("filename");
CREATE INDEX "idx_media_mime_type" on "media" ("mime_type");
CREATE INDEX "idx_media_status" on "media" ("status");
CREATE INDEX "idx_media_storage_key" on "media" ("storage_key");
CREATE INDEX "idx_media_upload_attempts_media_id" on "_emdash_media_upload_attempts" ("media_id");
CREATE INDEX "idx_media_upload_attempts_status_created_at" on "_emdash_media_upload_attempts" ("status", "created_at");
CREATE INDEX "idx_menu_items_menu" on "_emdash_menu_items" ("menu_id", "sort_order");
CREATE INDEX "idx_menu_items_parent" on "_emdash_menu_items" ("parent_id");
CREATE INDEX "idx_oauth_accounts_user" on "oauth_accounts" ("user_id");
CREATE INDEX "idx_oauth_tokens_expires" on "_emdash_oauth_tokens" ("expires_at");
CREATE INDEX "idx_oauth_tokens_user_id" on "_emdash_oauth_tokens" ("user_id");
CREATE INDEX idx_plugin_state_registry
			ON _plugin_state (source)
			WHERE source = 'registry';
CREATE INDEX idx_plugin_state_source
		ON _plugin_state (source)
		WHERE source = 'marketplace';
CREATE INDEX "idx_plugin_storage_list" on "_plugin_storage" ("plugin_id", "collection", "created_at");
CREATE INDEX "idx_rate_limits_window" on "_emdash_rate_limits" ("window");
CREATE INDEX "idx_redirects_enabled" on "_emdash_redirects" ("enabled");
CREATE INDEX "idx_redirects_group" on "_emdash_redirects" ("group_name");
CREATE INDEX "idx_redirects_source" on "_emdash_redirects" ("source");
CREATE INDEX "idx_revision_prune_queue_revision_id" on "_emdash_revision_prune_queue" ("revision_id");
CREATE INDEX "idx_revisions_entry" on "revisions" ("collection", "entry_id");
CREATE INDEX "idx_sections_source" on "_emdash_sections" ("source");
CREATE INDEX "idx_taxonomies_locale" on "taxonomies" ("locale");
CREATE INDEX "idx_taxonomies_name_locale" on "taxonomies" ("name", "locale");
CREATE INDEX "idx_taxonomies_parent" on "taxonomies" ("parent_id");
CREATE INDEX "idx_taxonomies_translation_group" on "taxonomies" ("translation_group");
CREATE INDEX "idx_users_disabled" on "users" ("disabled");
CREATE INDEX "idx_users_email" on "users" ("email");
CREATE INDEX "idx_widgets_area" on "_emdash_widgets" ("area_id", "sort_order");
CREATE TRIGGER "_emdash_fts_posts_delete"
			AFTER DELETE ON "ec_posts"
			BEGIN
				DELETE FROM "_emdash_fts_posts" WHERE rowid = OLD.rowid;
			END;
CREATE TRIGGER "_emdash_fts_posts_insert"
			AFTER INSERT ON "ec_posts"
			WHEN NEW.deleted_at IS NULL
			BEGIN
				INSERT OR REPLACE INTO "_emdash_fts_posts"(rowid, id, locale, title, content)
				VALUES (NEW.rowid, NEW.id, NEW.locale, NEW.title, CASE WHEN NEW.content IS NULL THEN NULL WHEN json_valid(NEW.content) AND json_type(NEW.content) IN ('array', 'object') THEN (SELECT group_concat(j.value, ' ') FROM json_tree(NEW.content) AS j WHERE j.key IN ('text', 'alt', 'caption', 'code') AND j.type = 'text') ELSE NEW.content END);
			END;
CREATE TRIGGER "_emdash_fts_posts_update"
			AFTER UPDATE ON "ec_posts"
			WHEN OLD.deleted_at IS NOT NEW.deleted_at OR OLD.locale IS NOT NEW.locale OR OLD.title IS NOT NEW.title OR OLD.content IS NOT NEW.content
			BEGIN
				DELETE FROM "_emdash_fts_posts" WHERE rowid = OLD.rowid;
				INSERT INTO "_emdash_fts_posts"(rowid, id, locale, title, content)
				SELECT NEW.rowid, NEW.id, NEW.locale, NEW.title, CASE WHEN NEW.content IS NULL THEN NULL WHEN json_valid(NEW.content) AND json_type(NEW.content) IN ('array', 'object') THEN (SELECT group_concat(j.value, ' ') FROM json_tree(NEW.content) AS j WHERE j.key IN ('text', 'alt', 'caption', 'code') AND j.type = 'text') ELSE NEW.content END
				WHERE NEW.deleted_at IS NULL;
			END;
CREATE TRIGGER emdash_media_usage_fence_source_generation_insert
		BEFORE INSERT ON _emdash_media_usage_sources
		WHEN EXISTS (
			SELECT 1
			FROM _emdash_media_usage_cleanup_fence AS fence
			WHERE fence.task_key = 'projection_gc'
				AND NEW.current_generation <= fence.generation_floor
		) AND NOT EXISTS (
			SELECT 1
			FROM _emdash_media_usage_generation_writes AS writer
			WHERE writer.source_key = NEW.source_key
				AND writer.generation = NEW.current_generation
				AND writer.expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
		)
		BEGIN
			SELECT RAISE(IGNORE);
		END;
CREATE TRIGGER emdash_media_usage_fence_source_generation_update
		BEFORE UPDATE OF current_generation ON _emdash_media_usage_sources
		WHEN NEW.current_generation <> OLD.current_generation
			AND EXISTS (
				SELECT 1
				FROM _emdash_media_usage_cleanup_fence AS fence
				WHERE fence.task_key = 'projection_gc'
					AND NEW.current_generation <= fence.generation_floor
			) AND NOT EXISTS (
				SELECT 1
				FROM _emdash_media_usage_generation_writes AS writer
				WHERE writer.source_key = NEW.source_key
					AND writer.generation = NEW.current_generation
					AND writer.expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
			)
		BEGIN
			SELECT RAISE(IGNORE);
		END;
CREATE TRIGGER emdash_media_usage_record_cleanup_fence
		BEFORE DELETE ON _emdash_media_usage
		WHEN OLD.cleanup_lease_token IS NOT NULL AND EXISTS (
			SELECT 1
			FROM _emdash_media_usage_cleanup AS cleanup
			WHERE cleanup.task_key = 'projection_gc'
				AND cleanup.lease_token = OLD.cleanup_lease_token
		)
		BEGIN
			INSERT INTO _emdash_media_usage_cleanup_fence (
				task_key,
				generation_floor,
				updated_at
			)
			VALUES ('projection_gc', OLD.generation, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
			ON CONFLICT (task_key) DO UPDATE SET
				generation_floor = CASE
					WHEN excluded.generation_floor > _emdash_media_usage_cleanup_fence.generation_floor
					THEN excluded.generation_floor
					ELSE _emdash_media_usage_cleanup_fence.generation_floor
				END,
				updated_at = excluded.updated_at;
		END;
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('001_initial', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('002_media_status', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('003_schema_registry', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('004_plugins', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('005_menus', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('006_taxonomy_defs', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('007_widgets', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('008_auth', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('009_user_disabled', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('011_sections', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('012_search', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('013_scheduled_publishing', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('014_draft_revisions', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('015_indexes', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('016_api_tokens', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('017_authorization_codes', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('018_seo', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('019_i18n', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('020_collection_url_pattern', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('021_remove_section_categories', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('022_marketplace_plugin_state', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('023_plugin_metadata', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('024_media_placeholders', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('025_oauth_clients', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('026_cron_tasks', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('027_comments', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('028_drop_author_url', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('029_redirects', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('030_widen_scheduled_index', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('031_bylines', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('032_rate_limits', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('033_optimize_content_indexes', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('034_published_at_index', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('035_bounded_404_log', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('036_i18n_menus_and_taxonomies', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('037_credential_algorithm', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('038_registry_plugin_state', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('039_fix_fts5_triggers', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('040_byline_i18n', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('041_content_locale_list_index', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('042_byline_fields', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('043_content_references', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('044_comment_reactions', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('045_taxonomy_parent_group', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('046_media_usage_index', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('047_restore_taxonomy_parent_index', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('048_restore_content_taxonomies_term_index', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('049_taxonomies_name_locale_index', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('050_media_usage_index_status', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('051_content_taxonomies_denorm', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('052_media_usage_read_index', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('053_plugin_mcp_tools', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('054_media_upload_attempts', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('055_content_translation_group_locale_index', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('056_taxonomy_term_sort_order', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('057_collection_hidden', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('058_collection_sort_order', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('059_revision_prune_queue', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('060_collection_admin_config', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('061_media_usage_cleanup', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('062_media_usage_cleanup_fence', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('063_media_usage_incremental_work', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('064_fts_plain_text', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('065_media_usage_collection_deletion', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('066_media_usage_reconciliation', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('067_indexed_content_fields', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('068_content_taxonomy_entry_groups', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('069_collection_title_date_fields', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_migrations ("name", "timestamp") VALUES ('070_collection_routable', '2026-01-01T00:00:00.000Z');
INSERT INTO _emdash_collections ("id", "slug", "label", "label_singular", "supports", "source", "created_at", "updated_at", "search_config", "has_seo", "comments_enabled", "comments_moderation", "comments_closed_after_days", "comments_auto_approve_users", "hidden", "routable") VALUES ('posts', 'posts', 'Posts', 'Post', '["drafts","revisions","search","seo"]', 'seed', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '{"enabled":true}', 1, 1, 'first_time', 90, 1, 0, 1);
INSERT INTO _emdash_fields ("id", "collection_id", "slug", "label", "type", "column_type", "required", "unique", "sort_order", "created_at", "searchable", "translatable", "indexed") VALUES ('posts.title', 'posts', 'title', 'Title', 'string', 'TEXT', 1, 0, 0, '2026-01-01T00:00:00.000Z', 1, 1, 0);
INSERT INTO _emdash_fields ("id", "collection_id", "slug", "label", "type", "column_type", "required", "unique", "sort_order", "created_at", "searchable", "translatable", "indexed") VALUES ('posts.featured_image', 'posts', 'featured_image', 'Featured Image', 'image', 'TEXT', 0, 0, 1, '2026-01-01T00:00:00.000Z', 0, 1, 0);
INSERT INTO _emdash_fields ("id", "collection_id", "slug", "label", "type", "column_type", "required", "unique", "sort_order", "created_at", "searchable", "translatable", "indexed") VALUES ('posts.content', 'posts', 'content', 'Content', 'portableText', 'JSON', 0, 0, 2, '2026-01-01T00:00:00.000Z', 1, 1, 0);
INSERT INTO _emdash_fields ("id", "collection_id", "slug", "label", "type", "column_type", "required", "unique", "sort_order", "created_at", "searchable", "translatable", "indexed") VALUES ('posts.excerpt', 'posts', 'excerpt', 'Excerpt', 'text', 'TEXT', 0, 0, 3, '2026-01-01T00:00:00.000Z', 0, 1, 0);
