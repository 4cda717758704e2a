"""Convert the Markdown source of a page to Markdown without template tags, and report what was not understood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.template_tags import attributes
from emdash_cli.domain.template_tags.code import CODE, CODE_GROUPS, Code
from emdash_cli.domain.template_tags.context import Generator
from emdash_cli.domain.template_tags.meanings import Call, Row, meaning_of
from emdash_cli.domain.template_tags.rewriting import CONTAINER, DEEPEST, Remaining, Rewriter
from emdash_cli.domain.template_tags.syntax import Form, Tag, closing, opening, read_tag
from emdash_cli.domain.template_tags.values import BASES, evaluate

if TYPE_CHECKING:
    from emdash_cli.domain.template_tags.context import Context

_PATTERN: Final = re.compile(
    r"(?=[ \t>*+\-0-9`~\\<${@:])(?:"  # The first character of each alternative; most characters need no closer look.
    + CODE
    + r"""
| (?P<tag>\{[{%])
| (?P<kramdown>\{:)
| (?P<note>\{\#-?\s(?:(?!\{\#).){0,4000}?\#\})
| (?P<pandoc>\{(?=[\#.\w-])[^{}\n]{0,400}\})
| (?P<internal>(?:(?<=\]\()|(?<=\]:[ ]))@/[^)\s]+)
"""
    + CONTAINER
    + ")",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_RAW: Final = re.compile(r"\{%-?\s*(raw|verbatim)\s*-?%\}(.*?)\{%-?\s*end\1\s*-?%\}", re.DOTALL)
_RAW_START: Final = re.compile(r"\{%-?\s*(?:raw|verbatim)\s*-?%\}")
_BRACE: Final = re.compile(r"\{(?=[{%#:])|(?<=\{)\{")
_HUGO_ESCAPED: Final = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}", re.DOTALL)
_ZOLA_ESCAPED: Final = re.compile(r"\{([{%])/\*(.*?)\*/([%}])\}", re.DOTALL)
_ADDRESS: Final = re.compile(
    r"(?:\]\(\s*<?|\A[ ]{0,3}\[[^\]\n]+\]:\s*<?|<(?=\Z|[/{h])"
    r"|\b(?:href|src|srcset|poster|cite|data|content)\s*=\s*[\"']?)"
    r"(?P<so_far>[^\s()<>\"']*)\Z",
    re.IGNORECASE,
)
_BARE_LINK: Final = re.compile(
    r"<(?:\{\{-?\s*(?:" + "|".join(map(re.escape, sorted(BASES))) + r")\s*-?\}\})+(?P<rest>[^\s<>{}]*)>", re.IGNORECASE
)
"""``<{{ site.url }}/y>``, which is a link to a page of the site, and nothing at all without the variable."""
_CODE_TAG: Final = re.compile(r"[ \t]*\{%-?\s*(?:end)?(?:highlight|codeblock)\b")
_MARKS: Final = tuple(map(chr, range(0xFDD0, 0xFDF0)))
"""Unicode's noncharacters, which no text should contain: https://www.unicode.org/faq/private_use.html#noncharacters."""
_NO_PAGE: Final = "refers to a page that is not in this folder, and stays in the text"
_SHAPES: Final = {"<": "&lt;", ">": "&gt;", "{": "&#123;"}


class TagReader(Rewriter):
    """Reads the tags of one text.

    Args:
        text: Markdown.
        context: what is known about its page.
        line: the number of its first line.
        mark: stands for a brace that the author wants readers to see.
        depth: the number of enclosing tags.
    """

    def __init__(self, text: str, context: Context, line: int = 1, mark: str = "", depth: int = 0) -> None:
        self._context = context
        self._mark = mark or next((each for each in _MARKS if each not in text), _MARKS[0])
        is_whole = depth == 0 and context.is_carried_out
        super().__init__(_without_raw(text, context.generator, self._mark) if is_whole else text, line)
        self._depth = depth
        self._unclosed: set[tuple[Form, str]] = set()
        self._opened: set[str] = set()
        self._open_extensions: set[str] = set()

    def markdown(self) -> str:
        """The text with its tags replaced."""
        at = 0
        while found := _PATTERN.search(self._text, at):
            at = self._step(found)
        self._out.append(self._text[self._done :])
        text = "".join(self._out)
        return text if self._depth else text.replace(self._mark, _SHAPES["{"])

    def _step(self, found: re.Match[str]) -> int:
        """The position at which to continue."""
        start, end = found.span()
        match found.lastgroup:
            case "tag":
                return self._tag(start)
            case "kramdown" | "pandoc":
                return self._attributes(start, is_kramdown=found.lastgroup == "kramdown")
            case "container":
                return self._container(start) if self._reads_containers() else start + 1
            case "note":
                return self._note(start, end)
            case "internal":
                return self._internal(found[0], start)
            case "indented" if self._is_liquid_line(found[0]):
                return start + len(found[0]) - len(found[0].lstrip())
        code = self._code.end(found)
        if code is None:
            return start + max(1, len(found[0]) - len(found[0].lstrip()))
        return self._replace(start, code, self._as_code(self._text[start:code], found))

    def _reads_containers(self) -> bool:
        generators = {Generator.UNKNOWN, Generator.PLAIN, Generator.ELEVENTY}
        return self._context.is_carried_out and self._context.generator in generators and self._depth < DEEPEST

    def _inner(self, body: str, at: int) -> str:
        inner = TagReader(body, self._context, self._line(at), self._mark, self._depth + 1)
        text = inner.markdown()
        self.remaining += inner.remaining
        return text

    def _note(self, start: int, end: int) -> int:
        if not self._context.is_carried_out:
            return self._stay(self._text[start:end], start, _left("Nunjucks"))
        return self._replace(start, end, "") if self._context.generator.has_liquid else start + 1

    def _internal(self, address: str, start: int) -> int:
        target = self._context.pages(address.removeprefix("@/")) if self._context.is_carried_out else None
        _, mark, fragment = address.partition("#")
        if target is None:
            what = _NO_PAGE if self._context.is_carried_out else "is an internal link of Zola that stays in the text"
            return self._stay(address, start, what)
        return self._replace(start, start + len(address), target.address + mark + fragment)

    def _is_liquid_line(self, line: str) -> bool:
        """The code block that Jekyll makes of it wherever it is, so its indentation cannot mean a code block."""
        return self._context.generator.has_tags_in_code and _CODE_TAG.match(line) is not None

    def _as_code(self, code: str, found: re.Match[str]) -> str:
        if found.lastgroup == "fence" and "{" in found["info"] and found["info"].count("`") == 0:
            head = found.start("info") - found.start()
            code = code[:head] + attributes.fence_language(found["info"]) + code[found.end() - found.start() :]
        return self._literal(code)

    def _literal(self, code: str) -> str:
        """Code as readers should see it, without what keeps a generator from processing it."""
        generator = self._context.generator
        if "/*" in code:
            if generator in {Generator.HUGO, Generator.UNKNOWN}:
                code = _HUGO_ESCAPED.sub(r"{{\1\2\3}}", code)
            elif generator is Generator.ZOLA:
                code = _ZOLA_ESCAPED.sub(r"{\1\2\3}", code)
        return code.replace(self._mark, "{")

    def _tag(self, start: int) -> int:
        tag = read_tag(self._text, start)
        generator = self._context.generator
        if tag is None or tag.form not in generator.forms:
            return start + 1
        if not self._context.is_carried_out:
            return self._stay(tag.text, start, _left(tag.form.value))
        if tag.is_escaped:
            shown = tag.text.replace("/*", "", 1)
            shown = "".join(shown.rsplit("*/", 1))
            return self._replace(start, tag.end, "".join(_SHAPES.get(char, char) for char in shown))
        if tag.form is Form.OUTPUT:
            return self._output(tag, start)
        row = meaning_of(tag)
        if row is None or tag.closes or self._depth >= DEEPEST:
            return self._unknown(tag, start)
        return self._known(tag, row, start)

    def _known(self, tag: Tag, row: Row, start: int) -> int:
        end, body, inner_line = tag.end, None, 0
        if row.takes_body and (ending := self._ending(tag, row)):
            body, end = self._text[tag.end : ending.start()], ending.end()
            inner_line = self._line(tag.end)
        inner = TagReader(body or "", self._context, inner_line, self._mark, self._depth + 1)
        seen = self._literal(body) if body is not None and row.is_verbatim else body
        markup = row.meaning(Call(tag, seen, inner.markdown, self._context))
        if markup is None:
            return self._no_page(tag, start) if row.is_reference else self._unknown(tag, start)
        self.remaining += inner.remaining
        if markup.is_block:
            return self._put_block(start, end, markup)
        text = markup.text
        if text.startswith("/") and self._so_far(start).endswith("/"):
            text = text[1:]
        return self._replace(start, end, text)

    def _ending(self, tag: Tag, row: Row) -> re.Match[str] | None:
        key = (tag.form, tag.name)
        if key in self._unclosed:
            return None
        ends, starts = closing(tag), opening(tag)
        at, depth = tag.end, 1
        while ending := ends.search(self._text, at):
            depth -= 1
            if not row.is_verbatim:
                depth += sum(1 for _ in starts.finditer(self._text, at, ending.start()))
            if depth == 0:
                return ending
            if row.may_stand_alone:
                return None
            at = ending.end()
        self._unclosed.add(key)
        return None

    def _output(self, tag: Tag, start: int) -> int:
        found = evaluate(tag.name, tag.rest, self._context)
        if found is None:
            return self._unknown(tag, start)
        if self._may_be_prose(tag, start):
            return self._unknown(tag, start)
        if not found.is_address:
            return self._replace(start, tag.end, _BRACE.sub(self._mark, found.text))
        place = _ADDRESS.search(self._last_line(start))
        text = found.text
        if not text and start > self._done and (link := _BARE_LINK.match(self._text, start - 1)):
            return self._replace(start - 1, link.end(), f"[{link['rest'] or '/'}]({link['rest'] or '/'})")
        if place is None:
            if text or "base" in tag.name.lower():
                return self._replace(start, tag.end, text)
            url = self._context.site_url
            return self._replace(start, tag.end, url) if url else self._unknown(tag, start)
        if text.startswith("/") and place["so_far"].endswith("/"):
            text = text[1:]
        elif not text and not place["so_far"] and self._text[tag.end : tag.end + 1] not in {"/", "{"}:
            text = "/"
        return self._replace(start, tag.end, text)

    def _may_be_prose(self, tag: Tag, start: int) -> bool:
        """Whether a bare word such as ``{{name}}`` may be text, if nothing shows which generator it is for."""
        is_bare = self._context.generator is Generator.UNKNOWN and tag.name.isidentifier()
        return is_bare and tag.name.lower() != "baseurl" and not _ADDRESS.search(self._last_line(start))

    def _so_far(self, start: int) -> str:
        found = _ADDRESS.search(self._last_line(start))
        return found["so_far"] if found else ""

    def _unknown(self, tag: Tag, start: int) -> int:
        name = tag.name.lower()
        if not tag.closes:
            self._opened.add(name)
        if (tag.closes and name in self._opened) or (tag.form is Form.LIQUID and tag.name in {"#", "//"}):
            return self._replace(start, tag.end, "" if not tag.closes else tag.text)
        return self._stay(tag.text, start, _left(tag.form.value))

    def _no_page(self, tag: Tag, start: int) -> int:
        return self._stay(tag.text, start, _NO_PAGE)

    def _stay(self, text: str, start: int, what: str) -> int:
        hint = "write the address of the page instead" if what == _NO_PAGE else ""
        self.remaining.append(Remaining(self._line(start), text, what, hint))
        return self._replace(start, start + len(text), text)

    def _attributes(self, start: int, *, is_kramdown: bool) -> int:
        line = self._last_line(start)
        if is_kramdown:
            dropped = attributes.kramdown(self._text, start, line, self._open_extensions)
        else:
            dropped = attributes.pandoc(self._text, start, line, above_is_blank=self._above_is_blank(start))
        if dropped is None:
            return start + (2 if is_kramdown else 1)
        if not self._context.is_carried_out:
            form = "kramdown" if is_kramdown else "Markdown attribute"
            return self._stay(self._text[start : dropped.end], start, _left(form))
        self._take(start)
        if dropped.before is not None:
            self._retract(len(line))
            self._out.append(dropped.before)
        if is_kramdown and attributes.names_toc(self._text[start : dropped.end]):
            self._drop_item()
        if dropped.is_line:
            self._retract(len(line))
        self._out.append(self._literal(dropped.text))
        self._done = dropped.end
        if dropped.is_line:
            self._skip_line_end()
        return self._done

    def _drop_item(self) -> None:
        """The list item that kramdown replaces with the table of contents."""
        head, _, last = "".join(self._out[-10:]).rstrip("\n").rpartition("\n")
        if re.match(r"[ \t]*(?:[*+-]|[0-9]+\.)[ \t]", last):
            self._out[-10:] = [f"{head}\n" if head else ""]


def _left(form: str) -> str:
    return f"is a {form} tag that stays in the text"


def _without_raw(text: str, generator: Generator, mark: str) -> str:
    """The text without ``{% raw %}`` and its end, with the braces between them marked; unchanged if they are code."""
    if not generator.has_liquid or not _RAW_START.search(text):
        return text
    if not generator.has_tags_in_code and not _has_raw_outside_code(text):
        return text
    return _RAW.sub(lambda raw: _BRACE.sub(mark, raw[2]), text)


def _has_raw_outside_code(text: str) -> bool:
    """Whether the unknown generator processes ``{% raw %}``, since nobody writes it as text."""
    code, at = Code(text), 0
    while found := _PATTERN.search(text, at):
        if found.lastgroup == "tag" and _RAW_START.match(text, found.start()):
            return True
        end = code.end(found) if found.lastgroup in CODE_GROUPS else None
        at = found.start() + 1 if end is None else end
    return False
