"""How long a text is to each platform: each counts in its own way, and refuses or cuts what is too long.

Sources: X, https://docs.x.com/fundamentals/counting-characters and its library twitter-text (configuration version 3);
Mastodon, ``app/lib/text_formatter`` and ``StatusLengthValidator``; Bluesky, the lexicon ``app.bsky.feed.post``;
Telegram, https://core.telegram.org/api/entities#entity-length.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from publicsuffixlist import PublicSuffixList

    Length = Callable[[str], int]

X_LINK: Final = 23
"""What a link weighs on X, and counts on Mastodon, whatever its length."""

_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that weigh 1 on X; all others weigh 2."""

_LATIN: Final = "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_PATH: Final = rf"A-Za-z0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&\u0400-\u04ff{_LATIN}"
_LABEL: Final = r"[^\W_](?:[\w-]*[^\W_])?"
_HOST: Final = re.compile(
    rf"(?P<scheme>(?<![A-Za-z0-9@\uff20$#\uff03\u202a-\u202e])https?://)?"
    rf"(?P<host>(?:[^\W_](?:[\w-]*[^\W_])?\.)+{_LABEL})",
    re.IGNORECASE,
)
_ASCII: Final = f"A-Za-z0-9{_LATIN}"
_BARE_HOST: Final = re.compile(
    rf"(?:[{_ASCII}](?:[{_ASCII}_-]*[{_ASCII}])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)
_NOT_BEFORE_BARE: Final = frozenset("@\uff20$#\uff03-_./\u202a\u202b\u202c\u202d\u202e")
_NOT_BEHIND: Final = frozenset("@+-")
_TAIL: Final = re.compile(
    rf"(?::[0-9]+)?"
    rf"(?:/(?:(?:[{_PATH}]*\([{_PATH}]*\))*[{_PATH}]*(?<=[+\-A-Za-z0-9=_#/)\u0400-\u04ff{_LATIN}]))?)?"
    rf"(?:\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*(?<=[A-Za-z0-9\-_&=#/]))?"
)
_WEB: Final = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MENTION: Final = re.compile(r"(?<![\w/])@(\w+(?:[\w.-]*\w)?)@[\w.-]+\w")


def utf16_units(text: str) -> int:
    """Telegram's measure: code units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    """Characters as a reader sees them, which are Bluesky's measure."""
    import regex

    return sum(1 for _ in regex.finditer(r"\X", text))


def mastodon_length(text: str) -> int:
    """Mastodon's measure: characters as seen; a link counts 23, and a mention without its server."""
    text = _WEB.sub("x" * X_LINK, text)
    return graphemes(_MENTION.sub(r"@\1", text))


def x_weight(text: str) -> int:
    """X's measure: NFC, a link 23, an emoji 2, Latin and its neighbours 1, everything else 2."""
    text = unicodedata.normalize("NFC", text)
    weight = 0
    done = 0
    for start, end in x_links(text):
        weight += _weight_without_links(text[done:start]) + X_LINK
        done = end
    return weight + _weight_without_links(text[done:])


def _weight_without_links(text: str) -> int:
    if text.isascii():
        return len(text)
    import regex

    emoji = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3")
    return sum(2 if emoji.search(seen) else sum(map(_heaviness, seen)) for seen in regex.findall(r"\X", text))


def _heaviness(char: str) -> int:
    return 1 if any(first <= ord(char) <= last for first, last in _LIGHT) else 2


def x_links(text: str) -> Iterator[tuple[int, int]]:
    """Where X makes a link: (start, end) of each.

    Without ``https://``, too: a name such as ``README.md`` or ``main.rs`` is a link there, since its ending is that of
    a country.
    """
    place = 0
    while "." in text[place:] and (found := _HOST.search(text, place)):
        place = found.end()
        domain = _domain(text, found.start("host"), found["host"]) if found["scheme"] else _bare(text, found)
        if domain is None:
            continue
        start, end = (found.start() if found["scheme"] else domain[0]), domain[1]
        tail = _TAIL.match(text, end)
        if tail and end == found.end() and (found["scheme"] or "/" in tail[0]):
            end = tail.end()
        yield start, end
        place = end


def _bare(text: str, found: re.Match[str]) -> tuple[int, int] | None:
    """The domain in a name without a scheme, which must be Latin."""
    before = text[found.start() - 1] if found.start() else " "
    if before in _NOT_BEFORE_BARE or (before.isascii() and before.isalnum()):
        return None
    hosts = ((found.start() + host.start(), host[0]) for host in _BARE_HOST.finditer(found[0]))
    return next((domain for start, host in hosts if (domain := _domain(text, start, host))), None)


def _domain(text: str, start: int, host: str) -> tuple[int, int] | None:
    """The longest beginning of the host that ends in a top-level domain: (start, end)."""
    while "." in host:
        end = start + len(host)
        behind = text[end] if end < len(text) else " "
        name, _, ending = host.rpartition(".")
        goes_on = behind in _NOT_BEHIND or (behind.isascii() and behind.isalnum())
        if not goes_on and "_" not in name.rpartition(".")[2] and _is_top_level(ending.lower()):
            return start, end
        host = name
    return None


@cache
def _is_top_level(ending: str) -> bool:
    try:
        return _suffixes().publicsuffix(f"a.{ending.encode('idna').decode()}") is not None
    except UnicodeError:
        return False


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True)
