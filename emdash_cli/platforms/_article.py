"""A post as JSON for other systems; what `target` sends, and `webhook` without the texts."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emdash_cli.domain.delivery import PublicPost


def outline(post: PublicPost) -> dict[str, Any]:
    """All but the text."""
    return {
        "articleId": post.key,
        "title": post.title,
        "slug": post.slug,
        "locale": post.locale,
        "excerpt": post.excerpt,
        "tags": list(post.tags),
        "category": post.category,
        "author": post.author,
        "publishedAt": post.published_at,
        "canonicalUrl": post.seo.get("canonical") or post.url,
        "image": post.image,
        "seo": dict(post.seo),
        "metadata": dict(post.metadata),
    }


def article(post: PublicPost) -> dict[str, Any]:
    """All of it: the text as Markdown and as HTML, and a digest that changes with title or text alone."""
    from emdash_cli.domain.portable_text import to_html, to_markdown

    markdown = to_markdown(post.content)
    digest = hashlib.sha256(f"{post.title}\0{markdown}".encode()).hexdigest()
    return {**outline(post), "markdown": markdown, "html": to_html(post.content), "contentHash": f"sha256:{digest}"}


def packed(document: dict[str, Any]) -> str:
    """As it is sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
