"""The batch that publishes a group of articles, exactly once.

The ledger row is the claim. It is written first, set-based, and decides everything: whether the key is
new, which number the slug gets, whether the slug is free and whether the stream's quota still allows it.
Every later statement is driven by the rows that this very batch has claimed, so a repeated batch, which
can claim nothing, changes nothing. The last but one statement gives up the claims; no other reader ever
sees one, since the batch is atomic.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.ports import Statement
from emdash_cli.store import attachments

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
        now: UTC text; when the articles are recorded and, unless they say otherwise, published.
        quota: how many articles the stream may have recorded since `period_start`, with these; None: any number.
        numbers: per series, the last number known and the width that it is padded to.
        new_id: makes the id of a post, revision, term or byline.
    """

    articles: Sequence[Article]
    claim: str
    run_id: str
    now: str
    quota: int | None
    period_start: str
    numbers: Mapping[str, tuple[int, int]]
    new_id: Callable[[], str]


def publish_group(layout: Layout, group: Group) -> list[Statement]:
    """The statements of the batch; the rows of the last one say what happened, one for each article, in order.

    Each row has ``state`` (done, duplicate, id_reused, waits_for_source, over_quota, number_taken, slug_taken,
    refused), and of the post that has the key or the slug: ``post_id``, ``file``, ``stream``, ``recorded_at``,
    ``published_as``, ``slug_now``, ``status``, ``trashed``, ``owner_id``, ``owner_title``, ``highest``.
    """
    posts = [group.new_id() for _ in group.articles]
    by_post = list(zip(posts, group.articles, strict=True))
    wishes = _json([_wish(article, post, group) for post, article in by_post])
    first = group.articles[0]
    of_stream = (first.stream, group.now, group.run_id, group.claim, group.quota, group.period_start)
    claim = (group.claim,)
    statements = [_REVISION_FOLLOWS, Statement(_claim(layout), (wishes, *of_stream))]
    statements += attachments.bylines(by_post, group.claim, group.now, group.new_id)
    statements += [Statement(_post(layout), _post_values(layout, article, post, group)) for post, article in by_post]
    statements.append(Statement(_revisions(layout), claim))
    statements += attachments.credits(layout, by_post, group.claim)
    statements += attachments.terms(layout, by_post, group.claim, group.new_id)
    statements += attachments.seo(layout, by_post, group.claim)
    if any(article.status == "scheduled" for article in group.articles):
        statements.append(Statement(_locks(layout), (group.claim, group.now)))
    if layout.has_prune_queue:
        statements.append(Statement(_prune_queue(layout), claim))
    return [
        *statements,
        Statement(_give_up(layout), claim),
        Statement("UPDATE publish_ledger SET claim = NULL WHERE claim = ?1", claim),
        Statement(_read_back(layout), (wishes, first.stream, group.quota, group.period_start)),
    ]


def preview_group(layout: Layout, group: Group) -> tuple[Statement, Statement]:
    """Two reads that tell what `publish_group` would do: the rows that it would claim, and the read-back before it."""
    wishes = _json([_wish(article, group.new_id(), group) for article in group.articles])
    stream = group.articles[0].stream
    of_stream = (stream, group.now, group.run_id, group.claim, group.quota, group.period_start)
    return (
        Statement(_claimable(layout), (wishes, *of_stream)),
        Statement(_read_back(layout), (wishes, stream, group.quota, group.period_start)),
    )


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


def _wishes_cte() -> str:
    columns = ", ".join(f"j.value ->> {place} AS {name}" for place, name in enumerate(_WISH))
    return f"wish AS MATERIALIZED (SELECT j.key AS place, {columns} FROM json_each(?1) AS j)"


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


_RECORDED: Final = "(SELECT count(*) FROM publish_ledger WHERE stream = {stream} AND recorded_at >= {since})"


@lru_cache(maxsize=8)
def _claim(layout: Layout) -> str:
    return f"""
    INSERT INTO publish_ledger (key, digest, post_id, revision_id, translation_group, outcome, stream, file, locale,
      slug, series, number, words, metadata, platforms, queued_at, recorded_at, run_id, claim)
    {_claimable(layout)}"""


