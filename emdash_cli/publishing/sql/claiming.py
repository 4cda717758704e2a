"""The claim decides what a group may publish and under which numbers and slugs; the read-back reports the results.

One statement decides whether a key is new, which number a slug gets, whether the slug is free and whether the stream's
quota still allows it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.article import REQUEUED, compact_json
from emdash_cli.domain.ports import Statement
from emdash_cli.domain.slugs import SlugPattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.domain.article import Article, FieldNames, PublicSite
    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.settings import Stream
    from emdash_cli.store.layout import Layout
    from emdash_cli.store.session import Session

# In the order of the positions in a row of the JSON that the claim and the read-back take.
_ITEM: Final = (
    "key",
    "digest",
    "post_id",
    "revision_id",
    "outcome",
    "file",
    "locale",
    "slug",
    "prefix",
    "suffix",
    "width",
    "series",
    "base",
    "source",
    "words",
    "metadata",
    "platforms",
    "queued_at",
    "first_taken",
    "last_taken",
    "meaning",
    "at",
)
_NOT_CLAIMED: Final = frozenset({"meaning", "at"})
"""Columns that only the read-back takes."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The articles that one batch publishes: of one stream, no two with the same key or the same explicit slug.

    Attributes:
        claim: unique name of this batch.
        run_kind: of the run that it belongs to.
        announces: whether the new posts are announced.
        actor: who started that run, as the audit table names them.
        now: UTC text; the time at which the articles are recorded and, unless they have another date, published.
        quota: how many articles of the stream, including these, may be recorded since `period_start`; None: any number.
        numbers: per series, the last known number and the width that it is padded to.
        by_file: whether the name of a file identifies its article; otherwise only its id and its text do.
        new_id: creates the id of a post, revision, term or byline.
        site: where the posts are, and where they are announced.
    """

    articles: Sequence[Article]
    claim: str
    run_id: str
    run_kind: str
    announces: bool
    actor: str
    now: str
    quota: int | None
    period_start: str
    numbers: Mapping[str, tuple[int, int]]
    by_file: bool
    new_id: Callable[[], str]
    site: PublicSite


def items(by_post: Sequence[tuple[str, Article]], batch: Batch) -> str:
    """The JSON that `claim`, `claimable` and `read_back` take: the articles, by the ids of their future posts."""
    rows = [_item(article, post, batch) for post, article in by_post]
    return compact_json(rows)


def _item(article: Article, post: str, batch: Batch) -> list[str | int | None]:
    base, width = batch.numbers.get(article.series or "", (0, 0))
    plan = article.plan
    item: dict[str, str | int | None] = {
        "key": article.key,
        "digest": article.digest,
        "post_id": post,
        "revision_id": batch.new_id(),
        "outcome": article.status,
        "file": article.file,
        "locale": article.locale,
        "slug": article.slug,
        "prefix": plan.prefix if plan else None,
        "suffix": plan.suffix if plan else None,
        "width": max(width, plan.min_width) if plan else None,
        "series": article.series,
        "base": base,
        "source": article.translation_of,
        "words": article.words,
        "metadata": article.metadata,
        "platforms": article.platforms,
        "queued_at": article.queued_at,
        # Everything that starts with the number and a separator has that number: '042-' up to '042.'.
        "first_taken": "-" if plan and plan.suffix else None,
        "last_taken": "." if plan and plan.suffix else None,
        "meaning": article.meaning,
        "at": article.publish_at if article.status == "scheduled" else None,
    }
    return [item[name] for name in _ITEM]


_ASKED: Final = ("key", "digest", "post_id", "file", "locale", "slug", "series", "source", "meaning", "at")
"""The columns of an item that the read-back takes. Each column makes the JSON larger."""


def _items_cte(name: str, columns: Sequence[str]) -> str:
    values = ", ".join(f"j.value ->> {_ITEM.index(column)} AS {column}" for column in columns)
    return f"{name} AS MATERIALIZED (SELECT j.key AS place, {values} FROM json_each(?1) AS j)"


def _source(layout: Layout, item: str) -> str:
    """The translation group of the post that an item translates: by id, by slug, or by the file's own id."""
    return f"""(
      SELECT coalesce(s.translation_group, s.id) FROM (
        SELECT id, translation_group, 1 AS rank FROM {layout.posts} WHERE id = {item}.source AND deleted_at IS NULL
        UNION ALL
        SELECT p.id, p.translation_group, 2 FROM publish_ledger AS k CROSS JOIN {layout.posts} AS p ON p.id = k.post_id
        WHERE k.key >= 'id:' || {item}.source || ':' AND k.key < 'id:' || {item}.source || ';'
          AND +p.deleted_at IS NULL
        UNION ALL
        SELECT id, translation_group, 3 FROM {layout.posts} WHERE slug = {item}.source AND +deleted_at IS NULL
          AND +locale <> {item}.locale
      ) AS s ORDER BY s.rank LIMIT 1)"""


