"""The real site, and a newsroom that publishes into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emdash_databases.generate import sql_of
from tests.harness.node import NodeError, node
from tests.live import articles
from tests.live.admin import ahead
from tests.live.browser import ARTEFACTS, Browser
from tests.live.emdash_site import EmdashSite, development_server, running_site, schema_of
from tests.live.newsroom import Newsroom, open_newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmdashSite]:
    """EmDash 0.32.0 itself, running, with an empty collection of posts."""
    try:
        with running_site(tmp_path_factory.mktemp("site")) as running:
            yield running
            ARTEFACTS.mkdir(parents=True, exist_ok=True)
            (ARTEFACTS / "site.log").write_bytes(running.log.read_bytes())
    except NodeError as error:
        trouble = str(error)
    else:
        return
    pytest.fail(trouble, pytrace=False)


@pytest.fixture(scope="session")
def admin(site: EmdashSite) -> Iterator[str]:
    """The base URL of a second server on the site's database, whose admin needs no passkey."""
    with development_server(node(), site.home, site.database) as base_url:
        yield base_url


@pytest.fixture(scope="session")
def schema_before(site: EmdashSite) -> dict[str, str]:
    """What EmDash made of its database before the tool saw it."""
    return schema_of(site)


@pytest.fixture(scope="session")
def sql_before(site: EmdashSite) -> str:
    """The same as the tests without EmDash have it, with its migrations and its collection."""
    return sql_of("0.32", site.database)


@pytest.fixture(scope="session")
def newsroom(
    site: EmdashSite, schema_before: dict[str, str], sql_before: str, tmp_path_factory: pytest.TempPathFactory
) -> Newsroom:
    """The tool, set up on the running site's database."""
    assert "ec_posts" in schema_before
    assert "ec_posts" in sql_before
    return open_newsroom(tmp_path_factory.mktemp("newsroom") / "desk", site.database, site.base_url)


@pytest.fixture(scope="session")
def published(site: EmdashSite, newsroom: Newsroom) -> dict[str, dict[str, Any]]:
    """The articles of ``articles.py``, published by one run while the site is up; its outcomes by slug."""
    timed = articles.soon(ahead(seconds=30))
    queue = [articles.full(site.base_url), articles.guest(), articles.draft(), articles.later(), timed]
    return {outcome["slug"]: outcome for outcome in newsroom.publish(*queue)}


@pytest.fixture(scope="session")
def translated(newsroom: Newsroom, published: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """And the translation of one of them, published by the next run."""
    (outcome,) = newsroom.publish(articles.german())
    return {**published, outcome["slug"]: outcome}


@pytest.fixture(scope="session")
def full_id(published: dict[str, dict[str, Any]]) -> str:
    post_id: str = published["everything-and-more"]["post_id"]
    return post_id


@pytest.fixture(scope="session")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """Headless Chromium."""
    return Browser(chromium, tmp_path_factory.mktemp("profiles"))


@pytest.fixture(autouse=True)
def no_fault_on_the_site(site: EmdashSite) -> Iterator[None]:
    """Whatever a test did, the site's log has no new fault afterwards."""
    begun = site.log.stat().st_size
    yield
    assert site.faults(begun) == []
