"""The batch that publishes a group of articles, exactly once.

The ledger row is the claim. It is written first, set-based, and decides everything: whether the key is new, which
number the slug gets, whether the slug is free and whether the stream's quota still allows it. Every later statement is
driven by the rows that this batch has claimed, so a repeated batch, which can claim nothing, changes nothing. The last
statement but one releases the claims. No other reader ever sees a claim, since the batch is atomic.
"""

from __future__ import annotations

from functools import lru_cache
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
    statements += [Statement(_post(layout), _post_values(layout, article, post, batch)) for post, article in by_post]
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


@lru_cache(maxsize=8)
def _post(layout: Layout) -> str:
    """?1 post, ?2 claim, ?3 to ?6 the `Credit`, ?7 its owner, ?8 published_at, ?9 scheduled_at, ?10 title, ?11 content.

    Then come the values of the fields that a site may lack.
    """
    names = layout.names
    by = attachments.Credit("?3", "?4", "?5", "?6")
    optional = _optional_fields(layout)
    columns = "".join(f", {name}" for name in optional)
    values = "".join(f", ?{place}" for place in range(12, 12 + len(optional)))
    return f"""
    INSERT INTO {layout.posts} (id, slug, status, {_POST_COLUMNS}, locale, translation_group,
      {names.title}, {names.content}{columns})
    SELECT l.post_id, l.slug, l.outcome,
      CASE WHEN ?7 IS NOT NULL THEN (SELECT u.id FROM users AS u WHERE u.id = ?7) END,
      CASE WHEN coalesce(?3, ?4) IS NOT NULL THEN {attachments.byline_of(by, "l.locale")} END,
      l.recorded_at, l.recorded_at, ?8, ?9, 1,
      CASE WHEN l.outcome = 'published' THEN l.revision_id END,
      CASE WHEN l.outcome <> 'published' THEN l.revision_id END, l.locale, l.translation_group, ?10, ?11{values}
    FROM publish_ledger AS l WHERE l.post_id = ?1 AND +l.claim = ?2
    ON CONFLICT DO NOTHING"""


def _optional_fields(layout: Layout) -> dict[str, str]:
    """Fields that a site may lack, by column name: the attribute of the article with the value."""
    names = layout.names
    excerpt = {names.excerpt: "excerpt"} if layout.has_excerpt else {}
    return excerpt | ({names.featured_image: "image"} if layout.has_featured_image else {})


def _post_values(layout: Layout, article: Article, post_id: str, batch: Batch) -> tuple[str | None, ...]:
    live = article.status == "published"
    return (
        *(post_id, batch.claim, *attachments.credit(article.author)),
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
