"""Folders outside the queue: pages of a static site, an archive to import, or a folder to export into.

Files are read and left as they are, and writing never replaces a file. Sources of what belongs to a site:
https://jekyllrb.com/docs/structure/, https://gohugo.io/getting-started/directory-structure/,
https://gohugo.io/content-management/page-bundles/.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.queue_file.site_pages import JEKYLL_FOLDERS
from emdash_cli.domain.template_tags import Generator
from emdash_cli.inbox.files import natural_key, queue_trouble, trouble
from emdash_cli.inbox.filing import UNDONE
from emdash_cli.inbox.writing import Drafts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


_LEVELS: Final = 4
_HEAD: Final = 100_000
"""Maximum number of characters read from a settings file."""
_NO_ARTICLES: Final = frozenset({"node_modules"})
_UNPUBLISHED: Final = frozenset({"duplicate", "changed", "conflict", "rejected", UNDONE})
"""Folders of an archive whose files were not published, were taken back, or also exist in another folder."""


def markdown_files(root: Path) -> list[str]:
    """Paths of the pages of a static site below a folder, in natural order, with ``/`` as the separator.

    Raises:
        UsageError: it is not a folder.
        QueueTroubleError: a folder cannot be listed.
    """
    is_jekyll = (root / "_posts").is_dir()
    found: list[str] = []
    for below, folders, files in _places(root):
        found += (str(below / name) for name in pages_in(below.parts, folders, files, is_jekyll=is_jekyll))
        folders[:] = folders_of_pages(folders, files)
    return sorted(found, key=lambda path: [natural_key(part) for part in path.split("/")])


def generator(root: Path) -> Generator:
    """The generator of the site that a folder of pages belongs to, by settings there or up to four folders above."""
    place = root.absolute()
    for folder in (place, *list(place.parents)[:_LEVELS]):
        with suppress(OSError):
            names = frozenset(os.listdir(folder))  # noqa: PTH208 - names are all that is needed
            if found := generator_of(names, partial(_head, folder)):
                return found
            if ".git" in names:
                break
    parts = {*place.parts[-2:], *(("_posts",) if (root / "_posts").is_dir() else ())}
    if "_posts" not in parts:
        return Generator.UNKNOWN
    return Generator.HEXO if "source" in parts else Generator.JEKYLL


def _head(folder: Path, name: str) -> str:
    with (folder / name).open(encoding="utf-8", errors="replace") as file:
        return file.read(_HEAD)


def archived_files(root: Path) -> list[str]:
    """Paths of the published queue files below an archive, ordered by the numbers in their names.

    Raises:
        UsageError: it is not a folder.
        QueueTroubleError: a folder cannot be listed.
    """
    found: list[str] = []
    for below, folders, files in _places(root):
        found += (str(below / name) for name in files if name.endswith(".json"))
        skipped = _NO_ARTICLES if below.parts else _NO_ARTICLES | _UNPUBLISHED
        folders[:] = [folder for folder in folders if folder not in skipped]
    return sorted(found, key=lambda path: (natural_key(path.rpartition("/")[2]), path))


def _places(root: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder from the root down with its visible contents; those removed from the yielded list are skipped."""
    if not root.is_dir():
        raise UsageError(f"there is no folder {root}", hint="name the folder that holds the articles")

    def fail(error: OSError) -> None:
        raise trouble(Path(error.filename or root), error) from error

    for place, folders, files in os.walk(root, onerror=fail):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        yield Path(place).relative_to(root), folders, [name for name in files if not name.startswith(".")]


def compare(path: Path, raw: bytes) -> bool | None:
    """Whether the file contains exactly these bytes; None if there is no such file.

    Raises:
        QueueTroubleError: it cannot be read.
    """
    with queue_trouble(path):
        try:
            return path.read_bytes() == raw
        except FileNotFoundError:
            return None
        except IsADirectoryError:
            return False


