"""The command lines that are read without Typer mean what Typer would read in them, and load none."""

from __future__ import annotations

import subprocess
import sys
from inspect import signature
from itertools import product
from typing import TYPE_CHECKING

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from emdash_cli.commands import cron
from emdash_cli.commands.app import build
from emdash_cli.commands.invocation import Root

if TYPE_CHECKING:
    from tests.harness.site import Site

FLAGS = sorted(cron.FLAGS)
WORDS = (
    *FLAGS,
    "--config",
    "--db",
    "sqlite:a.db",
    "publish-queue",
    "sweep",
    "distribute",
    "posts",
    "--",
    "",
    "--limit",
    "2",
)


def by_typer(words: list[str]) -> cron.Line:
    """What Typer reads, if that is nothing but what a `Line` can say; raises what Typer raises."""
    command = typer.main.get_command(build(words))
    assert isinstance(command, typer.core.TyperGroup)
    context = command.make_context("emdash", list(words))
    name, chosen, rest = command.resolve_command(context, [*context._protected_args, *context.args])
    assert name
    assert chosen
    found = chosen.make_context(name, rest, parent=context).params
    said = {key: found.pop(key) for key in ("dry_run", "as_json", "quiet")}
    assert found == {each.name: each.default for each in chosen.params if each.name in found}
    return cron.Line(Root(context.params["config"], context.params["db"]), name, **said)


@pytest.mark.parametrize("command", ["publish-queue", "sweep", "distribute"])
@pytest.mark.parametrize("before", [[], ["--db", "sqlite:a.db"], ["--config", "a.toml", "--db", "x", "--config", "b"]])
@pytest.mark.parametrize("flags", [[], *product(FLAGS), *product(FLAGS, repeat=2), FLAGS])
def test_every_line_that_is_read_is_read_as_typer_reads_it(command: str, before: list[str], flags: list[str]) -> None:
    words = [*before, command, *flags]
    line = cron.read(words, {})
    assert line
    assert line == by_typer(words)


@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_what_typer_refuses_or_reads_otherwise_is_left_to_it(words: list[str]) -> None:
    line = cron.read(words, {})
    if line:
        assert line == by_typer(words)


@pytest.mark.parametrize("name", ["EMDASH_USER", "_EMDASH_COMPLETE"])
def test_a_variable_that_typer_reads_leaves_the_line_to_typer(name: str) -> None:
    assert cron.read(["sweep", "--quiet"], {}) is not None
    assert cron.read(["sweep", "--quiet"], {name: ""}) is None


@pytest.mark.parametrize("name", ["publish_queue", "sweep", "distribute"])
def test_the_defaults_are_those_of_the_command(name: str) -> None:
    command = typer.main.get_command(build([name.replace("_", "-")]))
    assert isinstance(command, typer.core.TyperGroup)
    declared = {each.name: each.default for each in command.commands[name.replace("_", "-")].params}
    run = {key: each.default for key, each in signature(getattr(cron, name)).parameters.items() if key != "root"}
    if name == "sweep":
        assert (declared.pop("every"), run.pop("every")) == (None, cron.EVERY_S)
    assert run == declared


@pytest.mark.parametrize("command", ["publish-queue", "sweep", "distribute"])
def test_an_idle_run_imports_neither_typer_nor_pydantic_nor_rich(site: Site, command: str) -> None:
    unwanted = {"typer", "pydantic", "rich", "httpx", "httpcore", "msgspec"}
    code = (
        "import sys; from emdash_cli.__main__ import run;"
        f"code = run([{command!r}, '--quiet']);"
        f"sys.exit(code or ', '.join({unwanted} & set(sys.modules)) or None)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=site.root, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
