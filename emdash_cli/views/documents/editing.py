"""What the commands print that return a post to older text, rename it, or link its translations."""

from __future__ import annotations

from typing import Literal

from emdash_cli.views.documents.posts import ValueChange
from emdash_cli.views.json_form import Document


class Revert(Document, frozen=True):
    """What returned to an older revision.

    With `--dry-run`, it is what would.

    Attributes:
        outcome: `unchanged`: the post already has that text.
        slug: The slug of the post.
        locale: Its language.
        post_id: Its ID.
        status: Its status afterwards.
        to: The ID of the revision that the post returned to.
        written_at: When that revision was written, as EmDash stored it; null if it stored nothing.
        revision: The ID of the new revision, which has the older text; null if nothing changed and in a dry run.
        replaced: The ID of the draft that was pending, and is history now; null if there was none.
        is_live: Whether the older text is live, and not the draft.
        fields: The names of the fields that changed; `status`: the post was not published before.
        left_out: The names of fields of the older revision that the collection no longer has.
        notices: Remarks on the change.
        by: Who made it, as in the audit table.
        lines: The difference of the fields and of the text as Markdown, as the lines of a unified diff.
        values: Each value that differs, if `lines` is empty although something changed.
        announced_on: In a dry run, the platforms that would be sent the change.
        run: The ID of the run; null if nothing changed and in a dry run.
        dry_run: Whether this was a dry run, which changes nothing.
    """

    outcome: Literal["reverted", "unchanged"]
    slug: str
    locale: str
    post_id: str
    status: str
    to: str
    written_at: str | None
    revision: str | None
    replaced: str | None
    is_live: bool
    fields: tuple[str, ...]
    left_out: tuple[str, ...]
    notices: tuple[str, ...]
    by: str
    lines: tuple[str, ...]
    values: tuple[ValueChange, ...]
    announced_on: tuple[str, ...]
    run: str | None
    dry_run: bool


class Rename(Document, frozen=True):
    """A post that got another slug.

    With `--dry-run`, it is what would be changed.

    Attributes:
        outcome: `unchanged`: the post already has that slug.
        slug: The new slug.
        slug_before: The old one.
        locale: The language of the post.
        post_id: Its ID.
        status: Its status.
        path: The address that it has on the site, or will have once it is published.
        redirected_from: The old address, which redirects to the new one; null for a post that is not public, and in a
            store without redirects.
        notices: Remarks on the change.
        by: Who made it, as in the audit table.
        announced_on: In a dry run, the platforms that would be sent the change.
        run: The ID of the run; null if nothing changed and in a dry run.
        dry_run: Whether this was a dry run, which changes nothing.
    """

    outcome: Literal["renamed", "unchanged"]
    slug: str
    slug_before: str
    locale: str
    post_id: str
    status: str
    path: str
    redirected_from: str | None
    notices: tuple[str, ...]
    by: str
    announced_on: tuple[str, ...]
    run: str | None
    dry_run: bool


class GroupMember(Document, frozen=True):
    """One post of a translation group.

    Attributes:
        locale: Its language.
        slug: Its slug.
        status: Its status; `trashed`: it is in the trash.
        title: Its title.
        post_id: Its ID.
        published_at: When it went live, in UTC; null if it never did.
    """

    locale: str
    slug: str
    status: str
    title: str
    post_id: str
    published_at: str | None


class Translations(Document, frozen=True):
    """The translations of a post, after a change if there was one.

    With `--dry-run`, it is what the change would make of them.

    Attributes:
        outcome: `listed`: nothing was to be changed. `unchanged`: it was so before.
        slug: The slug of the post.
        locale: Its language.
        post_id: Its ID.
        posts: The posts of its group, by language; it is one of them.
        missing: The languages of emdash.toml that have no post outside the trash.
        moved: The slugs of the posts that moved to another group.
        notices: Remarks on the change.
        by: Who made it, as in the audit table; null if nothing was to be changed.
        announced_on: In a dry run, the platforms that would be sent the change.
        run: The ID of the run; null if nothing changed and in a dry run.
        dry_run: Whether this was a dry run, which changes nothing.
    """

    outcome: Literal["listed", "linked", "unlinked", "unchanged"]
    slug: str
    locale: str
    post_id: str
    posts: tuple[GroupMember, ...]
    missing: tuple[str, ...]
    moved: tuple[str, ...]
    notices: tuple[str, ...]
    by: str | None
    announced_on: tuple[str, ...]
    run: str | None
    dry_run: bool
