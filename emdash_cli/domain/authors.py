"""Authors as files name them: a public name, and an e-mail address that only the store uses.

Forms: a name; ``Name <address>`` (RFC 5322, https://www.rfc-editor.org/rfc/rfc5322#section-3.4, and npm's ``author``);
``address (Name)`` as in RSS (https://www.rssboard.org/rss-specification#ltauthorgtSubelementOfLtitemgt); an object with
a name, an address and a slug; a list of any of these.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

NAMES: Final = ("name", "display_name", "full_name", "author_name", "label")
"""Keys of an object that may hold the name, in order of preference."""
SLUGS: Final = ("slug", "key", "id", "username", "login", "handle", "nickname")
EMAILS: Final = ("email", "mail", "e_mail", "email_address", "author_email", "user_email")
OWNER: Final = "user"
_FIRST_NAMES: Final = ("first_name", "given_name", "first")
_LAST_NAMES: Final = ("last_name", "family_name", "last")
_UNDERSTOOD: Final = frozenset((*NAMES, *SLUGS, *EMAILS, OWNER, *_FIRST_NAMES, *_LAST_NAMES))

_SIGNS: Final = re.compile("[@\uff20\ufe6b]|%40|&#|&commat|mailto")
"""A text without any of them contains no address, which is a cheap test (U+FF20 and U+FE6B are wide and small forms of
@)."""
_ADDRESS: Final = re.compile(
    r"(?:(?:mailto|xmpp|sip|acct):)?@?([^\s@<>()\[\]{}\"',;:|/]+@[^\s@<>()\[\]{}\"',;:|/?]+)(?:\?[^\s<>()\[\]\"']*)?",
    re.IGNORECASE,
)
_REMAINS: Final = re.compile(r"[\w.%+-][\"']?@\w|[\w.%+-]\s*@\s+[\w-]+\.\w")
"""An address in a form that `_ADDRESS` does not match; ``@jane`` and ``Jane @ Acme`` are names."""
_LINK: Final = re.compile(r"[(<]?https?://[^\s<>()]+[>)]?", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>")
_HOLLOW: Final = re.compile(r"<[\s:]*>|\([\s:]*\)|\[[\s:]*\]|\{[\s:]*\}|mailto:", re.IGNORECASE)
_SEPARATORS: Final = " \t,;:|/\u2013\u2014-\u00b7\u2022"
_PAIRS: Final = ('""', "''", "\u201c\u201d", "\u2018\u2019", "()", "[]", "<>", "{}")
_NEXT_AUTHOR: Final = re.compile(r"(?<=[>)])\s*(?:[,;&|/]|\band\b)\s*")


class Author(NamedTuple):
    """The author that a file names.

    Attributes:
        name: what readers see; never an e-mail address. None: only the address identifies the author.
        slug: of the byline, if the file identifies it by something other than the name.
        email: finds a user or the user's byline, and is not stored with the post.
        owner: the user to whom the post belongs, if it is not the user of the byline: an e-mail address or an id;
            always an id after the store was queried.
        user_id: of the user with the address `email`, after the store was queried.
    """

    name: str | None
    slug: str | None = None
    email: str | None = None
    owner: str | None = None
    user_id: str | None = None

    @property
    def needs_store(self) -> bool:
        """Whether only the store can tell who the author is."""
        return self.email is not None or (self.owner is not None and self.user_id is None)


NOBODY: Final = Author(None)
"""Stands for no author at all, whereas None makes no statement about the author."""


def holds_address(text: str) -> bool:
    """Whether the text contains an e-mail address, including the spellings of URLs and HTML."""
    if not _SIGNS.search(text):
        return False
    plain = _spelt_out(text)
    return _ADDRESS.search(plain) is not None or _REMAINS.search(plain) is not None


def author_of_text(text: str) -> Author | None:
    """The author that a text names, or the first one if it names several with addresses. None: it names nobody."""
    text = text.strip()
    if not _SIGNS.search(text):
        return Author(_without_link(text)) if text else None
    plain = _spelt_out(text)
    if not holds_address(plain):
        return Author(text)
    first = _NEXT_AUTHOR.split(plain)[0]
    address = _ADDRESS.search(first)
    name = _tidy(_HOLLOW.sub(" ", _TAG.sub(" ", _LINK.sub(" ", _ADDRESS.sub(" ", first)))))
    is_name = any(character.isalnum() for character in name) and not holds_address(name)
    email = address[1].rstrip(".") if address else None
    return Author(name if is_name else None, email=email) if is_name or email else None


def author_of(value: Any) -> Author | None:
    """The author that a value of a document names. None: it names nobody who can be shown or found."""
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, str):
        return author_of_text(value)
    return _of_object(value) if isinstance(value, dict) else None


def without_addresses(value: Any) -> Any:
    """The value in the form that the metadata may keep, without e-mail addresses; None if nothing else is in it."""
    if isinstance(value, dict):
        kept = {key: without_addresses(part) for key, part in value.items() if not holds_address(key)}
        return {key: part for key, part in kept.items() if part is not None}
    if isinstance(value, list):
        return [part for part in map(without_addresses, value) if part is not None]
    if isinstance(value, str) and holds_address(value):
        found = author_of_text(value)
        return found.name if found else None
    return value


def says_more(value: Any) -> bool:
    """Whether the value contains more than the name, slug and address of one author."""
    if isinstance(value, list):
        return len(value) > 1 or (bool(value) and says_more(value[0]))
    if isinstance(value, str):
        return holds_address(value) and len(_NEXT_AUTHOR.split(_spelt_out(value))) > 1
    return isinstance(value, dict) and any(_key(key) not in _UNDERSTOOD and part for key, part in value.items())


def as_document(author: Author) -> str | dict[str, str]:
    """The author in the form of a queue file, which `author_of` reads back to the same."""
    said = {"name": author.name, "slug": author.slug, "email": author.email, OWNER: author.owner}
    held = {key: part for key, part in said.items() if part}
    return author.name if author.name and len(held) == 1 else held


def _of_object(value: dict[str, Any]) -> Author | None:
    parts = {_key(key): part.strip() for key, part in value.items() if isinstance(part, str) and part.strip()}
    first = _first(parts, NAMES) or " ".join(filter(None, (_first(parts, _FIRST_NAMES), _first(parts, _LAST_NAMES))))
    named = author_of_text(first) or Author(None)
    slugs = [parts[key] for key in SLUGS if key in parts]
    emails = [named.email, *(_address(parts[key]) for key in EMAILS if key in parts), *map(_address, slugs)]
    # An address under its own key takes precedence over one in the name.
    email = next((found for found in (*emails[1:], emails[0]) if found), None)
    slug = next((each for each in slugs if not _tells_address(each, email)), None)
    name = named.name or slug
    owner = parts.get(OWNER)
    if not (name or email or owner):
        return None
    return Author(name, slug if slug != name else None, email, owner)


def _first(parts: dict[str, str], keys: tuple[str, ...]) -> str | None:
    return next((parts[key] for key in keys if key in parts), None)


def _address(text: str) -> str | None:
    found = author_of_text(text)
    return found.email if found else None


def _tells_address(slug: str, email: str | None) -> bool:
    """Whether a slug is an address, or was derived from this one: ``jane-example-org``, ``janeexample-org``."""
    return holds_address(slug) or (email is not None and _letters(slug) == _letters(email))


def _letters(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())


def _without_link(text: str) -> str:
    """Split ``Jane Doe (https://jane.example)`` into the name and its web address; a web address alone is kept."""
    return (_tidy(_LINK.sub(" ", text)) or text) if "://" in text else text


def _tidy(text: str) -> str:
    """The text without what separated it from an address: surrounding spaces, commas, quotes and brackets."""
    before = None
    while text != before:
        before = text
        text = " ".join(text.split()).strip(_SEPARATORS)
        if text[:1] + text[-1:] in _PAIRS and len(text) > 1 and text[0] not in text[1:-1]:
            text = text[1:-1]
    return text


def _spelt_out(text: str) -> str:
    from html import unescape
    from urllib.parse import unquote

    return unquote(unescape(text)).replace("\uff20", "@").replace("\ufe6b", "@")


def _key(key: str) -> str:
    """In snake_case."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).replace("-", "_").lower()
