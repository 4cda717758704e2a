"""Find the author of an article by the e-mail address in its file. Addresses are never shown to readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emdash_cli.domain.authors import Author, author_of_text
from emdash_cli.domain.errors import UsageError
from emdash_cli.store.labels import users_known_as

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emdash_cli.domain.article import Article
    from emdash_cli.domain.ports import Database, Row
    from emdash_cli.settings import Stream

_UNKNOWN = "author: no user of the site has that e-mail address, and addresses are never published"
_NAMELESS = "author: the user with that e-mail address has no public name, and addresses are never published"
NAME_HINT = "write the name: Jane Doe, or Jane Doe <address>"


class Unnamed(NamedTuple):
    """An article whose author has no name that can be shown, and the reason."""

    reason: str


class Authors:
    """Replaces authors' addresses with the users they belong to, looking up each address once per run.

    Args:
        database: where the users are.
        stream: its author is credited if an article names nobody who can be shown; None: nobody is credited.
    """

    def __init__(self, database: Database, stream: Stream | None) -> None:
        self._database = database
        self._stream = stream.name if stream else ""
        self._fallback = author_of_text(stream.author) if stream and stream.author else None
        self._known: dict[str, Row | None] = {}

    def credited(self, articles: list[Article]) -> list[Article | Unnamed]:
        """The articles with authors who can be shown, and an `Unnamed` in place of each article without one.

        Raises:
            UsageError: no user has the address of the stream's own author.
            DatabaseError: the store is unreachable or failing.
        """
        if not any(article.author and article.author.needs_store for article in articles):
            return list(articles)
        self._ask(article.author for article in articles)
        return [self._credited(article) for article in articles]

    def shown(self, author: Author) -> Author | None:
        """The author with a name for the byline, and the user found; None if there is only an address that no user has.

        Raises:
            DatabaseError: the store is unreachable or failing.
        """
        if not author.needs_store:
            return author
        self._ask([author])
        found = self._shown(author)
        return found and found._replace(owner=self._id(author.owner) or self._id(author.email))

    def _ask(self, authors: Iterable[Author | None]) -> None:
        named = {key for author in (*authors, self._fallback) if author for key in (author.email, author.owner) if key}
        missing = sorted(named - self._known.keys())
        if missing:
            found = {str(row["asked"]): row for row in self._database.query(users_known_as(missing))}
            self._known |= {key: found.get(key) for key in missing}

    def _credited(self, article: Article) -> Article | Unnamed:
        author = article.author
        if author is None or not author.needs_store:
            return article
        owner = self._id(author.owner) or self._id(author.email)
        if found := self._shown(author):
            return article._replace(author=found._replace(owner=owner))
        reason = self._why(author)
        if author == self._fallback:
            raise UsageError(f"stream {self._stream}: {reason}", hint=f"in the settings, {NAME_HINT}")
        instead = self._shown(self._fallback) if self._fallback else None
        credited = (instead or Author(None))._replace(owner=owner)
        if author.email is None:
            return article._replace(author=credited)
        if instead is None and owner is None:
            return Unnamed(f"{reason}; {NAME_HINT}")
        stands_in = f"the byline is the stream's author, {instead.name}" if instead else "the post has no byline"
        notice = f"{reason}: {stands_in}; {NAME_HINT}"
        return article._replace(author=credited, notices=(*article.notices, notice))

    def _shown(self, author: Author) -> Author | None:
        """The author by name or by user; None if only an address is known."""
        user = self._known.get(author.email or "")
        if user is None:
            return author._replace(email=None) if author.name else None
        has_byline = bool(user["has_byline"]) and not user["shows_address"]
        name = author.name or _public_name(user["name"])
        if name is None and not has_byline:
            return None
        return Author(name, author.slug, user_id=None if user["shows_address"] else str(user["id"]))

    def _why(self, author: Author) -> str:
        return _UNKNOWN if self._known.get(author.email or "") is None else _NAMELESS

    def _id(self, key: str | None) -> str | None:
        user = self._known.get(key or "")
        return str(user["id"]) if user else None


def _public_name(name: object) -> str | None:
    """The name of a user, unless it is or contains an address."""
    author = author_of_text(str(name or ""))
    return author.name if author else None
