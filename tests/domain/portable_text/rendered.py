"""HTML as what a reader perceives, so that renderings by different programs can be compared.

An HTML body becomes a flat list: openings and ends of quotes, lists and items, and between them
blocks of text, each with its runs of equally marked text, as Portable Text has them. What differs
without a reader's knowing is made the same: the order of nesting of emphasis, tight and loose
lists, `<del>` and `<s>`, attributes other than addresses, white space outside of code. Elements
that Portable Text cannot have (`<span>`, `<article>`) leave their text.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import quote, unquote

MARKS = {"em": "em", "i": "em", "strong": "strong", "b": "strong", "code": "code", "kbd": "code"}
MARKS |= {"del": "s", "s": "s", "strike": "s", "sup": "sup", "sub": "sub", "u": "u", "ins": "u"}
CONTAINERS = {"blockquote", "ul", "ol", "li"}
TEXTS = {"h1", "h2", "h3", "h4", "h5", "h6", "th", "td", "pre"}
ENDS_TEXT = {"p", "div", "table", "tr", "dl", "dt", "dd", "details", "summary", "section", "article", "figure", "form"}
BREAK = "\u2028"  # a line break, apart from white space
HIDDEN = {"script", "style", "svg", "title"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[tuple[object, ...]] = []
        self.runs: list[tuple[str, tuple[str, ...]]] = []
        self.kind = "p"
        self.marks: list[str] = []
        self.links: list[str] = []
        self.hidden = 0
        self.lists: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.hidden += tag in HIDDEN
        if tag in CONTAINERS:
            self.end_text()
            self.out.append((tag, values.get("start", "1")) if tag == "ol" else (tag,))
            self.lists.append(tag)
        elif tag in TEXTS or tag in ENDS_TEXT:
            self.end_text()
            self.kind = tag if tag in TEXTS else "p"
        elif tag in MARKS and not (tag == "code" and self.kind == "pre"):
            self.marks.append(MARKS[tag])
        elif tag == "code":
            self.kind = f"pre {values.get('class', '')}".strip()
        elif tag == "a":
            self.links.append(_address(values["href"]) if "href" in values else "")
        elif tag == "br":
            self.runs.append((BREAK, self.now()))
        elif tag == "hr":
            self.end_text()
            self.out.append(("hr",))
        elif tag == "img":
            self.end_text(keep_kind=True)
            self.out.append(("img", _address(values.get("src", "")), " ".join(values.get("alt", "").split())))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.hidden -= tag in HIDDEN

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in HIDDEN and self.hidden > 0
        if tag in CONTAINERS and tag in self.lists:
            self.end_text()
            self.out.append((f"/{tag}",))
            self.lists.remove(tag)
        elif tag in TEXTS or tag in ENDS_TEXT:
            self.end_text()
        elif tag in MARKS and MARKS[tag] in self.marks:
            self.marks.remove(MARKS[tag])
        elif tag == "a" and self.links:
            self.links.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.runs.append((data, self.now()))

    def now(self) -> tuple[str, ...]:
        return (*sorted(set(self.marks)), *(link for link in self.links[-1:] if link))

    def end_text(self, *, keep_kind: bool = False) -> None:
        runs = _tidied(self.runs, code=self.kind.startswith("pre"))
        self.runs = []
        if runs or self.kind.startswith("pre"):
            before = self.out[-1] if self.out else ("",)
            if "li" in self.lists[-1:] and self.kind == "p" == before[0] and runs:
                # A second paragraph of an item goes on in the item's own block.
                runs = _merged([*self.out.pop()[1], ("\n\n", ()), *runs])  # type: ignore[misc]
            self.out.append((self.kind, runs))
        if not keep_kind:
            self.kind = "p"


def _merged(runs: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    merged: list[tuple[str, tuple[str, ...]]] = []
    for text, marks in runs:
        if merged and merged[-1][1] == marks:
            text = merged.pop()[0] + text  # noqa: PLW2901 - goes on in the run before
        merged.append((text, marks))
    return merged


def _tidied(runs: list[tuple[str, tuple[str, ...]]], *, code: bool) -> list[tuple[str, tuple[str, ...]]]:
    """White space as a browser shows it."""
    if code:
        text = "".join(text for text, _ in runs).removesuffix("\n")
        return [(text, ())] if text else []
    tidy = [(text if "code" in marks else re.sub(r"[ \t\n]+", " ", text), marks) for text, marks in runs]
    tidy = _merged([run for run in tidy if run[0]])
    tidy = [(re.sub(f" ?{BREAK} ?", "\n", text), marks) for text, marks in tidy]
    while tidy and "code" not in tidy[0][1] and tidy[0][0] != (text := tidy[0][0].lstrip(" \n")):
        tidy[:1] = [(text, tidy[0][1])] if text else []
    while tidy and "code" not in tidy[-1][1] and tidy[-1][0] != (text := tidy[-1][0].rstrip(" \n")):
        tidy[-1:] = [(text, tidy[-1][1])] if text else []
    return tidy


def _address(url: str) -> str:
    return quote(unquote(url))


def perceived(html: str) -> list[tuple[object, ...]]:
    """Return the list for an HTML body."""
    reader = _Reader()
    reader.feed(re.sub(r"<!--(?:-?>|.*?-->)", "", html, flags=re.DOTALL))  # html.parser knows only the long form
    reader.close()
    reader.end_text()
    return reader.out


def words(html: str) -> str:
    """Return all text of an HTML body, images' alternative texts included, without white space."""
    found = []
    for kind, *rest in perceived(html):
        if kind == "img":
            found.append(str(rest[1]))
        elif rest and isinstance(rest[0], list):
            found += [text for text, _ in rest[0]]
    return "".join("".join(found).split())
