"""Markdown pages of a static site, as Hugo, Jekyll and Astro keep them: part of what they say is in their path.

Sources: https://jekyllrb.com/docs/posts/ and https://jekyllrb.com/docs/posts/#drafts (date in the name, drafts),
https://gohugo.io/content-management/page-bundles/ (the folder of an ``index.md`` is its name). The language of a page
is in `page_locales`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from emdash_cli.domain.queue_file.front_matter import take_apart
from emdash_cli.domain.queue_file.hidden import as_draft
from emdash_cli.domain.queue_file.mapping import sort_keys
from emdash_cli.domain.queue_file.page_locales import place_of
from emdash_cli.domain.queue_file.problems import Problem, QueueFileError
from emdash_cli.domain.queue_file.tagged import without_tags
from emdash_cli.domain.queue_file.validation import validate

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.locales import Locales
    from emdash_cli.domain.queue_file.shapes import QueueFile
    from emdash_cli.domain.template_tags import Context

_DATED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-(.+)")
_SPELT_OUT = re.compile(
    r"(?:(?P<first>[0-9]{1,2})\.? )?(?P<month>[A-Za-z]{3,9})\.?(?: (?P<second>[0-9]{1,2}))?,? (?P<year>[0-9]{4})"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_JEKYLLS = frozenset({"_posts", "_drafts"})
_PICTURES = ("featured_image", "seo.image")
_ADDRESS = re.compile(r"https?://|/(?!/)", re.IGNORECASE)


class PagePath(NamedTuple):
    """What the path of a page says.

    Attributes:
        name: the last part of its address on that site.
        day: ``YYYY-MM-DD``, or None.
        path: of the page without language, date and ending, and without ``_posts`` and ``index``.
        is_jekyll: whether it is where Jekyll keeps posts, or is named as they are.
    """

    name: str
    day: str | None
    locale: str | None
    is_draft: bool
    is_jekyll: bool
    is_mdx: bool
    path: str


def read_path(path: str, locales: Locales) -> PagePath:
    """Take the path of a page apart.

    Args:
        path: from the folder of the pages, with ``/`` between its parts.
        locales: those that a folder or the part before the ending may name, as in ``about.de.md``.
    """
    bare, locale = place_of(path, locales)
    *folders, stem = bare.split("/")
    if stem == "index" and folders:
        stem = folders[-1]
    name, day = (dated[2], dated[1]) if (dated := _DATED.fullmatch(stem)) else (stem, None)
    is_jekyll = day is not None or not _JEKYLLS.isdisjoint(folders)
    is_bundle = bare.endswith("/index")
    whole = "/".join([*(each for each in folders[: -1 if is_bundle else None] if each not in _JEKYLLS), name])
    return PagePath(name, day, locale, "_drafts" in folders, is_jekyll, path.lower().endswith(".mdx"), whole)


class PageRules(NamedTuple):
    """How a page becomes an article.

    Attributes:
        zone: the zone of times in it that name none.
        tags: how to carry out template tags; None: the text was written for no generator.
        hidden_as_draft: take what is not for everybody as a draft, instead of refusing it.
    """

    zone: ZoneInfo
    tags: Context | None = None
    hidden_as_draft: bool = False


def parse_page(raw: bytes, path: PagePath, rules: PageRules, now: datetime) -> QueueFile:
    """The article of a page, which has a slug only if its front matter says so. That goes before what its path says.

    A picture that is given by a path in the folder, not by an address, is kept in the metadata: this tool uploads
    nothing.

    Args:
        raw: the whole file.
        path: what its path says.
        rules: how it becomes an article.
        now: the present instant, aware.

    Raises:
        QueueFileError: with every problem that was found, its line and its field.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueueFileError([Problem(None, None, f"this is not UTF-8: {error.reason}", "save it as UTF-8")]) from None
    markdown = take_apart(text)
    if rules.tags is not None:
        markdown = without_tags(markdown, text, replace(rules.tags, is_mdx=path.is_mdx))
    document, notices = markdown.document, markdown.notices
    if rules.hidden_as_draft:
        document, hidden = as_draft(document, markdown.line)
        notices += hidden
    document = _completed(document, path)
    wish = validate(document, line_of=markdown.line, zone=rules.zone, now=now, notices=notices)
    return replace(wish, locale=wish.locale or path.locale)


class Said(NamedTuple):
    """What the front matter of a page says of its address; None where it says nothing that can be read."""

    slug: str | None
    title: str | None
    locale: str | None


def name_and_locale(raw: bytes) -> Said:
    """What a page says of its address.

    Raises:
        QueueFileError: its front matter cannot be read.
    """
    data = sort_keys(take_apart(raw.decode("utf-8", "replace")).document).data
    slug, title, locale = (
        value if isinstance(value := data.get(key), str) else None for key in ("slug", "title", "locale")
    )
    return Said(slug, title, locale)


def _completed(document: dict[str, Any], path: PagePath) -> dict[str, Any]:
    found = dict(document)
    mapped = sort_keys(found)
    if path.day and "publish_at" not in mapped.data:
        found["date"] = path.day
    elif day := _spelt_out(mapped.data.get("publish_at")):
        found[str(mapped.origins["publish_at"][0])] = day
    if path.is_draft and "status" not in mapped.data:
        found["draft"] = True
    if "title" not in mapped.data:
        # As Jekyll does.
        found["title"] = path.name.replace("-", " ").replace("_", " ").strip().capitalize()
    if path.is_jekyll:
        # https://jekyllrb.com/docs/posts/#tags-and-categories
        words = {key: found[key] for key in ("categories", "tags") if isinstance(found.get(key), str)}
        found.update({key: text.split() for key, text in words.items() if "," not in text})
    for field in _PICTURES:
        _keep_local_picture(found, mapped.data, mapped.origins, field)
    return found


def _spelt_out(value: object) -> str | None:
    """``Jul 08 2022``, as in Astro's template, or ``8 July 2022``, as ``YYYY-MM-DD``."""
    found = _SPELT_OUT.fullmatch(value.strip()) if isinstance(value, str) else None
    month = _MONTHS.get(found["month"][:3].lower()) if found else None
    day = (found["first"] or found["second"]) if found else None
    return f"{found['year']}-{month:02}-{int(day):02}" if found and month and day else None


def _keep(document: dict[str, Any], key: str, value: Any) -> None:
    metadata = document.get("metadata")
    document["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), key: value}


def _keep_local_picture(document: dict[str, Any], data: dict[str, Any], origins: dict[str, Any], field: str) -> None:
    outer, _, inner = field.partition(".")
    inner = inner or "src"
    held = data.get(outer)
    address = held.get(inner) if isinstance(held, dict) else None
    if not isinstance(address, str) or _ADDRESS.match(address):
        return
    path = origins.get(f"{outer}.{inner}") or origins.get(outer) or (outer,)
    holder = document.get(path[0])
    if isinstance(holder, dict) and outer == "seo":
        document[path[0]] = {key: value for key, value in holder.items() if key != path[-1]}
    else:
        del document[path[0]]
    _keep(document, f"local_{outer}", address)
