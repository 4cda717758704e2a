"""The words inside raw HTML."""

from __future__ import annotations

import re

_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_ALT = re.compile(r"""<img\b[^<>]*?\salt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))[^<>]*>?""", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>?")


def html_text(html: str) -> str:
    """Return what a reader sees of an HTML fragment, on one line: no tags, scripts or comments.

    An image's alternative text counts as seen.
    """
    from html import unescape

    seen = _ALT.sub(lambda found: f" {found[1] or found[2] or found[3] or ''} ", _HIDDEN.sub(" ", html))
    return " ".join(unescape(_TAG.sub(" ", seen)).replace("\0", " ").split())
