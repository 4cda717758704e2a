"""Moving from another script: its posts are recognised by their slug, title and text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.portable_text import from_markdown, plain_text
from emdash_cli.posts.read import plain_content
from emdash_cli.publishing.sql import adoption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.ports import Database, Row
    from emdash_cli.store.layout import Layout
    from emdash_cli.store.run import Run


def same_posts(database: Database, layout: Layout, taken: Sequence[tuple[Article, Row]]) -> list[tuple[str, Article]]:
    """Of the articles whose slug is taken, those whose post says the same and is in no ledger; with the post's id."""
    articles = {str(row["owner_id"]): article for article, row in taken}
    owners = database.query(adoption.unknown_owners(layout, list(articles)))
    return [
        (str(owner["id"]), articles[str(owner["id"])])
        for owner in owners
        if _says_the_same(owner, articles[str(owner["id"])])
    ]


def adopt(database: Database, layout: Layout, same: Sequence[tuple[str, Article]], run: Run) -> set[str]:
    """Enter the posts into the ledger; answers the ids of those that are there now under their article's key."""
    rows = database.batch(adoption.adopt(layout, same, (run.id, run.now(), run.actor, run.kind)))[-1]
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
    """Of Portable Text, or of the Markdown that a script has stored in its place; None if it is neither."""
    markdown = plain_content(content)
    if markdown is not None:
        return from_markdown(markdown).text.split()
    try:
        return plain_text(content).split()
    except (ValueError, TypeError, AttributeError):
        return None  # blank, or JSON of another form
