"""Files of a run that were edited since they were published: report them or update their posts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.publishing.outcomes import Item, Judged, Updated, Updater, changed_verdict, reported_verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from emdash_cli.domain.ports import Row
    from emdash_cli.publishing.articles import Ready
    from emdash_cli.publishing.outcomes import Advice
    from emdash_cli.settings import OnChange, Stream
    from emdash_cli.store.session import Run


class Postponed(NamedTuple):
    """An edited file that waits until all files of its folder were seen. Its text is then read again."""

    name: str
    row: Row
    digest: str
    meaning: str

    def is_still(self, item: Ready) -> bool:
        """Whether the file, read again, has the same content."""
        return (item.article.digest, item.article.meaning) == (self.digest, self.meaning)


class Updaters(NamedTuple):
    """What changes the posts of files.

    Attributes:
        edited: updates the posts of edited files or, in a dry run, reports what that would do; None: the files are only
            reported.
        again: makes what publishes posts that were taken back, whatever becomes of edited files.
    """

    edited: Updater | None
    again: Callable[[], Updater]


class EditedFiles:
    """Decides the outcome of edited files.

    Args:
        updaters: of their posts.
        run: the run that this belongs to.
        advice: for the place where the files lie afterwards.
        is_asked: whether to change the posts; if not, their updater only finds the differences.
        folder: the names of all files if they stay in a folder. Only the whole folder shows which file was renamed, so
            files wait for the others. None: files come and go, and each is handled at once.
    """

    def __init__(
        self,
        updaters: Updaters,
        run: Run,
        advice: Advice,
        *,
        is_asked: bool,
        folder: Iterable[str] | None = None,
    ) -> None:
        self._updater, self._again = updaters
        self._run = run
        self._advice = advice
        self._is_asked = is_asked
        self._folder = None if folder is None or not is_asked else frozenset(folder)
        self._postponed: list[Postponed] = []
        self._files: dict[str, set[str]] = {}
        self._renamed: dict[str, tuple[str, str]] = {}

    def known(self, item: Ready, row: Row) -> None:
        """Note a duplicate, because its text may be that of a post with another file."""
        if self._folder is None or row["state"] != "duplicate" or row["post_id"] is None:
            return
        file, known_as = item.article.file, str(row["file"])
        post = str(row["post_id"])
        self._files.setdefault(post, set()).add(file)
        if file != known_as and known_as not in self._folder and row["stream"] == item.article.stream:
            self._renamed[post] = (known_as, file)

    def judged(self, found: Sequence[tuple[Ready, Row]]) -> list[Judged]:
        """The outcomes of edited files, whose posts the rows of the read-back describe. Waiting files are left out."""
        requeued = [one for one in found if one[1]["state"] == "requeued"]
        edited = [one for one in found if one[1]["state"] != "requeued"]
        done = self._published_again(requeued) if requeued else []
        if self._folder is None or not edited:
            return done + (self.applied(edited) if edited else [])
        for item, row in edited:
            self._files.setdefault(str(row["post_id"]), set()).add(item.article.file)
            self._postponed.append(Postponed(item.file.name, row, item.article.digest, item.article.meaning))
        return done

    def postponed(self) -> list[Postponed]:
        """The files that waited for the others; each is returned once."""
        found, self._postponed = self._postponed, []
        return found

    def renamed(self) -> dict[str, tuple[str, str]]:
        """By post, the former and the present name of its file, if they are unambiguous."""
        return {post: names for post, names in self._renamed.items() if len(self._files[post]) == 1}

    def applied(self, found: Sequence[tuple[Ready, Row]]) -> list[Judged]:
        """Apply edited files that need not wait, and return their outcomes."""
        answers = self._answers(found, self._updater)
        return [self._judged(item, row, answer) for (item, row), answer in zip(found, answers, strict=True)]

    def _published_again(self, found: Sequence[tuple[Ready, Row]]) -> list[Judged]:
        """Publish the posts of files that somebody has put back into the queue after they were taken back."""
        answers = self._answers(found, self._again())
        now, advice = self._run.session.now(), self._advice
        return [
            (item.file, item.article.locale, changed_verdict(item.article, row, answer, now, advice))
            for (item, row), answer in zip(found, answers, strict=True)
        ]

    def _answers(self, found: Sequence[tuple[Ready, Row]], updater: Updater | None) -> list[Updated]:
        if updater is None:
            return [Updated("changed")] * len(found)
        answers: dict[int, Updated] = {}
        first: dict[str, int] = {}
        for place, (item, row) in enumerate(found):
            if row["post_id"] is None:
                # In a dry run, it may belong to a post that this very run would have created.
                answers[place] = Updated("updated")
            elif others := self._files.get(str(row["post_id"]), set()) - {item.article.file}:
                answers[place] = Updated("rivals", ", ".join(sorted(others)))
            elif first.setdefault(str(row["post_id"]), place) != place:
                answers[place] = Updated("meanwhile")
        sent = updater.send([Item(found[place][0].article, post) for post, place in first.items()])
        answers |= dict(zip(first.values(), sent, strict=True))
        return [answers[place] for place in range(len(found))]

    def _judged(self, item: Ready, row: Row, answer: Updated) -> Judged:
        now, article = self._run.session.now(), item.article
        verdict = changed_verdict if self._is_asked else reported_verdict
        return item.file, article.locale, verdict(article, row, answer, now, self._advice)


class ChangePolicy(NamedTuple):
    """What to do with edited files.

    Attributes:
        on_change: the stream's setting, or what the command's options say.
        is_preview: whether to find the differences without writing anything.
        stream: provides the category, tags and author of files that have none.
        advice: see `EditedFiles`, as is `folder`.
    """

    on_change: OnChange
    is_preview: bool
    stream: Stream
    advice: Advice
    folder: Iterable[str] | None = None


def edited_files(policy: ChangePolicy, run: Run) -> EditedFiles:
    """Create the `EditedFiles` of a run.

    Raises:
        DatabaseError: the store cannot tell yet what has changed in a file.
    """
    is_asked = policy.on_change != "report"
    updater = _updater(policy, run) if is_asked or policy.is_preview else None
    again = partial(_updater, policy._replace(on_change="update"), run)
    return EditedFiles(Updaters(updater, again), run, policy.advice, is_asked=is_asked, folder=policy.folder)


def _updater(policy: ChangePolicy, run: Run) -> Updater:
    # This imports everything that a comparison needs, which a run that only reports does not use.
    from emdash_cli.publishing.articles import Preparer
    from emdash_cli.publishing.source_changes import ChangeWriter, Planner

    preparer = Preparer(policy.stream, run.session.settings.timezone)
    planner = Planner(run.session, preparer, "draft" if policy.on_change == "draft" else "update")
    return planner if policy.is_preview else ChangeWriter(planner, run)
