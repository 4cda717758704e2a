"""The forms of template tags, and their parts.

Sources: https://shopify.github.io/liquid/basics/introduction/, https://jekyllrb.com/docs/liquid/tags/,
https://mozilla.github.io/nunjucks/templating.html, https://hexo.io/docs/tag-plugins,
https://gohugo.io/content-management/shortcodes/, https://www.getzola.org/documentation/content/shortcodes/.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import Final, NamedTuple

LONGEST: Final = 4000
"""Maximum length of a tag; anything longer is text."""


class Form(Enum):
    """The syntax of a tag."""

    LIQUID = "Liquid"
    """``{% name … %}`` of Liquid (Jekyll, Eleventy) and Nunjucks (Eleventy, Hexo)."""
    OUTPUT = "Liquid output"
    """``{{ value | filter }}``."""
    HUGO = "Hugo"
    """``{{< name … >}}`` and ``{{% name … %}}``."""
    ZOLA = "Zola"
    """``{{ name(…) }}`` and ``{% name(…) %}``."""


class Tag(NamedTuple):
    """One tag.

    Attributes:
        text: the tag as written.
        name: in lower case; for an output, the value.
        rest: what follows the name.
        end: its end in the text.
        closes: whether it ends a pair, as ``{{< /name >}}`` and ``{% endname %}`` do.
        is_escaped: whether the author wants readers to see it: ``{{</* name */>}}``.
    """

    form: Form
    text: str
    name: str
    rest: str
    end: int
    closes: bool = False
    is_escaped: bool = False


class Value(NamedTuple):
    """An argument. An unquoted one may be the name of a variable."""

    text: str
    is_quoted: bool


class Arguments(NamedTuple):
    """The arguments after the name of a tag."""

    positional: tuple[Value, ...]
    named: dict[str, Value]

    def get(self, *names: str) -> str:
        """The first of these that is given, or the empty string."""
        return next((self.named[name].text for name in names if name in self.named), "")

    def at(self, number: int) -> str:
        """The positional argument with that number, from 0, or the empty string."""
        return self.positional[number].text if number < len(self.positional) else ""


_QUOTED = r"""(?:"(?:\\.|[^"\\]){0,2000}"|'(?:\\.|[^'\\]){0,2000}'|`[^`]{0,2000}`)"""
_HUGO = re.compile(
    r"\{\{(?P<open>[<%])(?P<escape>/\*)?\s*(?P<close>/)?\s*(?P<name>\w[\w./-]*?)"
    rf"(?P<rest>(?:[\s/](?:{_QUOTED}|(?!/?\s*(?:\*/)?[>%]\}}\}})[^\"`{{]|\{{(?!\{{)){{0,{LONGEST}}})?)"
    r"\s*/?\s*(?:\*/)?[>%]\}\}",
    re.DOTALL,
)
_ZOLA = re.compile(
    rf"\{{[{{%](?P<escape>/\*)?-?\s*(?P<name>[A-Za-z_]\w*)\((?P<rest>(?:{_QUOTED}|[^\"'`(){{}}]){{0,{LONGEST}}})\)"
    r"\s*-?(?:\*/)?[%}]\}",
)
_LIQUID = re.compile(
    rf"\{{%-?\s*(?P<name>[A-Za-z_][\w-]*?|\#|//)(?=[\s,#:\"'(]|-?%\}})(?P<rest>(?:(?!%\}}|\{{%).){{0,{LONGEST}}}?)-?%\}}",
    re.DOTALL,
)
_LITERAL = re.compile(r"""\{\{-?\s*(?P<name>"[^"\n]*"|'[^'\n]*')(?P<rest>\s*)-?\}\}""")
_OUTPUT = re.compile(
    r"""\{\{-?\s*(?P<name>(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z_$][\w$]*(?:[.\[][\w."'\]-]*)*))"""
    r"""(?P<rest>\s*(?:[|?+~(,](?:"[^"\n]*"|'[^'\n]*'|[^"'{}\n]|\{[^{}\n]*\})*)?)-?\}\}"""
)
_ARGUMENT = re.compile(
    r"""(?:(?P<name>[A-Za-z_][\w.-]*)\s*(?:=|:(?=\s*["']))\s*)?(?:"(?P<d>(?:\\.|[^"\\])*)"|'(?P<s>(?:\\.|[^'\\])*)'"""
    r"""|`(?P<b>[^`]*)`|(?P<bare>[^\s,"'`=]+(?:[^\s,]*[^\s,])?))""",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPACE = re.compile(r"\s+")
_OPERATORS = frozenset({"and", "or", "not", "in", "is", "if", "contains"})
_ACTIONS = frozenset(
    {"github", "secrets", "env", "vars", "matrix", "steps", "needs", "runner", "inputs", "job", "jobs", "strategy"}
)
"""https://docs.github.com/actions/reference/workflows-and-actions/contexts; there it is ``${{ github.ref }}``."""


def read_tag(text: str, start: int) -> Tag | None:
    """The tag that starts with a brace at `start`; None if it only looks like one."""
    if text.startswith(("{{<", "{{%"), start) and (found := _HUGO.match(text, start)):
        escaped = found["escape"] is not None
        return Tag(Form.HUGO, found[0], found["name"], found["rest"], found.end(), found["close"] is not None, escaped)
    if found := _ZOLA.match(text, start):
        return Tag(
            Form.ZOLA, found[0], found["name"], found["rest"], found.end(), is_escaped=found["escape"] is not None
        )
    if text.startswith("{%", start):
        found = _LIQUID.match(text, start)
        return _liquid(found) if found else None
    found = _LITERAL.match(text, start) or _OUTPUT.match(text, start)
    if not found or found["name"] in _OPERATORS:
        return None
    if text[found.end() : found.end() + 1] == "}":
        return None  # ``{{{ x }}}`` is Handlebars'.
    if text[start - 1 : start] == "$" and found["name"].partition(".")[0] in _ACTIONS:
        return None
    return Tag(Form.OUTPUT, found[0], found["name"], found["rest"], found.end())


def _liquid(found: re.Match[str]) -> Tag:
    name = found["name"]
    closes = name.startswith("end")
    return Tag(Form.LIQUID, found[0], name[3:] if closes else name, found["rest"], found.end(), closes)


def closing(tag: Tag) -> re.Pattern[str]:
    """The end tag of the pair that the tag opens."""
    return _pair(tag.form, tag.name)[1]


def opening(tag: Tag) -> re.Pattern[str]:
    """The start of a pair like the tag's own."""
    return _pair(tag.form, tag.name)[0]


@cache
def _pair(form: Form, name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    word = re.escape(name)
    match form:
        case Form.HUGO:
            begins, ends = rf"\{{\{{[<%]\s*{word}(?![\w./-])", rf"\{{\{{[<%]\s*/\s*{word}\s*[>%]\}}\}}"
        case Form.ZOLA:
            begins, ends = r"\{%-?\s*\w+\(", r"\{%-?\s*end\s*-?%\}"
        case _:
            begins, ends = rf"\{{%-?\s*{word}(?![\w-])", rf"\{{%-?\s*end[ _]?{word}\s*-?%\}}"
    return re.compile(begins), re.compile(ends)


def arguments(rest: str) -> Arguments:
    """Split what follows a name into quoted or unquoted words, alone or after ``name=``, with or without commas."""
    positional: list[Value] = []
    named: dict[str, Value] = {}
    for found in _ARGUMENT.finditer(rest):
        value = _value(found)
        if found["name"]:
            named.setdefault(found["name"].lower(), value)
        else:
            positional.append(value)
    return Arguments(tuple(positional), named)


def _value(found: re.Match[str]) -> Value:
    if found["bare"] is not None:
        return Value(found["bare"], is_quoted=False)
    if found["b"] is not None:
        return Value(found["b"], is_quoted=True)
    inner = found["d"] if found["d"] is not None else found["s"]
    return Value(_ESCAPED.sub(r"\1", inner), is_quoted=True)


def one_line(text: str) -> str:
    """The text with each run of white space as one space."""
    return _SPACE.sub(" ", text).strip()
