"""Keep what Markdown cannot say of the blocks that an edit did not touch."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.portable_text.blocks import from_blocks
from emdash_cli.domain.portable_text.markdown_reader import from_markdown
from emdash_cli.domain.portable_text.markdown_writer import to_markdown

if TYPE_CHECKING:
    from emdash_cli.domain.portable_text.document import Document


def with_untouched_blocks(stored: list[Any], markdown: str) -> Document:
    """The edited Markdown as Portable Text, in which every block that still reads the same is the stored one.

    Markdown has no underlining, no image of the media library and no blocks of plug-ins: without this, changing one
    word of a post would lose them all over it.

    Args:
        stored: Portable Text, as the post has it.
        markdown: what was made of its `to_markdown`.

    Raises:
        PortableTextError: the Markdown is no text, or nested too deeply.
    """
    edited = from_markdown(markdown)
    # Each stored block by what its Markdown alone says; one that says nothing has no counterpart to look for.
    pieces = [(block, _read_again(block)) for block in stored]
    found = [(block, shape) for block, shape in pieces if shape is not None]
    blocks = json.loads(edited.json)
    shapes = [_shape(block) for block in blocks]
    matcher = SequenceMatcher(None, [shape for _, shape in found], shapes, autojunk=False)
    is_any = False
    for old, new, size in matcher.get_matching_blocks():
        for step in range(size):
            blocks[new + step] = _fitted(found[old + step][0], blocks[new + step])
            is_any = True
    return from_blocks(blocks) if is_any else edited


def _read_again(block: Any) -> str | None:
    """What becomes of a block on its way through Markdown; None if it does not come back as one block."""
    again = json.loads(from_markdown(to_markdown(json.dumps([block]))).json)
    return _shape(again[0]) if len(again) == 1 else None


def _shape(block: dict[str, Any]) -> str:
    """A block without its keys, and without its place in a list, which its neighbours decide."""
    names: dict[str, str] = {}
    for definition in block.get("markDefs") or ():
        names[str(definition.get("_key"))] = f"#{len(names)}"
    return json.dumps(_plain(block, names), sort_keys=True)


def _plain(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: [names.get(mark, mark) for mark in part] if key == "marks" else _plain(part, names)
            for key, part in value.items()
            if key not in {"_key", "level", "listId", "listStart"}
        }
    return [_plain(part, names) for part in value] if isinstance(value, list) else value


def _fitted(stored: dict[str, Any], edited: dict[str, Any]) -> dict[str, Any]:
    """The stored block at the edited one's place in a list."""
    places: dict[str, Any] = {key: edited[key] for key in ("level", "listId", "listStart") if key in edited}
    return {**stored, **places} if "listItem" in edited else stored
