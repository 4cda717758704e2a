"""Runs of marked text and their JSON.

While a block is being read its text is a list of runs, `(mask, link, text)`: `mask` is a sum of
the bits below, `link` an index into the block's hrefs or -1. Integers and tuples instead of
objects, because this is the inner loop of publishing.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quote

from emdash_cli.domain.portable_text.links import bare_links

Run = tuple[int, int, str]

NO_LINK = -1
STRONG, EM, STRIKE, UNDERLINE, SUPERSCRIPT, SUBSCRIPT, CODE = (1 << bit for bit in range(7))
# EmDash's names (its converter types), in the order in which they are written.
NAMES = ("strong", "em", "strike-through", "underline", "superscript", "subscript", "code")
BITS = {name: 1 << bit for bit, name in enumerate(NAMES)}
MARKS = tuple(",".join(f'"{name}"' for name, bit in BITS.items() if mask & bit) for mask in range(128))
_EDGE = " \t\n"


def encode(runs: list[Run], hrefs: list[str], key: str) -> tuple[str, str, str]:
    """Return (the spans' JSON, the markDefs' JSON, the plain text) of one block or cell.

    Neighbours with the same marks become one span, white space at both ends goes, and bare
    URLs become links. All three are empty if there is no text.
    """
    text = "".join([run[2] for run in runs])
    if not text or text[0] in _EDGE or text[-1] in _EDGE:
        runs = _strip(runs)
        text = "".join([run[2] for run in runs])
        if not text:
            return "", "", ""
    if len(runs) > 1:
        runs = _merge(runs)
    if "://" in text or "www." in text or "@" in text:
        runs = _link_bare_urls(runs, hrefs)
    spans: list[str] = []
    for mask, link, piece in runs:
        marks = MARKS[mask]
        if link >= 0:
            marks = f'{marks},"{key}m{link}"' if marks else f'"{key}m{link}"'
        spans.append(f'{{"_type":"span","_key":"{key}s{len(spans)}","text":{quote(piece)},"marks":[{marks}]}}')
    if not hrefs:
        return ",".join(spans), "", text
    return ",".join(spans), _mark_defs(runs, hrefs, key), text


def _mark_defs(runs: list[Run], hrefs: list[str], key: str) -> str:
    used = {link for _, link, _ in runs}
    return ",".join(
        f'{{"_type":"link","_key":"{key}m{index}","href":{quote(href)}}}'
        for index, href in enumerate(hrefs)
        if index in used
    )


def _strip(runs: list[Run]) -> list[Run]:
    """Take white space off both ends, but leave code as it is."""
    runs = list(runs)
    while runs and not runs[-1][0] & CODE:
        mask, link, text = runs.pop()
        text = text.rstrip(_EDGE)
        if text:
            runs.append((mask, link, text))
            break
    runs.reverse()
    while runs and not runs[-1][0] & CODE:
        mask, link, text = runs.pop()
        text = text.lstrip(_EDGE)
        if text:
            runs.append((mask, link, text))
            break
    runs.reverse()
    return runs


def _merge(runs: list[Run]) -> list[Run]:
    merged: list[Run] = []
    pieces: list[str] = []
    last_mask, last_link, _ = runs[0]
    for mask, link, text in runs:
        if mask != last_mask or link != last_link:
            merged.append((last_mask, last_link, "".join(pieces)))
            pieces = []
            last_mask, last_link = mask, link
        pieces.append(text)
    merged.append((last_mask, last_link, "".join(pieces)))
    return merged


def _link_bare_urls(runs: list[Run], hrefs: list[str]) -> list[Run]:
    linked: list[Run] = []
    for run in runs:
        mask, link, text = run
        if link >= 0 or mask & CODE:
            linked.append(run)
            continue
        for piece, href in bare_links(text):
            if href is None:
                linked.append((mask, NO_LINK, piece))
            else:
                linked.append((mask, len(hrefs), piece))
                hrefs.append(href)
    return linked
