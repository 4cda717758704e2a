"""What is announced, and how a platform says what came of it: the port that every platform implements.

A platform makes one attempt and reports an `Outcome`. It never retries, waits or buries: `jobs.judge` decides what
becomes of the job.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, Self, TypeVar, runtime_checkable

from emdash_cli.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from emdash_cli.domain.replies import Http

_T = TypeVar("_T")


class Category(StrEnum):
    """What an attempt came to."""

    DELIVERED = "delivered"
    """The platform has it now."""
    DUPLICATE = "duplicate"
    """The platform had it before; as good as delivered."""
    TRANSIENT = "transient"
    """It was not taken, and later it may be."""
    RATE_LIMITED = "rate_limited"
    """Not before a certain time; nothing else is wrong."""
    AUTH = "auth"
    """The credentials are refused: nothing else would be accepted from this account either."""
    QUOTA = "quota"
    """The account's credits or its budget are used up."""
    VALIDATION = "validation"
    """The content or the request is refused, and would be again."""
    UNKNOWN = "unknown"
    """It was sent, and whether it was taken cannot be told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt came to.

    Attributes:
        external_id: what the platform calls the result; shown to people, and handed to the steps that follow.
        error: why it failed, in one sentence without secrets.
        retry_after_s: of `RATE_LIMITED`: seconds from now. Never an instant: a header that names one is reduced by the
            ``Date`` of the same reply, since the platform's clock need not be right.
        evidence: what the platform answered, shortened; kept with the attempt.
        cost_usd: what the request cost, if the platform charges for it.
    """

    category: Category
    external_id: str | None = None
    error: str | None = None
    retry_after_s: float | None = None
    evidence: str | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class PublicPost:
    """A live post as the public sees it, read when its job is begun.

    Attributes:
        id: of the post.
        key: the ledger's key, the same for ever; the post's id if the ledger does not know the post.
        url: absolute.
        content: Portable Text, as JSON; `portable_text.to_markdown` and `portable_text.to_html` read it.
        published_at: UTC text.
        updated_at: UTC text.
        seo: by the columns of ``_emdash_seo``; without those that are empty.
        social: the file's own texts, by platform: a text, a list of texts, or an object.
        metadata: what else the file said.
        version: grows with each change.
    """

    id: str
    key: str
    slug: str
    locale: str
    title: str
    url: str
    content: str
    published_at: str
    updated_at: str
    version: int
    excerpt: str | None = None
    image: str | None = None
    author: str | None = None
    category: str | None = None
    tags: tuple[str, ...] = ()
    seo: Mapping[str, Any] = field(default_factory=dict)
    social: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


class JobKind(StrEnum):
    """Why a job exists."""

    ANNOUNCE = "announce"
    """The post went live for the first time. There is one such job for each post and platform, ever."""
    UPDATE = "update"
    """A post that had been announced was changed."""


class EventType(StrEnum):
    """What a platform that takes events can be notified of, as `Traits.events` says."""

    PUBLISHED = "post.published"
    """The post went live for the first time: a job of the kind `JobKind.ANNOUNCE`."""
    UPDATED = "post.updated"
    """The public post was changed: a job of the kind `JobKind.UPDATE`."""
    SCHEDULED = "post.scheduled"
    """The post, or a change to it, was scheduled or moved to another time."""
    UNSCHEDULED = "post.unscheduled"
    """The post, or a change to it, was taken off the schedule."""
    HELD = "post.held"
    """The post was due and did not go live."""
    UNPUBLISHED = "post.unpublished"
    """The public post was taken back: unpublished, or moved to the trash."""
    JOB_DEAD = "job.dead"
    """An announcement on another platform failed for good."""
    JOB_UNKNOWN = "job.unknown"
    """Whether an announcement on another platform arrived is unknown."""
    REQUEST_FINISHED = "request.finished"
    """Nothing is left to do for a request for articles. So far, only a test sends it."""


TEST_EVENT: Final = "webhook.test"
"""The type of the notice that `emdash webhooks test` sends; it cannot be chosen and belongs to no job."""
TEST_KEY: Final = "emdash:test:"
"""What the key of every notice begins with that is sent as a test."""


