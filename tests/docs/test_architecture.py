"""What docs/architecture.md, CONTRIBUTING.md and tests/README.md say of the code is so."""

from __future__ import annotations

import ast
import re
from configparser import ConfigParser
from pathlib import Path

TOP = Path(__file__).parents[2]
ARCHITECTURE = (TOP / "docs/architecture.md").read_text("utf-8")
CONTRIBUTING = (TOP / "CONTRIBUTING.md").read_text("utf-8")
TESTS = (TOP / "tests/README.md").read_text("utf-8")
NOT_OURS = {"archive", "queue", "content", "MM", "sql"}
"""Folders of a blog, a month, and every feature's SQL."""
NOT_MODULES = {"os", "concurrent", "seo", "texts", "post", "webhook", "job"}
"""What has attributes and is not a module of this package."""


def test_the_layers_are_those_of_the_contract() -> None:
    contracts = ConfigParser()
    contracts.read(TOP / ".importlinter")
    layers = contracts["importlinter:contract:layers"]["layers"].strip().splitlines()
    block = re.findall(r"<!-- layers -->\n```\n(.*?)```", ARCHITECTURE, re.DOTALL)[0]
    assert [re.split(r"\s{2,}", line)[0] for line in block.splitlines()] == layers


def test_files_and_folders_that_are_named_exist() -> None:
    text = re.sub(r"\]\([^)]*\)", "]", ARCHITECTURE)  # links have a test of their own
    named = re.findall(r"(?<![\w/.])((?:\w+/)+(?:\w+\.\w+)?)", text)
    ours = [path for path in named if path.split("/")[0] not in NOT_OURS and "NAME" not in path]
    assert len(ours) > 20
    for path in ours:
        assert (TOP / "emdash_cli" / path).exists() or (TOP / path).exists(), path


def test_modules_and_names_that_docstrings_refer_to_exist() -> None:
    """`module.name`, `folder.module` and longer ones; not ``field.part``, which has two backticks."""
    modules = {path: path.read_text("utf-8") for path in (TOP / "emdash_cli").rglob("*.py")}
    known = {(path.parent.name, path.stem) for path in modules}
    for path, text in modules.items():
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.FunctionDef(name) | ast.ClassDef(name) | ast.AnnAssign(target=ast.Name(name)):
                    known |= {(path.stem, name), (path.parent.name, name)}
    for path, text in modules.items():
        for *_, module, name in (whole.split(".") for whole in re.findall(r"(?<!`)`([a-z_]+\.[\w.]*\w)`(?!`)", text)):
            assert module in NOT_MODULES or (module, name) in known, f"{path}: `{module}.{name}`"


def test_the_ten_lines_are_a_test_that_runs() -> None:
    path, example = re.findall(r"<!-- (tests/\S+) -->\n```python\n(.*?)```", TESTS, re.DOTALL)[0]
    assert len(re.findall(r"\S\n", example)) <= 10
    assert (TOP / path).read_text("utf-8").endswith(example)


def test_every_target_of_make_is_named() -> None:
    targets = re.findall(
        r"^((?:test|coverage|check|docs|picture)[\w-]*):", (TOP / "Makefile").read_text(), re.MULTILINE
    )
    assert {f"make {target}" for target in targets} <= set(re.findall(r"make [\w-]+", CONTRIBUTING))


def test_every_decision_is_listed() -> None:
    folder = TOP / "docs/decisions"
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text("utf-8")))
    assert listed == {path.name for path in folder.glob("*.md")} - {"README.md"}
