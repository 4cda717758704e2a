"""What it takes to undo a run: rules from what the run did to a post, and how the post is now, to what is to be done.

The run is taken back as a whole: if it changed a post twice, the post is to be as it was before the first change. A
post that is not as the run left it is left alone (docs/decisions/undo.md).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from emdash_cli.domain.ports import Row

Step = Literal["unpublish", "put back", "trash", "untrash", "nothing", "leave"]
"""What is to be done: the former version is ``put back``; ``nothing``: it was undone before; ``leave`` it alone."""

EDITED: Final = "edited_since"
_REASONS: Final = {
    EDITED: "it was changed after the run",
    "deleted": "it was deleted after the run",
    "in_trash": "it was moved to the trash after the run",
    "never_live": "the run did not make it live",
    "still_scheduled": "the run scheduled it, and it goes live when it is due; `emdash unschedule` prevents that",
    "other_change": "what the run did to it is not among what `emdash undo` takes back",
    "not_recorded": "an earlier version of emdash made the change and did not record what was live before",
    "attached_only": "only its terms, byline or SEO were changed, of which no earlier version is kept",
    "revision_missing": "the revision that was live before does not exist any more",
    "slug_taken": "another post has the slug that it had before",
}
"""Why a post is left alone, by the code that ``--json`` shows."""
_HARMLESS: Final = frozenset({"never_live"})
"""Codes of what was not the run's to undo."""

_OF_TEXTS: Final = frozenset({"created", "published", "updated", "reverted", "held", "preempted", "released"})
"""Actions of which readers notice nothing unless a text goes live."""
_GOES_LIVE: Final = frozenset({"created", "published", "updated", "restored", "reverted"})
"""Actions that may make a text live."""


@dataclass(frozen=True, slots=True)
class UndonePost:
    """A post of the run, and what became of it.

    Attributes:
        outcome: ``unpublished``; ``restored``: the version that was live before is live again; ``trashed``,
            ``untrashed``; ``unchanged``: it was taken back before; ``left``: see `code`.
        slug: its present slug.
        code: why it was left alone; empty otherwise.
        reason: the same for people.
        needs_attention: whether a person should look at it.
        announced_on: the platforms where it was announced, or may have been, which cannot be taken back.
        discarded_on: the platforms where it was still to be announced, and is not any more.
        file: where its file is now, or would be; None if it was not moved.
    """

    outcome: str
    slug: str
    locale: str
    post_id: str
    code: str = ""
    reason: str = ""
    needs_attention: bool = False
    announced_on: tuple[str, ...] = ()
    discarded_on: tuple[str, ...] = ()
    file: str | None = None


class Deed(NamedTuple):
    """What a run did to a post.

    Attributes:
        version: of the post before.
        was_live: whether the post was public before; None if it did not exist.
        is_live: whether it is public afterwards, unless it lies in the trash.
        revision: live afterwards, if it is known.
        undoes: the run that the deed took back.
    """

    action: str
    version: int
    was_live: bool | None
    is_live: bool
    revision: str | None
    detail: Mapping[str, object]
    undoes: str | None

    @classmethod
    def of(cls, row: Row) -> Deed:
        """The deed in a row of `runs.deeds`."""
        detail = json.loads(str(row["detail"]))
        action = str(row["action"])
        was_live = None if action == "created" else detail.get("status_before") == "published"
        return cls(
            action,
            int(detail.get("version") or 0),
            was_live,
            _is_live(action, detail, was_live=bool(was_live)),
            detail.get("revision"),
            detail,
            detail.get("undoes"),
        )

    @property
    def counts(self) -> bool:
        """Whether it is something to undo: it changed what is public, or moved the post into the trash or back."""
        if self.action in {"trashed", "untrashed"}:
            return True
        if self.action in {"unpublished", "renamed"}:
            return bool(self.was_live)
        if self.action in {"updated", "reverted"} and self.detail.get("form") == "touch":
            return bool(self.detail.get("public"))
        return self.action in _GOES_LIVE and self.is_live and self.detail.get("form") not in {"draft", "touch"}


def _is_live(action: str, detail: Mapping[str, object], *, was_live: bool) -> bool:
    if action == "created":
        return detail.get("outcome") == "published"
    if action == "unpublished":
        return False
    if action in {"updated", "reverted"} and detail.get("form") != "live":
        return was_live
    return was_live or action in _GOES_LIVE


