"""What the commands cost on D1: requests, and bytes on the way there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.harness.checks import assert_exactly_once
from tests.harness.d1_site import new_d1_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.d1_engine.engine import Instance
    from tests.harness.d1_site import D1Site


@pytest.fixture
def site(tmp_path: Path, d1: Instance) -> D1Site:
    return new_d1_site(tmp_path / "site", d1)


def test_articles_are_published_a_hundred_at_a_time(site: D1Site) -> None:
    site.put_many(201, body_text="A text of some *two* kilobytes. " * 64, tags=["one", "two"])
    ran = site.publish()
    assert ran.counts == {"published": 201}
    assert len(site.d1.requests()) == 1 + 3, "not one read, and a request a hundred articles"
    assert_exactly_once(site)


def test_each_text_travels_once_and_a_body_stays_below_its_limit(site: D1Site) -> None:
    site.put_many(120, body_text="".join(f"Paragraph *{number}* of it.\n\n" for number in range(150)))
    site.publish()
    texts = [str(row["content"]) for row in site.d1.execute("SELECT content FROM ec_posts")[0]]
    bodies = [request.bytes for request in site.d1.requests()]
    assert max(bodies) <= 4_000_000
    # Beside the texts, as they are when quoted once more, there is the SQL, the same for every article.
    assert sum(bodies) < 1.05 * sum(len(json.dumps(text, ensure_ascii=False).encode()) for text in texts) + 400_000
    assert len(bodies) == 1 + -(-sum(bodies) // 3_999_999), "the groups are smaller than they have to be"


def test_an_idle_run_costs_one_request(site: D1Site) -> None:
    ran = site.run("publish-queue", "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert len(site.d1.requests()) == 1


def test_reading_a_post_costs_a_request_or_two(site: D1Site) -> None:
    site.put("1-a.json")
    site.publish()
    site.d1.forget()
    assert site.run("show", "1-about-1-a").code == 0
    assert len(site.d1.requests()) <= 2