@lru_cache(maxsize=8)
def _claimable(layout: Layout) -> str:
    """?1 wishes, ?2 stream, ?3 now, ?4 run, ?5 claim, ?6 quota, ?7 start of the period."""
    recorded = _RECORDED.format(stream="?2", since="?7")
    highest = "coalesce((SELECT max(k.number) FROM publish_ledger AS k WHERE k.series = w.series), 0)"
    return f"""
    WITH {_wishes_cte()},
    fresh AS MATERIALIZED (
      SELECT w.*, CASE WHEN w.source IS NULL THEN w.post_id ELSE {_source(layout, "w")} END AS translation_group
      FROM wish AS w WHERE NOT EXISTS (SELECT 1 FROM publish_ledger AS k WHERE k.key = w.key)
    ),
    able AS MATERIALIZED (
      SELECT f.* FROM fresh AS f WHERE f.translation_group IS NOT NULL
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


# The three steps are post, revision, set live. Setting the pointer with an UPDATE would write the text a second
# time and make EmDash index it again (twice the cost on 0.32), so the post names its revision at once: the
# foreign key is checked when the batch ends, and a post without its revision cannot be committed.
_REVISION_FOLLOWS: Final = Statement("PRAGMA defer_foreign_keys = on")
_POST_COLUMNS: Final = (
    "author_id, primary_byline_id, created_at, updated_at, published_at, scheduled_at, version,"
    " live_revision_id, draft_revision_id"
)


@lru_cache(maxsize=8)
def _post(layout: Layout) -> str:
    """?1 post, ?2 claim, ?3 author, ?4 published_at, ?5 scheduled_at, ?6 title, ?7 content, then what else is there."""
    names = layout.names
    optional = _optional_fields(layout)
    columns = "".join(f", {name}" for name in optional)
    values = "".join(f", ?{place}" for place in range(8, 8 + len(optional)))
    return f"""
    INSERT INTO {layout.posts} (id, slug, status, {_POST_COLUMNS}, locale, translation_group,
      {names.title}, {names.content}{columns})
    SELECT l.post_id, l.slug, l.outcome,
      CASE WHEN ?3 IS NOT NULL THEN (SELECT u.id FROM users AS u WHERE u.email = ?3) END,
      CASE WHEN ?3 IS NOT NULL THEN {attachments.byline_named("?3", "l.locale")} END,
      l.recorded_at, l.recorded_at, ?4, ?5, 1,
      CASE WHEN l.outcome = 'published' THEN l.revision_id END,
      CASE WHEN l.outcome <> 'published' THEN l.revision_id END, l.locale, l.translation_group, ?6, ?7{values}
    FROM publish_ledger AS l WHERE l.post_id = ?1 AND +l.claim = ?2
    ON CONFLICT DO NOTHING"""


def _optional_fields(layout: Layout) -> dict[str, str]:
    """Fields that a site may lack, by the column's name: the attribute of the article that fills it."""
    names = layout.names
    excerpt = {names.excerpt: "excerpt"} if layout.has_excerpt else {}
    return excerpt | ({names.featured_image: "image"} if layout.has_featured_image else {})


def _post_values(layout: Layout, article: Article, post_id: str, group: Group) -> tuple[str | None, ...]:
    live = article.status == "published"
    return (
        *(post_id, group.claim, article.author),
        (article.publish_at or group.now) if live else None,
        article.publish_at if article.status == "scheduled" else None,
        *(article.title, article.content),
        *(getattr(article, attribute) for attribute in _optional_fields(layout).values()),
    )


_CLAIMED: Final = "publish_ledger AS l CROSS JOIN {posts} AS p ON p.id = l.post_id WHERE l.claim = ?1"


