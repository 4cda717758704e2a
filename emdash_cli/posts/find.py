"""The one post that a slug means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import EmdashError, UsageError
from emdash_cli.domain.locales import is_same
from emdash_cli.posts.sql import neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Database, Row


def the_post(slug: str, locale: str | None, rows: Sequence[Row], database: Database, names: FieldNames) -> Row:
    """The one of the posts with that slug that is meant.

    Args:
        slug: as it was given.
        locale: as it was given; None if it was not.
        rows: the posts with that slug, of the locale alone if one was given, in any spelling, or of all.
        database: asked for what comes near, if there is no such post.
        names: of the collection.

    Raises:
        UsageError: there are several, and no locale tells which.
        EmdashError: there is none.
    """
    chosen = [row for row in rows if locale is None or row["locale"] == locale]
    chosen = chosen or [row for row in rows if locale and is_same(str(row["locale"]), locale)]
    locales = [str(row["locale"]) for row in rows]
    if len(chosen) > 1:
        raise UsageError(
            f"there is a post {slug} in {', '.join(locales[:-1])} and {locales[-1]}",
            hint=f"choose one: --locale {' or --locale '.join(locales)}",
            code="which_locale",
        )
    if chosen:
        return chosen[0]
    raise _no_such_post(slug, locale, locales, database.query(neighbours(names, slug)))


def _no_such_post(slug: str, locale: str | None, elsewhere: list[str], near: Sequence[Row]) -> EmdashError:
    same = [row for row in near if row["slug"] == slug]
    elsewhere = elsewhere or [str(row["locale"]) for row in same if not row["trashed"]]
    where = f" in {locale}" if locale else ""
    if elsewhere:
        hint = f"there is one in {' and in '.join(elsewhere)}: --locale {elsewhere[0]}"
    elif same:
        where += " any more: it is in the trash"
        hint = "restore it in EmDash's admin"
    else:
        from difflib import get_close_matches

        close = get_close_matches(slug, [str(row["slug"]) for row in near if not row["trashed"]], n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(dict.fromkeys(close))}?" if close else "is the store the right one?"
    return EmdashError(f"there is no post {slug}{where}", hint=hint, code="no_such_post")
