"""The batch that publishes a group of articles, exactly once.

The ledger row is the claim. It is written first, set-based, and decides everything: whether the key is new, which
number the slug gets, whether the slug is free and whether the stream's quota still allows it. Every later statement is
driven by the rows that this batch has claimed, so a repeated batch, which can claim nothing, changes nothing. The last
statement but one releases the claims. No other reader ever sees a claim, since the batch is atomic.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.article import compact_json
from emdash_cli.domain.ports import Statement
from emdash_cli.publishing.sql import claiming
from emdash_cli.store import attachments
from emdash_cli.store.changes import as_queued
from emdash_cli.store.session import actor_of_run
from emdash_cli.store.went_live import notified, published, stamped, went_live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.publishing.sql.claiming import Batch
    from emdash_cli.store.layout import Layout


def publish_group(layout: Layout, batch: Batch) -> list[Statement]:
    """The statements of the batch. The rows of the last one report the result of each article, in order.

    Each row has ``state`` (done, duplicate, changed, waits_for_source, source_came, translated, over_quota,
    number_taken, slug_taken, refused) and, for the post that has the key or the slug, ``post_id``, ``file``,
    ``stream``, ``recorded_at``, ``published_as``, ``slug_now``, ``status``, ``trashed``, ``gone``, ``owner_id`` and
    ``owner_slug``. ``highest`` is the highest number of its series, ``known_key`` the key of the post in the ledger,
    and ``file_updated_at`` the time of the last update from its file.
    """
    posts = [batch.new_id() for _ in batch.articles]
    by_post = list(zip(posts, batch.articles, strict=True))
    items = claiming.items(by_post, batch)
    first = batch.articles[0]
    of_stream = (first.stream, batch.now, batch.run_id, batch.claim, batch.quota, batch.period_start)
    claim = (batch.claim,)
    statements = [_REVISION_FOLLOWS, Statement(claiming.claim(layout, by_file=batch.by_file), (items, *of_stream))]
    statements += attachments.bylines(by_post, batch.claim, batch.now, batch.new_id)
    statements += _posts(layout, by_post, batch)
    statements.append(Statement(_revisions(layout), claim))
    statements += attachments.credits(layout, by_post, batch.claim)
    statements += attachments.terms(layout, by_post, batch.claim, batch.new_id)
    statements += attachments.seo(layout, by_post, batch.claim)
    if any(article.status == "scheduled" for article in batch.articles):
        statements.append(Statement(_locks(layout), (batch.claim, batch.now)))
    expiring = [[post, article.expires_at] for post, article in by_post if article.expires_at]
    if expiring:
        statements.append(Statement(_EXPIRIES, (compact_json(expiring), batch.claim, batch.actor, batch.now)))
    changes = published(batch.claim, is_import=not batch.announces)
    return [
        *statements,
        Statement(_give_up(layout), claim),
        *went_live(layout, changes, batch.now, batch.site, "a.outcome = 'published'"),
        *stamped(layout, changes, "1"),
        *notified(layout, changes, batch.now, () if changes.are_imported else batch.site.lanes),
        Statement(_SOURCES, (_sources(by_post), batch.claim)),
        Statement(
            actor_of_run("SELECT 1 FROM publish_ledger WHERE claim = ?5"),
            (batch.run_id, batch.now, batch.actor, batch.run_kind, batch.claim),
        ),
        Statement("UPDATE publish_ledger SET claim = NULL WHERE claim = ?1", claim),
        Statement(
            claiming.read_back(layout, by_file=batch.by_file), (items, first.stream, batch.quota, batch.period_start)
        ),
    ]


def preview_group(layout: Layout, batch: Batch) -> tuple[Statement, Statement]:
    """Two reads that preview `publish_group`: the rows that it would claim, and the read-back before it."""
    items = claiming.items([(batch.new_id(), article) for article in batch.articles], batch)
    stream = batch.articles[0].stream
    of_stream = (stream, batch.now, batch.run_id, batch.claim, batch.quota, batch.period_start)
    return (
        Statement(claiming.claimable(layout, by_file=batch.by_file), (items, *of_stream)),
        Statement(claiming.read_back(layout, by_file=batch.by_file), (items, stream, batch.quota, batch.period_start)),
    )


# The three steps are post, revision, set live. Setting the reference with an UPDATE would write the text a second
# time and make EmDash index it again (twice the cost on 0.32), so the post names its revision at once: the foreign
# key is checked when the batch ends, and a post without its revision cannot be committed.
_REVISION_FOLLOWS: Final = Statement("PRAGMA defer_foreign_keys = on")
_POST_COLUMNS: Final = (
    "author_id, primary_byline_id, created_at, updated_at, published_at, scheduled_at, version,"
    " live_revision_id, draft_revision_id"
)


# D1 allows 100 parameters, and a post has up to 12. SQLite keeps a copy of each page that a statement changes, in case
# it fails, so a statement for each post would copy the ends of all indexes a hundred times.
_POSTS_AT_ONCE: Final = 8
_ALWAYS_THERE: Final = 10
"""How many values a post of any layout has."""


def _posts(layout: Layout, by_post: Sequence[tuple[str, Article]], batch: Batch) -> list[Statement]:
    statements = []
    for first in range(0, len(by_post), _POSTS_AT_ONCE):
        rows = [_post_values(layout, article, post, batch) for post, article in by_post[first : first + _POSTS_AT_ONCE]]
        statements.append(Statement(_insert_posts(layout, len(rows)), (batch.claim, *chain.from_iterable(rows))))
    return statements


@lru_cache(maxsize=16)
def _insert_posts(layout: Layout, count: int) -> str:
    """?1 claim, then the `_post_values` of each post."""
    names = layout.names
    optional = _optional_fields(layout)
    columns = "".join(f", {name}" for name in optional)
    width = _ALWAYS_THERE + len(optional)
    rows = ", ".join(
        f"({', '.join(f'?{place}' for place in range(start, start + width))})"
        for start in range(2, 2 + count * width, width)
    )
    values = "".join(f", v.column{place}" for place in range(_ALWAYS_THERE + 1, width + 1))
    by = attachments.Credit("v.column2", "v.column3", "v.column4", "v.column5")
    return f"""
    INSERT INTO {layout.posts} (id, slug, status, {_POST_COLUMNS}, locale, translation_group,
      {names.title}, {names.content}{columns})
    SELECT l.post_id, l.slug, l.outcome,
      CASE WHEN v.column6 IS NOT NULL THEN (SELECT u.id FROM users AS u WHERE u.id = v.column6) END,
      CASE WHEN coalesce(v.column2, v.column3) IS NOT NULL THEN {attachments.byline_of(by, "l.locale")} END,
      l.recorded_at, l.recorded_at, v.column7, v.column8, 1,
      CASE WHEN l.outcome = 'published' THEN l.revision_id END,
      CASE WHEN l.outcome <> 'published' THEN l.revision_id END, l.locale, l.translation_group,
      v.column9, v.column10{values}
    FROM (VALUES {rows}) AS v CROSS JOIN publish_ledger AS l ON l.post_id = v.column1 AND +l.claim = ?1
    WHERE 1 ON CONFLICT DO NOTHING"""


def _optional_fields(layout: Layout) -> dict[str, str]:
    """Fields that a site may lack, by column name: the attribute of the article with the value."""
    names = layout.names
    excerpt = {names.excerpt: "excerpt"} if layout.has_excerpt else {}
    return excerpt | ({names.featured_image: "image"} if layout.has_featured_image else {})


def _post_values(layout: Layout, article: Article, post_id: str, batch: Batch) -> tuple[str | None, ...]:
    """The post's id, the four values of its `Credit`, its owner, two dates, title and content; then optional fields."""
    live = article.status == "published"
    return (
        *(post_id, *attachments.credit(article.author)),
        (article.author.owner or article.author.user_id) if article.author else None,
        (article.publish_at or batch.now) if live else None,
        article.publish_at if article.status == "scheduled" else None,
        *(article.title, article.content),
        *(getattr(article, attribute) for attribute in _optional_fields(layout).values()),
    )


