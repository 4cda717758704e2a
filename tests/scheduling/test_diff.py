"""`emdash diff`: what a draft changes, and what was changed since it was scheduled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.harness.posts import NOW, body, compact, due_post, outcomes
from tests.scheduling.support import a_draft, a_published_post, edited

if TYPE_CHECKING:
    from tests.harness.site import Site


@freeze_time(NOW)
class TestDiff:
    def test_what_was_reviewed_against_the_draft_as_it_is_now(self, site: Site) -> None:
        due_post(site, "a", "new")
        changed = {"title": "About b", "content": body("newer"), "_slug": "b", "rating": 5}
        site.sql("UPDATE revisions SET data = ?", compact(changed))
        outcomes(site, code=3)
        result = site.run("diff", "a").succeeds()
        assert result.lines == [
            "--- as it was scheduled by operator:ada, Sat 2026-06-06 12:00 UTC (2026-06-06T12:00:00Z)",
            "+++ as it is in the draft",
            "@@ -1,4 +1,5 @@",
            "-title: About a",
            "-slug: a",
            "+title: About b",
            "+slug: b",
            "+rating: 5",
            " ",
            "-new",
            "+newer",
        ]
        assert "held: its text was changed" in result.err

    def test_live_against_draft(self, site: Site) -> None:
        a_published_post(site)
        edited(site)
        document = site.run("diff", "a", "--json").succeeds().json
        assert (document["before"], document["after"]) == ("as it is live", "as it is in the draft")
        assert document["fields"] == ["title", "content", "excerpt"]
        assert [line for line in document["lines"] if line.startswith("+")][1:] == [
            "+title: New title", "+excerpt: Some new text.", "+Some **new** text.",
        ]  # fmt: skip

    def test_a_slug_that_was_changed_in_place(self, site: Site) -> None:
        due_post(site, "a")
        site.sql("UPDATE ec_posts SET slug = 'b'")
        document = site.run("diff", "b", "--json").succeeds().json
        assert document["fields"] == ["slug"]
        assert {"-slug: a", "+slug: b"} <= set(document["lines"])

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            (lambda site: due_post(site, "a"), "no difference between"),
            (a_draft, "no unpublished change"),
            (a_published_post, "no unpublished change"),
            (lambda site: a_draft(site, draft=None), "no unpublished change"),
        ],
    )
    def test_nothing_changed(self, site: Site, make: Any, words: str) -> None:
        make(site)
        result = site.run("diff", "a").succeeds()
        assert result.out == ""
        assert words in result.err

    @pytest.mark.parametrize("data", ["{broken", '"text"', '{"content": "a Markdown string"}', '{"content": [1]}'])
    def test_a_draft_that_is_no_good_is_shown_as_it_is(self, site: Site, data: str) -> None:
        due_post(site, "a")
        site.sql("UPDATE revisions SET data = ?", data)
        assert site.run("diff", "a").succeeds().out != ""

    @pytest.mark.parametrize(
        ("path", "lines"),
        [
            (
                "$.content[0].markDefs[0].blank",
                ["-content[0].markDefs[0].blank: true", "+content[0].markDefs[0].blank: 1"],
            ),
            ("$.content[0]._key", ['-content[0]._key: "b"', "+content[0]._key: 1"]),
            ("$.content[1].asset._ref", ['-content[1].asset._ref: "image-1"', "+content[1].asset._ref: 1"]),
            ("$.content[1].width", ["-content[1].width: 640", "+content[1].width: 1"]),
            ("$.content[1].new", ["+content[1].new: 1"]),
        ],
    )
    def test_a_change_that_markdown_does_not_show(self, site: Site, path: str, lines: list[str]) -> None:
        [paragraph] = body("a link")
        paragraph["markDefs"] = [{"_type": "link", "_key": "l", "href": "https://example.com/", "blank": True}]
        paragraph["children"][0]["marks"] = ["l"]
        asset = {"_ref": "image-1", "url": "/a.png"}
        image = {"_type": "image", "_key": "i", "asset": asset, "alt": "An image", "width": 640}
        due_post(site, "a", data={"content": [paragraph, image]})
        site.sql("UPDATE revisions SET data = json_set(data, ?, 1)", path)
        outcomes(site, code=3)
        result = site.run("diff", "a").succeeds()
        assert [line[:3] for line in result.lines[:2]] == ["---", "+++"]
        assert result.lines[2:] == lines
        assert "no difference between" not in result.err
        document = site.run("diff", "a", "--json").succeeds().json
        assert (document["lines"], document["fields"]) == ([], ["content"] if "blank" not in path else [])
        [value] = document["values"]
        assert value["after"] == 1
        assert ("before" in value) == (len(lines) == 2)

    def test_a_draft_that_is_only_stored_differently(self, site: Site) -> None:
        """The sweep compares texts."""
        due_post(site, "a")
        site.sql("UPDATE revisions SET data = ' ' || data")
        outcomes(site, code=3)
        result = site.run("diff", "a").fails(0, "no difference between", "the stored JSON differs")
        assert result.out == ""
        assert site.run("diff", "a", "--json").json["is_stored_differently"] is True

    def test_a_draft_that_is_lost(self, any_site: Site) -> None:
        due_post(any_site, "a", draft={"title": "Old title", "content": body("old"), "excerpt": None})
        assert any_site.run("diff", "a", "--json").json["is_draft_lost"] is False
        any_site.sql("UPDATE ec_posts SET draft_revision_id = NULL")
        outcomes(any_site, code=3)
        result = any_site.run("diff", "a").fails(0, "the draft that was scheduled no longer exists")
        assert result.out == ""
        document = any_site.run("diff", "a", "--json").json
        assert (document["is_draft_lost"], document["values"]) == (True, [])

    def test_no_such_post(self, site: Site) -> None:
        site.run("diff", "a").fails(3, "there is no post a")


def test_a_slug_that_was_given_is_not_the_live_one_any_more(any_site: Site) -> None:
    """Another tool has renamed the post since: both sides have the slug of today."""
    a_published_post(any_site)
    any_site.run("edit", "a", "--new-slug", "b").succeeds()
    any_site.run("schedule", "a", "--at", "now").succeeds()
    outcomes(any_site)
    any_site.sql("UPDATE ec_posts SET slug = 'c' WHERE slug = 'b'")
    any_site.run("edit", "c", "--title", "New").succeeds()
    assert any_site.run("diff", "c", "--json").succeeds().json["fields"] == ["title"]
    assert "slug: b" not in any_site.run("diff", "c").out
