"""Markdown pages of a static site as Hugo, Jekyll and Astro store them: their paths contain some of the information.

Sources: https://jekyllrb.com/docs/posts/ and https://jekyllrb.com/docs/posts/#drafts (date in the name, drafts),
https://gohugo.io/content-management/page-bundles/ (an ``index.md`` is named after its folder). `page_locales` finds the
language of a page.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from emdash_cli.domain.queue_file.checks import is_past
from emdash_cli.domain.queue_file.front_matter import take_apart
from emdash_cli.domain.queue_file.mapping import as_draft, sort_keys
from emdash_cli.domain.queue_file.page_locales import locale_within, place_of
from emdash_cli.domain.queue_file.strict_json import decoded
from emdash_cli.domain.queue_file.tagged import without_tags
from emdash_cli.domain.queue_file.validation import validate
from emdash_cli.domain.slugs import tidy_slug
from emdash_cli.domain.written_dates import PIVOT, iso_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.locales import Locales
    from emdash_cli.domain.queue_file.shapes import QueueFile
    from emdash_cli.domain.template_tags import Context

# https://jekyllrb.com/docs/posts/, https://www.getzola.org/documentation/content/page/#filename
_DATED = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{2})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?P<time>T[0-9:.]+(?:Z|[+-][0-9:]+)?)?(?: ?[-_](?P<name>.+))?"
)
_DAY_FOLDERS = re.compile(r"(?:^|/)([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?=[-/]|$)")
_ADDRESSES = ("path", "url", "permalink")
"""Keys for the URL of a page: in Zola and Gatsby, in Hugo, and in Jekyll and Eleventy."""
JEKYLL_FOLDERS = frozenset({"_posts", "_drafts"})
_PICTURES = ("featured_image", "seo.image")
_ADDRESS = re.compile(r"https?://|/(?!/)", re.IGNORECASE)


class PagePath(NamedTuple):
    """The information in the path of a page.

    Attributes:
        name: the last part of its URL on that site.
        day: ``YYYY-MM-DD``, followed by a time if Zola's path has one, or None.
        path: of the page without language, date and extension, and without ``_posts`` and ``index``.
        is_jekyll: whether the page is in a folder where Jekyll keeps posts.
    """

    name: str
    day: str | None
    locale: str | None
    is_draft: bool
    is_jekyll: bool
    is_mdx: bool
    path: str


def read_path(path: str, locales: Locales, within: tuple[str, ...] = ()) -> PagePath:
    """Split the path of a page into its parts.

    Args:
        path: relative to the folder of the pages, with ``/`` as the separator.
        locales: those that a folder or the part before the extension may name, as in ``about.de.md``.
        within: the names of the folder of the pages and of those above it.
    """
    bare, locale = place_of(path, locales)
    locale = locale or locale_within(within, locales)
    *folders, stem = bare.split("/")
    if stem == "index" and folders:
        stem = folders.pop()
    is_jekyll = not JEKYLL_FOLDERS.isdisjoint([*within, *folders])
    name, day = _dated_name(stem, is_jekyll=is_jekyll)
    day = day or _day_in_folders("/".join(folders))
    is_draft = "_drafts" in [*within, *folders]
    whole = "/".join([*(each for each in folders if each not in JEKYLL_FOLDERS), name])
    return PagePath(name, day, locale, is_draft, is_jekyll, path.lower().endswith(".mdx"), whole)


def at_address(path: PagePath, keys: Mapping[str, Any]) -> PagePath:
    """The path with the name and folders from the URL in the front matter, if there is one, as in Zola.

    Source: https://www.getzola.org/documentation/content/page/#front-matter.

    Args:
        path: the information in the path of the file.
        keys: the front matter, or the part of it that was kept.
    """
    name = name_in_address(keys)
    return path._replace(name=name, path=str(keys["path"]).strip("/").removesuffix(".html")) if name else path


def name_in_address(keys: Mapping[str, Any]) -> str | None:
    """The last part of the page's URL in its front matter."""
    address = keys.get("path")
    return address.rstrip("/").rpartition("/")[2].removesuffix(".html") or None if isinstance(address, str) else None


class PageRules(NamedTuple):
    """The rules by which a page becomes an article.

    Attributes:
        zone: for times in it without one.
        tags: how to replace template tags; None: the text was written for no generator.
        hidden_as_draft: accept a page that is not for everybody as a draft, instead of refusing it.
    """

    zone: ZoneInfo
    tags: Context | None = None
    hidden_as_draft: bool = False