def source_of_translation(layout: Layout, source: str, post_id: str, locale: str) -> Statement:
    """One row: the ``translation_group`` of the post that `source` names, and the ``owner`` of its locale there.

    Args:
        layout: of the store.
        source: id, slug, or its file's own id.
        post_id: of the post that is to be its translation, which does not count as an owner.
        locale: of that post.
    """
    taken = _translated(layout, "f.translation_group", "?3")
    sql = f"""
    WITH w AS (SELECT ?1 AS source, ?3 AS locale),
    f AS (SELECT {_source(layout, "w")} AS translation_group FROM w)
    SELECT f.translation_group, ({taken} AND +t.id <> ?2) AS owner FROM f"""
    return Statement(sql, (source, post_id, locale))


def groups_of(layout: Layout, sources: Sequence[tuple[str | None, str]]) -> Statement:
    """Rows (source, locale, found, owner): the translation group of the post that each text names, for that locale.

    ``owner`` is the post that the group already has in that locale.
    """
    asked = "SELECT j.value ->> 0 AS source, j.value ->> 1 AS locale FROM json_each(?1) AS j"
    sql = f"""
    WITH found AS MATERIALIZED (
      SELECT w.source, w.locale, {_source(layout, "w")} AS found FROM ({asked}) AS w
    )
    SELECT f.source, f.locale, f.found, ({_translated(layout, "f.found", "f.locale")} LIMIT 1) AS owner
    FROM found AS f"""
    return Statement(sql, (json.dumps(sources),))


def _translated(layout: Layout, group: str, locale: str) -> str:
    """The post that a translation group has in a locale. Newer versions of EmDash allow only one."""
    return (
        f"SELECT t.id FROM {layout.posts} AS t"
        f" WHERE t.translation_group = {group} AND +t.locale = {locale} AND +t.deleted_at IS NULL"
    )


_RECORDED: Final = "(SELECT count(*) FROM publish_ledger WHERE stream = {stream} AND recorded_at >= {since})"


_IS_ID: Final = "substr(w.key, 1, 3) = 'id:'"


_POST_OF_KEY: Final = (
    "coalesce((SELECT k.post_id FROM publish_ledger AS k WHERE k.key = w.key),"
    " (SELECT a.post_id FROM publish_keys AS a WHERE a.key = w.key))"
)
"""SQL: the post whose ledger key, or one of whose other keys, is the item's key."""


def _post_of_file(posts: str, stream: str) -> str:
    """SQL: the last post that came from the file of that name. A file that now has an id had none before.

    A new id also asks for a new post in place of a deleted one.
    """
    return f"""(
      SELECT q.post_id FROM publish_ledger AS q
      WHERE q.file = w.file AND q.stream = {stream} AND +q.locale = w.locale AND instr(q.key, '#retired-') = 0
        AND (NOT {_IS_ID} OR (substr(q.key, 1, 3) <> 'id:' AND EXISTS (
          SELECT 1 FROM {posts} AS p WHERE p.id = q.post_id AND p.deleted_at IS NULL)))
      ORDER BY q.recorded_at DESC LIMIT 1)"""


def _is_new(layout: Layout, stream: str, *, by_file: bool) -> str:
    """SQL: nothing shows that the item w was published before."""
    return f"{_POST_OF_KEY} IS NULL" + (f" AND {_post_of_file(layout.posts, stream)} IS NULL" if by_file else "")


