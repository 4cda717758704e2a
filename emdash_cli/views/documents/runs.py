"""The documents of the commands that handle files, posts or rows one by one."""

from __future__ import annotations

from typing import Literal

from emdash_cli.domain.outcome import Cleaned, Outcome, Sent, Swept
from emdash_cli.views.json_form import Document, Error


class FileOutcome(Document, frozen=True):
    """One file and what became of it.

    Attributes:
        file: The file's name in the queue, or its path below the folder that is imported.
        stream: Its stream.
        outcome: `changed`: the file was edited since it was published, and its post was not updated. `conflict`: its
            slug belongs to another article, or its post was also edited elsewhere. `left`: it stays in the queue.
        slug: The slug of its post; null if there is no post.
        locale: The language of its post; null if it is not known.
        post_id: The ID of its post; null in a dry run, and if there is no post.
        archived_to: Where the file is now; null if it was not moved.
        reason: Why it has this outcome; empty if there is nothing to say.
        notices: Remarks on an article that was written, such as a duplicate key in its front matter.
        differences: How an edited file differs from its post, as the lines of a unified diff: in a dry run, and where
            both were edited.
        announced_on: In a dry run, the platforms where the post would be announced once it is live.
    """

    file: str
    stream: str
    outcome: Outcome
    slug: str | None
    locale: str | None
    post_id: str | None
    archived_to: str | None
    reason: str
    notices: tuple[str, ...]
    differences: tuple[str, ...]
    announced_on: tuple[str, ...]


class PublishRun(Document, frozen=True):
    """What became of each file.

    Attributes:
        outcomes: One for each file that the run reached, in the order of processing. They are printed during the
            run, one per line.
        counts: Files by outcome.
        errors: What stopped a stream or the whole run and was not a file's fault.
        notices: Remarks on the run, such as a wait for the database.
        run: The ID of the run; null if none was recorded, as in a dry run.
    """

    outcomes: tuple[FileOutcome, ...]
    counts: dict[str, int]
    errors: tuple[Error, ...]
    notices: tuple[str, ...]
    run: str | None


class SweptPost(Document, frozen=True):
    """One post and what became of it.

    Attributes:
        outcome: `published`: it is live now. `unpublished`: its expiry came, and it is a draft now. `held`: it waits
            until somebody has reviewed it. `preempted`: EmDash published it first. `released`: it was unscheduled
            elsewhere.
        slug: Its current slug.
        locale: Its language.
        post_id: Its ID.
        published_at: When it went live, in UTC; null if it is not live.
        code: The reason as a stable name, for programs; empty if there is nothing to say.
        reason: The reason, for people.
        held_at: When it was first held, in UTC; null if it is not held.
        is_news: False for a post that an earlier sweep held.
        announced_on: In a dry run, the platforms where it would be announced.
    """

    outcome: Swept
    slug: str
    locale: str
    post_id: str
    published_at: str | None
    code: str
    reason: str
    held_at: str | None
    is_news: bool
    announced_on: tuple[str, ...]


class SweepRun(Document, frozen=True):
    """The outcome of each post that was due.

    With `--watch`, each sweep prints such a document.

    Attributes:
        outcomes: One for each post, oldest first. They are printed during the sweep, one per line.
        counts: Posts by outcome.
        errors: What stopped the sweep.
        notices: Remarks on the sweep or the store.
        run: The ID of the run; null if none was recorded, as in a dry run.
    """

    outcomes: tuple[SweptPost, ...]
    counts: dict[str, int]
    errors: tuple[Error, ...]
    notices: tuple[str, ...]
    run: str | None


class ChangedPost(Document, frozen=True):
    """One post after `publish`, `unpublish`, `trash` or `untrash`.

    Attributes:
        outcome: What was done; `unchanged`: it was as wanted before; `expiry_set`, `expiry_removed`: `unpublish --at`
            says when it is to be taken down, or that it is not.
        slug: Its slug.
        locale: Its language.
        post_id: Its ID.
        status: Its status afterwards; `trashed`: it is in the trash.
        published_at: When it went live, in UTC; null if it is not live.
        scheduled_at: When it goes live, in UTC; null if it is not scheduled.
        expires_at: When it is taken down again, in UTC; null if it is not.
        notes: What else became of it, for people.
        announced_on: Of a post that would be published, in a dry run, the platforms where it would be announced, or its
            change sent. Of a post that was taken down, those where it was announced, which cannot be taken back.
    """

    outcome: Literal["published", "unpublished", "trashed", "untrashed", "expiry_set", "expiry_removed", "unchanged"]
    slug: str
    locale: str
    post_id: str
    status: str
    published_at: str | None
    scheduled_at: str | None
    expires_at: str | None
    notes: tuple[str, ...]
    announced_on: tuple[str, ...]


