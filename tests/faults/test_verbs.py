"""Posts are published, taken down, trashed and brought back through kills, and by several people at once."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.harness.ports import Interrupted
from tests.harness.posts import ago, ahead, body, due_post, give_post
from tests.harness.site import Site, clean_environment, ended, new_site
from tests.model.process import KILLED, Processes
from tests.scheduling.support import DRAFT, do
from tests.targets import swept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIVE = {"title": "Live", "content": body("live")}
SETTINGS = """
[streams.default]
slug = "{name}"
platforms = ["partner", "engines", "hook"]
[platforms.partner]
kind = "target"
url = "https://partner.example/"
[platforms.engines]
kind = "indexnow"
key = "0123456789abcdef"
[platforms.hook]
kind = "webhook"
url = "https://hook.example/"
secret = "env:HOOK_SECRET"
"""
MOMENT = "2026-06-15T12:00:00Z"
SLUGS = ("a", "b", "c")
BEFORE = {"publish": "draft", "unpublish": "published", "trash": "published", "untrash": "published"}
COUNTED = ("ec_posts", "revisions", "schedule_locks", "publish_outbox", "pipeline_audit", "pipeline_runs")


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    running = Processes()
    yield running
    running.close()


def fill(site: Site, verb: str) -> None:
    """Three posts of which the verb has something to do: to each something else."""
    site.settings(SETTINGS)
    gone = {"deleted_at": ago(days=1)} if verb == "untrash" else {}
    public: dict[str, Any] = {"status": "published", "published_at": ago(days=3)} | gone
    if verb == "publish":
        give_post(site, "a", status="draft", draft=DRAFT)
        give_post(site, "b", status="draft")
        due_post(site, "c", scheduled_at=ahead(days=1))
        return
    give_post(site, "a", live=LIVE, **public)
    give_post(site, "b", live=LIVE, draft=DRAFT, **public)
    if verb == "untrash":
        due_post(site, "c", **gone)
    else:
        give_post(site, "c", **public)


def look(site: Site) -> dict[str, Any]:
    """What does not depend on the moment and on ids."""
    posts = site.sql("SELECT slug, status, published_at, scheduled_at, deleted_at IS NULL, updated_at, version, title,"
                     " live_revision_id IS NULL, draft_revision_id IS NULL FROM ec_posts ORDER BY slug")  # fmt: skip
    jobs = site.sql("SELECT subject, lane, kind, version, state FROM publish_jobs ORDER BY 1, 2, 3, 4")
    counts = {table: site.sql(f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}
    return {"posts": posts, "jobs": jobs, **counts, "runs": site.sql("SELECT kind, counts FROM pipeline_runs")}


@pytest.mark.parametrize("step", swept(9, 1))
@pytest.mark.parametrize("verb", BEFORE)
def test_killed_between_any_two_statements(tmp_path: Path, processes: Processes, verb: str, step: int) -> None:
    """All posts are as they were or as they should be; run again, they are as if nothing had happened."""
    environment = clean_environment()
    template = new_site(tmp_path / "template")
    fill(template, verb)
    before = look(template)
    good = template.copy(tmp_path / "good")
    assert processes.run((verb, *SLUGS), MOMENT, 0, good.root, environment).code == 0
    after = look(good)
    assert after != before
    nth = 1
    while True:
        site = template.copy(tmp_path / "killed")
        ran = processes.run((verb, *SLUGS), MOMENT, nth, site.root, environment)
        if ran.code == 0:
            break
        assert ran.code == KILLED, ran
        assert look(site) in (before, after), f"killed at {nth}"
        again = processes.run((verb, *SLUGS), MOMENT, 0, site.root, environment)
        assert again.code == 0, again
        assert look(site) == after, f"killed at {nth}"
        assert site.sql("PRAGMA foreign_key_check") == []
        shutil.rmtree(site.root)
        nth += step
    assert nth > 20, "no statements were counted"


OTHERS = (
    ("publish", ("unpublish", "b")),
    ("publish", ("edit", "b", "--title", "Other")),
    ("publish", ("trash", "b")),
    ("unpublish", ("publish", "b")),
    ("unpublish", ("edit", "b", "--title", "Other")),
    ("unpublish", ("trash", "b")),
    ("trash", ("publish", "b")),
    ("trash", ("unpublish", "b")),
)


@pytest.mark.parametrize(("verb", "other"), OTHERS, ids=[f"{verb} {other[0]}" for verb, other in OTHERS])
def test_whoever_comes_second_changes_nothing_and_hears_of_it(
    any_site: Site, verb: str, other: tuple[str, ...]
) -> None:
    """A published post with a pending change, which two people want to change at once."""
    for slug in ("a", "b"):
        give_post(any_site, slug, live=LIVE, draft=DRAFT, status="published", published_at=ago(days=3))
    port = Interrupted(any_site, lambda: any_site.run(*other).succeeds())
    (error,) = do(port, verb, "a", "b").errors
    assert error.code == "changed_meanwhile"
    assert "changed b" in error.message
    actions = any_site.sql("SELECT post_id, action FROM pipeline_audit")
    assert {post for post, _ in actions} == {"B"}
    assert len(actions) == 1


@pytest.mark.parametrize("people", swept(4, 12))
@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_people_who_publish_and_unpublish_at_once(tmp_path: Path, journal_mode: str, people: int) -> None:
    """Each change is made upon the one before it, or not at all."""
    site = new_site(tmp_path / "site", journal_mode=journal_mode)
    slugs = [f"s{number}" for number in range(40)]
    for slug in slugs:
        give_post(site, slug, live=LIVE, draft=DRAFT, status="published", published_at=ago(days=3))
    running = [site.start(("publish", "unpublish", "trash")[number % 3], *slugs, "--json") for number in range(people)]
    for ran in map(ended, running):
        assert ran.code in {0, 3}, ran
    made = site.sql("SELECT post_id, action, CAST(detail ->> 'version' AS INTEGER), detail FROM pipeline_audit")
    for slug in slugs:
        row = site.post(slug)
        changes = sorted((version, action, json.loads(detail)) for post, action, version, detail in made
                         if post == row["id"])  # fmt: skip
        assert [version for version, _, _ in changes] == list(range(1, int(row["version"]))), changes
        is_trashed = row["deleted_at"] is not None
        last = [action for _, action, _ in changes if action != "trashed"][-1:]
        assert is_trashed == any(action == "trashed" for _, action, _ in changes)
        assert row["status"] == ("draft" if last == ["unpublished"] else "published")
        assert (row["published_at"] is None) == (row["status"] == "draft")
    assert site.sql("SELECT count(*) FROM ec_posts AS p JOIN revisions AS r ON r.entry_id = p.id"
                    " AND r.id = coalesce(p.draft_revision_id, p.live_revision_id)") == [(40,)]  # fmt: skip
