"""Edit a post.

Title, text, excerpt, image and slug are saved in its draft. EmDash has no drafts of terms, byline, SEO and translation,
so they change at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, NamedTuple

from emdash_cli.domain.article import compact_json
from emdash_cli.domain.authors import NOBODY, author_of_text
from emdash_cli.domain.errors import NotAllowedError, RefusedChangeError, UsageError
from emdash_cli.domain.post_text import STAGED_SLUG, ValueChange, changed_fields, value_changes
from emdash_cli.domain.roles import Role
from emdash_cli.posts import sql
from emdash_cli.posts.authors import NAME_HINT, Authors
from emdash_cli.posts.read import the_post
from emdash_cli.publishing.sql import claiming
from emdash_cli.scheduling.edits import FIELDS_AT_ONCE, Editable, Edits, changed_terms, editable, lines, new_data
from emdash_cli.scheduling.locked import Override, before_change, check_changeable, overridden, unlocked
from emdash_cli.scheduling.schedule import changed_meanwhile
from emdash_cli.scheduling.sql.scheduling import find_posts, slug_owner
from emdash_cli.store.changes import Claim, texts_of
from emdash_cli.store.updating import Change, UpdateContext, expected_of, posts_as_read, update_posts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emdash_cli.domain.article import Term
    from emdash_cli.domain.authors import Author
    from emdash_cli.store.session import Session


@dataclass(frozen=True, slots=True)
class EditTarget:
    """Which post to edit.

    Attributes:
        is_preview: report what would change without changing it.
        force: end a schedule that locks the post; only for admins.
    """

    slug: str
    locale: str | None
    is_preview: bool
    force: bool = False


class Opened(NamedTuple):
    """A post that may be edited, as it was when it was opened, or will be once its schedule has ended."""

    post: Editable
    target: EditTarget
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """The result of an edit, or of its preview.

    Attributes:
        outcome: edited, abandoned, or unchanged if the post already had those values.
        status: of the post; the live version stays live until the draft is published.
        fields: names of the changed fields.
        at_once: those of them that have no draft in EmDash, and so changed on the site as well.
        not_changed: names of fields in the file that an edit cannot change.
        notices: remarks on the change.
        lines: unified diff of the fields and the text as Markdown, without line endings.
        values: differences that Markdown does not show; empty if there are `lines`.
        announced_on: in a preview, the platforms that would be sent the change.
    """

    outcome: str
    slug: str
    locale: str
    post_id: str
    status: str
    fields: tuple[str, ...]
    at_once: tuple[str, ...]
    not_changed: tuple[str, ...]
    notices: tuple[str, ...]
    by: str
    lines: tuple[str, ...]
    values: tuple[ValueChange, ...]
    announced_on: tuple[str, ...] = ()


def open_post(session: Session, target: EditTarget) -> Opened:
    """Read a post that may be edited.

    Raises:
        RefusedChangeError: the post is scheduled or held.
        NotAllowedError: the user's role does not suffice.
        DatabaseError: the store is unreachable or failing.
    """
    [rows] = session.open([find_posts(session.names, target.slug)])
    found = the_post(session, target.slug, target.locale, rows)
    session.require("edit", {found["author_id"], found["byline_user_id"]})
    override = None
    if target.force:
        override = overridden(session, found, "edited")
    else:
        check_changeable(found, session.settings.timezone, "edited")
    layout, post_id = session.layout, str(found["id"])
    stands, texts, shown = session.database.batch(
        [posts_as_read(layout, [post_id]), texts_of(layout, [post_id]), sql.one(session.names, post_id)]
    )
    if not (stands and shown) or stands[0]["version"] != found["version"]:
        raise changed_meanwhile(target.slug)
    by_kind = {str(row["kind"]): row["data"] for row in texts}
    standing = unlocked(stands[0]) if override else stands[0]
    return Opened(editable(layout, standing, by_kind, shown[0]), target, override)


def edit(session: Session, opened: Opened, edits: Edits) -> Edited:
    """Make the edit or, with `is_preview`, only report it.

    Raises:
        RefusedChangeError: the slug is taken, the post to translate does not exist or has a translation in that locale,
            or somebody else has changed the post since it was opened.
        NotAllowedError: the user may not change the author.
        DatabaseError: the store is unreachable or failing.
    """
    planned = _plan(session, opened.post, edits)
    post, target = opened.post, opened.target
    if planned.fields and not target.is_preview:
        first, claim = before_change(session, Claim.new(session.new_id, session.actor), opened.override)
        act = UpdateContext(claim, "edited", session.now(), session.settings.site, session.new_id)
        if not session.database.batch([*first, *update_posts(session.layout, [planned.change], act)])[-1]:
            raise changed_meanwhile(str(post.standing["slug"]))
    return Edited(
        outcome="edited" if planned.fields else "unchanged",
        slug=str(post.standing["slug"]),
        locale=str(post.standing["locale"]),
        post_id=str(post.standing["id"]),
        status=str(post.standing["status"]),
        fields=planned.fields,
        at_once=tuple(name for name in planned.fields if name in FIELDS_AT_ONCE),
        not_changed=planned.not_changed,
        notices=(*_of_override(opened, planned), *edits.notices, *_notices(post, planned.fields)),
        by=session.actor,
        lines=planned.lines,
        values=planned.values,
        announced_on=_announced_on(session, planned.change) if planned.fields and target.is_preview else (),
    )


def _of_override(opened: Opened, planned: _Plan) -> tuple[str, ...]:
    return (opened.override.notice,) if opened.override and planned.fields else ()


def _announced_on(session: Session, change: Change) -> tuple[str, ...]:
    """The platforms that would be sent the change."""
    lanes = session.settings.site.lanes
    if not lanes or not change.is_public:
        return ()
    from emdash_cli.store.announcing import by_post

    rows = session.database.query(expected_of(session.layout, [change], lanes, session.now()))
    return by_post(rows).get(str(change.post["id"]), ())


def abandoned(session: Session, opened: Opened) -> Edited:
    """The result of an edit that was abandoned."""
    post = opened.post.standing
    return Edited(
        *("abandoned", str(post["slug"]), str(post["locale"]), str(post["id"]), str(post["status"]), (), (), (), ()),
        by=session.actor,
        lines=(),
        values=(),
    )


class _Plan(NamedTuple):
    change: Change
    fields: tuple[str, ...]
    not_changed: tuple[str, ...]
    lines: tuple[str, ...]
    values: tuple[ValueChange, ...]


class _AtOnce(NamedTuple):
    """Changes to a post outside its revisions; the attributes are those of `Change`."""

    linked: tuple[Term, ...]
    unlinked: tuple[Term, ...]
    author: Author | None
    group: str | None
    seo: Mapping[str, Any]

    def fields(self) -> tuple[str, ...]:
        """Names of what changes."""
        taxonomies = {term.taxonomy for term in (*self.linked, *self.unlinked)}
        found = {
            "category": "category" in taxonomies,
            "tags": "tag" in taxonomies,
            "author": self.author is not None,
            "translation_of": self.group is not None,
        }
        return (*(name for name, changes in found.items() if changes), *self.seo)


def _plan(session: Session, post: Editable, edits: Edits) -> _Plan:
    before = post.values()
    asked, lacking = _asked(post, edits, before)
    data = new_data(post, asked)
    slug = str(post.standing["slug"])
    text_fields = changed_fields((post.data, slug), (data, slug))
    _check_slug(session, post, data)
    at_once = _AtOnce(
        *changed_terms(post, asked),
        author=_author(session, post, asked),
        group=_group(session, post, asked),
        seo={part: asked[part] for part in before if part.startswith("seo.") and _differs(asked, before, part)},
    )
    fields = (*text_fields, *at_once.fields())
    change = Change(
        post.standing,
        is_live=False,
        data=compact_json(data) if text_fields else None,
        draft_read=post.draft_read if text_fields else None,
        **at_once._asdict()
        | {"seo": {part.replace(".", "_"): _stored(value) for part, value in at_once.seo.items()} or None},
        detail={"fields": fields},
    )
    changed = _difference(post, replace(post, data=data), at_once, asked) if fields else ()
    values = tuple(value_changes(dict(post.data), data)) if text_fields and not changed else ()
    return _Plan(change, fields, (*edits.not_changed, *lacking), changed, values)


def _difference(before: Editable, after: Editable, at_once: _AtOnce, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """The changes as a unified diff."""
    old, new = before.values(), after.values()
    new |= {name: asked[name] for name in at_once.fields() if name in asked}
    new["tags"] = _tags_after(old["tags"], at_once)
    if at_once.author is not None:
        new["author"] = at_once.author.name
    old_lines, new_lines = lines(old, before.markdown()), lines(new, after.markdown())
    return tuple(unified_diff(old_lines, new_lines, "as it is now", "as edited", lineterm=""))


def _asked(post: Editable, edits: Edits, before: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values to set (None for fields removed from a whole document), and fields that the collection lacks."""
    asked = dict(edits.values)
    if edits.is_whole and "content" not in asked and post.markdown().strip():
        raise UsageError(
            "there is no text below the front matter", hint="restore it, or empty the file to abandon the edit"
        )
    shows_image = post.data.get(post.names.featured_image)
    if "featured_image.alt" in asked and not (before["featured_image"] or isinstance(shows_image, dict)):
        raise UsageError("the post has no featured image to describe", hint="name one with --image URL")
    if edits.is_whole:
        asked |= {name: None for name, value in before.items() if value and name not in asked and name != "slug"}
    lacking = []
    for field, is_there in (
        ("excerpt", post.layout.has_excerpt),
        ("featured_image", post.layout.has_featured_image),
    ):
        if not is_there and asked.pop(field, None):
            lacking.append(field)
    return asked, lacking


