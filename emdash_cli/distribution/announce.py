"""Announce a post because somebody asks for it: where it was not announced yet, or once more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.distribution import sql
from emdash_cli.distribution.jobs import ChangedJobs, ListedJob
from emdash_cli.domain.errors import RefusedChangeError
from emdash_cli.jobs.sql import managing
from emdash_cli.posts import sql as posts
from emdash_cli.posts.read import the_post
from emdash_cli.store.announcing import keep_lanes
from emdash_cli.store.changes import Claim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row
    from emdash_cli.store.session import Session


class Wanted(NamedTuple):
    """What to announce.

    Attributes:
        platform: the only one; None: those that the post's file or stream names.
        again: whether also where it was announced before.
    """

    slug: str
    locale: str | None
    platform: str | None
    again: bool


class Planned(NamedTuple):
    """One announcement that would be written.

    Attributes:
        version: of the job: 1, or one more than that of the last one there.
        before: the last announcement there; None if there is none.
    """

    platform: str
    version: int
    before: ListedJob | None


class Plan(NamedTuple):
    """What would be written, and why nothing is on other platforms."""

    post_id: str
    slug: str
    announcements: tuple[Planned, ...]
    refused: tuple[RefusedChangeError, ...]


def plan(session: Session, wanted: Wanted) -> Plan:
    """What would be announced; nothing is changed.

    Raises:
        UsageError: there is no such platform, or there are several posts and no locale was given.
        RefusedChangeError: the post is not public, or it is announced nowhere.
        EmdashError: there is no such post.
        NotAllowedError: whoever acts may not.
        DatabaseError: the store is unreachable or failing.
    """
    only = session.settings.platform(wanted.platform).name if wanted.platform else None
    [found] = session.open([posts.post(session.names, wanted.slug, wanted.locale)])
    session.require("announce")
    post = the_post(session, wanted.slug, wanted.locale, found)
    if post["status"] != "published":
        raise RefusedChangeError(
            f"{wanted.slug} is not public: it is {post['status']}",
            hint="it is announced when it goes live",
            code="not_public",
        )
    post_id = str(post["id"])
    made, wishes = session.database.batch([sql.announcements(session.names, post_id), sql.wishes(post_id)])
    platforms = [only] if only else _wanted_by_post(session, wanted.slug, wishes)
    latest: dict[str, Row] = {}
    for row in made:
        latest.setdefault(str(row["lane"]), row)
    planned, refused = [], []
    for name in platforms:
        last = latest.get(name)
        if last is not None and (fault := _fault(wanted, name, ListedJob.of(last))):
            refused.append(fault)
        else:
            version = 1 if last is None else int(last["version"] or 0) + 1
            planned.append(Planned(name, version, None if last is None else ListedJob.of(last)))
    return Plan(post_id, str(post["slug"]), tuple(planned), tuple(refused))


def announce(session: Session, planned: Plan) -> ChangedJobs:
    """Write what was planned, unless somebody else did so meanwhile; `emdash distribute` sends it.

    Raises:
        NotAllowedError: whoever acts may not.
        DatabaseError: the store is unreachable or failing.
    """
    session.require("announce")
    claim = Claim.new(session.new_id, session.actor)
    now = session.now()
    rows = [(one.platform, one.version) for one in planned.announcements]
    *_, written = session.database.batch(
        [
            *keep_lanes(session.settings.site.lanes, now),
            *managing.announce(session.names.table, claim, now, planned.post_id, rows),
            sql.announced(session.names, claim),
        ]
    )
    jobs = tuple(ListedJob.of(row) for row in written)
    missing = {one.platform for one in planned.announcements} - {job.platform for job in jobs}
    late = tuple(
        RefusedChangeError(
            f"{planned.slug} was not announced on {name}: it or its announcements changed meanwhile",
            hint="run the command again",
            code="job_changed",
        )
        for name in sorted(missing)
    )
    return ChangedJobs(jobs, (*planned.refused, *late))


def _wanted_by_post(session: Session, slug: str, wishes: Sequence[Row]) -> list[str]:
    """The platforms that the post's file names, else those of its stream."""
    said = wishes[0]["platforms"] if wishes else None
    stream = str(wishes[0]["stream"] or "") if wishes else ""
    settings = session.settings
    if said is None:
        names = [platform.name for platform in settings.platforms if stream in platform.lane.streams]
    else:
        wanted = json.loads(str(said))
        names = [platform.name for platform in settings.platforms if platform.name in wanted]
    if not names:
        whose = "its file" if said is not None else f"stream {stream}" if stream else "the settings"
        raise RefusedChangeError(
            f"{slug} is announced nowhere: {whose} names no platform",
            hint="choose one: --platform NAME",
            code="nowhere",
        )
    return names


def _fault(wanted: Wanted, name: str, last: ListedJob) -> RefusedChangeError | None:
    """Why the post is not announced there, after this announcement."""
    again = f"emdash announce {wanted.slug} --platform {name} --again"
    match last.state:
        case "done":
            named = f" as {last.external_id}" if last.external_id else ""
            said, hint = f"it was announced there on {last.ended_at}{named}", f"if it is to appear twice: {again}"
        case "discarded":
            said, hint = "its announcement there was discarded", again
        case "unknown":
            said, hint = f"job {last.id} may have arrived there", last.next
        case "dead":
            said, hint = f"job {last.id} is dead: {last.error or last.category}", last.next
        case _:
            said, hint = f"job {last.id} is {last.state}", last.next or f"emdash jobs show {last.id}"
    if wanted.again and last.state in {"done", "discarded"}:
        return None
    return RefusedChangeError(f"{wanted.slug} is not announced on {name}: {said}", hint=hint, code=f"job_{last.state}")