class Notice(NamedTuple):
    """A request about an event that is not about the text of a public post.

    Attributes:
        key: the same for each attempt: an idempotency key.
        type: an `EventType`, which is the kind of its job, or `TEST_EVENT`.
        at: UTC text: when it happened.
        data: as it was written when it happened.
        now: the present instant by the store's clock, aware, in UTC.
    """

    key: str
    type: str
    at: str
    data: Mapping[str, Any]
    now: datetime


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent for a job, made once before its first request.

    Attributes:
        parts: one text for each request, in order: a thread has several. A platform may put JSON into it.
        warnings: for people, such as "README.md becomes a link"; shown by `emdash preview`.
        lengths: of each part's text, as the platform counts; empty where it does not count.
        limit: that no length exceeds; None where there is none.
        cost_usd: what the platform charges for all parts.
    """

    parts: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()
    limit: int | None = None
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request that is to be made.

    Attributes:
        job: number of the job.
        key: the same for each attempt at this step of this job, and for nothing else: an idempotency key.
        post: as it is now.
        text: the part to send now.
        step: which part that is, from 0.
        steps: how many parts there are.
        sent: external ids of the parts before it, in order.
        attempt: attempts that the job has used up so far.
        now: the present instant by the store's clock, aware, in UTC.
        change: what changed, for jobs of each public change: ``path`` and ``path_before``, paths on the site.
    """

    job: int
    key: str
    kind: str
    post: PublicPost
    text: str
    step: int
    steps: int
    sent: tuple[str, ...]
    attempt: int
    now: datetime
    change: Mapping[str, str | None] = field(default_factory=dict)


class Platform(Protocol):
    """One account on one platform. Its methods are called from several threads at once."""

    def render(self, post: PublicPost) -> Rendered:
        """The texts of a job; pure: no request is made.

        Raises:
            ValueError: the post has nothing that could be sent; the message says why, for people.
        """
        ...

    def deliver(self, delivery: Delivery) -> Outcome:
        """Make one request, and say what came of it. Raises nothing: an exception counts as `Category.UNKNOWN`."""
        ...


