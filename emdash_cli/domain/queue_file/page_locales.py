"""Which language a page of a static site is in, by its path, and which pages are translations of which.

A language stands before the ending (``about.de.md``), is the name of the file (``about/de.md`` beside ``about/en.md``),
or a folder (``de/``, ``content/posts/de/``, ``content.de/``):
Hugo https://gohugo.io/content-management/multilingual/, Astro https://docs.astro.build/en/guides/internationalization/,
Docusaurus https://docusaurus.io/docs/i18n/tutorial, jekyll-multiple-languages-plugin and Polyglot (``_i18n/de/``,
``_posts/de/``). Only a locale that the settings know is taken for one; ``it/`` and ``no/`` are folders like others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.locales import Locales, canonical, looks_like_language
from emdash_cli.domain.queue_file.key_names import squeezed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

TRANSLATION_KEYS: Final = frozenset(
    squeezed(key)
    for key in (
        "translation_key",
        "translation_id",
        "lang_ref",
        "ref",
        "page_id",
        "i18n_key",
        "i18n_id",
        "t_key",
        "tid",
    )
)
"""Front matter that pages in several languages have in common: Hugo's ``translationKey``
(https://gohugo.io/content-management/multilingual/#bypassing-default-linking), ``page_id`` of jekyll-polyglot, and
``ref``, ``lang-ref`` and the like of the ways to do it with Jekyll alone."""

_UNMISTAKABLE: Final = frozenset(
    map(squeezed, ("translation_key", "translation_id", "lang_ref", "i18n_key", "i18n_id"))
)
"""Those of them that are about translations wherever they stand; a ``ref`` may refer to anything."""

_DOCUSAURUS: Final = re.compile(r"docusaurus-plugin-content-(blog|docs|pages)(?:-(.+))?")
_CONTENT: Final = re.compile(r"(.+)\.([A-Za-z_-]+)|(content)[_-]([A-Za-z_-]+)")
_LANGUAGE_LINE: Final = re.compile(
    r"^[\"']?(?:lang|language|locale)[\"']?[ \t]*[:=][ \t]*[\"']?([A-Za-z_-]+)", re.MULTILINE | re.IGNORECASE
)
_KEY_LINE: Final = re.compile(r"^[\"']?([A-Za-z][A-Za-z0-9_-]*)[\"']?[ \t]*[:=][ \t]*(.+?)[ \t]*,?\r?$", re.MULTILINE)


class Place(NamedTuple):
    """Where a page is.

    Attributes:
        bare: its path without language and ending, the same for all translations that the path shows.
        locale: in the spelling of the settings; None if the path names none.
    """

    bare: str
    locale: str | None


def place_of(path: str, locales: Locales) -> Place:
    """Take the language out of a path.

    Args:
        path: from the folder of the pages, with ``/`` between its parts.
        locales: what may be one.
    """
    *folders, file = path.split("/")
    stem = file.rpartition(".")[0]
    name, _, suffix = stem.rpartition(".")
    if "/".join(folders) in locales.folders:
        name, suffix = "index", stem
    by_name = locales.named(suffix) if name else None
    if by_name:
        stem = name
    for index, folder in enumerate(folders):
        base, by_folder = _of_folder(folder, locales)
        if by_folder is None or by_name not in (None, by_folder):
            continue
        rest = folders[index + 1 :]
        kept = _as_source(folders[:index], rest) if base is None else [*folders[:index], base, *rest]
        return Place("/".join([*kept, stem]), by_folder)
    return Place("/".join([*folders, stem]), by_name)


def _of_folder(folder: str, locales: Locales) -> tuple[str | None, str | None]:
    """What remains of a folder without its language, and the language."""
    if found := locales.named(folder):
        return None, found
    if parts := _CONTENT.fullmatch(folder):
        return parts[1] or parts[3], locales.named(parts[2] or parts[4])
    return None, None


def _as_source(before: list[str], after: list[str]) -> list[str]:
    """The folders without the language; those of Docusaurus' translations as the sources have them."""
    found = _DOCUSAURUS.fullmatch(after[0]) if before[-1:] == ["i18n"] and after else None
    if not found:
        return [*before, *after]
    kind, rest = found[2] or found[1], after[1:]
    if found[1] == "docs" and rest[:1] == ["current"]:
        rest = rest[1:]
    return [*before[:-1], *(["src", "pages"] if found[1] == "pages" else [kind]), *rest]


def locale_within(folders: tuple[str, ...], locales: Locales) -> str | None:
    """The locale of all pages of a folder, which is one of a language (``content/de``) or right below (``de/posts``).

    Args:
        folders: the names of the folder and of those that it is in, the topmost first.
        locales: as of `place_of`.
    """
    for index in range(len(folders) - 1, max(len(folders) - 3, 0), -1):
        # A home is named after its user.
        if (found := _of_folder(folders[index], locales)[1]) and folders[index - 1] not in ("home", "Users"):
            return found
    return None


def with_folders(paths: Iterable[str], locales: Locales) -> Locales:
    """The locales with the folders in which every page is named by its language, and one by a language that is known.

    A page is not taken for one of these in the topmost folder, where it would have no other name.
    """
    stems: dict[str, set[str]] = {}
    for path in paths:
        folder, _, file = path.rpartition("/")
        stems.setdefault(folder, set()).add(file.rpartition(".")[0])
    found = {
        folder
        for folder, names in stems.items()
        if folder
        and any(map(locales.named, names))
        and all(locales.named(name) or looks_like_language(name) for name in names)
    }
    return locales._replace(folders=frozenset(found)) if found else locales


def with_english(paths: Collection[str], locales: Locales) -> Locales:
    """The locales and, if they lack it and pages stand in ``en/`` beside the same ones in a known locale, English.

    It is what streams have where they say nothing, so it need not stand in the settings to be known.
    """
    if locales.named("en") or not locales.by_tag:
        return locales
    english = locales._replace(by_tag=locales.by_tag | {"en": "en"})
    found: dict[str, set[str | None]] = {}
    for path in paths:
        place = place_of(path, english)
        found.setdefault(place.bare, set()).add(place.locale)
    beside = any("en" in spoken and len(spoken - {None}) > 1 for spoken in found.values())
    return english if beside else locales


def unknown_languages(paths: Collection[str], locales: Locales) -> dict[str, list[str]]:
    """What is likely a language that no setting knows, by its name: the paths of pages that stand elsewhere without it.

    Only a page that has a counterpart counts, in another such folder or in none.
    """
    names = {name for path in paths for name in _names(path, locales)}
    likely = {name for name in names if looks_like_language(name) and not locales.named(name)}
    if not likely:
        return {}
    everything = locales._replace(by_tag=locales.by_tag | {canonical(name) or name: name for name in likely})
    by_page: dict[str, list[tuple[str | None, str]]] = {}
    for path in paths:
        place = place_of(path, everything)
        by_page.setdefault(place.bare, []).append((place.locale, path))
    found: dict[str, list[str]] = {}
    for pages in by_page.values():
        for locale, path in pages if len({locale for locale, _ in pages}) > 1 else ():
            if locale and locales.named(locale) is None:
                found.setdefault(locale, []).append(path)
    return found


def _names(path: str, locales: Locales) -> Iterable[str]:
    *folders, file = path.split("/")
    return (*folders, *file.split(".")[0 if "/".join(folders) in locales.folders else 1 : -1])


def sources_by_path(paths: Iterable[str], locales: Locales, first: str) -> dict[str, str]:
    """Which page is translated by each page that is a translation: the one with the same path but for the language.

    That is the page without a language in its path, else the one in the locale `first`, else the first one.

    Args:
        paths: of all pages.
        locales: as of `place_of`.
        first: the locale of pages that name none.
    """
    groups: dict[str, dict[str, str | None]] = {}
    for path in paths:
        place = place_of(path, locales)
        groups.setdefault(place.bare, {})[path] = place.locale
    return _sources(groups, first)


def sources_by_key(keys: Mapping[str, tuple[str, str | None]], first: str) -> dict[str, str]:
    """As `sources_by_path`, of the pages that have a key of `TRANSLATION_KEYS` in common.

    Args:
        keys: of each path, the key and the locale of the page.
        first: the locale of pages that name none.
    """
    groups: dict[str, dict[str, str | None]] = {}
    for path, (key, locale) in keys.items():
        groups.setdefault(key, {})[path] = locale
    return _sources(groups, first)


def _sources(groups: Mapping[str, Mapping[str, str | None]], first: str) -> dict[str, str]:
    found = {}
    for pages in groups.values():
        (source, of), *others = sorted(pages.items(), key=lambda page: (page[1] is not None, page[1] != first, page[0]))
        found.update({path: source for path, locale in others if (locale or first) != (of or first)})
    return found


def translation_key(metadata: Mapping[str, object]) -> str | None:
    """What a page has in common with its translations, by its front matter."""
    for key, value in metadata.items():
        if squeezed(key) in TRANSLATION_KEYS and isinstance(value, (str, int)) and str(value).strip():
            return str(value).strip()
    return None


def idle_key(metadata: Mapping[str, object]) -> str | None:
    """The key that would link translations among the pages of a folder, but links nothing in files that come singly."""
    return next((key for key, value in metadata.items() if squeezed(key) in _UNMISTAKABLE and value), None)


def key_in_text(text: str, path: str, locales: Locales) -> tuple[str, str | None] | None:
    """The key of a page and its locale, without reading all of its front matter; None if it has no key.

    Which page it names as a source is read properly before anything is made of it.
    """
    for line in _KEY_LINE.finditer(text):
        if squeezed(line[1]) in TRANSLATION_KEYS:
            language = _LANGUAGE_LINE.search(text)
            locale = locales.spelt(language[1]) if language else place_of(path, locales).locale
            return line[2].split(" #")[0].strip().strip("\"'"), locale
    return None
