"""Groups: what one batch publishes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from emdash_cli.domain.article import Article
    from emdash_cli.domain.ports import Limits
    from emdash_cli.inbox.files import ReadFile


class Ready(NamedTuple):
    """An article that waits for its group, and the file that it was made from."""

    file: ReadFile
    article: Article
    attempts: int = 0


@dataclass(slots=True)
class Group:
    """Articles for one batch: within the engine's limits, no two with one key or one explicit slug.

    The second of two copies waits for the next group, where the ledger knows the first; so does a number that
    comes after a slug which one of the group brings.
    """

    limits: Limits
    items: list[Ready] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)
    _bytes: int = 0
    _brings_number: bool = False

    def takes(self, item: Ready, most: int) -> bool:
        """Whether the item fits into this group of at most `most` articles."""
        if not self.items:
            return True
        return (
            len(self.items) < min(self.limits.group_articles, most)
            and self._bytes + item.article.size() <= self.limits.group_bytes
            and not (self._brings_number and item.article.plan is not None)
            and self._taken.isdisjoint(_names(item.article))
        )

    def add(self, item: Ready, *, brings_number: bool) -> None:
        """Put the item in.

        Args:
            item: that `takes` said yes to.
            brings_number: whether its own slug is one that the stream's numbers go on behind.
        """
        self.items.append(item)
        self._brings_number |= brings_number
        self._taken.update(_names(item.article))
        self._bytes += item.article.size()


def _names(article: Article) -> list[tuple[str, str]]:
    names = [("key", article.key)]
    if article.slug is not None:
        names.append((article.locale, article.slug))
    if article.translation_of is not None:
        names.append((article.locale, f"translation of {article.translation_of}"))
    return names
