"""The replacements of the tags with a plain meaning. `MEANINGS` is the table of `docs/template-tags.md`.

The names are those of the generators and of the most common themes. A tag with another name, or one whose arguments
are not sufficient, stays in the text and is reported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.template_tags.markup import Markup, code_span, fence, image, link, quote, without_indent
from emdash_cli.domain.template_tags.syntax import Arguments, Form, Tag, Value, arguments, one_line
from emdash_cli.domain.template_tags.values import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emdash_cli.domain.template_tags.context import Context, LinkedPage


class Call(NamedTuple):
    """A tag in its context.

    Attributes:
        body: the text between the tag and its end tag, as written; None without an end tag.
        inner: the body with its own tags replaced.
    """

    tag: Tag
    body: str | None
    inner: Callable[[], str]
    context: Context

    def arguments(self) -> Arguments:
        """The arguments after the name, with known variables replaced by their values."""
        found = arguments(self.tag.rest)
        if self.tag.form is not Form.LIQUID:
            return found
        return Arguments(
            tuple(map(self._known, found.positional)), {name: self._known(value) for name, value in found.named.items()}
        )

    def _known(self, value: Value) -> Value:
        if value.is_quoted:
            return value._replace(text=_OUTPUT.sub(self._output, value.text)) if "{{" in value.text else value
        known = evaluate(value.text, "", self.context)
        return Value(known.text, is_quoted=True) if known else value

    def _output(self, found: re.Match[str]) -> str:
        known = evaluate(found[1], found[2], self.context)
        return known.text if known else found[0]


_OUTPUT: Final = re.compile(r"\{\{\s*([\w.]+|'[^']*')((?:\s*\|[^{}]*)?)\s*\}\}")
_ID: Final = re.compile(r"[\w-]{1,64}")
_URL: Final = re.compile(r"(?:https?:)?//\S+|/\S*", re.IGNORECASE)
_IMAGE: Final = re.compile(r"!\[([^\[\]]*)\]\(([^\s()]+)\)")
_PICTURE: Final = re.compile(r"\S+\.(?:png|jpe?g|gif|webp|avif|svg|bmp)(?:[?#]\S*)?", re.IGNORECASE)
_EMBEDDING: Final = re.compile(r"\A(?:embed_?)|(?:_?(?:embed|player))\Z")
_NUMBER: Final = re.compile(r"[0-9]+(?:px|%|em)?")


def _highlight(call: Call) -> Markup | None:
    """Jekyll's and Hugo's; Eleventy's plug-in has language and lines in one argument: ``js/2-3`` or ``"js 2"``."""
    if call.body is None:
        return None
    found = call.arguments()
    words = re.split(r"[\s/]", (found.at(0) or found.get("lang", "language")).strip(), maxsplit=1)
    if "hl_inline=true" in call.tag.rest.lower().replace(" ", ""):
        return Markup(code_span(one_line(call.body)))
    return Markup(
        fence(without_indent(call.body), words[0].strip("'\""), found.get("title", "filename")), is_block=True
    )


def _codeblock(call: Call) -> Markup | None:
    """Hexo's and Octopress': ``{% codeblock [title] [lang:language] [url] [link text] [options] %}``."""
    if call.body is None:
        return None
    words = call.tag.rest.split()
    options = dict(word.split(":", 1) for word in words if re.fullmatch(r"[a-z_]+:(?!//)\S*", word))
    title = []
    for word in words:
        if _URL.fullmatch(word):
            break
        if not re.fullmatch(r"[a-z_]+:(?!//)\S*", word):
            title.append(word)
    return Markup(fence(without_indent(call.body), options.get("lang", ""), " ".join(title)), is_block=True)


def _nothing(_call: Call) -> Markup:
    return Markup("")


def _figure(call: Call) -> Markup | None:
    found = call.arguments()
    if call.tag.form is Form.LIQUID and not found.named and not any(value.is_quoted for value in found.positional):
        return _img(call)
    address = found.get("src", "url", "image", "image_path", "path", "file", "filename", "image_url", "img", "link")
    address = address or found.at(0)
    if not _is_address(address):
        return _captioned(call, found.get("caption", "title"))
    caption = " ".join(filter(None, (found.get("title"), found.get("caption", "description", "figcaption"))))
    if credit := found.get("attr"):
        caption = f"{caption} ({credit})" if caption else credit
    if call.body and call.body.strip() and not caption:
        caption = one_line(call.inner())
    alt = found.get("alt", "alternate", "alttext") or (found.at(1) if len(found.positional) > 1 else "")
    target = found.get("link", "href", "target_url", "image_link") if found.get("src", "url", "image_path") else ""
    return Markup(image(address, alt, caption, target if _URL.fullmatch(target) else ""), is_block=True)


