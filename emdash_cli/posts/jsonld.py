"""A post as structured data for search engines: a ``BlogPosting`` (https://schema.org/BlogPosting) as JSON-LD."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.instants import from_utc_text
from emdash_cli.domain.portable_text.document import plain_text
from emdash_cli.posts import sql
from emdash_cli.posts.read import image_source, read_post

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.ports import Row
    from emdash_cli.posts.read import Post
    from emdash_cli.store.session import Session

# Chinese and Japanese have no spaces: each character counts.
_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_JOINED: Final = re.compile(r"(?<=\w)['’-](?=\w)")


def blog_posting(session: Session, slug: str, locale: str | None, publisher: str | None) -> dict[str, Any]:
    """The structured data of a public post.

    Args:
        session: where it is.
        slug: of the post.
        locale: of the post; None: the only one.
        publisher: name of the organisation; None: the host of the site.

    Raises:
        EmdashError: there is no such post, or it is not public.
        UsageError: posts in several locales have the slug, and no locale was chosen.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    post = read_post(session, slug, locale)
    if post.status != "published" or post.published_at is None:
        raise EmdashError(
            f"{post.slug} is not public: its status is {post.status}",
            hint="structured data describes what readers see; publish the post first",
            code="not_public",
        )
    with session.reading():
        revisions, authors = session.database.batch(
            [sql.revisions(session.names, post.id), sql.authors(session.names, post.id)]
        )
    settings = session.settings
    url = settings.site_url + settings.paths.of(post.slug, post.locale)
    return _document(
        post,
        {
            "url": url,
            "site": settings.site_url,
            "publisher": publisher or urlsplit(settings.site_url).hostname or settings.site_url,
        },
        _dates(post.published_at, text_changed_at(revisions, post.published_at), settings.timezone),
        authors,
    )


def _document(post: Post, place: Mapping[str, str], dates: Mapping[str, str], authors: list[Row]) -> dict[str, Any]:
    seo = post.seo or {}
    pictures = [seo.get("image"), image_source(post.featured_image)]
    images = list(dict.fromkeys(urljoin(f"{place['site']}/", picture) for picture in pictures if picture))
    found = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": post.title,
        "description": seo.get("description") or post.excerpt,
        "image": images,
        **dates,
        "author": [
            _known({"@type": "Person", "name": author["name"], "url": author["url"] or None}) for author in authors
        ],
        "publisher": {"@type": "Organization", "name": place["publisher"], "url": place["site"]},
        "mainEntityOfPage": {"@type": "WebPage", "@id": seo.get("canonical") or place["url"]},
        "url": place["url"],
        "keywords": post.labels("tag"),
        "articleSection": post.labels("category"),
        "inLanguage": post.locale,
        "wordCount": count_words(plain_text(json.dumps(post.content or []))),
    }
    return _known(found)


def _known(found: Mapping[str, Any]) -> dict[str, Any]:
    """Without keys that have no value: consumers take a missing key for unknown."""
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def count_words(text: str) -> int:
    """How many words the text has; in Chinese and Japanese, how many characters."""
    return len(_WORD.findall(_JOINED.sub("", text)))


def _dates(published_at: str, changed_at: str | None, zone: ZoneInfo) -> dict[str, str]:
    dates = {"datePublished": published_at} | ({"dateModified": changed_at} if changed_at else {})
    return {key: from_utc_text(at).astimezone(zone).isoformat(timespec="seconds") for key, at in dates.items()}


def text_changed_at(revisions: list[Row], published_at: str) -> str | None:
    """When readers last got another text; None if it is the one that was published.

    Args:
        revisions: rows of `sql.revisions`, newest first, from the live one on.
        published_at: UTC text.
    """
    oldest: Row | None = None
    for row in revisions:
        if not row["is_same"]:
            break
        oldest = row
    else:
        return None  # it never had another text
    if oldest is None:
        return None
    first_public = max(published_at, str(oldest["recorded_at"] or ""))
    changed = str(oldest["live_at"] or oldest["created_at"])
    return changed if changed > first_public else None
