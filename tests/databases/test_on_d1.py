"""The commands on D1: the same statements, through its API."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from emdash_cli.databases.d1 import D1Database
from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from tests.d1_engine.engine import Instance
    from tests.harness.d1_site import D1Site


def test_another_base_url_is_named_when_it_is_wrong(
    bare_d1: D1Site, d1: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_d1.environment["CLOUDFLARE_API_BASE_URL"] = d1.origin
    bare_d1.run("status").fails(
        6, f"at {d1.origin}: there is no such D1 database", "CLOUDFLARE_API_BASE_URL", "`api_base_url`"
    )
    bare_d1.environment["CLOUDFLARE_API_BASE_URL"] = f"{d1.base_url}?x=1"
    bare_d1.run("status").fails(2, "CLOUDFLARE_API_BASE_URL", "`api_base_url`", "has a ?")
    monkeypatch.setattr("emdash_cli.databases.d1.BACKOFF_CAP_S", 0.0)
    bare_d1.environment["CLOUDFLARE_API_BASE_URL"] = "http://127.0.0.1:9/v4"
    bare_d1.run("status").fails(6, "at http://127.0.0.1:9/v4: ", "refused", "CLOUDFLARE_API_BASE_URL", "`api_base_url`")


@pytest.mark.parametrize("ids", ["abc/", "/x", "/", "abc", "a/b/c", "a/b c", "a/b?", "a/b\n"])
def test_ids_that_are_none_are_refused_before_any_request(bare_d1: D1Site, d1: Instance, ids: str) -> None:
    for command in ("status", "init", "publish-queue"):
        bare_d1.run("--db", f"d1:{ids}", command).fails(2, "d1:ACCOUNT_ID/DATABASE_ID")
    assert d1.requests() == []
    assert bare_d1.files() == []


def test_init_says_where_else_articles_would_go(bare_d1: D1Site, d1: Instance) -> None:
    url = f"d1:{d1.account_id}/{d1.database_id}"
    last = bare_d1.run("--db", "sqlite:other.db", "init").succeeds().err.splitlines()[-1]
    assert f"EMDASH_DATABASE names another database, {url}" in last
    assert "set it to sqlite:other.db" in last
    assert "next: add articles" in bare_d1.run("--db", url, "init").succeeds().err
    del bare_d1.environment["EMDASH_DATABASE"]
    bare_d1.write("emdash.toml", 'timezone = "UTC"\n')
    last = bare_d1.run("init", "--db", url).succeeds().err.splitlines()[-1]
    assert "emdash.toml names another database, sqlite:emdash.db" in last
    assert f'put `database = "{url}"` into it' in last


def test_from_an_empty_database_to_a_post_and_back(bare_d1: D1Site, d1: Instance) -> None:
    reported = bare_d1.run("init", "--dry-run", "--json").succeeds().json
    made = bare_d1.run("init", "--json").succeeds().json
    assert [step for step in made["steps"] if step["kind"] != "bookmark"] == reported["steps"]
    assert bare_d1.run("init", "--json").succeeds().json["changed"] is False
    bare_d1.write("a.md", "---\ntitle: Ünïcode\nslug: post\ntags: [a, b]\nauthor: Ada\n---\n\nText & **more**.\n")
    bare_d1.run("enqueue", "a.md").succeeds()
    [outcome] = bare_d1.run("publish-queue", "--json").succeeds().json["outcomes"]
    shown = bare_d1.run("show", "post", "--json").succeeds().json
    assert (shown["title"], [term["label"] for term in shown["terms"]]) == ("Ünïcode", ["a", "b"])
    assert (shown["bylines"][0]["name"], shown["content"][0]["children"][1]["text"]) == ("Ada", "more")
    bare_d1.run("show", "pots").fails(3, "did you mean post?")
    bare_d1.run("requeue", "--again", outcome["archived_to"]).fails(3, "that post still exists")
    with closing(D1Database(d1.account_id, d1.database_id, d1.token, base_url=d1.base_url)) as database:
        database.batch([Statement("UPDATE ec_posts SET slug = 'renamed'")])
        bare_d1.run("requeue", "--again", outcome["archived_to"]).succeeds()
        [row] = database.query(
            Statement("SELECT key, (SELECT group_concat(action) FROM pipeline_audit) AS noted FROM publish_ledger")
        )
    assert "#retired-" in str(row["key"])
    assert row["noted"] == "publish,requeue"
    assert bare_d1.run("publish-queue", "--json").succeeds().json["outcomes"][0]["slug"] == "post"
