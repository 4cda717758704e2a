"""Turn the store's answer into a file's outcome, and choose the folder for the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, Protocol

from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.outcome import FileOutcome, Outcome
from emdash_cli.inbox.files import ChangedFileError, printable
from emdash_cli.inbox.filing import UNDONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.ports import Row
    from emdash_cli.domain.queue_file import Problem, QueueFileError
    from emdash_cli.inbox.files import ReadFile
    from emdash_cli.inbox.filing import Archive


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was left where it is, and all its problems."""

    source: str
    problems: tuple[Problem, ...]


class Verdict(NamedTuple):
    """The outcome of an article.

    Attributes:
        outcome: the folder for its file; with `Outcome.LEFT`, the file stays where it is.
        recorded_at: UTC text; determines the month's folder.
        earlier: where the file of the ledger's row belongs if it has the same name and stream. This may be that very
            file, if a run was killed before it could archive it.
        notices: for the author of an article that was written.
        differences: between the post and an edited file, as a unified diff.
        announced_on: platforms, in a preview.
    """

    outcome: Outcome
    slug: str | None
    post_id: str | None
    reason: str
    recorded_at: str
    earlier: tuple[Outcome, str] | None = None
    notices: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    announced_on: tuple[str, ...] = ()


Judged = tuple["ReadFile", str | None, Verdict]
"""A file with its locale, if that is known, and its outcome."""


class Item(NamedTuple):
    """An edited file's article and the id of its post."""

    article: Article
    post_id: str


class Updated(NamedTuple):
    """The result for an edited file.

    Attributes:
        state: ``updated``, ``draft`` (its text waits as the draft), ``meanwhile`` (somebody else keeps changing the
            post), ``refused`` and ``too_large`` (by the database), or one of `Refused`.
        detail: what the reason mentions.
        differences: as a unified diff; empty unless requested.
        announced_on: in a dry run, the platforms that would be sent the change.
    """

    state: str
    detail: str = ""
    differences: tuple[str, ...] = ()
    slug: str | None = None
    announced_on: tuple[str, ...] = ()


class Updater(Protocol):
    """Updates posts from files. Returns a result for each item, in order."""

    def send(self, items: Sequence[Item]) -> Iterator[Updated]:
        """Write the posts of the items, no two of which have the same post, and return the result for each."""
        ...


class Advice(NamedTuple):
    """What to do next with a file, depending on where it lies.

    Attributes:
        retry: after the file was corrected.
        anew: for an article whose post was deleted.
        of_one_name: for files that get the same slug because they have the same name; empty, or starts with a
            semicolon.
        update: to update the post of an edited file.
    """

    retry: str
    anew: str
    update: str
    of_one_name: str = ""


ARCHIVED: Final = Advice(
    "`emdash requeue` the file",
    "`emdash requeue --again FILE` publishes it again",
    'set `on_change = "update"` for its stream and `emdash requeue` the file, or use `emdash edit`',
)
STAYING: Final = Advice(
    "import it again",
    "to publish it again, give it a new `id` and import it again",
    "`emdash import --update` updates the post",
    "; --slug '{yyyy}-{mm}-{dd}-{name}' or '{path}' gives files of the same name different slugs",
)


def verdict(article: Article, row: Row, now: str, advice: Advice) -> Verdict:
    """The meaning of a row of the read-back."""
    post_id = _text(row.get("post_id"))
    published_as = _text(row.get("published_as"))
    match row["state"]:
        case "done":
            recorded_at = str(row["recorded_at"])
            done = Verdict(Outcome(article.status), published_as, post_id, "", recorded_at, notices=article.notices)
            return _foreseen(done, row) if "announced_on" in row else done
        case "duplicate":
            earlier = None
            if (row["stream"], row["file"]) == (article.stream, article.file):
                updated_at = row.get("file_updated_at")
                outcome = Outcome.UPDATED if updated_at else Outcome(str(row["outcome"]))
                earlier = (outcome, str(updated_at or row["recorded_at"]))
            return Verdict(Outcome.DUPLICATE, published_as, post_id, _duplicate(row, advice), now, earlier)
        case "slug_taken" | "translated" as state:
            reason = _conflict(article, row, state, advice)
            return Verdict(Outcome.CONFLICT, article.slug, _text(row["owner_id"]), reason, now)
        case "waits_for_source" | "over_quota" | "too_large" | "number_taken" as state:
            return Verdict(Outcome.LEFT, None, None, _left(article, row, state), now)
        case _:
            why = row.get("why") or "a unique index of this EmDash version does not allow the post"
            return Verdict(Outcome.REJECTED, None, None, f"{why}", now)


