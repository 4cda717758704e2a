"""Slugs: what a title becomes, which slugs are servable, and the patterns that number them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Self

from emdash_cli.domain.slug_syntax import (
    DIGITS,
    FREE,
    NUMBER_LIMIT,
    TEXT,
    Token,
    glob_of,
    layout,
    matcher,
    parse_tokens,
)

if TYPE_CHECKING:
    from datetime import date

TITLE_LIMIT = 80
"""Characters of a slug that `slugify` makes, at most."""
SLUG_LIMIT = 200
"""Characters of a whole slug, at most."""

_VALID = re.compile(rf"(?=.{{1,{SLUG_LIMIT}}}\Z){TEXT}", re.DOTALL)
_DISALLOWED = re.compile(r"[^a-z0-9]+")
_UNFIT = re.compile(r"[^a-z0-9_]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d)")


def slugify(title: str) -> str:
    """Lowercase ASCII words joined by ``-``: the slug of a title in any script.

    The result is the one of python-slugify (https://github.com/un33k/python-slugify), cut at a word
    boundary to `TITLE_LIMIT` characters; one longer word is cut inside. It is empty if the title holds
    nothing that can be written in ASCII letters and digits, as with emoji alone.
    """
    if title.isascii() and "&" not in title:
        # The same result for a twentieth of the time and without the import. An & may begin an HTML
        # entity, which python-slugify decodes.
        text = _DISALLOWED.sub("-", _THOUSANDS.sub("", title.lower())).strip("-")
    else:
        from slugify import slugify as transliterate

        text = transliterate(title)
    return _cut(text, TITLE_LIMIT)


def tidy_slug(text: str) -> str:
    """What a slug of another tool becomes: in lower case as in Hugo, ``-`` for what no slug may hold.

    Percent-encoded characters are decoded first. It is empty where nothing is left, and not shortened.
    """
    if "%" in text:
        from urllib.parse import unquote

        text = unquote(text)
    words = text.strip().strip("/").lower()
    if not words.isascii():
        from slugify import slugify as transliterate

        words = transliterate(words, regex_pattern="[^a-z0-9_]+")
    return _UNFIT.sub("-", words).strip("-")


def is_valid_slug(text: str) -> bool:
    """Whether a post can be served under ``text``: 1 to 200 of ``a-z 0-9 - _``, no ``-`` at either end."""
    return _VALID.fullmatch(text) is not None


def _cut(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters, whole words of it if even one fits."""
    if len(text) <= limit:
        return text
    if text[limit] == "-":
        return text[:limit]
    words, _, _ = text[:limit].rpartition("-")
    return words or text[:limit]


class Numeral(NamedTuple):
    """The number that a slug carries."""

    value: int
    width: int
    """Digits as written, leading zeros included."""


class SlugPlan(NamedTuple):
    """The slug of one article, all but its number.

    ``prefix || printf('%0*d', max(width, min_width), number) || suffix`` is valid and at most 200
    characters long whatever the number (0 to 15 digits); of an unnumbered plan ``prefix`` is the slug.
    """

    prefix: str
    suffix: str
    numbered: bool
    min_width: int

    def slug(self, number: int | None, width: int = 0) -> str:
        """The whole slug.

        Args:
            number: 0 or more, of at most 15 digits; not looked at if the plan is unnumbered.
            width: digits to fill up to with zeros, as the last slug has them; at most 15.

        Raises:
            ValueError: a numbered plan without a number, or one that is out of range.
        """
        if not self.numbered:
            return self.prefix
        if number is None or not 0 <= number < 10**NUMBER_LIMIT or width > NUMBER_LIMIT:
            raise ValueError(f"not the number of a slug: {number} in {width} digits")
        return f"{self.prefix}{number:0{max(width, self.min_width, 1)}}{self.suffix}"


@dataclass(frozen=True, slots=True)
class SlugPattern:
    """How a stream makes slugs; build it with `parse`."""

    source: str
    numbered: bool
    """Whether the pattern counts, that is, holds ``{number}``."""
    tokens: tuple[Token, ...] = field(repr=False)

    def has(self, *kinds: str) -> bool:
        """Whether one of the placeholders stands in it."""
        return any(token.kind in kinds for token in self.tokens)

    @classmethod
    def parse(cls, source: str) -> Self:
        """Read a pattern such as ``{number:03}-{title}``.

        Placeholders: ``{number}`` or ``{number:03}`` (at least three digits), ``{title}``, ``{name}``
        (of the file, without its number), ``{path}`` (of the file, in an import), ``{yyyy}``, ``{mm}``, ``{dd}``;
        each of them at most once.

        Raises:
            UsageError: a pattern that could give an invalid slug, or whose number could not be told
                from the text around it.
        """
        tokens = parse_tokens(source)
        return cls(source, any(token.kind == "number" for token in tokens), tokens)

    def series(self, locale: str) -> str:
        """The ledger's key of the number series that this pattern counts in a locale."""
        return f"{self.source}|{locale}"

    def render(self, *, title: str, name: str, day: date, path: str = "") -> SlugPlan:
        """Plan the slug of an article.

        Args:
            title: the article's title, in any script.
            name: the name of its file, without number and ending.
            path: of the file in the folder that is imported, with ``/`` between its parts.
            day: the local day that ``{yyyy}``, ``{mm}`` and ``{dd}`` show.
        """
        given = {"title": title, "name": name, "path": path}
        used = [token.kind for token in self.tokens if token.kind in FREE]
        texts = {kind: "-".join(filter(None, map(slugify, given[kind].split("/")))) for kind in used if kind == "path"}
        texts |= {kind: slugify(given[kind]) for kind in used if kind != "path"}
        if not self.numbered and not any(texts.values()):
            # Nothing would tell this article from the next one without a title.
            texts[used[0]] = slugify(name) or "post"
        limit = _text_limit(self.tokens)
        values = {kind: _cut(text, limit) for kind, text in texts.items()}
        values |= {"yyyy": f"{day.year:04}", "mm": f"{day.month:02}", "dd": f"{day.day:02}"}
        sides = [""]
        min_width = 0
        for token in layout(self.tokens, frozenset(kind for kind, text in texts.items() if text)):
            if token.kind == "number":
                sides.append("")
                min_width = token.min_width
            else:
                sides[-1] += token.text or values[token.kind]
        return SlugPlan(sides[0], sides[-1] if self.numbered else "", self.numbered, min_width)

    def glob(self) -> str:
        """A SQLite GLOB that every slug of this pattern matches.

        It is a filter, not a proof: other slugs match too, and `number_in` decides.
        """
        return glob_of(self.tokens)

    def number_in(self, slug: str) -> Numeral | None:
        """The number of a slug of this pattern, else None.

        None too for a slug of an unnumbered pattern, and for numbers of more than 15 digits.
        """
        if not self.numbered or len(slug) > SLUG_LIMIT:
            return None
        match = matcher(self.tokens).fullmatch(slug)
        if match is None:
            return None
        digits = next(group for group in match.groups() if group is not None)
        return Numeral(int(digits), len(digits))


@lru_cache
def _text_limit(tokens: tuple[Token, ...]) -> int:
    """Characters that each title or name may have for the whole slug to fit."""
    taken = {"number": NUMBER_LIMIT, **dict.fromkeys(FREE, 0), **DIGITS}
    room = SLUG_LIMIT - sum(taken.get(token.kind, len(token.text)) for token in tokens)
    return room // max(sum(token.kind in FREE for token in tokens), 1)
