"""Moving from another script: its posts are recognised, and entered into the ledger instead of refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.harness.posts import foreign_post

if TYPE_CHECKING:
    from tests.harness.site import Site

BODY = "# Hello\n\nWritten by *another* tool."
BLOCKS = [
    {"_type": "block", "_key": "x", "style": "h1", "children": [{"_type": "span", "_key": "y", "text": "Hello"}]},
    {
        "_type": "block",
        "_key": "z",
        "style": "normal",
        "children": [{"_type": "span", "_key": "w", "text": "Written by another tool."}],
    },
]


@pytest.fixture
def moved(site: Site) -> Site:
    """A site with one post of another tool, and the file that it was made from."""
    foreign_post(site, id="theirs", slug="hello", title="Hello", content=json.dumps(BLOCKS), translation_group="theirs")
    site.put("01-hello.json", title="Hello", body_text=BODY, slug="hello", id="h1")
    return site


def test_a_post_that_says_the_same_is_adopted(moved: Site) -> None:
    ran = moved.publish()
    assert ran.code == 0
    outcome = ran.outcomes["01-hello.json"]
    assert (outcome["outcome"], outcome["post_id"]) == ("duplicate", "theirs")
    assert "another tool" in outcome["reason"]
    assert moved.sql("SELECT key, post_id, slug, outcome FROM publish_ledger") == [
        ("id:h1:en", "theirs", "hello", "published")
    ]
    assert moved.sql("SELECT count(*) FROM ec_posts") == [(1,)]
    named = "SELECT a.action FROM pipeline_audit AS a JOIN publish_ledger AS l ON l.run_id = a.id"
    assert moved.sql(named) == [("publish",)]


@pytest.mark.parametrize("content", [BODY, json.dumps(BODY), "# Hello\r\n\r\nWritten by _another_ tool.\r\n"])
def test_markdown_that_a_script_stored_as_it_is_says_the_same(moved: Site, content: str) -> None:
    moved.sql("UPDATE ec_posts SET content = ?", content)
    assert moved.publish("--dry-run").outcomes["01-hello.json"]["outcome"] == "duplicate"
    ran = moved.publish()
    assert (ran.code, ran.outcomes["01-hello.json"]["outcome"]) == (0, "duplicate")
    assert moved.sql("SELECT content FROM ec_posts") == [(content,)]
    assert moved.sql("SELECT key, post_id FROM publish_ledger") == [("id:h1:en", "theirs")]


def test_once_adopted_its_file_may_be_edited(moved: Site) -> None:
    """What the file never said stays, as of a post that this tool published."""
    moved.settings('[streams.default]\non_change = "update"\n')
    data = json.dumps({"title": "Hello", "content": BLOCKS})
    moved.sql("INSERT INTO revisions (id, collection, entry_id, data) VALUES ('R', 'posts', 'theirs', ?)", data)
    moved.sql("UPDATE ec_posts SET live_revision_id = 'R'")
    moved.sql("INSERT INTO _emdash_seo (collection, content_id, seo_title) VALUES ('posts', 'theirs', 'By hand')")
    assert moved.publish().counts == {"duplicate": 1}
    article = {"title": "Hello", "body_text": BODY, "slug": "hello", "id": "h1"}
    moved.put("01-hello.json", **article, tags=["new"])
    assert moved.publish().counts == {"updated": 1}
    assert moved.sql("SELECT label FROM taxonomies") == [("new",)]
    moved.put("01-hello.json", **(article | {"body_text": "Another text."}), tags=["new"])
    assert moved.publish().counts == {"updated": 1}
    assert moved.sql("SELECT excerpt FROM ec_posts") == [("Another text.",)]
    assert moved.sql("SELECT seo_title FROM _emdash_seo") == [("By hand",)]


def test_an_adopted_post_without_a_revision_is_not_written_over(moved: Site) -> None:
    """Nothing tells what it said when it was adopted."""
    moved.settings('[streams.default]\non_change = "update"\n')
    assert moved.publish().counts == {"duplicate": 1}
    moved.put("01-hello.json", title="Hello", body_text="Another text.", slug="hello", id="h1")
    ran = moved.publish()
    assert ran.counts == {"conflict": 1}
    assert "emdash edit hello --file" in ran.outcomes["01-hello.json"]["reason"]


def test_once_adopted_its_key_is_known(moved: Site) -> None:
    moved.publish()
    moved.put("02-again.json", title="Hello", body_text="Quite another text.", slug="hello-2", id="h1")
    assert moved.publish().outcomes["02-again.json"]["outcome"] == "changed"


@pytest.mark.parametrize(
    "theirs",
    [
        {"title": "Another title"},
        {"content": json.dumps(BLOCKS[:1])},
        {"content": "plain text, no Portable Text"},
        {"content": "# Hello\n\nWritten by *another* author."},
        {"content": None},
        {"content": "42"},
        {"content": '{"_type": "block"}'},
        {"content": '["Hello"]'},
        {"deleted_at": "2025-07-01T00:00:00.000Z"},
    ],
)
def test_a_post_that_says_something_else_is_a_conflict(moved: Site, theirs: dict[str, str | None]) -> None:
    ((column, value),) = theirs.items()
    moved.sql(f"UPDATE ec_posts SET {column} = ?", value)
    ran = moved.publish()
    assert ran.code == 3
    assert ran.outcomes["01-hello.json"]["outcome"] == "conflict"
    assert "theirs" in moved.reason("01-hello.json")
    assert moved.sql("SELECT count(*) FROM publish_ledger") == [(0,)]


def test_a_preview_says_so_and_enters_nothing(moved: Site) -> None:
    before = moved.tree()
    ran = moved.publish("--dry-run")
    assert ran.outcomes["01-hello.json"]["outcome"] == "duplicate"
    assert moved.tree() == before


def test_a_post_of_the_ledger_is_never_adopted(moved: Site) -> None:
    moved.publish()
    moved.put("02-copy.json", title="Hello", body_text=BODY, slug="hello", id="h2")
    assert moved.publish().outcomes["02-copy.json"]["outcome"] == "conflict"
