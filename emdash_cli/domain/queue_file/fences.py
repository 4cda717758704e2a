"""Find the beginning and the end of the front matter in a Markdown file, and recognise misplaced front matter.

Every generator has its own rules about what may precede the opening fence. Here a byte order mark, blank lines,
comments and a small indentation are allowed, because the worst outcome is that a draft's front matter goes live as its
text. A rule (``---``) at the top of a text is not a fence: keys follow a fence.

Sources: https://jekyllrb.com/docs/front-matter/, https://gohugo.io/content-management/front-matter/,
https://hexo.io/docs/front-matter (JSON before ``;;;``, no opening fence needed),
https://github.com/jonschlinkert/gray-matter (``---json``).
"""

from __future__ import annotations

import json
import re
from typing import Final, Literal, NamedTuple

from emdash_cli.domain.queue_file.key_names import TIMES, VISIBILITY, recognised
from emdash_cli.domain.queue_file.shapes import Problem, QueueFileError

Kind = Literal["yaml", "toml", "json"]

_SUSPECT: Final = frozenset(" \t\r\n\f\v\xa0\u200b\u2060\ufeff-+;<{`[>~")
"""Characters with which a text with front matter may start, except Hexo's form without an opening fence."""
_LEAD: Final = re.compile(
    r"(?:[\s\u200b\u2060\ufeff]|<!--.*?-->|<!doctype[^>]*>|<\?.*?\?>|\{/\*.*?\*/\}|\{#.*?#\}|\[//\]: # [^\n]*"
    r"|\{%-? *comment *-?%\}.*?\{%-? *endcomment *-?%\})*",
    re.DOTALL | re.IGNORECASE,
)
_COMMENT: Final = re.compile(r"<!--\s*\n")
_QUOTED: Final = re.compile(r"(?:[ ]{0,3}>[^\n]*(?:\n|\Z))+")
_QUOTE_MARK: Final = re.compile(r"^[ ]{0,3}>[ ]?", re.MULTILINE)
_OPENING: Final = re.compile(r"(-{3,}|\+{3}|;{3,})[^\S\n]*(?:#[^\n]*|([A-Za-z]+))?[^\S\n]*(?:\n|\Z)")
_CODE: Final = re.compile(r"(?:`{3,}|~{3,})[^\n`]*\n")
_JSON_OPENING: Final = re.compile(r'\{\s*"')
_JSON_CLOSING: Final = re.compile(r"^\}[ \t]*\r?$", re.MULTILINE)
_BARE_CLOSING: Final = re.compile(r"^(-{3,}|;{3,})[^\S\n]*$", re.MULTILINE)
_ALMOST_FENCE: Final = re.compile(r"[-\u2010-\u2015\u2212*_=~+;]+[^\S\n]*\n")
"""Two hyphens, the dashes that word processors make from hyphens, and other characters that form a rule in Markdown."""
_KEY: Final = re.compile(r"[ \t]*(?:\[{0,2})[\"']?([^\W\d][\w .-]*?)[\"']?[ \t]*(?::(?!//|:)|=|\]{1,2}[ \t]*$)")
_YAML_LINE: Final = re.compile(r"[ \t#]|- |-?\s*$|[\"']?\w[\w .-]*[\"']?[ \t]*:(?:\s|$)")
_PARAGRAPH_END: Final = re.compile(r"\n[ \t]*\r?\n")
_KINDS: Final[dict[str, Kind]] = {"yaml": "yaml", "yml": "yaml", "toml": "toml", "json": "json"}
_BY_FENCE: Final[dict[str, Kind]] = {"-": "yaml", "+": "toml", ";": "json"}
_CODE_INDENT: Final = 4
"""Indentation that makes a code block in Markdown."""
_TELLING_FIELDS: Final = frozenset(("title", "slug", "publish_at", "status", "tags", "category"))
_TELLING_RULES: Final = frozenset(name for rule in (*TIMES, *VISIBILITY[:2]) for name in rule.names)


