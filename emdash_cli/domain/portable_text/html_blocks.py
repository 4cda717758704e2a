"""Raw HTML that is a block of its own (CommonMark 0.31.2, section 4.6)."""

from __future__ import annotations

import re

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


def block_html(raw: str) -> str:
    """Return the HTML of a block as it is stored: no indentation before it, ended."""
    html = raw.strip(" \t\n")
    missing = end_mark(html)
    return f"{html}\n{missing}" if missing else html