class PostChangeRun(Document, frozen=True):
    """The posts that were published, unpublished, moved to the trash or brought back: of one post, too, it is a list.

    With `--dry-run`, it is what the command would make of them. If a post forbids the change, nothing is done, and the
    document is an `error`.

    Attributes:
        run: The ID of the run, which the audit rows of its posts have as `run`; null if nothing was changed.
        posts: The posts that are done.
        counts: Posts by outcome.
        errors: What stopped the run.
        notices: Remarks on the run or the store.
        dry_run: Whether this was a dry run, which changes nothing.
    """

    run: str | None
    posts: tuple[ChangedPost, ...]
    counts: dict[str, int]
    errors: tuple[Error, ...]
    notices: tuple[str, ...]
    dry_run: bool


class SentJob(Document, frozen=True):
    """One announcement and what became of it.

    Attributes:
        outcome: `sent`: the platform has it now. `duplicate`: it had it before. `waiting`: it will be tried again.
            `dead`: it will not. `unknown`: it may have arrived, and is not sent again by itself. `late`: the outcome
            came after another run had taken the job over. In a dry run, all are `sent`.
        id: The number of the job.
        platform: The platform's name in emdash.toml.
        kind: `announce`, `update` for a changed post, or the type of an event, such as `post.held`.
        slug: The slug of the post; empty if it is gone.
        locale: Its language; empty if it is gone.
        post_id: Its ID.
        state: The state of the job: `done`, `pending`, `dead` or `unknown`.
        category: What the last attempt came to, such as `delivered` or `rate_limited`; empty without an attempt.
        attempts: How many attempts are used up.
        external_id: What the platform calls the result; null if it said nothing.
        error: What went wrong; null if nothing did.
        run_after: When it will be tried again, in UTC; null if it will not.
    """

    outcome: Sent
    id: int
    platform: str
    kind: str
    slug: str
    locale: str
    post_id: str
    state: str
    category: str
    attempts: int
    external_id: str | None
    error: str | None
    run_after: str | None


class DistributionRun(Document, frozen=True):
    """What was sent to the platforms.

    Attributes:
        outcomes: One for each attempt that came to an end. They are printed while the run goes on, one per line.
        counts: Attempts by outcome.
        errors: What kept a platform from being served, or stopped the run.
        notices: Remarks on the run, such as a platform that is paused.
        run: The ID of the run; null if none was recorded, as in a dry run.
    """

    outcomes: tuple[SentJob, ...]
    counts: dict[str, int]
    errors: tuple[Error, ...]
    notices: tuple[str, ...]
    run: str | None


class WorkerEvent(Document, frozen=True):
    """Something that happened while a worker works.

    Each is printed on a line of its own. What does not concern it is null.

    Attributes:
        at: When, in UTC.
        part: The part of the work: `sweep`, `publish`, `distribute` or `housekeeping`.
        file: A file of a queue, and what became of it.
        post: A post that was due, and what became of it.
        job: An announcement, and what became of it.
        notice: A remark, such as a platform that is paused, or that the store answers again.
        error: What keeps a part of the work from being done. It is printed once, and again if it comes back.
    """

    at: str
    part: str
    file: FileOutcome | None = None
    post: SweptPost | None = None
    job: SentJob | None = None
    notice: str | None = None
    error: Error | None = None


