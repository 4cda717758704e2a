"""The publisher is killed while it speaks with D1, or files away what D1 has; run again, nothing is done twice."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.d1_engine.faults import NOTHING, Fault
from tests.faults.d1_faults import mixed, publish_to_the_end
from tests.faults.tracer import Tracer
from tests.harness.checks import assert_exactly_once
from tests.harness.d1_site import new_d1_site
from tests.harness.site import ended
from tests.targets import TRACER, demand, swept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.d1_engine.engine import Engine, Instance
    from tests.harness.d1_site import D1Site

AFTER_THE_COMMIT = ("link", "unlink", "fsync", "rename", "mkdir", "mkdirat", "unlinkat", "linkat")
PARTS = 3


def fill(site: D1Site, count: int = 12) -> None:
    site.settings("d1_group_bytes = 100000\n")
    for number in range(1, count + 1):
        body = f"Text of *{number}*.\n\n" * 150
        site.put(f"{number:02}-article.json", title=f"Article {number}", body_text=body, tags=["a", f"t{number}"])


def killed_in(site: D1Site, requests: int, after_s: float = 0) -> None:
    """Start publishing, and kill it as soon as the engine has that many requests; or let it end before."""
    site.d1.forget()
    process = site.start("publish-queue")
    while len(site.d1.requests()) < requests and process.poll() is None:
        time.sleep(0.01)
    time.sleep(after_s)
    process.kill()
    ended(process)


def settle(instance: Instance) -> None:
    """Wait until the engine has done what it was sent."""
    while any(request.status == 0 for request in instance.requests()):
        time.sleep(0.02)


@pytest.mark.parametrize("request_number", swept(2, 1, 3))
@pytest.mark.parametrize("fault", [Fault(delay=1.5), Fault(hold=1.5)], ids=["lands late", "has landed"])
def test_killed_while_a_request_is_under_way(tmp_path: Path, d1: Instance, request_number: int, fault: Fault) -> None:
    """The batch of the dead publisher takes effect before, during or after the run that follows it."""
    site = new_d1_site(tmp_path / "site", d1)
    fill(site)
    d1.faults(*[NOTHING] * (request_number - 1), fault)
    killed_in(site, request_number)
    assert d1.requests()[-1].status == 0, "the request was over before the publisher was killed"
    publish_to_the_end(site)
    settle(d1)
    assert_exactly_once(site)


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_among_all_faults(tmp_path: Path, d1: Instance, seed: int) -> None:
    again_and_again(new_d1_site(tmp_path / "site", d1), seed)


def test_killed_again_and_again_on_the_reference(tmp_path: Path, d1_reference: Engine) -> None:
    again_and_again(new_d1_site(tmp_path / "site", d1_reference.database()), 3)


def again_and_again(site: D1Site, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # the same moments every time
    fill(site, 24)
    site.d1.faults(*mixed(seed))
    for _ in range(8):
        killed_in(site, chance.randint(1, 6), chance.random() * 0.05)
        if not site.waiting():
            break
    publish_to_the_end(site)
    settle(site.d1)
    assert_exactly_once(site)


@pytest.fixture(scope="module")
def d1_tracer(d1_engine: Engine) -> Iterator[Tracer]:
    demand(TRACER)
    with Tracer(launcher=("env", f"CLOUDFLARE_API_TOKEN={d1_engine.token}")) as tracer:
        yield tracer


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_every_step_of_filing_away(d1_tracer: Tracer, tmp_path: Path, d1_engine: Engine, part: int) -> None:
    """D1 has the articles; their files are half-way to the archive."""
    point = part + 1
    while True:
        site = new_d1_site(tmp_path / f"killed-at-{point}", d1_engine.database())
        site.settings(f'database = "{site.url}"\napi_base_url = "{site.d1.base_url}"\n')
        site.put("1-first.json", tags=["news"], author="Ada Lovelace")
        site.put("2-second.json", id="second")
        traced = d1_tracer.run(site, "publish-queue", at=point, blow="kill", only=AFTER_THE_COMMIT)
        if not traced.struck:
            assert traced.code == 0, traced.err
            break
        assert traced.code == 128 + 9
        ran = site.publish()
        assert ran.code == 0, f"killed at call {point}, {traced.calls[-1]}: {ran}"
        assert set(ran.counts) <= {"published"}, f"killed at call {point}, {traced.calls[-1]}: {ran}"
        assert_exactly_once(site)
        point += PARTS
    assert point > 5, "the run was not traced"