def _foreseen(done: Verdict, row: Row) -> Verdict:
    """The verdict with what a preview adds, a line each."""
    announced_on, remarks = (tuple(str(row[name]).splitlines()) for name in ("announced_on", "remarks"))
    return done._replace(notices=(*done.notices, *remarks), announced_on=announced_on)


def _conflict(article: Article, row: Row, state: str, advice: Advice) -> str:
    reasons = {
        "slug_taken": (
            f"the slug {article.slug} ({article.locale}) belongs to another article, {_owner(row)};"
            f" choose another slug and {advice.retry}{advice.of_one_name}"
        ),
        "translated": (
            f"{article.translation_of} already has a translation into {article.locale}, {_owner(row)};"
            " edit that one with `emdash edit`, or omit translation_of"
        ),
    }
    return reasons[state]


def _owner(row: Row) -> str:
    """In a preview, an article of the same run has no post yet, so only its file is named."""
    if row["owner_id"] is None:
        return f"that of {row['owner_file']}"
    return f"post {row['owner_id']}" + (f", from {row['owner_file']}" if row.get("owner_file") else "")


def reported_verdict(article: Article, row: Row, found: Updated, now: str, advice: Advice) -> Verdict:
    """The outcome of a file that was edited since it was published, and is only reported; see `changed_verdict`."""
    slug = found.slug or _text(row["slug_now"]) or _text(row["published_as"])
    barred = "" if found.state in _FREE else f"; currently, {_unchanged(article, row, found, advice)}"
    reason = f"edited since it was published as {slug} ({_origin(row)}): {advice.update}{barred}"
    return Verdict(Outcome.CHANGED, slug, _text(row["post_id"]), reason, now, differences=found.differences)


def changed_verdict(article: Article, row: Row, found: Updated, now: str, advice: Advice) -> Verdict:
    """The outcome of a file that was edited since it was published, and whose post was to be changed.

    Args:
        article: of the file.
        row: of the read-back.
        found: what happened to its post, or would happen.
        now: UTC text.
        advice: for the place where the file lies.
    """
    slug = found.slug or _text(row["slug_now"]) or _text(row["published_as"])
    reason = _unchanged(article, row, found, advice)
    made = Verdict(Outcome.CONFLICT, slug, _text(row["post_id"]), reason, now, differences=found.differences)
    match found.state:
        case "updated" | "draft":
            notices = (*article.notices, *_kept_slug(article, slug))
            return made._replace(outcome=Outcome.UPDATED, notices=notices, announced_on=found.announced_on)
        case "waits_for_source" | "meanwhile" | "too_large":
            return made._replace(outcome=Outcome.LEFT)
        case "refused":
            return made._replace(outcome=Outcome.REJECTED)
        case "done":
            return made._replace(outcome=Outcome.DUPLICATE)
        case _:
            return made


def _kept_slug(article: Article, slug: str | None) -> tuple[str, ...]:
    if article.slug is None or article.slug == slug:
        return ()
    return (f"slug: the post keeps {slug}; `emdash edit {slug} --new-slug {article.slug}` renames it",)


_FREE: Final = frozenset({"changed", "updated", "draft"})


