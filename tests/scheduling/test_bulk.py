"""The verbs of the schedule for many posts: all of a group or none, however they were named."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from emdash_cli.domain.errors import RefusedChangeError, TooLargeError
from emdash_cli.scheduling import schedule
from emdash_cli.scheduling.post_names import PostName
from emdash_cli.scheduling.selection import Selection
from tests.harness.ports import Interrupted, Port, SendsTwice
from tests.harness.posts import NOW, ago, ahead, due_post, give_post
from tests.harness.sessions import session_in
from tests.harness.site import clean_environment, terminal_text
from tests.scheduling.support import DRAFT, draft, many_drafts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row, Statement
    from tests.harness.d1_site import D1Site
    from tests.harness.site import Result, Site

WHOLE = """
    SELECT count(*) FROM ec_posts AS p LEFT JOIN schedule_locks AS k ON k.post_id = p.id
    WHERE (p.status = 'scheduled') <> (k.post_id IS NOT NULL) OR p.scheduled_at IS NOT k.scheduled_at"""
"""How many posts have a schedule that is not whole."""


def plan(port: Port, slugs: Sequence[str], verb: schedule.Verb = "schedule") -> schedule.Plan:
    at = None if verb == "unschedule" else NOW.replace(hour=14)
    request = schedule.ScheduleChange(verb, Selection([PostName(slug) for slug in slugs]), at)
    return schedule.Plan(session_in(port, clock=lambda: NOW), request)


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


@freeze_time(NOW)
class TestMany:
    def test_there_and_back_in_groups_with_an_audit_row_each(self, any_site: Site) -> None:
        slugs = many_drafts(any_site, 1001)
        done = any_site.run("schedule", *slugs, "--at", "+2h", "--reason", "launch", "--json").succeeds()
        assert done.counts == {"scheduled": 1001}
        assert [post["slug"] for post in done.json["posts"]] == slugs
        assert any_site.sql("SELECT DISTINCT status, scheduled_at, version FROM ec_posts") == [
            ("scheduled", ahead(hours=2), 2)
        ]
        assert any_site.sql(WHOLE) == [(0,)]
        rows = any_site.sql("SELECT id, post_id, detail FROM pipeline_audit ORDER BY rowid")
        assert [row[1] for row in rows] == slugs
        assert len({row[0][:22] for row in rows}) == 3
        assert {(json.loads(row[2])["run"], json.loads(row[2])["reason"]) for row in rows} == {
            (done.json["run"], "launch")
        }
        assert any_site.sql("SELECT id, kind, counts FROM pipeline_runs") == [
            (done.json["run"], "schedule", '{"scheduled": 1001}')
        ]
        back = any_site.run("unschedule", *slugs).succeeds()
        assert "1,001 unscheduled" in back.err
        assert any_site.sql("SELECT DISTINCT status, scheduled_at, version FROM ec_posts") == [("draft", None, 3)]
        assert any_site.sql("SELECT count(*) FROM schedule_locks") == [(0,)]

    def test_drafts_without_a_revision_get_one_each(self, any_site: Site) -> None:
        for slug in ("a", "b", "c"):
            draft(any_site, slug, draft=None if slug != "b" else DRAFT)
        any_site.run("schedule", "a", "b", "c", "--at", "+2h").succeeds()
        made = any_site.sql("SELECT id FROM revisions WHERE id NOT LIKE 'DRAFT%' ORDER BY id")
        assert any_site.sql("SELECT draft_revision_id FROM ec_posts ORDER BY id") == [
            made[0], ("DRAFT-B",), made[1],
        ]  # fmt: skip
        assert any_site.sql("SELECT revision_id FROM schedule_locks ORDER BY post_id") == [
            made[0], ("DRAFT-B",), made[1],
        ]  # fmt: skip

    def test_what_is_so_already_is_unchanged(self, any_site: Site) -> None:
        slugs = many_drafts(any_site, 3)
        for words in (("schedule", "--at", "2026-07-01 09:00"), ("reschedule", "--at", "2026-07-01 09:00")):
            any_site.run(words[0], *slugs[:2], *words[1:]).succeeds()
        done = any_site.run("schedule", *slugs, "--at", "2026-07-01 09:00", "--json").succeeds()
        assert done.counts == {"unchanged": 2, "scheduled": 1}
        assert any_site.sql("SELECT count(*) FROM pipeline_audit") == [(3,)]
        again = any_site.run("schedule", *slugs, "--at", "2026-07-01 09:00", "--json").succeeds()
        assert (again.counts, again.json["run"]) == ({"unchanged": 3}, None)
        assert any_site.run("unschedule", *slugs).succeeds().err == "3 unscheduled\n"
        assert any_site.run("unschedule", *slugs).succeeds().lines[0] == "unchanged\td-00001\ten\tnot scheduled"

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE schedule_locks SET locked_by = 'ann'",
            "UPDATE schedule_locks SET held_at = '2026-01-01', held_reason = 'x'",
            "UPDATE revisions SET data = '{}'",
            "UPDATE ec_posts SET scheduled_at = '2026-07-01T09:00:00.001Z'",
            "DELETE FROM schedule_locks",
        ],
    )
    def test_only_what_the_same_person_scheduled_so_is_unchanged(self, site: Site, change: str) -> None:
        slugs = many_drafts(site, 2, at="2026-07-01 09:00")
        site.sql(change)
        site.run("schedule", *slugs, "--at", "2026-07-01 09:00").fails(3, "already scheduled")
        done = site.run("reschedule", *slugs, "--at", "2026-07-01 09:00", "--json").succeeds()
        assert done.counts == {"rescheduled": 2}

    def test_a_dry_run_changes_nothing(self, any_site: Site) -> None:
        slugs = many_drafts(any_site, 2)
        before = any_site.dump()
        done = any_site.run("schedule", *slugs, "--at", "+2h", "--dry-run").succeeds()
        assert done.lines[1].startswith("would be scheduled\td-00002\ten\t")
        assert done.err == "2 would be scheduled\n"
        assert any_site.run("schedule", *slugs, "--at", "+2h", "--dry-run", "--json").json["run"] is None
        assert any_site.dump() == before


@freeze_time(NOW)
class TestRefused:
    def test_nothing_is_done_and_each_post_that_forbids_it_is_named(self, any_site: Site) -> None:
        slugs = many_drafts(any_site, 2)
        give_post(any_site, "live", status="published", live=DRAFT)
        due_post(any_site, "planned")
        before = any_site.dump()
        words = ("because of 2 of 4 posts", "live (en) is published and has no", "planned (en) is already scheduled")
        any_site.run("schedule", slugs[0], "live", "planned", slugs[1], "--at", "+2h").fails(3, *words)
        error = any_site.run("schedule", slugs[0], "live", "--at", "+2h", "--json").fails(3).json["error"]
        assert (error["code"], error["hint"]) == ("refused", "use `emdash edit live`")
        assert any_site.dump() == before

    def test_what_somebody_changes_meanwhile_leaves_its_group_as_it_was(self, any_site: Site) -> None:
        slugs = many_drafts(any_site, 1200)
        change = "UPDATE ec_posts SET version = 9 WHERE slug IN ('d-00700', 'd-00800')"
        port = Interrupted(any_site, lambda: any_site.sql(change), after=2)
        planned = plan(port, slugs)
        done: list[schedule.Scheduled] = []
        with pytest.raises(RefusedChangeError) as refused:
            done.extend(planned.carry_out())
        assert refused.value.message == (
            "somebody else has just changed d-00700, d-00800; the 500 posts of its group stay as they were"
        )
        assert refused.value.code == "changed_meanwhile"
        assert planned.counts == {"left": 700, "scheduled": 500}
        assert any_site.sql("SELECT counts FROM pipeline_runs") == [('{"left": 700, "scheduled": 500}',)]
        assert any_site.sql("SELECT count(*), max(slug) FROM ec_posts WHERE status = 'scheduled'") == [(500, "d-00500")]
        assert any_site.sql(WHOLE) == [(0,)]

    def test_each_request_may_arrive_twice(self, any_site: Site) -> None:
        slugs = many_drafts(any_site, 700)
        for verb in ("schedule", "unschedule"):
            assert len(list(plan(SendsTwice(any_site), slugs, verb).carry_out())) == 700
        assert any_site.sql("SELECT count(*), count(DISTINCT post_id) FROM pipeline_audit") == [(1400, 700)]
        assert any_site.sql("SELECT DISTINCT status, version FROM ec_posts") == [("draft", 3)]

    def test_a_batch_that_is_too_large_is_halved(self, any_site: Site) -> None:
        class Small(Port):
            def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
                posts = [s.params[0] for s in statements if "INSERT INTO pipeline_audit" in s.sql]
                if posts and len(json.loads(str(posts[0]))) > 40:
                    raise TooLargeError("too many")
                return super().batch(statements)

        slugs = many_drafts(any_site, 100)
        assert [done.slug for done in plan(Small(any_site), slugs).carry_out()] == slugs
        assert any_site.sql("SELECT count(DISTINCT substr(id, 1, 22)) FROM pipeline_audit") == [(4,)]

    def test_it_ends_after_the_group_when_it_is_told_to(self, any_site: Site) -> None:
        slugs = many_drafts(any_site, 1200)
        asked = iter([False, True])
        planned = plan(Port(any_site), slugs)
        assert len(list(planned.carry_out(lambda: next(asked)))) == 500
        assert planned.counts == {"scheduled": 500, "left": 700}
        assert len(list(plan(Port(any_site), slugs).carry_out())) == 1200
        assert any_site.sql("SELECT DISTINCT version FROM ec_posts") == [(2,)]


@freeze_time(NOW)
class TestNamed:
    @pytest.mark.parametrize("listing", [["posts", "--json"], ["posts", "--format", "json"]])
    def test_by_the_json_of_posts(self, any_site: Site, monkeypatch: pytest.MonkeyPatch, listing: list[str]) -> None:
        many_drafts(any_site, 2)
        draft(any_site, "d-00001", id="DE", locale="de")
        listed = any_site.run(*listing).succeeds().out
        stdin(monkeypatch, listed.encode())
        assert any_site.run("schedule", "-", "--at", "+2h", "--json").succeeds().counts == {"scheduled": 3}

    def test_a_list_that_goes_on_is_remarked_on(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        many_drafts(site, 3)
        stdin(monkeypatch, site.run("posts", "--json", "--limit", "2").out.encode())
        done = site.run("schedule", "-", "--at", "+2h").succeeds()
        assert "only the first part" in done.err

    def test_by_slugs_on_lines(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        many_drafts(site, 2)
        stdin(monkeypatch, b"d-00002\nd-00001\nd-00002\n")
        done = site.run("schedule", "-", "--at", "+2h").succeeds()
        assert [line.split("\t")[1] for line in done.lines] == ["d-00002", "d-00001"]

    def test_by_ten_thousand_and_one_slugs(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        stdin(monkeypatch, "\n".join(many_drafts(site, 10_001)).encode())
        assert site.run("schedule", "-", "--at", "+2h", "--json").succeeds().counts == {"scheduled": 10_001}
        assert site.sql("SELECT count(*) FROM schedule_locks") == [(10_001,)]

    @pytest.mark.parametrize("data", [b"", b'{"posts": [], "next": null}'])
    def test_by_an_empty_list(self, site: Site, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
        stdin(monkeypatch, data)
        assert site.run("unschedule", "-").succeeds().err == "no posts\n"
        assert site.sql("SELECT count(*) FROM pipeline_runs") == [(0,)]

    @pytest.mark.parametrize("data", [b"\xff\xd8", b'{"runs": []}', b"<html>\n<body class=x>"])
    def test_by_something_else(self, site: Site, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
        stdin(monkeypatch, data)
        site.run("unschedule", "-").fails(2, "emdash posts --json")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ((), "no posts were named"),
            (("--locale", "de"), "no posts were named"),
            (("a", "-"), "- stands for all slugs"),
            (("a", "--status", "scheduled"), "slugs and filters were given"),
            (("--from", "2026-06-31"), "2026-06-31"),
            (("--from", "2026-06-02", "--to", "2026-06-01"), "ends before it begins"),
            (("--stream", "nowhere"), "nowhere"),
        ],
    )
    def test_wrongly(self, site: Site, words: Sequence[str], said: str) -> None:
        site.run("unschedule", *words).fails(2, said)

    def test_in_two_locales(self, any_site: Site) -> None:
        for locale in ("de", "en"):
            for slug in ("a", "b"):
                draft(any_site, slug, id=f"{slug}-{locale}", locale=locale, draft=None)
        any_site.run("schedule", "a", "b", "--at", "+2h").fails(2, "the slug b exists in de and en", "--locale de")
        any_site.run("schedule", "a", "b", "--at", "+2h", "--locale", "DE").succeeds()
        assert any_site.sql("SELECT id FROM ec_posts WHERE status = 'scheduled' ORDER BY id") == [("a-de",), ("b-de",)]


@freeze_time(NOW)
class TestFilters:
    def test_they_need_yes_in_a_pipe_after_saying_what_they_match(self, any_site: Site) -> None:
        many_drafts(any_site, 30, at="2026-07-01 09:00")
        before = any_site.dump()
        refused = any_site.run("unschedule", "--status", "scheduled").fails(2, "match 30 posts", "--yes")
        assert refused.err.startswith("  scheduled  d-00030 (en)  Old\n")
        assert "  and 10 more" in refused.err
        error = any_site.run("unschedule", "--status", "scheduled", "--json").fails(2).json["error"]
        assert error["code"] == "unconfirmed"
        assert any_site.run("unschedule", "--status", "scheduled", "--dry-run", "--json").counts == {"unscheduled": 30}
        assert any_site.dump() == before
        done = any_site.run("unschedule", "--status", "scheduled", "--yes", "--json").succeeds()
        assert done.counts == {"unscheduled": 30}

    @pytest.mark.parametrize(("answer", "code", "status"), [("y", 0, "draft"), ("n", 3, "scheduled")])
    def test_they_ask_on_a_terminal(self, site: Site, answer: str, code: int, status: str) -> None:
        many_drafts(site, 2, at="2026-07-01 09:00")
        ours, theirs = pty.openpty()
        words = site.command("unschedule", "--status", "scheduled")
        process = subprocess.Popen(
            words, cwd=site.root, env=clean_environment(), stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs
        )
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        said = terminal_text(ours)
        process.communicate(timeout=60)
        assert process.returncode == code, said
        assert "Unschedule 2 posts? [y/N]" in said
        assert site.sql("SELECT DISTINCT status FROM ec_posts") == [(status,)]

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("--status scheduled", "a b c"),
            ("--author ann", "a"),
            ("--category tidings", "b"),
            ("--tag hot", "c"),
            ("--stream default", "a"),
            ("--from 2026-07-02", "b c"),
            ("--from 2026-07-02 --to 2026-07-02", "b"),
            ("--to 2026-07-02 --author ann", "a"),
            ("--from 2026-07-02 --locale de", "b"),
            ("--from 2027-01-01", ""),
        ],
    )
    def test_each(self, any_site: Site, words: str, found: str) -> None:
        for day, slug in enumerate("abc", start=1):
            at = f"2026-07-0{day}T09:00:00.000Z"
            draft(any_site, slug, status="scheduled", scheduled_at=at, locale="de" if slug == "b" else "en")
        any_site.insert("_emdash_bylines", id="L", slug="ann", display_name="Ann", translation_group="L", locale="en")
        any_site.insert("_emdash_content_bylines", id="C", collection_slug="posts", content_id="A", byline_id="L")
        for term, taxonomy, post in (("tidings", "category", "B"), ("hot", "tag", "C")):
            group = f"T-{term}"
            any_site.insert("taxonomies", id=group, name=taxonomy, slug=term, label=term, translation_group=group)
            any_site.insert("content_taxonomies", collection="posts", entry_id=post, taxonomy_id=group)
        any_site.insert(
            "publish_ledger",
            **dict.fromkeys(("key", "digest", "revision_id", "translation_group", "file", "slug", "run_id"), "x"),
            post_id="A",
            outcome="draft",
            stream="default",
            locale="en",
            recorded_at=ago(),
        )
        done = any_site.run("unschedule", *words.split(), "--yes", "--json").succeeds()
        assert sorted(post["slug"] for post in done.json["posts"]) == found.split()

    def test_a_name_that_does_not_exist_is_remarked_on(self, site: Site) -> None:
        done = site.run("unschedule", "--author", "nobody", "--yes").succeeds()
        assert done.err == "there is no author 'nobody'\nno posts\n"

    def test_whoever_may_not_is_not_told_what_they_match(self, site: Site) -> None:
        many_drafts(site, 2)
        site.insert("users", id="U1", email="ada@example.com", role=30)
        done = site.run("schedule", "--status", "draft", "--at", "now", "--as", "U1").fails(4, "may not schedule")
        assert "d-00001" not in done.err


def counted(done: Result) -> tuple[int, dict[str, int]]:
    return done.code, done.counts


def test_on_d1(d1_site: D1Site) -> None:
    slugs = many_drafts(d1_site, 1100)
    assert counted(d1_site.run("schedule", *slugs, "--at", "2050-01-07 09:00", "--json")) == (0, {"scheduled": 1100})
    moved = d1_site.run("reschedule", *slugs, "--by", "+7d", "--json")
    assert counted(moved) == (0, {"rescheduled": 1100})
    again = d1_site.run("reschedule", "--status", "scheduled", "--at", "2050-01-14 09:00", "--yes", "--json")
    assert counted(again) == (0, {"unchanged": 1100})
    assert counted(d1_site.run("unschedule", *slugs, "--json")) == (0, {"unscheduled": 1100})
    assert d1_site.sql("SELECT DISTINCT status, version FROM ec_posts") == [("draft", 4)]
    assert d1_site.sql("SELECT count(*) FROM pipeline_audit") == [(3300,)]
