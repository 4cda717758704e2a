"""How people and programs name posts: slugs, one on each line, or the JSON that `emdash posts` prints."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from emdash_cli.domain.errors import UsageError

_HINT: Final = "write one slug on each line, or pipe `emdash posts --json` into the command"
_LONGEST: Final = 1_000
_QUOTED: Final = 60


class PostName(NamedTuple):
    """One post as it was named.

    Attributes:
        slug: empty if only its id is known.
        locale: None if it was not given.
        id: None if it was not given.
    """

    slug: str
    locale: str | None = None
    id: str | None = None


class NameList(NamedTuple):
    """The posts that a text names.

    Attributes:
        names: in the order of the text.
        goes_on: whether the text is only the first part of a list of posts.
    """

    names: tuple[PostName, ...]
    goes_on: bool = False


def read_names(data: bytes) -> NameList:
    """The posts in a text: slugs, one on each line, or a JSON document with `posts`, or a JSON list of slugs or posts.

    Raises:
        UsageError: it is neither.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"the list of posts is not text: {error}", hint=_HINT) from None
    if text.lstrip()[:1] in {"{", "["}:
        return _of_document(text)
    lines = enumerate(text.splitlines(), 1)
    return NameList(tuple(PostName(_slug(line.strip(), number)) for number, line in lines if line.strip()))


def _slug(line: str, number: int) -> str:
    if "\t" in line:
        hint = "pipe `emdash posts --json` into the command, or only the slugs: `emdash posts | cut -f3`"
        raise UsageError(f"line {number} of the list of posts has several columns, not only a slug", hint=hint)
    if not line.isprintable() or " " in line or len(line) > _LONGEST:
        shown = repr(line if len(line) <= _QUOTED else f"{line[:_QUOTED]}…")
        raise UsageError(f"line {number} of the list of posts is not a slug: {shown}", hint=_HINT)
    return line


def _of_document(text: str) -> NameList:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the list of posts is not JSON, although it begins like it: {error}", hint=_HINT) from None
    posts = document.get("posts") if isinstance(document, dict) else document
    if not isinstance(posts, list):
        raise UsageError("the JSON has no list of posts under `posts`", hint=_HINT)
    goes_on = isinstance(document, dict) and document.get("next") is not None
    return NameList(tuple(_of_value(each, place) for place, each in enumerate(posts, 1)), goes_on)


def _of_value(value: Any, place: int) -> PostName:
    if isinstance(value, str) and value:
        return PostName(value)
    if isinstance(value, dict):
        named = value.get("slug"), value.get("locale"), value.get("id", value.get("post_id"))
        slug, locale, post_id = named
        if (slug or post_id) and all(part is None or isinstance(part, str) for part in named):
            return PostName(slug or "", locale or None, post_id or None)
    raise UsageError(f"number {place} in the JSON's list of posts is neither a slug nor a post", hint=_HINT)
