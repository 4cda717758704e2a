"""docs/platforms says of each kind of platform what its code says."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from emdash_cli import platforms
from emdash_cli.platforms import _texts
from tests.docs.platforms_reference import PAGES, generated
from tests.platforms.support import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.domain.delivery import Traits

_T = TypeVar("_T")
INDEX = (PAGES / "index.md").read_text("utf-8")
OF_EVERY_KIND = {
    "kind",
    "since",
    "on_update",
    "stale_after",
    "concurrency",
    "rate",
    "monthly_posts",
    "timeout",
    "allow_private",
}


class Defaults:
    """A table of emdash.toml with nothing in it; `shown` is what the documentation says of each key."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        self.lists: dict[str, tuple[str, ...]] = {}

    def take(self, key: str, default: _T, read: Callable[[Any], _T]) -> _T:  # noqa: ARG002
        if isinstance(default, tuple):
            self.lists[key] = default
        self.shown[key] = shown(default)
        return default

    def need(self, key: str, read: Callable[[Any], _T]) -> _T:  # noqa: ARG002
        self.shown[key] = "required"
        return None  # type: ignore[return-value]


def shown(default: object) -> str:
    """A default as the tables have it; of a list, the page says elsewhere what is in it."""
    if default is None or default == {}:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if isinstance(default, int) else f'`"{default}"`'


def of_lane(traits: Traits) -> dict[str, str]:
    """The settings that every kind has, where their defaults are its own."""
    return {
        **({"events": "`[" + ", ".join(f'"{event}"' for event in traits.events) + "]`"} if traits.events else {}),
        "rate": shown(traits.rate),
        "concurrency": shown(traits.concurrency),
        "stale_after": shown(traits.stale_after),
        "on_update": shown("send" if traits.sends_updates else "ignore"),
    }


def table(page: str) -> dict[str, str]:
    """The defaults of the settings, by their names."""
    (rows,) = re.findall(r"\| Setting \| Default \| Meaning \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", page)
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \| \S", rows, re.MULTILINE))


def test_each_kind_has_a_page_and_each_page_a_kind() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {*platforms.kinds(), "index"}
    assert all(f"[`{kind}`]({kind}.md)" in INDEX for kind in platforms.kinds())


@pytest.mark.parametrize("kind", platforms.kinds())
def test_the_settings_are_those_that_are_read(kind: str) -> None:
    page = (PAGES / f"{kind}.md").read_text("utf-8")
    found = platforms.find(kind)
    defaults = Defaults()
    found.Settings.read(defaults)
    documented = table(page)
    expected = {**defaults.shown, **of_lane(found.TRAITS)}
    assert list(documented) == list(expected)
    for name, default in expected.items():
        if name not in defaults.lists:
            assert (name, documented[name]) == (name, default)
    for item in (item for items in defaults.lists.values() for item in items):
        assert f"`{item}`" in page


@pytest.mark.parametrize("kind", platforms.kinds())
def test_the_example_is_accepted(kind: str) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", (PAGES / f"{kind}.md").read_text("utf-8"), re.DOTALL)
    (given,) = tomllib.loads(example)["platforms"].values()
    assert given["kind"] == kind
    read = Table(given)
    platforms.find(kind).Settings.read(read)
    assert set(given) <= read.taken | OF_EVERY_KIND


def test_the_examples_of_templates_are_accepted_and_use_what_there_is() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", INDEX.partition("\n## Templates")[2], re.DOTALL)
    for given in tomllib.loads(example)["platforms"].values():
        assert _texts.templates(given["template"])
    rows = INDEX.partition("| Variable | Value |")[2].partition("\n\n")[0]
    named = [name for row in re.findall(r"^\| (`.*?`) \|", rows, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(_texts.VARIABLES)


def test_every_outcome_that_is_named_is_one() -> None:
    from emdash_cli.domain.delivery import Category

    for kind in platforms.kinds():
        answers = (PAGES / f"{kind}.md").read_text("utf-8").partition("| Answer | Outcome |")[2]
        assert set(re.findall(r"\| `(\w+)`", answers)) <= set(Category), kind
        assert answers, kind


def test_the_generated_parts_are_current() -> None:
    for path, content in generated():
        assert path.read_text("utf-8") == content, "write it anew: python -m tests.docs.platforms_reference"
