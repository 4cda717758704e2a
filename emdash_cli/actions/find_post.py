"""The one post that a slug means, to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import RefusedChangeError, UsageError
from emdash_cli.store.reading import neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Database, Row


def the_post(slug: str, locale: str | None, rows: Sequence[Row], database: Database, names: FieldNames) -> Row:
    """The one of the posts with that slug that is meant.

    Args:
        slug: as it was given.
        locale: as it was given; None if it was not.
        rows: of `scheduling.find_posts`.
        database: asked for what comes near, if there is no such post.
        names: of the collection.

    Raises:
        RefusedChangeError: there is none.
        UsageError: there are several, and no locale tells which.
    """
    chosen = [row for row in rows if locale is None or row["locale"] == locale]
    locales = [str(row["locale"]) for row in rows]
    if len(chosen) > 1:
        raise UsageError(
            f"there is a post {slug} in {', '.join(locales[:-1])} and {locales[-1]}",
            hint=f"choose one: --locale {' or --locale '.join(locales)}",
            code="which_locale",
        )
    if chosen:
        return chosen[0]
    where, hint = (f" in {locale}", f"there is one in {' and in '.join(locales)}") if rows else ("", "")
    raise RefusedChangeError(
        f"there is no post {slug}{where}", hint=hint or _near(slug, database, names), code="no_such_post"
    )


def _near(slug: str, database: Database, names: FieldNames) -> str:
    from difflib import get_close_matches

    near = database.query(neighbours(names, slug))
    if any(row["slug"] == slug for row in near):
        return "it is in the trash: restore it in EmDash's admin"
    close = get_close_matches(slug, [str(row["slug"]) for row in near if not row["trashed"]], n=3, cutoff=0.5)
    return f"did you mean {' or '.join(dict.fromkeys(close))}?" if close else "is the store the right one?"
