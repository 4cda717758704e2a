"""The translations among the pages of a folder: which page is the source of which, by path or by a key they share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from emdash_cli.domain.locales import Locales, canonical
from emdash_cli.domain.queue_file import MAX_FILE_BYTES
from emdash_cli.domain.queue_file.front_matter import MAX_FRONT_MATTER
from emdash_cli.domain.queue_file.page_locales import (
    key_in_text,
    locale_within,
    sources_by_key,
    sources_by_path,
    translation_key,
    unknown_languages,
    with_english,
    with_folders,
)
from emdash_cli.inbox import queue
from emdash_cli.inbox.files import UnfitFileError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from emdash_cli.settings import Stream

_SHOWN = 5


class TranslatedPages:
    """The pages of a folder by language.

    Args:
        root: the folder.
        names: paths of the pages from there.
        stream: it knows the locales of the settings.

    Attributes:
        locales: those that paths may name.
        first: the locale of pages that name none: that of a folder which the root is in, else the stream's.
    """

    def __init__(self, root: Path, names: list[str], stream: Stream) -> None:
        self.locales = with_english(names, with_folders(names, Locales.of(stream.locales)))
        self._root = root
        self._names = names
        self.first = locale_within(root.resolve().parts, self.locales) or stream.locale
        self._by_path = sources_by_path(names, self.locales, self.first)
        self._by_key: dict[str, str] | None = None
        self._linked_by_key: frozenset[str] = frozenset()

    def in_order(self) -> list[str]:
        """The paths, sources before their translations, which would have to wait for them."""
        return sorted(self._names, key=lambda name: name in self._by_path)

    def source_of(self, name: str, metadata: Mapping[str, object]) -> str | None:
        """The path of the page that a page translates; None if it is a translation of none.

        Args:
            name: its path.
            metadata: what its front matter says beside the fields of a queue file.
        """
        if translation_key(metadata) is not None:
            if self._by_key is None:
                self._by_key = self._read_keys()
            if name in self._linked_by_key:
                return self._by_key.get(name)
        return self._by_path.get(name)

    def _read_keys(self) -> dict[str, str]:
        keys: dict[str, tuple[str, str | None]] = {}
        for name in self._names:
            try:
                file = queue.read(self._root, name, MAX_FILE_BYTES)
            except UnfitFileError:
                continue
            head = file.raw[:MAX_FRONT_MATTER].decode(errors="replace") if file else ""
            if found := key_in_text(head, name, self.locales):
                keys[name] = found
        shared = Counter(key for key, _ in keys.values())
        self._linked_by_key = frozenset(name for name, (key, _) in keys.items() if shared[key] > 1)
        return sources_by_key(keys, self.first)

    def notices(self) -> tuple[str, ...]:
        """A line about folders and endings that are likely to be languages, if pages of them are taken for others."""
        found = unknown_languages(self._names, self.locales)
        if not found:
            return ()
        names = sorted(found)
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        pages = sum(map(len, found.values()))
        what = "look like languages" if len(names) > 1 else "looks like a language"
        first = found[names[0]][0]
        translate, their = (
            ("seem to be translations, but are", "their") if pages > 1 else ("seems to be a translation, but is", "its")
        )
        which = f"{pages} pages, such as {first}," if pages > 1 else first
        text = (
            f"{shown} {what} that no stream has: {which} {translate} imported as {self.first} unless {their} front"
            " matter names another language;"
            f' add a stream with locale = "{canonical(names[0]) or names[0]}" to the settings to import them as such'
        )
        return (text,)