class Plan(NamedTuple):
    """What is to be done with one post.

    Attributes:
        row: of `runs.deeds`: the last thing that the run did to the post, and the post as it is now.
        code: why it is left alone; empty otherwise.
        detail: what the audit row of the undoing says of it.
        files: what becomes of the post's file: it is put ``aside``, or ``back`` from there; empty: nothing.
        version: that the run's last change gave to the post.
        went_live: whether the run published the post, in place of a change to it.
    """

    row: Row
    step: Step
    code: str = ""
    detail: Mapping[str, object] = {}
    files: str = ""
    version: int = 0
    went_live: bool = False

    @property
    def post(self) -> str:
        """The id of the post."""
        return str(self.row["post_id"])

    @property
    def reason(self) -> str:
        """Why it is left alone, for people; empty otherwise."""
        return _REASONS.get(self.code, "")

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look at it."""
        return self.step == "leave" and self.code not in _HARMLESS

    def left(self, code: str) -> Plan:
        """The plan to leave the post alone."""
        return self._replace(step="leave", code=code, detail={})


def plans(rows: Iterable[Row]) -> Iterator[Plan]:
    """A plan for each post, in the order in which the run came to them."""
    by_post: dict[str, list[Row]] = {}
    for row in rows:
        by_post.setdefault(str(row["post_id"]), []).append(row)
    return (_plan(found) for found in by_post.values())


def _plan(rows: list[Row]) -> Plan:
    row = rows[-1]
    deeds = [Deed.of(each) for each in rows]
    counted = [deed for deed in deeds if deed.counts]
    if not counted:
        return Plan(row, "leave", _why_nothing(row, deeds))
    first, last = counted[0], counted[-1]
    plan = Plan(
        row,
        "leave",
        files=_files(deeds, last),
        version=last.version + 1,
        went_live=not first.was_live and last.is_live,
    )
    if row["gone"]:
        return plan.left("deleted")
    if row["undone_version"] is not None and row["version"] == int(row["undone_version"]) + 1:
        return plan._replace(step="nothing")
    if code := _changed_since(row, counted, deeds[-1]):
        return plan.left(code)
    return _reversed(plan, first, last)


def _files(deeds: list[Deed], last: Deed) -> str:
    """The reverse of what the run did with the file of the post."""
    if last.undoes is not None:
        return {"aside": "back", "back": "aside"}.get(str(last.detail.get("files")), "")
    return "aside" if any(deed.action in {"created", "updated"} for deed in deeds) else ""


def _why_nothing(row: Row, deeds: list[Deed]) -> str:
    is_planned = deeds[-1].action in {"scheduled", "rescheduled"} or deeds[-1].detail.get("outcome") == "scheduled"
    waits = not row["gone"] and row["deleted_at"] is None and row["scheduled_at"] is not None
    if is_planned and waits:
        return "still_scheduled"
    return "never_live" if deeds[-1].action in _OF_TEXTS else "other_change"


def _changed_since(row: Row, counted: list[Deed], final: Deed) -> str:
    """How a post differs from what the run left, as a code; empty if it does not."""
    last = counted[-1]
    is_trashed = row["deleted_at"] is not None
    if is_trashed and last.action != "trashed":
        return "in_trash"
    if any(later.version != earlier.version + 1 for earlier, later in pairwise(counted)):
        return EDITED
    if row["version"] != final.version + 1 or final.version < last.version:
        return EDITED
    if last.is_live and last.action not in {"trashed", "untrashed"} and final is last:
        is_as_left = row["live_revision_id"] == last.revision
        kept = last.detail.get("draft_before") if last.action == "renamed" else last.detail.get("draft_after")
        has_other_draft = row["draft_revision_id"] not in {None, kept}
        if not is_as_left or has_other_draft or row["scheduled_at"] is not None or row["status"] != "published":
            return EDITED
    return ""


def _reversed(plan: Plan, first: Deed, last: Deed) -> Plan:
    if last.action in {"trashed", "untrashed"}:
        if first is not last:
            return plan.left(EDITED)
        return plan._replace(step="untrash" if last.action == "trashed" else "trash")
    if not first.was_live:
        return plan._replace(step="unpublish") if last.is_live else plan.left("never_live")
    if last.detail.get("form") == "touch" and last.action != "renamed":
        return plan.left("attached_only")
    if "live_before" not in first.detail:
        return plan.left("not_recorded")
    if first.detail["live_before"] is None:
        return plan.left("revision_missing")
    return plan._replace(step="put back", detail=_former(plan.row, first, last))


def _former(row: Row, first: Deed, last: Deed) -> dict[str, object]:
    """What is put back: the revision that was live before, under the slug and with the date that the post had then.

    A change that is taken back is the draft again, so that no text is lost. What was itself taken back is not: the
    former draft is.
    """
    published_at = first.detail.get("published_before") or row["published_at"]
    is_own_change = last.undoes is None and last.is_live and last.action != "renamed"
    return {
        "revision": first.detail["live_before"],
        "draft_after": last.revision if is_own_change else first.detail.get("draft_before"),
        "slug_after": first.detail.get("slug_before") or row["slug_now"],
        "published_at": published_at,
    }
