"""An article that is ready to be written, and the collection of EmDash that receives it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from emdash_cli.domain.authors import Author
    from emdash_cli.domain.delivery import Lane
    from emdash_cli.domain.slugs import SlugPlan

Status = Literal["published", "scheduled", "draft"]
STATUSES: Final[frozenset[str]] = frozenset(get_args(Status))


REQUEUED: Final = "requeued:"
"""Before the digest of a source: its post was taken back, and somebody wants it published again from its file."""


class Term(NamedTuple):
    """A category or tag under the name that the author gave it."""

    taxonomy: str
    slug: str
    label: str


class SeoFields(NamedTuple):
    """The row of ``_emdash_seo``."""

    title: str | None
    description: str | None
    image: str | None
    canonical: str | None
    no_index: bool


SEO_COLUMNS: Final = tuple(f"seo_{name}" for name in SeoFields._fields)


class Article(NamedTuple):
    """One article of a stream. It is a tuple, because that crosses to another process at a third of an object's cost.

    Attributes:
        key: the idempotency key under which the ledger knows it.
        digest: of the canonical title, text and locale; lower-case hexadecimal.
        slug: the explicit slug, or a slug without a number; None if the pattern numbers it.
        plan: how to build a numbered slug; None if `slug` is set.
        content: Portable Text as compact JSON.
        image: the value of the featured image field as JSON, or None.
        publish_at: when it goes or went live, UTC text; None for a draft or for now.
        expires_at: when it is taken down again, UTC text.
        queued_at: when the file was written, UTC text.
        said: the content of the file besides its text, as JSON, to compare with in a later update (`articles.said_by`).
        meaning: digest of the whole content of the file, as in `Identity.marked`.
        notices: remarks for the author of an article that can be published, one line each.
    """

    key: str
    digest: str
    stream: str
    file: str
    locale: str
    status: Status
    title: str
    slug: str | None
    plan: SlugPlan | None
    series: str | None
    content: str
    excerpt: str | None
    image: str | None
    words: int
    author: Author | None
    terms: tuple[Term, ...]
    seo: SeoFields | None
    publish_at: str | None
    expires_at: str | None
    translation_of: str | None
    metadata: str
    platforms: str | None
    queued_at: str
    said: str = "{}"
    meaning: str = ""
    notices: tuple[str, ...] = ()

    def size(self) -> int:
        """Approximately how many bytes the article adds to a batch."""
        content = self.content
        return (len(content) if content.isascii() else len(content.encode())) + 2 * len(self.metadata) + 2000


def compact_json(value: object) -> str:
    """JSON without spaces, as the store keeps it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class FieldNames(NamedTuple):
    """Names from the settings. Each was checked by `settings`, so it is safe in SQL."""

    collection: str = "posts"
    title: str = "title"
    content: str = "content"
    excerpt: str = "excerpt"
    featured_image: str = "featured_image"

    @property
    def table(self) -> str:
        """The table of the collection's posts."""
        return f"ec_{self.collection}"


class PostPath(NamedTuple):
    """The paths of posts on the site.

    Attributes:
        pattern: starts with ``/`` and contains ``{slug}``; may contain ``{locale}`` as one of its segments.
        default_locale: the paths of posts in it have no such segment, as on a site with Astro's default routing
            (https://docs.astro.build/en/guides/internationalization/#prefixdefaultlocale); empty: all paths have one.
    """

    pattern: str = "/posts/{slug}"
    default_locale: str = ""

    def of(self, slug: str, locale: str) -> str:
        """The path of a post."""
        is_default = locale.lower() == self.default_locale.lower()
        place, segment = ("/{locale}", "") if is_default else ("{locale}", locale)
        return self.pattern.replace(place, segment).replace("{slug}", slug)


class PublicSite(NamedTuple):
    """Where the public finds posts, and hears of them.

    Attributes:
        path: of a post.
        lanes: the platforms that the settings have.
    """

    path: PostPath = PostPath()
    lanes: tuple[Lane, ...] = ()
