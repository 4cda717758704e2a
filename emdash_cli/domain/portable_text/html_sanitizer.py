"""Raw HTML without anything that acts.

An allow list, rebuilt from parsed tokens instead of cut out of the source, so that nothing
survives by being malformed. It is narrower than EmDash's own, which also admits video frames.
"""

from __future__ import annotations

import re
from html import escape, unescape

from emdash_cli.domain.portable_text.inline_html import attributes
from emdash_cli.domain.portable_text.links import safe_href, safe_src

_ALLOWED = (
    "a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd "
    "del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img "
    "ins kbd li main mark nav ol p pre q s samp section small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul var wbr"
)
ALLOWED = frozenset(_ALLOWED.split())
MAX_DEPTH = 200
VOID = frozenset({"br", "col", "hr", "img", "wbr"})
# Their content is no text for readers.
HIDDEN = frozenset({"script", "style", "template", "noscript", "iframe", "object", "title", "svg", "math"})
ATTRIBUTES = frozenset(
    {"alt", "class", "colspan", "datetime", "dir", "height", "lang", "open", "rowspan", "start", "title", "width"}
)


# The limits keep a hostile fragment from costing more than its length.
_TOKEN = re.compile(
    r"(?P<skip><!--.*?(?:-->|\Z)|<[!?][^<>]*>?)"
    r"|<(?P<end>/?)(?P<name>[A-Za-z][\w:-]*)"
    r"(?P<rest>(?:[^'\"<>]{1,2000}+|\"[^\"]{0,2000}\"|'[^']{0,2000}'){0,80}+)>"
    r"|(?P<text>[^<]+|<)",
    re.DOTALL,
)


def sanitize(html: str) -> str:
    """Return the fragment with known harmless elements and attributes only, every one closed."""
    out: list[str] = []
    stack: list[str] = []
    at = 0
    while (token := _TOKEN.match(html, at)) is not None:
        at = token.end()
        name = (token["name"] or "").lower()
        if token["text"]:
            out.append(escape(unescape(token["text"]), quote=False))
        elif name in HIDDEN:
            at = at if token["end"] else _after_hidden(html, name, at)
        elif name in ALLOWED and token["end"]:
            _close(out, stack, name)
        elif name in ALLOWED:
            out.append(f"<{name}{_attributes(token[0])}>")
            if name not in VOID:
                stack.append(name)
    out.extend(f"</{name}>" for name in reversed(stack))
    return "".join(out).strip()


def _after_hidden(html: str, name: str, at: int) -> int:
    """Return where a hidden element ends; without an end tag it hides the rest."""
    end = re.compile(rf"</{name}[^>]*>", re.IGNORECASE).search(html, at)
    return len(html) if end is None else end.end()


def _close(out: list[str], stack: list[str], name: str) -> None:
    """Close an element and those left open inside it; an end without a beginning is nothing."""
    if name not in stack[-MAX_DEPTH:]:
        return
    while True:
        last = stack.pop()
        out.append(f"</{last}>")
        if last == name:
            return


def _attributes(tag: str) -> str:
    kept = []
    for name, value in attributes(tag).items():
        checked: str | None = value
        if name == "href":
            checked = safe_href(value)
        elif name == "src":
            checked = safe_src(value)
        elif name not in ATTRIBUTES:
            continue
        if checked is not None:
            kept.append(f' {name}="{escape(checked)}"')
    return "".join(kept)
