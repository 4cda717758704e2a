"""What is known about the page and its site while its tags are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from emdash_cli.domain.article import PostPath
from emdash_cli.domain.slugs import slugify
from emdash_cli.domain.template_tags.syntax import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

_FRAGMENT = re.compile(r"[?#].*", re.DOTALL)
_ENDING = re.compile(r"\.(?:md|mdx|markdown|html?)\Z", re.IGNORECASE)
_DAY = re.compile(r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}-(?=.)")


class Generator(Enum):
    """The generator of the site, which decides which braces are tags."""

    UNKNOWN = "unknown"
    """Everything that may be a tag is one."""
    JEKYLL = "Jekyll"
    ELEVENTY = "Eleventy"
    HEXO = "Hexo"
    HUGO = "Hugo"
    ZOLA = "Zola"
    PLAIN = "plain Markdown"
    """Astro and others, which leave Markdown unchanged."""

    @property
    def forms(self) -> frozenset[Form]:
        """The syntax of its tags."""
        match self:
            case Generator.UNKNOWN:
                return frozenset(Form)
            case Generator.JEKYLL | Generator.HEXO:
                return frozenset({Form.LIQUID, Form.OUTPUT})
            case Generator.ELEVENTY:
                return frozenset({Form.LIQUID, Form.OUTPUT, Form.ZOLA})
            case Generator.HUGO:
                return frozenset({Form.HUGO})
            case Generator.ZOLA:
                return frozenset({Form.ZOLA})
            case _:
                return frozenset()

    @property
    def has_liquid(self) -> bool:
        """Whether ``{% name %}`` and ``{{ value }}`` are tags."""
        return Form.LIQUID in self.forms

    @property
    def has_tags_in_code(self) -> bool:
        """Whether Liquid is processed before Markdown, so that ``{% raw %}`` in code is not part of the code."""
        return self in {Generator.JEKYLL, Generator.ELEVENTY}


class LinkedPage(NamedTuple):
    """A page that a tag refers to.

    Attributes:
        address: of its post: a path of the site.
        title: None if it is not known.
    """

    address: str
    title: str | None


class Pages(Protocol):
    """Finds the pages of a site."""

    def __call__(self, reference: str) -> LinkedPage | None:
        """The page with that name or path, as a tag gives it, with or without date and extension, or None."""
        ...


class ByName(NamedTuple):
    """Derives addresses from names alone, for a file without its site.

    Attributes:
        locale: of the posts.
    """

    paths: PostPath = PostPath()
    locale: str = ""

    def __call__(self, reference: str) -> LinkedPage | None:
        """See `Pages`."""
        slug = slugify(page_name(reference))
        return LinkedPage(self.paths.of(slug, self.locale), None) if slug else None


def page_name(reference: str) -> str:
    """The last part of a page's URL, from its path: without extension, date, language and ``index``."""
    path = _FRAGMENT.sub("", reference).strip("/ ")
    *folders, name = _ENDING.sub("", path).split("/")
    if name in {"index", "_index"} and folders:
        name = folders[-1]
    return _DAY.sub("", name)


@dataclass(frozen=True, slots=True)
class Context:
    """The page whose tags are read.

    Attributes:
        variables: its front matter.
        site_url: URL of the site, without a trailing slash; None: not known.
        is_carried_out: whether tags are replaced by their meaning; if not, every tag remains and is reported.
    """

    generator: Generator = Generator.UNKNOWN
    pages: Pages = field(default_factory=ByName)
    variables: Mapping[str, Any] = field(default_factory=dict)
    site_url: str | None = None
    is_mdx: bool = False
    is_carried_out: bool = True

    def variable(self, path: str) -> str | None:
        """The string or number in the front matter under a name such as ``title`` or ``cover.alt``."""
        value: Any = self.variables
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return None
        return str(value)
