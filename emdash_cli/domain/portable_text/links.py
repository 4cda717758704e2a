"""Which URLs are allowed.

EmDash renders links only with http, https, mailto, tel, `/path` or `#fragment`, and shows `#` for everything else (its
`utils/url.ts`), so links with other schemes are removed here.
"""

from __future__ import annotations

import re

_USUAL = ("https://", "http://", "/", "#", "mailto:")
# Browsers treat a backslash as a slash: `/\host` is `//host`.
_FOREIGN = ("//", "/\\", "\\")
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_IMAGE_SCHEMES = frozenset({"http", "https"})
_IMAGE_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif);base64,[A-Za-z0-9+/=]+\Z", re.IGNORECASE)
# Browsers drop tabs, newlines and leading control characters before they look for a scheme. No honest URL starts with
# invisible format characters.
_HIDDEN = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SCHEME = re.compile(r"([^/?#]*?):")


def safe_href(url: str) -> str | None:
    """Return the URL in the form to store, or None if its link has to be removed.

    A protocol-relative URL gets `https:`, because EmDash would refuse it otherwise. Relative URLs stay as they are.
    """
    if url.startswith(_USUAL) and url.isprintable() and not url.startswith(_FOREIGN):
        return url
    return _checked(url, _SCHEMES)


def safe_src(url: str) -> str | None:
    """Return an image's URL in the form to store, or None: the rules of links, plus raster images in data URLs."""
    if _IMAGE_DATA.match(url):
        return url
    return _checked(url, _IMAGE_SCHEMES)


def _checked(url: str, schemes: frozenset[str]) -> str | None:
    url = url.strip()
    if not url or _CONTROL.search(url):
        return None
    from html import unescape

    # Twice, because a reader's HTML may be unescaped once more than ours was.
    for form in (url, unescape(unescape(url))):
        bare = _HIDDEN.sub("", form)
        scheme = _SCHEME.match(bare)
        if scheme is not None and scheme[1].lower() not in schemes:
            return None
    if url.startswith("//"):
        return "https:" + url
    return None if url.startswith(_FOREIGN[1:]) else url


def has_web_address(markdown: str) -> bool:
    """Say, quickly, whether a web address outside of Markdown's own links is allowed."""
    schemes = markdown.count("://")
    linked = markdown.count("](https://") if schemes else 0
    if schemes > linked and schemes > linked + markdown.count("](http://"):
        return True
    return "www." in markdown and markdown.count("www.") > markdown.count("://www.")
