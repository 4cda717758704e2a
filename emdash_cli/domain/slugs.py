"""Slugs: create them from titles, validate them, and build and number them by patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, Self

from emdash_cli.domain.errors import UsageError

if TYPE_CHECKING:
    from datetime import date


NUMBER_LIMIT = 15
"""Maximum number of digits of a number. Such a number is exact as a REAL, which is how D1 binds it."""
LITERAL_LIMIT = 80
"""Maximum number of characters of fixed text in a pattern, so that titles keep enough of the 200."""
GLOB_LIMIT = 50
"""Maximum number of bytes of a GLOB in D1 (https://developers.cloudflare.com/d1/platform/limits/)."""
TEXT = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
"""The expression that a title or name in a slug matches, whoever wrote it."""

_SEPARATORS = "-_"


class Token(NamedTuple):
    """One piece of a pattern."""

    kind: str
    """``literal`` or the name of a placeholder."""
    text: str = ""
    """For a literal, its characters."""
    min_width: int = 0
    """For ``number``, the minimum number of digits."""


FREE = ("title", "name", "path")
"""Placeholders for free text, which may be empty."""
DIGITS = {"yyyy": 4, "mm": 2, "dd": 2}
"""Placeholders for the day, with the number of digits of each."""
_PLACEHOLDERS = ("number", *FREE, *DIGITS)


def parse_tokens(source: str) -> tuple[Token, ...]:
    """The tokens of a pattern that can only produce valid slugs.

    Raises:
        UsageError: the message says what is wrong, and the hint how to write it.
    """
    tokens = tuple(_tokens(source))
    _check_kinds(source, [token.kind for token in tokens])
    _check_literals(source, tokens)
    _check_number(source, tokens)
    return tokens


@lru_cache
def layout(tokens: tuple[Token, ...], filled: frozenset[str]) -> tuple[Token, ...]:
    """The tokens that remain if only the texts in ``filled`` are not empty.

    An empty text takes one separator with it: the one after it if there is one before it or if nothing is before it.
    """
    kept: list[Token] = []
    dropped = False
    for token in tokens:
        if token.kind in FREE and token.kind not in filled:
            dropped = True
            continue
        text = token.text
        if dropped and (not kept or kept[-1].text.endswith(tuple(_SEPARATORS))):
            text = text.lstrip(_SEPARATORS)
        if token.kind != "literal" or text:
            kept.append(token._replace(text=text))
            dropped = False
    if dropped and kept and kept[-1].kind == "literal":
        last = kept.pop()
        if text := last.text.rstrip(_SEPARATORS):
            kept.append(last._replace(text=text))
    return tuple(kept)


@lru_cache
def matcher(tokens: tuple[Token, ...]) -> re.Pattern[str]:
    """Every form of the pattern, with and without each text. One group of each holds the number."""
    used = [token.kind for token in tokens if token.kind in FREE]
    shapes = {"number": f"([0-9]{{1,{NUMBER_LIMIT}}})", **dict.fromkeys(FREE, TEXT)}
    shapes |= {kind: f"[0-9]{{{count}}}" for kind, count in DIGITS.items()}
    forms = []
    for choice in product((True, False), repeat=len(used)):
        filled = frozenset(kind for kind, taken in zip(used, choice, strict=True) if taken)
        forms.append("".join(token.text or shapes[token.kind] for token in layout(tokens, filled)))
    return re.compile("|".join(forms))


def glob_of(tokens: tuple[Token, ...]) -> str:
    """One GLOB for all forms of the pattern, with ``*`` for everything that may be missing or is too long."""
    parts: list[str] = []
    for index, token in enumerate(tokens):
        if token.kind == "number":
            parts += ["[0-9]", "*"]
        elif token.kind in FREE:
            parts.append("*")
        elif token.kind in DIGITS:
            parts += ["[0-9]"] * DIGITS[token.kind]
        else:
            text = token.text
            if index and tokens[index - 1].kind in FREE:
                text = text.lstrip(_SEPARATORS)
            if index + 1 < len(tokens) and tokens[index + 1].kind in FREE:
                text = text.rstrip(_SEPARATORS)
            parts += text
    return _cut_glob(parts)


def _cut_glob(parts: list[str]) -> str:
    """The parts joined or, if that is too long, as many of the first parts as fit, and a ``*``."""
    whole = re.sub(r"\*+", "*", "".join(parts))
    if len(whole) <= GLOB_LIMIT:
        return whole
    kept = ""
    for part in parts:
        if len(kept) + len(part) >= GLOB_LIMIT:
            break
        kept += part
    return re.sub(r"\*+", "*", f"{kept}*")


_TOKEN = re.compile(r"\{(?P<kind>[^{}:]*)(?::(?P<width>[^{}]*))?\}|(?P<literal>[^{}]+)|(?P<brace>[{}])")
_WIDTH = re.compile(r"0?([1-9]|1[0-5])")
_EXAMPLE = "a pattern looks like {number}-{title} or {yyyy}-{mm}-{name}"


def _tokens(source: str) -> list[Token]:
    """The pattern split into known pieces."""
    tokens = []
    for match in _TOKEN.finditer(source):
        kind, width = match["kind"], match["width"]
        if match["brace"]:
            raise UsageError(f"slug pattern {source!r}: unmatched {match['brace']!r}", hint=_EXAMPLE)
        if match["literal"]:
            tokens.append(Token("literal", match["literal"]))
        elif kind not in _PLACEHOLDERS:
            raise UsageError(f"slug pattern {source!r}: unknown placeholder {{{kind}}}", hint=_right_one(kind))
        elif width is None:
            tokens.append(Token(kind))
        elif kind == "number" and (digits := _WIDTH.fullmatch(width)):
            tokens.append(Token(kind, min_width=int(digits[1])))
        else:
            raise UsageError(
                f"slug pattern {source!r}: {match[0]} is invalid",
                hint=f"only {{number}} takes a width, 01 to {NUMBER_LIMIT}: {{number:03}} counts 001, 002, …",
            )
    return tokens


def _right_one(kind: str) -> str:
    """A suggestion for an unknown placeholder."""
    from difflib import get_close_matches

    near = get_close_matches(kind.lower().strip(), _PLACEHOLDERS, n=1)
    known = "the placeholders are " + ", ".join(f"{{{name}}}" for name in _PLACEHOLDERS)
    return f"did you mean {{{near[0]}}}? {known}" if near else known


def _check_kinds(source: str, kinds: list[str]) -> None:
    """Refuse a repeated placeholder, and a pattern that would give all articles the same slug."""
    for kind in _PLACEHOLDERS:
        if kinds.count(kind) > 1:
            raise UsageError(f"slug pattern {source!r}: {{{kind}}} occurs twice", hint="remove one of them")
    if not {"number", *FREE} & set(kinds):
        raise UsageError(
            f"slug pattern {source!r}: it would give several articles the same slug",
            hint="add {number}, {title} or {name}",
        )


def _check_literals(source: str, tokens: tuple[Token, ...]) -> None:
    """Refuse fixed text that would make a slug invalid."""
    fixed = "".join(token.text for token in tokens)
    if wrong := re.search(r"[^a-z0-9_-]", fixed):
        raise UsageError(
            f"slug pattern {source!r}: {wrong[0]!r} is not allowed in a slug",
            hint="use a-z, 0-9, - and _ around the placeholders; the path of a post is the setting post_path",
        )
    if len(fixed) > LITERAL_LIMIT:
        raise UsageError(f"slug pattern {source!r}: its fixed text is longer than {LITERAL_LIMIT} characters")
    if tokens[0].text.startswith("-") or tokens[-1].text.endswith("-"):
        raise UsageError(f"slug pattern {source!r}: a slug cannot start or end with '-'")


def _check_number(source: str, tokens: tuple[Token, ...]) -> None:
    """Refuse a number that could not be read back from the slug.

    If titles and names are only on one side of the number, a character other than a digit must separate it from them.
    Between two of them, no rule could distinguish ``top-10-3-ways`` from ``top-3-10-ways``.
    """
    place = next((index for index, token in enumerate(tokens) if token.kind == "number"), None)
    if place is None:
        return
    before, after = tokens[place - 1 :: -1] if place else (), tokens[place + 1 :]
    if all(any(token.kind in FREE for token in side) for side in (before, after)):
        raise UsageError(
            f"slug pattern {source!r}: {{number}} is between texts that may contain numbers themselves",
            hint="put {number} before or after both {title} and {name}",
        )
    for side in (before, after):
        bound = ""
        for token in side:
            if token.kind in FREE and not re.search("[^0-9]", bound):
                raise UsageError(
                    f"slug pattern {source!r}: {{number}} is next to {{{token.kind}}}, which may contain digits",
                    hint="put - between them",
                )
            bound += token.text


TITLE_LIMIT = 80
"""Maximum number of characters of a slug from `slugify`."""
SLUG_LIMIT = 200
"""Maximum number of characters of a whole slug."""

_VALID = re.compile(rf"(?=.{{1,{SLUG_LIMIT}}}\Z){TEXT}", re.DOTALL)
_DISALLOWED = re.compile(r"[^a-z0-9]+")
_UNFIT = re.compile(r"[^a-z0-9_]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d)")


def slugify(title: str) -> str:
    """Lower-case ASCII words joined by ``-``: the slug for a title in any script.

    The result is that of python-slugify (https://github.com/un33k/python-slugify), cut at a word boundary to
    `TITLE_LIMIT` characters; a longer single word is cut inside. It is empty if nothing in the title can be written in
    ASCII letters and digits, for example if it consists of emoji.
    """
    if title.isascii() and "&" not in title:
        # The same result in a twentieth of the time and without the import. An & may start an HTML entity, which
        # python-slugify
        # decodes.
        text = _DISALLOWED.sub("-", _THOUSANDS.sub("", title.lower())).strip("-")
    else:
        from slugify import slugify as transliterate

        text = transliterate(title)
    return _cut(text, TITLE_LIMIT)


def tidy_slug(text: str) -> str:
    """A valid slug for another tool's slug: in lower case as in Hugo, with ``-`` for characters that are not allowed.

    Percent-encoded characters are decoded first. The result is empty if nothing is left, and is not shortened.
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
    """Whether a post can have the slug ``text``: 1 to 200 of ``a-z 0-9 - _``, without ``-`` at either end."""
    return _VALID.fullmatch(text) is not None


def _cut(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters, cut between words if at least one fits."""
    if len(text) <= limit:
        return text
    if text[limit] == "-":
        return text[:limit]
    words, _, _ = text[:limit].rpartition("-")
    return words or text[:limit]


class Numeral(NamedTuple):
    """The number in a slug."""

    value: int
    width: int
    """The number of digits as written, including leading zeros."""


class SlugPlan(NamedTuple):
    """The slug of one article, except for its number.

    ``prefix || printf('%0*d', max(width, min_width), number) || suffix`` is valid and at most 200 characters long for
    any number (0 to 15 digits). For an unnumbered plan, ``prefix`` is the slug.
    """

    prefix: str
    suffix: str
    numbered: bool
    min_width: int

    def slug(self, number: int | None, width: int = 0) -> str:
        """The whole slug.

        Args:
            number: 0 or more, with at most 15 digits; ignored if the plan is unnumbered.
            width: number of digits to pad to with zeros, as in the last slug; at most 15.

        Raises:
            ValueError: a numbered plan has no number, or it is out of range.
        """
        if not self.numbered:
            return self.prefix
        if number is None or not 0 <= number < 10**NUMBER_LIMIT or width > NUMBER_LIMIT:
            raise ValueError(f"not a valid slug number: {number} in {width} digits")
        return f"{self.prefix}{number:0{max(width, self.min_width, 1)}}{self.suffix}"


@dataclass(frozen=True, slots=True)
class SlugPattern:
    """How a stream creates slugs. Create it with `parse`."""

    source: str
    numbered: bool
    """Whether the pattern is numbered, that is, contains ``{number}``."""
    tokens: tuple[Token, ...] = field(repr=False)

    def has(self, *kinds: str) -> bool:
        """Whether the pattern contains one of these placeholders."""
        return any(token.kind in kinds for token in self.tokens)

    @classmethod
    def parse(cls, source: str) -> Self:
        """Read a pattern such as ``{number:03}-{title}``.

        Placeholders: ``{number}`` or ``{number:03}`` (at least three digits), ``{title}``, ``{name}`` (of the file,
            without its number), ``{path}`` (of the file, in an import), ``{yyyy}``, ``{mm}``, ``{dd}``; each of them at
            most once.

        Raises:
            UsageError: the pattern could produce an invalid slug, or its number could not be distinguished from the
                text around it.
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
            name: the name of its file, without number and extension.
            path: of the file, relative to the imported folder, with ``/`` as the separator.
            day: the local day for ``{yyyy}``, ``{mm}`` and ``{dd}``.
        """
        given = {"title": title, "name": name, "path": path}
        used = [token.kind for token in self.tokens if token.kind in FREE]
        texts = {kind: "-".join(filter(None, map(slugify, given[kind].split("/")))) for kind in used if kind == "path"}
        texts |= {kind: slugify(given[kind]) for kind in used if kind != "path"}
        if not self.numbered and not any(texts.values()):
            # The next article without a title would get the same slug.
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

        It is only a filter: other slugs may match too, and `number_in` decides.
        """
        return glob_of(self.tokens)

    def number_in(self, slug: str) -> Numeral | None:
        """The number in a slug of this pattern, or None.

        It is also None for a slug of an unnumbered pattern, and for numbers of more than 15 digits.
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
    """Maximum number of characters of each title or name with which the whole slug fits."""
    taken = {"number": NUMBER_LIMIT, **dict.fromkeys(FREE, 0), **DIGITS}
    room = SLUG_LIMIT - sum(taken.get(token.kind, len(token.text)) for token in tokens)
    return room // max(sum(token.kind in FREE for token in tokens), 1)
