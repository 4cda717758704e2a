"""Template tags in the text of a file: replace them where possible, and report the others with their lines."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.queue_file.mapping import sort_keys
from emdash_cli.domain.queue_file.shapes import Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emdash_cli.domain.queue_file.front_matter import MarkdownDocument
    from emdash_cli.domain.queue_file.strict_json import Path
    from emdash_cli.domain.template_tags import Context
    from emdash_cli.domain.template_tags.rewriting import Remaining

MOST_REPORTED: Final = 20
"""Maximum number of tags that are reported for a file; of the others, only the number is given."""

_HINT: Final = "replace or remove it, or write it as code if readers should see it"
_LEFT_IN_JSON: Final = re.compile(r"\{(?:[{%:#.]|[\w:-]+=)")


def without_tags(markdown: MarkdownDocument, file: str, context: Context) -> MarkdownDocument:
    """The document of a site's page with the tags in its text replaced, and notices for those that remain.

    A file from `emdash export` does not come from a generator, and is left unchanged.

    Args:
        markdown: the file split into its parts.
        file: the whole file, which ends with the text.
        context: what is known about the site.
    """
    from emdash_cli.domain.template_tags import may_have_tags, render

    document = markdown.document
    text = document["body_text"]
    if not (may_have_tags(text) or context.is_mdx) or _is_exported(document):
        return markdown
    first_line = file.replace("\r\n", "\n").rstrip("\r\n").count("\n") - text.replace("\r\n", "\n").count("\n") + 1
    rendered = render(text.replace("\r\n", "\n"), replace(context, variables=document), first_line)
    notices = tuple(_notices(rendered.remaining, lambda tag: tag.line, None))
    return markdown._replace(
        document=document | {"body_text": rendered.markdown.strip("\n")}, notices=markdown.notices + notices
    )


def tags_left(text: str | None, document: dict[str, Any], line_of: Callable[[Path], int | None]) -> tuple[Problem, ...]:
    """Notices for what looks like a tag in the text of a queue file, which is not written for a generator.

    Args:
        text: Markdown; None: the text is Portable Text.
        document: of the file.
        line_of: returns the line of a part of the document.
    """
    if text is None or not _LEFT_IN_JSON.search(text):
        return ()
    from emdash_cli.domain.template_tags import Context, render

    found = render(text, Context(is_carried_out=False)).remaining
    if not found:
        return ()
    path = sort_keys(document).origin(("body_text",))
    line = line_of(path)
    return tuple(_notices(found, lambda _: line, str(path[0])))


def _is_exported(document: dict[str, Any]) -> bool:
    metadata = document.get("metadata")
    return isinstance(metadata, dict) and "emdash" in metadata


def _notices(
    found: Iterable[Remaining], line_of: Callable[[Remaining], int | None], field: str | None
) -> Iterable[Problem]:
    tags = list(found)
    for tag in tags[:MOST_REPORTED]:
        where = f" in line {tag.line} of the text" if field else ""
        yield Problem(line_of(tag), field, f"{quoted(tag.text)}{where} {tag.what}", tag.hint or _HINT)
    if len(tags) > MOST_REPORTED:
        yield Problem(None, field, f"{len(tags) - MOST_REPORTED} more template tags remain in the text", _HINT)
