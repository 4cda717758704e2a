"""A post as a self-contained web page, as Markdown with front matter, and formatted for a terminal."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.portable_text import PortableTextError, from_blocks, to_html, to_markdown
from emdash_cli.views import announced, output

if TYPE_CHECKING:
    from emdash_cli.posts.read import Post
    from emdash_cli.views.documents import posts

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.1rem/1.6 Georgia, serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; }
header p, footer { opacity: .75; font-size: .9rem; }
pre { overflow-x: auto; padding: 1rem; background: #8882; border-radius: .4rem; font-size: .85rem; }
code { font-family: ui-monospace, monospace; }
table { border-collapse: collapse; }
th, td { border: 1px solid #8886; padding: .3rem .6rem; text-align: left; }
blockquote { border-left: .25rem solid #8886; margin-left: 0; padding-left: 1rem; }
img { max-width: 100%; height: auto; }
figure { margin: 1.5rem 0; }
"""
_READING_WIDTH = 100
"""The most columns that a post takes on a terminal."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*|\d{4}-\d{2}-\d{2}T[\d:.]+Z")


def show(post: Post, url: str, form: Literal["md", "html", "json"]) -> None:
    """Print the post: as Markdown, on a terminal formatted for reading, as a web page, or as one JSON document.

    Raises:
        EmdashError: EmDash could not render the content, and `form` is not ``json``.
    """
    if form == "json":
        from emdash_cli.views import json_form

        json_form.show(document(post, url))
        return
    if form == "html":
        output.data(page(post, url))
    elif output.is_terminal():
        _print_for_reading(post, url)
    else:
        output.data(markdown(post))
        for said in _said(post).values():
            output.notice(said)
    if post.content is None:
        output.notice("the post's content is not Portable Text, so EmDash shows nothing below the title")
    if post.has_changes:
        output.notice("the post has unpublished changes; this is the version that readers see")


def document(post: Post, url: str) -> posts.Post:
    """The post as a JSON document."""
    from emdash_cli.views.documents import posts

    return posts.Post.of(
        post,
        bylines=tuple(posts.Byline(**byline) for byline in post.bylines),
        terms=tuple(posts.Term(**term) for term in post.terms),
        seo=None if post.seo is None else posts.Seo(**post.seo),
        translations=tuple(posts.Translation(**translation) for translation in post.translations),
        url=url,
        distribution=announced.document(post.distribution),
    )


def page(post: Post, url: str) -> str:
    """The article as its readers see it, as one HTML document.

    Raises:
        EmdashError: EmDash could not render the content.
    """
    seo = post.seo or {}
    description = seo.get("description") or post.excerpt
    head = [
        "<!doctype html>",
        f'<html lang="{escape(post.locale)}">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(seo.get('title') or post.title)}</title>",
        f'<meta name="description" content="{escape(description)}">' if description else "",
        f'<link rel="canonical" href="{escape(seo.get("canonical") or url)}">',
        f"<style>{_STYLE}</style></head>",
        "<body><article>",
        f"<header><h1>{escape(post.title)}</h1>{_byline(post)}{_image(post.featured_image)}</header>",
    ]
    terms = [escape(label) for taxonomy in ("category", "tag") for label in post.labels(taxonomy)]
    footer = f"<footer>{' · '.join(terms)}</footer>" if terms else ""
    lines = [*head, to_html(_content(post)), footer, "</article></body></html>"]
    return "\n".join(line for line in lines if line)


def markdown(post: Post) -> str:
    """The text as Markdown, with front matter as in a queue file.

    Raises:
        EmdashError: EmDash could not render the content.
    """
    lines = [f"{key}: {_yaml(value)}" for key, value in header(post).items()]
    return "\n".join(["---", *lines, "---", "", to_markdown(_content(post)).rstrip()])


def header(post: Post) -> dict[str, Any]:
    """The fields of a post other than its text, by the field names of a queue file."""
    image = post.featured_image
    said = {
        "title": post.title,
        "slug": post.slug,
        "locale": post.locale,
        "status": post.status,
        "publish_at": post.scheduled_at or post.published_at,
        "expires_at": post.expires_at,
        "author": ", ".join(byline["name"] for byline in post.bylines),
        "category": ", ".join(post.labels("category")),
        "tags": post.labels("tag"),
        "excerpt": post.excerpt,
        "featured_image": image.get("src") if isinstance(image, dict) else image,
        "seo": {key: value for key, value in (post.seo or {}).items() if value},
    }
    return {key: value for key, value in said.items() if value}


def _print_for_reading(post: Post, url: str) -> None:
    """Print the post on a terminal, formatted for reading.

    Raises:
        EmdashError: EmDash could not render the content.
    """
    from rich.markdown import Markdown
    from rich.table import Table
    from rich.text import Text

    head = Table.grid(padding=(0, 2))
    for name, value in {**header(post), "url": url, **_said(post)}.items():
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        head.add_row(Text(name, style="dim"), Text(_printable(shown)))
    console = output.console()
    console.width = min(console.width, _READING_WIDTH)
    console.print(head, "", Markdown(_printable(to_markdown(_content(post)))))


def _said(post: Post) -> dict[str, str]:
    said = announced.sentence(post.distribution)
    return {"platforms": said} if said else {}


def _printable(text: str) -> str:
    """The text without control characters, which could control the terminal. Tabs and line breaks stay."""
    return "".join(char for char in text if char in "\n\t" or char.isprintable())


def _content(post: Post) -> str:
    try:
        return from_blocks(post.content or []).json
    except PortableTextError as error:
        raise EmdashError(
            f"the content of {post.slug} is not valid Portable Text: {error}",
            hint="use `emdash show --format json` to see it as stored, and fix it in EmDash's admin",
            code="bad_content",
        ) from error


def _yaml(value: Any) -> str:
    """A value in YAML's flow style, which includes JSON."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def _byline(post: Post) -> str:
    names = ", ".join(escape(byline["name"]) for byline in post.bylines)
    when = post.published_at or post.scheduled_at
    date = f'<time datetime="{escape(when)}">{escape(when[:10])}</time>' if when else escape(post.status)
    return f"<p>{' · '.join(part for part in (names, date) if part)}</p>"


def _image(image: Any) -> str:
    from emdash_cli.domain.portable_text.links import safe_src

    source = image.get("src") if isinstance(image, dict) else image
    src = safe_src(source) if isinstance(source, str) else None
    alt = str(image.get("alt") or "") if isinstance(image, dict) else ""
    return f'<figure><img src="{escape(src)}" alt="{escape(alt)}"></figure>' if src else ""