def _unchanged(article: Article, row: Row, found: Updated, advice: Advice) -> str:
    """Why an edited file has not changed what is live, if there is something to say."""
    slug = found.slug or row["slug_now"] or row["published_as"]
    reasons = {
        "draft": f"its text waits as the draft: see `emdash diff {slug}`, then `emdash publish {slug}`",
        "done": f"another run has just updated {slug} from it",
        "deleted": f"published before as {slug}, but that post was deleted: {advice.anew}",
        "locked": f"{slug} is scheduled, locked by {found.detail}; `emdash unschedule {slug}`, then {advice.retry}",
        "scheduled": f"{slug} is scheduled for {found.detail}; `emdash unschedule {slug}`, then {advice.retry}",
        "held": f"{slug} is held ({found.detail}); see `emdash diff {slug}`",
        "odd_status": f"{slug} has the status {found.detail}, but only drafts and published posts can be updated",
        "withdrawn": (
            f"the file is now a draft, but {slug} is live; run `emdash unpublish {slug}`, or stop marking the"
            " file as a draft"
        ),
        "postponed": f"the file has the date {found.detail}, but {slug} is already live; correct the date",
        "edited_elsewhere": (
            f"{slug} was edited elsewhere since its file was written; make the file match, or apply it with"
            f" `emdash edit {slug} --file FILE`, then {advice.retry}"
        ),
        "seo_elsewhere": f"{found.detail} of {slug} was also changed elsewhere; make the file match",
        "expiry_elsewhere": (
            f"the expiry of {slug} was also changed elsewhere, to {found.detail}; make the file's expires_at match"
        ),
        "byline_elsewhere": f"the author of {slug} was also changed elsewhere, to {found.detail}; make the file match",
        "translated": (
            f"{article.translation_of} already has a translation into {article.locale}, post {found.detail};"
            " edit that one, or omit translation_of"
        ),
        "rivals": f"{slug} has two files, this one and {found.detail}: give this one its own `id`",
        "waits_for_source": _left(article, row, "waits_for_source"),
        "meanwhile": f"somebody else is changing {slug}; the next run tries again",
        "too_large": f"the store could not write it this time: {found.detail}",
        "refused": found.detail,
    }
    return reasons.get(found.state, "")


def _left(article: Article, row: Row, state: str) -> str:
    reasons = {
        "waits_for_source": f"the post that it translates, {article.translation_of}, does not exist yet",
        "over_quota": "the stream's cadence does not allow more for now",
        "too_large": f"the store could not write it this time: {row.get('why')}",
        "number_taken": "no free number was found for its slug; the next run tries again",
    }
    return reasons[state]


STILL_WRITTEN_S: Final = 5.0
"""A file that cannot be parsed and is younger than this is considered unfinished."""


def unfit(error: QueueFileError, file: ReadFile, now: datetime) -> Verdict:
    """The outcome of a file from which no article can be created."""
    age = now.timestamp() - file.modified_at
    if error.incomplete and 0 <= age < STILL_WRITTEN_S:
        return Verdict(Outcome.LEFT, None, None, f"it is still being written: {error}", utc_text(now))
    reason = "; ".join(str(problem) for problem in error.problems)
    return Verdict(Outcome.REJECTED, None, None, reason, utc_text(now))


def _origin(row: Row) -> str:
    """The post is missing in a preview if an article of the same run has none yet."""
    return f"post {row['post_id']}, from {row['file']}" if row["post_id"] else f"from {row['file']}"


def _duplicate(row: Row, advice: Advice) -> str:
    reason = f"published before as {row['published_as']} ({_origin(row)})"
    if row["gone"] or row["trashed"]:
        return f"{reason}; that post has since been deleted: {advice.anew}"
    if row["slug_now"] != row["published_as"]:
        return f"{reason}; its slug is now {row['slug_now']}"
    return reason


def _text(value: object) -> str | None:
    return None if value is None else str(value)


