"""Alarms: said once for each cause, to people, to the audit table, and to what `[alarms]` names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from emdash_cli.distribution import alarms
from emdash_cli.jobs.sql import alarms as sql
from tests.distribution.conftest import TOKEN, settings
from tests.harness.ports import Port
from tests.harness.receiver import Receiver, Reply, receiver
from tests.harness.sessions import session_in
from tests.harness.site import ended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.site import Site

KEY = b"k" * 32
SECRET = base64.b64encode(KEY).decode()


@pytest.fixture
def pager() -> Iterator[Receiver]:
    """A server that stands for whoever is told."""
    with receiver() as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("d1", marks=pytest.mark.d1)])
def alarmed(request: pytest.FixtureRequest, platform: Receiver, pager: Receiver) -> Site:
    """A site, on a file and on D1, with one target, whose alarms go to `pager` and into the file ``told``."""
    site: Site = request.getfixturevalue("site" if request.param == "sqlite" else "d1_site")
    site.environment |= {"PARTNER_TOKEN": TOKEN, "PAGER_SECRET": SECRET}
    tell = site.write(
        "tell.py", "import pathlib, sys\npathlib.Path('told').open('a').write(sys.stdin.read() + '\\n')\n"
    )
    site.settings(settings(platform) + channels(pager, f"{sys.executable} {tell}"))
    return site


def channels(pager: Receiver, command: str, more: str = "") -> str:
    return f"""
