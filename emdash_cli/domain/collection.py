"""The EmDash collection that posts go to, and the names of its fields."""

from __future__ import annotations

from typing import NamedTuple

from emdash_cli.domain.errors import UsageError


class FieldNames(NamedTuple):
    """Names as the settings give them; each was an `identifier`, so that it may stand in SQL."""

    collection: str = "posts"
    title: str = "title"
    content: str = "content"
    excerpt: str = "excerpt"
    featured_image: str = "featured_image"

    @property
    def table(self) -> str:
        """The table of the collection's posts."""
        return f"ec_{self.collection}"


def identifier(key: str, value: object) -> str:
    """A name that EmDash itself would accept for a collection or a field.

    Raises:
        UsageError: it would not; the message names the setting, `key`.
    """
    if isinstance(value, str) and value.isascii() and value.isidentifier() and value.islower() and value[0] != "_":
        return value
    raise UsageError(
        f"setting `{key}` is {value!r}, which cannot be the name of a collection or field of EmDash",
        hint="lower-case letters, digits and _; the first is a letter",
    )