class Filer(Protocol):
    """Moves a queue file to its place, and returns where it is."""

    @property
    def advice(self) -> Advice:
        """What to do next with a file that this `Filer` has moved."""
        ...

    def file_away(self, file: ReadFile, stream: str, locale: str | None, found: Verdict) -> FileOutcome | None:
        """Move the file to the place for its outcome. Returns None if another run has taken it."""
        ...

    def sync(self) -> None:
        """Make the new places of the files durable."""
        ...


@dataclass(frozen=True, slots=True)
class ArchivingFiler:
    """Moves files into the archive."""

    queue: Path
    archive: Archive
    advice: ClassVar[Advice] = ARCHIVED

    def file_away(self, file: ReadFile, stream: str, locale: str | None, found: Verdict) -> FileOutcome | None:
        """See `Filer`.

        Raises:
            QueueTroubleError: the archive cannot be written.
        """
        if found.outcome is Outcome.LEFT:
            return file_outcome(file, stream, locale, found, None)
        source = f"{self.queue}/{file.name}"
        found = _recovered(self.archive, source, file.name, found)
        target = self.archive.path(file.name, found.outcome, found.recorded_at)
        try:
            place = self.archive.file_away(source, target, file.signature, _for_people(found))
        except ChangedFileError:
            place = self._changed(file, found, target)
            found = found._replace(reason="the file was changed during the run; the newer version is in conflict/")
        return file_outcome(file, stream, locale, found, place) if place else None

    def _changed(self, file: ReadFile, found: Verdict, target: str) -> str:
        """Keep the changed file for a person to review: what was published is what had been read."""
        conflict = self.archive.path(file.name, Outcome.CONFLICT, found.recorded_at)
        reason = (
            "the file was changed while it was being published; its earlier content was published\n"
            f"See: {target}\nNext: compare the two, and edit the post or `emdash requeue` this file\n"
        )
        place = self.archive.keep(file.raw, target)
        self.archive.file_away(f"{self.queue}/{file.name}", conflict, None, reason)
        return place

    def sync(self) -> None:
        """See `Filer`."""
        self.archive.sync()


def _recovered(archive: Archive, source: str, name: str, found: Verdict) -> Verdict:
    """The verdict of a run that was killed between commit and archiving, if there was one."""
    if found.earlier is None or not archive.lacks(source, archive.path(name, *found.earlier)):
        return found
    outcome, recorded_at = found.earlier
    if not archive.lacks(source, archive.path(name, UNDONE, recorded_at)):
        return found  # `emdash undo` has taken the file from there.
    return Verdict(outcome, found.slug, found.post_id, "", recorded_at)


@dataclass(frozen=True, slots=True)
class NoFiler:
    """Reports where files would go without moving any."""

    queue: Path
    archive: Archive
    advice: ClassVar[Advice] = ARCHIVED

    def file_away(self, file: ReadFile, stream: str, locale: str | None, found: Verdict) -> FileOutcome | None:
        """See `Filer`."""
        place = None
        if found.outcome is not Outcome.LEFT:
            found = _recovered(self.archive, f"{self.queue}/{file.name}", file.name, found)
            place = self.archive.path(file.name, found.outcome, found.recorded_at)
        return file_outcome(file, stream, locale, found, place)

    def sync(self) -> None:
        """See `Filer`."""


def file_outcome(file: ReadFile, stream: str, locale: str | None, found: Verdict, place: str | None) -> FileOutcome:
    """The outcome as reported."""
    return FileOutcome(
        file=printable(file.name),
        stream=stream,
        outcome=found.outcome,
        slug=found.slug,
        locale=locale,
        post_id=found.post_id,
        archived_to=printable(place) if place else None,
        reason=found.reason,
        notices=found.notices,
        differences=found.differences,
        announced_on=found.announced_on,
    )


def _for_people(found: Verdict) -> str:
    differences = "".join(f"{line}\n" for line in found.differences)
    return f"{found.outcome}: {found.reason}\n{differences}" if found.reason else ""
