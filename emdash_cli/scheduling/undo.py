"""Undo a run: take back what it made live, and put the archived files of the posts that it published aside.

The posts first, the files second: what is killed in between is finished by undoing the run again.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from emdash_cli.domain.errors import RefusedChangeError, RefusedError
from emdash_cli.domain.outcome import Notice
from emdash_cli.scheduling.schedule import CHANGED_MEANWHILE
from emdash_cli.scheduling.sql import undo as sql
from emdash_cli.scheduling.sql import verbs
from emdash_cli.scheduling.undo_plan import Plan, UndonePost, plans
from emdash_cli.scheduling.verbs import missed_in_trash
from emdash_cli.store import runs
from emdash_cli.store.changes import MOST_POSTS, Group
from emdash_cli.store.session import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emdash_cli.domain.errors import EmdashError
    from emdash_cli.domain.ports import Row
    from emdash_cli.scheduling.undo_plan import Step
    from emdash_cli.store.session import Session

_TRIES: Final = 3
"""How often posts are read again if somebody changed one of them between reading and writing."""
_BATCH: Final = {"unpublish": verbs.unpublish, "put back": sql.put_back, "trash": verbs.trash, "untrash": verbs.untrash}
_ACTION: Final = {"unpublish": "unpublished", "put back": "restored", "trash": "trashed", "untrash": "untrashed"}
_INSTEAD: Final = {
    "distribute": "what was sent cannot be taken back; `emdash jobs list` shows it",
    "cleanup": "`emdash restore` brings back what it removed",
}
_OUT: Final = frozenset({"running", "done", "unknown"})


class Undoing(NamedTuple):
    """What to undo.

    Attributes:
        run: its id.
        reason: kept in the audit table; empty: none.
        is_preview: report what would happen without changing anything.
        stopped: whether to end after the current group.
    """

    run: str
    reason: str
    is_preview: bool
    stopped: Callable[[], bool] = lambda: False


class Reporter(Protocol):
    """Receives each post."""

    def add(self, event: UndonePost | Notice) -> None:
        """Take in one post, or a remark."""
        ...

    def add_error(self, error: EmdashError) -> None:
        """Take in what keeps posts from being taken back."""
        ...


def undo(session: Session, task: Undoing, report: Reporter) -> None:
    """Take back what the run made live, and report each post.

    Raises:
        EmdashError: there is no such run, or nothing of it can be undone.
        NotAllowedError: the acting user may not unpublish.
        DatabaseError: the store is unreachable or failing; what was reported before is durable.
        QueueTroubleError: a file could not be moved; undoing the run again tries again.
    """
    [found] = session.open([runs.find_run(task.run)])
    session.require("unpublish")
    if not found:
        raise runs.no_such_run(task.run)
    for warning in session.layout.warnings:
        report.add(Notice(warning))
    _Undo(session, task, report, Run("undo", session), found[0]).carry_out()


class _Undo:
    """One undoing."""

    def __init__(self, session: Session, task: Undoing, report: Reporter, run: Run, undone: Row) -> None:
        self._session = session
        self._task = task
        self._report = report
        self._run = run
        self._kind = str(undone["kind"])
        self._last = runs.last_id(None if undone["seen_at"] is None else str(undone["seen_at"]))

    def carry_out(self) -> None:
        """Take everything back, group by group; what somebody has changed in between is looked at again."""
        reported: set[str] = set()
        for _ in range(_TRIES):
            waiting = [plan for plan in self._plans() if plan.post not in reported]
            if not waiting and not reported:
                hint = _INSTEAD.get(self._kind, "`emdash runs show` says what it did")
                raise RefusedChangeError(
                    f"the run {self._task.run} ({self._kind}) changed no post", hint=hint, code="nothing_to_undo"
                )
            was_raced = False
            for group in _groups(waiting):
                if self._task.stopped():
                    return
                done = self._group(group)
                was_raced |= not done
                reported.update(plan.post for plan in group if done)
            if not was_raced:
                return
        self._report.add_error(
            RefusedChangeError(
                "somebody else keeps changing posts of the run; those that are not named were not taken back",
                hint="run the command again",
                code=CHANGED_MEANWHILE,
            )
        )

    def _plans(self) -> list[Plan]:
        rows = self._session.database.query(runs.deeds(self._session.names, self._task.run, self._last))
        found = list(plans(rows))
        wanted = [
            (plan.post, str(plan.detail["revision"]), str(plan.detail["slug_after"]))
            for plan in found
            if plan.step == "put back"
        ]
        if not wanted:
            return found
        codes = {
            str(row["id"]): str(row["code"])
            for row in self._session.database.query(sql.obstacles(self._session.names, wanted))
        }
        return [plan.left(codes[plan.post]) if plan.post in codes else plan for plan in found]

    def _group(self, group: Sequence[Plan]) -> bool:
        """Take a group back and report it; False if one of its posts was changed since it was read."""
        step = group[0].step
        jobs = self._jobs(group) if step in _BATCH else {}
        if step in _BATCH and not self._task.is_preview and not self._done(step, group):
            return False
        files = self._files(group)
        for plan in group:
            done = jobs.get(plan.post, _NONE)
            event = _event(plan, files.get(plan.post))
            self._report.add(replace(event, announced_on=done.announced_on, discarded_on=done.discarded_on))
        return True

    def _done(self, step: Step, group: Sequence[Plan]) -> bool:
        run, session = self._run, self._session
        claim = run.claim()
        posts = [{**plan.row, "id": plan.post} for plan in group]
        details = [
            self._detail(plan) | self._before(step, post) | _copy(step, post, f"{claim.prefix}{place:04}")
            for place, (plan, post) in enumerate(zip(group, posts, strict=True))
        ]
        action = _ACTION[step]
        counts = {**run.counts, action: run.counts.get(action, 0) + len(group)}
        record = verbs.RunRecord(run.id, run.kind, run.started_at, counts)
        what = Group(claim, session.now(), action, posts, details)
        try:
            done = session.database.batch(_BATCH[step](session.layout, what, session.settings.site, record))[-1]
        except RefusedError:
            return False  # Another post has taken a slug in the meantime.
        if done:
            session.run, run.counts = run.id, counts
        return bool(done)

    def _before(self, step: Step, post: Row) -> dict[str, object]:
        match step:
            case "unpublish":
                return {"published_before": post["published_at"]}
            case "untrash":
                return missed_in_trash(post, self._session.clock())
        return {}

    def _detail(self, plan: Plan) -> dict[str, object]:
        said = {"undoes": self._task.run, "reason": self._task.reason or None, "files": plan.files or None}
        return {name: value for name, value in said.items() if value is not None} | dict(plan.detail)

    def _jobs(self, group: Sequence[Plan]) -> dict[str, _Jobs]:
        """Where the posts were announced, and where they are not any more."""
        if not self._session.settings.platforms:
            return {}
        found: dict[str, _Jobs] = {}
        plan_of = {plan.post: plan for plan in group}
        for row in self._session.database.query(sql.jobs_of(list(plan_of))):
            plan = plan_of[str(row["post_id"])]
            is_its_own = plan.went_live or (row["kind"] == "update" and row["version"] == plan.version)
            is_dropped = plan.step == "unpublish" and row["state"] == "pending"
            so_far = found.get(plan.post, _NONE)
            lane = (str(row["lane"]),)
            if row["state"] in _OUT and is_its_own and lane[0] not in so_far.announced_on:
                found[plan.post] = so_far._replace(announced_on=so_far.announced_on + lane)
            elif is_dropped and lane[0] not in so_far.discarded_on:
                found[plan.post] = so_far._replace(discarded_on=so_far.discarded_on + lane)
        return found

    def _files(self, group: Sequence[Plan]) -> dict[str, str]:
        """Move the files of the group; by post, where each is now, or would be."""
        if self._kind not in {"publish", "undo"} or group[0].step == "leave":
            return {}
        from emdash_cli.scheduling.undo_files import UndoneFiles

        files = UndoneFiles(self._session, self._task.run, is_preview=self._task.is_preview)
        with closing(files):
            return files.moved(group)


class _Jobs(NamedTuple):
    announced_on: tuple[str, ...] = ()
    discarded_on: tuple[str, ...] = ()


_NONE: Final = _Jobs()


def _groups(found: Sequence[Plan]) -> Iterator[list[Plan]]:
    """Of one step each, and not larger than one batch."""
    for step in dict.fromkeys(plan.step for plan in found):
        same = [plan for plan in found if plan.step == step]
        yield from (same[start : start + MOST_POSTS] for start in range(0, len(same), MOST_POSTS))


def _copy(step: Step, post: Row, row_id: str) -> dict[str, object]:
    """The draft that unpublishing makes of the live revision; it has the id of the audit row."""
    is_made = post["draft_revision_id"] is None and post["live_revision_id"] is not None
    return {"revision": row_id} if step == "unpublish" and is_made else {}


def _event(plan: Plan, file: str | None) -> UndonePost:
    outcome = {"leave": "left", "nothing": "unchanged"}.get(plan.step) or _ACTION[plan.step]
    slug = plan.detail.get("slug_after") or plan.row["slug_now"] or plan.row["slug"]
    return UndonePost(
        outcome=outcome,
        slug=str(slug),
        locale=str(plan.row["locale"]),
        post_id=plan.post,
        code=plan.code,
        reason=plan.reason,
        needs_attention=plan.needs_attention,
        file=file,
    )