def _known(layout: Layout, stream: str, *, by_file: bool) -> str:
    """SQL, two CTEs: for each item, the post that it belongs to, and whether that post came from the same file.

    The id decides; otherwise a text that a post has now, then the file, then a text that a post had earlier.
    """
    if not by_file:
        return f"""
    known AS MATERIALIZED (
      SELECT w.*, {_POST_OF_KEY} AS known_as, {_IS_ID} AS same_file FROM asked AS w
    )"""
    return f"""
    keyed AS MATERIALIZED (
      SELECT w.*, {_IS_ID} AS by_id, {_POST_OF_KEY} AS of_key, {_post_of_file(layout.posts, stream)} AS of_file
      FROM asked AS w
    ),
    known AS MATERIALIZED (
      SELECT f.*, f.by_id AND f.known_as = f.of_key OR f.known_as = f.of_file AS same_file FROM (
        SELECT w.*, CASE
            WHEN w.by_id OR (SELECT t.digest FROM publish_ledger AS t WHERE t.post_id = w.of_key) = w.digest
              THEN coalesce(w.of_key, w.of_file)
            ELSE coalesce(w.of_file, w.of_key) END AS known_as
        FROM keyed AS w
      ) AS f
    )"""


@lru_cache(maxsize=8)
def claim(layout: Layout, *, by_file: bool) -> str:
    """Enter the publishable articles into the ledger; parameters as for `claimable`."""
    return f"""
    INSERT INTO publish_ledger (key, digest, post_id, revision_id, translation_group, outcome, stream, file, locale,
      slug, series, number, words, metadata, platforms, queued_at, recorded_at, run_id, claim)
    {claimable(layout, by_file=by_file)}"""


@lru_cache(maxsize=8)
def claimable(layout: Layout, *, by_file: bool) -> str:
    """?1 items, ?2 stream, ?3 now, ?4 run, ?5 claim, ?6 quota, ?7 start of the period."""
    recorded = _RECORDED.format(stream="?2", since="?7")
    highest = "coalesce((SELECT max(k.number) FROM publish_ledger AS k WHERE k.series = w.series), 0)"
    return f"""
    WITH {_items_cte("item", [column for column in _ITEM if column not in _NOT_CLAIMED])},
    fresh AS MATERIALIZED (
      SELECT w.*, CASE WHEN w.source IS NULL THEN w.post_id ELSE {_source(layout, "w")} END AS translation_group
      FROM item AS w WHERE {_is_new(layout, "?2", by_file=by_file)}
    ),
    able AS MATERIALIZED (
      SELECT f.* FROM fresh AS f WHERE f.translation_group IS NOT NULL
        AND (f.source IS NULL OR NOT EXISTS ({_translated(layout, "f.translation_group", "f.locale")}))
        AND (f.slug IS NULL OR NOT EXISTS (
          SELECT 1 FROM {layout.posts} AS p WHERE p.slug = f.slug AND p.locale = f.locale))
    ),
    numbered AS MATERIALIZED (
      SELECT w.*, row_number() OVER (ORDER BY w.place) AS turn,
        CASE WHEN w.series IS NOT NULL THEN
          max(w.base, {highest}) + row_number() OVER (PARTITION BY w.series ORDER BY w.place) END AS number
      FROM able AS w
    ),
    named AS MATERIALIZED (
      SELECT n.*, coalesce(n.slug, n.prefix || printf('%0*d', n.width, n.number) || n.suffix) AS final_slug,
        n.prefix || printf('%0*d', n.width, n.number) AS stem
      FROM numbered AS n
    )
    SELECT n.key, n.digest, n.post_id, n.revision_id, n.translation_group, n.outcome, ?2, n.file, n.locale,
      n.final_slug AS slug, n.series, n.number, n.words, n.metadata, n.platforms, n.queued_at, ?3, ?4, ?5
    FROM named AS n
    WHERE (n.series IS NULL OR (
        NOT EXISTS (SELECT 1 FROM {layout.posts} AS p WHERE p.slug = n.final_slug AND +p.locale = n.locale)
        AND NOT EXISTS (SELECT 1 FROM {layout.posts} AS p WHERE n.first_taken IS NOT NULL AND +p.locale = n.locale
          AND p.slug >= n.stem || n.first_taken AND p.slug < n.stem || n.last_taken)))
      AND (?6 IS NULL OR n.turn <= CAST(?6 AS INTEGER) - {recorded})
    ORDER BY n.place"""


