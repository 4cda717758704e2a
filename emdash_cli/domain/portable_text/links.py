"""Which URLs may stay.

EmDash renders a link only with http, https, mailto, tel, `/path` or `#fragment` and shows
`#` for everything else (its `utils/url.ts`); so other schemes lose their link here.
"""

from __future__ import annotations

import re

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


def has_web_address(markdown: str) -> bool:
    """Say, quickly, whether a web address may stand outside Markdown's own links."""
    schemes = markdown.count("://")
    linked = markdown.count("](https://") if schemes else 0
    if schemes > linked and schemes > linked + markdown.count("](http://"):
        return True
    return "www." in markdown and markdown.count("www.") > markdown.count("://www.")
