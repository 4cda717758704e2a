"""What the commands print that show, list or change posts."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from emdash_cli.views.json_form import Document, Error


class Byline(Document, frozen=True):
    """One author in the byline.

    Attributes:
        name: The name that readers see.
        slug: The slug of the byline.
        role: What the author did, such as `Translator`; null if nothing is stored.
    """

    name: str
    slug: str
    role: str | None


class Term(Document, frozen=True):
    """One category or tag.

    Attributes:
        taxonomy: `category`, `tag`, or a taxonomy of the site.
        slug: The slug of the term.
        label: The name that readers see.
    """

    taxonomy: str
    slug: str
    label: str


class Seo(Document, frozen=True):
    """What search engines see; each value is null if it is not set.

    Attributes:
        title: The title in search results.
        description: The description in search results.
        image: The image for link previews.
        canonical: The address of the original.
        no_index: Whether search engines are asked to omit the post.
    """

    title: str | None
    description: str | None
    image: str | None
    canonical: str | None
    no_index: bool


class Translation(Document, frozen=True):
    """The same post in another language.

    Attributes:
        locale: Its language.
        slug: Its slug.
        status: Its status.
    """

    locale: str
    slug: str
    status: str


class PlatformJob(Document, frozen=True):
    """What became of the post on one platform.

    Attributes:
        platform: The platform's name in emdash.toml.
        job: The number of the job.
        kind: `announce`, or `update` for the last change of a post that had been announced.
        state: The state of the job.
        category: What the last attempt came to, such as `rate_limited`; null without an attempt.
        error: What went wrong; null if nothing did.
        external_id: What the platform calls the result; null if it said nothing.
        attempts: How many attempts are used up.
        run_after: When it is due, in UTC.
        ended_at: When it ended, in UTC; null if it did not.
        parts: How many parts there are to send, such as the posts of a thread.
        parts_out: How many of several parts are out.
    """

    platform: str
    job: int
    kind: str
    state: Literal["pending", "running", "done", "dead", "unknown"]
    category: str | None
    error: str | None
    external_id: str | None
    attempts: int
    run_after: str
    ended_at: str | None
    parts: int
    parts_out: int


class Distribution(Document, frozen=True):
    """How far the announcement of the post has come.

    Attributes:
        state: `pending`: something is still to be sent. `partial_failure`: something is out or may be, and something is
            not. `failed`: nothing is.
        summary: The same for people, with a command for each problem; empty if it is announced nowhere.
        platforms: Its latest job of each kind on each platform.
    """

    state: Literal["pending", "published", "partial_failure", "failed"]
    summary: str
    platforms: tuple[PlatformJob, ...]


class Post(Document, frozen=True):
    """A post with its text and fields.

    It is shown as its readers see it or, before it is live, as its draft has it.

    Attributes:
        id: The ID of the post.
        slug: Its slug.
        locale: Its language.
        status: Its status in EmDash: `draft`, `scheduled` or `published`.
        title: Its title.
        excerpt: Its summary; null if there is none.
        content: Its text as Portable Text; null if the stored text is something else.
        featured_image: The image at its top as EmDash stores it: an object with `src` and `alt`, or a text; null if
            there is none.
        published_at: When it went live, in UTC; null if it is not live.
        scheduled_at: When it goes live, in UTC; null if it is not scheduled.
        expires_at: When it is taken down again, in UTC; null if it is not.
        created_at: When it was created, in UTC.
        updated_at: When it was last changed, in UTC.
        revision: The ID of the revision shown; null for a post without revisions.
        has_changes: Whether a published post has a draft that differs from what readers see.
        bylines: Its authors, in order.
        terms: Its categories and tags.
        seo: What search engines see; null if nothing is set.
        translations: The same post in other languages.
        url: Its address on the site.
        distribution: How far its announcement has come; null where no platforms are set up and for a post that is not
            live.
    """

    id: str
    slug: str
    locale: str
    status: str
    title: str
    excerpt: str | None
    content: list[Any] | None
    featured_image: Any
    published_at: str | None
    scheduled_at: str | None
    expires_at: str | None
    created_at: str | None
    updated_at: str | None
    revision: str | None
    has_changes: bool
    bylines: tuple[Byline, ...]
    terms: tuple[Term, ...]
    seo: Seo | None
    translations: tuple[Translation, ...]
    url: str
    distribution: Distribution | None


class PreviewPart(Document, frozen=True):
    """What one request would carry.

    Attributes:
        text: The text, or a JSON document as a text.
        length: Its length as the platform counts; null where it does not count.
    """

    text: str
    length: int | None


class PlatformPreview(Document, frozen=True):
    """What one platform would get.

    Attributes:
        platform: Its name in emdash.toml.
        kind: Its kind.
        is_chosen: Whether the post or its stream names it.
        parts: One for each request, in order; empty if nothing can be sent.
        limit: The length that no part exceeds; null where there is none.
        warnings: What should be known about the announcement.
        cost_usd: What the platform charges for all parts, in US dollars.
        problem: Why nothing can be sent; empty if something can.
    """

    platform: str
    kind: str
    is_chosen: bool
    parts: tuple[PreviewPart, ...]
    limit: int | None
    warnings: tuple[str, ...]
    cost_usd: float
    problem: str


class Preview(Document, frozen=True):
    """What platforms would get of a post or a file.

    Attributes:
        slug: The slug of the post; of a file, the one that it is likely to get.
        locale: Its language.
        title: Its title.
        url: Its address on the site.
        platforms: Those that the post or its stream names, or the one that was asked for.
    """

    slug: str
    locale: str
    title: str
    url: str
    platforms: tuple[PlatformPreview, ...]


class ListedPost(Document, frozen=True):
    """A post in a list.

    Attributes:
        id: The ID of the post.
        slug: Its slug.
        locale: Its language.
        status: `draft`, `scheduled`, `published` or `trashed`.
        title: Its title.
        created_at: When it was created, in UTC; the list is sorted by it.
        published_at: When it went live, in UTC; null if it is not live.
        scheduled_at: When it or, if it is published, its change goes live, in UTC; null if nothing is scheduled.
        expires_at: When it is taken down again, in UTC; null if it is not.
        updated_at: When it was last changed, in UTC.
        author: The name in its byline; null if there is none.
        categories: The labels of its categories.
        tags: The labels of its tags.
        stream: The stream that it was published from; null if another tool created it.
        held: Why it is not published until somebody has reviewed it; null if it is not held.
        distribution: How far its announcement has come; null where no platforms are set up and for a post that is not
            live.
    """

    id: str
    slug: str
    locale: str
    status: str
    title: str
    created_at: str
    published_at: str | None
    scheduled_at: str | None
    expires_at: str | None
    updated_at: str | None
    author: str | None
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    stream: str | None
    held: str | None
    distribution: Distribution | None


class PostList(Document, frozen=True):
    """Posts, newest first.

    Attributes:
        posts: At most as many as `--limit` says.
        next: The value for `--after` that continues the list; null at its end.
    """

    posts: tuple[ListedPost, ...]
    next: str | None


class Changes(Document, frozen=True):
    """What a revision changed.

    Attributes:
        added: The names of fields that it added; `_slug` stands for the slug that it will get.
        removed: The names of fields that it removed.
        changed: The names of fields that it changed.
        words_added: Words added to the text.
        words_removed: Words removed from the text.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    words_added: int
    words_removed: int


