"""Select the posts that a verb is to change: one query for any number of them, and each taken once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import EmdashError, UsageError
from emdash_cli.domain.locales import is_same
from emdash_cli.posts import sql as reading
from emdash_cli.posts.read import no_such_post, which_locale
from emdash_cli.scheduling.sql.selection import by_ids, by_slugs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emdash_cli.domain.ports import Row
    from emdash_cli.domain.roles import Permission
    from emdash_cli.scheduling.post_names import PostName
    from emdash_cli.store.session import Session

_NEAR: Final = 20
"""Similar slugs are looked up for so many posts that do not exist."""
_NAMED: Final = 100
"""An error names so many posts."""
_HINTS: Final = 3


class Selection(NamedTuple):
    """The posts that a verb is to change.

    Attributes:
        names: of the posts; a post that is named twice is taken once.
        locale: of the posts that are named without one; None if each slug has only one post.
        trashed: whether posts in the trash are selected as well; otherwise, they do not exist.
    """

    names: Sequence[PostName]
    locale: str | None = None
    trashed: bool = False


def select_posts(session: Session, wanted: Selection, permission: Permission, more: str = "") -> list[Row]:
    """The rows of the posts, in the order in which they were named; see `sql.selection.by_slugs`.

    This opens the session: for any number of posts, it is one request.

    Args:
        session: not yet opened, or open.
        wanted: the posts.
        permission: what whoever acts must be allowed to do.
        more: further columns, as for `by_slugs`.

    Raises:
        NotAllowedError: the user does not exist, or their role does not suffice.
        UsageError: a slug has posts in several locales, and none was chosen; or the locales contradict each other.
        EmdashError: posts do not exist; similar slugs are named.
        DatabaseError: the store is unreachable or failing.
    """
    ids = list(dict.fromkeys(name.id for name in wanted.names if name.id))
    slugs = list(dict.fromkeys(name.slug for name in wanted.names if not name.id))
    reads = [*by_ids(session.names, ids, more), *by_slugs(session.names, slugs, more)]
    rows = [row for answer in session.open(reads) for row in answer]
    session.require(permission)
    return _Choice(session, wanted, rows).rows()


def label(post: Row) -> str:
    """The post for people: its slug, or its id if it has none, and its locale."""
    return f"{post['slug'] or post['id']} ({post['locale']})"


def one_error(errors: Sequence[EmdashError], total: int) -> EmdashError:
    """The error for all posts that were refused; nothing was done.

    Args:
        errors: at least one; each names its post.
        total: number of posts that were to be changed.
    """
    if total == 1:
        return errors[0]
    shown = [error.message for error in errors[:_NAMED]]
    more = [f"{len(errors) - _NAMED} more"] if len(errors) > _NAMED else []
    hints = list(dict.fromkeys(error.hint for error in errors if error.hint))[:_HINTS]
    worst = max(errors, key=lambda error: error.exit_code)
    return type(worst)(
        f"nothing was done, because of {len(errors)} of {total} posts: {'; '.join([*shown, *more])}",
        hint="; ".join(hints),
        code=worst.code,
    )


class _Choice:
    """Finds each named post among the rows."""

    def __init__(self, session: Session, wanted: Selection, rows: Sequence[Row]) -> None:
        self._session = session
        self._wanted = wanted
        self._by_id = {row["id"]: row for row in rows}
        self._by_slug: dict[str, list[Row]] = {}
        for row in self._by_id.values():
            if wanted.trashed or row["deleted_at"] is None:
                self._by_slug.setdefault(str(row["slug"]), []).append(row)
        self._errors: list[EmdashError] = []
        self._missing: list[PostName] = []

    def rows(self) -> list[Row]:
        """Each selected post once."""
        found = [row for name in self._wanted.names if (row := self._one(name))]
        errors = [*self._errors, *self._explained()]
        if errors:
            raise one_error(errors, len(self._wanted.names))
        return list({row["id"]: row for row in found}.values())

    def _one(self, name: PostName) -> Row | None:
        if name.id:
            return self._with_id(name)
        locale = name.locale or self._wanted.locale
        rows = self._by_slug.get(name.slug, [])
        chosen = [row for row in rows if locale is None or row["locale"] == locale]
        chosen = chosen or [row for row in rows if locale and is_same(str(row["locale"]), locale)]
        if self._contradicts(name):
            return None
        if len(chosen) > 1:
            self._errors.append(which_locale(name.slug, [str(row["locale"]) for row in rows]))
        elif not chosen:
            self._missing.append(name._replace(locale=locale))
        return chosen[0] if len(chosen) == 1 else None

    def _with_id(self, name: PostName) -> Row | None:
        row = self._by_id.get(name.id or "")
        called = name.slug or name.id
        if row is None:
            self._refuse(f"there is no post {called} any more")
        elif row["deleted_at"] is not None and not self._wanted.trashed:
            self._refuse(f"the post {called} is in the trash")
        elif name.slug not in {"", row["slug"]}:
            self._refuse(f"the post {called} is now called {row['slug']}")
        elif not self._contradicts(name._replace(locale=str(row["locale"]))):
            return row
        return None

    def _refuse(self, why: str) -> None:
        self._errors.append(EmdashError(why, hint="list the posts again", code="no_such_post"))

    def _contradicts(self, name: PostName) -> bool:
        asked = self._wanted.locale
        if not (name.locale and asked) or is_same(name.locale, asked):
            return False
        message = f"{name.slug or name.id} was named with the locale {name.locale}, not {asked}"
        self._errors.append(UsageError(message, hint="omit --locale, or filter the list by it", code="which_locale"))
        return True

    def _explained(self) -> list[EmdashError]:
        """Why the missing posts are missing; similar slugs are looked up for the first ones only."""
        asked = self._missing[:_NEAR]
        statements = [reading.neighbours(self._session.names, name.slug) for name in asked]
        near = self._session.database.batch(statements) if statements else []
        near += [[] for _ in self._missing[_NEAR:]]
        return [self._no_such(name, rows) for name, rows in zip(self._missing, near, strict=True)]

    def _no_such(self, name: PostName, near: Sequence[Row]) -> EmdashError:
        elsewhere = [str(row["locale"]) for row in self._by_slug.get(name.slug, [])]
        return no_such_post(name.slug, name.locale, elsewhere, near)
