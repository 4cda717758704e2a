"""Where the pages of a folder are once they are posts, for the tags and links that refer to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emdash_cli.domain.queue_file import MAX_FILE_BYTES, QueueFileError
from emdash_cli.domain.queue_file.site_pages import name_and_locale, read_path
from emdash_cli.domain.slugs import slugify
from emdash_cli.domain.template_tags import Target
from emdash_cli.inbox import queue
from emdash_cli.inbox.files import UnfitFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from emdash_cli.domain.collection import PostPath
    from emdash_cli.domain.locales import Locales
    from emdash_cli.inbox.files import ReadFile


@dataclass
class LinkedPages:
    """See `emdash_cli.domain.template_tags.Pages`; a page counts as a post whether or not it has been imported yet.

    Args:
        root: the folder.
        names: of its pages, as paths from there.
        locales: those that the path of a page may name.
        locale: of pages that name none.
        paths: of the posts.
        slug_of: the slug that a page gets if that is not the one of its front matter or its name.
    """

    root: Path
    names: Sequence[str]
    locales: Locales
    locale: str
    paths: PostPath
    slug_of: Callable[[ReadFile], str] | None = None
    _index: dict[str, list[str]] = field(default_factory=dict)
    _found: dict[tuple[str, str], Target | None] = field(default_factory=dict)

    def __call__(self, reference: str, locale: str | None = None) -> Target | None:
        """The page whose path ends as the reference does, dates and endings aside.

        Args:
            reference: a path or a name.
            locale: of the page that refers to it; its translation into that locale is preferred.
        """
        if not self._index:
            for name in self.names:
                for key in _keys(name, self.locales):
                    self._index.setdefault(key, []).append(name)
        wanted = (reference, locale or self.locale)
        if wanted not in self._found:
            self._found[wanted] = self._target(*wanted)
        return self._found[wanted]

    def _target(self, reference: str, wanted: str) -> Target | None:
        key = _bare(reference)
        while key and key not in self._index:
            key = key.partition("/")[2]
        if not key:
            return None

        def rank(name: str) -> tuple[bool, int]:
            return (read_path(name, self.locales).locale or self.locale) != wanted, name.count("/")

        name = min(self._index[key], key=rank)
        path = read_path(name, self.locales)
        slug, title, locale = slugify(path.name), None, path.locale
        try:
            file = queue.read(self.root, name, MAX_FILE_BYTES)
            if file is not None:
                said = name_and_locale(file.raw)
                locale = self.locales.spelt(said.locale) if said.locale else locale
                slug, title = said.slug or slugify(said.name or "") or slug, said.title
                if self.slug_of and not said.slug:
                    slug = self.slug_of(file)
        except (QueueFileError, UnfitFileError):
            pass  # It is reported under its own name.
        return Target(self.paths.of(slug, locale or self.locale), title) if slug else None


def _keys(name: str, locales: Locales) -> set[str]:
    """What the page may be called: its path and each shorter end of it, with the date in its name and without."""
    path = read_path(name, locales)
    whole = _bare(name)
    folder, _, last = whole.rpartition("/")
    own = path.name.lower()
    # The folder of an index.md is named as the page is.
    found = {whole, path.path.lower(), own if last == own else f"{folder}/{own}".lstrip("/")}
    return {key.split("/", cut)[-1] for key in found for cut in range(key.count("/") + 1)}


def _bare(reference: str) -> str:
    """The reference in lower case without fragment, ending, ``index`` and the dots and slashes before it."""
    path = reference.partition("#")[0].partition("?")[0].strip().lower().lstrip("./").rstrip("/")
    for ending in (".md", ".mdx", ".markdown", ".html"):
        path = path.removesuffix(ending)
    return path.removesuffix("/index").removesuffix("/_index")
