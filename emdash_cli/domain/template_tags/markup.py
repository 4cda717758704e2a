"""Create the Markdown that replaces a tag."""

from __future__ import annotations

import re
from typing import NamedTuple

from emdash_cli.domain.template_tags.code import TICKS

_PLAIN_ADDRESS = re.compile(r"[^\s()<>]+")
_BRACKETS = re.compile(r"([\[\]\\])")


class Markup(NamedTuple):
    """The replacement of a tag.

    Attributes:
        is_block: whether it needs lines of its own.
    """

    text: str
    is_block: bool = False


def link(text: str, address: str) -> str:
    """A link. Without a text, it shows the address itself, which then has to be a URL."""
    if not text:
        return f"<{address}>" if "://" in address and _PLAIN_ADDRESS.fullmatch(address) else link(address, address)
    return f"[{_escaped(text)}]({destination(address)})"


def image(address: str, alt: str = "", caption: str = "", target: str = "") -> str:
    """An image with its caption as the title, inside a link if there is a target."""
    title = f' "{caption.replace(chr(34), chr(92) + chr(34))}"' if caption else ""
    shown = f"![{_escaped(alt)}]({destination(address)}{title})"
    return f"[{shown}]({destination(target)})" if target else shown


def _escaped(text: str) -> str:
    return _BRACKETS.sub(r"\\\1", text)


def destination(address: str) -> str:
    """An address in the form that the parentheses of a link need."""
    bare = address.strip()
    return bare if _PLAIN_ADDRESS.fullmatch(bare) else f"<{bare.replace('<', '%3C').replace('>', '%3E')}>"


def fence(code: str, language: str = "", title: str = "") -> str:
    """A fenced code block whose fence is longer than any in the code."""
    mark = "`" * max(3, _longer_than_any(code))
    name = f' title="{title.replace(chr(34), chr(39))}"' if title else ""
    return f"{mark}{language.replace('`', '')}{name.replace('`', '')}\n{code}\n{mark}"


def code_span(code: str) -> str:
    """Inline code."""
    mark = "`" * _longer_than_any(code)
    space = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{mark}{space}{code}{space}{mark}"


def _longer_than_any(code: str) -> int:
    return 1 + max(map(len, TICKS.findall(code)), default=0)


def quote(text: str, source: str = "") -> str:
    """A quote, with its source on a line of its own."""
    lines = text.strip("\n").split("\n")
    if source:
        lines += ["", f"— {source}"]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def without_indent(code: str) -> str:
    """The code without surrounding blank lines and without the indentation that all its lines share."""
    lines = code.split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    while lines and not lines[-1].strip():
        del lines[-1]
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    common = min(indents, default=0)
    return "\n".join(line[common:].rstrip("\r") if line.strip() else "" for line in lines)


def dedented(text: str) -> str:
    """The text without the indentation of its first line, which belongs to the component and does not mean code."""
    lines = text.strip("\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    indent = len(first) - len(first.lstrip(" \t"))
    return "\n".join(line[indent:] if not line[:indent].strip() else line.lstrip() for line in lines).strip()
