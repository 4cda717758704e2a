"""`emdash_cli.api`: what a Python program gets, and which errors it meets."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from emdash_cli import api
from emdash_cli.__main__ import run

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def blog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory made by `emdash init`, with an article and a draft in its queue; it is the working directory."""
    for name in ("EMDASH_CONFIG", "EMDASH_DATABASE", "EMDASH_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    write(tmp_path / "queue/01-live.json", title="Live")
    write(tmp_path / "queue/02-draft.json", title="Draft", status="draft")
    return tmp_path


def write(path: Path, **fields: str) -> None:
    path.write_text(json.dumps({"body_text": "Text.", **fields}))


def test_a_dry_run_says_what_would_happen_and_changes_nothing(blog: Path) -> None:
    with api.open_session(clock=lambda: NOW) as session:
        would = session.publish_queue(dry_run=True)
        assert len(list((blog / "queue").glob("*.json"))) == 2
        did = session.publish_queue()
        assert session.publish_queue().outcomes == ()
    assert [(each.file, each.outcome, each.slug) for each in would.outcomes] == [
        (each.file, each.outcome, each.slug) for each in did.outcomes
    ]
    assert [each.slug for each in did.of(api.Outcome.DRAFT)] == ["2-draft"]
    assert not list((blog / "queue").glob("*.json"))


def test_posts_are_published_taken_down_and_brought_back(blog: Path) -> None:
    with api.open_session(blog / "emdash.toml", clock=lambda: NOW) as session:
        session.publish_queue()
        slugs = ("1-live", "2-draft")
        assert [post.outcome for post in session.publish(*slugs, dry_run=True)] == ["unchanged", "published"]
        assert [post.outcome for post in session.publish(*slugs)] == ["unchanged", "published"]
        expiring = session.expire(*slugs, at="+1h")
        assert [(post.outcome, post.expires_at) for post in expiring] == [
            ("expiry_set", "2026-01-15T13:00:00.000Z")
        ] * 2
        assert [post.outcome for post in session.expire("1-live", at=None)] == ["expiry_removed"]
        assert [post.status for post in session.unpublish(*slugs, reason="why")] == ["draft", "draft"]
        assert [post.status for post in session.trash(*slugs)] == ["trashed", "trashed"]
        with pytest.raises(api.EmdashError, match="in the trash"):
            session.publish(*slugs, force=True)
        assert [post.status for post in session.untrash(*slugs)] == ["draft", "draft"]


def test_a_draft_is_scheduled_and_swept_at_the_time_of_the_clock(blog: Path) -> None:
    with api.open_session(blog / "emdash.toml", clock=lambda: NOW) as session:
        session.publish_queue()
        assert session.schedule("2-draft", "+2h", dry_run=True).outcome == "scheduled"
        assert session.read("2-draft").scheduled_at is None
        assert session.schedule("2-draft", "+2h").scheduled_at == "2026-01-15T14:00:00.000Z"
        assert session.unschedule("2-draft").status == "draft"
        session.schedule("2-draft", datetime(2026, 1, 15, 13, tzinfo=UTC))
        assert session.sweep().posts == ()
    with api.open_session(clock=lambda: datetime(2026, 1, 15, 13, tzinfo=UTC)) as session:
        assert [post.outcome for post in session.sweep(dry_run=True).posts] == [api.Swept.PUBLISHED]
        assert [post.slug for post in session.sweep().posts] == ["2-draft"]
        post = session.read("2-draft")
    assert (post.status, post.published_at) == ("published", "2026-01-15T13:00:00.000Z")
    with pytest.raises(FrozenInstanceError):
        post.title = "Other"  # type: ignore[misc]


@pytest.mark.usefixtures("blog")
def test_wrong_calls_are_errors_that_say_what_is_wrong() -> None:
    with api.open_session() as session:
        with pytest.raises(api.UsageError, match="nwes"):
            session.publish_queue(stream="nwes")
        session.publish_queue()
        with pytest.raises(api.UsageError, match="no UTC offset"):
            session.schedule("2-draft", datetime(2026, 1, 15, 13))  # noqa: DTZ001 - it is the fault
        with pytest.raises(api.EmdashError, match="none"):
            session.read("none")
        with pytest.raises(api.RefusedChangeError, match="is not scheduled"):
            session.reschedule("2-draft", "now")
    with pytest.raises(api.UsageError, match="blank"), api.open_session(user=" "):
        pass
    with pytest.raises(api.DatabaseError), api.open_session(database="sqlite:missing.db") as session:
        session.sweep()


@pytest.mark.usefixtures("blog")
def test_the_role_of_a_user_is_enforced() -> None:
    with api.open_session(user="nobody@example.org") as session:
        for permission in (
            session.publish_queue,
            session.sweep,
            lambda: session.read("1-live"),
            lambda: session.schedule("1-live", "now"),
        ):
            with pytest.raises(api.NotAllowedError, match="nobody@example"):
                permission()


def test_a_stream_that_fails_leaves_the_others(blog: Path) -> None:
    with (blog / "emdash.toml").open("a") as settings:
        settings.write('\n[streams.news]\nqueue = "news"\narchive = "news-archive"\n')
    with api.open_session() as session:
        report = session.publish_queue()
    assert list(report.errors) == ["news"]
    assert len(report.outcomes) == 2
