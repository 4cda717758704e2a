"""The words inside raw HTML."""

from __future__ import annotations

import re

_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>?")


def html_text(html: str) -> str:
    """Return what a reader sees of an HTML fragment, on one line: no tags, scripts or comments."""
    from html import unescape

    return " ".join(unescape(_TAG.sub(" ", _HIDDEN.sub(" ", html))).replace("\0", " ").split())
