"""The jobs of posts: what they are about, what is sent for them, and by whom."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from emdash_cli.domain.delivery import (
    Category,
    Collecting,
    Delivery,
    JobKind,
    Notice,
    Notifiable,
    Outcome,
    PublicPost,
    Rendered,
    Searchable,
)
from emdash_cli.posts import sql
from emdash_cli.posts.read import image_source, post_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.delivery import Platform
    from emdash_cli.domain.ports import Row, Statement
    from emdash_cli.jobs.job import Job

_CLAIMED = """
      SELECT j.subject FROM json_each(?2) AS w CROSS JOIN publish_jobs AS j
      WHERE j.state = 'running' AND j.lane = w.value AND j.claim = ?1"""


@dataclass(frozen=True)
class Served:
    """A platform that this run delivers to.

    Attributes:
        at_once: jobs that one request may carry.
        every_change: whether it is told of every change of a public post, also that it is public no more.
    """

    platform: Platform
    at_once: int = 1
    every_change: bool = False


@dataclass
class Announcements:
    """The `Workload` of whoever distributes.

    Attributes:
        names: of the collection.
        url_of: the address of a post, by slug and locale.
        served: by the name of the lane.
        now: the present instant, by the clock that counts.
    """

    names: FieldNames
    url_of: Callable[[str, str], str]
    served: Mapping[str, Served]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def lanes(self) -> Sequence[str]:
        """See `Workload`."""
        return list(self.served)

    def details(self, token: str, lanes: str) -> Statement:
        """See `Workload`: the posts."""
        return sql.known(self.names, _CLAIMED, (token, lanes))

    def at_once(self, lane: str) -> int:
        """See `Workload`."""
        return self.served[lane].at_once

    def refusal(self, job: Job) -> Outcome | None:
        """See `Workload`."""
        if _is_notice(job):
            return None
        if job.details is None or not (self.served[job.lane].every_change or _is_public(job.details)):
            return Outcome(Category.VALIDATION, error="the post is not public any more")
        return None

    def render(self, job: Job) -> Rendered | Outcome:
        """See `Workload`."""
        if _is_notice(job):
            return Rendered((json.dumps(job.change),))
        try:
            return self.served[job.lane].platform.render(self._post(job.details or {}))
        except ValueError as error:
            return Outcome(Category.VALIDATION, error=str(error))

    def send(self, jobs: Sequence[Job]) -> Sequence[Outcome]:
        """See `Workload`."""
        platform = self.served[jobs[0].lane].platform
        if _is_notice(jobs[0]):
            return [self._notify(platform, job) for job in jobs]
        deliveries = [self.delivery(job) for job in jobs]
        if isinstance(platform, Collecting):
            return platform.deliver_all(deliveries)
        outcomes = [platform.deliver(delivery) for delivery in deliveries]
        if jobs[0].is_idempotent or not isinstance(platform, Searchable):
            return outcomes
        return [_asked(platform, *pair) for pair in zip(deliveries, outcomes, strict=True)]

    def _notify(self, platform: Platform, job: Job) -> Outcome:
        if not isinstance(platform, Notifiable):
            return Outcome(Category.VALIDATION, error="this kind of platform takes no events any more")
        return platform.notify(Notice(job.key, job.kind, job.change["at"], job.change["data"], self.now()))

    def delivery(self, job: Job) -> Delivery:
        """The next request of a job that was rendered."""
        step = len(job.sent)
        return Delivery(
            job=job.id,
            key=job.key,
            kind=job.kind,
            post=self._post(job.details or {}),
            text=job.texts[step],
            step=step,
            steps=len(job.texts),
            sent=tuple(one or "" for one in job.sent),
            attempt=job.attempts,
            now=self.now(),
            change=job.change,
        )

    def _post(self, row: Row) -> PublicPost:
        return public_post(row, self.names, self.url_of)


def _asked(platform: Searchable, delivery: Delivery, outcome: Outcome) -> Outcome:
    """The outcome, unless it is unknown and the platform says that the request arrived.

    That it did not arrive is not believed so soon: see `asking`.
    """
    if outcome.category != Category.UNKNOWN:
        return outcome
    found = platform.find(delivery)
    if found is None or found.category != Category.DELIVERED:
        return outcome
    lost = f"{outcome.error or 'the answer was lost'}; asked then, the platform had it: {found.evidence or ''}"
    return replace(found, evidence=lost.rstrip(": "), cost_usd=outcome.cost_usd)


def _is_public(post: Row) -> bool:
    return post["status"] == "published" and post["deleted_at"] is None


def _is_notice(job: Job) -> bool:
    return job.kind not in set(JobKind)


def public_post(row: Row, names: FieldNames, url_of: Callable[[str, str], str]) -> PublicPost:
    """The post in a row of `posts.sql.public`, as its readers see it."""
    post = post_of(row, names)
    kept = json.loads(str(row["ledger_metadata"] or "{}"))
    social = kept.pop("social", {})
    key, _, _ = str(row["ledger_key"] or post.id).partition("#retired-")
    return PublicPost(
        id=post.id,
        key=key,
        slug=post.slug,
        locale=post.locale,
        title=post.title,
        url=url_of(post.slug, post.locale),
        content=json.dumps(post.content or [], ensure_ascii=False),
        published_at=post.published_at or "",
        updated_at=post.updated_at or "",
        version=int(row["version"] or 0),
        excerpt=post.excerpt,
        image=image_source(post.featured_image),
        author=next((byline["name"] for byline in post.bylines), None),
        category=next(iter(post.labels("category")), None),
        tags=tuple(post.labels("tag")),
        seo={name: value for name, value in (post.seo or {}).items() if value},
        social=social if isinstance(social, dict) else {},
        metadata=kept,
    )
