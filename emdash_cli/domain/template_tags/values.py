"""The content of ``{{ … }}``: texts, addresses and front matter values, with the filters that create addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.template_tags.context import Generator

if TYPE_CHECKING:
    from emdash_cli.domain.template_tags.context import Context

BASES: Final = frozenset(
    {
        "site.baseurl",
        "site.url",
        "site.base_url",
        "site.github.url",
        "site.root",
        "baseurl",
        "base_url",
        "root_url",
        "base_path",
        "config.base_url",
        "config.root",
        "config.url",
        "metadata.url",
        "eleventy.pathprefix",
    }
)
"""The URL of the site, now or formerly. It adds nothing to the addresses of a site at the root of its domain."""
_TO_ADDRESS: Final = frozenset({"relative_url", "absolute_url", "url", "abs_url", "htmlbaseurl", "url_for"})
_SAME: Final = frozenset({"safe", "strip", "trim", "escape", "uri_escape", "url_encode", "xml_escape"})
_OWN: Final = ("page.", "frontmatter.", "post.", "this.", "include.page.")
_WHOLE_URL: Final = re.compile(r"""["']https?://[^\s"']+["']""")
_PART: Final = re.compile(r"""\s*\|\s*(?P<name>\w+)(?:\s*:\s*(?P<of>"[^"]*"|'[^']*'|[\w.]+)|\(\s*\))?\s*""")


class Evaluated(NamedTuple):
    """The value of an expression.

    Attributes:
        is_address: whether it is the start of an address on the site, which has no domain yet.
    """

    text: str
    is_address: bool


def evaluate(value: str, filters: str, context: Context) -> Evaluated | None:
    """The value after its filters; None if it cannot be known here.

    Args:
        value: a quoted text, or the name of a variable.
        filters: ``| name: argument | …``, or empty.
        context: what is known about the page.
    """
    found = _simple(value, context)
    at = 0
    while found and (part := _PART.match(filters, at)):
        at = part.end()
        found = _filtered(found, part["name"].lower(), part["of"], context)
    if found and not filters[at:].strip():
        return found
    # Whatever a site's own filter does to a complete URL, the result leads to the same place.
    return Evaluated(value[1:-1], is_address=True) if _WHOLE_URL.fullmatch(value) else None


def _simple(value: str, context: Context) -> Evaluated | None:
    if value[:1] in "\"'":
        return Evaluated(value[1:-1], is_address=False)
    name = value.lower()
    if name in BASES:
        return Evaluated("", is_address=True)
    own = next((value[len(prefix) :] for prefix in _OWN if name.startswith(prefix)), None)
    if context.generator in {Generator.ELEVENTY, Generator.UNKNOWN}:
        # https://www.11ty.dev/docs/data-frontmatter/: its names are variables of the template.
        own = own or value
    text = context.variable(own) if own else None
    return Evaluated(text, is_address=False) if text is not None else None


def _filtered(found: Evaluated, name: str, of: str | None, context: Context) -> Evaluated | None:
    if name in _TO_ADDRESS:
        rooted = found.text if "://" in found.text or found.text.startswith("/") else f"/{found.text}"
        return Evaluated(rooted, is_address=True)
    if name in _SAME:
        return found
    if name not in {"append", "prepend"} or not of:
        return None
    other = _simple(of, context)
    if other is None:
        return None
    text = found.text + other.text if name == "append" else other.text + found.text
    return Evaluated(text, found.is_address or other.is_address)