@runtime_checkable
class Collecting(Protocol):
    """A platform that takes the deliveries of many jobs in one request."""

    def deliver_all(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Make one request for all of them; one outcome for each, in order."""
        ...


@runtime_checkable
class Searchable(Protocol):
    """A platform that can be asked whether it has something."""

    def find(self, delivery: Delivery) -> Outcome | None:
        """Look for what an earlier attempt of this delivery may have left there, and change nothing.

        `DELIVERED` with its id and evidence: it is there. `TRANSIENT`: it certainly is not. None: it cannot be told.
        """
        ...


@runtime_checkable
class Notifiable(Protocol):
    """A platform that takes events beside announcements; its `Traits.events` is not empty."""

    def notify(self, notice: Notice) -> Outcome:
        """Make one request, and say what came of it."""
        ...


@runtime_checkable
class Checkable(Protocol):
    """A platform that documents a request by which credentials are checked and nothing is posted."""

    def check(self, now: datetime) -> Outcome:
        """`DELIVERED`, with whose account it is as evidence: the platform would take a post; else what it would say.

        Args:
            now: the present instant, aware, in UTC.
        """
        ...


class Table(Protocol):
    """A table of emdash.toml from which a model takes its settings; what nobody takes is refused as unknown."""

    def take(self, key: str, default: _T, read: Callable[[Any], _T]) -> _T:
        """What stands there under the key, or the default.

        Raises:
            UsageError: the reader refuses it; with the place.
        """
        ...

    def need(self, key: str, read: Callable[[Any], _T]) -> _T:
        """What stands there under the key.

        Raises:
            UsageError: nothing does, or the reader refuses it; with the place.
        """
        ...


class Secret(NamedTuple):
    """Where a secret is, never the secret itself: ``env:NAME`` or ``file:PATH``."""

    reference: str

    def reveal(self, environment: Mapping[str, str], root: Path) -> str:
        """The secret.

        Args:
            environment: of the process.
            root: where a relative path starts.

        Raises:
            UsageError: there is none; the message names the place only.
        """
        source, _, place = self.reference.partition(":")
        if source == "env":
            found = environment.get(place, "")
            where = f"the environment variable {place}"
        else:
            where = f"the file {place}"
            try:
                found = (root / place).read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(f"{where} cannot be read: {error}", code="secret_missing") from None
        found = found.strip()
        if not found or not found.isascii() or not found.isprintable():
            fault = "has a character that no secret has, such as a line end" if found else "is not set or empty"
            raise UsageError(f"{where} {fault}", code="secret_missing")
        return found


class Account(NamedTuple):
    """What a platform is told of the place where it is set up.

    Attributes:
        name: of the platform in emdash.toml: ``partner`` of ``[platforms.partner]``.
        site_url: of the blog, without a slash at its end.
    """

    name: str
    site_url: str


class Lane(NamedTuple):
    """One account as the store knows it: who announces there, and its limits, which hold for all machines together.

    Attributes:
        name: of the platform in emdash.toml.
        kind: of platform.
        streams: whose posts are announced there unless their file says otherwise; ``""``: posts of no stream.
        since: UTC text: what went live before is not announced; None: since the store knows the lane.
        idempotent: see `Traits`.
        sends_updates: whether a changed post is sent again.
        every_change: see `Traits`.
        stale_after_s: see `Traits`.
        concurrency: jobs at once.
        interval_us: microseconds between two requests; 0: none.
        burst: requests that may go at once after a rest, ahead of their intervals.
        budget: requests in a calendar month (UTC), at most.
        events: an `EventType` each, if it takes events; empty: it is sent what `sends_updates` and `every_change` say.
    """

    name: str
    kind: str
    streams: tuple[str, ...]
    since: str | None
    idempotent: bool
    sends_updates: bool
    every_change: bool
    stale_after_s: int | None
    concurrency: int
    interval_us: int
    burst: int
    budget: int | None
    events: tuple[str, ...] = ()


class Traits(NamedTuple):
    """What holds for every account of a kind of platform; the settings override what they name.

    Attributes:
        idempotent: whether a request may be sent again after an unknown end: the platform recognises a repeated
            `Delivery.key`, or what is sent sets a state.
        sends_updates: whether a changed post is sent again without the setting ``on_update``.
        every_change: whether it is told of each public change of any post that names it, imported and backdated ones
            included, as caches and search engines are; else of those that it was told of when they went live.
        stale_after: a job that is this much older than its post's publication is not sent any more; as the settings
            write it, as is the rate.
        concurrency: requests at once, over all machines.
        rate: requests in a stretch of time; None: any number.
        at_once: jobs that one request may carry; more than 1 for `Collecting` platforms.
        events: of a `Notifiable` platform: the events that it takes unless the settings name others.
    """

    idempotent: bool
    sends_updates: bool = False
    every_change: bool = False
    stale_after: str = "7d"
    concurrency: int = 4
    rate: str | None = None
    at_once: int = 1
    events: tuple[EventType, ...] = ()


class PlatformKind(Protocol):
    """What a file in ``platforms/`` holds."""

    @property
    def TRAITS(self) -> Traits:  # noqa: N802 - a constant of a module
        """See `Traits`."""
        ...

    @property
    def Settings(self) -> type[PlatformSettings]:  # noqa: N802 - a class of a module
        """The kind's own settings."""
        ...

    def connect(self, settings: Any, account: Account, http: Http, reveal: Callable[[Secret], str]) -> Platform:
        """The account that these settings describe.

        Args:
            settings: as its `Settings` read them.
            account: what it is told of the site.
            http: sends its requests.
            reveal: answers a secret, or raises a `UsageError` that names the place of it.
        """
        ...


@runtime_checkable
class Expiring(Protocol):
    """The settings of a kind whose credentials end on a day that is known."""

    def warnings(self, now: datetime) -> list[str]:
        """What a person should do about them soon, or should have done, in sentences."""
        ...


class PlatformSettings(Protocol):
    """The settings of a kind of platform; a frozen model."""

    @classmethod
    def read(cls, table: Table) -> Self:
        """Take the settings from ``[platforms.NAME]``."""
        ...
