"""What each platform would get of a post or of a file, before anything is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.distribution.announcements import public_post
from emdash_cli.domain.errors import EmdashError
from emdash_cli.posts import sql
from emdash_cli.posts.read import the_post
from emdash_cli.publishing.enqueue import article_in
from emdash_cli.publishing.forecast import as_public, expected_slug

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from emdash_cli.domain.delivery import PublicPost
    from emdash_cli.publishing.enqueue import Submission
    from emdash_cli.publishing.forecast import Renderer
    from emdash_cli.settings import PlatformAccount, Settings
    from emdash_cli.store.session import Session


class Part(NamedTuple):
    """One request.

    Attributes:
        length: as the platform counts; None where it does not count.
    """

    text: str
    length: int | None


class PlatformPreview(NamedTuple):
    """What one platform would get.

    Attributes:
        is_chosen: whether the post or its stream names the platform.
        limit: that no length exceeds; None where there is none.
        cost_usd: what the platform charges for all parts.
        problem: why nothing can be sent; empty if something can.
    """

    platform: str
    kind: str
    is_chosen: bool
    parts: tuple[Part, ...]
    limit: int | None
    warnings: tuple[str, ...]
    cost_usd: float
    problem: str


class Preview(NamedTuple):
    """A post, and what the platforms would get of it."""

    slug: str
    locale: str
    title: str
    url: str
    platforms: tuple[PlatformPreview, ...]


def preview_post(session: Session, slug: str, locale: str | None, platform: str | None, render: Renderer) -> Preview:
    """What platforms would get of a post in the store, whatever its status.

    Args:
        session: in whose store it is.
        slug: of the post.
        locale: None if the slug alone says enough.
        platform: only this one; None: all that the post or its stream names.
        render: what a platform would get.

    Raises:
        UsageError: posts in several locales have the slug, or there is no such platform.
        EmdashError: there is no such post.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    settings = session.settings
    with session.reading():
        rows = session.database.query(sql.post(session.names, slug, locale, ledger=True))
    row = the_post(session, slug, locale, rows)
    post = public_post(row, session.names, lambda slug, locale: settings.site_url + settings.paths.of(slug, locale))
    post = replace(post, published_at=post.published_at or str(row["scheduled_at"] or "") or session.now())
    asked = None if row["ledger_platforms"] is None else json.loads(str(row["ledger_platforms"]))
    return _preview(settings, post, _chosen(settings, asked, str(row["ledger_stream"] or "")), platform, render)


def preview_file(
    settings: Settings, task: Submission, now: datetime, platform: str | None, render: Renderer
) -> Preview:
    """What platforms would get of the article in the first file, which `emdash enqueue` would take.

    Raises:
        QueueFileError: the file cannot be published as it is.
        UnfitFileError: it cannot be read.
        UsageError: there is no such platform.
    """
    article = article_in(task.files[0], task, now)
    asked = None if article.platforms is None else json.loads(article.platforms)
    post = as_public(article, expected_slug(article), settings, now)
    return _preview(settings, post, _chosen(settings, asked, article.stream), platform, render)


def _chosen(settings: Settings, asked: Sequence[str] | None, stream: str) -> list[str]:
    """Names of the platforms where a post is announced, by the wish of its file or by its stream."""
    return [
        platform.name
        for platform in settings.platforms
        if (platform.name in asked if asked is not None else stream in platform.lane.streams)
    ]


def _preview(
    settings: Settings, post: PublicPost, chosen: Sequence[str], platform: str | None, render: Renderer
) -> Preview:
    shown = [settings.platform(platform)] if platform else [one for one in settings.platforms if one.name in chosen]
    found = tuple(_of_platform(one, post, render, is_chosen=one.name in chosen) for one in shown)
    return Preview(post.slug, post.locale, post.title, post.url, found)


def _of_platform(platform: PlatformAccount, post: PublicPost, render: Renderer, *, is_chosen: bool) -> PlatformPreview:
    try:
        found = render(platform, post)
    except (ValueError, EmdashError) as error:
        return PlatformPreview(platform.name, platform.kind, is_chosen, (), None, (), 0.0, str(error))
    lengths: tuple[int | None, ...] = found.lengths or (None,) * len(found.parts)
    parts = tuple(Part(text, length) for text, length in zip(found.parts, lengths, strict=True))
    return PlatformPreview(
        platform.name, platform.kind, is_chosen, parts, found.limit, found.warnings, found.cost_usd, ""
    )
