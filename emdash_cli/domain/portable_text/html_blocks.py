"""Raw HTML that is a block of its own (CommonMark 0.31.2, section 4.6)."""

from __future__ import annotations

import re

from emdash_cli.domain.portable_text.inline_html import CAN_STAY_OPEN

# A noncharacter in place of each blank line, in HTML that `open_html` has made one block, and a
# tag before it that begins a block of HTML whatever comes after.
FILL = "\ufdd3"
BEGIN = f"<div {FILL}>"
# What is in these is not shown as text, and only their own end tag ends it.
NEVER_TEXT = frozenset({"script", "style", "textarea"})
# Lines in these are lines, not Markdown.
VERBATIM = NEVER_TEXT | {"math", "pre", "svg", "template"}
_FILLED = re.compile(f"<div {FILL}>\n|{FILL}")
_OPENING = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)(?=[\s/>])[^<>]*>")
# Not shown, but a sanitiser might take the first `>` for their end.
_INSTRUCTION = re.compile(r"<(\?.*?\?|!\[CDATA\[.*?\]\])>", re.IGNORECASE | re.DOTALL)

# The first kinds of HTML block run to their own end mark, or to the end of the document.
_UNTIL = (
    ("<!--", "-->"),
    ("<?", "?>"),
    ("<![cdata[", "]]>"),
    ("<!", ">"),
)
_RAW_ELEMENT = re.compile(r"<(script|pre|style|textarea)(?=[\s>]|\Z)", re.IGNORECASE)
_RAW_END = re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE)


def end_mark(html: str) -> str:
    """Return the mark that is missing at the end of a block of HTML, or an empty string.

    `<!--` without `-->` takes the rest of the document; written back somewhere else it would
    take what follows it there, in a reader's browser too.
    """
    raw = _RAW_ELEMENT.match(html)
    if raw is not None:
        return "" if _RAW_END.search(html) else f"</{raw[1].lower()}>"
    start = html[:9].lower()
    for opening, closing in _UNTIL:
        if start.startswith(opening):
            return "" if closing in html[len(opening) - (opening == "<!--") * 2 :] else closing
    return ""


def leaves_open(html: str) -> bool:
    """Say whether more tags of some name open than close in a block of HTML; unsure is yes."""
    balance: dict[str, int] = {}
    for closes, name in _OPENING.findall(html):
        lower = name.lower()
        balance[lower] = balance.get(lower, 0) + (-1 if closes else 1)
    return any(opened > 0 and name in CAN_STAY_OPEN for name, opened in balance.items())


def block_html(raw: str) -> str:
    """Return the HTML of a block as it is stored: no indentation before it, ended.

    Processing instructions and CDATA become comments, as in a browser.
    """
    if FILL in raw:
        raw = _FILLED.sub("", raw)
    html = raw.strip(" \t\n")
    missing = end_mark(html)
    html = f"{html}\n{missing}" if missing else html
    return _INSTRUCTION.sub(_comment, html) if "<?" in html or "<![" in html else html


def _comment(found: re.Match[str]) -> str:
    inside = found[1].removeprefix("!").replace("--", "- -")
    return f"<!--{inside}-->"
