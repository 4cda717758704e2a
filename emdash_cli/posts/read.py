"""Find a post by its slug and read it: the live version if it is published, the draft otherwise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.errors import EmdashError, UsageError
from emdash_cli.domain.locales import is_same
from emdash_cli.posts import sql
from emdash_cli.store.announced import distribution
from emdash_cli.store.layout import POST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emdash_cli.domain.announced import Distribution
    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.ports import Row, Value
    from emdash_cli.store.session import Session

MOST_COMPLETIONS = 50


@dataclass(frozen=True, slots=True)
class Post:
    """A post and everything that belongs to it.

    Attributes:
        content: Portable Text as stored; None if there is none.
        featured_image: as EmDash stores it: an object with ``src`` and ``alt``, or a string.
        published_at: UTC text, like the other times.
        expires_at: when it is taken down again; None: never.
        revision: id of the revision shown; None for a post written without one.
        has_changes: whether a published post has a draft that differs from what readers see.
        bylines: ``name``, ``slug`` and ``role`` of each.
        terms: ``taxonomy``, ``slug`` and ``label`` of each.
        seo: ``title``, ``description``, ``image``, ``canonical``, ``no_index``; None if nothing is set.
        translations: ``locale``, ``slug`` and ``status`` of each.
        distribution: how far its announcement has come; None where no platforms are set up, and for a post that is not
            live.
    """

    id: str
    slug: str
    locale: str
    status: str
    title: str
    excerpt: str | None
    content: list[Any] | None
    featured_image: Any
    published_at: str | None
    scheduled_at: str | None
    expires_at: str | None
    created_at: str | None
    updated_at: str | None
    revision: str | None
    has_changes: bool
    bylines: list[dict[str, Any]]
    terms: list[dict[str, Any]]
    seo: dict[str, Any] | None
    translations: list[dict[str, Any]]
    distribution: Distribution | None = None

    def labels(self, taxonomy: str) -> list[str]:
        """Labels of the terms of a taxonomy: ``category`` or ``tag``."""
        return [term["label"] for term in self.terms if term["taxonomy"] == taxonomy]


def read_post(session: Session, slug: str, locale: str | None) -> Post:
    """The post with that slug.

    Raises:
        UsageError: posts in several locales have the slug, and no locale was chosen.
        EmdashError: there is none.
        DatabaseError: the store is unreachable or failing, or the database is not a store.
    """
    with session.reading():
        rows = session.database.query(sql.post(session.names, slug, locale, jobs=bool(session.settings.platforms)))
    return post_of(the_post(session, slug, locale, rows), session.names)


def slugs_beginning(session: Session, prefix: str) -> list[str]:
    """Slugs with that prefix, for shell completion."""
    return [
        str(row["slug"]) for row in session.database.query(sql.slugs_beginning(session.names, prefix, MOST_COMPLETIONS))
    ]


def post_of(row: Row, names: FieldNames) -> Post:
    """The post in a row of `sql.post`, `sql.page` or `sql.one`."""
    fields = _fields(row)
    draft = row["draft_revision_id"]
    return Post(
        id=str(row["id"]),
        slug=str(row["slug"]),
        locale=str(row["locale"]),
        status=str(row["status"]),
        title=str(fields.get(names.title) or ""),
        excerpt=fields.get(names.excerpt),
        content=_list(fields.get(names.content)),
        featured_image=_parsed(fields.get(names.featured_image)),
        published_at=_text(row["published_at"]),
        scheduled_at=_text(row["scheduled_at"]),
        expires_at=_text(row["shown_expires_at"]),
        created_at=_text(row["created_at"]),
        updated_at=_text(row["updated_at"]),
        revision=_text(row["shown_revision"]),
        has_changes=row["status"] == "published" and draft is not None and draft != row["live_revision_id"],
        bylines=json.loads(str(row["shown_bylines"])),
        terms=json.loads(str(row["shown_terms"])),
        seo=_seo(row["shown_seo"]),
        translations=json.loads(str(row["shown_translations"])),
        distribution=distribution(row.get("shown_jobs"), is_live=row["status"] == "published"),
    )


def other_fields(row: Row, names: FieldNames) -> dict[str, Any]:
    """The fields that a site added to its posts, by name; fields without a value are left out.

    Args:
        row: of `sql.post`, `sql.page` or `sql.one`.
        names: of the fields that every post has.
    """
    own = {names.title, names.content, names.excerpt, names.featured_image}
    columns = [
        name for name in row if name not in POST_COLUMNS | own and not name.startswith(("shown_", "ledger_", "source_"))
    ]
    said = _fields(row)
    return {name: _structured(said[name]) for name in columns if said.get(name) is not None}


def _structured(value: Any) -> Any:
    """The list or object in a column that holds JSON; other text is returned as is, even if it looks like a number."""
    return _parsed(value) if isinstance(value, str) and value[:1] in {"[", "{"} else value


def image_source(image: Any) -> str | None:
    """The address of a picture, which EmDash keeps as an object or as a text."""
    found = image.get("src") if isinstance(image, dict) else image
    return found if isinstance(found, str) and found else None


def text_of(row: Row, names: FieldNames) -> str | None:
    """The content of a post that has plain text in place of Portable Text, as some scripts write it."""
    return plain_content(_fields(row).get(names.content))


def plain_content(value: object) -> str | None:
    """Content that is text, plain or as JSON; None for lists, objects and blank text."""
    if not isinstance(value, str) or not value.strip():
        return None
    found = _parsed(value)
    if isinstance(found, list | dict):
        return None
    return found if isinstance(found, str) else value


def _fields(row: Row) -> Mapping[str, Any]:
    if row["status"] != "published" and row["shown_data"]:
        # Until a draft is published, its columns lag behind its revision.
        return {**row, **json.loads(str(row["shown_data"]))}
    return row


def _seo(value: Value) -> dict[str, Any] | None:
    if value is None:
        return None
    seo: dict[str, Any] = json.loads(str(value))
    return {**seo, "no_index": bool(seo["no_index"])}


def _list(value: Any) -> list[Any] | None:
    found = _parsed(value)
    return found if isinstance(found, list) else None


def _parsed(value: Any) -> Any:
    """The JSON value in a column; text that is not JSON is returned unchanged."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def the_post(session: Session, slug: str, locale: str | None, rows: Sequence[Row]) -> Row:
    """The post with that slug and locale.

    Args:
        session: queried for similar slugs if there is no such post.
        slug: as given by the user.
        locale: as given by the user; None if no locale was given.
        rows: the posts with that slug, in all locales or, in any spelling, in the given one.

    Raises:
        UsageError: there are several posts, and no locale was given.
        EmdashError: there is none.
    """
    chosen = [row for row in rows if locale is None or row["locale"] == locale]
    chosen = chosen or [row for row in rows if locale and is_same(str(row["locale"]), locale)]
    locales = [str(row["locale"]) for row in rows]
    if len(chosen) > 1:
        raise which_locale(slug, locales)
    if chosen:
        return chosen[0]
    raise no_such_post(slug, locale, locales, session.database.query(sql.neighbours(session.names, slug)))