class Source(Document, frozen=True, tag_field="kind", tag="source"):
    """The file that the post was published from.

    Attributes:
        kind: `source`.
        at: When it was published, in UTC; null if the time cannot be read.
        who: Who started the run; null if another tool had published the post.
        stream: The stream of the file.
        file: Its name.
        outcome: What it was published as.
        slug: The slug that the post got.
        key: Its idempotency key.
        queued_at: When the file was written, in UTC; null if that is unknown.
        run_id: The ID of the run.
    """

    at: str | None
    who: str | None
    stream: str
    file: str
    outcome: str
    slug: str
    key: str
    queued_at: str | None
    run_id: str


class Revision(Document, frozen=True, tag_field="kind", tag="revision"):
    """A text that the post had.

    Attributes:
        kind: `revision`.
        at: When it was written, in UTC; null if the time cannot be read.
        id: The ID of the revision.
        who: The user who wrote it; null if that is unknown.
        marks: `live`: readers see it. `draft`: it goes live next. `locked`: it was reviewed when the post was
            scheduled.
        words: The number of words in its text.
        changes: What it changed; null for the first revision, and if it or the one before cannot be read.
    """

    at: str | None
    id: str
    who: str | None
    marks: tuple[Literal["live", "draft", "locked"], ...]
    words: int
    changes: Changes | None


