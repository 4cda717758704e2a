"""`emdash status` of the platforms: what failed, what is paused, what is overdue, and a digest of a week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from freezegun import freeze_time

from tests.harness.receiver import Reply
from tests.reports.conftest import on_platforms

if TYPE_CHECKING:
    from tests.harness.receiver import Receiver
    from tests.harness.site import Site

NOW = "2026-06-15T12:00:00Z"


def live(site: Site, *names: str) -> None:
    for name in names:
        site.put(f"{name}.json")
    assert site.publish().code == 0


def test_all_is_well_while_everything_is_sent(announcing: Site) -> None:
    live(announcing, "a")
    announcing.run("distribute").succeeds()
    told = announcing.run("status").succeeds()
    assert told.lines[-2:] == ["blog\t0\t0\t0\t1\t", "partner\t0\t0\t0\t1\t"]
    document = announcing.run("status", "--json").json
    assert (document["dead_letters"], document["announcements_due_at"]) == ([], None)


def test_dead_and_unknown_jobs_are_problems_until_somebody_takes_care(announcing: Site, platform: Receiver) -> None:
    platform.otherwise = lambda request: Reply(422, "no title") if request.path == "/blog" else Reply()
    live(announcing, "a", "b")
    announcing.run("distribute").fails(3)
    announcing.sql("UPDATE publish_jobs SET state = 'unknown', category = 'unknown' WHERE lane = 'partner'")
    told = announcing.run("status").fails(
        3, "2 dead on blog (refused): `emdash dead list`", "2 unknown on partner (the answer was lost)"
    )
    assert "2\tblog\trefused\t" in told.out
    assert "\tHTTP 422: no title" in told.out
    document = announcing.run("status", "--json").fails(3).json
    assert [(one["platform"], one["category"], one["count"]) for one in document["dead_letters"]] == [
        ("blog", "validation", 2)
    ]
    assert [(one["dead"], one["unknown"]) for one in document["platforms"]] == [(2, 0), (0, 2)]
    announcing.sql("UPDATE publish_jobs SET state = 'discarded'")
    announcing.run("status").succeeds()


def test_the_digest_is_of_a_week(announcing: Site, platform: Receiver) -> None:
    platform.replies.append(Reply(422, "no"))
    live(announcing, "a")
    announcing.run("distribute").fails(3)
    announcing.sql("UPDATE publish_jobs SET ended_at = '2026-01-01T00:00:00.000Z' WHERE state = 'dead'")
    document = announcing.run("status", "--json").fails(3).json
    assert document["dead_letters"] == []
    assert sum(one["dead"] for one in document["platforms"]) == 1


def test_a_paused_platform_is_a_problem(announcing: Site, platform: Receiver) -> None:
    platform.otherwise = lambda request: Reply(401, "no such token") if request.path == "/blog" else Reply()
    live(announcing, "a")
    announcing.run("distribute").fails(3)
    announcing.run("status", "--quiet").fails(3, "platform blog is paused: HTTP 401: no such token", "resume blog")


def test_what_nobody_sends_is_overdue(announcing: Site) -> None:
    with freeze_time(NOW):
        live(announcing, "a")
    with freeze_time("2026-06-15T12:04:00Z"):
        announcing.run("status").succeeds()
    with freeze_time("2026-06-15T12:06:00Z"):
        announcing.run("status").fails(3, "announcements overdue for 6m: is `emdash distribute` running?")
        announcing.sql("UPDATE publish_jobs SET state = 'running', claim = id, lease_until = '2026-06-15T12:07'")
        announcing.run("status").succeeds()
    with freeze_time("2026-06-15T12:20:00Z"):
        announcing.run("status").fails(3, "announcements overdue")


@pytest.mark.parametrize(("waiting", "code"), [(1, 3), (0, 0)])
def test_a_budget_that_is_used_up_is_a_problem_if_something_waits(
    announcing: Site, platform: Receiver, waiting: int, code: int
) -> None:
    announcing.settings(on_platforms(platform, "blog", more="monthly_posts = 1\n"))
    live(announcing, *"ab"[: 1 + waiting])
    announcing.run("distribute").succeeds()
    told = announcing.run("status").fails(code)
    assert ("platform blog has used 1 of its 1 posts of this month, 1 wait" in told.out) == bool(waiting)


def test_a_thread_that_is_longer_than_the_rest_of_the_budget_is_a_problem(announcing: Site, platform: Receiver) -> None:
    announcing.settings(on_platforms(platform, "blog", more="monthly_posts = 2\n"))
    live(announcing, "a", "thread")
    announcing.sql("UPDATE publish_jobs SET units = 2 WHERE id = 2")
    announcing.run("distribute").succeeds()
    announcing.run("distribute").fails(0, "1 of 2 requests are used up")
    announcing.run("status").fails(3, "platform blog has used 1 of its 2 posts of this month, 1 wait")
    assert len(platform.requests) == 1


def test_a_token_that_ends_soon_is_a_problem(announcing: Site, platform: Receiver) -> None:
    linkedin = '[platforms.linkedin]\nkind = "linkedin"\ntoken = "env:T"\nauthor = "abcd"\ntoken_issued = 2026-04-20\n'
    announcing.settings(on_platforms(platform, "blog") + linkedin)
    with freeze_time("2026-06-08T12:00:00Z"):
        announcing.run("status").succeeds()
    with freeze_time("2026-06-10T12:00:00Z"):
        announcing.run("status").fails(3, "platform linkedin: LinkedIn's token expires on 2026-06-19")
