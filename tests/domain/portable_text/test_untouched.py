"""An edit of a text as Markdown keeps the stored blocks that it did not touch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emdash_cli.domain.portable_text import from_markdown, to_markdown
from emdash_cli.domain.portable_text.markdown_writer import with_untouched_blocks

TEXT = (
    "# Head\n\nOne **bold** [link](https://e.org).\n\n- a\n    - b\n- c\n\n"
    "| x | y |\n|---|---|\n| 1 | 2 |\n\nOne.\n\nOne."
)


def stored() -> list[Any]:
    """A text with something in each block that Markdown has no words for."""
    blocks: list[Any] = json.loads(from_markdown(TEXT).content)
    for number, block in enumerate(blocks):
        block["_key"] = f"own{number}"
        block["mark"] = number
    blocks[1]["markDefs"][0]["blank"] = True
    blocks[2:2] = [{"_type": "video", "_key": "v", "url": "https://e.org/v", "mark": "v"}]
    return blocks


def edited(old: str, new: str) -> list[Any]:
    markdown = to_markdown(json.dumps(stored()))
    assert markdown.count(old) == 1, markdown
    blocks: list[Any] = json.loads(with_untouched_blocks(stored(), markdown.replace(old, new)).content)
    return blocks


def marks(blocks: list[Any]) -> list[Any]:
    return [block.get("mark") for block in blocks]


def test_what_is_not_edited_is_what_was_stored() -> None:
    assert edited("# Head", "# Head") == stored()


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("# Head", "# Another", [0]),
        ("One **bold**", "One **bold** word", [1]),
        ("- c", "- changed", [5]),
        ("| 1 | 2 |", "| 1 | 3 |", [6]),
    ],
)
def test_an_edited_block_is_new_and_the_others_are_not(old: str, new: str, lost: list[int]) -> None:
    before, after = stored(), edited(old, new)
    assert len(before) == len(after)
    changed = [place for place, block in enumerate(after) if block != before[place]]
    assert changed == lost
    assert all("mark" not in after[place] for place in lost)


def test_a_block_between_others_moves_them() -> None:
    after = edited("# Head", "# Head\n\nNew.\n\n- list")
    assert marks(after) == [0, None, None, 1, "v", *range(2, 8)]
    keys = [block["_key"] for block in after]
    assert len(set(keys)) == len(keys)


def test_a_block_that_is_taken_out_is_gone() -> None:
    after = edited("# Head\n\n", "")
    assert marks(after) == [1, "v", *range(2, 8)]


def test_an_item_that_comes_to_another_level_of_its_list_goes_there() -> None:
    after = edited("  - b", "- b")
    item = next(block for block in after if block.get("mark") == 3)
    assert item.get("level") == 1


def test_what_is_stored_and_says_nothing_as_markdown_has_no_place_to_stay() -> None:
    blocks = [{"_type": "block", "_key": "e", "style": "normal", "markDefs": [], "children": []}]
    assert json.loads(with_untouched_blocks(blocks, "New.").json) == json.loads(from_markdown("New.").json)