def _captioned(call: Call, caption: str) -> Markup | None:
    """A figure around its content: ``{% figure caption:"…" %}![A](/a.png){% endfigure %}``."""
    text = call.inner().strip() if call.body else ""
    if not text:
        return None
    if caption and (alone := _IMAGE.fullmatch(text)):
        return Markup(image(alone[2], alone[1], caption), is_block=True)
    return Markup(f"{text}\n\n{caption}" if caption else text, is_block=True)


def _img(call: Call) -> Markup | None:
    """Hexo's and Octopress': ``{% img [class names] /path [width] [height] ["title text" ["alt text"]] %}``."""
    found = call.arguments()
    if found.named:
        return _figure(call)
    values = [value.text for value in found.positional]
    at = next((number for number, text in enumerate(values) if _URL.fullmatch(text) or _PICTURE.fullmatch(text)), None)
    if at is None:
        return None
    words = [value for value in found.positional[at + 1 :] if not _NUMBER.fullmatch(value.text)]
    texts = [value.text for value in words]
    if len(texts) == 1 and (pair := re.fullmatch(r"""["'](.*?)["']\s+["'](.*)["']""", texts[0])):
        texts = [pair[1], pair[2]]
    elif not any(value.is_quoted for value in words):
        texts = [" ".join(texts)] if texts else []
    title = texts[0] if texts else ""
    return Markup(image(values[at], texts[1] if len(texts) > 1 else title, title), is_block=True)


def _video(pattern: str, hosts: str) -> Callable[[Call], Markup | None]:
    known = re.compile(hosts, re.IGNORECASE)

    def meaning(call: Call) -> Markup | None:
        found = call.arguments()
        value = found.get("id", "video", "v", "videoid", "video_id", "youtubeid", "src", "url", "key") or found.at(0)
        if known.search(value) and _URL.fullmatch(value):
            return Markup(link("", value if value.startswith("http") else f"https:{value}"))
        return Markup(link("", pattern.format(value))) if _ID.fullmatch(value) else None

    return meaning


def _gist(call: Call) -> Markup | None:
    found = call.arguments()
    user, name = found.get("user", "username"), found.get("id", "gist", "url") or found.at(0)
    if _URL.fullmatch(name) and name.startswith("http"):
        return Markup(link("", name))
    if not user and call.tag.form is Form.HUGO:
        user, name = found.at(0), found.at(1) or name
        user = "" if user == name else user
    path = f"{user}/{name}" if user else name
    return Markup(link("", f"https://gist.github.com/{path}")) if re.fullmatch(r"(?:[\w-]+/)?[\w-]+", path) else None


def _tweet(call: Call) -> Markup | None:
    found = call.arguments()
    user, name = found.get("user") or "i/web", found.get("id", "url", "status", "tweet") or found.at(0)
    if name.startswith("http"):
        return Markup(link("", name))
    return Markup(link("", f"https://x.com/{user}/status/{name}")) if name.isdecimal() else None


def _address(call: Call) -> Markup | None:
    """``ref``, ``relref``, ``post_url``, ``post_path``."""
    found = call.arguments()
    reference = found.get("path") or (found.at(0) if call.tag.form is Form.HUGO else call.tag.rest.strip(" '\""))
    page, mark, fragment = reference.partition("#")
    if not page and fragment:
        return Markup(f"#{fragment}")
    target = call.context.pages(page)
    return Markup(target.address + mark + fragment) if target else None


def _post_link(call: Call) -> Markup | None:
    """Hexo's ``{% post_link filename [title] [escape] %}``."""
    name, _, rest = call.tag.rest.strip().partition(" ")
    target: LinkedPage | None = call.context.pages(name.strip("'\"")) if name else None
    if target is None:
        return None
    words = re.sub(r"\s+(?:true|false)\Z", "", f" {rest}").strip()
    text = words.strip("'\"") or target.title or name.rpartition("/")[2].replace("-", " ")
    return Markup(link(text, target.address))


def _link(call: Call) -> Markup | None:
    """Jekyll's ``{% link path %}``, an address; Hexo's ``{% link text url [external] [title] %}``, a link."""
    words = call.arguments().positional
    at = next((number for number, value in enumerate(words) if re.match(r"https?://", value.text)), 0)
    if at:
        return Markup(link(" ".join(value.text for value in words[:at]), words[at].text))
    path = call.tag.rest.strip(" '\"")
    if not path or " " in path:
        return None
    if re.search(r"\.(?:md|markdown|mdx)\Z", path, re.IGNORECASE):
        return _address(call)
    return Markup(
        "/" + re.sub(r"(?:(?:^|/)index)?\.html?\Z", lambda end: "/" if "index" in end[0] else end[0], path).lstrip("/")
    )


