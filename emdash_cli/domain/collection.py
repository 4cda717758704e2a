"""The EmDash collection that posts go to, and the names of its fields."""

from __future__ import annotations

from typing import NamedTuple


class FieldNames(NamedTuple):
    """Names as the settings give them; each was a `setting_values.identifier`, so that it may stand in SQL."""

    collection: str = "posts"
    title: str = "title"
    content: str = "content"
    excerpt: str = "excerpt"
    featured_image: str = "featured_image"

    @property
    def table(self) -> str:
        """The table of the collection's posts."""
        return f"ec_{self.collection}"