def which_locale(slug: str, locales: Sequence[str]) -> UsageError:
    """The error for a slug that posts in several locales have."""
    return UsageError(
        f"the slug {slug} exists in {', '.join(locales[:-1])} and {locales[-1]}",
        hint=f"choose one: --locale {' or --locale '.join(locales)}",
        code="which_locale",
    )


def no_such_post(slug: str, locale: str | None, elsewhere: Sequence[str], near: Sequence[Row]) -> EmdashError:
    """The error for a slug that no post has.

    Args:
        slug: as given by the user.
        locale: as given by the user; None if no locale was given.
        elsewhere: the locales in which posts have the slug.
        near: rows of `sql.neighbours`; none if they were not looked up.
    """
    same = [row for row in near if row["slug"] == slug]
    elsewhere = list(elsewhere) or [str(row["locale"]) for row in same if not row["trashed"]]
    where = f" in {locale}" if locale else ""
    if elsewhere:
        hint = f"it exists in {' and in '.join(elsewhere)}: add --locale {elsewhere[0]}"
    elif same:
        where += " any more: it is in the trash"
        hint = f"bring it back with `emdash untrash {slug}`"
    else:
        from difflib import get_close_matches

        close = get_close_matches(slug, [str(row["slug"]) for row in near if not row["trashed"]], n=3, cutoff=0.5)
        hint = (
            f"did you mean {' or '.join(dict.fromkeys(close))}?"
            if close
            else "check the slug and, with `emdash config`, the store"
        )
    return EmdashError(f"there is no post {slug}{where}", hint=hint, code="no_such_post")
