"""`emdash requeue`: mended files come back, what would only be turned away again does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.harness.tracing import needs_strace, traced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.site import Site

MONTH = "2026-01"


@pytest.fixture
def desk(bare: Site) -> Iterator[Site]:
    """A blog in January 2026."""
    with freeze_time("2026-01-15T12:00:00Z", tick=True):
        bare.run("init").succeeds()
        yield bare


def article(**more: object) -> dict[str, object]:
    return {"title": "A title", "body_text": "Text.", **more}


def publish(desk: Site, name: str = "01-a.json", **more: object) -> str:
    """Publish an article; answers where its file is, from the root."""
    desk.write(f"queue/{name}", article(**more))
    outcome = desk.run("publish-queue", "--json").json["outcomes"][0]
    return str(outcome["archived_to"]).removeprefix(f"{desk.root}/")


def rejected(desk: Site) -> str:
    path = publish(desk, "07-bad.json", title="")
    assert path == f"archive/rejected/{MONTH}/07-bad.json"
    assert f"{path}.reason.txt" in desk.files()
    return path


def ledger(desk: Site) -> list[tuple[str, str]]:
    return desk.sql("SELECT key, slug FROM publish_ledger ORDER BY recorded_at, key")


def test_a_mended_file_comes_back_and_is_published(desk: Site) -> None:
    path = rejected(desk)
    desk.write(path, article())
    assert desk.run("requeue", path).succeeds().lines == [str(desk.root / "queue/07-bad.json")]
    assert desk.files("archive") == []
    assert desk.run("publish-queue", "--json").json["counts"]["published"] == 1


def test_a_file_that_is_not_mended_stays_with_its_reason(desk: Site) -> None:
    path = rejected(desk)
    before = desk.tree()
    result = desk.run("requeue", path).fails(3, f"{path}: line 1, title: is blank")
    assert result.out == ""
    reported = desk.run("requeue", path, "--json").fails(3).json
    assert reported["refused"][0]["problems"][0]["field"] == "title"
    assert desk.tree() == before


def test_the_fit_ones_come_back_whatever_the_others_are(desk: Site) -> None:
    bad = rejected(desk)
    good = desk.write(f"archive/rejected/{MONTH}/08-good.json", article())
    result = desk.run("requeue", bad, good).fails(3)
    assert result.lines == [str(desk.root / "queue/08-good.json")]
    assert desk.files("queue") == ["08-good.json"]


def test_a_dry_run_moves_nothing(desk: Site) -> None:
    path = rejected(desk)
    desk.write(path, article())
    before = desk.tree()
    reported = desk.run("requeue", path, "--dry-run").succeeds()
    assert "1 would return to the queue" in reported.err
    assert desk.tree() == before
    assert reported.out == desk.run("requeue", path).succeeds().out


def test_a_conflict_comes_back_with_another_slug_only(desk: Site) -> None:
    publish(desk, slug="taken")
    path = publish(desk, title="Other", slug="taken")
    assert path.startswith("archive/conflict/")
    desk.run("requeue", path).fails(3, "the slug taken (en) belongs to post")
    desk.write(path, article(title="Other", slug="free"))
    desk.run("requeue", path).succeeds()
    assert desk.run("publish-queue", "--json").json["counts"]["published"] == 1


def test_an_id_that_was_used_for_another_text_is_refused(desk: Site) -> None:
    publish(desk, id="one")
    path = publish(desk, id="one", body_text="Other text.")
    desk.run("requeue", path).fails(3, "its id was published before as 1-a-title", "give the article a new id")
    desk.run("requeue", path, "--again").fails(3, "that post still exists")


def test_a_published_article_does_not_come_back_while_its_post_is_there(desk: Site) -> None:
    path = publish(desk)
    for words in ((), ("--again",)):
        desk.run("requeue", path, *words).fails(3, "published before as 1-a-title", "that post still exists")
    assert desk.files("queue") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DELETE FROM ec_posts", "which has since been deleted"),
        ("UPDATE ec_posts SET deleted_at = '2026-01-15T13:00:00.000Z'", "which is now in the trash"),
        ("UPDATE ec_posts SET slug = 'renamed'", "which has since been renamed to renamed"),
    ],
)
def test_what_is_gone_is_published_anew_only_on_demand(desk: Site, change: str, said: str) -> None:
    path = publish(desk, id="one")
    [(old,)] = desk.sql("SELECT post_id FROM publish_ledger")
    desk.sql(change)
    desk.run("requeue", path).fails(3, said, "emdash requeue --again")
    result = desk.run("requeue", "--again", path, "--json").succeeds().json
    assert [(entry["retired"], entry["stream"]) for entry in result["requeued"]] == [(old, "default")]
    assert desk.run("publish-queue", "--json").json["counts"]["published"] == 1
    [(first, slug), (second, newer)] = ledger(desk)
    assert first.startswith("id:one:en#retired-2026-01-15T12:00:")
    assert (second, slug, newer) == ("id:one:en", "1-a-title", "2-a-title")
    [(actor, post, detail)] = desk.sql("SELECT actor, post_id, detail FROM pipeline_audit WHERE action = 'requeue'")
    assert actor.startswith("operator:")
    assert post == old
    assert json.loads(detail) == {"key": "id:one:en", "file": "01-a.json"}


def test_a_slug_that_the_trash_holds_is_told_before_anything_is_retired(desk: Site) -> None:
    path = publish(desk, slug="mine")
    desk.sql("UPDATE ec_posts SET deleted_at = '2026-01-15T13:00:00.000Z'")
    before = ledger(desk)
    desk.run("requeue", "--again", path).fails(3, "belongs to post", "in the trash", "delete that post for good")
    assert ledger(desk) == before
    assert desk.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'requeue'") == [(0,)]


def test_a_dry_run_retires_nothing(desk: Site) -> None:
    path = publish(desk)
    desk.sql("DELETE FROM ec_posts")
    before = ledger(desk)
    assert desk.run("requeue", "--again", "--dry-run", "--json", path).succeeds().json["requeued"][0]["retired"]
    assert ledger(desk) == before
    assert desk.files("queue") == []


@needs_strace
def test_killed_between_retiring_and_moving_the_same_command_finishes_it(desk: Site) -> None:
    path = publish(desk, id="one")
    desk.sql("DELETE FROM ec_posts")
    traced(desk.root, "requeue", "--again", path, inject="link,linkat:signal=KILL")
    assert ledger(desk)[0][0].startswith("id:one:en#retired-")
    desk.run("requeue", "--again", path).succeeds()
    assert (desk.files("queue"), desk.files("archive")) == (["01-a.json"], [])
    assert len(ledger(desk)) == 1
    assert desk.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'requeue'") == [(1,)]


def test_asked_twice_the_file_is_there_already(desk: Site) -> None:
    path = rejected(desk)
    desk.write(path, article())
    desk.run("requeue", path).succeeds()
    again = desk.run("requeue", path).succeeds()
    assert "it was already there" in again.err
    assert again.lines == [str(desk.root / "queue/07-bad.json")]


def test_no_file_of_the_queue_is_written_over(desk: Site) -> None:
    path = rejected(desk)
    desk.write(path, article())
    desk.write("queue/07-bad.json", article(title="Another"))
    reported = desk.run("requeue", path, "--dry-run").succeeds().lines
    assert desk.run("requeue", path).succeeds().lines == reported == [str(desk.root / "queue/07-bad~2.json")]
    assert json.loads((desk.root / "queue/07-bad.json").read_text())["title"] == "Another"


def test_the_name_that_the_archive_gave_is_taken_off_again(desk: Site) -> None:
    rejected(desk)
    path = publish(desk, "07-bad.json", title="", body_text="Second.")
    assert path.endswith("07-bad~2.json")
    desk.write(path, article())
    desk.run("requeue", path).succeeds()
    assert desk.files("queue") == ["07-bad.json"]
    assert desk.files("archive") == [f"rejected/{MONTH}/07-bad.json", f"rejected/{MONTH}/07-bad.json.reason.txt"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("elsewhere/a.json", article(), "it is not in the archive of any stream; `emdash enqueue`"),
        ("queue/a.json", article(), "it is not in the archive of any stream"),
        ("archive/rejected/a.json.reason.txt", "why", "name the file beside it"),
        ("archive/rejected/a.md", "text", "does not end in .json"),
    ],
)
def test_what_is_no_archived_queue_file_is_refused(desk: Site, name: str, content: object, said: str) -> None:
    path = desk.write(name, content)
    before = desk.tree()
    desk.run("requeue", path).fails(3, said)
    desk.run("requeue", path.with_name("missing.json")).fails(3)
    assert desk.tree() == before


def test_links_and_directories_are_refused(desk: Site) -> None:
    target = desk.write("elsewhere.json", article())
    (desk.root / "archive/link.json").symlink_to(target)
    (desk.root / "archive/directory.json").mkdir()
    desk.run("requeue", "archive/link.json").fails(3, "not a regular file")
    desk.run("requeue", "archive/directory.json").fails(3, "not a regular file")
    desk.run("requeue", "archive/nothing.json").fails(3, "there is no such file")


def test_each_file_goes_to_the_queue_of_its_own_stream_or_of_the_one_named(desk: Site) -> None:
    desk.write("emdash.toml", "[streams.default]\n[streams.news]\n")
    desk.run("init").succeeds()
    for name in ("rejected/01-a.json", "news/rejected/02-b.json", "news/rejected/03-c.json"):
        desk.write(f"archive/{name}", article(title=name))
    desk.run("requeue", "archive/rejected/01-a.json", "archive/news/rejected/02-b.json").succeeds()
    desk.run("requeue", "--stream", "default", "archive/news/rejected/03-c.json").succeeds()
    assert desk.files("queue") == ["01-a.json", "03-c.json", "news/02-b.json"]


def test_trouble_with_the_store_moves_nothing(desk: Site) -> None:
    path = rejected(desk)
    desk.write(path, article())
    (desk.root / "emdash.db").rename(desk.root / "away.db")
    desk.run("requeue", path).fails(6, "there is no store")
    assert desk.files("queue") == []
