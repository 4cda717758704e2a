"""What holds for every command: its place in the list, and what a wrong line is answered with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer

from emdash_cli import __version__
from emdash_cli.commands.app import COMMANDS, SECTIONS, build

if TYPE_CHECKING:
    from tests.harness.site import Site


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_has_the_first_paragraph_of_each_command(name: str) -> None:
    command = typer.main.get_group(build([name])).commands[name]
    reported = " ".join((command.help or "").split("\n\n")[0].split())
    assert COMMANDS[name] == reported


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        (["publish-queue", "--limit", "a"], "--limit"),
        (["publish-queue", "--strem", "x"], "--strem"),
        (["publish-que"], "publish-que"),
    ],
    ids=["value", "option", "command"],
)
def test_a_wrong_line_is_one_document_under_json(bare: Site, words: list[str], reported: str) -> None:
    result = bare.run(*words, "--json").fails(2)
    assert result.json["error"]["code"] == "usage"
    assert reported in result.json["error"]["message"]
    assert result.err == ""
    shown = bare.run(*words).fails(2, "Usage: emdash", reported)
    assert shown.out == ""


def test_the_version_is_told(bare: Site) -> None:
    assert bare.run("--version").succeeds().lines == [f"emdash {__version__}"]


def test_a_run_that_failed_does_not_say_that_there_was_nothing_to_publish(bare: Site) -> None:
    assert "nothing to publish" not in bare.run("publish-queue").fails(6, "there is no store").err
    bare.run("init").succeeds()
    assert "nothing to publish" in bare.run("publish-queue").succeeds().err


@pytest.mark.parametrize("form", [["--format", "json"], ["--format=json"], ["-f", "json"], ["-fjson"]], ids=" ".join)
def test_the_json_format_has_its_errors_in_a_document_too(site: Site, form: list[str]) -> None:
    result = site.run("history", "nowhere", *form).fails(3)
    assert result.json["error"]["code"] == "no_such_post"
    assert result.err == ""


def test_the_format_of_exported_files_says_nothing_of_the_report(site: Site) -> None:
    site.write("file", "")
    assert site.run("export", "file", "--format", "json").fails(2, "is not a folder").out == ""


@pytest.mark.parametrize(
    ("words", "form"),
    [
        (["calendar"], "html"),
        (["calendar", "--days", "7"], "table"),
        (["posts"], "csv"),
        (["history", "a"], "table"),
        (["show", "a"], "md"),
    ],
    ids=" ".join,
)
def test_two_forms_of_one_output_contradict_each_other(site: Site, words: list[str], form: str) -> None:
    site.write("queue/1.json", {"title": "A", "slug": "a", "body_text": "text"})
    site.run("publish-queue").succeeds()
    message = site.run(*words, "--format", form, "--json").fails(2).json["error"]["message"]
    assert message == f"--format {form} and --json contradict each other"
    for agreeing in (["--format", "json", "--json"], ["--json"], ["--format", "json"]):
        assert site.run(*words, *agreeing).succeeds().json


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal_of_80_columns(bare: Site, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = bare.run(name, "--help").succeeds().out.splitlines()
    assert len(lines) > 5
    assert [line for line in lines if len(line) > 80] == []


def test_the_list_shows_every_summary_in_full_on_80_columns(bare: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = bare.run("--help").succeeds().out
    assert [summary for summary in COMMANDS.values() if summary not in shown] == []


def test_the_list_has_headings_and_one_column(bare: Site) -> None:
    shown = bare.run("--help").succeeds().out
    headings = [line.rstrip(":") for line in shown.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Options", *SECTIONS.values()]
    assert set(SECTIONS) <= set(COMMANDS)
    listed = [line for line in shown.splitlines() if line.strip().split("  ")[0] in COMMANDS]
    assert [line.split()[0] for line in listed] == list(COMMANDS)
    assert len({line.index(COMMANDS[line.split()[0]]) for line in listed}) == 1


@pytest.mark.parametrize("name", ["jobs", "dead", "platforms", "webhooks", "indexnow", "users"])
def test_the_summary_of_a_subcommand_is_not_cut_off(bare: Site, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = bare.run(name, "--help").succeeds().out.partition("Commands:")[2]
    assert shown.strip()
    assert "..." not in shown
