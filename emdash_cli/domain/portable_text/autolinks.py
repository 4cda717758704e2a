"""Bare addresses in a text, by the rules of cmark-gfm.

The rules are those of GitHub's own parser (`extensions/autolink.c` of https://github.com/github/cmark-gfm,
0.29.0.gfm.13), which are more detailed than section 6.9 of the GFM specification. It works on UTF-8 bytes, and so do
the functions here.

cmark-gfm finds web addresses while it reads the source, and e-mail addresses in the finished text. The finished text is
nearly always enough for both. For the other articles, `autolink_source` finds the web addresses and leaves them in the
text between the marks defined here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category

from emdash_cli.domain.portable_text.links import safe_href

if TYPE_CHECKING:
    from collections.abc import Iterator

# Unicode noncharacters, which have no meaning in any text: neither white space nor punctuation.
OPEN, CLOSE = "\ufdd0", "\ufdd1"

WEB = re.compile(rb"(?<![A-Za-z])(?:(?i:https?|ftp)(?=://))|(?:(?<=[\s*_~(])|\A)www\.")
_MARKED = re.compile(f"{OPEN}([0-9a-f]+){CLOSE}/?")
END = re.compile(rb"[\s<]")
_PUNCTUATION = frozenset(rb"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~""")
_SPACE = frozenset(b" \t\n\f\r")
_TRAILING = frozenset(b"?!.,:*_~'\"")
_ALPHA = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_ALNUM = _ALPHA | frozenset(b"0123456789")
_LOCAL_PART = _ALNUM | frozenset(b".+-_")
_MANY_LABELS = 10  # cmark-gfm stops looking for underscores in longer names


def mark(address: bytes) -> bytes:
    """Return what stands for an address in the source: one word, however the address is written.

    It ends in punctuation if the address does, because emphasis depends on that.
    """
    last = address.decode()[-1]
    punctuation = address[-1] in _PUNCTUATION or category(last)[0] in "PS"
    return f"{OPEN}{address.hex()}{CLOSE}{'/' if punctuation else ''}".encode()


def unmarked(text: str) -> str:
    """Return a text as it was before its addresses were marked."""
    return _MARKED.sub(lambda found: bytes.fromhex(found[1]).decode(), text)


def linked_html(html: str) -> str:
    """Return HTML with a link in place of every marked address."""
    return _MARKED.sub(lambda found: _anchor(bytes.fromhex(found[1]).decode()), html)


def _anchor(address: str) -> str:
    from html import escape

    href = web_href(address)
    return escape(address) if href is None else f'<a href="{escape(href)}">{escape(address)}</a>'


def marked_links(text: str) -> Iterator[tuple[str, str | None]]:
    """Split a text at marked addresses and at e-mail addresses into (piece, href or None), in order and without loss.

    An address whose scheme EmDash would not link is a separate piece without an href.
    """
    done = 0
    for found in _MARKED.finditer(text):
        yield from _mail_links(text[done : found.start()].encode())
        address = bytes.fromhex(found[1]).decode()
        yield address, web_href(address)
        done = found.end()
    yield from _mail_links(text[done:].encode())


def web_href(address: str) -> str | None:
    """Return the URL of an address that starts with `www.` or a scheme."""
    return safe_href(f"http://{address}" if address[:3] == "www" else address)


def bare_links(text: str, *, begins_line: bool = True, ends_block: bool = True) -> Iterator[tuple[str, str | None]]:
    """Split a text without marked addresses into pieces, as `marked_links` does.

    `begins_line` says whether `www.` may start at the very beginning of the text, `ends_block` whether the text is the
    last in its block.
    """
    data = text.encode()
    done = at = 0
    while (found := WEB.search(data, at)) is not None:
        start = found.start()
        end = 0
        if start or begins_line or data[:1] != b"w":
            stop = found_end.start() if (found_end := END.search(data, start)) else len(data)
            end = web_end(data, start, stop, stop + (stop < len(data) or not ends_block))
        if not end:
            at = found.end()
            continue
        yield from _mail_links(data[done:start])
        address = data[start:end].decode()
        yield address, web_href(address)
        done = at = end
    yield from _mail_links(data[done:])


def web_end(data: bytes, start: int, stop: int, size: int) -> int:
    """Return the end of the address that may start at `start`, or 0 if there is none.

    `stop` is the position of the first white space or `<` after it. `size` is the length of the data, which matters
    because the last byte of a block is never examined.
    """
    if data[start] == ord("w"):
        part = start
        if size - start < len("www.") or not _is_domain(data, part, size, need_dot=True):
            return 0
    else:
        part = data.index(b":", start)
        host = part + len("://")
        if host >= stop or not _is_host(data, host) or not _is_domain(data, host, size, need_dot=False):
            return 0
    end = _trimmed(data, part, stop)
    return end if end > part else 0