def _asset_link(call: Call) -> Markup | None:
    found = call.arguments()
    name = found.at(0)
    text = " ".join(value.text for value in found.positional[1:] if value.text not in {"true", "false"})
    return Markup(link(text or name, name)) if name else None


def _asset_path(call: Call) -> Markup | None:
    name = call.arguments().at(0)
    return Markup(name) if name else None


def _quote(call: Call) -> Markup | None:
    """Hexo's ``{% blockquote [author[, source]] [link] [title] %}``, Zola's ``{% quote(author="…") %}``."""
    if call.body is None:
        return None
    if call.tag.form is not Form.LIQUID or "=" in call.tag.rest:
        found = call.arguments()
        return Markup(quote(call.inner(), found.get("author", "source", "cite") or found.at(0)), is_block=True)
    words = call.tag.rest.split()
    at = next((number for number, word in enumerate(words) if re.match(r"https?://", word)), len(words))
    source = " ".join(words[:at]).strip("'\"")
    if at < len(words):
        source = " ".join(filter(None, (source, link(" ".join(words[at + 1 :]), words[at]))))
    return Markup(quote(call.inner(), source), is_block=True)


def _aside(call: Call) -> Markup | None:
    """Note, tip, warning: a quote under its kind or its title in bold."""
    if call.body is None:
        return None
    found = call.arguments()
    title = found.get("title", "header")
    text = call.inner().strip("\n")
    return Markup(quote(f"**{title}**\n\n{text}" if title else text), is_block=True)


def _details(call: Call) -> Markup | None:
    if call.body is None:
        return None
    found = call.arguments()
    summary = found.get("summary", "title") or found.at(0)
    text = call.inner().strip("\n")
    return Markup(f"**{summary}**\n\n{text}" if summary else text, is_block=True)


def _param(call: Call) -> Markup | None:
    value = call.context.variable(call.arguments().at(0))
    return Markup(value) if value is not None else None


def _frame(call: Call) -> Markup | None:
    found = call.arguments()
    address = found.get("src", "url") or found.at(0)
    return Markup(link("", address)) if re.match(r"https?://", address) else None


def _include(call: Call) -> Markup | None:
    """Jekyll's ``{% include figure.html src="…" %}``: by the name of the file, if its arguments are sufficient."""
    name, _, rest = call.tag.rest.strip().partition(" ")
    stem = _plain_name(name.strip("'\"").rpartition("/")[2].partition(".")[0])
    meaning = _INCLUDES.get(stem)
    inner = call._replace(tag=call.tag._replace(rest=rest))
    return meaning(inner) if meaning and "=" in rest else None


def _plain_name(name: str) -> str:
    """The name as in the table: ``youtubeEmbed``, ``youtube-player`` and ``embed_youtube`` are the same."""
    return _EMBEDDING.sub("", name.lower().replace("-", "_"))


def meaning_of(tag: Tag) -> Row | None:
    """The row of the table for a tag; None if it has no plain meaning."""
    return TAGS.get(tag.name.lower()) or TAGS.get(_plain_name(tag.name))


def _is_address(text: str) -> bool:
    return bool(text) and "{" not in text and (_URL.fullmatch(text) or _PICTURE.search(text)) is not None


