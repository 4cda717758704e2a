"""The last number of each series of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.slugs import SlugPattern
from emdash_cli.publishing.sql.series import last_number, last_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Database, Row, Statement, Value
    from emdash_cli.settings import Stream


class Numbers:
    """Asked for once, then counted on by the store itself.

    Attributes:
        known: per series, the last number and the width that it is padded to.
    """

    def __init__(self, database: Database, names: FieldNames, stream: Stream) -> None:
        self.known: dict[str, tuple[int, int]] = {}
        self._database = database
        self._names = names
        self._locale = stream.locale
        self._pattern = SlugPattern.parse(stream.slug)

    def first_reads(self) -> list[Statement]:
        """What `learn` takes: the reads for the stream's own locale, which most files have."""
        return last_numbers(self._names, self._pattern, self._locale) if self._pattern.numbered else []

    def learn(self, rows: Sequence[Sequence[Row]]) -> None:
        """Take in the answers to `first_reads`."""
        if rows:
            self.known[self._pattern.series(self._locale)] = last_number(self._pattern, *rows)

    def ask(self, article: Article) -> None:
        """Make the number of the article's series known."""
        if article.series is not None and article.series not in self.known:
            reads = last_numbers(self._names, self._pattern, article.locale)
            rows = [self._database.query(read) for read in reads]
            self.known[article.series] = last_number(self._pattern, *rows)

    def fits(self, article: Article) -> bool:
        """Whether the article brings a slug of its own that the pattern counts on from."""
        return article.slug is not None and self._pattern.number_in(article.slug) is not None

    def saw(self, article: Article) -> None:
        """The article was published: if its own slug fits the pattern, the series goes on behind it."""
        numeral = self._pattern.number_in(article.slug or "") if article.status == "published" else None
        series = self._pattern.series(article.locale)
        if numeral and series in self.known:
            self.known[series] = max(self.known[series], (numeral.value, numeral.width))

    def step_over(self, article: Article, highest: Value) -> None:
        """The next number belongs to a slug that neither a published row nor the ledger shows."""
        if article.series is not None:
            base, width = self.known[article.series]
            given = int(highest or 0)
            self.known[article.series] = (given if given > base else base + 1, width)
