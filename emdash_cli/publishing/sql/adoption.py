"""Enter posts into the ledger that another script published before emdash was used, if they have the same content.

They are recognised by slug, title and text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emdash_cli.domain.portable_text import from_markdown, plain_text
from emdash_cli.domain.ports import Statement
from emdash_cli.posts.read import plain_content
from emdash_cli.store.session import actor_of_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.ports import Row
    from emdash_cli.store.layout import Layout
    from emdash_cli.store.session import Run, Session


def same_posts(session: Session, taken: Sequence[tuple[Article, Row]]) -> list[tuple[str, Article]]:
    """The articles whose slug belongs to a post that has the same content and is in no ledger, with the post's id."""
    articles = {str(row["owner_id"]): article for article, row in taken}
    owners = session.database.query(_unknown_owners(session.layout, list(articles)))
    return [
        (str(owner["id"]), articles[str(owner["id"])])
        for owner in owners
        if _says_the_same(owner, articles[str(owner["id"])])
    ]


def adopt(run: Run, same: Sequence[tuple[str, Article]]) -> set[str]:
    """Enter the posts into the ledger. Returns the ids of those that it now has under their article's key."""
    rows = run.session.database.batch(_enter(run, same))[-1]
    return {str(row["post_id"]) for row in rows}


def _says_the_same(owner: Row, article: Article) -> bool:
    if owner["title"] != article.title:
        return False
    content = str(owner["content"] or "")
    if content == article.content:
        return True
    words = _words(content)
    return words is not None and words == _words(article.content)


def _words(content: str) -> list[str] | None:
    """The words of Portable Text, or of Markdown that a script stored in its place; None if it is neither."""
    markdown = plain_content(content)
    if markdown is not None:
        return from_markdown(markdown).text.split()
    try:
        return plain_text(content).split()
    except (ValueError, TypeError, AttributeError):
        return None  # Blank, or JSON of another shape.


def _unknown_owners(layout: Layout, post_ids: Sequence[str]) -> Statement:
    """Title and text of the posts without a ledger row."""
    names = layout.names
    return Statement(
        f"""
        SELECT p.id AS id, p.{names.title} AS title, p.{names.content} AS content
        FROM json_each(?1) AS j CROSS JOIN {layout.posts} AS p ON p.id = j.value
        WHERE p.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM publish_ledger AS l WHERE l.post_id = p.id)""",
        (json.dumps(post_ids),),
    )


def _enter(run: Run, owners: Sequence[tuple[str, Article]]) -> list[Statement]:
    """Enter each post under its article's key, unless either has entered the ledger in the meantime.

    The rows of the last statement have the ``post_id`` of each post that was entered.
    """
    rows = [
        [post, a.key, a.digest, a.stream, a.file, a.words, a.metadata, a.platforms, a.queued_at, a.meaning, a.said]
        for post, a in owners
    ]
    articles = json.dumps(rows, ensure_ascii=False)
    now = run.session.now()
    enter = f"""
    INSERT INTO publish_ledger (key, digest, post_id, revision_id, translation_group, outcome, stream, file, locale,
      slug, words, metadata, platforms, queued_at, recorded_at, run_id)
    SELECT j.value ->> 1, j.value ->> 2, p.id, coalesce(p.live_revision_id, p.draft_revision_id, ''),
      coalesce(p.translation_group, p.id), p.status, j.value ->> 3, j.value ->> 4, p.locale, p.slug,
      j.value ->> 5, j.value ->> 6, j.value ->> 7, j.value ->> 8, ?2, ?3
    FROM json_each(?1) AS j CROSS JOIN {run.session.layout.posts} AS p ON p.id = j.value ->> 0
    WHERE p.status IN ('published', 'scheduled', 'draft')
      AND NOT EXISTS (SELECT 1 FROM publish_ledger AS l WHERE l.key = j.value ->> 1)
      AND NOT EXISTS (SELECT 1 FROM publish_ledger AS l WHERE l.post_id = p.id)"""
    entered = """
    SELECT l.post_id AS post_id FROM json_each(?1) AS j CROSS JOIN publish_ledger AS l ON l.key = j.value ->> 1
    WHERE l.post_id = j.value ->> 0"""
    said = """
    INSERT INTO publish_sources (post_id, digest, said)
    SELECT l.post_id, j.value ->> 9, j.value ->> 10
    FROM json_each(?1) AS j CROSS JOIN publish_ledger AS l ON l.key = j.value ->> 1
    WHERE l.post_id = j.value ->> 0 ON CONFLICT DO NOTHING"""
    written = f"{entered.replace('?1', '?5')} AND l.run_id = ?1"
    return [
        Statement(enter, (articles, now, run.id)),
        Statement(said, (articles,)),
        Statement(actor_of_run(written), (run.id, now, run.actor, run.kind, articles)),
        Statement(entered, (articles,)),
    ]
