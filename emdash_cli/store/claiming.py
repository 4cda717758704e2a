"""The claim: which articles of a group may be published, under which slugs; and what became of all of them.

One statement decides whether a key is new, which number a slug gets, whether the slug is free and whether the
stream's quota still allows it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.store.layout import Layout

# In the order of the positions in a row of the JSON that the claim and the read-back take.
_WISH: Final = (
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
)


@dataclass(frozen=True, slots=True)
class Group:
    """What one batch publishes: articles of one stream, no two with the same key or the same explicit slug.

    Attributes:
        claim: names this batch; unique.
        run_kind: of the run that it belongs to.
        actor: how the audit table names whoever started that.
        now: UTC text; when the articles are recorded and, unless they say otherwise, published.
        quota: how many articles the stream may have recorded since `period_start`, with these; None: any number.
        numbers: per series, the last number known and the width that it is padded to.
        new_id: makes the id of a post, revision, term or byline.
    """

    articles: Sequence[Article]
    claim: str
    run_id: str
    run_kind: str
    actor: str
    now: str
    quota: int | None
    period_start: str
    numbers: Mapping[str, tuple[int, int]]
    new_id: Callable[[], str]


def wishes(by_post: Sequence[tuple[str, Article]], group: Group) -> str:
    """The JSON that `claim`, `claimable` and `read_back` take: what is wished for, by the post ids to be."""
    rows = [_wish(article, post, group) for post, article in by_post]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _wish(article: Article, post: str, group: Group) -> list[str | int | None]:
    base, width = group.numbers.get(article.series or "", (0, 0))
    plan = article.plan
    wish: dict[str, str | int | None] = {
        "key": article.key,
        "digest": article.digest,
        "post_id": post,
        "revision_id": group.new_id(),
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
        # Everything that begins with the number and a separator is of that number: '042-' up to '042.'.
        "first_taken": "-" if plan and plan.suffix else None,
        "last_taken": "." if plan and plan.suffix else None,
    }
    return [wish[name] for name in _WISH]


_ASKED: Final = ("key", "digest", "post_id", "locale", "slug", "series", "source")
"""What the read-back takes of a wish: each column costs its share of the JSON."""


def _wishes_cte(name: str, columns: Sequence[str]) -> str:
    values = ", ".join(f"j.value ->> {_WISH.index(column)} AS {column}" for column in columns)
    return f"{name} AS MATERIALIZED (SELECT j.key AS place, {values} FROM json_each(?1) AS j)"


def _source(layout: Layout, wish: str) -> str:
    """The translation group of the post that a wish translates: by id, by slug, or by the file's own id."""
    return f"""(
      SELECT coalesce(s.translation_group, s.id) FROM (
        SELECT id, translation_group, 1 AS rank FROM {layout.posts} WHERE id = {wish}.source AND deleted_at IS NULL
        UNION ALL
        SELECT p.id, p.translation_group, 2 FROM publish_ledger AS k JOIN {layout.posts} AS p ON p.id = k.post_id
        WHERE k.key >= 'id:' || {wish}.source || ':' AND k.key < 'id:' || {wish}.source || ';'
          AND +p.deleted_at IS NULL
        UNION ALL
        SELECT id, translation_group, 3 FROM {layout.posts} WHERE slug = {wish}.source AND +deleted_at IS NULL
          AND +locale <> {wish}.locale
      ) AS s ORDER BY s.rank LIMIT 1)"""


def source_of_translation(layout: Layout, source: str, post_id: str, locale: str) -> Statement:
    """One row: the ``translation_group`` of the post that `source` names, and the ``owner`` that has its locale there.

    Args:
        layout: of the store.
        source: id, slug or its file's own id.
        post_id: of the post that is to be its translation; it is nobody's owner.
        locale: of that post.
    """
    taken = _translated(layout, "f.translation_group", "?3")
    sql = f"""
    WITH w AS (SELECT ?1 AS source, ?3 AS locale),
    f AS (SELECT {_source(layout, "w")} AS translation_group FROM w)
    SELECT f.translation_group, ({taken} AND +t.id <> ?2) AS owner FROM f"""
    return Statement(sql, (source, post_id, locale))


def _translated(layout: Layout, group: str, locale: str) -> str:
    """The post that a translation group has in a locale; newer versions of EmDash allow one."""
    return (
        f"SELECT t.id FROM {layout.posts} AS t"
        f" WHERE t.translation_group = {group} AND +t.locale = {locale} AND +t.deleted_at IS NULL"
    )


_RECORDED: Final = "(SELECT count(*) FROM publish_ledger WHERE stream = {stream} AND recorded_at >= {since})"


@lru_cache(maxsize=8)
def claim(layout: Layout) -> str:
    """Enter what can be published into the ledger; parameters as `claimable`."""
    return f"""
    INSERT INTO publish_ledger (key, digest, post_id, revision_id, translation_group, outcome, stream, file, locale,
      slug, series, number, words, metadata, platforms, queued_at, recorded_at, run_id, claim)
    {claimable(layout)}"""


@lru_cache(maxsize=8)
def claimable(layout: Layout) -> str:
    """?1 wishes, ?2 stream, ?3 now, ?4 run, ?5 claim, ?6 quota, ?7 start of the period."""
    recorded = _RECORDED.format(stream="?2", since="?7")
    highest = "coalesce((SELECT max(k.number) FROM publish_ledger AS k WHERE k.series = w.series), 0)"
    return f"""
    WITH {_wishes_cte("wish", _WISH)},
    fresh AS MATERIALIZED (
      SELECT w.*, CASE WHEN w.source IS NULL THEN w.post_id ELSE {_source(layout, "w")} END AS translation_group
      FROM wish AS w WHERE NOT EXISTS (SELECT 1 FROM publish_ledger AS k WHERE k.key = w.key)
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


@lru_cache(maxsize=8)
def read_back(layout: Layout) -> str:
    """?1 wishes, ?2 stream, ?3 quota, ?4 start of the period.

    ``source_came``: the claim did not see the source yet, since it came with the same batch.
    """
    in_group = _translated(layout, "w.source_group", "w.locale")
    recorded = _RECORDED.format(stream="?2", since="?4")
    return f"""
    WITH {_wishes_cte("asked", _ASKED)}, wish AS MATERIALIZED (
      SELECT w.*, CASE WHEN w.source IS NOT NULL THEN {_source(layout, "w")} END AS source_group FROM asked AS w
    )
    SELECT CASE
        WHEN l.post_id = w.post_id THEN CASE WHEN r.id IS NULL THEN 'incomplete' ELSE 'done' END
        WHEN l.digest = w.digest THEN 'duplicate'
        WHEN l.key IS NOT NULL THEN 'id_reused'
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
      (SELECT max(n.number) FROM publish_ledger AS n WHERE n.series = w.series) AS highest
    FROM wish AS w
    LEFT JOIN publish_ledger AS l ON l.key = w.key
    LEFT JOIN {layout.posts} AS p ON p.id = l.post_id
    LEFT JOIN revisions AS r ON r.id = l.revision_id AND r.entry_id = l.post_id
    LEFT JOIN {layout.posts} AS o ON o.slug = w.slug AND o.locale = w.locale
    ORDER BY w.place"""
