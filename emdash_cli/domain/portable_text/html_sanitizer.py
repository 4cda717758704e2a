"""Raw HTML without anything that acts.

An allow list, rebuilt from parsed tokens instead of cut out of the source, so that nothing
survives by being malformed. It is narrower than EmDash's own, which also admits video frames.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

from emdash_cli.domain.portable_text.links import safe_href, safe_src

ALLOWED = frozenset(
    [
        "a",
        "abbr",
        "address",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
VOID = frozenset({"br", "col", "hr", "img", "wbr"})
# Their content is no text for readers.
HIDDEN = frozenset({"script", "style", "template", "noscript", "iframe", "object", "title", "svg", "math"})
ATTRIBUTES = frozenset(
    {"alt", "class", "colspan", "datetime", "dir", "height", "lang", "open", "rowspan", "start", "title", "width"}
)


class _Sanitizer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self.hidden.append(tag)
        if self.hidden or tag not in ALLOWED:
            return
        self.out.append(f"<{tag}{_attributes(attrs)}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # `<svg/>` hides nothing; `<div/>` opens one, as in a browser.
        if tag not in HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            if tag == self.hidden[-1]:
                self.hidden.pop()
            return
        if tag not in self.open:
            return
        while True:
            last = self.open.pop()
            self.out.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.out.append(escape(data, quote=False))


def _attributes(attrs: list[tuple[str, str | None]]) -> str:
    kept = []
    for name, value in attrs:
        checked: str | None = value or ""
        if name == "href":
            checked = safe_href(value or "")
        elif name == "src":
            checked = safe_src(value or "")
        elif name not in ATTRIBUTES:
            continue
        if checked is not None:
            kept.append(f' {name}="{escape(checked)}"')
    return "".join(kept)


def sanitize(html: str) -> str:
    """Return the fragment with known harmless elements and attributes only, every one closed."""
    parser = _Sanitizer()
    parser.feed(html)
    parser.close()
    parser.out.extend(f"</{tag}>" for tag in reversed(parser.open))
    return "".join(parser.out).strip()
