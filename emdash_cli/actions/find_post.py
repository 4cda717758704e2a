"""The one post that a slug means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import RefusedChangeError, UsageError
from emdash_cli.store.scheduling import slugs_near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Database, Row


def the_post(slug: str, locale: str | None, rows: Sequence[Row], database: Database, names: FieldNames) -> Row:
    """The one of the posts with that slug that is meant.

    Raises:
        RefusedChangeError: there is none, or there are several and no locale tells which.
        UsageError: there is none in that locale.
    """
    if not rows:
        near = database.query(slugs_near(names, slug))
        raise RefusedChangeError(
            f"there is no post {slug!r}", hint=_near(slug, [str(row["slug"]) for row in near]), code="no_such_post"
        )
    chosen = [row for row in rows if locale is None or str(row["locale"]).lower() == locale.lower()]
    locales = ", ".join(str(row["locale"]) for row in rows)
    if not chosen:
        raise UsageError(f"the post {slug!r} is there in {locales}, not in {locale}", code="no_such_post")
    if len(chosen) > 1:
        raise RefusedChangeError(
            f"{slug!r} is a post in each of {locales}", hint="say which with --locale", code="ambiguous_slug"
        )
    return chosen[0]


def _near(slug: str, slugs: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(slug, slugs, n=3)
    return f"did you mean {' or '.join(near)}?" if near else ""
