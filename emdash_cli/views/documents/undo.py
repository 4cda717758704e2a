"""What `runs` and `undo` print with ``--json``."""

from __future__ import annotations

from emdash_cli.views.json_form import Document, Error


class ListedRun(Document, frozen=True):
    """A run that changed something.

    Attributes:
        id: Its ID, which `emdash undo` takes.
        kind: The command: `publish` for `publish-queue`, `import`, `sweep`, `distribute` and so on.
        started_at: When it started, in UTC.
        seen_at: When it was last seen at work, in UTC; null if that is not known.
        counts: What it did: posts, files or jobs by outcome.
    """

    id: str
    kind: str
    started_at: str
    seen_at: str | None
    counts: dict[str, int]


class RunList(Document, frozen=True):
    """The latest runs that changed something.

    Attributes:
        runs: The runs, newest first.
    """

    runs: tuple[ListedRun, ...]


class PostOfRun(Document, frozen=True):
    """What a run did to a post.

    Attributes:
        action: `created published`, `created scheduled` or `created draft` for a new post; for another one the action
            that its history shows, such as `published`, `updated` or `held`.
        slug: The slug of the post, as the run left it.
        locale: Its language.
        post_id: Its ID.
        at: When, in UTC.
        status: The status of the post now: `draft`, `scheduled`, `published`, `trashed`, or `gone` if it was deleted.
        undone: Whether `emdash undo` has taken it back.
    """

    action: str
    slug: str
    locale: str
    post_id: str
    at: str
    status: str
    undone: bool


class RunDetails(Document, frozen=True):
    """A run and what it did to posts.

    Attributes:
        run: The run.
        by: Who started it; null if it changed no post.
        posts: What it did, in order.
    """

    run: ListedRun
    by: str | None
    posts: tuple[PostOfRun, ...]


class UndonePost(Document, frozen=True):
    """A post of the run and what became of it.

    Attributes:
        outcome: `unpublished`: it is a draft again. `restored`: the version that was live before the run is live again.
            `trashed`, `untrashed`: it is in the trash again, or back from it. `unchanged`: it was taken back before.
            `left`: it was left alone.
        slug: Its slug.
        locale: Its language.
        post_id: Its ID.
        code: Why it was left alone, as a stable name, for programs; empty otherwise. `edited_since`, `deleted` and
            `in_trash`: somebody has changed it after the run. `never_live`: the run did not make it live.
            `still_scheduled`: the run scheduled it. `other_change`: the run did something to it that is not undone,
            such as linking translations. `attached_only`: only its terms, byline or SEO were changed.
            `revision_missing`: the revision that was live before is gone. `slug_taken`: its former slug belongs to
            another post. `not_recorded`: an earlier version of emdash did not record what was live before.
        reason: The same, for people.
        needs_attention: Whether a person should look at it.
        announced_on: The platforms where it was announced, or may have been, which cannot be taken back.
        discarded_on: The platforms where it was still to be announced, and is not any more.
        file: Where its file is now, or would be; null if it was not moved.
    """

    outcome: str
    slug: str
    locale: str
    post_id: str
    code: str
    reason: str
    needs_attention: bool
    announced_on: tuple[str, ...]
    discarded_on: tuple[str, ...]
    file: str | None


class UndoRun(Document, frozen=True):
    """What became of the posts of a run that was undone.

    Attributes:
        undoes: The ID of that run.
        dry_run: Whether this was a dry run, which changes nothing.
        outcomes: One for each post. They are printed during the run, one per line.
        counts: Posts by outcome.
        errors: What stopped the undoing.
        notices: Remarks on the run or the store.
        run: The ID of the undoing, which can be undone itself; null if nothing was changed.
    """

    undoes: str
    dry_run: bool
    outcomes: tuple[UndonePost, ...]
    counts: dict[str, int]
    errors: tuple[Error, ...]
    notices: tuple[str, ...]
    run: str | None
