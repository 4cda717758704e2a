"""Raw HTML inside a line of text, for which Portable Text has no shape.

Tags with a meaning that EmDash has a mark for become that mark; other tags go and their text
stays; what only looks like a tag (`Vec<String>`) stays as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emdash_cli.domain.portable_text.spans import (
    CODE,
    EM,
    STRIKE,
    STRONG,
    SUBSCRIPT,
    SUPERSCRIPT,
    UNDERLINE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

TAG_MARKS: Mapping[str, int] = {
    "b": STRONG,
    "strong": STRONG,
    "i": EM,
    "em": EM,
    "cite": EM,
    "dfn": EM,
    "var": EM,
    "s": STRIKE,
    "strike": STRIKE,
    "del": STRIKE,
    "u": UNDERLINE,
    "ins": UNDERLINE,
    "sup": SUPERSCRIPT,
    "sub": SUBSCRIPT,
    "code": CODE,
    "kbd": CODE,
    "samp": CODE,
    "tt": CODE,
}
# Elements of the HTML standard that may stand in a line; without them `<T>` and `<div>` would
# look alike.
_KNOWN_TAGS = (
    "a abbr acronym address article aside audio base bdi bdo big blink blockquote body br button "
    "canvas caption center col colgroup data datalist dd details dialog dir div dl dt embed "
    "fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header "
    "hgroup hr html iframe img input label legend li link main map mark marquee math menu "
    "meta meter nav nobr noscript object ol optgroup option output p param picture pre "
    "progress q rp rt ruby script search section select slot small source span style summary "
    "svg table tbody td template textarea tfoot th thead time title tr track ul video wbr"
)
KNOWN_TAGS = frozenset(_KNOWN_TAGS.split())
# All but those without content and the page itself.
_NEVER_OPEN = "area base body br col embed frame head hr html img input link meta param source track wbr"
CAN_STAY_OPEN = (KNOWN_TAGS | TAG_MARKS.keys()) - frozenset(_NEVER_OPEN.split())
_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_ATTRIBUTE = re.compile(r"""\s([A-Za-z_:][\w:.-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+)""")


def tag(raw: str) -> tuple[str, bool] | None:
    """Return (name in lower case, whether it closes), or None for comments and the like."""
    found = _NAME.match(raw)
    return None if found is None else (found[2].lower(), bool(found[1]))


def attributes(raw: str) -> dict[str, str]:
    """Return the tag's attributes that have a value, names in lower case, the first one wins."""
    from html import unescape

    values: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(raw):
        bare = value[1:-1] if value[0] in "\"'" else value
        values.setdefault(name.lower(), unescape(bare).replace("\0", "\ufffd"))
    return values