def parse_page(raw: bytes, path: PagePath, rules: PageRules, now: datetime) -> QueueFile:
    """The article of a page. Front matter takes precedence over the path, and only front matter can set a slug.

    An image that is given by a path in the folder instead of a URL is kept in the metadata, because this tool uploads
    nothing.

    Args:
        raw: the whole file.
        path: the information in its path.
        rules: how it becomes an article.
        now: the present instant, aware.

    Raises:
        QueueFileError: lists every problem that was found, with its line and its field.
    """
    text = decoded(raw)
    markdown = take_apart(text)
    if rules.tags is not None:
        markdown = without_tags(markdown, text, replace(rules.tags, is_mdx=path.is_mdx))
    document, notices = markdown.document, markdown.notices
    if rules.hidden_as_draft:
        document, hidden = as_draft(document, markdown.line, lambda value: is_past(value, rules.zone, now))
        notices += hidden
    document = _completed(document, path)
    article = validate(document, line_of=markdown.line, zone=rules.zone, now=now, notices=notices)
    return replace(article, locale=article.locale or path.locale)


class PageAddress(NamedTuple):
    """What the front matter of a page says about its URL; None if it says nothing that can be read."""

    slug: str | None
    title: str | None
    locale: str | None
    name: str | None


def name_and_locale(raw: bytes) -> PageAddress:
    """What a page says about its URL.

    Raises:
        QueueFileError: its front matter cannot be read.
    """
    document = take_apart(raw.decode("utf-8", "replace")).document
    data = sort_keys(document).data
    slug, title, locale = (
        value if isinstance(value := data.get(key), str) else None for key in ("slug", "title", "locale")
    )
    return PageAddress(tidy_slug(slug) if slug else None, title, locale, name_in_address(document))


def _completed(document: dict[str, Any], path: PagePath) -> dict[str, Any]:
    found = dict(document)
    mapped = sort_keys(found)
    if "publish_at" not in mapped.data:
        in_address = (_day_in_folders(address) for _, address in _addresses(found))
        if day := path.day or next(filter(None, in_address), None):
            found["date"] = day
    elif path.is_jekyll and (day := _dated_as_ruby(mapped.data["publish_at"])):
        found[str(mapped.origins["publish_at"][0])] = day
    if path.is_draft and "status" not in mapped.data:
        found["draft"] = True
    title = mapped.data.get("title")
    if title is None or title == "":
        # As Jekyll does.
        found.pop(str(mapped.origins.get("title", ("title",))[0]), None)
        found["title"] = path.name.replace("-", " ").replace("_", " ").strip().capitalize()
    if path.is_jekyll:
        # https://jekyllrb.com/docs/posts/#tags-and-categories
        words = {key: found[key] for key in ("categories", "tags") if isinstance(found.get(key), str)}
        found.update({key: text.split() for key, text in words.items() if "," not in text})
    for field in _PICTURES:
        _keep_local_picture(found, mapped.data, mapped.origins, field)
    return found


def _day(year: str, month: str, day: str) -> str | None:
    """``YYYY-MM-DD``, or None if the day does not exist. A two-digit year is read as in Ruby."""
    century = 0 if len(year) > len("14") else 1900 if int(year) >= PIVOT else 2000
    try:
        return date(century + int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _dated_name(stem: str, *, is_jekyll: bool) -> tuple[str, str | None]:
    """The name without the date at its beginning, and the date. Only Jekyll has two-digit years."""
    found = _DATED.fullmatch(stem)
    day = _day(*found.group("year", "month", "day")) if found else None
    if not found or not day or (len(found["year"]) == len("14") and not is_jekyll):
        return stem, None
    return found["name"] or stem, day + (found["time"] or "")


def _day_in_folders(path: str) -> str | None:
    """The day in ``2014/12/12/name`` or ``2014-12-12/name``; the innermost one if there are several."""
    days = (_day(*found) for found in _DAY_FOLDERS.findall(path))
    return next((day for day in reversed(list(days)) if day), None)


def _addresses(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The front matter keys with the page's URL, and the URL."""
    for key in _ADDRESSES:
        if isinstance(value := document.get(key), str):
            yield key, value


def _dated_as_ruby(value: object) -> str | None:
    """A numeric date as Jekyll reads it, with the day before the month; None for any other date."""
    if not isinstance(value, str) or not value[:1].isdigit():
        return None
    try:
        return iso_text(value, as_ruby=True)
    except ValueError:
        return None


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
