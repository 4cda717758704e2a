"""Write Portable Text as Markdown that `from_markdown` reads back to the same, and merge edited Markdown into it."""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.portable_text.blocks import from_blocks
from emdash_cli.domain.portable_text.links import safe_src
from emdash_cli.domain.portable_text.markdown_reader import from_markdown
from emdash_cli.domain.portable_text.markdown_text import Line, destination, escape_text

if TYPE_CHECKING:
    from emdash_cli.domain.portable_text.document import Document


_BLANK_LINES = re.compile(r"\n[ \t]*(?=\n)")
_FENCES = re.compile(r"(?m)^\s*(`{3,}|~{3,})")
_MAX_NUMBER = 999_999_999  # CommonMark allows nine digits.


def to_markdown(blocks_json: str) -> str:
    """Return a Portable Text array as Markdown; `docs/portable-text.md` says what is lost."""
    writer = _Writer()
    for block in json.loads(blocks_json):
        writer.write(block)
    return "\n".join([*writer.lines, ""]) if writer.lines else ""


class _Marker:
    """A list that is open at some level."""

    __slots__ = ("delimiter", "indent", "kind", "list_id", "number")

    def __init__(self, kind: str, list_id: str, delimiter: str, number: int) -> None:
        self.kind = kind
        self.list_id = list_id
        self.delimiter = delimiter
        self.number = number
        self.indent = 0

    def text(self) -> str:
        return "-" if self.kind == "bullet" else f"{min(self.number, _MAX_NUMBER)}{self.delimiter}"


