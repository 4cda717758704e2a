"""Template tags in the Markdown of a static site: those with a plain meaning become Markdown, the rest is reported.

A post is published without the generator for which its page was written. These are pure functions;
`docs/template-tags.md` is the reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.template_tags.context import ByName, Context, Generator, LinkedPage, Pages

if TYPE_CHECKING:
    from emdash_cli.domain.template_tags.rewriting import Remaining

__all__ = ["ByName", "Context", "Generator", "LinkedPage", "Pages", "Rendered", "may_have_tags", "render"]


class Rendered(NamedTuple):
    """A text whose tags were replaced.

    Attributes:
        remaining: what stays in the text although it is not text, in the order of the lines.
    """

    markdown: str
    remaining: tuple[Remaining, ...]


def may_have_tags(text: str) -> bool:
    """Whether reading the text is worthwhile: most texts have no brace that could start a tag."""
    return "{" in text or ":::" in text or "@/" in text


def render(text: str, context: Context, first_line: int = 1) -> Rendered:
    """The text with its tags replaced by their meaning.

    Args:
        text: Markdown.
        context: what is known about its page.
        first_line: the line of the file on which the text starts.
    """
    reading: MdxReader | TagReader
    if context.is_mdx:
        from emdash_cli.domain.template_tags.mdx import MdxReader

        reading = MdxReader(text, context, first_line)
    else:
        from emdash_cli.domain.template_tags.reading import TagReader

        reading = TagReader(text, context, first_line)
    return Rendered(reading.markdown(), tuple(reading.remaining))
