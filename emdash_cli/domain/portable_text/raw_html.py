"""Raw HTML: inline tags, separate blocks (CommonMark 0.31.2, section 4.6), and the words inside.

Inline tags that are equivalent to one of EmDash's marks become that mark; other tags are removed and their text
stays; what only looks like a tag (`Vec<String>`) stays as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


TAG_MARKS: Mapping[str, str] = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "cite": "em",
    "dfn": "em",
    "var": "em",
    "s": "strike-through",
    "strike": "strike-through",
    "del": "strike-through",
    "u": "underline",
    "ins": "underline",
    "sup": "superscript",
    "sub": "subscript",
    "code": "code",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
}
"""The mark that each tag stands for, by its name in EmDash."""
# Inline elements of the HTML standard; without this list, `<T>` and `<div>` would look the same.
_KNOWN_TAGS = (
    "a abbr acronym address article aside audio base bdi bdo big blink blockquote body br button "
    "canvas caption center col colgroup data datalist dd details dialog dir div dl dt embed "
    "fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header "
    "hgroup hr html iframe img input label legend li link main map mark marquee math menu "
    "meta meter nav nobr noscript object ol optgroup option output p param picture pre "
    "progress q rp rt ruby script search section select slot small source span style summary "
    "svg table tbody td template textarea tfoot th thead time title tr track ul video wbr"
)
KNOWN_TAGS = frozenset(_KNOWN_TAGS.split())
# All except those without content and the page itself.
_NEVER_OPEN = "area base body br col embed frame head hr html img input link meta param source track wbr"
CAN_STAY_OPEN = (KNOWN_TAGS | TAG_MARKS.keys()) - frozenset(_NEVER_OPEN.split())
_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_ATTRIBUTE = re.compile(r"""\s([A-Za-z_:][\w:.-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+)""")


def tag(raw: str) -> tuple[str, bool] | None:
    """Return (name in lower case, whether it closes), or None for comments and the like."""
    found = _NAME.match(raw)
    return None if found is None else (found[2].lower(), bool(found[1]))


def attributes(raw: str) -> dict[str, str]:
    """Return the tag's attributes that have a value, with names in lower case; the first of duplicates wins."""
    from html import unescape

    values: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(raw):
        bare = value[1:-1] if value[0] in "\"'" else value
        values.setdefault(name.lower(), unescape(bare).replace("\0", "\ufffd"))
    return values


# A noncharacter replaces each blank line in HTML that `open_html` has turned into one block, and a tag before it starts
# a block of HTML whatever follows.
FILL = "\ufdd3"
BEGIN = f"<div {FILL}>"
# Their content is not shown as text, and only their own end tag ends it.
NEVER_TEXT = frozenset({"script", "style", "textarea"})
# Their lines count as they are, and are not Markdown.
VERBATIM = NEVER_TEXT | {"math", "pre", "svg", "template"}
_FILLED = re.compile(f"<div {FILL}>\n|{FILL}")
_OPENING = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)(?=[\s/>])[^<>]*>")
# Not shown, but a sanitiser might treat the first `>` as the end.
_INSTRUCTION = re.compile(r"<(\?.*?\?|!\[CDATA\[.*?\]\])>", re.IGNORECASE | re.DOTALL)

# The first kinds of HTML blocks extend to their own end mark, or to the end of the document.
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

    `<!--` without `-->` takes the rest of the document. If it were written back elsewhere, it would also take what
    follows it there, in a reader's browser as well.
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
    """Say whether a block of HTML opens more tags of some name than it closes; if in doubt, it does."""
    balance: dict[str, int] = {}
    for closes, name in _OPENING.findall(html):
        lower = name.lower()
        balance[lower] = balance.get(lower, 0) + (-1 if closes else 1)
    return any(opened > 0 and name in CAN_STAY_OPEN for name, opened in balance.items())


def block_html(raw: str) -> str:
    """Return the HTML of a block in stored form: without indentation before it, and with its end mark.

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


_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_ALT = re.compile(r"""<img\b[^<>]*?\salt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))[^<>]*>?""", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>?")


def html_text(html: str) -> str:
    """Return what a reader sees of an HTML fragment, on one line, without tags, scripts or comments.

    An image's alternative text counts as visible.
    """
    from html import unescape

    seen = _ALT.sub(lambda found: f" {found[1] or found[2] or found[3] or ''} ", _HIDDEN.sub(" ", html))
    return " ".join(unescape(_TAG.sub(" ", seen)).replace("\0", " ").split())