def write_all(root: Path, files: Mapping[str, bytes]) -> dict[str, bool | None]:
    """Write the files that do not exist yet, completely and durably. Returns the result of `compare` for each before.

    Args:
        root: the folder; created if missing.
        files: by their paths relative to the root.

    Raises:
        QueueTroubleError: a folder or its disk cannot be written.
    """
    before = {path: compare(root / path, raw) for path, raw in files.items()}
    for folder in sorted({(root / path).parent for path, state in before.items() if state is None}):
        with queue_trouble(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with Drafts(folder) as drafts:
            missing = [path for path, state in before.items() if state is None and (root / path).parent == folder]
            written = [(path, drafts.write(files[path])) for path in missing]
            for path, draft in written:
                if not drafts.reveal(draft, path.rpartition("/")[2]):
                    # Another program has just created the file.
                    before[path] = compare(root / path, files[path])
            drafts.sync()
    return before


_MARKDOWN: Final = (".md", ".markdown", ".mdx")
_NEVER_PAGES: Final = frozenset({"node_modules", "_site", "_includes", "_layouts", "_data", "_sass"})
_OF_A_PROJECT: Final = frozenset({"vendor", "themes", "layouts", "archetypes", "public"})
"""Folders that hold no pages if they are beside a generator's settings; elsewhere they may be ordinary sections."""
_SETTINGS: Final = re.compile(r"(?:_?config|hugo)\.(?:toml|ya?ml|json)|astro\.config\.\w+|package\.json|Gemfile")
_GENERATORS: Final = {
    Generator.HUGO: re.compile(r"hugo\.(?:toml|ya?ml|json)"),
    Generator.ELEVENTY: re.compile(r"\.eleventy\.js|eleventy\.config\.\w+"),
    Generator.PLAIN: re.compile(
        r"(?:astro|docusaurus|next|nuxt)\.config\.\w+|gatsby-config\.\w+|\.vitepress|\.vuepress"
    ),
}
_BASE_URL: Final = re.compile(r"^\s*[\"']?(base_?url)[\"']?\s*[:=]", re.IGNORECASE | re.MULTILINE)
_INDEX: Final = re.compile(r"index(?:\.[a-z0-9-]+)?\.(?:md|markdown|mdx)")
_LIST_PAGE: Final = "_index."
"""Hugo's file name for the page of a section, which is not an article."""


def generator_of(names: frozenset[str], head: Callable[[str], str]) -> Generator | None:
    """The generator whose settings are among these names; None if there are none.

    Sources: https://gohugo.io/configuration/introduction/, https://www.getzola.org/documentation/getting-started/configuration/,
    https://jekyllrb.com/docs/configuration/, https://hexo.io/docs/configuration, https://www.11ty.dev/docs/config/.

    Args:
        names: of everything in one folder.
        head: reads the beginning of one of these files.
    """
    for found, pattern in _GENERATORS.items():
        if any(pattern.fullmatch(name) for name in names):
            return found
    if not names.isdisjoint({"_config.yml", "_config.yaml", "_config.toml"}):
        return Generator.JEKYLL if names.isdisjoint({"scaffolds", "source"}) else Generator.HEXO
    for name in sorted(names & {"config.toml", "config.yaml", "config.yml", "config.json"}):
        if setting := _BASE_URL.search(head(name)):
            return Generator.ZOLA if setting[1] == "base_url" else Generator.HUGO
    return Generator.HUGO if {"archetypes", "content"} <= names else None


def is_markdown(name: str) -> bool:
    """Whether a file is Markdown, by its name."""
    return name.lower().endswith(_MARKDOWN)


def folders_of_pages(folders: list[str], files: list[str]) -> list[str]:
    """Those of the folders in one place that are searched for pages.

    Args:
        folders: their names.
        files: names of the files beside them.
    """
    skipped = _NEVER_PAGES | _OF_A_PROJECT if _is_project(folders, files) else _NEVER_PAGES
    return [folder for folder in folders if folder not in skipped]


def pages_in(below: tuple[str, ...], folders: list[str], files: list[str], *, is_jekyll: bool) -> list[str]:
    """Those of the files in one place that are pages.

    Args:
        below: the folders above them, outermost first; empty at the top.
        folders: names of the folders beside the files.
        files: their names.
        is_jekyll: whether the topmost folder contains ``_posts``.
    """
    if is_jekyll and JEKYLL_FOLDERS.isdisjoint(below):
        return []
    pages = [name for name in files if is_markdown(name) and not name.lower().startswith(_LIST_PAGE)]
    if below and (bundle := [name for name in pages if _INDEX.fullmatch(name.lower())]):
        return bundle
    if not below or _is_project(folders, files):
        return [name for name in pages if name.lower().partition(".")[0] != "readme"]
    return pages


def _is_project(folders: list[str], files: list[str]) -> bool:
    return "_posts" in folders or any(_SETTINGS.fullmatch(name) for name in files)