class Block(NamedTuple):
    """Front matter."""

    kind: Kind
    matter: str
    """The text between the fences, after as many line feeds as there are lines before it in the file."""
    end: int
    """Offset of the text from the beginning of the file."""


def find_block(text: str) -> Block | None:
    """The front matter at the top of a Markdown file; None if the file starts with its text.

    Raises:
        QueueFileError: it has no end, is in an unsupported language, or stands where it would be read as text.
    """
    if text[:1] not in _SUSPECT:
        return _unopened(text, 0)
    begin = _lead(text)
    if opening := _OPENING.match(text, begin):
        return _fenced(text, opening)
    if _JSON_OPENING.match(text, begin) and (end := _json_end(text, begin)):
        return Block("json", _lines_before(text, begin) + text[begin:end], end)
    _refuse_wrapped(text, begin)
    return _unopened(text, begin)


def _refuse_wrapped(text: str, begin: int) -> None:
    """Refuse front matter inside something else, where it would be text or be lost."""
    wrapped = None
    if (code := _CODE.match(text, begin)) and holds_front_matter(text[code.end() :]):
        wrapped = (code.end(), "in a code block", "delete the line above it and the one that ends the block")
    for comment in _COMMENT.finditer(text, 0, begin):
        if holds_front_matter(text[comment.end() : begin]):
            wrapped = (comment.end(), "in an HTML comment", "delete the lines that begin and end the comment")
    if (quoted := _QUOTED.match(text, begin)) and holds_front_matter(_QUOTE_MARK.sub("", quoted[0])):
        wrapped = (begin, "in a quotation", "delete the > before each of its lines")
    if wrapped:
        place, where, hint = wrapped
        line = text.count("\n", 0, place) + 1
        raise QueueFileError([Problem(line, None, f"the front matter is {where}", hint)])


def holds_front_matter(text: str) -> bool:
    """Whether a text that should have no front matter starts with some: fences around typical keys."""
    if text[:1] not in _SUSPECT:
        return False
    begin = _lead(text)
    if opening := _OPENING.match(text, begin):
        closing = _closing(opening[1], "").search(text, opening.end())
        return closing is not None and _tells(text[opening.end() : closing.start()])
    if not _JSON_OPENING.match(text, begin):
        return False
    try:
        end = _json_end(text, begin)
    except QueueFileError:
        return False
    return _tells(text[begin:end].replace("{", "\n").replace(",", "\n"))


def _lead(text: str) -> int:
    """The end of what may precede front matter."""
    lead = _LEAD.match(text)
    return lead.end() if lead else 0


def _lines_before(text: str, place: int) -> str:
    return "\n" * text.count("\n", 0, place)


def _fenced(text: str, opening: re.Match[str]) -> Block | None:
    fence, language = opening[1], (opening[2] or "").lower()
    indent = text[text.rfind("\n", 0, opening.start()) + 1 : opening.start()]
    indent = indent if indent.isspace() else ""
    closing = _closing(fence, indent).search(text, opening.end())
    line = text.count("\n", 0, opening.start()) + 1
    if closing is None:
        # A rule may be followed further below by a line such as "Note: …".
        key = _first_key(text[opening.end() :])
        if key and (_telling(key) or _KEY.match(text, opening.end())):
            raise _endless(line, fence)
        return None
    matter = text[opening.end() : closing.start()]
    if matter.strip() and not _is_keyed(matter):
        return None
    if language and language not in _KINDS:
        message = f"the front matter is in {language}, which is not supported"
        raise QueueFileError([Problem(line, None, message, "write it in YAML, TOML or JSON")])
    if len(indent.expandtabs(_CODE_INDENT)) >= _CODE_INDENT:
        message = "the front matter is indented like a code block"
        raise QueueFileError([Problem(line, None, message, "start its lines in the first column")])
    if indent:
        matter = re.sub(rf"^[ \t]{{1,{len(indent)}}}", "", matter, flags=re.MULTILINE)
    kind = _KINDS[language] if language else _BY_FENCE[fence[0]]
    if fence[0] == ";" and not matter.lstrip().startswith("{"):
        matter = f"{{{matter}}}"
    return Block(kind, _lines_before(text, opening.end()) + matter, closing.end())


