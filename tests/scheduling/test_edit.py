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
from tests.harness.emdash_sites import VERSIONS, emdash_site
from tests.harness.posts import (
    NOW,
    Interrupted,
    Port,
    SendsTwice,
    ago,
    ahead,
    body,
    dump,
    give_post,
    insert,
    outcomes,
    post_row,
    read,
)
from tests.harness.sessions import session_in
from tests.scheduling.editing import MARKDOWN, a_draft, a_published_post, edited

if TYPE_CHECKING:
    from tests.harness.cli import Cli


@freeze_time(NOW)
class TestEdit:
    def test_a_draft_gets_a_new_revision_and_keeps_what_the_file_does_not_mention(self, blog: Cli) -> None:
        a_draft(blog)
        before = post_row(blog, "a")
        data = edited(blog)
        content = json.loads(from_markdown("Some **new** text.\n").json)
        assert data == {"title": "New title", "content": content, "excerpt": "By hand", "subtitle": "Kept"}
        after = post_row(blog, "a")
        assert after["draft_revision_id"] != "DRAFT-A"
        expected = {"draft_revision_id": after["draft_revision_id"], "version": 2, "updated_at": ago()}
        assert after == before | expected, "the columns stay as they are until the draft is published"
        assert read(blog, "revisions", id="DRAFT-A"), "the old draft is history"

    def test_what_is_live_stays_live_until_the_draft_is_swept(self, blog: Cli) -> None:
        a_published_post(blog)
        edited(blog)
        row = post_row(blog, "a")
        assert (row["title"], row["live_revision_id"], row["status"]) == ("Old title", "LIVE-A", "published")
        blog("schedule", "a", "--at", "now").succeeds()
        assert outcomes(blog) == {"a": ("published", "")}
        assert post_row(blog, "a")["title"] == "New title"

    def test_a_queue_file_with_everything(self, blog: Cli) -> None:
        a_published_post(blog)
        document = {
            "title": "T",
            "content": body("blocks"),
            "excerpt": "In short",
            "featured_image": {"src": "https://example.org/a.png", "alt": "A"},
            "slug": "new-slug",
            "tags": ["x"],
            "publish_at": ahead(days=1),
        }
        path = blog.write("new.json", document)
        result = blog("edit", "a", "--file", path, "--json").succeeds().json
        assert result["fields"] == ["title", "content", "excerpt", "featured_image", "slug", "tags"]
        assert result["not_changed"] == ["publish_at", "status"]
        assert result["at_once"] == ["tags"]
        data = json.loads(read(blog, "revisions", id=post_row(blog, "a")["draft_revision_id"])["data"])
        image = {"provider": "external", "id": "", "src": "https://example.org/a.png", "alt": "A"}
        assert data == {
            "title": "T", "content": body("blocks"), "excerpt": "In short", "featured_image": image,
            "_slug": "new-slug",
        }  # fmt: skip

    def test_an_excerpt_that_was_the_first_paragraph_follows_the_text(self, blog: Cli) -> None:
        a_published_post(blog)
        assert edited(blog)["excerpt"] == "Some new text."

    def test_a_staged_slug_is_taken_back_by_naming_the_present_one(self, blog: Cli) -> None:
        a_draft(blog, draft={"title": "T", "content": body("x"), "_slug": "b"})
        assert edited(blog)["_slug"] == "b"
        assert "_slug" not in edited(blog, "---\ntitle: T\nslug: a\n---\nx\n")

    def test_a_draft_that_has_its_text_in_the_columns_only(self, blog: Cli) -> None:
        a_draft(blog, draft=None, excerpt="Column")
        assert edited(blog)["excerpt"] == "Column"

    def test_the_same_again_is_no_change(self, blog: Cli) -> None:
        a_draft(blog)
        edited(blog)
        before = dump(blog)
        done = blog("edit", "a", "--file", "new.md").succeeds()
        assert done.lines == ["unchanged\ta\ten"]
        assert dump(blog) == before

    def test_a_dry_run_changes_nothing(self, blog: Cli) -> None:
        a_draft(blog)
        before = dump(blog)
        done = blog("edit", "a", "--file", blog.write("new.md", MARKDOWN), "--dry-run").succeeds()
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
        assert dump(blog) == before

    def test_it_is_in_the_audit_table(self, blog: Cli) -> None:
        insert(blog, "users", id="U1", email="ada@example.com", name="Ada", role=30)
        a_draft(blog, author_id="U1")
        edited(blog, MARKDOWN, "new.md", "--as", "ada@example.com")
        row = read(blog, "pipeline_audit", action="edited")
        assert (row["actor"], row["post_id"], row["at"]) == ("user:ada@example.com", "A", ago())
        assert json.loads(row["detail"])["fields"] == ["title", "content"]

    @pytest.mark.parametrize("columns", [{"status": "scheduled"}, {"status": "published", "live": {}}])
    def test_a_scheduled_post_is_locked(self, blog: Cli, columns: dict[str, Any]) -> None:
        a_draft(blog, scheduled_at=ahead(hours=1), **columns)
        before = dump(blog)
        words = ("scheduled for", "13:00 UTC", "emdash unschedule a")
        blog("edit", "a", "--file", blog.write("new.md", MARKDOWN)).fails(3, *words)
        assert dump(blog) == before
        blog("unschedule", "a").succeeds()
        assert edited(blog)["title"] == "New title"

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
        self, blog: Cli, content: object, name: str, code: int, words: tuple[str, ...]
    ) -> None:
        give_post(blog, "taken", status="published", live={})
        a_draft(blog)
        before = dump(blog)
        blog("edit", "a", "--file", blog.write(name, content)).fails(code, *words)
        assert dump(blog) == before

    def test_no_file_no_post_no_status(self, blog: Cli) -> None:
        a_draft(blog)
        blog("edit", "a", "--file", "nowhere.md").fails(2, "nowhere.md", "No such file")
        path = blog.write("new.md", MARKDOWN)
        blog("edit", "b", "--file", path).fails(3, "there is no post b")
        blog.sql("UPDATE ec_posts SET status = 'archived'")
        blog("edit", "a", "--file", path).fails(3, "status archived")

    def test_the_locale_of_the_file_says_which_post(self, blog: Cli) -> None:
        a_draft(blog)
        a_draft(blog, id="GERMAN", locale="de", draft=None)
        path = blog.write("new.md", "---\ntitle: Neu\nlocale: de\n---\nx\n")
        assert blog("edit", "a", "--file", path, "--json").succeeds().json["post_id"] == "GERMAN"
        blog("edit", "a", "--file", blog.write("other.md", MARKDOWN)).fails(2, "in de and en")

    @pytest.mark.parametrize(
        ("role", "owner", "may"),
        [(20, "U1", False), (30, "U1", True), (30, "U2", False), (30, None, False), (40, "U2", True)],
    )
    def test_authors_edit_their_own(self, blog: Cli, role: int, owner: str | None, *, may: bool) -> None:
        insert(blog, "users", id="U1", email="ada@example.com", name="Ada", role=role)
        a_draft(blog, author_id=owner)
        result = blog("edit", "a", "--file", blog.write("new.md", MARKDOWN), "--as", "Ada")
        assert result.code == (0 if may else 4), result

    def test_a_byline_makes_a_post_one_s_own(self, blog: Cli) -> None:
        insert(blog, "users", id="U1", email="ada@example.com", name="Ada", role=30)
        byline = {"slug": "ada", "display_name": "Ada", "user_id": "U1", "translation_group": "G"}
        insert(blog, "_emdash_bylines", id="B1", **byline)
        a_draft(blog, primary_byline_id="G")
        blog("edit", "a", "--file", blog.write("new.md", MARKDOWN), "--as", "Ada").succeeds()

    @pytest.mark.parametrize("version", VERSIONS)
    def test_on_a_database_of_emdash(self, blog: Cli, version: str) -> None:
        emdash_site(blog, version)
        a_published_post(blog)
        edited(blog)
        if version == "0.34":
            revision = post_row(blog, "a")["draft_revision_id"]
            assert blog.sql("SELECT * FROM _emdash_revision_prune_queue") == [("posts", "A", revision)]
        assert blog.sql("PRAGMA foreign_key_check") == []


