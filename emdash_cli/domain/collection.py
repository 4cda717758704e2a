"""The EmDash collection that posts go to, and the names of its fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

from emdash_cli.domain.errors import UsageError

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class FieldNames:
    """Names as the settings give them; each is safe to stand in SQL.

    Raises:
        UsageError: a name that EmDash would not accept either.
    """

    collection: str = "posts"
    title: str = "title"
    content: str = "content"
    excerpt: str = "excerpt"
    featured_image: str = "featured_image"

    def __post_init__(self) -> None:
        for name in (self.collection, self.title, self.content, self.excerpt, self.featured_image):
            if not _IDENTIFIER.fullmatch(name):
                raise UsageError(
                    f"`{name}` cannot be the name of a collection or field of EmDash",
                    hint="lower-case letters, digits and _; the first is a letter",
                )

    @property
    def table(self) -> str:
        """The table of the collection's posts."""
        return f"ec_{self.collection}"