# An export contains everything that the post had, so exports can only be compared with one another.
_SAYS_THE_SAME: Final = """(s.post_id IS NULL OR w.meaning LIKE 'exported:%'
      OR s.digest LIKE 'exported:%' AND w.meaning NOT LIKE 'edited:%'
      OR s.digest = w.meaning AND (w.at IS NULL OR s.said ->> '$.at' IS w.at))"""


@lru_cache(maxsize=8)
def read_back(layout: Layout, *, by_file: bool) -> str:
    """?1 items, ?2 stream, ?3 quota, ?4 start of the period.

    ``source_came``: the claim did not see the source, because the same batch wrote it. ``changed``: the same file has
    other content now, even if only its fields changed; for another file, only the text counts. ``requeued``: its post
    was taken back, and somebody wants it published again.
    """
    in_group = _translated(layout, "w.source_group", "w.locale")
    recorded = _RECORDED.format(stream="?2", since="?4")
    return f"""
    WITH {_items_cte("asked", _ASKED)}, {_known(layout, "?2", by_file=by_file)},
    item AS MATERIALIZED (
      SELECT w.*, CASE WHEN w.source IS NOT NULL THEN {_source(layout, "w")} END AS source_group FROM known AS w
    )
    SELECT CASE
        WHEN l.post_id = w.post_id THEN CASE WHEN r.id IS NULL THEN 'incomplete' ELSE 'done' END
        WHEN s.digest LIKE '{REQUEUED}%' AND p.deleted_at IS NULL AND p.id IS NOT NULL THEN 'requeued'
        WHEN l.digest = w.digest AND (NOT w.same_file OR {_SAYS_THE_SAME}) THEN 'duplicate'
        WHEN w.same_file AND l.key IS NOT NULL THEN 'changed'
        WHEN l.key IS NOT NULL THEN 'duplicate'
        WHEN w.source IS NOT NULL AND w.source_group IS NULL THEN 'waits_for_source'
        WHEN o.id IS NOT NULL THEN 'slug_taken'
        WHEN w.source IS NOT NULL AND ({in_group}) IS NOT NULL THEN 'translated'
        WHEN ?3 IS NOT NULL AND {recorded} >= CAST(?3 AS INTEGER) THEN 'over_quota'
        WHEN w.source IS NOT NULL THEN 'source_came'
        WHEN w.series IS NOT NULL THEN 'number_taken'
        ELSE 'refused' END AS state,
      l.post_id, l.file, l.stream, l.outcome, l.recorded_at, l.slug AS published_as, p.slug AS slug_now,
      p.status, p.deleted_at IS NOT NULL AS trashed, p.id IS NULL AS gone,
      (SELECT k.file FROM publish_ledger AS k WHERE k.post_id = o.id) AS owner_file,
      coalesce(o.id, CASE WHEN w.source IS NOT NULL THEN ({in_group}) END) AS owner_id, o.slug AS owner_slug,
      (SELECT max(n.number) FROM publish_ledger AS n WHERE n.series = w.series) AS highest,
      l.key AS known_key, s.updated_at AS file_updated_at
    FROM item AS w
    LEFT JOIN publish_ledger AS l ON l.post_id = w.known_as
    LEFT JOIN {layout.posts} AS p ON p.id = l.post_id
    LEFT JOIN revisions AS r ON r.id = l.revision_id AND r.entry_id = l.post_id
    LEFT JOIN publish_sources AS s ON s.post_id = CASE WHEN l.post_id <> w.post_id THEN l.post_id END
    LEFT JOIN {layout.posts} AS o ON o.slug = w.slug AND o.locale = w.locale
    ORDER BY w.place"""


_CANDIDATES: Final = 1000
"""The maximum number of slugs that look numbered but may not be (`3d-printing`) before the last one of the series."""


def known_locales(names: FieldNames) -> Statement:
    """Rows (locale) of the locales of posts: one index step for each, however many posts there are."""
    least = f"SELECT min(p.locale) FROM {names.table} AS p WHERE p.deleted_at IS NULL"
    return Statement(f"""
    WITH RECURSIVE found (locale) AS (
      {least} UNION ALL SELECT ({least} AND p.locale > f.locale) FROM found AS f WHERE f.locale IS NOT NULL
    ) SELECT locale FROM found WHERE locale IS NOT NULL""")


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
