"""``emdash jsonld``."""

from __future__ import annotations

from typing import Annotated

import typer

from emdash_cli.commands import options, who


def jsonld(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.Slug,
    locale: who.Locale = None,
    publisher: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the publishing organisation. [default: the site's host]"),
    ] = None,
    script: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--script", help="Wrap it in a <script> element for a page's <head>.")
    ] = False,
    user: who.AsUser = None,
) -> None:
    r"""Print a post's structured data for search engines.

    It is JSON-LD, a BlogPosting of schema.org with headline, description, images, authors, publisher, page, keywords,
    section, language and word count. Times have the offset of the time zone in the settings. `dateModified` is there
    only if title or text have changed since publication: another tag or image does not move it.

    EmDash makes a shorter BlogPosting itself where a template has <EmDashHead>; see docs/json-ld.md.

    \b
    Examples:
      emdash jsonld hello-world
      emdash jsonld hello-world --publisher 'Example Ltd' --script

    Exit codes: 0 success; 2 invalid option, or several locales have the slug and none was chosen; 3 no such post, or it
    is not public; 4 the user is unknown or disabled; 6 the store fails.
    """
    import json

    from emdash_cli.posts.jsonld import blog_posting
    from emdash_cli.views import output

    settings = options.root(context).settings()
    with who.reading(settings, user) as session:
        found = blog_posting(session, slug, locale, publisher)
    # In a page, "</script>" in a title would end the element.
    text = json.dumps(found, ensure_ascii=False, indent=2).replace("<", "\\u003c")
    output.data(f'<script type="application/ld+json">\n{text}\n</script>' if script else text)