def _is_host(data: bytes, at: int) -> bool:
    """Say whether a character that is allowed in a host name starts here."""
    byte = data[at]
    if byte < 0x80:  # noqa: PLR2004 - ASCII
        return byte not in _SPACE and byte not in _PUNCTUATION
    if byte < 0xC0:  # noqa: PLR2004 - the middle of a character, where cmark-gfm's look at the domain ends
        return False
    kind = category(data[at : at + 4].decode(errors="ignore")[0])
    return kind != "Zs" and kind[0] != "P"


def _is_domain(data: bytes, start: int, size: int, *, need_dot: bool) -> bool:
    """Say whether a domain starts here: without an underscore in the last two labels, and with a dot if required."""
    dots = before = last = 0
    at = start + 1
    while at < size - 1 and at < len(data):
        byte = data[at]
        if byte == ord("\\") and at < size - 2:
            at += 1
            byte = data[at] if at < len(data) else ord(" ")
        if byte == ord("_"):
            last += 1
        elif byte == ord("."):
            before, last = last, 0
            dots += 1
        elif byte != ord("-") and (at >= len(data) or not _is_host(data, at)):
            break
        at += 1
    if (before or last) and dots <= _MANY_LABELS:
        return False
    return bool(dots) or not need_dot


def _trimmed(data: bytes, start: int, end: int) -> int:
    """Return the end without trailing punctuation that is not part of the address, with parentheses balanced."""
    surplus = data.count(b")", start, end) - data.count(b"(", start, end)
    while end > start:
        last = data[end - 1]
        if last == ord(")"):
            if surplus <= 0:
                break
            surplus -= 1
            end -= 1
        elif last in _TRAILING:
            end -= 1
        elif last == ord(";"):
            name = end - 2
            while name > start and data[name] in _ALPHA:
                name -= 1
            end = name if name < end - 2 and data[name] == ord("&") else end - 1
        else:
            break
    return end


def _mail_links(data: bytes) -> Iterator[tuple[str, str | None]]:
    """Split a text without web addresses at its e-mail addresses."""
    done = floor = 0
    dots, schemes = 0, frozenset[str]()
    while (at := data.find(b"@", floor)) >= 0:
        start, schemes = _local_part(data, floor, at, schemes)
        if start == at:
            floor, dots, schemes = at + 1, 0, frozenset()
            continue
        end, more_dots = _mail_domain(data, at, xmpp="xmpp:" in schemes)
        dots += more_dots
        if data[end : end + 1] == b"@":
            # As in cmark-gfm, what was seen before the next `@` still counts.
            floor = at + 1
            continue
        if end - at >= 2 and dots and data[end - 1] in _ALPHA:  # noqa: PLR2004 - the @ and one letter
            if start > done:
                yield data[done:start].decode(), None
            address = data[start:end].decode()
            yield address, safe_href(address if schemes else f"mailto:{address}")
            done = end
        floor, dots, schemes = end, 0, frozenset()
    if done < len(data):
        yield data[done:].decode(), None


def _local_part(data: bytes, floor: int, at: int, schemes: frozenset[str]) -> tuple[int, frozenset[str]]:
    """Return the start of the address with the given `@`, and the schemes written before it."""
    start = at
    while start > floor:
        byte = data[start - 1]
        if byte == ord(":"):
            before = data[max(floor, start - 8) : start]
            written = next((name for name in ("mailto:", "xmpp:") if _ends_in_scheme(before, name)), None)
            if written is None:
                break
            schemes |= {written}
        elif byte not in _LOCAL_PART:
            break
        start -= 1
    return start, schemes


def _ends_in_scheme(data: bytes, scheme: str) -> bool:
    before = data[-len(scheme) - 1 : -len(scheme)]
    return data.endswith(scheme.encode()) and (not before or before[0] not in _ALNUM)


def _mail_domain(data: bytes, at: int, *, xmpp: bool) -> tuple[int, int]:
    """Return the end of the domain after an `@`, and the number of its dots."""
    dots = 0
    end = at + 1
    while end < len(data):
        byte = data[end]
        if byte == ord(".") and end + 1 < len(data) and data[end + 1] in _ALNUM:
            dots += 1
        elif byte not in _ALNUM and byte not in b"-_" and not (xmpp and byte == ord("/")):
            break
        end += 1
    return end, dots
