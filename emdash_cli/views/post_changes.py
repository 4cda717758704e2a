"""The reports of `diff` and `edit`: how a post differs or has changed, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.post_text import NOTHING
from emdash_cli.views.output import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emdash_cli.domain.post_text import ValueChange
    from emdash_cli.scheduling.diff import Difference
    from emdash_cli.scheduling.edit import Edited

_MOST_VALUES: Final = 50
_LONGEST_VALUE: Final = 300


def diff_document(found: Difference) -> dict[str, Any]:
    """The document that ``diff --json`` prints."""
    return _with_values(found)


def diff_lines(found: Difference) -> Iterator[str]:
    """The unified diff or, if the Markdown is the same, the values that differ."""
    yield from found.lines or _value_lines(found.values, found.before, found.after)


def diff_notes(found: Difference) -> Iterator[str]:
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
        if found.is_stored_otherwise:
            yield "the stored JSON differs only in the order of its fields or in white space"
    elif not found.lines:
        yield f"{post} is the same as Markdown, but these values differ"


def edit_document(done: Edited, *, dry_run: bool) -> dict[str, Any]:
    """The document that ``edit --json`` prints."""
    return {**_with_values(done), "dry_run": dry_run}


def edit_lines(done: Edited) -> Iterator[str]:
    """The unified diff of the edit or, if the Markdown is the same, the values that differ."""
    yield from done.lines or _value_lines(done.values, "as it is now", "as edited")


def edit_notices(done: Edited) -> Iterator[str]:
    """Remarks on the edit: what it left out, what waits in the draft, and what is already on the site."""
    yield from done.notices
    if done.not_changed:
        yield f"left out, because an edit cannot change it: {', '.join(done.not_changed)}"
    waiting = [name for name in done.fields if name not in done.at_once]
    if done.status == "published" and waiting:
        how = f"`emdash schedule {done.slug} --at now`"
        yield f"in the draft until it is published, for example by {how}: {', '.join(waiting)}"
    if done.status == "published" and done.at_once:
        yield f"on the site at once, because EmDash keeps no draft of it: {', '.join(done.at_once)}"


def _value_lines(values: Sequence[ValueChange], before: str | None, after: str) -> Iterator[str]:
    """Each value that differs, with its path, in the style of a unified diff between the two labels."""
    if values:
        yield from (f"--- {before}", f"+++ {after}")
    for change in values[:_MOST_VALUES]:
        for sign, value in (("-", change.before), ("+", change.after)):
            if value is not NOTHING:
                text = json.dumps(value, ensure_ascii=False)
                text = text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
                yield f"{sign}{harmless(change.path)}: {harmless(text)}"
    if len(values) > _MOST_VALUES:
        yield f" and {len(values) - _MOST_VALUES} more: --json shows them all"


def _with_values(report: Difference | Edited) -> dict[str, Any]:
    values = [
        {"path": change.path}
        | {name: value for name, value in (("before", change.before), ("after", change.after)) if value is not NOTHING}
        for change in report.values
    ]
    return asdict(replace(report, values=())) | {"values": values}
