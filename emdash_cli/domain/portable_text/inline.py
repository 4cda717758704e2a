"""Inline Markdown: marks, links, images and tags inside a line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.portable_text.document import ANY, BITS, CODE, LINK, SUPERSCRIPT, Builder, Run
from emdash_cli.domain.portable_text.links import safe_href, safe_src
from emdash_cli.domain.portable_text.raw_html import KNOWN_TAGS, TAG_MARKS, attributes, tag

if TYPE_CHECKING:
    from collections.abc import Mapping

_EMBEDS = frozenset({"audio", "embed", "iframe", "source", "video"})
# Their content is not text: a program, a style sheet, a drawing.
_MAX_UNPAIRED = 64  # How deep to search for the start tag of an unknown element.
_HIDDEN = frozenset({"script", "style", "svg", "template"})


class InlineReader(Builder):
    """A builder that handles the inline events of the parser.

    Marks and links from Markdown nest, so each end restores the mark from before its start. Marks and links from tags
    need not nest; they are stored separately and added.
    """

    __slots__ = (
        "has_tags",
        "hidden",
        "html_link",
        "html_marks",
        "images",
        "in_cell",
        "in_heading",
        "in_link",
        "late_images",
        "mark_stack",
        "markdown_mask",
        "open_html",
        "references",
        "unpaired",
    )

    def __init__(self) -> None:
        super().__init__()
        self.markdown_mask = 0
        self.mark_stack: list[int] = []
        self.html_marks: dict[int, int] = {}
        self.html_link = False
        self.in_link = False
        self.images: list[tuple[str, str, list[Run], list[str], int]] = []
        self.in_cell = False
        self.in_heading = False
        self.late_images: list[tuple[str, str, str, str]] = []
        self.references: dict[str, None] = {}
        self.open_html = False  # An element may continue after the block in which it started.
        self.has_tags = False  # A tag was read since the last block ended.
        self.hidden: tuple[str, list[Run], int] | None = None
        self.unpaired: list[tuple[str, list[Run], int]] = []

    def open_mark(self, bit: int) -> None:
        """Begin emphasis of some kind."""
        texts = self.texts
        if texts:
            self.runs.append((self.mark, "".join(texts)))
            texts.clear()
        self.mark_stack.append(self.markdown_mask)
        self.markdown_mask |= bit
        self.mark |= bit

    def close_mark(self) -> None:
        """End the innermost emphasis."""
        texts = self.texts
        if texts:
            self.runs.append((self.mark, "".join(texts)))
            texts.clear()
        self.markdown_mask = self.mark_stack.pop()
        self.mark = self.mark & ~ANY | self.markdown_mask
        if self.html_marks:
            self.add_html_marks()

    def add_html_marks(self) -> None:
        """Add the bits of open tags to those of Markdown."""
        for bit in self.html_marks:
            self.mark |= bit

    def close_tags(self) -> None:
        """End all tags that are still open at the end of a paragraph, heading or cell."""
        self.has_tags = False
        if self.hidden is not None or self.unpaired:
            self.end_unpaired()
        if self.html_link or self.html_marks:
            self.cut()
            self.html_link = False
            self.html_marks.clear()
            self.mark = self.markdown_mask

    def open_block(self) -> None:
        """Write the pending text finally, then do the same as the builder."""
        if self.has_tags:
            self.close_tags()
        super().open_block()

    def code(self, text: str) -> None:
        """Add a code span."""
        texts = self.texts
        if texts:
            self.runs.append((self.mark, "".join(texts)))
            texts.clear()
        self.runs.append((self.mark | CODE, text))

    def reference(self, label: str) -> None:
        """Add a footnote's mark, `[label]` in superscript."""
        self.cut()
        self.references.setdefault(label.lower())
        self.runs.append((self.mark | SUPERSCRIPT, f"[{label}]"))

    def open_link(self, data: Mapping[str, str]) -> None:
        """Begin a link. One to an unsafe URL does not become a link. Its title is always lost."""
        if self.html_link:
            self.close_html_link()
        url = data["dest_url"]
        href = safe_href(f"mailto:{url}" if data["link_type"] == "Email" else url)
        self.in_link = True
        if href is not None:
            self.begin_link(href)

    def begin_link(self, href: str) -> None:
        """Put the following text into a link."""
        texts = self.texts
        if texts:
            self.runs.append((self.mark, "".join(texts)))
            texts.clear()
        self.hrefs.append(href)
        self.mark = self.mark & ANY | len(self.hrefs) * LINK

    def close_link(self) -> None:
        """End a link; the parser nests links only inside an image's alternative text."""
        texts = self.texts
        if texts:
            self.runs.append((self.mark, "".join(texts)))
            texts.clear()
        self.mark &= ANY
        self.in_link = False

    def close_html_link(self) -> None:
        """End a link that an `<a>` started."""
        if self.html_link:
            self.cut()
            self.html_link = False
            self.mark &= ANY

    def open_image(self, data: Mapping[str, str]) -> None:
        """Begin an image. The text up to its end is its alternative text."""
        self.cut()
        self.images.append((data["dest_url"], data["title"], self.runs, self.hrefs, self.mark))
        self.runs = []
        self.hrefs = []

    def close_image(self) -> None:
        """End an image and put it where Portable Text allows it."""
        self.cut()
        alt = "".join([run[1] for run in self.runs])
        dest, title, self.runs, self.hrefs, self.mark = self.images.pop()
        self.place_image(dest, alt, title)

    def place_image(self, dest: str, alt: str, title: str) -> None:
        """Write an image block, or what is possible inside a heading, a cell or another image."""
        alt, title = " ".join(alt.split()), " ".join(title.split())
        src = safe_src(dest)
        if src is None or self.images:
            self.texts.append(alt or title)
            return
        href = self.hrefs[self.mark // LINK - 1] if self.mark >= LINK else ""
        if self.in_cell:
            self.image_in_cell(src, alt or title or src)
        elif self.in_heading:
            self.late_images.append((src, alt, title, href))
        else:
            self.flush()
            self.write_any_image(src, alt, title, href)

    def image_in_cell(self, src: str, text: str) -> None:
        """Replace an image in a table cell, which can hold only spans, with a link to it."""
        self.cut()
        mark = self.mark
        href = safe_href(src) if mark < LINK else None
        if href is not None:
            self.hrefs.append(href)
            mark += len(self.hrefs) * LINK
        self.runs.append((mark, text))

    def write_any_image(self, src: str, alt: str, title: str, href: str) -> None:
        """Write an image block. EmDash's has no link, so a linked image is written as HTML."""
        self.keep_number()
        if not href:
            self.write_image(src, alt, title)
            return
        from html import escape

        caption = f"<figcaption>{escape(title)}</figcaption>" if title else ""
        self.write_html(
            f'<figure><a href="{escape(href)}"><img src="{escape(src)}" alt="{escape(alt)}"></a>{caption}</figure>'
        )

    def write_late_images(self) -> None:
        """Write the images of a heading after it."""
        for image in self.late_images:
            self.write_any_image(*image)
        self.late_images.clear()

    def inline_html(self, raw: str) -> None:
        """Read a tag. Comments, declarations and the like are dropped."""
        self.has_tags = True
        self.cut()
        found = tag(raw)
        if found is None:
            return
        name, closes = found
        if self.hidden is not None or name in _HIDDEN:
            self.hide(name, closes=closes, empty=raw.endswith("/>"))
        elif name in TAG_MARKS:
            self.html_mark(BITS[TAG_MARKS[name]], closes=closes)
        elif name not in KNOWN_TAGS:
            self.unknown_tag(raw, name, closes=closes)
        elif name == "br":
            self.texts.append("\n")
        elif name == "pre":
            self.open_html = True
        elif name == "a":
            self.html_anchor(raw, closes=closes)
        elif not closes and name == "img":
            found_attributes = attributes(raw)
            self.place_image(
                found_attributes.get("src", ""),
                found_attributes.get("alt", ""),
                found_attributes.get("title", ""),
            )
        elif not closes and name in _EMBEDS:
            self.texts.append(safe_src(attributes(raw).get("src", "")) or "")

    def hide(self, name: str, *, closes: bool, empty: bool) -> None:
        """Begin or end an element that shows no text. What was read in between is dropped."""
        if self.hidden is None:
            if not closes and not empty:
                self.hidden = (name, self.runs, len(self.runs))
                # If nothing is before it, it may be the whole paragraph, which is then kept as HTML.
                self.open_html = self.open_html or not self.runs
            return
        if closes and name == self.hidden[0]:
            self.drop_hidden()

    def drop_hidden(self) -> None:
        """Discard what was read since a hidden element started."""
        if self.hidden is not None and self.hidden[1] is self.runs:
            del self.runs[self.hidden[2] :]
        self.hidden = None

    def unknown_tag(self, raw: str, name: str, *, closes: bool) -> None:
        """Read a tag that does not exist in HTML.

        A custom element (with a hyphen in its name), or a tag with attributes, without content or with an end tag is
        markup. A lone `<T>` is text that the author wrote.
        """
        if "-" in name or raw.endswith("/>") or any(char.isspace() for char in raw.rstrip("> \t\n")):
            return
        if not closes:
            self.unpaired.append((name, self.runs, len(self.runs)))
            self.runs.append((self.mark, raw))
            return
        for place in range(len(self.unpaired) - 1, max(-1, len(self.unpaired) - 1 - _MAX_UNPAIRED), -1):
            before, runs, number = self.unpaired[place]
            if before == name and runs is self.runs:
                del self.unpaired[place:]
                del runs[number]
                return
        self.runs.append((self.mark, raw))

    def end_unpaired(self) -> None:
        """Forget tags without an end here. The text after them stays, unless an end comes later."""
        self.open_html = self.open_html or self.hidden is not None
        self.hidden = None
        self.unpaired.clear()

    def html_mark(self, bit: int, *, closes: bool) -> None:
        """Begin or end the mark of a tag. An end without a start is ignored."""
        self.cut()
        left = self.html_marks.pop(bit, 0) + (-1 if closes else 1)
        if left > 0:
            self.html_marks[bit] = left
        self.mark = self.mark & ~ANY | self.markdown_mask
        self.add_html_marks()

    def html_anchor(self, raw: str, *, closes: bool) -> None:
        """Begin or end the link of an `<a>` outside other links and images."""
        if closes:
            self.close_html_link()
            return
        href = safe_href(attributes(raw).get("href", ""))
        if href is None or self.images or self.in_link:
            return
        self.close_html_link()
        self.html_link = True
        self.begin_link(href)
