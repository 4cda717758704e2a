"""What holds for every command: its place in the list, and what a wrong line is answered with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer

from emdash_cli import __version__
from emdash_cli.commands.app import COMMANDS, build

if TYPE_CHECKING:
    from tests.harness.cli import Cli


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_has_the_first_paragraph_of_each_command(name: str) -> None:
    command = typer.main.get_group(build([name])).commands[name]
    told = " ".join((command.help or "").split("\n\n")[0].split())
    assert COMMANDS[name] == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["publish-queue", "--limit", "a"], "--limit"),
        (["publish-queue", "--strem", "x"], "--strem"),
        (["publish-que"], "publish-que"),
    ],
    ids=["value", "option", "command"],
)
def test_a_wrong_line_is_one_document_under_json(cli: Cli, words: list[str], told: str) -> None:
    result = cli(*words, "--json").fails(2)
    assert result.json["error"]["code"] == "usage"
    assert told in result.json["error"]["message"]
    assert result.err == ""
    shown = cli(*words).fails(2, "Usage: emdash", told)
    assert shown.out == ""


def test_the_version_is_told(cli: Cli) -> None:
    assert cli("--version").succeeds().lines == [f"emdash {__version__}"]


def test_a_run_that_failed_does_not_say_that_there_was_nothing_to_publish(cli: Cli) -> None:
    assert "nothing to publish" not in cli("publish-queue").fails(6, "there is no store").err
    cli("init").succeeds()
    assert "nothing to publish" in cli("publish-queue").succeeds().err


@pytest.mark.parametrize("form", [["--format", "json"], ["--format=json"], ["-f", "json"], ["-fjson"]], ids=" ".join)
def test_the_json_format_has_its_errors_in_a_document_too(blog: Cli, form: list[str]) -> None:
    result = blog("history", "nowhere", *form).fails(3)
    assert result.json["error"]["code"] == "no_such_post"
    assert result.err == ""


def test_the_format_of_exported_files_says_nothing_of_the_report(blog: Cli) -> None:
    blog.write("file", "")
    assert blog("export", "file", "--format", "json").fails(2, "is not a folder").out == ""


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
def test_two_forms_of_one_output_contradict_each_other(blog: Cli, words: list[str], form: str) -> None:
    blog.write("queue/1.json", {"title": "A", "slug": "a", "body_text": "text"})
    blog("publish-queue").succeeds()
    message = blog(*words, "--format", form, "--json").fails(2).json["error"]["message"]
    assert message == f"--format {form} and --json contradict each other"
    for agreeing in (["--format", "json", "--json"], ["--json"], ["--format", "json"]):
        assert blog(*words, *agreeing).succeeds().json


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal_of_80_columns(cli: Cli, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = cli(name, "--help").succeeds().out.splitlines()
    assert len(lines) > 5
    assert [line for line in lines if len(line) > 80] == []


def test_the_list_shows_every_summary_in_full_on_80_columns(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = cli("--help").succeeds().out
    assert [summary for summary in COMMANDS.values() if summary not in shown] == []