class Action(Document, frozen=True, tag_field="kind", tag="action"):
    """Something that was done to the post, from the audit table.

    Attributes:
        kind: `action`.
        at: When, in UTC; null if the time cannot be read.
        action: What was done, such as `schedule` or `edit`.
        who: Who did it.
        detail: The details that the action recorded.
    """

    at: str | None
    action: str
    who: str
    detail: dict[str, Any]


class Announcement(Document, frozen=True, tag_field="kind", tag="announcement"):
    """The end of the post's job on a platform.

    Attributes:
        kind: `announcement`.
        at: When, in UTC; null if the time cannot be read.
        platform: The platform's name in emdash.toml.
        outcome: `updated`: a change was sent. `unknown`: it may have arrived.
        job: The number of the job.
        external_id: What the platform calls the result; null if it said nothing.
        reason: Why it failed; empty if it did not.
    """

    at: str | None
    platform: str
    outcome: Literal["announced", "updated", "failed", "unknown"]
    job: int
    external_id: str | None
    reason: str


class Lock(Document, frozen=True):
    """The copy of a scheduled text as it was reviewed.

    Attributes:
        by: Who scheduled the post.
        at: When, in UTC.
        is_changed: Whether the text has changed since then.
        held: Why the sweep does not publish it; null if it does.
    """

    by: str
    at: str
    is_changed: bool
    held: str | None


class Expiry(Document, frozen=True):
    """When a post is taken down again.

    Attributes:
        at: The time, in UTC.
        set_by: Who said so.
        set_at: When they said so, in UTC.
    """

    at: str
    set_by: str
    set_at: str


class History(Document, frozen=True):
    """A post and its events, oldest first.

    Attributes:
        post_id: The ID of the post.
        slug: Its slug.
        locale: Its language.
        title: Its title.
        status: Its status.
        version: A number that grows with each change.
        created_at: When it was created, in UTC.
        published_at: When it went live, in UTC; null if it is not live.
        scheduled_at: When it goes live, in UTC; null if it is not scheduled.
        lock: The copy of its text that was reviewed; null if it is not scheduled.
        expiry: When it is taken down again, and who said so; null if it is not.
        events: What happened to it; `kind` tells a source, a revision, an action and an announcement apart.
        distribution: How far its announcement has come; null where no platforms are set up and for a post that is not
            live.
    """

    post_id: str
    slug: str
    locale: str
    title: str
    status: str
    version: int
    created_at: str | None
    published_at: str | None
    scheduled_at: str | None
    lock: Lock | None
    expiry: Expiry | None
    events: tuple[Source | Revision | Action | Announcement, ...]
    distribution: Distribution | None


class ValueChange(Document, frozen=True):
    """One value that differs.

    Attributes:
        path: Where it is, such as `content[2].markDefs[0].blank`.
        before: The value before; missing if there was none.
        after: The value after; missing if there is none.
    """

    path: str
    before: Any | UnsetType = UNSET
    after: Any | UnsetType = UNSET


class Difference(Document, frozen=True):
    """How two versions of a post differ.

    Attributes:
        slug: The slug of the post.
        locale: Its language.
        post_id: Its ID.
        before: A label of the older version, for people; null if there is only one version.
        after: A label of the newer version, for people.
        held_reason: Why the post is held; empty if it is not.
        fields: The names of the fields that differ.
        lines: The difference of the fields and of the text as Markdown, as the lines of a unified diff.
        values: Each value that differs, if `lines` is empty although something differs.
        is_draft_lost: Whether the draft that was scheduled no longer exists.
        is_stored_differently: Whether only the key order or white space of the stored JSON differs.
    """

    slug: str
    locale: str
    post_id: str
    before: str | None
    after: str
    held_reason: str
    fields: tuple[str, ...]
    lines: tuple[str, ...]
    values: tuple[ValueChange, ...]
    is_draft_lost: bool
    is_stored_differently: bool


