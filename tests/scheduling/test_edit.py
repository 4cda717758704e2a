"""`emdash edit`: a new draft, and what it keeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.domain.instants import zone_named
from emdash_cli.domain.portable_text import from_markdown
from emdash_cli.scheduling import edit
from emdash_cli.scheduling.edits import read_file
from tests.emdash_databases.databases import VERSIONS
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, body, give_post, outcomes
from tests.harness.sessions import session_in
from tests.scheduling.support import MARKDOWN, a_draft, a_published_post, edited

if TYPE_CHECKING:
    from tests.harness.site import Site


@freeze_time(NOW)
class TestEdit:
    def test_a_draft_gets_a_new_revision_and_keeps_what_the_file_does_not_mention(self, site: Site) -> None:
        a_draft(site)
        before = site.post("a")
        data = edited(site)
        content = json.loads(from_markdown("Some **new** text.\n").json)
        assert data == {"title": "New title", "content": content, "excerpt": "By hand", "subtitle": "Kept"}
        after = site.post("a")
        assert after["draft_revision_id"] != "DRAFT-A"
        expected = {"draft_revision_id": after["draft_revision_id"], "version": 2}
        assert after == before | expected, "the columns stay as they are until the draft is published"
        assert site.row("revisions", id="DRAFT-A"), "the old draft is history"

    def test_what_is_live_stays_live_until_the_draft_is_swept(self, site: Site) -> None:
        a_published_post(site)
        edited(site)
        row = site.post("a")
        assert (row["title"], row["live_revision_id"], row["status"]) == ("Old title", "LIVE-A", "published")
        site.run("schedule", "a", "--at", "now").succeeds()
        assert outcomes(site) == {"a": ("published", "")}
        assert site.post("a")["title"] == "New title"

    def test_a_queue_file_with_everything(self, site: Site) -> None:
        a_published_post(site)
        document = {
            "title": "T",
            "content": body("blocks"),
            "excerpt": "In short",
            "featured_image": {"src": "https://example.org/a.png", "alt": "A"},
            "slug": "new-slug",
            "tags": ["x"],
            "publish_at": ahead(days=1),
            "metadata": {"cost_usd": 1},
        }
        path = site.write("new.json", document)
        result = site.run("edit", "a", "--file", path, "--json").succeeds().json
        assert result["fields"] == ["title", "content", "excerpt", "featured_image", "slug", "tags"]
        assert result["not_changed"] == ["publish_at", "status", "metadata"]
        assert result["at_once"] == ["tags"]
        data = json.loads(site.row("revisions", id=site.post("a")["draft_revision_id"])["data"])
        image = {"provider": "external", "id": "", "src": "https://example.org/a.png", "alt": "A"}
        assert data == {
            "title": "T", "content": body("blocks"), "excerpt": "In short", "featured_image": image,
            "_slug": "new-slug",
        }  # fmt: skip

    def test_an_excerpt_that_was_the_first_paragraph_follows_the_text(self, site: Site) -> None:
        a_published_post(site)
        assert edited(site)["excerpt"] == "Some new text."

    def test_a_staged_slug_is_taken_back_by_naming_the_present_one(self, site: Site) -> None:
        a_draft(site, draft={"title": "T", "content": body("x"), "_slug": "b"})
        assert edited(site)["_slug"] == "b"
        assert "_slug" not in edited(site, "---\ntitle: T\nslug: a\n---\nx\n")

    def test_a_draft_that_has_its_text_in_the_columns_only(self, site: Site) -> None:
        a_draft(site, draft=None, excerpt="Column")
        assert edited(site)["excerpt"] == "Column"

    def test_the_same_again_is_no_change(self, site: Site) -> None:
        a_draft(site)
        edited(site)
        before = site.dump()
        done = site.run("edit", "a", "--file", "new.md").succeeds()
        assert done.lines == ["unchanged\ta\ten"]
        assert site.dump() == before

    def test_a_dry_run_changes_nothing(self, site: Site) -> None:
        a_draft(site)
        before = site.dump()
        done = site.run("edit", "a", "--file", site.write("new.md", MARKDOWN), "--dry-run").succeeds()
        assert done.lines == [
            "would be edited\ta\ten\ttitle, content",
            "--- as it is now",
            "+++ as edited",
            "@@ -1,5 +1,5 @@",
            "-title: Old title",
            "+title: New title",
            " slug: a",
            " excerpt: By hand",
            " ",
            "-old",
            "+Some **new** text.",
        ]
        assert site.dump() == before

    def test_it_is_in_the_audit_table(self, site: Site) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=30)
        a_draft(site, author_id="U1")
        edited(site, MARKDOWN, "new.md", "--as", "ada@example.com")
        row = site.row("pipeline_audit", action="edited")
        assert (row["actor"], row["post_id"], row["at"]) == ("user:ada@example.com", "A", ago())
        assert json.loads(row["detail"])["fields"] == ["title", "content"]

    @pytest.mark.parametrize("columns", [{"status": "scheduled"}, {"status": "published", "live": {}}])
    def test_a_scheduled_post_is_locked(self, site: Site, columns: dict[str, Any]) -> None:
        a_draft(site, scheduled_at=ahead(hours=1), **columns)
        before = site.dump()
        words = ("scheduled for", "13:00 UTC", "emdash unschedule a")
        site.run("edit", "a", "--file", site.write("new.md", MARKDOWN)).fails(3, *words)
        assert site.dump() == before
        site.run("unschedule", "a").succeeds()
        assert edited(site)["title"] == "New title"

    @pytest.mark.parametrize(
        ("content", "name", "code", "words"),
        [
            ("---\ntitle: T\nslug: taken\n---\nx\n", "new.md", 3, ("taken (en) belongs to post TAKEN",)),
            ("---\ntitle: T\ntitel: U\n---\nx\n", "new.md", 2, ("new.md", "titel")),
            ('{"title": "T"}', "new.json", 2, ("new.json",)),
            (b"---\ntitle: no end\n", "new.md", 2, ("has no end",)),
            (b"\xff\xfe", "new.md", 2, ("not UTF-8",)),
            (b"x" * 2_000_001, "new.md", 2, ("2,000,001 bytes",)),
        ],
    )
    def test_what_a_file_may_not_say(
        self, site: Site, content: object, name: str, code: int, words: tuple[str, ...]
    ) -> None:
        give_post(site, "taken", status="published", live={})
        a_draft(site)
        before = site.dump()
        site.run("edit", "a", "--file", site.write(name, content)).fails(code, *words)
        assert site.dump() == before

    def test_no_file_no_post_no_status(self, site: Site) -> None:
        a_draft(site)
        site.run("edit", "a", "--file", "nowhere.md").fails(2, "nowhere.md", "No such file")
        path = site.write("new.md", MARKDOWN)
        site.run("edit", "b", "--file", path).fails(3, "there is no post b")
        site.sql("UPDATE ec_posts SET status = 'archived'")
        site.run("edit", "a", "--file", path).fails(3, "status archived")

    def test_the_locale_of_the_file_says_which_post(self, site: Site) -> None:
        a_draft(site)
        a_draft(site, id="GERMAN", locale="de", draft=None)
        path = site.write("new.md", "---\ntitle: Neu\nlocale: de\n---\nx\n")
        assert site.run("edit", "a", "--file", path, "--json").succeeds().json["post_id"] == "GERMAN"
        site.run("edit", "a", "--file", site.write("other.md", MARKDOWN)).fails(2, "in de and en")

    @pytest.mark.parametrize(
        ("role", "owner", "may"),
        [(20, "U1", False), (30, "U1", True), (30, "U2", False), (30, None, False), (40, "U2", True)],
    )
    def test_authors_edit_their_own(self, site: Site, role: int, owner: str | None, *, may: bool) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=role)
        a_draft(site, author_id=owner)
        result = site.run("edit", "a", "--file", site.write("new.md", MARKDOWN), "--as", "Ada")
        assert result.code == (0 if may else 4), result

    def test_a_byline_makes_a_post_one_s_own(self, site: Site) -> None:
        site.insert("users", id="U1", email="ada@example.com", name="Ada", role=30)
        byline = {"slug": "ada", "display_name": "Ada", "user_id": "U1", "translation_group": "G"}
        site.insert("_emdash_bylines", id="B1", **byline)
        a_draft(site, primary_byline_id="G")
        site.run("edit", "a", "--file", site.write("new.md", MARKDOWN), "--as", "Ada").succeeds()

    @pytest.mark.parametrize("version", VERSIONS)
    def test_on_a_database_of_emdash(self, site: Site, version: str) -> None:
        site.use_layout(version)
        a_published_post(site)
        edited(site)
        if version == "0.34":
            revision = site.post("a")["draft_revision_id"]
            assert site.sql("SELECT * FROM _emdash_revision_prune_queue") == [("posts", "A", revision)]
        assert site.sql("PRAGMA foreign_key_check") == []


@freeze_time(NOW)
class TestRequests:
    def edited(self, site: Site, port: Port) -> edit.Edited:
        file = read_file(site.write("new.md", MARKDOWN), zone_named("UTC"), NOW)
        session = session_in(port, clock=lambda: NOW)
        return edit.edit(session, edit.open_post(session, edit.EditTarget("a", None, is_preview=False)), file)

    def test_one_that_is_sent_twice_edits_once(self, site: Site) -> None:
        a_draft(site)
        assert self.edited(site, SendsTwice(site)).outcome == "edited"
        assert site.post("a")["version"] == 2
        assert site.sql("SELECT count(*) FROM revisions") == [(2,)]

    @pytest.mark.parametrize("after", [1, 2])
    def test_what_somebody_else_changes_meanwhile_is_not_overwritten(self, site: Site, after: int) -> None:
        a_draft(site)
        port = Interrupted(site, lambda: site.sql("UPDATE ec_posts SET version = 9"), after)
        with pytest.raises(RefusedChangeError, match="somebody else has just changed"):
            self.edited(site, port)
        assert site.post("a")["draft_revision_id"] == "DRAFT-A"

    def test_a_draft_that_emdash_rewrites_in_place_is_not_overwritten(self, site: Site) -> None:
        """As its autosave does up to 0.32: neither version nor pointers change."""
        a_draft(site)
        rewrite = "UPDATE revisions SET data = json_set(data, '$.title', 'Theirs')"
        with pytest.raises(RefusedChangeError, match="somebody else has just changed"):
            self.edited(site, Interrupted(site, lambda: site.sql(rewrite), 2))
        assert site.post("a")["draft_revision_id"] == "DRAFT-A"
