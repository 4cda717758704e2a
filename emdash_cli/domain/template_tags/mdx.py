"""Convert the MDX source of a page to Markdown: modules, comments, expressions and components are not published.

Source: https://mdxjs.com/docs/what-is-mdx/. The components are those of Astro's Starlight, Docusaurus and the most
common themes, under the names that they have there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.template_tags import attributes
from emdash_cli.domain.template_tags.code import CODE, CODE_GROUPS
from emdash_cli.domain.template_tags.markup import Markup, dedented, destination
from emdash_cli.domain.template_tags.meanings import TAGS, Call
from emdash_cli.domain.template_tags.rewriting import CONTAINER, DEEPEST, Remaining, Rewriter
from emdash_cli.domain.template_tags.syntax import Form, Tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emdash_cli.domain.template_tags.context import Context

_QUOTED: Final = r"""(?:"[^"]*"|'[^']*')"""
_PATTERN: Final = re.compile(
    CODE
    + r"""
| (?P<module>^(?:
    import[ ](?:[\w*{$][^\n]*?[ ]from[ ])?["']
  | import[ ]*(?:[\w$]+,[ ]*)?[{*]
  | export[ ]+(?:default|const|let|var|function|class|async|[{*])))
| (?P<brace>\{)
| (?P<component></?(?P<name>[A-Z][\w.]*)(?=[\s/>])|</?>)
"""
    + CONTAINER
    + r"""
| (?P<html><(?P<tag>[a-z][\w-]*)(?=[\s/>]))
""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(r"\s*(?P<name>[A-Za-z_:@][\w:.@-]*)(?:\s*=\s*(?P<value>" + _QUOTED + r"|(?=\{)))?")
_TAG_END: Final = re.compile(r"\s*(/?)>")
_SPREAD: Final = re.compile(r"\s*(?=\{)")
_STRING: Final = re.compile(
    r"""\{\s*(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|`((?:\\.|[^`\\$])*)`)\s*\}""", re.DOTALL
)
_COMMENT: Final = re.compile(r"\{\s*(?:/\*.*?\*/\s*)+\}", re.DOTALL)
_OWN: Final = re.compile(r"\{\s*(?:props\.)?frontmatter\.([\w.]+)\s*\}")
_OPEN_OR_CLOSE: Final = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(?P<note>/\*.*?\*/)|[{}()\[\]]""",
    re.DOTALL,
)
_DEFAULT_IMPORT: Final = re.compile(r"""^import[ ]+(\w+)[ ]+from[ ]+["']([^"'\n]+)["']""", re.MULTILINE)
_WHOLE_IMPORT: Final = re.compile(r"""(?:^import[ ]*|\bfrom[ ]*)["'][^"'\n]+["'][ \t]*;?[ \t]*$""")
_MORE_MODULE: Final = re.compile(r"[ \t]*(?:\r?\n|\Z)|[ \t]*(?:import\b|export\b|//|/\*)|[ \t]*(?:with|assert)[ ]*\{")
_PICTURE: Final = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg)(?:\?[^/]*)?\Z", re.IGNORECASE)
_LONGEST: Final = 20_000
"""Maximum length of an expression; anything longer is text."""
_MOST_OPEN: Final = 200
"""Maximum number of unclosed braces; a text with more of them is not MDX, and its braces are text."""

_SILENT: Final = frozenset(
    {"", "Fragment", "React.Fragment", "Steps", "Step", "CardGrid", "Cards", "Card", "Columns", "Column", "Center"}
    | {"Grid", "Tabs", "TabItem", "Tab", "TabList", "TabPanel", "TabPanels", "CodeGroup", "CodeTabs", "Details"}
)
"""Components that only lay out their content; their labels are kept."""
_ALIASES: Final[Mapping[str, str]] = {
    "aside": "note",
    "img": "figure",
    "zoomimage": "figure",
    "blogimage": "figure",
    "youtubeembed": "youtube",
    "youtubevideo": "youtube",
    "liteyoutube": "youtube",
    "liteyoutubeembed": "youtube",
    "reactplayer": "iframe",
    "twittertweet": "tweet",
    "twittertweetembed": "tweet",
    "pullquote": "quote",
    "accordion": "details",
    "collapse": "details",
    "collapsible": "details",
    "spoiler": "details",
    "toggle": "details",
}
_MEANT: Final = frozenset(
    {"figure", "image", "picture", "youtube", "vimeo", "instagram", "gist", "tweet", "iframe", "quote", "blockquote"}
    | {"note", "notice", "tip", "info", "warning", "caution", "important", "danger", "alert", "callout", "admonition"}
    | {"hint", "details", "comment"}
)
_LABELS: Final = ("label", "title", "summary", "heading", "header")


class _Element(NamedTuple):
    """A JSX element, or its start or end tag.

    Attributes:
        end: the position after its ``>``.
        values: its attributes that are strings, and those that name an imported image.
    """

    name: str
    end: int
    closes: bool
    is_empty: bool
    values: dict[str, str]


class MdxReader(Rewriter):
    """Reads one MDX text.

    Args:
        text: MDX.
        context: what is known about its page.
        line: the number of its first line.
        depth: the number of enclosing components.
        pictures: imported images, by their names in the module.
    """

    def __init__(
        self, text: str, context: Context, line: int = 1, depth: int = 0, pictures: dict[str, str] | None = None
    ) -> None:
        super().__init__(text, line)
        self._context = context
        self._depth = depth
        self._pictures = _pictures(text) if pictures is None else pictures
        self._unclosed: set[str] = set()
        self._open_braces = 0

    def markdown(self) -> str:
        """The text with its MDX replaced."""
        at = 0
        while found := _PATTERN.search(self._text, at):
            at = self._step(found)
        self._out.append(self._text[self._done :])
        return "".join(self._out)

    def _step(self, found: re.Match[str]) -> int:
        """The position at which to continue."""
        start = found.start()
        match found.lastgroup:
            case "module":
                return self._module(start)
            case "brace":
                return self._expression(start)
            case "component":
                return self._component(start)
            case "html":
                return self._html(start)
            case "container":
                return self._container(start) if self._depth < DEEPEST else start + 1
            case "indented":
                return self._unindent(start, len(found[0]) - len(found[0].lstrip()))
        end = self._code.end(found)
        if end is None:
            return start + 1
        return self._replace(start, end, _as_code(self._text[start:end], found))

    def _inner(self, body: str, at: int) -> str:
        inner = MdxReader(body, self._context, self._line(at), self._depth + 1, self._pictures)
        text = inner.markdown()
        self.remaining += inner.remaining
        return text

    def _unindent(self, start: int, indent: int) -> int:
        """MDX has no indented code: what Markdown would take for code is merely indented text or an indented block."""
        surplus = min(self._code.surplus(start), indent)
        return self._replace(start, start + surplus, "") if surplus else start + indent

    def _module(self, start: int) -> int:
        """An import or export ends at the first blank line after which its brackets are closed.

        MDX refuses text directly below an import; here it is kept.
        """
        if start and not self._above_is_blank(start) and not self._follows_module(start):
            return start + 1
        depth, at = 0, start
        while at < len(self._text):
            line_end = self._text.find("\n", at)
            line_end = len(self._text) if line_end < 0 else line_end
            line = self._text[at:line_end]
            at = line_end + 1
            if depth <= 0 and not line.strip():
                break
            depth += _nesting(line)
            if depth <= 0 and _WHOLE_IMPORT.search(line.rstrip("\r")) and not _MORE_MODULE.match(self._text, at):
                break
        end = min(at, len(self._text))
        self._take(start)
        self._done = end
        return end

    def _follows_module(self, start: int) -> bool:
        """Whether only modules and blank lines precede it, because then imports may follow one another line by line."""
        return start - self._done < _LONGEST and not self._text[self._done : start].strip()

    def _expression(self, start: int) -> int:
        if found := _COMMENT.match(self._text, start):
            return self._replace(start, found.end(), "")
        if found := _STRING.match(self._text, start):
            text = next(group for group in found.groups() if group is not None)
            return self._replace(start, found.end(), text.replace("{", "&#123;"))
        if (found := _OWN.match(self._text, start)) and (value := self._context.variable(found[1])) is not None:
            return self._replace(start, found.end(), value)
        line = self._last_line(start)
        if dropped := attributes.pandoc(self._text, start, line, above_is_blank=True):
            self._take(start)
            if dropped.before is not None:
                self._retract(len(line))
                self._out.append(dropped.before)
            self._done = dropped.end
            return dropped.end
        end = self._closing_brace(start)
        if end is None:
            return start + 1
        shown = self._text[start:end]
        self.remaining.append(Remaining(self._line(start), shown, "is an MDX expression that stays in the text"))
        return self._replace(start, end, shown)

    def _component(self, start: int) -> int:
        element = self._element(start)
        if element is None:
            return start + 1
        if element.closes:
            return self._replace(start, element.end, "")
        body, end = None, element.end
        if not element.is_empty and self._depth < DEEPEST and (closing := self._closing(element)):
            body, end = self._text[element.end : closing[0]], closing[1]
        inner = MdxReader(
            body or "", self._context, self._line(element.end) if body else 0, self._depth + 1, self._pictures
        )
        text = dedented(inner.markdown())
        markup = self._meaning(element, body, text)
        if markup is None:
            markup = self._without_component(element, start, body, text)
        self.remaining += inner.remaining
        alone = not self._last_line(start).strip(" \t>-*+0123456789.)")
        if markup.is_block or (alone and body is not None and "\n" in body.strip(" \t")):
            return self._put_block(start, end, Markup(markup.text, is_block=True))
        return self._replace(start, end, markup.text)

    def _meaning(self, element: _Element, body: str | None, text: str) -> Markup | None:
        """Its replacement, if its name, or an address in it, shows what it is."""
        if address := element.values.get("href") or element.values.get("to"):
            shown = text or self._label(element) or element.values.get("text", "")
            return Markup(f"[{shown}]({destination(address)})") if shown and "\n" not in shown else None
        name = element.name.replace("-", "").replace("_", "").lower()
        name = _ALIASES.get(name, name)
        if name not in _MEANT:
            return None
        rest = " ".join(
            f'{key}="{value.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"'
            for key, value in element.values.items()
        )
        return TAGS[name].meaning(Call(Tag(Form.HUGO, "", name, rest, 0), body, lambda: text, self._context))

    def _without_component(self, element: _Element, start: int, body: str | None, text: str) -> Markup:
        label = self._label(element)
        kept = f"**{label}**\n\n{text}" if label and body is not None else text or label
        if element.name not in _SILENT:
            fate = "its content was kept" if kept else "it was removed completely"
            self.remaining.append(
                Remaining(
                    self._line(start),
                    f"<{element.name}>",
                    f"is a component that is not published; {fate}",
                    "check the post, or replace the component with Markdown",
                )
            )
        return Markup(kept, is_block=bool(label and body is not None))

    def _closing_brace(self, start: int) -> int | None:
        """The position after the brace that closes the one at `start`; None if there is none nearby."""
        depth = 0
        if self._open_braces < _MOST_OPEN:
            for found in _OPEN_OR_CLOSE.finditer(self._text, start, start + _LONGEST):
                if found.lastgroup:
                    continue
                depth += 1 if found[0] in "{([" else -1
                if depth <= 0:
                    return found.end() if found[0] == "}" else None
        self._open_braces += 1
        return None

    @staticmethod
    def _label(element: _Element) -> str:
        # Starlight's tabs for package managers are named after the slot that they fill.
        names = (*_LABELS, "slot") if element.name == "Fragment" else _LABELS
        return next((element.values[name] for name in names if element.values.get(name)), "")

    def _closing(self, element: _Element) -> tuple[int, int] | None:
        """The start and the end of the element's end tag."""
        if element.name in self._unclosed:
            return None
        depth, at = 1, element.end
        while found := _PATTERN.search(self._text, at):
            at = found.start() + 1
            if found.lastgroup in CODE_GROUPS and found.lastgroup != "indented":
                at = self._code.end(found) or at
            elif found.lastgroup == "component" and (found["name"] or "") == element.name:
                other = self._element(found.start())
                if other is None:
                    continue
                at = other.end
                depth += -1 if other.closes else int(not other.is_empty)
                if depth == 0:
                    return found.start(), other.end
        self._unclosed.add(element.name)
        return None

    def _html(self, start: int) -> int:
        """An HTML element without the attributes that exist only in JSX."""
        element = self._element(start)
        if element is None:
            return start + 1
        raw = self._text[start : element.end]
        if "{" not in raw and "className" not in raw:
            return self._replace(start, element.end, raw)
        values = "".join(
            f' {"class" if name == "className" else name}="{value.replace(chr(34), "&quot;")}"'
            for name, value in element.values.items()
        )
        return self._replace(start, element.end, f"<{element.name}{values}{' /' if element.is_empty else ''}>")

    def _element(self, start: int) -> _Element | None:
        opening = re.compile(r"<(/?)([A-Za-z][\w.-]*)?").match(self._text, start)
        if opening is None:
            return None
        values: dict[str, str] = {}
        at = opening.end()
        while not (end := _TAG_END.match(self._text, at)):
            found = _ATTRIBUTE.match(self._text, at) or _SPREAD.match(self._text, at)
            if not found or found.end() == at == len(self._text):
                return None
            at = found.end()
            name = found.groupdict().get("name")
            value = found.groupdict().get("value")
            if self._text[at : at + 1] == "{" and (name is None or value == ""):
                closing = self._closing_brace(at)
                if closing is None:
                    return None
                value = self._string(self._text[at:closing])
                at = closing
            elif name is None:
                return None
            elif value:
                value = value[1:-1]
            if name and value is not None:
                values.setdefault(name, value)
        return _Element(opening[2] or "", end.end(), opening[1] == "/", end[1] == "/", values)

    def _string(self, expression: str) -> str | None:
        """The text of an attribute in braces, or the path of the image that it names."""
        if found := _STRING.fullmatch(expression):
            return next(group for group in found.groups() if group is not None)
        name = expression[1:-1].strip().removesuffix(".src")
        if value := _OWN.fullmatch(expression):
            return self._context.variable(value[1])
        return self._pictures.get(name)


def _pictures(text: str) -> dict[str, str]:
    return {name: path for name, path in _DEFAULT_IMPORT.findall(text) if _PICTURE.search(path)}


def _nesting(line: str) -> int:
    """How many brackets the line opens without closing them."""
    return sum(0 if found.lastgroup else 1 if found[0] in "{([" else -1 for found in _OPEN_OR_CLOSE.finditer(line))


def _as_code(code: str, found: re.Match[str]) -> str:
    if found.lastgroup != "fence" or "{" not in found["info"] or "`" in found["info"]:
        return code
    head = found.start("info") - found.start()
    return code[:head] + attributes.fence_language(found["info"]) + code[found.end() - found.start() :]
