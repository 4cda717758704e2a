"""Each kind of platform against a server of its own, while `emdash distribute` is killed step by step."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest

from emdash_cli import platforms
from tests.faults.announcing import LONG_AGO
from tests.harness.d1_site import new_d1_site
from tests.harness.site import clean_environment, new_site
from tests.model.process import KILLED
from tests.platforms.support import ENVIRONMENT, server_of
from tests.targets import swept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.harness.site import Site
    from tests.model.process import Processes
    from tests.platforms.servers.base import Server


@pytest.fixture(params=platforms.kinds())
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with server_of(request.param) as running:
        yield running


@pytest.fixture(params=["wal", pytest.param("d1", marks=[pytest.mark.d1, pytest.mark.faults])])
def announcing(request: pytest.FixtureRequest, tmp_path: Path, server: Server) -> Site:
    """A site with one platform, of that kind."""
    root = tmp_path / "site"
    site = new_d1_site(root, request.getfixturevalue("d1")) if request.param == "d1" else new_site(root)
    limits = {"timeout": 30, "stale_after": "never", "allow_private": True, "rate": "60000/min"}
    table = {"kind": server.KIND, **server.settings(server.base), **limits}
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    site.settings(
        "\n".join(
            [
                'site_url = "https://blog.example.com"',
                '[streams.default]\nslug = "{name}"\nplatforms = ["it"]\n[platforms.it]\nsince = 2020-01-01',
                *lines,
            ]
        )
    )
    site.environment |= ENVIRONMENT
    return site


def times_sent(server: Server, slug: str) -> int:
    """Requests that announce the post."""
    with server.lock:
        return sum(server.posts(seen) and f"/{slug}".encode() in seen.body for seen in server.requests)


def lapse(site: Site) -> None:
    site.sql(f"UPDATE publish_jobs SET suspected = 1, lease_until = '{LONG_AGO}' WHERE state = 'running'")


@pytest.mark.parametrize("stride", swept(9, 1))
def test_killed_at_every_statement(announcing: Site, server: Server, processes: Processes, stride: int) -> None:
    is_idempotent = platforms.find(server.KIND).TRAITS.idempotent
    slugs = []
    for nth in itertools.count(1, stride):
        slugs.append(f"post-no-{nth:03}-of-many")
        announcing.put(f"{slugs[-1]}.json", title=f"Post {nth}")
        announcing.publish().succeeds()
        words = ("distribute", "--quiet")
        ran = processes.run(words, "", nth, announcing.root, clean_environment() | announcing.environment)
        if ran.code != KILLED:
            break
        lapse(announcing)  # a job that lost five workers would be dead
        announcing.run("distribute", "--quiet")
    assert ran.code in (0, 3), ran
    for _ in range(6):
        lapse(announcing)
        announcing.sql(f"UPDATE publish_jobs SET run_after = '{LONG_AGO}' WHERE state = 'pending'")
        announcing.run("distribute", "--quiet")
    found = announcing.sql("SELECT p.slug, j.state, j.error FROM publish_jobs j JOIN ec_posts p ON p.id = j.subject")
    assert sorted(slug for slug, *_ in found) == slugs
    for slug, state, error in found:
        sent = times_sent(server, slug)
        assert state in (("done",) if is_idempotent else ("done", "unknown")), (slug, state, error)
        assert sent >= 1 or state != "done", ("done and not delivered", slug)
        assert sent <= 1 or is_idempotent, ("posted twice", slug)
    assert "done" in {state for _, state, _ in found}
