"""Runs of marked text, and their JSON.

While a block is being read, its text is a list of runs, `(mark, text)`. A mark is an integer: the sum of the bits below
and, above them, the number of the enclosing link, from 1. It uses numbers and tuples instead of objects, because this
is
the inner loop of publishing.
"""

from __future__ import annotations

from itertools import groupby
from json.encoder import encode_basestring as quote
from operator import itemgetter

Run = tuple[int, str]

STRONG, EM, STRIKE, UNDERLINE, SUPERSCRIPT, SUBSCRIPT, CODE = (1 << bit for bit in range(7))
# EmDash's names (in its converter types), in the order in which they are written.
NAMES = ("strong", "em", "strike-through", "underline", "superscript", "subscript", "code")
BITS = {name: 1 << bit for bit, name in enumerate(NAMES)}
ANY = 127
LINK = ANY + 1  # The value of link number 1; other links are multiples of it.
_TAILS = tuple(
    f',"marks":[{",".join(quote(name) for name, bit in BITS.items() if mask & bit)}]}}' for mask in range(LINK)
)
_LINKED_TAILS = tuple(tail[:-2] + ("," if mask else "") for mask, tail in enumerate(_TAILS))
_mark_of = itemgetter(0)
_EDGE = " \t\n"


def encode(runs: list[Run], hrefs: list[str], key: str, *, bare_urls: bool) -> tuple[str, str, str]:
    """Return (the spans' JSON, the markDefs' JSON, the plain text) of one block or cell with at least one run.

    Neighbours with the same marks become one span, white space at both ends is removed, and marked addresses, e-mail
    addresses and, with `bare_urls`, bare web addresses become links. All three strings are empty if there is no text.
    """
    text = runs[0][1] if len(runs) == 1 else "".join([run[1] for run in runs])
    if not text or text[0] in _EDGE or text[-1] in _EDGE:
        runs = _strip(runs)
        text = "".join([run[1] for run in runs])
        if not text:
            return "", "", ""
    if "@" in text or "\ufdd0" in text or (bare_urls and ("://" in text or "www." in text)):
        runs = _link_addresses(runs, hrefs, bare_urls=bare_urls)
        text = "".join([run[1] for run in runs])
    if len(runs) == 1 and runs[0][0] < LINK:
        return f'{{"_type":"span","_key":"{key}s0","text":{quote(text)}{_TAILS[runs[0][0]]}', "", text
    spans: list[str] = []
    mark_defs = ""
    last = -1
    for place, (mark, piece) in enumerate(runs):
        if mark < LINK:
            tail = _TAILS[mark]
        else:
            number = mark // LINK
            tail = f'{_LINKED_TAILS[mark & ANY]}"{key}m{number}"]}}'
            if last < 0 or last // LINK != number:
                comma = "," if mark_defs else ""
                mark_defs += f'{comma}{{"_type":"link","_key":"{key}m{number}","href":{quote(hrefs[number - 1])}}}'
        if mark == last:
            return encode(_merge(runs), hrefs, key, bare_urls=False)
        last = mark
        spans.append(f'{{"_type":"span","_key":"{key}s{place}","text":{quote(piece)}{tail}')
    return ",".join(spans), mark_defs, text


def _strip(runs: list[Run]) -> list[Run]:
    """Remove white space from both ends, but leave code unchanged."""
    runs = list(runs)
    while runs and not runs[-1][0] & CODE:
        mark, text = runs.pop()
        text = text.rstrip(_EDGE)
        if text:
            runs.append((mark, text))
            break
    runs.reverse()
    while runs and not runs[-1][0] & CODE:
        mark, text = runs.pop()
        text = text.lstrip(_EDGE)
        if text:
            runs.append((mark, text))
            break
    runs.reverse()
    return runs


def _merge(runs: list[Run]) -> list[Run]:
    return [(mark, "".join([run[1] for run in group])) for mark, group in groupby(runs, _mark_of)]


def _link_addresses(runs: list[Run], hrefs: list[str], *, bare_urls: bool) -> list[Run]:
    """Turn addresses into links. None extends beyond the edge of a run, where the source has some mark."""
    from emdash_cli.domain.portable_text.autolinks import bare_links, marked_links, unmarked

    linked: list[Run] = []
    before = 0
    for place, (mark, text) in enumerate(runs):
        if mark >= CODE:
            linked.append((mark, unmarked(text)))
            before = mark
            continue
        # Between runs without code or a link there was `*`, `_` or `~`, after which `www.` may start.
        last = place == len(runs) - 1
        found = bare_links(text, begins_line=before < CODE, ends_block=last) if bare_urls else marked_links(text)
        for piece, href in found:
            if href is None:
                linked.append((mark, piece))
            else:
                hrefs.append(href)
                linked.append((mark + len(hrefs) * LINK, piece))
        before = mark
    return _merge(linked)