class _Writer:
    """Blocks in order. Only list items and quotes depend on the blocks before them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.lists: list[_Marker] = []
        self.quoted = False
        self.empty_item = False

    def write(self, block: dict[str, Any]) -> None:
        kind = block.get("_type")
        is_text = kind == "block"
        if is_text and block.get("listItem"):
            self.quoted = False
            self._item(block)
            return
        self.lists.clear()
        lines = self._text(block) if is_text else _other(block)
        quoted = is_text and block.get("style") == "blockquote"
        if self.lines and lines:
            self.lines.append(">" if quoted and self.quoted else "")
        self.lines += [f"> {line}" for line in lines] if quoted else lines
        self.quoted = quoted if lines else self.quoted

    def _text(self, block: dict[str, Any]) -> list[str]:
        line = Line(block.get("children"), block.get("markDefs"))
        style = str(block.get("style") or "normal")
        if style[0] == "h" and style[1:].isdigit():
            text = line.heading()
            return [f"{'#' * int(style[1:])} {text}"] if text else []
        text = line.paragraph()
        return text.split("\n") if text else []

    def _item(self, block: dict[str, Any]) -> None:
        level = min(int(block.get("level") or 1), len(self.lists) + 1)
        del self.lists[level:]
        replaces = len(self.lists) == level
        fresh = self._open(block, level)
        marker = self.lists[-1]
        line = Line(block.get("children"), block.get("markDefs"))
        style = str(block.get("style") or "normal")
        heading = style[0] == "h" and style[1:].isdigit()
        text = f"{'#' * int(style[1:])} {line.heading()}" if heading else _boxed(line.item())
        # An item that is empty or whose number is not 1 cannot interrupt a paragraph, but an item that starts with a
        # blank line
        # ends at a second one.
        apart = level == 1 or replaces or marker.number != 1 or not text
        if self.lines and fresh and apart and not (level > 1 and self.empty_item and not replaces):
            self.lines.append("")
        self.empty_item = not text
        outer = self.lists[-2].indent if level > 1 else 0
        lead = f"{' ' * outer}{marker.text()}"
        marker.indent = len(lead) + 1
        first, *rest = text.split("\n")
        self.lines.append(f"{lead} {first}" if first else lead)
        self.lines += [f"{' ' * marker.indent}{line}" if line else "" for line in rest]

    def _open(self, block: dict[str, Any], level: int) -> bool:
        """Continue the list at this level or start one, and return which."""
        kind = str(block.get("listItem"))
        list_id = str(block.get("listId", ""))
        open_list = self.lists[level - 1] if len(self.lists) == level else None
        if open_list is not None and (open_list.kind, open_list.list_id) == (kind, list_id):
            open_list.number += 1
            return False
        delimiter = "."
        if open_list is not None:
            self.lists.pop()
            # The same delimiter would continue the list before.
            delimiter = ")" if open_list.delimiter == "." and open_list.kind == kind else "."
        self.lists.append(_Marker(kind, list_id, delimiter, int(block.get("listStart") or 1)))
        return True


def _boxed(text: str) -> str:
    if text[:2] in {"☐ ", "☑ "} and text[2:3].strip():
        return ("[ ] " if text[0] == "☐" else "[x] ") + text[2:]
    return text


def _other(block: dict[str, Any]) -> list[str]:
    kind = block.get("_type")
    if kind == "break":
        return ["---"]
    if kind == "code":
        return _code(block)
    if kind == "image":
        return _image(block)
    if kind == "htmlBlock":
        return _html(str(block.get("html", "")))
    if kind == "table":
        return _table(block)
    # A type from a plug-in is shown as it is, because nothing may disappear.
    source = json.dumps(block, ensure_ascii=False, indent=2)
    return _code({"code": source, "language": "json", "filename": str(kind)})


def _code(block: dict[str, Any]) -> list[str]:
    code = str(block.get("code", ""))
    info = re.sub(r"([\\&])", r"\\\1", "".join(str(block.get("language") or "").split()))
    filename = " ".join(str(block.get("filename") or "").split())
    if filename:
        quote = "'" if '"' in filename else '"'
        info += f" title={quote}{_escape_info(filename)}{quote}"
    mark = "~" if "`" in info else "`"
    longest = max((len(fence) for fence in _FENCES.findall(code) if fence[0] == mark), default=2)
    fence = mark * (longest + 1)
    return [fence + info, *(code.split("\n") if code else []), fence]


def _escape_info(text: str) -> str:
    return re.sub(r"([\\&])", r"\\\1", text)


def _image(block: dict[str, Any]) -> list[str]:
    asset = block.get("asset") or {}
    alt = escape_text(str(block.get("alt") or ""))
    src = safe_src(str(asset.get("url") or asset.get("_ref") or ""))
    if src is None:
        return [alt] if alt else []
    caption = re.sub(r'([\\"&])', r"\\\1", " ".join(str(block.get("caption") or "").split()))
    title = f' "{caption}"' if caption else ""
    return [f"![{alt}]({destination(src)}{title})"]


def _html(html: str) -> list[str]:
    """Write raw HTML so that it is one block of HTML again, if necessary by means of a `<div>`."""
    html = html.strip(" \t\n")
    if not html:
        return []
    again = json.loads(from_markdown(html).json)
    if len(again) == 1 and again[0].get("html") == html:
        return html.split("\n")
    return ["<div>", *_BLANK_LINES.sub("", html).split("\n"), "</div>"]


def _table(block: dict[str, Any]) -> list[str]:
    rows = [
        [Line(cell.get("content"), cell.get("markDefs")).cell() for cell in row.get("cells") or ()]
        for row in block.get("rows") or ()
    ]
    width = max((len(row) for row in rows), default=0)
    if not width:
        return []
    if not block.get("hasHeaderRow"):
        rows.insert(0, [])
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in padded]
    lines.insert(1, "|" + " --- |" * width)
    return lines


def with_untouched_blocks(stored: list[Any], markdown: str) -> Document:
    """The edited Markdown as Portable Text, in which every block that reads the same is replaced by the stored one.

    Markdown has no underlining, no images of the media library and no blocks from plug-ins. Without this, changing one
    word of a post would remove all of them from the whole post.

    Args:
        stored: Portable Text, as the post has it.
        markdown: what the editor made of its `to_markdown`.

    Raises:
        PortableTextError: the Markdown is not text, or its nesting is too deep.
    """
    edited = from_markdown(markdown)
    # Each stored block by what its Markdown alone says; a block without Markdown has no counterpart.
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
    """The block after a conversion to Markdown and back; None if the result is not one block."""
    again = json.loads(from_markdown(to_markdown(json.dumps([block]))).json)
    return _shape(again[0]) if len(again) == 1 else None


def _shape(block: dict[str, Any]) -> str:
    """A block without its keys and without its place in a list, which depends on its neighbours."""
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
    """The stored block in the edited block's place in a list."""
    places: dict[str, Any] = {key: edited[key] for key in ("level", "listId", "listStart") if key in edited}
    return {**stored, **places} if "listItem" in edited else stored
