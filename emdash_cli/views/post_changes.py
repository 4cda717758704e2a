"""The reports of `diff` and `edit`: how a post differs or has changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.announced import listed
from emdash_cli.domain.post_text import NOTHING
from emdash_cli.views import output
from emdash_cli.views.output import sanitized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from emdash_cli.domain.post_text import ValueChange
    from emdash_cli.scheduling.diff import Difference
    from emdash_cli.scheduling.edit import Edited
    from emdash_cli.scheduling.rename import Renamed
    from emdash_cli.scheduling.revert import Reverted
    from emdash_cli.views.documents import editing, posts

_MOST_VALUES: Final = 50
_LONGEST_VALUE: Final = 300


def difference_document(found: Difference) -> posts.Difference:
    """How two versions of a post differ, as a JSON document."""
    from emdash_cli.views.documents import posts

    return posts.Difference.of(found, values=_values(found.values))


def show_difference(found: Difference, *, as_json: bool) -> None:
    """Print the unified diff of two versions, and on stderr what it means; or one JSON document."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(difference_document(found))
        return
    for note in _diff_notes(found):
        output.note(note)
    for line in found.lines or _value_lines(found.values, found.before, found.after):
        output.difference(line)


def _diff_notes(found: Difference) -> Iterator[str]:
    """Remarks on the comparison, and an explanation if there is no diff."""
    post = f"{found.slug} ({found.locale})"
    if found.held_reason:
        yield f"held: {found.held_reason}"
    if found.is_draft_lost:
        yield "the draft that was scheduled no longer exists; the rest of the post is shown"
    if found.before is None:
        yield f"{post} has no unpublished change"
    elif not (found.lines or found.values):
        yield f"no difference between {post} {found.before} and {found.after}"
        if found.is_stored_differently:
            yield "the stored JSON differs only in the order of its fields or in white space"
    elif not found.lines:
        yield f"{post} is the same as Markdown, but these values differ"


def edit_document(done: Edited, *, dry_run: bool) -> posts.Edit:
    """What was edited, as a JSON document."""
    from emdash_cli.views.documents import posts

    return posts.Edit.of(done, values=_values(done.values), dry_run=dry_run)


def show_edit(done: Edited, *, as_json: bool, dry_run: bool) -> None:
    """Print which fields were edited, in a dry run with the unified diff, and remarks; or one JSON document."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(edit_document(done, dry_run=dry_run))
        return
    if done.outcome == "abandoned":
        output.note("abandoned: the file was empty or deleted, and nothing was changed")
        return
    what = output.styled(f"{'would be ' if dry_run and done.fields else ''}{done.outcome}", "cyan")
    names = ", ".join(done.fields)
    if output.is_terminal():
        output.data(f"{what} {done.slug}: {names}".rstrip(": "))
    else:
        output.data(f"{what}\t{done.slug}\t{done.locale}\t{names}".rstrip())
    for line in (done.lines or _value_lines(done.values, "as it is now", "as edited")) if dry_run else ():
        output.difference(line)
    for notice in _edit_notices(done):
        output.notice(notice)


def _edit_notices(done: Edited) -> Iterator[str]:
    """Remarks on the edit: what it left out, what waits in the draft, and what is already on the site."""
    yield from done.notices
    if done.not_changed:
        yield f"left out, because an edit cannot change it: {', '.join(done.not_changed)}"
    waiting = [name for name in done.fields if name not in done.at_once]
    if done.status == "published" and waiting:
        how = f"`emdash publish {done.slug}`"
        yield f"in the draft until it is published, for example with {how}: {', '.join(waiting)}"
    if done.status == "published" and done.at_once:
        yield f"on the site at once, because EmDash keeps no drafts of these fields: {', '.join(done.at_once)}"
    if done.announced_on:
        yield f"the change would be sent to {listed(done.announced_on)}"


def revert_document(done: Reverted, *, dry_run: bool) -> editing.Revert:
    """What returned to an older revision, as a JSON document."""
    from emdash_cli.views.documents import editing

    return editing.Revert.of(done, values=_values(done.values), dry_run=dry_run)


def show_revert(done: Reverted, *, as_json: bool, dry_run: bool) -> None:
    """Print which fields returned to an older revision, in a dry run with the diff, and remarks; or a JSON document."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(revert_document(done, dry_run=dry_run))
        return
    what = output.styled(f"{'would be ' if dry_run and done.fields else ''}{done.outcome}", "cyan")
    where = "live" if done.is_live else "draft"
    names = ", ".join(done.fields)
    if output.is_terminal():
        output.data(f"{what} {done.slug} to {done.to} ({where}): {names}".rstrip(": "))
    else:
        output.data(f"{what}\t{done.slug}\t{done.locale}\t{where}\t{done.to}\t{names}".rstrip())
    for line in (done.lines or _value_lines(done.values, "as it is now", f"as it was in {done.to}")) if dry_run else ():
        output.difference(line)
    for notice in _revert_notices(done):
        output.notice(notice)


def _revert_notices(done: Reverted) -> Iterator[str]:
    yield from done.notices
    if done.left_out:
        yield f"left out, because the collection no longer has these fields: {', '.join(done.left_out)}"
    if done.fields and done.status == "published" and not done.is_live:
        yield f"in the draft until it is published, for example with `emdash schedule {done.slug} --at now`"
    if done.announced_on:
        yield f"the change would be sent to {listed(done.announced_on)}"


def rename_document(done: Renamed, *, dry_run: bool) -> editing.Rename:
    """The new slug of a post, as a JSON document."""
    from emdash_cli.views.documents import editing

    return editing.Rename.of(done, dry_run=dry_run)


def show_rename(done: Renamed, *, as_json: bool, dry_run: bool) -> None:
    """Print the old and the new slug, and remarks; or one JSON document."""
    if as_json:
        from emdash_cli.views import json_form

        json_form.show(rename_document(done, dry_run=dry_run))
        return
    is_planned = dry_run and done.outcome == "renamed"
    what = output.styled(f"{'would be ' if is_planned else ''}{done.outcome}", "cyan")
    if output.is_terminal():
        output.data(f"{what} {done.slug_before} ({done.locale}) to {done.slug}")
    else:
        output.data(f"{what}\t{done.slug_before}\t{done.locale}\t{done.slug}")
    for notice in done.notices:
        output.notice(notice)
    if done.redirected_from:
        output.notice(f"{done.redirected_from} {'would redirect' if dry_run else 'redirects'} to {done.path}")
    if done.announced_on:
        output.notice(f"the change would be sent to {listed(done.announced_on)}")


def _value_lines(values: Sequence[ValueChange], before: str | None, after: str) -> Iterator[str]:
    """Each value that differs, with its path, in the style of a unified diff between the two labels."""
    if values:
        yield from (f"--- {before}", f"+++ {after}")
    for change in values[:_MOST_VALUES]:
        for sign, value in (("-", change.before), ("+", change.after)):
            if value is not NOTHING:
                text = json.dumps(value, ensure_ascii=False)
                text = text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
                yield f"{sign}{sanitized(change.path)}: {sanitized(text)}"
    if len(values) > _MOST_VALUES:
        yield f" and {len(values) - _MOST_VALUES} more: --json shows them all"


def _values(changes: Iterable[ValueChange]) -> tuple[posts.ValueChange, ...]:
    from msgspec import UNSET

    from emdash_cli.views.documents import posts

    def known(value: object) -> object:
        return UNSET if value is NOTHING else value

    return tuple(posts.ValueChange(change.path, known(change.before), known(change.after)) for change in changes)
