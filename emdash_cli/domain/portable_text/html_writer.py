"""Portable Text to HTML, as a reader of the site sees it.

Elements follow EmDash's components: runs of `blockquote` blocks share one element, list blocks nest by `level`, code
has
`language-…`. No text can become markup: text is escaped, URLs are checked again, and raw HTML passes an allow list,
which is narrower than EmDash's own: that also admits video frames.
"""

from __future__ import annotations

import json
import re
from html import escape
from itertools import groupby
from typing import Any

from emdash_cli.domain.portable_text.document import block_lines
from emdash_cli.domain.portable_text.links import safe_href, safe_src
from emdash_cli.domain.portable_text.raw_html import html_text

# Of marks with the same extent, the first is the outermost; code is innermost, as in Markdown.
_ELEMENTS = {
    "strong": "strong",
    "em": "em",
    "strike-through": "s",
    "underline": "u",
    "superscript": "sup",
    "subscript": "sub",
    "code": "code",
}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

_ALLOWED = (
    "a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd "
    "del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img "
    "ins kbd li main mark nav ol p pre q s samp section small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul var wbr"
)
# The content of these elements is not text for readers.
_HIDDEN = "script style template noscript iframe object title svg math"
_ATTRIBUTES = "alt class colspan datetime dir height lang open rowspan start title width"
# `_checked_url` decides; without `data` an image inside the page would not get that far.
_SCHEMES = "http https mailto tel data"
MAX_DEPTH = 512
"""Maximum nesting of elements, as in Chromium. The sanitiser's time grows with the square of the depth."""
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)
# Elements that have no content, or that end at the next one of their kind.
_FLAT = "area br col dd dt embed hr img input li p source tbody td tfoot th thead tr wbr"
_NOT_NESTED = frozenset(_FLAT.split())


def to_html(blocks_json: str) -> str:
    """Return the body as HTML, one element per line, without the page around it."""
    lines: list[str] = []
    lists: list[tuple[str, str]] = []
    quoted = False
    for block in json.loads(blocks_json):
        is_item = block.get("_type") == "block" and bool(block.get("listItem"))
        is_quote = block.get("_type") == "block" and not is_item and block.get("style") == "blockquote"
        if quoted and not is_quote:
            lines.append("</blockquote>")
        if is_quote and not quoted:
            _close_lists(lines, lists, 0)
            lines.append("<blockquote>")
        quoted = is_quote
        if is_item:
            _list_item(lines, lists, block)
        else:
            _close_lists(lines, lists, 0)
            lines.append(_block(block))
    if quoted:
        lines.append("</blockquote>")
    _close_lists(lines, lists, 0)
    return "\n".join(line for line in lines if line)


def _close_lists(lines: list[str], lists: list[tuple[str, str]], level: int) -> None:
    while len(lists) > level:
        lines.append(f"</li></{lists.pop()[0]}>")


def _list_item(lines: list[str], lists: list[tuple[str, str]], block: dict[str, Any]) -> None:
    """Open, continue or leave lists until the item's level is reached."""
    name = "ol" if block["listItem"] == "number" else "ul"
    identity = str(block.get("listId", ""))
    level = min(int(block.get("level") or 1), len(lists) + 1)
    _close_lists(lines, lists, level)
    if len(lists) == level and lists[-1] != (name, identity):
        _close_lists(lines, lists, level - 1)
    if len(lists) == level:
        lines.append("</li>")
        opening = "<li>"
    else:
        start = block.get("listStart", 1)
        opening = f'<ol start="{int(start)}"><li>' if name == "ol" and start != 1 else f"<{name}><li>"
        lists.append((name, identity))
    style = block.get("style")
    inside = _spans(block.get("children"), block.get("markDefs"))
    lines.append(opening + (f"<{style}>{inside}</{style}>" if style in _HEADINGS else inside))


def _block(block: dict[str, Any]) -> str:
    kind = block.get("_type")
    if kind == "block":
        name = block.get("style") if block.get("style") in _HEADINGS else "p"
        return f"<{name}>{_spans(block.get('children'), block.get('markDefs'))}</{name}>"
    if kind == "code":
        return _code(block)
    if kind == "break":
        return "<hr>"
    if kind == "image":
        return _image(block)
    if kind == "htmlBlock":
        return sanitize(str(block.get("html", "")))
    if kind == "table":
        return _table(block)
    # A type from a plug-in: its words, and a mark that makes it recognisable.
    words = escape(" ".join(block_lines(block)))
    return f'<div data-type="{escape(str(kind))}">{words}</div>'


def _code(block: dict[str, Any]) -> str:
    language = str(block.get("language") or "")
    name = f' class="language-{escape(language)}"' if language else ""
    filename = str(block.get("filename") or "")
    title = f'<div class="filename">{escape(filename)}</div>' if filename else ""
    return f"{title}<pre><code{name}>{escape(str(block.get('code', '')))}\n</code></pre>"


