"""`emdash schema`, and what the commands print against it."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import typer

from emdash_cli.commands.app import COMMANDS, build
from emdash_cli.domain.outcome import FileOutcome, Outcome
from emdash_cli.views import json_form, schemas
from emdash_cli.views.documents import runs
from emdash_cli.views.publish_report import reporter
from tests.harness.documents import check, documents, validator
from tests.harness.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def test_the_schema_accepts_every_sample_and_refuses_what_the_queue_refuses(bare: Site) -> None:
    schema = bare.run("schema", "queue-file").succeeds().json
    jsonschema.Draft202012Validator.check_schema(schema)
    bare.run("init", "--samples").succeeds()
    for name in bare.files("queue"):
        jsonschema.validate(json.loads((bare.root / "queue" / name).read_text()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"title": "No text"}, schema)


def test_an_unknown_document_is_refused_with_the_one_that_may_be_meant(bare: Site) -> None:
    bare.run("schema", "queue-fiel").fails(2, "queue-file", "`emdash schema`")
    assert bare.run("schema", "zzz", "--json").fails(2).json["error"]["code"] == "usage"


def test_the_list_names_every_document_and_each_has_a_schema(bare: Site) -> None:
    lines = [line.split("\t") for line in bare.run("schema").succeeds().lines]
    found = bare.run("schema", "--json").succeeds().json["schemas"]
    assert lines == [[each["name"], ", ".join(each["commands"]), each["description"]] for each in found]
    assert found[0]["name"] == "queue-file"
    for each in found:
        schema = bare.run("schema", each["name"]).succeeds().json
        jsonschema.Draft202012Validator.check_schema(schema)
        for command in each["commands"]:
            assert bare.run("schema", command).json == schema


def with_json() -> Iterator[str]:
    """Every command that has the option --json."""

    def found(name: str, command: Any) -> Iterator[str]:
        for inner, each in getattr(command, "commands", {}).items():
            yield from found(f"{name} {inner}".strip(), each)
        if any("--json" in option.opts for option in command.params):
            yield name

    for name in COMMANDS:
        yield from found("", typer.main.get_command(build([name])))


def test_every_command_with_json_has_a_schema() -> None:
    assert sorted(with_json()) == sorted(command for each in schemas.PRINTED.values() for command in each.commands)


def described(schema: Any) -> Iterator[tuple[str, str]]:
    if isinstance(schema, dict):
        for key, part in schema.get("properties", {}).items() if schema.get("type") == "object" else ():
            yield key, part.get("description", "")
        for part in schema.values():
            yield from described(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from described(part)


@pytest.mark.parametrize("name", schemas.PRINTED)
def test_every_object_and_key_is_described_in_a_sentence(name: str) -> None:
    schema = schemas.schema(name)
    texts = dict(described(schema))
    assert texts
    assert all(re.fullmatch(r"[A-Z`].*\.", text, re.DOTALL) for text in [*texts.values(), schema["description"]]), texts
    assert not any("Attributes" in part.get("description", "") for part in schema.get("$defs", {}).values())


def test_what_every_command_prints_is_what_its_schema_says(bare: Site) -> None:
    """Each call of `cli` with --json checks the document, and so do all other tests."""
    printed = set()
    commands = set(with_json())

    def run(*words: str, code: int = 0) -> Any:
        printed.add(next(each for each in (" ".join(words[:2]), words[0]) if each in commands))
        return bare.run(*words, "--json").fails(code).json

    run("init", "--samples")
    for name in ("a", "b"):
        bare.write(f"{name}.md", f"---\ntitle: {name}\n---\nText.\n")
    bare.write("bad.md", "---\npublish_at: never\n---\n")
    bare.write("pages/c.md", "---\ntitle: C\ndate: 2026-01-01\nsummary: a\nsummary: b\n---\nText.\n")
    assert run("enqueue", "a.md", "b.md")["queued"]
    assert run("enqueue", "bad.md", code=3)["refused"][0]["problems"]
    bare.write("queue/99-bad.json", {"title": "No text"})
    [rejected] = [each for each in run("publish-queue", code=3)["outcomes"] if each["outcome"] == "rejected"]
    assert run("requeue", rejected["archived_to"], code=3)["refused"]
    bare.write(rejected["archived_to"], {"title": "Text", "body_text": "Text.", "status": "draft"})
    assert run("requeue", rejected["archived_to"])["requeued"]
    assert run("doctor")["findings"]
    slug = run("publish-queue")["outcomes"][0]["slug"]
    assert run("import", "--from-markdown", "pages")["outcomes"][0]["notices"]
    run_edits(run, slug)
    assert run("schedule", slug, "--at", "+1d")["posts"][0]["display_time"]
    assert run("history", slug)["lock"]
    assert run("reschedule", slug, "--at", "+2d")["counts"] == {"rescheduled": 1}
    assert run("calendar")["posts"]
    run("slots")
    run("unschedule", slug)
    run("schedule", slug, "--at", "now")
    assert run("sweep")["outcomes"]
    run_verbs(run, slug)
    run("distribute")
    run_jobs(bare, run, slug)
    printed.add("worker")  # which prints nothing before something happens: tests/worker
    assert run("show", slug)["terms"]
    assert run("posts", "--limit", "1")["next"]
    assert run("export", "out")["files"]
    run("status")
    assert run("metrics")["figures"]
    assert run("stats")["median_seconds"]["all"] is not None
    run("config")
    bare.sql("INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id) VALUES ('posts', ?, 'x')", "0" * 26)
    kept = run("cleanup", "--older-than", "0s")["kept_in"]
    run("restore", kept)
    run("users", "add", "ada@example.org")
    run("users", "role", "ada@example.org", "editor")
    run("users", "disable", "ada@example.org")
    assert run("users", "list")
    run("schema")
    run_runs(run)
    run_connections(bare, run)
    assert printed == commands


def run_edits(run: Callable[..., Any], slug: str) -> None:
    """The commands that change a text."""
    assert run("edit", slug, "--title", "New", "--tag", "x")["lines"]
    assert run("revert", slug, "--to", run("history", slug)["events"][1]["id"], "--dry-run")["lines"]
    assert run("rename", slug, "another", "--dry-run")["path"]
    assert run("translations", slug)["posts"]
    run("diff", slug)


def run_runs(run: Callable[..., Any]) -> None:
    """The commands about what other commands did."""
    first = run("runs", "list")["runs"][-1]["id"]
    run("runs", "show", first)
    assert run("undo", first, "--dry-run", code=3)["outcomes"]


def run_verbs(run: Callable[..., Any], slug: str) -> None:
    """The commands that publish posts at once, and take them back."""
    for verb in ("unpublish", "publish", "trash", "untrash"):
        run(verb, slug)
    assert run("preview", slug)["platforms"] == []


def run_connections(site: Site, run: Callable[..., Any]) -> None:
    """The commands that connect the site to others."""
    site.write("secret", "c2VjcmV0IG9mIDE2IGJ5dGVz")
    settings = '[platforms.hook]\nkind = "webhook"\nurl = "http://127.0.0.1:9"\nsecret = "file:secret"\n'
    site.settings(f"{settings}allow_private = true\n")
    assert run("webhooks", "test", "hook", code=3)["error"]
    assert run("indexnow", "key")["platform"] is None


def run_jobs(site: Site, run: Callable[..., Any], slug: str) -> None:
    """The commands about jobs, on a dead one and an unknown one of the post."""
    for job, state in ((1, "dead"), (2, "unknown")):
        site.sql(
            "INSERT INTO publish_jobs (id, subject, lane, kind, version, state, run_after, created_at, ended_at)"
            " SELECT ?, id, 'partner', 'announce', ?, ?, '2026', '2026', '2026' FROM ec_posts WHERE slug = ?",
            *(job, job, state, slug),
        )
    site.sql("INSERT INTO publish_lanes (lane, kind, since) VALUES ('partner', 'target', '2026')")
    assert run("jobs", "list")["jobs"]
    run("jobs", "purge")
    assert run("jobs", "show", "1")["next"]
    assert run("dead", "list")["jobs"]
    assert run("dead", "show", "1")["job"]
    assert run("jobs", "retry", "1", "7", code=3)["refused"]
    assert run("jobs", "resolve", "2", "--not-posted", "--dry-run")["jobs"]
    run("jobs", "discard", "2")
    run("dead", "replay", "--all")
    run("dead", "discard", "--all")
    assert run("announce", slug, "--yes", code=3)["error"]
    assert run("platforms", "list")["platforms"][0]["state"] == "removed"
    run("platforms", "check")
    assert run("platforms", "pause", "x", code=2)["error"]
    assert run("platforms", "resume", "x", code=2)["error"]


@pytest.mark.parametrize("change", [{"more": 1}, {"ok": "yes"}, {"queues": [{}]}])
def test_the_check_of_every_document_finds_keys_that_no_schema_names(site: Site, change: dict[str, Any]) -> None:
    found = site.run("status", "--json").json
    with pytest.raises(jsonschema.ValidationError):
        check(["status", "--json"], json.dumps(found | change))
    del found["ok"]
    with pytest.raises(jsonschema.ValidationError):
        check(["status", "--json"], json.dumps(found))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_document_that_grows_is_the_same_in_the_end(capfd: pytest.CaptureFixture[str], count: int) -> None:
    report = reporter(as_json=True, quiet=False, dry_run=False)
    files = [FileOutcome(f'"outcomes": [] {number}', "default", Outcome.DRAFT) for number in range(count)]
    with report:
        for file in files:
            report.add(file)
        report.add_notice("waits")
    whole = runs.PublishRun(
        tuple(runs.FileOutcome(*file) for file in files),
        {str(outcome): count if outcome is Outcome.DRAFT else 0 for outcome in Outcome},
        (),
        ("waits",),
        None,
    )
    printed = capfd.readouterr().out
    assert json.loads(printed) == json.loads(json_form.text(whole))
    validator("publish-queue").validate(documents(printed)[0])


def test_a_path_that_is_not_utf_8_is_escaped(tmp_path: Path) -> None:
    place = Site(tmp_path / os.fsdecode(b"b\xff"))
    place.root.mkdir()
    found = place.run("config", "--json").succeeds()
    assert "\\udcff" in found.out
    assert found.json["root"] == str(place.root)
