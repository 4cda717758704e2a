"""A worker loses an answer or its life, and the next one asks the platform what became of the post."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.distribution.test_asking import JOBS, Mastodon, minutes_pass, resolutions
from tests.faults.announcing import LONG_AGO
from tests.harness.receiver import Receiver, Reply, receiver
from tests.harness.site import ended, new_site

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.harness.receiver import Received
    from tests.harness.site import Site

pytestmark = pytest.mark.faults
PATIENCE_S = 60.0


@pytest.fixture
def platform() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def site(tmp_path: Path, platform: Receiver) -> Site:
    """With a post that waits to be announced."""
    site = new_site(tmp_path / "site", journal_mode="wal")
    site.settings(f"""
[streams.default]
slug = "{{name}}"
platforms = ["toots"]
[platforms.toots]
kind = "mastodon"
token = "env:TOKEN"
api_base = "{platform.url}"
allow_private = true
""")
    site.environment["TOKEN"] = "planted-secret-9Kd"  # noqa: S105 - planted
    site.put("a.json", title="About a", body_text="Text.")
    site.run("publish-queue").succeeds()
    return site


def eventually(found: Callable[[], object], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not found():
        assert process.poll() is None, ended(process)
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


@pytest.mark.parametrize("end", ["told to stop", "killed with the request in flight"])
def test_the_next_worker_asks_and_the_post_is_there_once(site: Site, platform: Receiver, end: str) -> None:
    server = Mastodon(platform)
    server.posts, server.answers_questions = ["taken"], False
    is_killed = end.startswith("killed")
    if is_killed:
        platform.otherwise = slowly(server)
    first = site.start("worker", "--poll", "1", "--quiet")
    try:
        eventually(lambda: server.held if is_killed else site.sql(JOBS)[0][0] == "unknown", first)
    finally:
        first.kill() if is_killed else first.terminate()
        first.communicate()
    site.sql(f"UPDATE publish_jobs SET suspected = 1, lease_until = '{LONG_AGO}' WHERE state = 'running'")
    second = site.start("worker", "--poll", "1", "--quiet")
    try:
        eventually(lambda: site.sql(JOBS)[0][0] == "unknown", second)
        asked = server.questions
        minutes_pass(site, 5)
        eventually(lambda: server.questions > asked, second)
        assert site.sql(JOBS)[0][0] == "unknown", "it was asked, and could not say"
        server.answers_questions = True
        minutes_pass(site, 15)
        eventually(lambda: site.sql(JOBS)[0][0] == "done", second)
    finally:
        second.terminate()
        second.communicate()
    assert site.sql(JOBS) == [("done", "delivered", "1")]
    ((actor, detail),) = resolutions(site)
    assert (actor, detail["resolution"], detail["external_id"]) == ("distribute", "posted", "1")
    assert "https://mastodon.example/1" in detail["evidence"]
    shown = json.loads(site.run("jobs", "show", "1", "--json").succeeds().out)
    assert [one["action"] for one in shown["decisions"]] == ["job_resolved"]
    assert sum(request.method == "POST" for request in platform.requests) == len(server.held) == 1


def slowly(server: Mastodon) -> Callable[[Received], Reply]:
    """Posts are taken at once, and answered long after."""

    def reply(request: Received) -> Reply:
        said = server.reply(request)
        return said if request.method == "GET" else Reply(body=server.held[-1], delay_s=2)

    return reply