[alarms]
webhook = "{pager.url}/alarms"
secret = "env:PAGER_SECRET"
allow_private = true
command = "{command}"
{more}
"""


def live(site: Site, *names: str) -> None:
    for name in names:
        site.put(f"{name}.json")
    assert site.publish().code == 0


def told(site: Site) -> list[dict[str, Any]]:
    """What the command was told of."""
    path = site.root / "told"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [alarm | {"class": json.loads(line)["data"]["class"]} for line in lines
            for alarm in json.loads(line)["data"]["alarms"]]  # fmt: skip


def kinds(site: Site) -> list[tuple[str, str]]:
    return [(alarm["class"], alarm["kind"]) for alarm in told(site)]


def test_a_dead_letter_is_told_once(alarmed: Site, platform: Receiver, pager: Receiver) -> None:
    platform.replies.append(Reply(422, "no title"))
    live(alarmed, "a")
    first = alarmed.run("distribute").fails(3, "note: alarm (content): job 1 on partner is dead: HTTP 422: no title")
    assert "emdash jobs show 1" in first.err
    assert alarmed.run("distribute").succeeds().err == "nothing is due\n"
    request = pager.one
    assert request.path == "/alarms"
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.{request.body.decode()}"
    digest = base64.b64encode(hmac.new(KEY, signed.encode(), hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{digest}"
    notice = request.json
    assert (notice["type"], notice["version"], notice["data"]["class"]) == ("alarm", 1, "content")
    (alarm,) = notice["data"]["alarms"]
    assert {key: alarm[key] for key in ("kind", "platform", "job", "category", "error")} == {
        "kind": "dead",
        "platform": "partner",
        "job": 1,
        "category": "validation",
        "error": "HTTP 422: no title",
    }
    assert told(alarmed) == [alarm | {"class": "content"}]
    ((detail,),) = alarmed.sql("SELECT detail FROM pipeline_audit WHERE action = 'alarm'")
    assert json.loads(detail)["platform"] == "partner"
    assert "alarm" in alarmed.run("history", "a").out
    alarmed.run("status").fails(3, "1 dead on partner")


def test_a_job_that_dies_again_is_another_cause(alarmed: Site, platform: Receiver) -> None:
    platform.replies.extend([Reply(422, "no"), Reply(422, "no")])
    with freeze_time("2026-06-15T12:00:00Z"):
        live(alarmed, "a")
        alarmed.run("distribute").fails(3)
    with freeze_time("2026-06-15T13:00:00Z"):
        alarmed.run("jobs", "retry", "1").succeeds()
        alarmed.run("distribute").fails(3)
    assert kinds(alarmed) == [("content", "dead"), ("content", "dead")]


def test_a_paused_platform_is_told_to_those_who_run_the_blog(alarmed: Site, platform: Receiver) -> None:
    platform.replies.append(Reply(401, "no such token"))
    live(alarmed, "a")
    alarmed.run("distribute").fails(3, "alarm (ops): platform partner is paused: HTTP 401: no such token")
    assert sorted(kinds(alarmed)) == [("ops", "dead"), ("ops", "paused")]


def test_an_unknown_job_and_a_used_up_budget_are_told(alarmed: Site, platform: Receiver, pager: Receiver) -> None:
    alarmed.settings(settings(platform, "monthly_posts = 1") + channels(pager, "true"))
    live(alarmed, "a", "b")
    alarmed.run("distribute").succeeds()
    alarmed.sql("UPDATE publish_jobs SET state = 'unknown', category = 'unknown' WHERE state = 'done'")
    alarmed.run("distribute").succeeds().fails(0, "may or may not have arrived", "too little budget left this month")
    assert alarmed.run("distribute").succeeds().err == "nothing is due\n"
    said = [alarm["kind"] for request in pager.requests for alarm in request.json["data"]["alarms"]]
    assert sorted(said) == ["budget", "unknown"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE publish_jobs SET state = 'dead', ended_at = '2026-06-01T00:00:00.000Z' WHERE id = 1",
        "UPDATE publish_jobs SET state = 'dead', lane = 'gone', ended_at = '2026-06-15T11:00:00.000Z' WHERE id = 1",
        "UPDATE publish_lanes SET spent = 9, spent_in = '2026-05'",
        "UPDATE publish_lanes SET spent = 8, spent_in = '2026-06'",
    ],
    ids=["failed two weeks ago", "a platform that was taken out", "the budget of another month", "enough of a budget"],
)
def test_what_is_past_or_enough_raises_no_alarm(
    alarmed: Site, platform: Receiver, pager: Receiver, change: str
) -> None:
    alarmed.settings(settings(platform, "monthly_posts = 9") + channels(pager, "true"))
    live(alarmed, "a", "b")
    alarmed.sql("UPDATE publish_jobs SET run_after = '2026-06-15T13:00:00.000Z'")
    alarmed.sql(change)
    with freeze_time("2026-06-15T12:00:00Z"):
        alarmed.run("distribute").succeeds()
    assert alarmed.sql("SELECT kind FROM alarms") == []


@pytest.mark.parametrize(("spent", "kinds_raised"), [(6, []), (7, [("budget",)])])
def test_a_thread_for_which_too_little_is_left_is_told(
    alarmed: Site, platform: Receiver, pager: Receiver, spent: int, kinds_raised: list[tuple[str]]
) -> None:
    alarmed.settings(settings(platform, "monthly_posts = 9") + channels(pager, "true"))
    live(alarmed, "a", "b")
    alarmed.sql("UPDATE publish_jobs SET run_after = '2026-06-15T13:00:00.000Z', units = iif(id = 2, 3, 1)")
    alarmed.sql(f"UPDATE publish_lanes SET spent = {spent}, spent_in = '2026-06'")
    with freeze_time("2026-06-15T12:00:00Z"):
        alarmed.run("distribute").succeeds()
    assert alarmed.sql("SELECT kind FROM alarms") == kinds_raised


def test_a_budget_that_is_used_up_is_no_alarm_while_nothing_waits_for_it(
    alarmed: Site, platform: Receiver, pager: Receiver
) -> None:
    alarmed.settings(settings(platform, "monthly_posts = 1") + channels(pager, "true"))
    live(alarmed, "a")
    for _ in range(2):
        alarmed.run("distribute").succeeds()
    assert alarmed.sql("SELECT spent FROM publish_lanes") == [(1,)]
    assert alarmed.sql("SELECT kind FROM alarms") == []


def test_what_was_overdue_is_told_though_it_is_sent_now(alarmed: Site, platform: Receiver) -> None:
    with freeze_time("2026-06-15T12:00:00Z"):
        live(alarmed, "a")
    with freeze_time("2026-06-15T12:10:00Z"):
        alarmed.run("distribute").fails(0, "announcements have been overdue since 2026-06-15T12:00:00.000Z")
        alarmed.run("distribute").succeeds()
    assert kinds(alarmed) == [("ops", "overdue")]
    assert len(platform.requests) == 1


@pytest.mark.parametrize(("lease", "times"), [("12:11", 0), ("12:09", 1)])
def test_what_waits_while_others_are_sent_is_not_overdue(alarmed: Site, lease: str, times: int) -> None:
    """A lease that has ended is nobody's who sends."""
    with freeze_time("2026-06-15T12:00:00Z"):
        live(alarmed, "a", "b")
    alarmed.sql(
        f"UPDATE publish_jobs SET state = 'running', claim = 'c', lease_until = '2026-06-15T{lease}:00.000Z'"
        " WHERE id = 1"
    )
    with freeze_time("2026-06-15T12:10:00Z"):
        alarmed.run("distribute").succeeds()
    assert kinds(alarmed) == [("ops", "overdue")] * times


