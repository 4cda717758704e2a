"""The commands on D1: the same statements, through its API."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.databases.d1 import D1Database
from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from tests.d1_engine.engine import Instance
    from tests.harness.cli import Cli


@pytest.fixture
def remote(cli: Cli, d1: Instance, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """An empty database of D1, named by the environment."""
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", d1.token)
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", d1.base_url)
    monkeypatch.setenv("EMDASH_DATABASE", f"d1:{d1.account_id}/{d1.database_id}")
    return cli


def test_another_base_url_is_named_when_it_is_wrong(remote: Cli, d1: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", d1.origin)
    remote("status").fails(6, f"at {d1.origin}: no such D1 database", "CLOUDFLARE_API_BASE_URL", "`api_base_url`")
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", f"{d1.base_url}?x=1")
    remote("status").fails(2, "CLOUDFLARE_API_BASE_URL", "`api_base_url`", "has a ?")
    monkeypatch.setattr("emdash_cli.databases.d1.BACKOFF_CAP_S", 0.0)
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", "http://127.0.0.1:9/v4")
    remote("status").fails(6, "at http://127.0.0.1:9/v4: ", "refused", "CLOUDFLARE_API_BASE_URL", "`api_base_url`")


@pytest.mark.parametrize("ids", ["abc/", "/x", "/", "abc", "a/b/c", "a/b c", "a/b?", "a/b\n"])
def test_ids_that_are_none_are_refused_before_any_request(remote: Cli, d1: Instance, ids: str) -> None:
    for command in ("status", "init", "publish-queue"):
        remote("--db", f"d1:{ids}", command).fails(2, "d1:ACCOUNT_ID/DATABASE_ID")
    assert d1.requests() == []
    assert remote.files() == []


def test_init_says_where_else_articles_would_go(remote: Cli, d1: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"d1:{d1.account_id}/{d1.database_id}"
    last = remote("--db", "sqlite:other.db", "init").succeeds().err.splitlines()[-1]
    assert f"EMDASH_DATABASE names another database, {url}" in last
    assert "set it to sqlite:other.db" in last
    assert "next: put articles" in remote("--db", url, "init").succeeds().err
    monkeypatch.delenv("EMDASH_DATABASE")
    remote.write("emdash.toml", 'timezone = "UTC"\n')
    last = remote("init", "--db", url).succeeds().err.splitlines()[-1]
    assert "emdash.toml names another database, sqlite:emdash.db" in last
    assert f'put `database = "{url}"` into it' in last


def test_from_an_empty_database_to_a_post_and_back(remote: Cli, d1: Instance) -> None:
    told = remote("init", "--dry-run", "--json").succeeds().json
    made = remote("init", "--json").succeeds().json
    assert [step for step in made["steps"] if step["kind"] != "bookmark"] == told["steps"]
    assert remote("init", "--json").succeeds().json["changed"] is False
    remote.write("a.md", "---\ntitle: Ünïcode\nslug: post\ntags: [a, b]\nauthor: Ada\n---\n\nText & **more**.\n")
    remote("enqueue", "a.md").succeeds()
    [outcome] = remote("publish-queue", "--json").succeeds().json["outcomes"]
    shown = remote("show", "post", "--json").succeeds().json
    assert (shown["title"], [term["label"] for term in shown["terms"]]) == ("Ünïcode", ["a", "b"])
    assert (shown["bylines"][0]["name"], shown["content"][0]["children"][1]["text"]) == ("Ada", "more")
    remote("show", "pots").fails(3, "did you mean post?")
    remote("requeue", "--again", outcome["archived_to"]).fails(3, "that post still exists")
    with closing(D1Database(d1.account_id, d1.database_id, d1.token, base_url=d1.base_url)) as database:
        database.batch([Statement("UPDATE ec_posts SET slug = 'renamed'")])
        remote("requeue", "--again", outcome["archived_to"]).succeeds()
        [row] = database.query(
            Statement("SELECT key, (SELECT group_concat(action) FROM pipeline_audit) AS noted FROM publish_ledger")
        )
    assert "#retired-" in str(row["key"])
    assert row["noted"] == "publish,requeue"
    assert remote("publish-queue", "--json").succeeds().json["outcomes"][0]["slug"] == "post"