_CLAIMED: Final = "publish_ledger AS l CROSS JOIN {posts} AS p ON p.id = l.post_id WHERE l.claim = ?1"


@lru_cache(maxsize=8)
def _revisions(layout: Layout) -> str:
    """?1 claim, which also assigned the revision's id. The text is copied from the post, so it is sent only once."""
    return f"""
    INSERT INTO revisions (id, collection, entry_id, data, author_id)
    SELECT l.revision_id, '{layout.names.collection}', p.id, {as_queued(layout, "p")}, p.author_id
    FROM {_CLAIMED.format(posts=layout.posts)}"""


@lru_cache(maxsize=8)
def _locks(layout: Layout) -> str:
    """?1 claim, ?2 now. What is scheduled from the queue counts as reviewed in the form that its file has."""
    return f"""
    INSERT INTO schedule_locks (post_id, revision_id, slug, data, scheduled_at, locked_by, locked_at)
    SELECT l.post_id, l.revision_id, l.slug, r.data, p.scheduled_at, 'publish-queue', ?2
    FROM publish_ledger AS l CROSS JOIN revisions AS r ON r.id = l.revision_id
      CROSS JOIN {layout.posts} AS p ON p.id = l.post_id
    WHERE l.claim = ?1 AND l.outcome = 'scheduled'"""


# ?1 sources, ?2 claim.
_SOURCES: Final = f"""
INSERT INTO publish_sources (post_id, digest, said)
SELECT l.post_id, j.value ->> 1, j.value ->> 2 FROM {attachments.PUBLISHED.rows}"""


# ?1 expiries, ?2 claim, ?3 actor, ?4 now.
_EXPIRIES: Final = f"""
INSERT INTO post_expiries (post_id, expires_at, set_by, set_at)
SELECT l.post_id, j.value ->> 1, ?3, ?4 FROM {attachments.PUBLISHED.rows}"""


def _sources(by_post: Sequence[tuple[str, Article]]) -> str:
    """The content of each file, as JSON, by which a later edit of the file is recognised."""
    rows = [[post, article.meaning, article.said] for post, article in by_post]
    return compact_json(rows)


@lru_cache(maxsize=8)
def _give_up(layout: Layout) -> str:
    """?1 claim. If a unique index of a newer EmDash has kept a post out, nothing was published."""
    return f"""
    DELETE FROM publish_ledger WHERE claim = ?1
      AND NOT EXISTS (SELECT 1 FROM {layout.posts} AS p WHERE p.id = publish_ledger.post_id)"""