class TestBatches:
    """What is sent twice, or by a run that was thought to be dead, is recorded and counted once."""

    @pytest.fixture
    def port(self, site: Site, platform: Receiver) -> Iterator[Port]:
        site.settings(settings(platform))
        live(site, "a")
        site.sql("UPDATE publish_jobs SET state = 'dead', ended_at = strftime('%Y-%m-%dT%H:%M:%fZ')")
        with closing(Port(site)) as port:
            yield port

    def test_a_cause_is_raised_and_recorded_once(self, site: Site, port: Port) -> None:
        at = alarms.moment(session_in(port), '["partner"]')
        assert len(port.query(sql.anything_new(at))) == 1
        for _ in range(2):
            assert len(port.batch(sql.raise_alarms(at, "one-", "me"))[-1]) == 1
        assert port.batch(sql.raise_alarms(at, "two-", "me"))[-1] == []
        assert site.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'alarm'") == [(1,)]
        site.sql("UPDATE alarms SET told_at = raised_at")
        assert port.query(sql.anything_new(at)) == []

    def test_a_run_that_was_thought_dead_does_not_speak_for_the_one_that_followed(self, site: Site, port: Port) -> None:
        at = alarms.moment(session_in(port), '["partner"]')
        port.batch(sql.raise_alarms(at, "one-", "me"))
        later = at._replace(now="2999-01-01T00:20:00.000Z", lost="2999-01-01T00:10:00.000Z")
        ((cause,),) = site.sql("SELECT cause FROM alarms")
        for moment, token in ((at, "one-"), (later, "two-")):
            assert len(port.batch(sql.take(moment, token))[-1]) == 1
        port.batch([sql.told("one-", at.now, None, [cause])])
        assert site.sql("SELECT told_at, tries, claim FROM alarms") == [(None, 0, "two-")]


def test_a_class_may_have_its_own_channels(alarmed: Site, platform: Receiver, pager: Receiver) -> None:
    own = f'[alarms.content]\nwebhook = "{pager.url}/authors"\n'
    alarmed.settings(settings(platform) + channels(pager, "true", own))
    platform.replies.extend([Reply(422, "no"), Reply(401, "no")])
    live(alarmed, "a", "b")
    alarmed.run("distribute").fails(3)
    assert sorted(request.path for request in pager.requests) == ["/alarms", "/authors"]
    shown = alarmed.run("config", "--json").succeeds().json["values"]
    assert shown["alarms.secret"]["value"] == "env:PAGER_SECRET"
    assert shown["alarms.content.webhook"]["value"] == f"{pager.url}/authors"


def test_without_channels_it_is_said_and_recorded(site: Site, platform: Receiver) -> None:
    site.settings(settings(platform))
    site.environment |= {"PARTNER_TOKEN": TOKEN}
    platform.replies.append(Reply(422, "no"))
    live(site, "a")
    site.run("distribute").fails(3, "alarm (content)")
    assert site.sql("SELECT told_at IS NULL, error FROM alarms") == [(0, None)]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("/nonexistent/pager", "could not be run: No such file or directory"),
        ("sh -c 'echo broken >&2; exit 7'", "ended with 7: broken"),
        ("sleep 30", "took longer than 1 s"),
    ],
)
def test_an_alarm_that_fails_stops_nothing_and_is_tried_again(
    alarmed: Site, platform: Receiver, pager: Receiver, command: str, why: str
) -> None:
    alarmed.settings(settings(platform) + channels(pager, command, "timeout = 1"))
    pager.otherwise = lambda _: Reply(500, "pager down")
    platform.replies.append(Reply(422, "no"))
    live(alarmed, "a", "b")
    alarmed.run("distribute").fails(3, "an alarm (content) could not be sent: the webhook failed", why)
    assert [state for (state,) in alarmed.sql("SELECT state FROM publish_jobs ORDER BY state")] == ["dead", "done"]
    alarmed.settings(settings(platform) + channels(pager, "true"))
    pager.otherwise = lambda _: Reply()
    assert alarmed.run("distribute").succeeds().err == "nothing is due\n"
    first, second = pager.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    alarmed.run("distribute").succeeds()
    assert len(pager.requests) == 2


def test_it_is_given_up_after_five_runs(alarmed: Site, platform: Receiver, pager: Receiver) -> None:
    pager.otherwise = lambda _: Reply(500)
    platform.replies.append(Reply(422, "no"))
    live(alarmed, "a")
    for _ in range(7):
        alarmed.run("distribute")
    assert len(pager.requests) == 5
    assert alarmed.sql("SELECT tries, told_at FROM alarms") == [(5, None)]


