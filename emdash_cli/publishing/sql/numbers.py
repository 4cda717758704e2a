"""Number series: the last number that the slugs of a pattern have reached in a locale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.ports import Statement
from emdash_cli.domain.slugs import SlugPattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.settings import Stream
    from emdash_cli.store.session import Session


_CANDIDATES = 1000
"""The maximum number of slugs that look numbered but may not be (`3d-printing`) before the last one of the series."""


def last_numbers(names: FieldNames, pattern: SlugPattern, locale: str) -> list[Statement]:
    """Two reads for `last_number`: the highest assigned number, and the latest published slugs that may match.

    Every matching slug counts, even one that a file gave itself, such as `041-first`. Once the series has an entry,
    only what was published since is read; before that, the whole blog.
    """
    series = pattern.series(locale)
    return [
        Statement(
            "SELECT number, slug FROM publish_ledger WHERE series = ?1 AND number IS NOT NULL"
            " ORDER BY number DESC LIMIT 1",
            (series,),
        ),
        Statement(
            f"""
            SELECT p.slug AS slug FROM {names.table} AS p
            WHERE p.deleted_at IS NULL AND +p.status = 'published' AND +p.locale = ?2 AND p.slug GLOB ?3
              AND p.published_at >= coalesce((
                SELECT l.recorded_at FROM publish_ledger AS l WHERE l.series = ?1 ORDER BY l.number DESC LIMIT 1), '')
            ORDER BY p.published_at DESC, p.id DESC LIMIT {_CANDIDATES}""",
            (series, locale, pattern.glob()),
        ),
    ]


def last_number(pattern: SlugPattern, given: Sequence[Row], published: Sequence[Row]) -> tuple[int, int]:
    """The number to continue from, and the width that it is padded to; (0, 0) if nothing was published."""
    slugs = [str(row["slug"]) for row in given]
    fitting = (str(row["slug"]) for row in published if pattern.number_in(str(row["slug"])))
    slugs += [slug for slug in [next(fitting, None)] if slug]
    numerals = [numeral for slug in slugs if (numeral := pattern.number_in(slug))]
    last = max(numerals, default=None)
    return (last.value, last.width) if last else (0, 0)


class Numbers:
    """The last number of each series of a stream: read once, then advanced by the store itself.

    Attributes:
        known: per series, the last number and the width that it is padded to.
    """

    def __init__(self, session: Session, stream: Stream) -> None:
        self.known: dict[str, tuple[int, int]] = {}
        self._database = session.database
        self._names = session.names
        self._locale = stream.locale
        self._pattern = SlugPattern.parse(stream.slug)

    def first_reads(self) -> list[Statement]:
        """The reads whose answers `learn` takes, for the stream's own locale, which most files have."""
        return last_numbers(self._names, self._pattern, self._locale) if self._pattern.numbered else []

    def learn(self, rows: Sequence[Sequence[Row]]) -> None:
        """Learn the last numbers from the answers to `first_reads`."""
        if rows:
            self.known[self._pattern.series(self._locale)] = last_number(self._pattern, *rows)

    def ask(self, article: Article) -> None:
        """Read the last number of the article's series, unless it is known."""
        if article.series is not None and article.series not in self.known:
            reads = last_numbers(self._names, self._pattern, article.locale)
            rows = [self._database.query(read) for read in reads]
            self.known[article.series] = last_number(self._pattern, *rows)

    def fits(self, article: Article) -> bool:
        """Whether the article's own slug matches the pattern, so that the series continues from it."""
        return article.slug is not None and self._pattern.number_in(article.slug) is not None

    def saw(self, article: Article) -> None:
        """Note that the article was published. If its own slug matches the pattern, the series continues from it."""
        numeral = self._pattern.number_in(article.slug or "") if article.status == "published" else None
        series = self._pattern.series(article.locale)
        if numeral and series in self.known:
            self.known[series] = max(self.known[series], (numeral.value, numeral.width))

    def step_over(self, article: Article, highest: Value) -> None:
        """Skip the next number: it belongs to a slug that is in neither the published posts nor the ledger."""
        if article.series is not None:
            base, width = self.known[article.series]
            given = int(highest or 0)
            self.known[article.series] = (given if given > base else base + 1, width)
