"""`emdash history`: how a post came to be what it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.domain.post_text import changes

if TYPE_CHECKING:
    from tests.harness.site import Site

NOW = "2026-06-10T12:00:00Z"


def body(*paragraphs: str) -> list[dict[str, Any]]:
    return [{"_type": "block", "children": [{"_type": "span", "text": text}]} for text in paragraphs]


def revise(site: Site, name: str, second: int, **fields: Any) -> None:
    """A revision as EmDash writes it, whose own clock tells seconds."""
    site.sql(
        "INSERT INTO revisions (id, collection, entry_id, data, created_at)"
        " SELECT ?, 'posts', id, ?, ? FROM ec_posts WHERE slug = 'a'",
        *(name, json.dumps({"title": "A", **fields}), f"2026-06-11 00:00:{second:02}"),
    )


@pytest.fixture
def post(site: Site) -> Site:
    with freeze_time(NOW):
        site.write("queue/01-a.json", {"title": "A", "slug": "a", "body_text": "one two three"})
        site.run("publish-queue").succeeds()
    # freezegun does not reach SQLite's own clock.
    site.sql("UPDATE revisions SET created_at = '2026-06-10 12:00:00'")
    return site


def events(site: Site, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.run("history", "a", "--json", *words).succeeds().json["events"]
    return found


def test_it_begins_with_the_file_and_the_first_revision(post: Site) -> None:
    source, first = events(post)
    assert (source["kind"], source["file"], source["stream"], source["slug"]) == ("source", "01-a.json", "default", "a")
    assert (first["kind"], first["marks"], first["words"], first["changes"]) == ("revision", ["live"], 3, None)


def test_each_revision_tells_what_it_changed(post: Site) -> None:
    revise(post, "Z2", 2, content=body("one two three four"), excerpt="E")
    revise(post, "Z1", 1, content=body("one three"))
    post.sql("UPDATE ec_posts SET draft_revision_id = 'Z2'")
    _, _, second, third = events(post)
    assert (second["id"], third["id"], third["marks"]) == ("Z1", "Z2", ["draft"])
    assert second["changes"]["changed"] == ["content"]
    assert (second["changes"]["words_added"], second["changes"]["words_removed"]) == (0, 1)
    assert third["changes"] == {
        "added": ["excerpt"],
        "removed": [],
        "changed": ["content"],
        "words_added": 2,
        "words_removed": 0,
    }


def test_what_was_done_stands_between_and_the_lock_is_told(post: Site) -> None:
    with freeze_time("2026-06-10T13:00:00Z"):
        post.write("queue/02-b.json", {"title": "B", "slug": "b", "body_text": "text", "status": "draft"})
        post.run("publish-queue").succeeds()
        post.run("schedule", "b", "--at", "2026-06-20 09:00").succeeds()
    document = post.run("history", "b", "--json").succeeds().json
    deed = next(event for event in document["events"] if event["kind"] == "action")
    assert (deed["action"], deed["at"], deed["detail"]["scheduled_at"]) == (
        "scheduled",
        "2026-06-10T13:00:00.000Z",
        "2026-06-20T09:00:00.000Z",
    )
    assert deed["who"] == document["lock"]["by"]
    assert document["lock"]["is_changed"] is False
    revision = next(event for event in document["events"] if event["kind"] == "revision")
    assert revision["marks"] == ["draft", "locked"]
    post.sql('UPDATE revisions SET data = \'{"title": "other"}\' WHERE id = ?', revision["id"])
    assert post.run("history", "b", "--json").succeeds().json["lock"]["is_changed"] is True
    assert "emdash diff" in post.run("history", "b").succeeds().err


def test_in_a_pipe_an_event_is_a_line(post: Site) -> None:
    revise(post, "Z1", 1, content=body("one three"))
    lines = [line.split("\t") for line in post.run("history", "a").succeeds().lines]
    assert [line[1] for line in lines] == ["published", "revision", "revision"]
    assert lines[0][4].startswith("from 01-a.json of stream default")
    assert lines[2] == [
        "2026-06-11T00:00:01.000Z",
        "revision",
        "",
        "",
        "2 words: removed excerpt; changed content; +0 -1 words",
        "Z1",
    ]


def details(site: Site, slug: str) -> list[tuple[str, str]]:
    """What the audit table tells of a post, as a person reads it."""
    rows = [line.split("\t") for line in site.run("history", slug).succeeds().lines]
    return [(row[1], row[4]) for row in rows if row[1] != "revision" and not row[4].startswith("from ")]


def test_a_person_reads_words_and_no_names_of_columns(post: Site) -> None:
    with freeze_time("2026-06-10T13:00:00Z"):
        post.write("queue/02-b.json", {"title": "B", "slug": "b", "body_text": "text", "status": "draft"})
        post.run("publish-queue").succeeds()
        post.write("b.md", "---\ntitle: Better\n---\ntext\n")
        post.run("edit", "b", "--file", "b.md").succeeds()
        post.run("schedule", "b", "--at", "2026-06-20 09:00").succeeds()
        post.run("reschedule", "b", "--at", "2026-06-19 09:00").succeeds()
    with freeze_time("2026-06-19T10:00:00Z"):
        post.run("sweep").succeeds()
    assert sorted(details(post, "b")) == [
        ("edited", "changed title"),
        ("published", "due 2026-06-19T09:00:00.000Z"),
        ("rescheduled", "for 2026-06-19T09:00:00.000Z, was to go live 2026-06-20T09:00:00.000Z"),
        ("scheduled", "for 2026-06-20T09:00:00.000Z"),
    ]
    kept = [event["detail"] for event in post.run("history", "b", "--json").json["events"] if event["kind"] == "action"]
    assert {"version", "form", "wanted"} <= kept[-1].keys()


KEPT: dict[str, tuple[dict[str, Any], str]] = {
    "a reason": ({"code": "slug_taken", "reason": "another post has it", "form": "other"}, "another post has it"),
    "a code": ({"code": "published_elsewhere"}, "EmDash published it first, with the text that was reviewed"),
    "an unknown code": ({"code": "moon"}, "moon"),
    "a fate": ({"fate": "columns", "version": 3, "revision": "R"}, "a revision was created from its own text"),
    "a slug": (
        {"status_before": "published", "slug_before": "old", "slug_after": "new"},
        "a change to a published post, slug new instead of old",
    ),
    "a date": ({"wanted": "2026-06-19", "published_at": "2026-06-01"}, "due 2026-06-19, dated 2026-06-01"),
    "another tool's": ({"why_not": ["a", 1], "n": 2, "empty": None}, "why not a, 1, n 2"),
}


@pytest.mark.parametrize(("detail", "reported"), KEPT.values(), ids=KEPT)
def test_what_the_audit_table_keeps_in_words(post: Site, detail: dict[str, Any], reported: str) -> None:
    post.sql(
        "INSERT INTO pipeline_audit (id, at, actor, action, post_id, detail)"
        " SELECT 'X', '2026-06-11T00:00:00.000Z', 'somebody', 'done', id, ? FROM ec_posts",
        json.dumps(detail),
    )
    assert details(post, "a") == [("done", reported)]


def test_a_revision_that_cannot_be_read_stops_nothing(post: Site) -> None:
    post.sql(
        "INSERT INTO revisions (id, collection, entry_id, data, created_at)"
        " SELECT 'Z1', 'posts', id, '{', 'never' FROM ec_posts"
    )
    broken = next(event for event in events(post) if event.get("id") == "Z1")
    assert (broken["at"], broken["changes"]) == (None, None)


def test_many_long_revisions_are_read_in_parts(post: Site) -> None:
    for number in range(8):
        revise(post, f"Z{number}", number, content=body("word " * 200_000 + str(number)))
    found = [event for event in events(post) if event["kind"] == "revision"]
    assert [event["words"] for event in found] == [3, *[200_001] * 8]
    assert {event["changes"]["words_added"] for event in found[2:]} == {1}


def test_a_post_in_the_trash_and_one_without_revisions_have_a_history(post: Site) -> None:
    post.sql("UPDATE ec_posts SET deleted_at = '2026-06-11T00:00:00.000Z'")
    assert post.run("history", "a", "--json").succeeds().json["status"] == "trashed"
    post.sql("INSERT INTO ec_posts (id, slug, title) VALUES ('B', 'b', 'B')")
    result = post.run("history", "b").succeeds()
    assert result.out == ""
    assert "there are no revisions" in result.err


def test_a_slug_that_is_none_or_in_two_languages_is_refused(post: Site) -> None:
    post.run("history", "c").fails(3, "there is no post")
    post.sql("INSERT INTO ec_posts (id, slug, locale) VALUES ('D', 'a', 'de')")
    post.run("history", "a").fails(2, "--locale")
    assert post.run("history", "a", "--locale", "de", "--json").succeeds().json["post_id"] == "D"


def test_a_word_that_is_exchanged_counts_both_ways_and_one_that_moved_in_its_passage_not_at_all() -> None:
    def words(old: list[str], new: list[str]) -> tuple[int, int]:
        found = changes({"content": body(*old)}, {"content": body(*new)}, "content")
        return found.words_added, found.words_removed

    assert words(["a b c"], ["a x c"]) == (1, 1)
    assert words(["a b c"], ["c b a"]) == (0, 0)
    assert words(["a", "b"], ["a", "x y", "b"]) == (2, 0)
    assert words([], ["a b"]) == (2, 0)
    assert words(["same"], ["same"]) == (0, 0)


def test_a_field_that_was_emptied_is_removed() -> None:
    found = changes({"title": "A", "excerpt": "E", "x": None}, {"title": "B", "excerpt": None}, "content")
    assert (found.added, found.removed, found.changed) == ((), ("excerpt",), ("title",))
    assert not changes({"a": 1}, {"a": 1}, "content")