def test_a_missing_secret_is_said_and_not_repeated(alarmed: Site, platform: Receiver, pager: Receiver) -> None:
    alarmed.environment |= {"PAGER_SECRET": "too-short"}
    platform.replies.append(Reply(422, "no"))
    live(alarmed, "a")
    result = alarmed.run("distribute").fails(3, "the webhook was not called: the secret of `alarms.secret`")
    assert "too-short" not in result.err
    assert pager.requests == []


def test_a_command_that_repeats_its_environment_gives_no_secret_away(
    alarmed: Site, platform: Receiver, pager: Receiver
) -> None:
    command = "sh -c 'echo it failed with $PARTNER_TOKEN and $PAGER_SECRET >&2; exit 1'"
    alarmed.settings(settings(platform) + channels(pager, command))
    pager.otherwise = lambda request: Reply(500, {"repeated": dict(request.headers)})
    platform.replies.append(Reply(422, "no"))
    live(alarmed, "a")
    told = alarmed.run("distribute").fails(3, "it failed with *** and ***", "the webhook failed")
    kept = str([alarmed.sql(f"SELECT * FROM {table}") for table in ("alarms", "pipeline_audit", "job_attempts")])
    said = told.out + told.err + kept + alarmed.run("status", "--json").out
    assert not any(secret in said for secret in (TOKEN, SECRET))


def test_several_runs_at_once_tell_it_once(alarmed: Site, pager: Receiver) -> None:
    live(alarmed, "a", "b", "c")
    alarmed.sql("UPDATE publish_jobs SET state = 'dead', category = 'quota', ended_at = strftime('%Y-%m-%dT%H:%M:%fZ')")
    pager.otherwise = lambda _: Reply(delay_s=0.2)
    for process in [alarmed.start("distribute") for _ in range(4)]:
        ended(process).succeeds()
    said = [alarm["job"] for request in pager.requests for alarm in request.json["data"]["alarms"]]
    assert sorted(said) == [1, 2, 3]
    assert alarmed.sql("SELECT count(*) FROM pipeline_audit WHERE action = 'alarm'") == [(3,)]


def test_what_a_dead_run_has_taken_another_one_tells(alarmed: Site, pager: Receiver) -> None:
    live(alarmed, "a")
    with freeze_time("2026-06-15T12:00:00Z"):
        alarmed.sql("UPDATE publish_jobs SET state = 'dead', category = 'quota', ended_at = '2026-06-15T12:00:00.000Z'")
        alarmed.sql(
            "INSERT INTO alarms (cause, class, kind, raised_at, raised_by, claim, claimed_at) VALUES"
            " ('dead:1:2026-06-15T12:00:00.000Z', 'ops', 'dead', '', '', 'gone', '2026-06-15T12:00:00.000Z')"
        )
        alarmed.run("distribute").succeeds()
    assert pager.requests == []
    with freeze_time("2026-06-15T12:11:00Z"):
        alarmed.run("distribute").succeeds()
    assert len(pager.requests) == 1


def test_a_dry_run_tells_nobody(alarmed: Site, pager: Receiver) -> None:
    live(alarmed, "a")
    alarmed.sql("UPDATE publish_jobs SET state = 'dead', ended_at = strftime('%Y-%m-%dT%H:%M:%fZ')")
    assert alarmed.run("distribute", "--dry-run").succeeds().err == "nothing is due\n"
    assert pager.requests == []
    assert alarmed.sql("SELECT count(*) FROM alarms") == [(0,)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[alarms]\nwebhook = "https://x.example"\n', ["no `secret`"]),
        ('[alarms]\nwebhook = "ftp://x.example"\n', ["alarms.webhook", "not a URL"]),
        ('[alarms]\nsecret = "plain"\n', ["alarms.secret", "a secret must not stand in the settings"]),
        ('[alarms]\ncommand = "\'"\n', ["alarms.command", "is not a command"]),
        ("[alarms]\nwebhok = 1\n", ["alarms.webhok", "did you mean `alarms.webhook`?"]),
        ('[alarms.opps]\ncommand = "x"\n', ["alarms.opps.command", "did you mean"]),
        ('[alarms]\nallow_private = "yes"\n', ["alarms.allow_private", "true or false"]),
    ],
)
def test_settings_that_cannot_work_are_refused(site: Site, text: str, words: list[str]) -> None:
    site.settings(text)
    site.run("distribute").fails(2, *words)