class CleanedItem(Document, frozen=True):
    """One post, row or file, and its outcome.

    Attributes:
        outcome: Of `cleanup`: `finished`, `removed`, or `left` because it changed during the run or has a revision that
            cannot be read. Of `restore`: `restored`, `present` because it existed already, or `refused`.
        kind: `post`, `revision`, `term_link`, `credit`, `seo`, `lock`, `outbox`, `jobs` or `file`.
        key: Its ID, or what identifies it; of the outbox and of jobs, how many.
        slug: The slug of a post; null for anything else.
        reason: Why it has this outcome, or what a restored post lacks; may be empty.
    """

    outcome: Cleaned
    kind: str
    key: str
    slug: str | None
    reason: str


class CleanupRun(Document, frozen=True):
    """What was finished, removed or restored.

    Attributes:
        dry_run: Whether this was a dry run, which changes nothing.
        outcomes: One for each post, row or file. They are printed while the command runs, one per line.
        counts: Posts, rows and files by outcome; outcomes that did not occur are left out.
        kept_in: The file in archive/removed/ that holds what was removed; null if there is none.
        errors: What stopped the command.
        notices: Remarks on the run or the store.
        run: The ID of the run; null if none was recorded, as in a dry run.
    """

    dry_run: bool
    outcomes: tuple[CleanedItem, ...]
    counts: dict[str, int]
    kept_in: str | None
    errors: tuple[Error, ...]
    notices: tuple[str, ...]
    run: str | None


class ExportedFile(Document, frozen=True):
    """One post and its file.

    Attributes:
        file: The path of the file.
        slug: The slug of the post.
        locale: Its language.
        post_id: Its ID.
        outcome: `differs`: another file of that name exists and was left as it is.
        lost: What an import of the file would not bring back.
    """

    file: str
    slug: str
    locale: str
    post_id: str
    outcome: Literal["written", "unchanged", "differs"]
    lost: tuple[str, ...]


class ExportRun(Document, frozen=True):
    """The exported posts and their files.

    Attributes:
        files: One for each post.
        counts: Files by outcome.
        incomplete: The number of posts that an import would not bring back completely.
    """

    files: tuple[ExportedFile, ...]
    counts: dict[str, int]
    incomplete: int


class Problem(Document, frozen=True):
    """One thing that is wrong with a file.

    Attributes:
        line: The line of the file, counted from 1; null if the problem concerns the whole file.
        field: The place in the document, in its author's own names, such as `seo.image` or `tags[2]`; null as for
            `line`.
        message: What is wrong.
        hint: What to do about it; may be empty.
    """

    line: int | None
    field: str | None
    message: str
    hint: str


class RefusedFile(Document, frozen=True):
    """A file that was left where it is.

    Attributes:
        source: The file as the user named it.
        problems: Everything that is wrong with it.
    """

    source: str
    problems: tuple[Problem, ...]


class QueuedFile(Document, frozen=True):
    """An article that was queued or, in a dry run, would be.

    Attributes:
        source: The file as it was named; `-` for standard input.
        file: The path of the new file in the queue.
        title: The title of the article.
        notices: Remarks on the article, such as a template tag left in its text.
        announced_on: The platforms where it will be announced once it is live.
    """

    source: str
    file: str
    title: str
    notices: tuple[str, ...]
    announced_on: tuple[str, ...]


class EnqueueRun(Document, frozen=True):
    """The files that were queued or refused.

    If any file was refused, none were queued.

    Attributes:
        dry_run: Whether this was a dry run, which writes nothing.
        stream: The stream whose queue they are in.
        queued: The articles in their order in the queue.
        refused: The files that could not be published.
    """

    dry_run: bool
    stream: str
    queued: tuple[QueuedFile, ...]
    refused: tuple[RefusedFile, ...]


class RequeuedFile(Document, frozen=True):
    """A file that is back in the queue or, in a dry run, would be.

    Attributes:
        source: The file as the user named it.
        file: Its path in the queue.
        stream: The stream of the queue.
        retired: With `--again`, the ID of the post that it was published as before; null if there is none.
        note: A remark; may be empty.
    """

    source: str
    file: str
    stream: str
    retired: str | None
    note: str


class RequeueRun(Document, frozen=True):
    """The files that went back or were refused.

    Attributes:
        dry_run: Whether this was a dry run, which moves nothing.
        requeued: The files that went back.
        refused: The files that stay in the archive.
    """

    dry_run: bool
    requeued: tuple[RequeuedFile, ...]
    refused: tuple[RefusedFile, ...]
