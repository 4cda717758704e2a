"""What `runs` and `undo` print with ``--json``."""

from __future__ import annotations

from emdash_cli.views.json_form import Document


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