def _closing(fence: str, indent: str) -> re.Pattern[str]:
    """The line that ends front matter: a fence of the same kind, three characters or more, or YAML's document end."""
    ends = rf"\{fence[0]}{{3,}}" + (r"|\.\.\." if fence[0] == "-" else "")
    return re.compile(rf"^[ \t]{{0,{len(indent)}}}(?:{ends})[^\S\n]*$", re.MULTILINE)


def _unopened(text: str, begin: int) -> Block | None:
    """The front matter of Hexo, which needs no opening fence. Keys without any fence are refused."""
    if (almost := _ALMOST_FENCE.match(text, begin)) and _telling(_first_key(text[almost.end() :]) or ""):
        line = text.count("\n", 0, begin) + 1
        message = f"the front matter starts with {almost[0].strip()}, which is not a fence"
        raise QueueFileError([Problem(line, None, message, "add a line of --- above and below it")])
    first = _KEY.match(text, begin)
    if not first or not _telling(first[1]):
        return None
    closing = _BARE_CLOSING.search(text, begin)
    matter = text[begin : closing.start()] if closing else ""
    lines = _lines_before(text, begin)
    if closing and closing[1][0] == ";" and text[begin] == '"':
        return Block("json", f"{lines}{{{matter}}}", closing.end())
    if closing and all(map(_YAML_LINE.match, matter.splitlines())):
        return Block("yaml", lines + matter, closing.end())
    paragraph = _PARAGRAPH_END.split(text[begin:], 1)[0].splitlines()
    keys = [key[1] for line in paragraph if (key := _KEY.match(line))]
    if len(keys) == len(paragraph) and sum(map(_telling, keys)) > 1:
        message = "the file starts with keys that no fences separate from the text"
        raise QueueFileError([Problem(len(lines) + 1, None, message, "add a line of --- above and below them")])
    return None


def _is_keyed(matter: str) -> bool:
    key = _first_key(matter)
    return key is not None or matter.lstrip()[:1] in ("{", '"') or _tells(matter)


def _first_key(matter: str) -> str | None:
    """The key at the start of the first line that is neither blank nor a comment."""
    lines = (line for line in matter.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    key = _KEY.match(next(lines, ""))
    return key[1] if key else None


def _tells(matter: str) -> bool:
    return any((key := _KEY.match(line)) and _telling(key[1]) for line in matter.splitlines())


def _telling(key: str) -> bool:
    """Whether front matter has such a key and a text is unlikely to start a line with it."""
    known = recognised(key)
    names = known.rule.names if known.rule else ()
    return (
        known.field in _TELLING_FIELDS
        or not _TELLING_RULES.isdisjoint(names)
        or key.lower() in ("layout", "categories")
    )


def _endless(line: int, fence: str) -> QueueFileError:
    """The error for front matter without an end."""
    hint = f"end it with a line of {fence}"
    return QueueFileError([Problem(line, None, "the front matter has no end", hint)], incomplete=True)


def _json_end(text: str, begin: int) -> int:
    """The end of the object; 0 if the line continues behind it, as front matter never does."""
    try:
        end = json.JSONDecoder().raw_decode(text, begin)[1]
    except (ValueError, RecursionError):
        closing = _JSON_CLOSING.search(text, begin)
        if not closing:
            raise _endless(text.count("\n", 0, begin) + 1, "}") from None
        return closing.end()
    rest = text[end:].partition("\n")[0]
    return 0 if rest.strip() else end + len(rest)
