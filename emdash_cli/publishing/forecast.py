"""Where an article would be announced, and what a person should know about its announcements before it is live."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.delivery import EventType, PublicPost
from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.posts.read import image_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.delivery import Lane, Rendered
    from emdash_cli.settings import PlatformAccount, Settings

    Renderer = Callable[[PlatformAccount, PublicPost], Rendered]
    """What a platform would get. A `ValueError` says why that is nothing, an `EmdashError` why it cannot be told."""


_TAXONOMIES: Final = ("category", "tag")


@dataclass(frozen=True)
class Forecast:
    """Foresees the announcements of articles.

    Attributes:
        settings: in force.
        render: what a platform would get of a post; None: nothing is remarked on that.
        since: by the name of each lane that the store knows: what went live before is not announced. None if the store
            was not asked.
        is_import: whether the articles are imported from where they were announced; those with a future date are
            announced when they go live all the same.
    """

    settings: Settings
    render: Renderer | None = None
    since: Mapping[str, str] | None = None
    is_import: bool = False

    def platforms(self, article: Article, now: datetime) -> tuple[str, ...]:
        """Names of the platforms where the article would be announced once it is live; none for a draft."""
        if article.status == "draft":
            return ()
        asked = None if article.platforms is None else json.loads(article.platforms)
        return tuple(
            platform.name
            for platform in self.settings.platforms
            if (platform.name in asked if asked is not None else article.stream in platform.lane.streams)
            and self._is_due(article, platform.lane, now)
        )

    def _is_due(self, article: Article, lane: Lane, now: datetime) -> bool:
        """As `store.announcing` decides it when the post goes live."""
        if lane.events and EventType.PUBLISHED not in lane.events:
            return False
        if lane.every_change:
            return True
        # A platform that the store does not know yet begins when the run makes it known.
        begins = "" if self.since is None else self.since.get(lane.name, utc_text(now))
        at = article.publish_at or utc_text(now)
        if at < (lane.since or begins):
            return False
        if article.status == "scheduled":
            return True
        is_fresh = lane.stale_after_s is None or now - from_utc_text(at) <= timedelta(seconds=lane.stale_after_s)
        return is_fresh and not self.is_import

    def notices(self, article: Article, slug: str, now: datetime) -> Iterator[str]:
        """What a person should know about the announcements, each with the name of its platform."""
        names = self.platforms(article, now) if self.render else ()
        post = as_public(article, slug, self.settings, now) if names else None
        for platform in self.settings.platforms:
            # What is told of every change gets an address, and no text.
            if not self.render or post is None or platform.name not in names or platform.lane.every_change:
                continue
            try:
                warnings: tuple[str, ...] = self.render(platform, post).warnings
            except (ValueError, EmdashError) as error:
                warnings = (str(error),)
            yield from (f"{platform.name}: {warning}" for warning in warnings)


def expected_slug(article: Article) -> str:
    """The slug that an article would get; the number in it is given when the article is published."""
    return article.slug or (article.plan.slug(1) if article.plan else "")


def as_public(article: Article, slug: str, settings: Settings, now: datetime) -> PublicPost:
    """The post that the article would become, as its readers would see it."""
    kept = json.loads(article.metadata or "{}")
    social = kept.pop("social", {})
    labels = {taxonomy: [term.label for term in article.terms if term.taxonomy == taxonomy] for taxonomy in _TAXONOMIES}
    published_at = article.publish_at or utc_text(now)
    return PublicPost(
        id="",
        key=article.key,
        slug=slug,
        locale=article.locale,
        title=article.title,
        url=settings.site_url + settings.paths.of(slug, article.locale),
        content=article.content,
        published_at=published_at,
        updated_at=published_at,
        version=1,
        excerpt=article.excerpt,
        image=image_source(json.loads(article.image)) if article.image else None,
        author=article.author.name if article.author else None,
        category=next(iter(labels["category"]), None),
        tags=tuple(labels["tag"]),
        seo={name: value for name, value in article.seo._asdict().items() if value} if article.seo else {},
        social=social if isinstance(social, dict) else {},
        metadata=kept,
    )
