"""What an edited file changes in its post: rules make a plan, and a batch executes it.

The file is compared with its content when it was last written (`articles.said_by`), and the post with what was written
then. What the file changed is changed, what an editor added and the file never had stays, and what both changed is a
conflict (docs/decisions/changed-sources.md).
"""

from __future__ import annotations

import hashlib
import json
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from emdash_cli.domain.article import REQUEUED, SEO_COLUMNS, SeoFields, compact_json
from emdash_cli.domain.authors import NOBODY
from emdash_cli.domain.errors import RefusedError, TooLargeError
from emdash_cli.domain.post_text import STAGED_SLUG, read, rendered, without_keys
from emdash_cli.publishing.outcomes import Item, Updated
from emdash_cli.publishing.sql import claiming
from emdash_cli.store.changes import texts_of
from emdash_cli.store.updating import (
    Change,
    SourceRecord,
    UpdateContext,
    expected_of,
    posts_as_read,
    update_posts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from emdash_cli.domain.article import Article, Term
    from emdash_cli.domain.authors import Author
    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.publishing.articles import Preparer
    from emdash_cli.store.layout import Layout
    from emdash_cli.store.session import Run, Session


Mode = Literal["update", "draft"]
"""Whether the text of a live post is changed at once or saved as its draft."""

_NO_SEO: Final = list(SeoFields(None, None, None, None, no_index=False))


class Refused(NamedTuple):
    """Why a file does not change its post; `outcomes` has the sentence for each state.

    Attributes:
        detail: what that sentence mentions.
        differences: as in `PlannedUpdate`, where they help.
    """

    state: str
    detail: str = ""
    differences: tuple[str, ...] = ()


class Before(NamedTuple):
    """A post before its file changes it.

    Attributes:
        post: a row of `updating.posts_as_read`.
        data: of its revisions by kind, as `changes.texts_of` names them.
        draft: the data of the draft as text, if there is one.
        said: the content of the file when it was last written; None if that is not known.
        group: the translation group of the post that the file names as its source, if it exists, and the post that the
            group has in this language.
    """

    post: Row
    data: Mapping[str, dict[str, Any]]
    draft: str | None
    said: Mapping[str, Any] | None
    group: tuple[str | None, str | None]

    @property
    def head(self) -> str:
        """The kind of the newest text."""
        return next(kind for kind in ("draft", "live", "columns") if kind in self.data)

    @property
    def is_requeued(self) -> bool:
        """Whether the post was taken back, and somebody has put its file back into the queue."""
        return str(self.post["meaning"]).startswith(REQUEUED)

    @property
    def is_published(self) -> bool:
        """Whether the post is live."""
        return self.post["status"] == "published"


class PlannedUpdate(NamedTuple):
    """A change, and the text of the post before and after it."""

    change: Change
    differences: tuple[str, ...]


def before(post: Row, texts: Mapping[str, str], group: tuple[str | None, str | None]) -> Before:
    """The post as it was read."""
    said = None if post["said"] is None else read(post["said"])
    return Before(post, {kind: read(text) for kind, text in texts.items()}, texts.get("draft"), said, group)


def barred(post: Row | None) -> Refused | None:
    """Why no file may change the post; None if one may."""
    if post is None or post["deleted_at"] is not None:
        return Refused("deleted")
    if post["held_at"] is not None:
        return Refused("held", str(post["held_reason"] or ""))
    if post["locked_by"] is not None:
        return Refused("locked", f"{post['locked_by']}, for {post['locked_for']}")
    if post["scheduled_at"] is not None or post["status"] == "scheduled":
        return Refused("scheduled", str(post["scheduled_at"] or post["published_at"] or ""))
    if post["status"] not in {"draft", "published"}:
        return Refused("odd_status", str(post["status"]))
    return None


def plan(article: Article, found: Before, layout: Layout, preparer: Preparer, mode: Mode) -> PlannedUpdate | Refused:
    """The change that the file asks for in a post that is not `barred`."""
    if (article.meaning, article.digest) == (found.post["meaning"], found.post["digest"]):
        return Refused("done")
    said: dict[str, Any] = json.loads(article.said)
    if refused := _contradicted(article, found, said):
        return refused
    head = found.data[found.head]
    shown = found.data["columns"] if found.is_published and found.head != "draft" else head
    after = _merged(shown, _wanted(article, layout))
    is_asked = _asks_for_text(article, found, said)
    is_new = is_asked and _essence(head, layout) != _essence(after, layout)
    is_agreed = is_asked and _essence(shown, layout) == _essence(after, layout)
    is_live = _goes_live(article, found, said, mode) and (is_asked or not found.is_published)
    if (is_new or (is_live and not is_asked)) and not is_agreed and not _is_as_written(found, layout):
        return Refused("edited_elsewhere", "", _differences(found, said, (shown, after), layout))
    group = _group(found, said)
    if isinstance(group, Refused):
        return group
    seo = _seo(found, said)
    author = _author(article, found, said, preparer)
    expiry = _expiry(found, said)
    if isinstance(expiry, Refused):
        return expiry
    if isinstance(seo, Refused) or isinstance(author, Refused):
        return seo if isinstance(seo, Refused) else Refused("byline_elsewhere", str(found.post["byline_name"]))
    linked, unlinked = _terms(article, found, preparer)
    change = Change(
        found.post,
        is_live=is_live,
        data=compact_json(after) if is_new else None,
        draft_read=found.draft if is_new or is_live else None,
        slug=head.get(STAGED_SLUG) if is_live and not is_new else None,
        published_at=article.publish_at if is_live else None,
        author=author,
        linked=linked,
        unlinked=unlinked,
        seo=seo or None,
        group=group,
        expires_at=expiry,
        source=_source(article, found, _digest(after if is_new else head, layout) if is_asked else None),
        detail={"file": article.file},
    )
    return PlannedUpdate(change, _differences(found, said, (shown, after if is_new else shown), layout))


def _contradicted(article: Article, found: Before, said: Mapping[str, Any]) -> Refused | None:
    """What a file asks for but an update cannot do."""
    was = found.said or {}
    if found.is_published and said.get("draft") and not was.get("draft"):
        return Refused("withdrawn")
    if said.get("at") and said["at"] != was.get("at") and found.is_published:
        return Refused("postponed", str(article.publish_at))
    return None


def _wanted(article: Article, layout: Layout) -> dict[str, Any]:
    names = layout.names
    wanted: dict[str, Any] = {names.title: article.title, names.content: json.loads(article.content)}
    if layout.has_excerpt:
        wanted[names.excerpt] = article.excerpt
    if layout.has_featured_image:
        wanted[names.featured_image] = json.loads(article.image) if article.image else None
    return wanted


def _merged(base: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Removed fields are null where they were, because publishing does not touch a column that its revision lacks."""
    return {**base, **{name: value for name, value in wanted.items() if value is not None or name in base}}


def _essence(data: Mapping[str, Any], layout: Layout) -> list[Any]:
    """The values of the fields, in the form that files use."""
    names = layout.names
    others = (data.get(name) for name in (names.title, names.excerpt, names.featured_image))
    return [without_keys(data.get(names.content)), *others]


def _asks_for_text(article: Article, found: Before, said: Mapping[str, Any]) -> bool:
    """Whether the file has changed a field that is stored in revisions, or is to be published again."""
    was = found.said
    if article.digest != found.post["digest"] or found.is_requeued:
        return True
    return was is not None and any(said.get(name) != was.get(name) for name in ("excerpt", "image"))


def _goes_live(article: Article, found: Before, said: Mapping[str, Any], mode: Mode) -> bool:
    """Whether the text is live at once: for a live post, and for a draft whose file is no longer a draft."""
    if mode == "draft":
        return False
    if found.is_published:
        return not said.get("draft")
    was_draft = found.is_requeued or (found.said is not None and bool(found.said.get("draft")))
    return was_draft and article.status == "published"


def _is_as_written(found: Before, layout: Layout) -> bool:
    """Whether the newest text is the one that a file last wrote.

    EmDash 0.32 rewrites drafts in place, and other programs rewrite the columns, so the id does not show it. A first
    publication leaves no digest; in that case, the columns have its text until the post is published again.
    """
    post, data = found.post, found.data
    essence = {kind: _essence(each, layout) for kind, each in data.items()}
    if post["written"] is not None:
        is_shown = found.head == "draft" or not found.is_published or essence["columns"] == essence[found.head]
        return is_shown and _digest(data[found.head], layout) == post["written"]
    is_ours = post["written_revision"] in {post["draft_revision_id"], post["live_revision_id"]} - {None}
    return is_ours and STAGED_SLUG not in data[found.head] and essence["columns"] == essence[found.head]


def _digest(data: Mapping[str, Any], layout: Layout) -> str:
    """The digest of a revision's data: the same whatever the order of the keys; null counts as missing."""
    said = {name: value for name, value in data.items() if value is not None}
    said[layout.names.content] = without_keys(data.get(layout.names.content))
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _seo(found: Before, said: Mapping[str, Any]) -> dict[str, Value] | Refused:
    """The columns that the file changes."""
    new = said.get("seo") or _NO_SEO
    old = new if found.said is None else found.said.get("seo") or _NO_SEO
    changed: dict[str, Value] = {}
    for column, now, was in zip(SEO_COLUMNS, new, old, strict=True):
        if found.said is None and now:
            changed[column] = now
        elif now != was:
            if (found.post[column] or None) not in {was or None, now or None}:
                return Refused("seo_elsewhere", column)
            changed[column] = now
    return {column: int(value) if isinstance(value, bool) else value for column, value in changed.items()}


def _expiry(found: Before, said: Mapping[str, Any]) -> str | Refused | None:
    """The time that the file gives the post, UTC text; empty: it removes the time; None: the post keeps its own."""
    new, old = said.get("expires_at"), (found.said or {}).get("expires_at")
    there = found.post["expires_at"]
    if new == (there if found.said is None else old) or (found.said is None and new is None):
        return None
    if there not in {None, old, new}:
        return Refused("expiry_elsewhere", str(there))
    return new or ""


def _author(article: Article, found: Before, said: Mapping[str, Any], preparer: Preparer) -> Author | Refused | None:
    """The author whose byline the post gets; None: it keeps its byline."""
    if found.said is None:
        return article.author if found.post["primary_byline_id"] is None else None
    new, old = said.get("author"), found.said.get("author")
    if new == old:
        return None
    named = old[:2] if old else [preparer.author.name, preparer.author.slug] if preparer.author else [None, None]
    shown = {found.post["byline_name"], found.post["byline_slug"]}
    is_as_written = shown == {None} if named == [None, None] else not shown.isdisjoint(set(named) - {None})
    by_address = bool(old and old[2])
    if is_as_written or by_address or not shown.isdisjoint({new[0], new[1]} - {None} if new else set()):
        return article.author or NOBODY
    return Refused("byline_elsewhere", str(found.post["byline_name"]))


def _terms(article: Article, found: Before, preparer: Preparer) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The terms that the file adds, and those that it no longer names."""
    was = found.said
    old = preparer.terms(was.get("category"), was.get("tags", ())) if was is not None else ()
    before_, now = ({(term.taxonomy, term.slug) for term in terms} for terms in (old, article.terms))
    return (
        tuple(term for term in article.terms if (term.taxonomy, term.slug) not in before_),
        tuple(term for term in old if (term.taxonomy, term.slug) not in now),
    )


def _group(found: Before, said: Mapping[str, Any]) -> str | Refused | None:
    """The translation group that the post moves to; None: it stays in its group."""
    if found.said is None or said.get("source") == found.said.get("source"):
        return None
    group, owner = found.group if said.get("source") else (str(found.post["id"]), None)
    if group is None:
        return Refused("waits_for_source")
    if owner not in {None, found.post["id"]}:
        return Refused("translated", str(owner))
    return None if group == found.post["translation_group"] else group


def _source(article: Article, found: Before, written: str | None) -> SourceRecord:
    return SourceRecord(
        digest=article.digest,
        keys=(article.key,) if article.key != found.post["ledger_key"] else (),
        meaning=article.meaning,
        said=article.said,
        written=written,
        metadata=article.metadata,
        platforms=article.platforms,
        words=article.words,
    )


def _differences(
    found: Before, said: Mapping[str, Any], texts: tuple[Mapping[str, Any], Mapping[str, Any]], layout: Layout
) -> tuple[str, ...]:
    """A unified diff: first of everything in the file except its text, then of the text as Markdown."""
    slug = str(found.post["slug"])
    old = _lines(found.said or {}, texts[0], slug, layout)
    new = _lines(said if found.said is not None else {}, texts[1], slug, layout)
    return tuple(unified_diff(old, new, f"{slug} as it is", f"{slug} as in its file", lineterm=""))


def _lines(said: Mapping[str, Any], data: Mapping[str, Any], slug: str, layout: Layout) -> list[str]:
    shown = dict(said)
    shown.pop("image", None)
    shown.pop("excerpt", None)
    if author := shown.get("author"):
        shown["author"] = author[0] or author[1] or "somebody identified by e-mail address"
    if seo := shown.pop("seo", None):
        shown |= {column: value for column, value in zip(SEO_COLUMNS, seo, strict=True) if value}
    head = [f"{name}: {', '.join(value) if isinstance(value, list) else value}" for name, value in shown.items()]
    return [*head, *rendered(data, slug, layout.names)]


_Groups = dict[tuple[str, str], tuple[str | None, str | None]]
"""By source and locale, a translation group and the post that it has in that locale."""
_TRIES: Final = 3
"""How often a post is read again if somebody changed it between reading and writing."""
_READ_AT_A_TIME: Final = 4_000_000
"""Approximate size in bytes of the texts that are read in one request. A post has up to three texts."""


class Planner:
    """Plans what files change in their posts without writing anything: an `Updater` for a dry run."""

    def __init__(self, session: Session, preparer: Preparer, mode: Mode) -> None:
        self._database = session.database
        self._layout = session.layout
        self._lanes = session.settings.site.lanes
        self._now = session.now
        self._preparer = preparer
        self._mode: Mode = mode

    def send(self, items: Sequence[Item]) -> Iterator[Updated]:
        """See `Updater`."""
        found = list(self.plan(items))
        announced_on = self._expected([planned.change for _, planned in found if isinstance(planned, PlannedUpdate)])
        for post, planned in found:
            slug = str(post["slug"]) if post else None
            if isinstance(planned, Refused):
                yield Updated(*planned, slug)
            else:
                platforms = announced_on.get(str(planned.change.post["id"]), ())
                yield Updated(_state(planned), "", planned.differences, slug, platforms)

    def _expected(self, changes: Sequence[Change]) -> dict[str, tuple[str, ...]]:
        """By post, the platforms that would be sent a change."""
        public = [change for change in changes if change.is_public]
        if not public or not self._lanes:
            return {}
        from emdash_cli.store.announcing import by_post

        return by_post(self._database.query(expected_of(self._layout, public, self._lanes, self._now())))

    def plan(self, items: Sequence[Item]) -> Iterator[tuple[Row | None, PlannedUpdate | Refused]]:
        """The post of each item, if it exists, and the change that its file asks for."""
        ids = [item.post_id for item in items]
        posts = {str(row["id"]): row for row in self._database.query(posts_as_read(self._layout, ids))}
        groups = self._groups([item.article for item in items])
        for part in _parts(items):
            open_posts = [item.post_id for item in part if barred(posts.get(item.post_id)) is None]
            texts: dict[str, dict[str, str]] = {post: {} for post in open_posts}
            for row in self._database.query(texts_of(self._layout, open_posts)) if open_posts else ():
                texts[str(row["post_id"])][str(row["kind"])] = str(row["data"])
            for item in part:
                post = posts.get(item.post_id)
                yield post, self._planned(item, post, texts.get(item.post_id), groups)

    def _planned(
        self, item: Item, post: Row | None, texts: dict[str, str] | None, groups: _Groups
    ) -> PlannedUpdate | Refused:
        if post is None or texts is None:
            return barred(post) or Refused("deleted")
        source = item.article.translation_of
        group = groups.get((source, item.article.locale), (None, None)) if source else (None, None)
        return plan(item.article, before(post, texts, group), self._layout, self._preparer, self._mode)

    def _groups(self, articles: Sequence[Article]) -> _Groups:
        """The translation groups of the posts that some articles translate."""
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


class ChangeWriter:
    """Writes what a `Planner` plans. What the database refuses is halved until the file at fault is alone."""

    def __init__(self, planner: Planner, run: Run) -> None:
        self._planner = planner
        self._run = run

    def send(self, items: Sequence[Item]) -> Iterator[Updated]:
        """See `Updater`. Everything that a result reports is durable."""
        answers: dict[str, Updated] = {}
        waiting = list(items)
        for _ in range(_TRIES):
            found = list(zip(waiting, self._planner.plan(waiting), strict=True))
            planned: list[tuple[Item, PlannedUpdate]] = []
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

    def _written(self, planned: Sequence[tuple[Item, PlannedUpdate]]) -> dict[str, Updated]:
        """By post, the changed posts. A post that has changed since it was read is missing."""
        if not planned:
            return {}
        run, session = self._run, self._run.session
        act = UpdateContext(run.claim(), "updated", session.now(), session.settings.site, session.new_id)
        batch = update_posts(session.layout, [each.change for _, each in planned], act)
        try:
            rows = session.database.batch([*run.signs_of_work(), *batch])[-1]
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


def _state(planned: PlannedUpdate) -> str:
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
