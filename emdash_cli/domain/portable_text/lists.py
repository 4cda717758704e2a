"""Lists while they are being read: Portable Text is flat, so items carry level and number."""

from __future__ import annotations

# EmDash renders levels by recursion; nobody reads deeper ones.
MAX_LEVEL = 32


class OpenList:
    """One Markdown list that has begun and not ended.

    A "chunk" is a row of list blocks with nothing else between them; EmDash renders each chunk
    as one list. When a code block or an image interrupts a list, its later items start a new
    chunk, with a `listId` of their own and a `listStart` that goes on counting (EmDash's
    `numbered-list.ts`: `listStart` is an integer from 1 and every item of a list carries both).
    """

    __slots__ = ("chunk", "depth", "fresh", "head", "level", "number", "ordered", "written")

    def __init__(self, depth: int, start: int | None) -> None:
        self.depth = depth
        self.ordered = start is not None
        self.number = (start or 0) - 1
        self.fresh = False  # the current item has no list block yet
        self.written = 0  # blocks written when the current item began
        self.chunk = -1
        self.level = 0
        self.head = ""

    def begin_item(self, written: int) -> None:
        """Count the item."""
        self.number += 1
        self.fresh = True
        self.written = written

    def begin_chunk(self, chunk: int, level_before: int, list_id: str) -> None:
        """Make the JSON members of `head`, which turn a block into an item of this list.

        A level is at most one deeper than the item before it: there is nothing to nest in
        after an interruption.
        """
        self.chunk = chunk
        self.level = min(self.depth, level_before + 1, MAX_LEVEL)
        if self.ordered:
            start = max(self.number, 1)
            self.head = f'"listItem":"number","level":{self.level},"listId":"{list_id}","listStart":{start},'
        else:
            self.head = f'"listItem":"bullet","level":{self.level},'
