"""Groups of articles, each published in one batch: collect them, then write or preview them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from emdash_cli.domain.errors import DatabaseError, RefusedError, TooLargeError
from emdash_cli.publishing.sql import claiming, publishing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.ports import Limits, Row
    from emdash_cli.publishing.articles import Ready
    from emdash_cli.store.session import Run


@dataclass(slots=True)
class Group:
    """Articles for one batch: within the engine's limits, and without two that have the same key or explicit slug.

    The second of two copies waits for the next group, when the ledger knows the first. An article that needs a number
    also waits if a slug of this group advances the numbers.
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
        """Add the item.

        Args:
            item: accepted by `takes`.
            brings_number: whether its own slug advances the stream's numbers.
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


@dataclass(frozen=True, slots=True)
class Quota:
    """What a stream's cadence allows: this many articles since the period began (UTC text); None: any number."""

    limit: int | None
    period_start: str


class Writer(Protocol):
    """Publishes groups. Returns a result row for each article, in order; see `publishing.publish_group`."""

    def send(
        self, articles: Sequence[Article], quota: Quota, numbers: dict[str, tuple[int, int]]
    ) -> Iterator[tuple[Article, Row]]:
        """Publish the articles, and yield the result for each."""
        ...


class Committer:
    """Writes groups to the store. A refused group is halved until the article at fault is alone."""

    def __init__(self, run: Run, *, by_file: bool) -> None:
        self._run = run
        self._session = run.session
        self._by_file = by_file

    def send(
        self, articles: Sequence[Article], quota: Quota, numbers: dict[str, tuple[int, int]]
    ) -> Iterator[tuple[Article, Row]]:
        """See `Writer`. Everything that a result reports is durable."""
        signs = self._run.sign_of_life()
        batch = publishing.publish_group(
            self._session.layout, _batch(articles, quota, numbers, self._run, by_file=self._by_file)
        )
        try:
            rows = self._session.database.batch([*signs, *batch])[-1]
        except (RefusedError, TooLargeError) as error:
            if len(articles) == 1:
                # A refusal is final, but a time limit may have been exceeded by bad luck.
                state = "refused" if isinstance(error, RefusedError) else "too_large"
                yield articles[0], {"state": state, "why": error.message}
                return
            half = len(articles) // 2
            yield from self.send(articles[:half], quota, numbers)
            yield from self.send(articles[half:], quota, numbers)
            return
        adopted = self._adopted([(a, r) for a, r in zip(articles, rows, strict=True) if r["state"] == "slug_taken"])
        for article, row in zip(articles, rows, strict=True):
            if row["owner_id"] in adopted:
                yield article, _as_duplicate(row)
                continue
            if row["state"] == "incomplete":
                raise DatabaseError(
                    f"{article.file}: the post {row['post_id']} was written, but its revision cannot be found",
                    hint="run `emdash cleanup --dry-run` and `emdash doctor`",
                    code="not_read_back",
                )
            yield article, row

    def _adopted(self, taken: list[tuple[Article, Row]]) -> set[str]:
        if not taken:
            return set()
        from emdash_cli.publishing.sql.adoption import adopt, same_posts

        same = same_posts(self._session, taken)
        return adopt(self._run, same) if same else set()


def _as_duplicate(row: Row) -> Row:
    """The row of a post that another tool published and that is now in the ledger."""
    owner = {"post_id": row["owner_id"], "published_as": row["owner_slug"], "slug_now": row["owner_slug"]}
    return {**row, **owner, "state": "duplicate", "file": "another tool", "gone": 0, "trashed": 0}


def _batch(
    articles: Sequence[Article],
    quota: Quota,
    numbers: dict[str, tuple[int, int]],
    run: Run,
    *,
    by_file: bool,
) -> claiming.Batch:
    session = run.session
    return claiming.Batch(
        articles=articles,
        claim=session.new_id(),
        run_id=run.id,
        run_kind=run.kind,
        actor=run.actor,
        now=session.now(),
        quota=quota.limit,
        period_start=quota.period_start,
        numbers=numbers,
        by_file=by_file,
        new_id=session.new_id,
        post_path=session.settings.paths,
    )


class Previewer:
    """Reports what a `Committer` would do without writing anything.

    It remembers what earlier groups of the same run would have written: their keys, slugs and numbers.
    """

    def __init__(self, run: Run, *, by_file: bool) -> None:
        self._run = run
        self._session = run.session
        self._by_file = by_file
        self._keys: dict[str, Row] = {}
        self._slugs: dict[tuple[str, str], str] = {}

    def send(
        self, articles: Sequence[Article], quota: Quota, numbers: dict[str, tuple[int, int]]
    ) -> Iterator[tuple[Article, Row]]:
        """See `Writer`."""
        left = None if quota.limit is None else quota.limit - len(self._keys)
        batch = _batch(articles, replace(quota, limit=left), numbers, self._run, by_file=self._by_file)
        claimable, read_back = publishing.preview_group(self._session.layout, batch)
        claimed = {str(row["key"]): row for row in self._session.database.query(claimable)}
        for article, row in zip(articles, self._session.database.query(read_back), strict=True):
            yield article, self._previewed(article, row, claimed.get(article.key), numbers)

    def _previewed(self, article: Article, row: Row, claim: Row | None, numbers: dict[str, tuple[int, int]]) -> Row:
        if earlier := self._keys.get(article.key):
            return {**row, **earlier, "state": "duplicate" if earlier["digest"] == article.digest else "changed"}
        slug = str(claim["slug"]) if claim else str(article.slug)
        if owner := self._slugs.get((article.locale, slug)):
            return {**row, "state": "slug_taken", "owner_id": None, "owner_file": owner}
        if claim is None and not self._comes_after_its_source(article, row):
            return self._adoptable(article, row)
        if article.series and claim and claim["number"] is not None:
            numbers[article.series] = (int(claim["number"]), numbers[article.series][1])
        done: Row = {
            "post_id": None,
            "published_as": slug,
            "slug_now": slug,
            "file": article.file,
            "stream": article.stream,
            "outcome": article.status,
            "recorded_at": self._session.now(),
            "gone": 0,
            "trashed": 0,
        }
        self._keys[article.key] = {**done, "digest": article.digest}
        self._slugs[article.locale, slug] = article.file
        return {**row, **done, "state": "done"}

    def _comes_after_its_source(self, article: Article, row: Row) -> bool:
        """Whether the only thing the article lacks is a source that this run would have written."""
        source = article.translation_of
        if row["state"] != "waits_for_source" or article.slug is None:
            return False
        by_slug = any(slug == source and locale != article.locale for locale, slug in self._slugs)
        return by_slug or any(key.startswith(f"id:{source}:") for key in self._keys)

    def _adoptable(self, article: Article, row: Row) -> Row:
        if row["state"] != "slug_taken":
            return row
        from emdash_cli.publishing.sql.adoption import same_posts

        return _as_duplicate(row) if same_posts(self._session, [(article, row)]) else row
