"""Which files below a folder are pages of a static site, and which belong to what makes the site of them.

Sources: https://jekyllrb.com/docs/structure/, https://gohugo.io/getting-started/directory-structure/,
https://gohugo.io/content-management/page-bundles/.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.template_tags import Generator

if TYPE_CHECKING:
    from collections.abc import Callable

_MARKDOWN: Final = (".md", ".markdown", ".mdx")
_POSTS: Final = frozenset({"_posts", "_drafts"})
_NEVER_PAGES: Final = frozenset({"node_modules", "_site", "_includes", "_layouts", "_data", "_sass"})
_OF_A_PROJECT: Final = frozenset({"vendor", "themes", "layouts", "archetypes", "public"})
"""Folders that hold no pages beside the settings of a generator; elsewhere they may be a section like any other."""
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
"""How Hugo names the page of a section, which is no article."""


def generator_of(names: frozenset[str], head: Callable[[str], str]) -> Generator | None:
    """What makes the site whose settings are among these names; None: they are not here.

    Sources: https://gohugo.io/configuration/introduction/, https://www.getzola.org/documentation/getting-started/configuration/,
    https://jekyllrb.com/docs/configuration/, https://hexo.io/docs/configuration, https://www.11ty.dev/docs/config/.

    Args:
        names: of all that is in one folder.
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
    """Those of the folders in one place in which pages are looked for.

    Args:
        folders: by name.
        files: that are beside them.
    """
    skipped = _NEVER_PAGES | _OF_A_PROJECT if _is_project(folders, files) else _NEVER_PAGES
    return [folder for folder in folders if folder not in skipped]


def pages_in(below: tuple[str, ...], folders: list[str], files: list[str], *, is_jekyll: bool) -> list[str]:
    """Those of the files in one place that are pages.

    Args:
        below: the folders that lead there, none for the topmost.
        folders: that are beside the files.
        files: by name.
        is_jekyll: whether the topmost folder holds ``_posts``.
    """
    if is_jekyll and _POSTS.isdisjoint(below):
        return []
    pages = [name for name in files if is_markdown(name) and not name.lower().startswith(_LIST_PAGE)]
    if below and (bundle := [name for name in pages if _INDEX.fullmatch(name.lower())]):
        return bundle
    if not below or _is_project(folders, files):
        return [name for name in pages if name.lower().partition(".")[0] != "readme"]
    return pages


def _is_project(folders: list[str], files: list[str]) -> bool:
    return "_posts" in folders or any(_SETTINGS.fullmatch(name) for name in files)
