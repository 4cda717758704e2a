"""docs/json.md describes every document by its schema, and its examples are what `--json` prints."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli.__main__ import run
from emdash_cli.views import schemas
from tests.docs.json_reference import PAGE as PATH
from tests.docs.json_reference import SECTION, render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = PATH.read_text("utf-8")
SHOWN = {
    name: json.loads(text) for name, text in re.findall(r"<!-- run: (\S+) -->\n```json\n(.*?)```", PAGE, re.DOTALL)
}


def test_the_tables_are_those_of_the_schemas() -> None:
    """If this fails: ``python -m tests.docs.json_reference``."""
    assert render(PAGE) == PAGE
    assert sorted(match[1] for match in SECTION.finditer(PAGE)) == sorted(schemas.PRINTED)


@pytest.fixture
def printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, Any]]:
    """Runs a command in a new blog and answers its document."""
    for name in ("EMDASH_CONFIG", "EMDASH_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    run(["init"])
    (tmp_path / "queue" / "01-hello.json").write_text('{"title": "Hello", "body_text": "Text."}')

    def document(*words: str) -> dict[str, Any]:
        capfd.readouterr()
        run([*words, "--json"])
        answer: dict[str, Any] = json.loads(capfd.readouterr().out)
        return answer

    return document


def test_publish_queue(printed: Callable[..., dict[str, Any]]) -> None:
    reported, shown = printed("publish-queue"), SHOWN["publish-queue"]
    assert [len(document.pop("run")) for document in (reported, shown)] == [26, 26]
    for outcome in (reported["outcomes"][0], shown["outcomes"][0]):
        assert len(outcome.pop("post_id")) == 26
        assert re.fullmatch(r".*/archive/published/\d{4}-\d\d/01-hello\.json", outcome.pop("archived_to"))
    assert json.dumps(reported) == json.dumps(shown)


def test_edit(printed: Callable[..., dict[str, Any]]) -> None:
    printed("publish-queue")
    reported, shown = printed("edit", "1-hello", "--title", "Hello again", "--tag", "news"), SHOWN["edit"]
    assert re.fullmatch(r"operator:.+", reported.pop("by"))
    assert len(reported.pop("post_id")) == 26
    assert json.dumps(reported) == json.dumps({key: shown[key] for key in shown if key not in {"by", "post_id"}})


def test_error(printed: Callable[..., dict[str, Any]]) -> None:
    assert printed("publish-queue", "--stream", "nwes") == SHOWN["error"]
