"""URLs: which may stay, and which stand bare in a text.

EmDash renders a link only with http, https, mailto, tel, `/path` or `#fragment` and shows
`#` for everything else (its `utils/url.ts`); so other schemes lose their link here.
Bare URLs follow GitHub Flavored Markdown 0.29, section 6.9 "Autolinks (extension)".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_USUAL = ("https://", "http://", "/", "#", "mailto:")
# A backslash is a slash to a browser: `/\host` is `//host`.
_FOREIGN = ("//", "/\\", "\\")
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_IMAGE_SCHEMES = frozenset({"http", "https"})
_IMAGE_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif);base64,[A-Za-z0-9+/=]+\Z", re.IGNORECASE)
# Browsers drop tabs, newlines and leading controls before they look for a scheme; the
# invisible format characters are no part of any honest URL's beginning.
_HIDDEN = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SCHEME = re.compile(r"([^/?#]*?):")

_START = r"(?:https?://|www\.)"
_BARE = re.compile(
    rf"(?<![^\s*_~(])(?:{_START})[^\s<]+"
    r"|(?<![\w.+-])[A-Za-z0-9._+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+",
    re.IGNORECASE,
)
# The same without a look behind: a text that begins a span begins a line of its own.
_BARE_AT_START = re.compile(
    rf"(?:{_START})[^\s<]+|[A-Za-z0-9._+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"(?:https?://|(?=www\.))([\w-]+(?:\.[\w-]+)*)", re.IGNORECASE)
_TRAILING_ENTITY = re.compile(r"&[A-Za-z0-9]+;\Z")


def safe_href(url: str) -> str | None:
    """Return the URL as it may be stored, or None if its link has to go.

    A protocol-relative URL gets `https:`, since EmDash refuses it otherwise. Relative URLs
    stay as they are.
    """
    if url.startswith(_USUAL) and url.isprintable() and not url.startswith(_FOREIGN):
        return url
    return _checked(url, _SCHEMES)


def safe_src(url: str) -> str | None:
    """Return an image's URL as it may be stored, or None: the rules of links, and raster data."""
    if _IMAGE_DATA.match(url):
        return url
    return _checked(url, _IMAGE_SCHEMES)


def _checked(url: str, schemes: frozenset[str]) -> str | None:
    url = url.strip()
    if not url or _CONTROL.search(url):
        return None
    from html import unescape

    # Twice: a reader's HTML may be unescaped once more than ours was.
    for form in (url, unescape(unescape(url))):
        bare = _HIDDEN.sub("", form)
        scheme = _SCHEME.match(bare)
        if scheme is not None and scheme[1].lower() not in schemes:
            return None
    if url.startswith("//"):
        return "https:" + url
    return None if url.startswith(_FOREIGN[1:]) else url


def bare_links(text: str) -> Iterator[tuple[str, str | None]]:
    """Cut a text into (piece, href or None), in order and without loss."""
    done = at = 0
    while True:
        found = _BARE_AT_START.match(text, at) if at == done else None
        found = found or _BARE.search(text, at)
        if found is None:
            break
        piece = found[0]
        url, href = _email(piece) if _is_email(piece) else _web(piece)
        if href is None:
            at = found.end()
            continue
        if found.start() > done:
            yield text[done : found.start()], None
        yield url, href
        done = at = found.start() + len(url)
    if done < len(text):
        yield text[done:], None


def _is_email(piece: str) -> bool:
    return "@" in piece and not re.match(_START, piece, re.IGNORECASE)


def _email(piece: str) -> tuple[str, str | None]:
    address = piece.rstrip(".")
    if address[-1] in "-_" or "." not in address.partition("@")[2]:
        return piece, None
    return address, "mailto:" + address


def _web(piece: str) -> tuple[str, str | None]:
    url = _trim(piece)
    domain = _DOMAIN.match(url)
    if domain is None:
        return url, None
    labels = domain[1].split(".")
    if len(labels) < 2 or "_" in labels[-1] + labels[-2]:  # noqa: PLR2004 - GFM: a period, no _ in the last two
        return url, None
    return url, safe_href(url if url[:3].lower() != "www" else "http://" + url)


def _trim(url: str) -> str:
    """Take off the trailing punctuation that GFM leaves outside, parentheses balanced."""
    surplus = url.count(")") - url.count("(")
    end = len(url)
    while end:
        last = url[end - 1]
        if last in "?!.,:*_~'\"":
            end -= 1
        elif last == ")" and surplus > 0:
            surplus -= 1
            end -= 1
        elif last == ";":
            # 40 characters hold every entity name; a longer tail need not be searched.
            entity = _TRAILING_ENTITY.search(url, max(0, end - 40), end)
            if entity is None:
                break
            end = entity.start()
        else:
            break
    return url[:end]