def _differs(asked: Mapping[str, Any], before: Mapping[str, Any], name: str) -> bool:
    return name in asked and (asked[name] or None) != (before[name] or None)


def _stored(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _tags_after(before: tuple[str, ...], at_once: _AtOnce) -> tuple[str, ...]:
    gone = {term.label for term in at_once.unlinked if term.taxonomy == "tag"}
    new = (term.label for term in at_once.linked if term.taxonomy == "tag")
    return (*(tag for tag in before if tag not in gone), *new)


def _author(session: Session, post: Editable, asked: Mapping[str, Any]) -> Author | None:
    """The new author, or `NOBODY`; None if the byline stays as it is."""
    if "author" not in asked:
        return None
    bylines = post.shown.bylines
    wanted: Author | None = asked["author"]
    if wanted is None:
        if not bylines:
            return None
    elif bylines and _is_byline(wanted, bylines[0]):
        return None
    person = session.person
    if person is not None and person.role < Role.EDITOR:
        raise NotAllowedError(
            f"{person.email} has the role {person.role.title}, which may not change the author of a post",
            hint="editors and admins may",
        )
    if wanted is None:
        return NOBODY
    found = Authors(session.database, None).shown(wanted)
    if found is None:
        raise RefusedChangeError(
            "author: no user with a public name has that e-mail address, and addresses are never published",
            hint=NAME_HINT,
            code="unknown_author",
        )
    return found


def _is_byline(author: Author, byline: Mapping[str, Any]) -> bool:
    """Whether the byline already shows that author. The post may still belong to somebody else."""
    if author.owner:
        return False
    if author == author_of_text(str(byline["name"])):
        return True  # The name may contain more, such as an address.
    named = {part.casefold() for part in (author.slug or author.name, author.name or author.email) if part}
    return bool(named & {str(byline["name"]).casefold(), str(byline["slug"]).casefold()})


def _group(session: Session, post: Editable, asked: Mapping[str, Any]) -> str | None:
    """The translation group that the post moves to; None if it stays in its own."""
    if "translation_of" not in asked:
        return None
    post_id, locale = str(post.standing["id"]), str(post.standing["locale"])
    now, source = str(post.standing["translation_group"]), asked["translation_of"]
    if source is None:
        return None if now == post_id else post_id
    if source == post.source:
        return None
    asking = claiming.source_of_translation(post.layout, source, post_id, locale)
    [found] = session.database.query(asking)
    if found["translation_group"] is None:
        raise RefusedChangeError(
            f"there is no post {source} in a language other than {locale}",
            hint="give the slug or id of the post that this one translates",
            code="no_such_post",
        )
    if found["owner"] is not None:
        raise RefusedChangeError(
            f"{source} already has a translation into {locale}, post {found['owner']}",
            hint="clear that post's translation_of first",
            code="translated",
        )
    return None if found["translation_group"] == now else str(found["translation_group"])


def _notices(post: Editable, fields: tuple[str, ...]) -> tuple[str, ...]:
    found = list(post.layout.warnings)
    further = post.shown.labels("category")[1:]
    if "category" in fields and further:
        found.append(f"its other categories stay: {', '.join(further)}")
    if "author" in fields and len(post.shown.bylines) > 1:
        others = ", ".join(byline["name"] for byline in post.shown.bylines[1:])
        found.append(f"its other bylines stay: {others}")
    if {"category", "tags"} & set(fields) and post.shown.translations and post.layout.terms_by_group:
        others = ", ".join(f"{each['slug']} ({each['locale']})" for each in post.shown.translations)
        found.append(f"EmDash shares terms between translations, so they also change for {others}")
    return tuple(found)


def _check_slug(session: Session, post: Editable, data: Mapping[str, Any]) -> None:
    staged = data.get(STAGED_SLUG)
    if not staged or staged == post.data.get(STAGED_SLUG):
        return
    owner = session.database.query(slug_owner(post.names, str(staged), str(post.standing["id"])))
    if owner:
        raise RefusedChangeError(
            f"the slug {staged} ({post.standing['locale']}) belongs to post {owner[0]['id']}",
            hint="choose another slug",
            code="slug_taken",
        )
