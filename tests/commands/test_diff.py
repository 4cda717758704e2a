"""`emdash diff`: what a draft changes, and what was changed since it was scheduled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from tests.commands.editing import a_draft, a_published_post, edited
from tests.scheduling_helpers import NOW, body, compact, due_post, outcomes

if TYPE_CHECKING:
    from tests.commands.cli import Cli


@freeze_time(NOW)
class TestDiff:
    def test_what_was_reviewed_against_the_draft_as_it_is_now(self, blog: Cli) -> None:
        due_post(blog, "a", "new")
        changed = {"title": "About b", "content": body("newer"), "_slug": "b", "rating": 5}
        blog.sql("UPDATE revisions SET data = ?", compact(changed))
        outcomes(blog, code=3)
        result = blog("diff", "a").succeeds()
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

    def test_live_against_draft(self, blog: Cli) -> None:
        a_published_post(blog)
        edited(blog)
        document = blog("diff", "a", "--json").succeeds().json
        assert (document["before"], document["after"]) == ("as it is live", "as it is in the draft")
        assert document["fields"] == ["title", "content", "excerpt"]
        assert [line for line in document["lines"] if line.startswith("+")][1:] == [
            "+title: New title", "+excerpt: Some new text.", "+Some **new** text.",
        ]  # fmt: skip

    def test_a_slug_that_was_changed_in_place(self, blog: Cli) -> None:
        due_post(blog, "a")
        blog.sql("UPDATE ec_posts SET slug = 'b'")
        document = blog("diff", "b", "--json").succeeds().json
        assert document["fields"] == ["slug"]
        assert {"-slug: a", "+slug: b"} <= set(document["lines"])

    @pytest.mark.parametrize(
        ("make", "words"),
        [
            (lambda blog: due_post(blog, "a"), "says the same"),
            (a_draft, "no change that waits"),
            (a_published_post, "no change that waits"),
            (lambda blog: a_draft(blog, draft=None), "no change that waits"),
        ],
    )
    def test_nothing_changed(self, blog: Cli, make: Any, words: str) -> None:
        make(blog)
        result = blog("diff", "a").succeeds()
        assert result.out == ""
        assert words in result.err

    @pytest.mark.parametrize("data", ["{broken", '"text"', '{"content": "a Markdown string"}', '{"content": [1]}'])
    def test_a_draft_that_is_no_good_is_shown_as_it_is(self, blog: Cli, data: str) -> None:
        due_post(blog, "a")
        blog.sql("UPDATE revisions SET data = ?", data)
        assert blog("diff", "a").succeeds().out != ""

    def test_no_such_post(self, blog: Cli) -> None:
        blog("diff", "a").fails(3, "there is no post a")
