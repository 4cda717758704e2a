"""`emdash enqueue --as`: the post belongs to that user, who is its author where the file names none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.posts.test_authors import bylines, shows_no_address, user

if TYPE_CHECKING:
    from tests.harness.site import Site


def queued(site: Site) -> dict[str, Any]:
    (name,) = site.waiting()
    document: dict[str, Any] = json.loads((site.queue / name).read_text())
    return document


@pytest.mark.parametrize("suffix", ["md", "json"])
def test_enqueue_as_somebody_makes_them_the_author(site: Site, suffix: str) -> None:
    user(site, "Jane Doe")
    site.sql("UPDATE users SET role = 30")
    text = '{"title": "T", "body_text": "Text."}' if suffix == "json" else "---\ntitle: T\n---\nText.\n"
    (site.root / f"a.{suffix}").write_text(text)
    assert site.run("enqueue", f"a.{suffix}", "--as", "jane@example.org").code == 0
    assert queued(site)["author"] == {"name": "Jane Doe", "email": "jane@example.org", "user": "jane@example.org"}
    assert site.publish().counts == {"published": 1}
    assert bylines(site) == ["Jane Doe"]
    assert site.sql("SELECT author_id FROM ec_posts") == [("u1",)]
    (site.root / "b.md").write_text("---\ntitle: T\n---\nOther text.\n")
    assert site.run("edit", "1-t", "--file", "b.md", "--as", "jane@example.org").code == 0
    shows_no_address(site)


def test_an_author_whom_the_file_names_stays_but_the_post_is_theirs(site: Site) -> None:
    user(site, "Jane Doe")
    site.sql("UPDATE users SET role = 20")
    (site.root / "a.md").write_text("---\ntitle: T\nauthors: [Grace Hopper]\n---\nText.\n")
    assert site.run("enqueue", "a.md", "--as", "Jane Doe").code == 0
    assert site.publish().counts == {"published": 1}
    assert bylines(site) == ["Grace Hopper"]
    assert site.sql("SELECT author_id FROM ec_posts") == [("u1",)]


def test_somebody_without_a_name_leaves_the_byline_to_the_stream(site: Site) -> None:
    user(site, None)
    site.sql("UPDATE users SET role = 30")
    (site.root / "a.md").write_text("---\ntitle: T\n---\nText.\n")
    assert site.run("enqueue", "a.md", "--as", "u1").code == 0
    ran = site.publish()
    assert ran.counts == {"published": 1}
    assert "the post has no byline" in next(iter(ran.outcomes.values()))["notices"][0]
    assert site.sql("SELECT author_id, primary_byline_id FROM ec_posts") == [("u1", None)]


def test_without_a_user_a_queue_file_stays_as_it_was_written(site: Site) -> None:
    (site.root / "a.json").write_text('{"title": "T",   "body_text": "Text."}')
    assert site.run("enqueue", "a.json").code == 0
    assert next(site.queue.iterdir()).read_text() == '{"title": "T",   "body_text": "Text."}'


def test_problems_and_notices_have_the_lines_of_the_file_that_was_handed_in(site: Site) -> None:
    user(site, "Jane Doe")
    site.sql("UPDATE users SET role = 30")
    (site.root / "a.json").write_text('{"title": "T", "body_text": "{{< toc >}}"}')
    ran = site.run("enqueue", "a.json", "--as", "Jane Doe", "--json")
    assert json.loads(ran.out)["queued"][0]["notices"][0].startswith('line 1, body_text: "{{< toc >}}"')
    (site.root / "b.json").write_text('{"title": "T", "body_text": "x", "slug": "No Slug"}')
    assert "b.json: line 1, slug: " in site.run("enqueue", "b.json", "--as", "Jane Doe").err
