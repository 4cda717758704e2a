"""Inline Markdown: marks, links, images and tags inside a line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.portable_text.builder import Builder
from emdash_cli.domain.portable_text.inline_html import KNOWN_TAGS, TAG_MARKS, attributes, tag
from emdash_cli.domain.portable_text.links import safe_href, safe_src
from emdash_cli.domain.portable_text.spans import ANY, CODE, LINK, SUPERSCRIPT, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

_EMBEDS = frozenset({"audio", "embed", "iframe", "source", "video"})


class InlineReader(Builder):
    """A builder that understands the inline events of the parser.

    Marks and links from Markdown nest, so each end goes back to the mark before its beginning.
    Marks and links from tags need not nest; they are kept apart and added.
    """

    __slots__ = (
        "html_link",
        "html_marks",
        "images",
        "in_cell",
        "in_heading",
        "in_link",
        "late_images",
        "mark_stack",
        "markdown_mask",
        "references",
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

    def close_inline(self) -> None:
        """End a paragraph, heading or cell: tags left open end with it."""
        if self.html_link or self.html_marks:
            self.cut()
            self.html_link = False
            self.html_marks.clear()
            self.mark = self.markdown_mask

    def open_block(self) -> None:
        """End the pending text for good, then as the builder does."""
        self.close_inline()
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
        """Begin a link; one to an unsafe URL is no link, and its title is lost in any case."""
        self.close_html_link()
        url = data["dest_url"]
        href = safe_href(f"mailto:{url}" if data["link_type"] == "Email" else url)
        self.in_link = True
        if href is not None:
            self.begin_link(href)

    def begin_link(self, href: str) -> None:
        """Put the text that follows into a link."""
        self.cut()
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
        """End a link that an `<a>` began."""
        if self.html_link:
            self.cut()
            self.html_link = False
            self.mark &= ANY

    def open_image(self, data: Mapping[str, str]) -> None:
        """Begin an image: the text up to its end is its alternative text."""
        self.cut()
        self.images.append((data["dest_url"], data["title"], self.runs, self.hrefs, self.mark))
        self.runs = []
        self.hrefs = []

    def close_image(self) -> None:
        """End an image and put it where Portable Text can have it."""
        self.cut()
        alt = "".join([run[1] for run in self.runs])
        dest, title, self.runs, self.hrefs, self.mark = self.images.pop()
        self.place_image(dest, alt, title)

    def place_image(self, dest: str, alt: str, title: str) -> None:
        """Write an image block, or what a heading, a cell or another image allows instead."""
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
        """Stand in for an image in a table cell, which holds spans only: a link to it."""
        self.cut()
        mark = self.mark
        href = safe_href(src) if mark < LINK else None
        if href is not None:
            self.hrefs.append(href)
            mark += len(self.hrefs) * LINK
        self.runs.append((mark, text))

    def write_any_image(self, src: str, alt: str, title: str, href: str) -> None:
        """Write an image block; EmDash's has no link, so a linked image is written as HTML."""
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
        """Read a tag, a comment or what looks like one."""
        self.cut()
        found = tag(raw)
        if found is None:
            if not raw.startswith("<!--"):
                self.texts.append(raw)
            return
        name, closes = found
        if name in TAG_MARKS:
            self.html_mark(TAG_MARKS[name], closes=closes)
        elif name not in KNOWN_TAGS:
            self.texts.append(raw)
        elif name == "br":
            self.texts.append("\n")
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

    def html_mark(self, bit: int, *, closes: bool) -> None:
        """Begin or end the mark of a tag; an end without a beginning is nothing."""
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
