"""Attribute lists: classes, ids and the like, for which a post has no place.

Sources: https://kramdown.gettalong.org/syntax.html#inline-attribute-lists and #extensions,
https://gohugo.io/content-management/markdown-attributes/, https://pandoc.org/MANUAL.html#extension-attributes,
https://python-markdown.github.io/extensions/attr_list/.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_VALUE: Final = r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s"'}]+)"""
_KRAMDOWN: Final = re.compile(
    rf"\{{:[ \t]*(?P<names>(?:[ \t]*(?:[#.][\w:.#/-]+|[\w:-]+={_VALUE}|[\w-]+:?(?=[\s}}])|[\w-]+:(?=\s)))*)[ \t]*\}}"
)
_PANDOC: Final = re.compile(rf"\{{[ \t]*(?:(?:[#.][\w:.#/-]+|[\w:-]+={_VALUE}|-)[ \t]*)+\}}")
_DEFINITION: Final = re.compile(r"\{:[\w-]+:[^}\n]*\}[ \t]*(?=\n|\Z)")
_EXTENSION: Final = re.compile(r"\{::(?P<name>\w+)(?P<options>[^}\n]*?)(?P<alone>/)?\}")
_END: Final = r"\{{:/(?:{})?\}}"
_HEADING: Final = re.compile(r"[ \t>]*#{1,6}[ \t].*[ \t]\Z")
_UNDERLINE: Final = re.compile(r"[ \t]*#*[ \t]*(?:\n[ ]{0,3}(?:=+|-+)[ \t]*)(?:\n|\Z)")
_LINE_END: Final = re.compile(r"[ \t]*#*[ \t]*(?:\n|\Z)")
_LINE_START: Final = re.compile(r"[ \t>]*(?:[-*+][ \t]+|[0-9]{1,9}[.)][ \t]+)?\Z")
_LINK_END: Final = re.compile(r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)\Z|\]\[[^\]\n]*\]\Z")
_SPAN: Final = re.compile(r"\[([^\[\]\n]+)\]\Z")
_CODE_END: Final = re.compile(r"`\Z")


class Dropped(NamedTuple):
    """The replacement of an attribute list.

    Attributes:
        end: its end in the text.
        before: the new content of the line before it; None: the line is unchanged.
        text: the text in its place.
        is_line: whether the whole line is removed with it.
    """

    end: int
    before: str | None = None
    text: str = ""
    is_line: bool = False


def kramdown(text: str, start: int, line: str, unclosed: set[str]) -> Dropped | None:
    """The replacement of what starts with ``{:``; None if it is text.

    Args:
        text: Markdown.
        start: the position of the brace.
        line: what precedes it on its line, without the attributes there.
        unclosed: names of extensions that have no end after this point; added to, so that nothing is searched for
            twice.
    """
    alone = _LINE_START.fullmatch(line) is not None
    if text.startswith("{::", start):
        return _extension(text, start, unclosed)
    if alone and (found := _DEFINITION.match(text, start)):
        return Dropped(found.end(), is_line=True)
    if found := _KRAMDOWN.match(text, start):
        ends_line = _LINE_END.match(text, found.end()) is not None
        if alone or ends_line or (line[-1:] and not line[-1:].isspace()):
            is_line = alone and ends_line and not line.strip(" \t>")
            return Dropped(found.end(), line.rstrip(" \t") if ends_line and not alone else None, is_line=is_line)
    return None


def names_toc(text: str) -> bool:
    """Whether the list asks kramdown to replace the list before it with a table of contents."""
    found = _KRAMDOWN.fullmatch(text)
    return found is not None and "toc" in found["names"].split()


def _extension(text: str, start: int, unclosed: set[str]) -> Dropped | None:
    found = _EXTENSION.match(text, start)
    if not found or found["name"] not in {"nomarkdown", "comment", "options"} or found["name"] in unclosed:
        return None
    if found["alone"]:
        return Dropped(found.end())
    closing = re.compile(_END.format(re.escape(found["name"]))).search(text, found.end())
    if not closing:
        unclosed.add(found["name"])
        return None
    kept = text[found.end() : closing.start()] if found["name"] == "nomarkdown" else ""
    return Dropped(closing.end(), text=kept)


def pandoc(text: str, start: int, line: str, *, above_is_blank: bool) -> Dropped | None:
    """The replacement of what starts with ``{#``, ``{.`` or ``{name=``; None if it is text.

    Args:
        text: Markdown.
        start: the position of the brace.
        line: what precedes it on its line.
        above_is_blank: whether the line above is blank, so that there is no block to which it could belong.
    """
    found = _PANDOC.match(text, start)
    if not found:
        return None
    end = found.end()
    if _HEADING.fullmatch(line) and _LINE_END.match(text, end):
        return Dropped(end, line.rstrip(" \t"))
    if line.endswith(" ") and _UNDERLINE.match(text, end):
        return Dropped(end, line.rstrip(" \t"))
    if not line.strip(" \t>"):
        return Dropped(end, is_line=True) if _LINE_END.match(text, end) and not above_is_blank else None
    if span := _SPAN.search(line):
        return Dropped(end, line[: span.start()] + span[1])
    return Dropped(end) if _LINK_END.search(line) or _CODE_END.search(line) else None


def fence_language(info: str) -> str:
    """An info string reduced to the language: ``{.python .numberLines}`` and ``js{1,3}`` contain more."""
    bare = info.strip()
    if not bare.startswith("{"):
        return re.sub(r"\A([^\s{]+)\{[^}]*\}", r"\1", bare)
    found = re.match(r"\{[ \t]*[.=]?([\w+#.-]*)[^}]*\}[ \t]*(.*)\Z", bare)
    return f"{found[1]} {found[2]}".strip() if found else info
