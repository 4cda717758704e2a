"""`emdash sweep`: what is due goes live as it was reviewed, once, the oldest first."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.emdash_databases.databases import VERSIONS
from tests.harness.posts import NOW, ago, ahead, body, compact, due_post, give_post, outcomes
from tests.scheduling.support import PUBLISHED, UNLOCKED

if TYPE_CHECKING:
    from tests.harness.site import Site


@freeze_time(NOW)
class TestPromotion:
    def test_the_draft_goes_live_in_every_column(self, any_site: Site) -> None:
        image = {"provider": "external", "id": "", "src": "https://example.org/a.png", "alt": "A"}
        data = {"title": "Néw", "content": body("new"), "excerpt": "E", "featured_image": image, "_slug": "new-slug"}
        due_post(any_site, "old-slug", draft=data, lock={"slug": "new-slug"}, version=7)
        assert outcomes(any_site) == {"new-slug": PUBLISHED}
        row = any_site.post("new-slug")
        expected = {
            "title": "Néw",
            "content": compact(body("new")),
            "excerpt": "E",
            "featured_image": compact(image),
            "status": "published",
            "live_revision_id": "DRAFT-OLD-SLUG",
            "draft_revision_id": None,
            "scheduled_at": None,
            "published_at": ago(hours=1),
            "updated_at": ago(),
            "version": 8,
            "created_at": ago(days=30),
        }
        assert {name: row[name] for name in expected} == expected
        assert any_site.sql("SELECT * FROM schedule_locks") == []
        assert any_site.sql("PRAGMA foreign_key_check") == []

    def test_a_missing_key_leaves_its_column_and_null_clears_it(self, any_site: Site) -> None:
        data = {"title": "New", "excerpt": None}
        due_post(any_site, "a", draft=data, excerpt="old excerpt", featured_image='{"src":"x"}')
        outcomes(any_site)
        row = any_site.post("a")
        assert (row["excerpt"], row["featured_image"]) == (None, '{"src":"x"}')
        assert row["content"] == compact(body("old"))

    def test_a_title_of_null_is_no_title(self, site: Site) -> None:
        due_post(site, "a", draft={"title": None, "content": body("x")})
        outcomes(site)
        assert site.post("a")["title"] == ""

    def test_a_field_of_the_site_s_own_goes_live_too(self, site: Site) -> None:
        for column in ("subtitle TEXT", "featured INTEGER", "gallery TEXT"):
            site.sql(f"ALTER TABLE ec_posts ADD COLUMN {column}")
        data = {"title": "T", "content": body("x"), "subtitle": "S", "featured": True, "gallery": [{"src": "ä"}]}
        due_post(site, "a", draft=data)
        outcomes(site)
        row = site.post("a")
        assert (row["subtitle"], row["featured"], row["gallery"]) == ("S", 1, '[{"src":"ä"}]')

    def test_what_the_queue_scheduled_goes_live_as_it_stands(self, site: Site) -> None:
        site.write(
            "queue/1.json",
            {"title": 'T "q" ü\\', "body_text": "Some *text*.", "slug": "a", "publish_at": ahead(hours=1)},
        )
        site.write(
            "queue/2.json",
            {"title": "T", "body_text": "Other", "slug": "b", "publish_at": ahead(hours=1), "excerpt": 'E "'},
        )
        site.run("publish-queue").succeeds()
        before = {slug: site.post(slug) for slug in "ab"}
        with freeze_time(NOW + timedelta(hours=1)):
            assert outcomes(site) == {"a": PUBLISHED, "b": PUBLISHED}
        for slug in "ab":
            after = site.post(slug)
            for name in ("title", "content", "excerpt", "featured_image"):
                assert after[name] == before[slug][name]
            assert after["live_revision_id"] == before[slug]["draft_revision_id"]
        forms = site.sql("SELECT detail ->> 'form' FROM pipeline_audit WHERE post_id IS NOT NULL")
        assert forms == [("same",), ("same",)], "the columns are rewritten though they hold the text already"

    def test_a_post_without_any_revision_gets_one_of_its_columns(self, any_site: Site) -> None:
        give_post(any_site, "a", scheduled_at=ago(hours=1), excerpt="E", featured_image='{"src":"x"}')
        assert outcomes(any_site) == {"a": UNLOCKED}
        row = any_site.post("a")
        revision = any_site.row("revisions", id=row["live_revision_id"])
        assert json.loads(revision["data"]) == {
            "title": "Old title", "content": body("old"), "excerpt": "E", "featured_image": {"src": "x"},
        }  # fmt: skip
        assert (revision["entry_id"], revision["collection"]) == ("A", "posts")

    def test_a_post_with_a_live_revision_only_keeps_it(self, site: Site) -> None:
        give_post(site, "a", live={"title": "Live", "content": body("live")}, scheduled_at=ago(hours=1))
        outcomes(site)
        assert site.post("a")["live_revision_id"] == "LIVE-A"
        assert site.post("a")["title"] == "Live"

    def test_the_date_is_the_existing_one_else_the_intended_one(self, site: Site) -> None:
        due_post(site, "new", scheduled_at="2026-06-12T09:00:00+02:00")
        due_post(site, "again", published_at="2020-01-01T00:00:00.000Z")
        due_post(site, "change", status="published", published_at="2021-01-01T00:00:00.000Z", live={})
        outcomes(site)
        assert dict(site.sql("SELECT slug, published_at FROM ec_posts")) == {
            "new": "2026-06-12T07:00:00.000Z",
            "again": "2020-01-01T00:00:00.000Z",
            "change": "2021-01-01T00:00:00.000Z",
        }

    def test_what_went_live_is_in_the_outbox(self, site: Site) -> None:
        """With the old path, too, if the post was live there."""
        site.write("emdash.toml", 'post_path = "/blog/{slug}/"\n')
        renamed = {"title": "T", "_slug": "b2"}
        due_post(site, "a")
        due_post(site, "b", draft=renamed, lock={"slug": "b2"}, status="published", live={})
        due_post(site, "c", draft={"title": "T", "_slug": "c2"}, lock={"slug": "c2"})
        outcomes(site)
        assert sorted(site.sql("SELECT post_id, path, path_before, recorded_at, done_at FROM publish_outbox")) == [
            ("A", "/blog/a/", None, ago(), ago()),
            ("B", "/blog/b2/", "/blog/b/", ago(), ago()),
            ("C", "/blog/c2/", None, ago(), ago()),
        ]

    @pytest.mark.parametrize("default", ["", "de", "EN"])
    def test_the_path_names_the_locale_unless_it_is_the_default_one(self, site: Site, default: str) -> None:
        site.use_layout("0.34")
        setting = f'default_locale = "{default}"\n' if default else ""
        site.write("emdash.toml", f'post_path = "/{{locale}}/posts/{{slug}}"\n{setting}')
        slugs = {"en": "b", "de": "c"}
        for locale, slug in slugs.items():
            renamed = {"title": "T", "_slug": f"{slug}2"}
            lock = {"slug": f"{slug}2"}
            due_post(site, slug, draft=renamed, lock=lock, status="published", live={}, locale=locale)
        outcomes(site)
        before = {
            locale: f"/posts/{slug}" if default.lower() == locale else f"/{locale}/posts/{slug}"
            for locale, slug in slugs.items()
        }
        redirects = site.sql("SELECT source, destination FROM _emdash_redirects")
        assert sorted(redirects) == sorted((path, f"{path}2") for path in before.values())
        announced = site.sql("SELECT path_before, path FROM publish_outbox")
        assert sorted(announced) == sorted((path, f"{path}2") for path in before.values())
        for locale, slug in slugs.items():
            shown = site.run("show", f"{slug}2", "--json").succeeds().json
            assert shown["url"] == f"http://localhost:4321{before[locale]}2"

    @pytest.mark.parametrize("version", VERSIONS)
    def test_on_a_site_a_renamed_post_leaves_a_redirect(self, site: Site, version: str) -> None:
        site.use_layout(version)
        back = "INSERT INTO _emdash_redirects (id, source, destination) VALUES ('x', '/posts/b2', '/posts/other')"
        site.sql(back)
        renamed = {"title": "T", "_slug": "b2"}
        due_post(site, "b", draft=renamed, lock={"slug": "b2"}, status="published", live={})
        due_post(site, "c", draft={"title": "T", "_slug": "c2"}, lock={"slug": "c2"})
        outcomes(site)
        assert site.sql("SELECT source, destination, type, auto, enabled, is_pattern FROM _emdash_redirects") == [
            ("/posts/b", "/posts/b2", 301, 1, 1, 0)
        ]

    @pytest.mark.parametrize("version", VERSIONS)
    def test_a_redirect_that_somebody_set_up_for_the_old_address_stays_the_only_one(
        self, site: Site, version: str
    ) -> None:
        site.use_layout(version)
        site.sql("INSERT INTO _emdash_redirects (id, source, destination) VALUES ('x', '/posts/b', '/elsewhere')")
        due_post(site, "b", draft={"title": "T", "_slug": "b2"}, lock={"slug": "b2"}, status="published", live={})
        outcomes(site)
        assert site.sql("SELECT source, destination FROM _emdash_redirects") == [("/posts/b", "/elsewhere")]

    @pytest.mark.parametrize("version", VERSIONS)
    def test_a_change_that_leaves_the_address_redirects_nothing(self, site: Site, version: str) -> None:
        site.use_layout(version)
        due_post(site, "b", draft={"title": "T"}, status="published", live={})
        outcomes(site)
        assert site.sql("SELECT source FROM _emdash_redirects") == []
        assert site.sql("SELECT path, path_before FROM publish_outbox") == [("/posts/b", None)]

    def test_on_0_32_links_of_other_collections_stay_as_they_are(self, site: Site) -> None:
        site.use_layout("0.32")
        due_post(site, "a")
        site.insert("content_taxonomies", collection="pages", entry_id="A", taxonomy_id="T", status="draft")
        outcomes(site)
        assert site.sql("SELECT status FROM content_taxonomies") == [("draft",)]

    def test_on_0_32_its_term_links_say_that_it_is_published(self, site: Site) -> None:
        site.use_layout("0.32")
        due_post(site, "a")
        due_post(site, "held", lock={"data": "{}"})
        for post in ("A", "HELD"):
            site.insert("content_taxonomies", collection="posts", entry_id=post, taxonomy_id="T", status="scheduled")
        outcomes(site, code=3)
        stamps = site.sql("SELECT entry_id, status, published_at, scheduled_at, deleted_at, locale, created_at"
                          " FROM content_taxonomies ORDER BY 1")  # fmt: skip
        assert stamps[0] == ("A", "published", ago(hours=1), None, None, "en", ago(days=30))
        assert stamps[1][:2] == ("HELD", "draft"), "and not that what is held is scheduled"

    def test_on_0_34_the_new_revision_is_queued_for_pruning(self, site: Site) -> None:
        site.use_layout("0.34")
        due_post(site, "a")
        site.insert("_emdash_revision_prune_queue", collection="posts", entry_id="A", revision_id="X")
        outcomes(site)
        assert site.sql("SELECT * FROM _emdash_revision_prune_queue") == [("posts", "A", "DRAFT-A")]

    def test_the_search_of_emdash_finds_the_new_text_only(self, site: Site) -> None:
        site.use_layout("0.32")
        due_post(site, "a", "fresh")
        outcomes(site)
        found = "SELECT count(*) FROM _emdash_fts_posts WHERE _emdash_fts_posts MATCH ?"
        assert (site.sql(found, "fresh"), site.sql(found, "old")) == ([(1,)], [(0,)])


@freeze_time(NOW)
class TestWhatIsDue:
    @pytest.mark.parametrize(
        ("when", "due"),
        [
            (ago(), True),
            (ahead(milliseconds=1), False),
            ("2026-06-15T12:00:00Z", True),
            ("2026-06-15T12:00:01Z", False),
            ("2026-06-15 12:00:00", True),
            ("2026-06-15 12:00:01", False),
            ("2026-06-15", True),
            ("2026-06-16", False),
            ("2026-06-15T14:00:00+02:00", True),
            ("2026-06-15T14:00:01+02:00", False),
            ("2026-06-16T02:00:00.000+14:00", True),
            ("2026-06-16T02:00:00.001+14:00", False),
            ("2026-06-15T00:00:00-12:00", True),
            ("2026-06-15T00:00:01-12:00", False),
        ],
    )
    def test_by_the_instant_whatever_its_text(self, any_site: Site, when: str, *, due: bool) -> None:
        due_post(any_site, "a", scheduled_at=when, lock=None)
        assert outcomes(any_site) == ({"a": UNLOCKED} if due else {})

    @pytest.mark.parametrize("when", ["2026-06-15 13:00:00", "2026-06-15T13:00:00-08:00"])
    def test_texts_that_sort_before_now_do_not_fill_the_group(self, site: Site, when: str) -> None:
        for number in range(3):
            due_post(site, f"later-{number}", scheduled_at=when)
        due_post(site, "due", scheduled_at=ago(minutes=1))
        assert outcomes(site, "--limit", "1") == {"due": PUBLISHED}

    @pytest.mark.parametrize("columns", [{"status": "draft"}, {"status": "archived"}])
    def test_not_what_is_neither_scheduled_nor_published(self, site: Site, columns: dict[str, str]) -> None:
        due_post(site, "a", **columns)
        before = site.post("a")
        assert outcomes(site) == {}
        assert site.post("a") == before

    def test_published_at_alone_counts_on_the_embedded_store(self, site: Site) -> None:
        give_post(site, "due", published_at="2026-06-15 10:00:00")
        give_post(site, "due-too", published_at="2026-06-15T13:30:00+02:00")
        give_post(site, "later", published_at=ahead(hours=1))
        assert outcomes(site) == {"due": UNLOCKED, "due-too": UNLOCKED}
        assert site.post("due")["published_at"] == "2026-06-15T10:00:00.000Z"

    @pytest.mark.parametrize("version", VERSIONS)
    def test_and_not_on_a_site(self, site: Site, version: str) -> None:
        site.use_layout(version)
        give_post(site, "a", published_at=ago(hours=2))
        assert outcomes(site) == {}

    def test_the_oldest_first_and_no_more_than_the_limit(self, site: Site) -> None:
        for days in (1, 3, 2):
            due_post(site, f"of-{days}", scheduled_at=ago(days=days))
        assert list(outcomes(site, "--limit", "2")) == ["of-3", "of-2"]
        assert list(outcomes(site, "--limit", "2")) == ["of-1"]

    def test_after_three_days_of_absence(self, site: Site) -> None:
        """Each at the time that it was meant for."""
        for number in range(4):
            site.write(f"queue/{number}.json", {"title": f"T{number}", "body_text": "b", "slug": f"s{number}",
                                                "publish_at": ahead(days=number, hours=1)})  # fmt: skip
        site.run("publish-queue").succeeds()
        with freeze_time(NOW + timedelta(days=3)):
            assert list(outcomes(site)) == ["s0", "s1", "s2"]
        assert [site.post(f"s{n}")["published_at"] for n in range(4)] == [
            ahead(hours=1), ahead(days=1, hours=1), ahead(days=2, hours=1), None,
        ]  # fmt: skip

    def test_an_interval_without_watching_is_refused(self, site: Site) -> None:
        due_post(site, "a")
        site.run("sweep", "--every", "60").fails(2, "--every has no effect without --watch", "add --watch")
        assert list(outcomes(site)) == ["a"]