class Edit(Document, frozen=True):
    """What was changed in a post.

    With `--dry-run`, it is what would be changed.

    Attributes:
        outcome: `abandoned`: the editor left an empty file.
        slug: The slug of the post.
        locale: Its language.
        post_id: Its ID.
        status: Its status.
        fields: The names of the fields that changed.
        at_once: Those of them that are on the site now, because EmDash keeps no draft of them; the others are in the
            draft.
        not_changed: The names of fields in the file that an edit cannot change.
        notices: Remarks on the change.
        by: Who made it, as in the audit table.
        lines: The difference of the fields and of the text as Markdown, as the lines of a unified diff.
        values: Each value that differs, if `lines` is empty although something changed.
        announced_on: In a dry run, the platforms that would be sent the change.
        dry_run: Whether this was a dry run, which changes nothing.
    """

    outcome: Literal["edited", "unchanged", "abandoned"]
    slug: str
    locale: str
    post_id: str
    status: str
    fields: tuple[str, ...]
    at_once: tuple[str, ...]
    not_changed: tuple[str, ...]
    notices: tuple[str, ...]
    by: str
    lines: tuple[str, ...]
    values: tuple[ValueChange, ...]
    announced_on: tuple[str, ...]
    dry_run: bool


class ScheduledPost(Document, frozen=True):
    """The schedule of a post after a change.

    Attributes:
        outcome: `unchanged`: it had this schedule before.
        slug: The slug of the post.
        locale: Its language.
        post_id: Its ID.
        status: Its status afterwards.
        scheduled_at: When it goes live, in UTC; null if it is not scheduled.
        scheduled_before: The same before the change.
        display_time: The time of `scheduled_at` in the zone of the settings, for people; null if there is none.
        by: Who made the change, as in the audit table.
        warnings: Remarks on the time and the text, such as that the time has passed.
        announced_on: In a dry run, the platforms where the post would be announced when it goes live.
    """

    outcome: Literal["scheduled", "rescheduled", "unscheduled", "unchanged"]
    slug: str
    locale: str
    post_id: str
    status: str
    scheduled_at: str | None
    scheduled_before: str | None
    display_time: str | None
    by: str
    warnings: tuple[str, ...]
    announced_on: tuple[str, ...]


class ScheduleRun(Document, frozen=True):
    """The schedule of posts after a change: of one post, too, it is a list.

    With `--dry-run`, it is what the change would make of them. If a post forbids the change, nothing is done, and the
    document is an `error`.

    Attributes:
        run: The ID of the run, which the audit rows of its posts have as `run`; null if nothing was changed.
        posts: The posts that are done.
        counts: Posts by outcome; `left`: those that were not reached before the run was interrupted or stopped by an
            error.
        errors: What stopped the run.
        notices: Remarks on the run or the store.
        dry_run: Whether this was a dry run, which changes nothing.
    """

    run: str | None
    posts: tuple[ScheduledPost, ...]
    counts: dict[str, int]
    errors: tuple[Error, ...]
    notices: tuple[str, ...]
    dry_run: bool


class CalendarEntry(Document, frozen=True):
    """A post on its day.

    Attributes:
        date: The day, in the zone of the settings.
        at: When it goes or went live, or expires, in UTC.
        local: The same time in the zone of the settings, with its offset.
        kind: `change`: a scheduled change of a published post; `expiry`: the post is taken down.
        overdue: Whether its time has passed although it is not live or, for an expiry, although it still is.
        held: Why it is not published until somebody has reviewed it; null if it is not held.
        post_id: The ID of the post.
        slug: Its slug.
        locale: Its language.
        title: Its title.
        author: The name in its byline; null if there is none.
        categories: The labels of its categories.
    """

    date: str
    at: str
    local: str
    kind: Literal["scheduled", "change", "published", "expiry"]
    overdue: bool
    held: str | None
    post_id: str
    slug: str
    locale: str
    title: str
    author: str | None
    categories: tuple[str, ...]


class Calendar(Document, frozen=True, rename={"first": "from", "last": "to"}):
    """What goes live and what expires in the coming days.

    Attributes:
        from: The first day.
        to: The last day.
        timezone: The zone of the days.
        posts: Posts in the order of their times, overdue ones first.
    """

    first: str
    last: str
    timezone: str
    posts: tuple[CalendarEntry, ...]