@lru_cache(maxsize=8)
def _revisions(layout: Layout) -> str:
    """?1 claim. Its id was given by the claim. The text is copied from the post, so that it travels once."""
    names = layout.names
    text = f"""',"{names.content}":' || p.{names.content}"""
    data = f"""'{{"{names.title}":' || json_quote(p.{names.title}) || {text}"""
    if layout.has_excerpt:
        data += f"""|| coalesce(',"{names.excerpt}":' || json_quote(p.{names.excerpt}), '')"""
    if layout.has_featured_image:
        data += f"""|| coalesce(',"{names.featured_image}":' || p.{names.featured_image}, '')"""
    return f"""
    INSERT INTO revisions (id, collection, entry_id, data, author_id)
    SELECT l.revision_id, '{names.collection}', p.id, {data} || '}}', p.author_id
    FROM {_CLAIMED.format(posts=layout.posts)}"""


@lru_cache(maxsize=8)
def _locks(layout: Layout) -> str:
    """?1 claim, ?2 now. What is scheduled from the queue counts as reviewed as it stands in its file."""
    return f"""
    INSERT INTO schedule_locks (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at)
    SELECT l.post_id, l.revision_id, l.slug, r.data, p.scheduled_at, 'publish-queue', ?2
    FROM publish_ledger AS l CROSS JOIN revisions AS r ON r.id = l.revision_id
      CROSS JOIN {layout.posts} AS p ON p.id = l.post_id
    WHERE l.claim = ?1 AND l.outcome = 'scheduled'"""


@lru_cache(maxsize=8)
def _prune_queue(layout: Layout) -> str:
    """?1 claim. EmDash from migration 059 on looks here for entries whose revisions it may prune."""
    return f"""
    INSERT INTO _emdash_revision_prune_queue (collection, entry_id, revision_id)
    SELECT '{layout.names.collection}', l.post_id, l.revision_id FROM {_CLAIMED.format(posts=layout.posts)}
    ON CONFLICT (collection, entry_id) DO UPDATE SET revision_id = excluded.revision_id"""


@lru_cache(maxsize=8)
def _give_up(layout: Layout) -> str:
    """?1 claim. A unique index of a newer EmDash may have kept a post out: then nothing was published."""
    return f"""
    DELETE FROM publish_ledger WHERE claim = ?1
      AND NOT EXISTS (SELECT 1 FROM {layout.posts} AS p WHERE p.id = publish_ledger.post_id)"""


@lru_cache(maxsize=8)
def _read_back(layout: Layout) -> str:
    """?1 wishes, ?2 stream, ?3 quota, ?4 start of the period."""
    recorded = _RECORDED.format(stream="?2", since="?4")
    return f"""
    WITH {_wishes_cte()}
    SELECT CASE
        WHEN l.post_id = w.post_id THEN CASE WHEN r.id IS NULL THEN 'incomplete' ELSE 'done' END
        WHEN l.digest = w.digest THEN 'duplicate'
        WHEN l.key IS NOT NULL THEN 'id_reused'
        WHEN w.source IS NOT NULL AND {_source(layout, "w")} IS NULL THEN 'waits_for_source'
        WHEN o.id IS NOT NULL THEN 'slug_taken'
        WHEN ?3 IS NOT NULL AND {recorded} >= CAST(?3 AS INTEGER) THEN 'over_quota'
        WHEN w.series IS NOT NULL THEN 'number_taken'
        ELSE 'refused' END AS state,
      l.post_id, l.file, l.stream, l.outcome, l.recorded_at, l.slug AS published_as, p.slug AS slug_now,
      p.status, p.deleted_at IS NOT NULL AS trashed, p.id IS NULL AS gone, o.id AS owner_id, o.slug AS owner_slug,
      (SELECT max(n.number) FROM publish_ledger AS n WHERE n.series = w.series) AS highest
    FROM wish AS w
    LEFT JOIN publish_ledger AS l ON l.key = w.key
    LEFT JOIN {layout.posts} AS p ON p.id = l.post_id
    LEFT JOIN revisions AS r ON r.id = l.revision_id AND r.entry_id = l.post_id
    LEFT JOIN {layout.posts} AS o ON o.slug = w.slug AND o.locale = w.locale
    ORDER BY w.place"""


def _json(rows: object) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
