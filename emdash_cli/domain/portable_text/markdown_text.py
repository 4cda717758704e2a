"""Write spans as inline Markdown.

Emphasis is written with asterisks where CommonMark's flanking rules (0.31.2, section 6.2) guarantee that it is read
back, and as an HTML element elsewhere; `from_markdown` reads both in the same way.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, NamedTuple

from emdash_cli.domain.portable_text.document import BITS, CODE, EM, STRIKE, STRONG, SUBSCRIPT, SUPERSCRIPT, UNDERLINE
from emdash_cli.domain.portable_text.links import safe_href

# What could start or end something: `_` only at the edge of a word, `<` and `&` only where they could start a tag or an
# entity, `!` only before a link.
_SPECIAL = re.compile(r"[\\`*\[\]~]|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?]|\Z)|&(?=[A-Za-z#]|\Z)|!\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_LINE_START = re.compile(r"(?m)^(?:(?=[-+](?:[\s+:|-]|$)|[=>|]|#{1,6}(?:\s|$)|:\s*-)|(\d{1,9})(?=[.)]))")
_ENTITY = re.compile(r"&(?=#?\w)")
_BACKTICKS = re.compile(r"`+")
_NEWLINES = re.compile(r"\n+")
_PLAIN_URL = re.compile(r"[^\s()<>\\&\x00-\x20\x7f]+\Z")

# What would become a link although there is none.
_ADDRESS = re.compile(r"(?i:https?)(?=://[^\W_])|(?<![\w/.-])www(?=\.\S)")
_AUTOLINK = re.compile(r"https?://[^\s<>\x00-\x20\x7f]+\Z", re.IGNORECASE)

# From the outside in: bit, Markdown's delimiter, and the equivalent element.
_WRAPPERS = (
    (STRONG, "**", "strong"),
    (EM, "*", "em"),
    (STRIKE, "~~", "del"),
    (UNDERLINE, "", "u"),
    (SUPERSCRIPT, "", "sup"),
    (SUBSCRIPT, "", "sub"),
)


class Run(NamedTuple):
    """Text with one set of marks, and its start in the whole text."""

    mask: int
    link: object
    href: str
    text: str
    start: int


class Line:
    """The spans of one block or cell, written as Markdown."""

    def __init__(self, spans: object, mark_defs: object) -> None:
        self.runs = list(_runs(spans, mark_defs))
        self.text = "".join(run.text for run in self.runs)
        self.out = ""
        self.in_item = False
        self.in_cell = False
        self.one_line = False

    def paragraph(self) -> str:
        """Return lines of Markdown for a paragraph."""
        return self._escaped_lines()

    def item(self) -> str:
        """Return lines for a list item, in which two line breaks mean a new paragraph."""
        self.in_item = True
        return self._escaped_lines()

    def heading(self) -> str:
        """Return one line for an ATX heading."""
        self.one_line = True
        markdown = self._written()
        return f"{markdown[:-1]}\\#" if markdown.endswith("#") else markdown

    def cell(self) -> str:
        """Return one line for a table cell."""
        self.one_line = self.in_cell = True
        return self._written()

    def _escaped_lines(self) -> str:
        return _LINE_START.sub(lambda found: f"{found[1] or ''}\\", self._written())

    def _written(self) -> str:
        self.out = ""
        for (_, href), group in groupby(self.runs, key=lambda run: (run.link, run.href)):
            runs = list(group)
            if href:
                self._link(runs, href)
            else:
                self.out += self._nest(runs, 0, self.out[-1:])
        return self.out

    def _link(self, runs: list[Run], href: str) -> None:
        bare = len(runs) == 1 and not runs[0].mask and runs[0].text == href
        if bare and _AUTOLINK.match(href) and "|" not in href:
            self.out += f"<{href}>"
            return
        self.out += f"[{self._nest(runs, 0, '[')}]({self._url(href)})"

    def _url(self, href: str) -> str:
        # GFM splits a row into cells before it looks for links.
        return destination(href).replace("|", "\\|") if self.in_cell else destination(href)

    def _nest(self, runs: list[Run], depth: int, before: str) -> str:
        """Write runs whose marks outside `depth` are already written. The recursion has at most six levels."""
        if depth == len(_WRAPPERS):
            return self._plain(runs, before)
        bit, delimiter, element = _WRAPPERS[depth]
        out = ""
        for marked, group in groupby(runs, key=lambda run: bool(run.mask & bit)):
            inside = list(group)
            last = out[-1:] or before
            inner = self._nest(inside, depth + 1, last)
            if not marked:
                out += inner
            elif delimiter and self._flanks(inner, last, inside[-1]):
                out += f"{delimiter}{inner}{delimiter}"
            else:
                out += f"<{element}>{inner}</{element}>"
        return out

    def _flanks(self, inner: str, before: str, last: Run) -> bool:
        """Say whether delimiters around `inner` are guaranteed to open and close."""
        end = last.start + len(last.text)
        after = self.text[end : end + 1]
        opens = inner[:1].isalnum() or (not inner[:1].isspace() and (not before or before.isspace()))
        closes = inner[-1:].isalnum() or (not inner[-1:].isspace() and (not after or after.isspace()))
        return opens and closes and before not in {"*", "~", "\\"} and inner[:1] not in {"~", "\\"}

    def _plain(self, runs: list[Run], before: str) -> str:
        out = ""
        for run in runs:
            if run.mask & CODE:
                out += self._code(run.text, out[-1:] or before)
            else:
                out += self._text(run)
        return out

    def _code(self, text: str, before: str) -> str:
        blank = not text.strip(" ")
        risky = blank or before == "`" or _CONTROL.search(text) or "\n" in text
        if risky or (self.in_cell and "|" in text):
            return f"<code>{self._text(Run(CODE, None, '', text, -1))}</code>"
        longest = max((len(ticks) for ticks in _BACKTICKS.findall(text)), default=0)
        fence = "`" * (longest + 1)
        pad = " " if "`" in (text[0], text[-1]) or (text[0] == " " == text[-1]) else ""
        return f"{fence}{pad}{text}{pad}{fence}"

    def _text(self, run: Run) -> str:
        text = _SPECIAL.sub(lambda found: f"\\{found[0]}", run.text)
        if self.in_cell:
            text = text.replace("|", "\\|")
        text = _CONTROL.sub(lambda found: f"&#{ord(found[0])};", text)
        if not run.href and not run.mask & CODE:
            text = _without_links(run.text, text)
        return text if "\n" not in text else self._broken(run, text)

    def _broken(self, run: Run, text: str) -> str:
        """Write line breaks, which escaping has left alone, in a form that suits the text around each."""
        places = _NEWLINES.finditer(run.text)
        return _NEWLINES.sub(lambda _found: self._break(run, next(places)), text)

    def _break(self, run: Run, found: re.Match[str]) -> str:
        length = len(found[0])
        start = run.start + found.start()
        before, after = self.text[start - 1 : start], self.text[start + length : start + length + 1]
        alone = before and after and not before.isspace() and not after.isspace()
        if self.one_line or not alone or run.start < 0 or run.mask & CODE:
            return "<br>" * length
        if length == 1:
            return "\\\n"
        paragraph = self.in_item and length == len("\n\n") and not run.mask and not run.href
        return "\n\n" if paragraph else "<br>" * length


def _runs(spans: object, mark_defs: object) -> list[Run]:
    hrefs = {
        mark_def.get("_key"): safe_href(str(mark_def.get("href", ""))) or ""
        for mark_def in (mark_defs if isinstance(mark_defs, list) else ())
        if mark_def.get("_type") == "link"
    }
    runs: list[Run] = []
    start = 0
    for span in spans if isinstance(spans, list) else ():
        text = span.get("text")
        if not isinstance(text, str) or not text:
            continue
        marks: list[Any] = span.get("marks") or []
        link = next((mark for mark in marks if mark in hrefs), None)
        mask = 0
        for mark in marks:
            mask |= BITS.get(mark, 0)
        runs.append(Run(mask, link, hrefs.get(link, ""), text, start))
        start += len(text)
    return runs


def _without_links(text: str, escaped: str) -> str:
    """Return escaped text in which no address becomes a link; for an e-mail address, that takes a comment."""
    if "://" in text or "www." in text:
        escaped = _ADDRESS.sub(r"\g<0>\\", escaped)
    if "@" in text:
        from emdash_cli.domain.portable_text.autolinks import marked_links

        if any(href for _, href in marked_links(text)):
            escaped = escaped.replace("@", "@<!---->")
    return escaped


def destination(url: str) -> str:
    """Return a link's or image's URL as CommonMark's link destination."""
    if _PLAIN_URL.match(url):
        return url
    escaped = re.sub(r"[<>\\]", lambda found: f"\\{found[0]}", url)
    return f"<{_ENTITY.sub('&amp;', escaped)}>"


def escape_text(text: str) -> str:
    """Return one line of text with everything escaped that Markdown would interpret."""
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