_YOUTUBE = _video("https://www.youtube.com/watch?v={}", r"youtu\.?be")
_VIMEO = _video("https://vimeo.com/{}", r"vimeo\.com")
_INSTAGRAM = _video("https://www.instagram.com/p/{}/", r"instagram\.com")
_JSFIDDLE = _video("https://jsfiddle.net/{}/", r"jsfiddle\.net")


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        names: of the tags.
        example: as an author writes it.
        becomes: the Markdown that replaces it, or a description of it.
        takes_body: whether it may have a body and an end tag.
        is_verbatim: whether its body is not Markdown.
        may_stand_alone: whether it may also have none.
        is_reference: whether it refers to a page.
    """

    names: tuple[str, ...]
    meaning: Callable[[Call], Markup | None]
    example: str
    becomes: str
    takes_body: bool = False
    is_verbatim: bool = False
    may_stand_alone: bool = False
    is_reference: bool = False


MEANINGS: Final = (
    Row(
        ("highlight",),
        _highlight,
        "{% highlight ruby linenos %}…{% endhighlight %}",
        "a code block in Ruby",
        takes_body=True,
        is_verbatim=True,
    ),
    Row(
        ("codeblock", "code"),
        _codeblock,
        "{% codeblock app.js lang:js %}…{% endcodeblock %}",
        "a code block",
        takes_body=True,
        is_verbatim=True,
    ),
    Row(("comment",), _nothing, "{% comment %}…{% endcomment %}", "nothing", takes_body=True, is_verbatim=True),
    Row(
        ("figure", "image", "picture", "responsive_image", "lazyimg"),
        _figure,
        '{{< figure src="/a.png" alt="A" caption="C" >}}',
        "an image with its alternative text and caption",
        takes_body=True,
        may_stand_alone=True,
    ),
    Row(
        ("img", "asset_img", "fullimage"),
        _img,
        '{% img left /a.png 300 200 "Title" "Alt" %}',
        "an image",
        takes_body=True,
        may_stand_alone=True,
    ),
    Row(("youtube",), _YOUTUBE, "{{< youtube dQw4w9WgXcQ >}}", "<https://www.youtube.com/watch?v=dQw4w9WgXcQ>"),
    Row(("vimeo",), _VIMEO, "{{< vimeo 55073825 >}}", "<https://vimeo.com/55073825>"),
    Row(("instagram",), _INSTAGRAM, "{{< instagram CxOWiQNP2MO >}}", "<https://www.instagram.com/p/CxOWiQNP2MO/>"),
    Row(("jsfiddle",), _JSFIDDLE, "{% jsfiddle ccWP7 %}", "<https://jsfiddle.net/ccWP7/>"),
    Row(
        ("gist",),
        _gist,
        "{{< gist jmooring 23932424365401ffa5e9d9810102a477 >}}",
        "<https://gist.github.com/jmooring/23932424365401ffa5e9d9810102a477>",
    ),
    Row(
        ("tweet", "twitter", "x"),
        _tweet,
        '{{< x user="SanDiegoZoo" id="1453110110599868418" >}}',
        "<https://x.com/SanDiegoZoo/status/1453110110599868418>",
    ),
    Row(("iframe",), _frame, "{% iframe https://example.org/demo 400 300 %}", "<https://example.org/demo>"),
    Row(
        ("ref", "relref", "post_url", "post_path"),
        _address,
        "[x]({% post_url 2024-05-31-name %})",
        "[x](/posts/name)",
        is_reference=True,
    ),
    Row(("link",), _link, "[x]({% link files/a.pdf %})", "[x](/files/a.pdf)", is_reference=True),
    Row(("post_link",), _post_link, "{% post_link name The title %}", "[The title](/posts/name)", is_reference=True),
    Row(("asset_link",), _asset_link, "{% asset_link a.pdf The paper %}", "[The paper](a.pdf)"),
    Row(("asset_path",), _asset_path, "[x]({% asset_path a.pdf %})", "[x](a.pdf)"),
    Row(
        ("blockquote", "quote", "pullquote", "centerquote", "cq"),
        _quote,
        "{% blockquote Ada %}…{% endblockquote %}",
        "a quote that ends with “— Ada”",
        takes_body=True,
    ),
    Row(
        (
            "note",
            "notice",
            "tip",
            "info",
            "warning",
            "caution",
            "important",
            "danger",
            "alert",
            "callout",
            "admonition",
            "hint",
        ),
        _aside,
        "{{< notice tip >}}…{{< /notice >}}",
        "a quote",
        takes_body=True,
    ),
    Row(
        ("details",),
        _details,
        '{{< details summary="More" >}}…{{< /details >}}',
        "the summary in bold, then the text",
        takes_body=True,
    ),
    Row(("param",), _param, "{{< param title >}}", "the value in the front matter"),
    Row(
        ("include", "include_cached", "include_relative", "render"),
        _include,
        '{% include youtube.html id="dQw4w9WgXcQ" %}',
        "as the tag of that name: figures, images, videos, gists, posts elsewhere",
    ),
)

TAGS: Final[Mapping[str, Row]] = {name: row for row in MEANINGS for name in row.names}
_INCLUDES: Final = {
    **dict.fromkeys(("figure", "image", "img", "picture", "photo", "responsive_image", "figure_image"), _figure),
    **dict.fromkeys(("youtube", "yt", "video_youtube", "youtube_video"), _YOUTUBE),
    **dict.fromkeys(("vimeo", "video_vimeo"), _VIMEO),
    **dict.fromkeys(("tweet", "twitter", "x"), _tweet),
    "gist": _gist,
    "instagram": _INSTAGRAM,
}
