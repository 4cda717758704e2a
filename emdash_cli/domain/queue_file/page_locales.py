"""The language of each page of a static site, judged by its path, and which pages are translations of which.

A language may stand before the extension (``about.de.md``), be the name of the file (``about/de.md`` beside
``about/en.md``), or be a folder (``de/``, ``content/posts/de/``, ``content.de/``):
Hugo https://gohugo.io/content-management/multilingual/, Astro https://docs.astro.build/en/guides/internationalization/,
Docusaurus https://docusaurus.io/docs/i18n/tutorial, jekyll-multiple-languages-plugin and Polyglot (``_i18n/de/``,
``_posts/de/``). Only locales in the settings are recognised; otherwise ``it/`` and ``no/`` are ordinary folders.
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
"""Front matter keys that pages in several languages share: Hugo's ``translationKey``
(https://gohugo.io/content-management/multilingual/#bypassing-default-linking), ``page_id`` of jekyll-polyglot, and
``ref``, ``lang-ref`` and similar keys that plain Jekyll sites use."""

_UNMISTAKABLE: Final = frozenset(
    map(squeezed, ("translation_key", "translation_id", "lang_ref", "i18n_key", "i18n_id"))
)
"""Those that always concern translations, whereas a ``ref`` may refer to anything."""

_DOCUSAURUS: Final = re.compile(r"docusaurus-plugin-content-(blog|docs|pages)(?:-(.+))?")
_CONTENT: Final = re.compile(r"(.+)\.([A-Za-z_-]+)|(content)[_-]([A-Za-z_-]+)")
_LANGUAGE_LINE: Final = re.compile(
    r"^[\"']?(?:lang|language|locale)[\"']?[ \t]*[:=][ \t]*[\"']?([A-Za-z_-]+)", re.MULTILINE | re.IGNORECASE
)
_KEY_LINE: Final = re.compile(r"^[\"']?([A-Za-z][A-Za-z0-9_-]*)[\"']?[ \t]*[:=][ \t]*(.+?)[ \t]*,?\r?$", re.MULTILINE)


class Place(NamedTuple):
    """The place of a page.

    Attributes:
        bare: its path without language and extension, which is the same for all translations that the path shows.
        locale: in the spelling of the settings; None if the path names none.
    """

    bare: str
    locale: str | None


def place_of(path: str, locales: Locales) -> Place:
    """Separate the language from a path.

    Args:
        path: relative to the folder of the pages, with ``/`` as the separator.
        locales: the locales to recognise.
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
    """A folder without its language, and the language."""
    if found := locales.named(folder):
        return None, found
    if parts := _CONTENT.fullmatch(folder):
        return parts[1] or parts[3], locales.named(parts[2] or parts[4])
    return None, None


def _as_source(before: list[str], after: list[str]) -> list[str]:
    """The folders without the language. Those of Docusaurus' translations are named as for the sources."""
    found = _DOCUSAURUS.fullmatch(after[0]) if before[-1:] == ["i18n"] and after else None
    if not found:
        return [*before, *after]
    kind, rest = found[2] or found[1], after[1:]
    if found[1] == "docs" and rest[:1] == ["current"]:
        rest = rest[1:]
    return [*before[:-1], *(["src", "pages"] if found[1] == "pages" else [kind]), *rest]


def locale_within(folders: tuple[str, ...], locales: Locales) -> str | None:
    """The locale of all pages of a folder that is, or is directly below, a language folder (``content/de``).

    Args:
        folders: the names of the folder and of those above it, outermost first.
        locales: as for `place_of`.
    """
    for index in range(len(folders) - 1, max(len(folders) - 3, 0), -1):
        # A home directory is named after its user.
        if (found := _of_folder(folders[index], locales)[1]) and folders[index - 1] not in ("home", "Users"):
            return found
    return None


def with_folders(paths: Iterable[str], locales: Locales) -> Locales:
    """The locales with the folders in which every page is named by its language, and one by a known language.

    Pages in the topmost folder do not count, because they would have no other name.
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
    """The locales and, if they lack English and pages in ``en/`` have counterparts in a known locale, also English.

    English is the default of streams, so it may be missing from the settings.
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
    """Likely languages that no setting names, with the paths of pages that have a counterpart without the language.

    Only a page with a counterpart counts, in another such folder or in none.
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
    """The source of each page that is a translation: the page with the same path except for the language.

    That is the page without a language in its path, or the one in the locale `first`, or the first one, in this order.

    Args:
        paths: of all pages.
        locales: as for `place_of`.
        first: the locale of pages whose paths name none.
    """
    groups: dict[str, dict[str, str | None]] = {}
    for path in paths:
        place = place_of(path, locales)
        groups.setdefault(place.bare, {})[path] = place.locale
    return _sources(groups, first)


def sources_by_key(keys: Mapping[str, tuple[str, str | None]], first: str) -> dict[str, str]:
    """Like `sources_by_path`, for pages that share a key of `TRANSLATION_KEYS`.

    Args:
        keys: for each path, the key and the locale of the page.
        first: the locale of pages whose paths name none.
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
    """The key that a page shares with its translations, from its front matter."""
    for key, value in metadata.items():
        if squeezed(key) in TRANSLATION_KEYS and isinstance(value, (str, int)) and str(value).strip():
            return str(value).strip()
    return None


def idle_key(metadata: Mapping[str, object]) -> str | None:
    """The key that would link translations among the pages of a folder, but has no effect in single files."""
    return next((key for key, value in metadata.items() if squeezed(key) in _UNMISTAKABLE and value), None)


def key_in_text(text: str, path: str, locales: Locales) -> tuple[str, str | None] | None:
    """The key and the locale of a page, without parsing all its front matter; None without a key.

    The page that it names as its source is parsed fully before an article is created.
    """
    for line in _KEY_LINE.finditer(text):
        if squeezed(line[1]) in TRANSLATION_KEYS:
            language = _LANGUAGE_LINE.search(text)
            locale = locales.spelt(language[1]) if language else place_of(path, locales).locale
            return line[2].split(" #")[0].strip().strip("\"'"), locale
    return None
