"""Bringing edited files into their posts: reading the posts, planning by the rules, writing, and reading back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import RefusedError, TooLargeError
from emdash_cli.publishing.outcomes import Item, Updated
from emdash_cli.publishing.source_changes import Planned, Refused, barred, before, plan
from emdash_cli.publishing.sql import claiming
from emdash_cli.store.audit import Claim
from emdash_cli.store.fields import Fields, describe_fields, fields_from
from emdash_cli.store.standing import posts_as_read, texts_of
from emdash_cli.store.updating import Act, update_posts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.collection import PostPath
    from emdash_cli.domain.ports import Database, Row
    from emdash_cli.publishing.articles import Preparer
    from emdash_cli.publishing.source_changes import Mode
    from emdash_cli.store.layout import Layout
    from emdash_cli.store.run import Run

_Groups = dict[tuple[str, str], tuple[str | None, str | None]]
"""By source and locale, a translation group and the post that it has in that locale."""
_TRIES: Final = 3
"""How often a post is read again that somebody changed between reading and writing."""
_READ_AT_A_TIME: Final = 4_000_000
"""Bytes of texts, about, that are read in one request; of a post there are up to three."""


class Planner:
    """Plans what files make of their posts, and writes nothing: an `Updater` for a dry run."""

    def __init__(self, database: Database, layout: Layout, preparer: Preparer, mode: Mode) -> None:
        self._database = database
        self._layout = layout
        self._preparer = preparer
        self._mode: Mode = mode
        self._fields: Fields | None = None

    def send(self, items: Sequence[Item]) -> Iterator[Updated]:
        """See `Updater`."""
        for post, planned in self.plan(items):
            slug = str(post["slug"]) if post else None
            if isinstance(planned, Refused):
                yield Updated(*planned, slug)
            else:
                yield Updated(_state(planned), "", planned.differences, slug)

    @property
    def fields(self) -> Fields:
        """The fields of the collection."""
        if self._fields is None:
            self._fields = fields_from(self._layout, self._database.query(describe_fields(self._layout.names)))
        return self._fields

    def plan(self, items: Sequence[Item]) -> Iterator[tuple[Row | None, Planned | Refused]]:
        """The post of each item, if it is there, and what its file makes of it."""
        ids = [item.post_id for item in items]
        posts = {str(row["id"]): row for row in self._database.query(posts_as_read(self._layout, ids))}
        groups = self._groups([item.article for item in items])
        for part in _parts(items):
            open_posts = [item.post_id for item in part if barred(posts.get(item.post_id)) is None]
            texts: dict[str, dict[str, str]] = {post: {} for post in open_posts}
            for row in self._database.query(texts_of(self.fields, open_posts)) if open_posts else ():
                texts[str(row["post_id"])][str(row["kind"])] = str(row["data"])
            for item in part:
                post = posts.get(item.post_id)
                yield post, self._planned(item, post, texts.get(item.post_id), groups)

    def _planned(
        self, item: Item, post: Row | None, texts: dict[str, str] | None, groups: _Groups
    ) -> Planned | Refused:
        if post is None or texts is None:
            return barred(post) or Refused("deleted")
        source = item.article.translation_of
        group = groups.get((source, item.article.locale), (None, None)) if source else (None, None)
        return plan(item.article, before(post, texts, group), self._layout, self._preparer, self._mode)

    def _groups(self, articles: Sequence[Article]) -> _Groups:
        """The translation groups of the posts that some articles are translations of."""
        sources = {(article.translation_of, article.locale) for article in articles if article.translation_of}
        if not sources:
            return {}
        rows = self._database.query(claiming.groups_of(self._layout, sorted(sources)))
        return {
            (str(row["source"]), str(row["locale"])): (
                str(row["found"]),
                None if row["owner"] is None else str(row["owner"]),
            )
            for row in rows
            if row["found"]
        }


class Committer:
    """Writes what a `Planner` plans; what the database refuses is halved until the file at fault stands alone."""

    def __init__(self, database: Database, planner: Planner, run: Run, post_path: PostPath) -> None:
        self._database = database
        self._planner = planner
        self._run = run
        self._post_path = post_path

    def send(self, items: Sequence[Item]) -> Iterator[Updated]:
        """See `Updater`. Everything that an answer tells of is durable."""
        answers: dict[str, Updated] = {}
        waiting = list(items)
        for _ in range(_TRIES):
            found = list(zip(waiting, self._planner.plan(waiting), strict=True))
            planned: list[tuple[Item, Planned]] = []
            for item, (post, what) in found:
                if isinstance(what, Refused):
                    answers[item.post_id] = Updated(*what, str(post["slug"]) if post else None)
                else:
                    planned.append((item, what))
            answers |= self._written(planned)
            waiting = [item for item, _ in planned if item.post_id not in answers]
            if not waiting:
                break
        return iter([answers.get(item.post_id, Updated("meanwhile")) for item in items])

    def _written(self, planned: Sequence[tuple[Item, Planned]]) -> dict[str, Updated]:
        """By post; one that was changed since it was read is missing."""
        if not planned:
            return {}
        run = self._run
        act = Act(Claim.new(run.new_id, run.actor), "updated", run.now(), self._post_path, run.new_id)
        batch = update_posts(self._planner.fields, [each.change for _, each in planned], act)
        try:
            rows = self._database.batch([*run.sign_of_life(), *batch])[-1]
        except (RefusedError, TooLargeError) as error:
            if len(planned) == 1:
                state = "refused" if isinstance(error, RefusedError) else "too_large"
                return {planned[0][0].post_id: Updated(state, error.message)}
            half = len(planned) // 2
            return self._written(planned[:half]) | self._written(planned[half:])
        slugs = {str(row["post_id"]): str(row["slug"]) for row in rows}
        return {
            item.post_id: Updated(_state(each), slug=slugs[item.post_id])
            for item, each in planned
            if item.post_id in slugs
        }


def _state(planned: Planned) -> str:
    change = planned.change
    waits = change.data is not None and not change.is_live and change.post["status"] == "published"
    return "draft" if waits else "updated"


def _parts(items: Sequence[Item]) -> Iterator[list[Item]]:
    part: list[Item] = []
    size = 0
    for item in items:
        part.append(item)
        size += 3 * len(item.article.content)
        if size >= _READ_AT_A_TIME:
            yield part
            part, size = [], 0
    if part:
        yield part
