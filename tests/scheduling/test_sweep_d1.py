"""`emdash schedule` and `emdash sweep` on D1, whose engine loses replies and sends batches twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.d1_engine.faults import DROPPED_AFTER, NOTHING, SENT_TWICE, throttled
from tests.harness.d1_site import D1Site, new_d1_site
from tests.harness.posts import text
from tests.harness.site import ended

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Engine, Instance

POSTS = 130
"""More than one group."""


def scheduled(root: Path, instance: Instance) -> D1Site:
    """Drafts from the queue, one of them scheduled by hand; then the clock of the store is put forward."""
    site = new_d1_site(root, instance)
    at = text(datetime.now(UTC) + timedelta(hours=1))
    for number in range(POSTS - 1):
        site.put(f"{number:03}-a.json", title=f"T{number}", slug=f"s{number:03}", publish_at=at)
    site.put("999-draft.json", title="By hand", slug="by-hand", status="draft")
    assert site.run("publish-queue", "--json").code == 0
    done = site.run("schedule", "by-hand", "--at", "+1h", "--json")
    assert (done.code, done.counts) == (0, {"scheduled": 1}), done
    past = text(datetime.now(UTC) - timedelta(hours=1))
    site.sql(f"UPDATE ec_posts SET scheduled_at = '{past}'")
    site.sql(f"UPDATE schedule_locks SET scheduled_at = '{past}'")
    return site


def promises(root: Path, instance: Instance) -> None:
    site = scheduled(root, instance)
    site.sql("UPDATE revisions SET data = json_set(data, '$.title', 'Changed')"
                " WHERE entry_id = (SELECT id FROM ec_posts WHERE slug = 's007')")  # fmt: skip
    before = site.sql("SELECT title, content FROM ec_posts WHERE slug = 's008'")
    instance.faults(NOTHING, SENT_TWICE, DROPPED_AFTER, cycle=True)
    running = [site.start("sweep", "--json") for _ in range(2)]
    reported = [one for ran in map(ended, running) for one in json.loads(ran.out)["outcomes"]]
    instance.faults()
    held = {one["slug"] for one in reported if one["outcome"] == "held"}
    published = sorted(one["slug"] for one in reported if one["outcome"] == "published")
    assert held == {"s007"}
    assert published == sorted({"by-hand", *(f"s{number:03}" for number in range(POSTS - 1))} - held)
    rows = site.sql("SELECT status, version, count(*) FROM ec_posts WHERE slug <> 'by-hand' GROUP BY 1, 2 ORDER BY 1")
    assert rows == [("published", 2, POSTS - 2), ("scheduled", 1, 1)]
    assert site.sql("SELECT status, version FROM ec_posts WHERE slug = 'by-hand'") == [("published", 3)]
    assert site.sql("SELECT title, content FROM ec_posts WHERE slug = 's008'") == before
    assert site.sql("SELECT count(*), count(DISTINCT post_id) FROM publish_outbox") == [(POSTS - 1, POSTS - 1)]
    assert site.sql("SELECT count(*) FROM pipeline_audit WHERE actor = 'sweep'") == [(POSTS,)]
    let_go = site.run("reschedule", "s007", "--at", "now", "--json")
    assert let_go.code == 0, let_go
    assert site.run("sweep", "--json").counts == {"published": 1}
    assert site.sql("SELECT title, status FROM ec_posts WHERE slug = 's007'") == [("Changed", "published")]


def test_each_post_is_published_once_as_it_was_reviewed(tmp_path: Path, d1: Instance) -> None:
    promises(tmp_path / "site", d1)


def test_on_the_reference(tmp_path: Path, d1_reference: Engine) -> None:
    promises(tmp_path / "site", d1_reference.database())


def test_edit_diff_users_and_a_dry_run(tmp_path: Path, d1: Instance) -> None:
    site = scheduled(tmp_path / "site", d1)
    (site.root / "new.md").write_text("---\ntitle: New\nslug: newer\n---\ntext\n")
    assert site.run("edit", "by-hand", "--file", "new.md").code == 3
    assert site.run("unschedule", "by-hand").code == 0
    assert site.run("edit", "by-hand", "--file", "new.md", "--json").json["fields"] == [
        "title", "content", "excerpt", "slug",
    ]  # fmt: skip
    assert site.run("users", "add", "ada@example.com", "--role", "editor").code == 0
    assert site.run("schedule", "by-hand", "--at", "2026-01-01", "--as", "ada@example.com").code == 0
    assert site.run("diff", "by-hand").out == ""
    would = site.run("sweep", "--dry-run", "--json")
    assert would.counts == {"published": POSTS}
    swept = site.run("sweep", "--limit", "1", "--json")
    assert [one["slug"] for one in swept.json["outcomes"]] == ["newer"], swept
    assert site.sql("SELECT title FROM ec_posts WHERE slug = 'newer'") == [("New",)]


class TestWaits:
    """A store that makes one wait says so; cron, which reports nothing but trouble, says nothing of it."""

    @pytest.fixture
    def throttling(self, tmp_path: Path, d1: Instance) -> D1Site:
        """A site with a draft, whose next request is refused for a moment."""
        site = new_d1_site(tmp_path / "site", d1)
        site.put("1-draft.json", slug="a-draft", status="draft")
        (site.root / "new.md").write_text("---\ntitle: New\n---\ntext\n")
        assert site.run("publish-queue").code == 0
        d1.faults(throttled("0"))
        return site

    @pytest.mark.parametrize(
        "words",
        [
            "sweep", "schedule a-draft --at +1h", "schedule a-draft --at +1h --json", "edit a-draft --file new.md",
            "show a-draft", "status", "doctor", "init", "export --format json out", "cleanup",
        ],
    )  # fmt: skip
    def test_one_is_said_on_stderr(self, throttling: D1Site, words: str) -> None:
        ran = throttling.run(*words.split())
        assert ran.code == 0, ran
        assert "rate limit" in ran.err
        assert "trying again in" in ran.err
        assert "rate limit" not in ran.out

    def test_one_is_in_the_document_of_a_sweep(self, throttling: D1Site) -> None:
        assert "rate limit" in throttling.run("sweep", "--json").json["notices"][0]

    @pytest.mark.parametrize("command", ["sweep", "status", "cleanup"])
    def test_quiet_commands_say_nothing(self, throttling: D1Site, command: str) -> None:
        ran = throttling.run(command, "--quiet")
        assert (ran.code, ran.err) == (0, "")
        assert throttling.d1.faults_left() == 0