@freeze_time(NOW)
class TestRequests:
    def edited(self, blog: Cli, port: Port) -> edit.Edited:
        file = read_file(blog.write("new.md", MARKDOWN), zone_named("UTC"), NOW)
        session = session_in(port, clock=lambda: NOW)
        return edit.edit(session, edit.open_post(session, edit.EditTarget("a", None, is_preview=False)), file)

    def test_one_that_is_sent_twice_edits_once(self, blog: Cli) -> None:
        a_draft(blog)
        assert self.edited(blog, SendsTwice(blog)).outcome == "edited"
        assert post_row(blog, "a")["version"] == 2
        assert blog.sql("SELECT count(*) FROM revisions") == [(2,)]

    @pytest.mark.parametrize("after", [1, 2])
    def test_what_somebody_else_changes_meanwhile_is_not_overwritten(self, blog: Cli, after: int) -> None:
        a_draft(blog)
        port = Interrupted(blog, lambda: blog.sql("UPDATE ec_posts SET version = 9"), after)
        with pytest.raises(RefusedChangeError, match="just now"):
            self.edited(blog, port)
        assert post_row(blog, "a")["draft_revision_id"] == "DRAFT-A"

    def test_a_draft_that_emdash_rewrites_in_place_is_not_overwritten(self, blog: Cli) -> None:
        """As its autosave does up to 0.32: neither version nor pointers change."""
        a_draft(blog)
        rewrite = "UPDATE revisions SET data = json_set(data, '$.title', 'Theirs')"
        with pytest.raises(RefusedChangeError, match="just now"):
            self.edited(blog, Interrupted(blog, lambda: blog.sql(rewrite), 2))
        assert post_row(blog, "a")["draft_revision_id"] == "DRAFT-A"
