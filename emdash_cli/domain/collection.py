"""The EmDash collection that receives the posts: the names of its fields, and the paths of its posts on the site."""

from __future__ import annotations

from typing import NamedTuple


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
