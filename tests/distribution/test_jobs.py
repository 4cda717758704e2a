"""`emdash jobs` and `emdash dead`: what became of each announcement, and what people decide about it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.databases.sqlite import SqliteDatabase
from emdash_cli.distribution import sql
from emdash_cli.distribution.jobs import change, resolve
from emdash_cli.domain.ports import Statement
from tests.distribution.conftest import TOKEN, settings
from tests.harness.ports import Port
from tests.harness.receiver import LOST, Reply
from tests.harness.sessions import session_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row
    from tests.harness.receiver import Receiver
    from tests.harness.site import Site

ENDED = "2026-05-01T10:00:00.000Z"


@pytest.fixture(params=["sqlite", pytest.param("d1", marks=pytest.mark.d1)])
def blog(request: pytest.FixtureRequest, platform: Receiver) -> Site:
    """A site on a file and on D1, whose posts are announced to `platform`."""
    site: Site = request.getfixturevalue("site" if request.param == "sqlite" else "d1_site")
    site.settings(settings(platform))
    site.environment["PARTNER_TOKEN"] = TOKEN
    return site


def publish(site: Site, *names: str) -> None:
    for name in names:
        site.put(f"{name}.json", title=f"About {name}", body_text="Some *text*.")
    assert site.publish().code == 0


def make_unknown(site: Site, job: int = 1, *, parts: int = 1, late: str | None = None) -> None:
    """Leave a job as a runner does whose worker was lost, perhaps with an answer that came later."""
    site.sql(
        f"UPDATE publish_jobs SET state = 'unknown', category = 'worker_lost', ended_at = '{ENDED}', parts = {parts},"
        f" payload = '[\"one\", \"two\"]', error = 'the process ended' WHERE id = {job}"
    )
    told = ("'delivered'", f"'{late}'", "0", f"'{ENDED}'") if late else ("NULL",) * 4
    site.sql(
        "INSERT OR REPLACE INTO job_attempts"
        " (job_id, claim, begun_at, worker, lost_at, category, external_id, applied, ended_at)"
        f" VALUES ({job}, 'c', '{ENDED}', 'host:1', '{ENDED}', {', '.join(told)})"
    )


def make_dead(site: Site, job: int, category: str = "validation", ended_at: str = ENDED) -> None:
    site.sql(
        f"UPDATE publish_jobs SET state = 'dead', category = '{category}', error = 'no', ended_at = '{ended_at}',"
        f" attempts = 4, crashes = 2, stale_at = '{ENDED}', payload = '[\"old\"]' WHERE id = {job}"
    )


def state(site: Site, job: int = 1) -> Any:
    ((found,),) = site.sql(f"SELECT state FROM publish_jobs WHERE id = {job}")
    return found


def actions(site: Site) -> list[str]:
    return [row[0] for row in site.sql("SELECT action FROM pipeline_audit WHERE action LIKE 'job_%' ORDER BY id")]


class TestList:
    def test_each_job_has_the_keys_of_the_document(self, blog: Site) -> None:
        publish(blog, "a", "b")
        blog.run("distribute", "--limit", "1").succeeds()
        waiting, sent = blog.run("jobs", "list", "--json").succeeds().json["jobs"]
        assert list(sent) == [
            *("id", "platform", "kind", "slug", "post_id", "state", "category", "attempts", "external_id", "error"),
            *("run_after", "cost_usd"),
        ]
        assert (sent["slug"], sent["state"], sent["category"], sent["attempts"]) == ("a", "done", "delivered", 1)
        assert (waiting["slug"], waiting["state"], waiting["category"]) == ("b", "pending", None)
        assert sent["run_after"] is None
        assert waiting["run_after"]

    @pytest.mark.parametrize(
        ("options", "found"),
        [
            ((), [5, 4, 3, 2, 1]),
            (("--state", "pending"), [4]),
            (("--state", "done"), [5]),
            (("--state", "dead"), [2, 1]),
            (("--state", "unknown"), [3]),
            (("--state", "running"), []),
            (("--category", "auth"), [2]),
            (("--state", "dead", "--before", "2026-05-02"), [1]),
            (("--state", "dead", "--since", "2026-05-02"), [2]),
            (("--platform", "other"), []),
            (("--state", "pending", "--platform", "partner"), [4]),
            (("--state", "pending", "--platform", "other"), []),
            (("--limit", "2"), [5, 4]),
        ],
    )
    def test_filters(self, blog: Site, options: tuple[str, ...], found: list[int]) -> None:
        publish(blog, "a", "b", "c", "d", "e")
        make_dead(blog, 1)
        make_dead(blog, 2, "auth", "2026-05-03T00:00:00.000Z")
        make_unknown(blog, 3)
        blog.sql(f"UPDATE publish_jobs SET state = 'done', ended_at = '{ENDED}' WHERE id = 5")
        listed = blog.run("jobs", "list", "--json", *options).succeeds()
        assert [job["id"] for job in listed.json["jobs"]] == found
        if options[:1] == ("--limit",):
            assert "there are more jobs" in listed.err

    def test_in_a_pipe_it_is_lines_and_on_a_terminal_a_table(self, announcing: Site) -> None:
        assert announcing.run("jobs", "list").succeeds().err == "no jobs\n"
        publish(announcing, "a")
        make_dead(announcing, 1)
        assert announcing.run("dead", "list").lines == [f"1\tdead\ta\tpartner\tvalidation\t4\t{ENDED}\tno"]
        announcing.is_terminal = True
        announcing.environment["NO_COLOR"] = "1"
        shown = announcing.run("jobs", "list").out
        assert all(word in shown for word in ("Job", "State", "Platform", "dead", "validation"))

    def test_on_emdash(self, any_site: Site, platform: Receiver) -> None:
        any_site.settings(settings(platform))
        any_site.environment["PARTNER_TOKEN"] = TOKEN
        publish(any_site, "a")
        make_dead(any_site, 1)
        assert any_site.run("jobs", "list", "--json").json["jobs"][0]["slug"] == "a"
        any_site.run("jobs", "show", "1").succeeds()
        any_site.run("jobs", "retry", "1").succeeds()
        any_site.run("distribute").succeeds()
        assert state(any_site) == "done"


class TestShow:
    def test_every_attempt_is_shown_with_what_the_platform_answered(self, blog: Site, platform: Receiver) -> None:
        publish(blog, "a")
        platform.replies.append(Reply(422, {"error": "no title"}))
        blog.run("distribute").fails(3)
        shown = blog.run("jobs", "show", "1", "--json").succeeds().json
        assert shown["job"]["state"] == "dead"
        assert [one["evidence"] for one in shown["attempts"]] == ['{"error": "no title"}']
        assert shown["next"] == "emdash jobs retry 1"
        text = blog.run("jobs", "show", "1").succeeds()
        assert "no title" in text.out
        assert "next: emdash jobs retry 1" in text.err

    def test_there_is_no_such_job(self, announcing: Site) -> None:
        announcing.run("jobs", "show", "7").fails(3, "there is no job 7", "emdash jobs list")

    def test_control_characters_of_a_platform_reach_no_terminal(self, announcing: Site, platform: Receiver) -> None:
        publish(announcing, "a")
        platform.replies.append(Reply(422, "\x1b[31mred"))
        announcing.run("distribute")
        for words in (("jobs", "show", "1"), ("jobs", "list")):
            assert "\x1b" not in announcing.run(*words).out


class TestRetry:
    def test_a_dead_job_is_sent_again_as_the_post_is_now(self, blog: Site, platform: Receiver) -> None:
        publish(blog, "a")
        make_dead(blog, 1)
        (job,) = blog.run("jobs", "retry", "1", "--json").succeeds().json["jobs"]
        assert (job["state"], job["attempts"]) == ("pending", 0)
        blog.run("distribute").succeeds()
        assert state(blog) == "done"
        assert platform.one.json["slug"] == "a"
        assert actions(blog) == ["job_retried"]

    def test_a_thread_goes_on_after_the_parts_that_are_out(self, blog: Site) -> None:
        publish(blog, "a")
        make_dead(blog, 1)
        blog.sql('UPDATE publish_jobs SET parts = 3, payload = \'["1", "2", "3"]\' WHERE id = 1')
        blog.sql(f"INSERT INTO job_steps VALUES (1, 0, 'c', '{ENDED}', '{ENDED}', 'first')")
        blog.run("jobs", "retry", "1").succeeds()
        assert blog.sql("SELECT parts, units, payload FROM publish_jobs") == [(3, 2, '["1", "2", "3"]')]

    @pytest.mark.parametrize(
        ("now", "words"),
        [
            ("pending", ("it has not been sent yet", "emdash distribute")),
            ("running", ("it is being sent", "emdash jobs show 1")),
            ("done", ("it was sent as x1", "emdash announce a --platform partner --again")),
            ("unknown", ("it may have arrived", "emdash jobs resolve 1 --posted")),
            ("discarded", ("which is final", "--again")),
        ],
    )
    def test_any_other_state_is_refused_with_the_next_step(self, blog: Site, now: str, words: tuple[str, ...]) -> None:
        publish(blog, "a")
        claim = "'t'" if now == "running" else "NULL"
        named = "'x1'" if now == "done" else "NULL"
        blog.sql(
            f"UPDATE publish_jobs SET state = '{now}', claim = {claim}, ended_at = '{ENDED}', external_id = {named}"
        )
        blog.run("jobs", "retry", "1").fails(3, "job 1 cannot be retried", *words)
        assert state(blog) == now
        assert actions(blog) == []

    def test_those_that_can_be_retried_are(self, blog: Site) -> None:
        publish(blog, "a", "b")
        make_dead(blog, 2)
        told = blog.run("jobs", "retry", "1", "2", "9", "--json").fails(3).json
        assert [job["id"] for job in told["jobs"]] == [2]
        assert [error["code"] for error in told["refused"]] == ["no_such_job", "job_pending"]

    def test_a_paused_platform_is_named(self, announcing: Site) -> None:
        publish(announcing, "a")
        make_dead(announcing, 1, "auth")
        announcing.sql(f"UPDATE publish_lanes SET paused_at = '{ENDED}', paused_reason = 'bad token'")
        told = announcing.run("jobs", "retry", "1").succeeds()
        assert "platform partner has been paused since" in told.err

    def test_a_platform_that_is_not_set_up_any_more_is_refused(self, announcing: Site) -> None:
        publish(announcing, "a")
        make_dead(announcing, 1)
        announcing.sql(f"UPDATE publish_lanes SET removed_at = '{ENDED}'")
        announcing.run("jobs", "retry", "1").fails(3, "not set up any more", "[platforms.partner]")


class TestResolve:
    def test_what_has_arrived_is_done(self, blog: Site, platform: Receiver) -> None:
        publish(blog, "a")
        make_unknown(blog)
        told = blog.run("jobs", "resolve", "1", "--posted", "77").succeeds()
        assert told.lines == ["posted\t1\ta\tpartner\tdone"]
        assert "no outcome was recorded" in told.err
        assert blog.sql("SELECT state, external_id, category, error FROM publish_jobs") == [
            ("done", "77", "delivered", None)
        ]
        blog.run("distribute").succeeds()
        assert platform.requests == []
        shown = blog.run("jobs", "show", "1", "--json").json
        assert [(one["action"], one["detail"]["external_id"]) for one in shown["decisions"]] == [("job_resolved", "77")]
        assert len(shown["attempts"]) == 1

    def test_what_has_not_arrived_is_sent_again(self, blog: Site) -> None:
        publish(blog, "a")
        make_unknown(blog)
        blog.sql("UPDATE publish_jobs SET payload = NULL")
        blog.run("jobs", "resolve", "1", "--not-posted").succeeds()
        blog.run("distribute").succeeds()
        assert state(blog) == "done"

    @pytest.mark.parametrize(
        ("changed", "options", "spent"),
        [
            ("spent = spent", ("--not-posted",), 0),
            ("spent = spent", ("--not-posted", "--dry-run"), 1),
            ("spent = spent", ("--posted", "7"), 1),
            ("spent_in = '2999-01'", ("--not-posted",), 1),
        ],
    )
    def test_the_budget_of_what_has_not_arrived_is_given_back(
        self, blog: Site, platform: Receiver, changed: str, options: tuple[str, ...], spent: int
    ) -> None:
        kind = 'kind = "telegram"\nchat = "@blog"\nmonthly_posts = 1\nrate = "60000/min"\n'
        blog.settings(
            f'[streams.default]\nplatforms = ["partner"]\n[platforms.partner]\n{kind}token = "env:PARTNER_TOKEN"\n'
            f'api_base = "{platform.url}"\nallow_private = true\n'
        )
        publish(blog, "a")
        platform.replies.append(LOST)
        blog.run("distribute")
        assert state(blog) == "unknown"
        blog.sql(f"UPDATE publish_lanes SET {changed}")
        blog.run("jobs", "resolve", "1", *options).succeeds()
        assert blog.sql("SELECT spent FROM publish_lanes") == [(spent,)]
        if not spent:
            platform.replies.append(Reply(body={"ok": True, "result": {"message_id": 7}}))
            blog.run("distribute").succeeds()
            assert state(blog) == "done"
            assert blog.sql("SELECT spent FROM publish_lanes") == [(1,)]

    def test_an_answer_that_came_late_counts_as_evidence(self, blog: Site) -> None:
        publish(blog, "a")
        make_unknown(blog, late="99")
        assert "told late    it arrived as 99" in blog.run("jobs", "show", "1").out
        assert blog.run("jobs", "show", "1", "--json").json["told_late"] == "99"
        blog.run("jobs", "resolve", "1", "--not-posted").fails(3, "job 1 did arrive", "--posted 99")
        assert state(blog) == "unknown"

    @pytest.mark.parametrize(
        ("options", "expected", "kept"),
        [
            (("--posted", "second"), ("pending", 1), [(0, "first"), (1, "second")]),
            (("--not-posted",), ("pending", 2), [(0, "first")]),
        ],
    )
    def test_a_thread_goes_on(
        self, blog: Site, options: tuple[str, ...], expected: tuple[str, int], kept: list[tuple[int, str]]
    ) -> None:
        publish(blog, "a")
        make_unknown(blog, parts=3)
        blog.sql(f"INSERT INTO job_steps VALUES (1, 0, 'c', '{ENDED}', '{ENDED}', 'first')")
        blog.sql(f"INSERT INTO job_steps VALUES (1, 1, 'c', '{ENDED}', NULL, NULL)")
        blog.run("jobs", "resolve", "1", *options).succeeds()
        assert blog.sql("SELECT state, units FROM publish_jobs") == [expected]
        assert blog.sql("SELECT step, external_id FROM job_steps ORDER BY step") == kept

    def test_the_last_part_ends_a_thread(self, blog: Site) -> None:
        publish(blog, "a")
        make_unknown(blog, parts=2)
        blog.sql(f"INSERT INTO job_steps VALUES (1, 0, 'c', '{ENDED}', '{ENDED}', 'first')")
        blog.sql(f"INSERT INTO job_steps VALUES (1, 1, 'c', '{ENDED}', NULL, NULL)")
        blog.run("jobs", "resolve", "1", "--posted", "second").succeeds()
        assert blog.sql("SELECT state, external_id FROM publish_jobs") == [("done", "first")]

    @pytest.mark.parametrize("options", [(), ("--posted", "1", "--not-posted"), ("--posted", " ")])
    def test_it_is_said_in_one_way(self, announcing: Site, options: tuple[str, ...]) -> None:
        announcing.run("jobs", "resolve", "1", *options).fails(2, "--posted EXTERNAL_ID, or --not-posted")

    def test_only_an_unknown_job_is_resolved(self, announcing: Site) -> None:
        publish(announcing, "a")
        announcing.run("jobs", "resolve", "1", "--posted", "x").fails(
            3, "job 1 cannot be resolved", "emdash distribute"
        )


class TestDead:
    def filled(self, site: Site) -> None:
        publish(site, "a", "b", "c", "d")
        make_dead(site, 1)
        make_dead(site, 2, "auth")
        make_dead(site, 3, "validation", "2026-05-03T00:00:00.000Z")

    @pytest.mark.parametrize("verb", ["replay", "discard"])
    @pytest.mark.parametrize(
        ("options", "found"),
        [
            (("--category", "validation"), {1, 3}),
            (("--before", "2026-05-03"), {1, 2}),
            (("--since", "2026-05-03"), {3}),
            (("--since", "2026-05-01", "--before", "2026-05-02", "--category", "validation"), {1}),
            (("--since", "2026-05-04"), set()),
            (("--platform", "partner", "--category", "auth"), {2}),
            (("--platform", "other"), set()),
            (("--all",), {1, 2, 3}),
            (("1", "3"), {1, 3}),
        ],
    )
    def test_by_id_and_filter(self, blog: Site, verb: str, options: tuple[str, ...], found: set[int]) -> None:
        self.filled(blog)
        before = blog.sql("SELECT * FROM publish_jobs")
        dry = blog.run("dead", verb, "--dry-run", "--json", *options).succeeds().json
        assert {job["id"] for job in dry["jobs"]} == found
        assert blog.sql("SELECT * FROM publish_jobs") == before
        told = blog.run("dead", verb, "--json", *options).succeeds().json
        assert {job["id"] for job in told["jobs"]} == found
        changed = blog.sql(
            f"SELECT id FROM publish_jobs WHERE state = '{'pending' if verb == 'replay' else 'discarded'}'"
        )
        assert {job for (job,) in changed} == found | ({4} if verb == "replay" else set())
        assert len(actions(blog)) == len(found)

    @pytest.mark.parametrize("options", [(), ("1", "--all"), ("1", "--platform", "x"), ("--all", "--category", "auth")])
    def test_the_jobs_are_named_in_one_way(self, announcing: Site, options: tuple[str, ...]) -> None:
        announcing.run("dead", "replay", *options).fails(2, "name the jobs in one way")

    @pytest.mark.parametrize(("option", "found"), [("--since", {2}), ("--before", {1})])
    def test_a_day_begins_in_the_zone_of_the_settings(
        self, announcing: Site, platform: Receiver, option: str, found: set[int]
    ) -> None:
        announcing.settings('timezone = "Asia/Tokyo"\n' + settings(platform))
        publish(announcing, "a", "b")
        make_dead(announcing, 1, ended_at="2026-05-02T14:59:59.999Z")
        make_dead(announcing, 2, ended_at="2026-05-02T15:00:00.000Z")
        told = announcing.run("dead", "replay", option, "2026-05-03", "--json").succeeds().json
        assert {job["id"] for job in told["jobs"]} == found
        assert announcing.sql("SELECT id FROM publish_jobs WHERE state = 'pending'") == [(job,) for job in found]

    @pytest.mark.parametrize("verb", ["list", "replay", "discard"])
    @pytest.mark.parametrize("option", ["--since", "--before"])
    def test_what_is_no_date_is_refused_and_changes_nothing(self, announcing: Site, verb: str, option: str) -> None:
        self.filled(announcing)
        before = announcing.sql("SELECT * FROM publish_jobs")
        announcing.run("dead", verb, option, "someday").fails(2, "someday")
        announcing.run("dead", verb, option, "").fails(2)
        assert announcing.sql("SELECT * FROM publish_jobs") == before

    def test_only_dead_jobs_are_meant(self, announcing: Site) -> None:
        self.filled(announcing)
        announcing.run("dead", "discard", "4").fails(3, "job 4 cannot be discarded", "it has not been sent yet")
        announcing.run("jobs", "discard", "4").succeeds()
        assert state(announcing, 4) == "discarded"

    def test_many_at_once(self, announcing: Site) -> None:
        announcing.put_many(1)
        announcing.publish()
        announcing.sql(
            "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1300) INSERT INTO publish_jobs"
            " (id, subject, lane, kind, state, run_after, created_at, ended_at)"
            f" SELECT i, 'p' || i, 'partner', 'announce', 'dead', '{ENDED}', '{ENDED}', '{ENDED}' FROM n"
        )
        told = announcing.run("dead", "replay", "--all", "--json").succeeds().json
        assert len(told["jobs"]) == 1299
        assert announcing.sql("SELECT count(*) FROM publish_jobs WHERE state = 'dead'") == [(0,)]


def test_a_batch_that_arrives_again_revives_nothing(announcing: Site) -> None:
    """Not even if the job has died once more in between."""
    publish(announcing, "a")
    make_dead(announcing, 1)
    with closing(Recorded(announcing)) as recorded:
        change(session_in(recorded), "retry", [1], is_preview=False)
        assert state(announcing) == "pending"
        make_dead(announcing, 1, ended_at="2026-07-01T00:00:00.000Z")
        recorded.inner.batch(recorded.batches[-1])
    assert state(announcing) == "dead"
    assert actions(announcing) == ["job_retried"]


class Recorded(Port):
    """Remembers what it was asked."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.batches: list[Sequence[Statement]] = []

    def batch(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.batches.append(statements)
        return super().batch(statements)


@pytest.mark.parametrize("state", [None, "pending", "running", "done", "dead", "unknown", "discarded"])
def test_lists_go_by_indexes(announcing: Site, state: str | None) -> None:
    with closing(SqliteDatabase(announcing.store)) as database:
        names = session_in(database).names
        asked = [
            sql.listing(names, sql.Filter(state, "partner")),
            sql.by_ids(names, [1]),
            sql.attempts(1),
            sql.steps(1),
        ]
        for statement in asked:
            plan = database.query(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params))
            scanned = {str(step["detail"]).split()[1] for step in plan if str(step["detail"]).startswith("SCAN ")}
            # Without a state, the numbers of the jobs are walked through from the latest, as far as the limit goes.
            assert scanned <= {"q", "w", "b", "CONSTANT", *(() if state else ("j",))}, plan


def test_decisions_go_by_indexes(announcing: Site) -> None:
    publish(announcing, "a")
    make_dead(announcing, 1)
    with closing(Recorded(announcing)) as recorded:
        session = session_in(recorded)
        change(session, "retry", [1], is_preview=False)
        change(session, "discard", [1], is_preview=False)
        make_unknown(announcing)
        resolve(session, 1, "x", is_preview=False)
        make_unknown(announcing)
        resolve(session, 1, None, is_preview=False)
        decided = [statement for batch in recorded.batches for statement in batch if "pipeline_audit" in statement.sql]
        assert len(decided) > 10
        for statement in decided:
            plan = recorded.inner.query(Statement(f"EXPLAIN QUERY PLAN {statement.sql}", statement.params))
            scanned = {str(step["detail"]).split()[1] for step in plan if str(step["detail"]).startswith("SCAN ")}
            assert scanned <= {"a", "b", "CONSTANT"}, (statement.sql, plan)
