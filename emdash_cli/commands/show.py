"""``emdash show``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from emdash_cli.commands import options, who


class Format(StrEnum):
    """The formats of `emdash show`."""

    MD = "md"
    HTML = "html"
    JSON = "json"


def show(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.Slug,
    locale: who.Locale = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="md: Markdown (the default); html: a web page; json: all fields."),
    ] = None,
    as_json: options.FormatJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Show a post as its readers see it, or its draft.

    The Markdown has front matter with the field names of a queue file; on a terminal it is formatted for reading. The
    web page is self-contained and shows the article as it appears on the site, without the surrounding page.

    Where platforms are set up, it also says how far the announcement has come, and what to do about a failure: on a
    terminal above the text, in a pipe on stderr.

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
    from emdash_cli.views import show_page as view

    chosen = options.one_format(form, Format.JSON, as_json=as_json)
    settings = options.root(context).settings()
    with who.reading(settings, user) as session:
        post = read_post(session, slug, locale)
    url = settings.site_url + settings.paths.of(post.slug, post.locale)
    view.show(post, url, (chosen or Format.MD).value)