def _image(block: dict[str, Any]) -> str:
    asset = block.get("asset") or {}
    alt = escape(str(block.get("alt") or ""))
    src = safe_src(str(asset.get("url") or asset.get("_ref") or ""))
    if src is None:
        return f"<p>{alt}</p>" if alt else ""
    caption = str(block.get("caption") or "")
    more = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><img src="{escape(src)}" alt="{alt}">{more}</figure>'


def _table(block: dict[str, Any]) -> str:
    lines = ["<table>"]
    for index, row in enumerate(block.get("rows") or ()):
        header = index == 0 and bool(block.get("hasHeaderRow"))
        cells = []
        for cell in row.get("cells") or ():
            name = "th" if header or cell.get("isHeader") else "td"
            cells.append(f"<{name}>{_spans(cell.get('content'), cell.get('markDefs'))}</{name}>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</table>"])


def _spans(spans: object, mark_defs: object) -> str:
    if not isinstance(spans, list):
        return ""
    hrefs = {
        mark_def.get("_key"): mark_def
        for mark_def in (mark_defs if isinstance(mark_defs, list) else ())
        if mark_def.get("_type") == "link"
    }
    pieces = [_piece(span, hrefs) for span in spans if span.get("_type") == "span"]
    html = ""
    for (href, blank), group in groupby(pieces, key=lambda piece: piece[:2]):
        inside = _nested([(marks, text) for _, _, marks, text in group])
        more = ' target="_blank" rel="noopener noreferrer"' if blank else ""
        html += f'<a href="{escape(href)}"{more}>{inside}</a>' if href is not None else inside
    return html


def _piece(span: dict[str, Any], links: dict[Any, dict[str, Any]]) -> tuple[str | None, bool, frozenset[str], str]:
    """Return (href or None, whether it opens a new window, marks, HTML of the text) of one span."""
    text = escape(str(span.get("text", ""))).replace("\n", "<br>\n")
    marks = span.get("marks") or ()
    link: dict[str, Any] = next((links[mark] for mark in marks if mark in links), {})
    href = safe_href(str(link.get("href", "")))
    return href, bool(href and link.get("blank")), frozenset(marks) & _ELEMENTS.keys(), text


def _nested(pieces: list[tuple[frozenset[str], str]]) -> str:
    """Write adjacent spans with a common mark as one element. The mark with the largest extent is the outermost."""
    html = ""
    at = 0
    while at < len(pieces):
        marks, text = pieces[at]
        if not marks:
            html += text
            at += 1
            continue
        ends = {mark: _reach(pieces, at, mark) for mark in _ELEMENTS if mark in marks}
        outermost = max(ends, key=lambda mark: (mark != "code", ends[mark]))
        end = ends[outermost]
        inside = _nested([(left - {outermost}, text) for left, text in pieces[at:end]])
        html += f"<{_ELEMENTS[outermost]}>{inside}</{_ELEMENTS[outermost]}>"
        at = end
    return html


def _reach(pieces: list[tuple[frozenset[str], str]], at: int, mark: str) -> int:
    """Return the index after the last adjacent span that also has the mark."""
    while at < len(pieces) and mark in pieces[at][0]:
        at += 1
    return at


def sanitize(html: str) -> str:
    """Return the fragment as a browser would parse it, with only harmless elements and attributes.

    There are two differences from a browser: a tag that never ends stays as text instead of taking the rest with it,
    and HTML that is nested more deeply than `MAX_DEPTH` is reduced to its words.
    """
    if _is_too_deep(html):
        return escape(html_text(html))
    import nh3

    if unfinished := _TAG.search(html, html.rfind(">") + 1):
        at = unfinished.start()
        html = f"{html[:at]}&lt;{html[at + 1 :]}"

    return nh3.clean(
        html,
        tags=set(_ALLOWED.split()),
        clean_content_tags=set(_HIDDEN.split()),
        attributes={"*": set(_ATTRIBUTES.split()), "a": {"href"}, "img": {"src"}},
        attribute_filter=_checked_url,
        url_schemes=set(_SCHEMES.split()),
        link_rel=None,
    ).strip()


def _checked_url(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return safe_href(value)
    return safe_src(value) if attribute == "src" else value


def _is_too_deep(html: str) -> bool:
    """Say whether more than `MAX_DEPTH` elements may be open at once. An end tag closes one element of its name."""
    if html.count("<") <= MAX_DEPTH:
        return False
    depth = 0
    opened: dict[str, int] = {}
    for closes, name in _TAG.findall(html):
        lower = name.lower()
        if lower in _NOT_NESTED or (closes and not opened.get(lower)):
            continue
        step = -1 if closes else 1
        opened[lower] = opened.get(lower, 0) + step
        depth += step
        if depth > MAX_DEPTH:
            return True
    return False
