"""``emdash show``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emdash_cli.commands import options, who
from emdash_cli.commands.completion import complete_slugs

if TYPE_CHECKING:
    from emdash_cli.posts.read import Post
    from emdash_cli.settings import Settings


class Format(StrEnum):
    """The formats of `emdash show`."""

    MD = "md"
    HTML = "html"
    JSON = "json"


def show(
    context: typer.Context,
    slug: Annotated[
        str, typer.Argument(metavar="SLUG", help="The post's slug.", autocompletion=complete_slugs, show_default=False)
    ],
    locale: Annotated[
        str | None,
        typer.Option(metavar="LOCALE", help="Locale of the post, such as en, if several posts share the slug."),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="md: Markdown (the default); html: a web page; json: all fields."),
    ] = None,
    as_json: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--json", help="Same as --format json.")
    ] = False,
    user: who.AsUser = None,
) -> None:
    r"""Show a post as its readers see it, or its draft.

    The Markdown has front matter with the field names of a queue file; on a terminal it is formatted for reading. The
    web page is self-contained and shows the article as on the site, without the page around it.

    \b
    Examples:
      emdash show 042-caching-at-the-edge
      emdash show hello-world --locale de
      emdash show hello-world | less                  the Markdown source
      emdash show hello-world -f html > hello.html
      emdash show hello-world --json | jq .terms

    Exit codes: 0 success; 2 invalid option, or several locales have the slug and none was chosen; 3 no such post; 4 the
    user is unknown or disabled; 6 the store fails.
    """
    from emdash_cli.posts.read import read_post
    from emdash_cli.views import output

    chosen = options.one_format(form, Format.JSON, as_json=as_json)
    settings = options.root(context).settings()
    with who.reading(settings, user) as session:
        post = read_post(session, slug, locale)
    if chosen is Format.JSON:
        output.json_document(_document(post, settings))
        return
    from emdash_cli.views import show_page

    if chosen is Format.HTML:
        output.data(show_page.page(post, _url(post, settings)))
    elif output.is_terminal():
        show_page.print_for_reading(post, _url(post, settings))
    else:
        output.data(show_page.markdown(post))
    if post.content is None:
        output.note("note: the post's content is not Portable Text, so EmDash shows nothing below the title")
    if post.has_changes:
        output.note("note: the post has unpublished changes; this is the version that readers see")


def _url(post: Post, settings: Settings) -> str:
    return settings.site_url + settings.paths.of(post.slug, post.locale)


def _document(post: Post, settings: Settings) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(post), "url": _url(post, settings)}
