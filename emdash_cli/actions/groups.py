"""Groups: what one batch publishes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emdash_cli.domain.article import Article
    from emdash_cli.domain.ports import Limits
    from emdash_cli.inbox.files import ReadFile


@dataclass(frozen=True, slots=True)
class Ready:
    """An article that waits for its group, and the file that it was made from."""

    file: ReadFile
    article: Article
    attempts: int = 0


@dataclass(slots=True)
class Group:
    """Articles for one batch: within the engine's limits, no two with one key or one explicit slug.

    The second of two copies waits for the next group, where the ledger knows the first.
    """

    limits: Limits
    items: list[Ready] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)
    _bytes: int = 0

    def takes(self, item: Ready, most: int) -> bool:
        """Whether the item fits into this group of at most `most` articles."""
        if not self.items:
            return True
        return (
            len(self.items) < min(self.limits.group_articles, most)
            and self._bytes + item.article.size() <= self.limits.group_bytes
            and self._taken.isdisjoint(_names(item.article))
        )

    def add(self, item: Ready) -> None:
        """Put the item in."""
        self.items.append(item)
        self._taken.update(_names(item.article))
        self._bytes += item.article.size()


def _names(article: Article) -> list[tuple[str, str]]:
    names = [("key", article.key)]
    if article.slug is not None:
        names.append((article.locale, article.slug))
    if article.translation_of is not None:
        names.append((article.locale, f"translation of {article.translation_of}"))
    return names
