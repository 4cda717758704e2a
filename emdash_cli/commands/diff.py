"""``emdash diff``."""

from __future__ import annotations

import typer  # noqa: TC002 - Typer reads the annotations when it runs

from emdash_cli.commands import options, who


def diff(
    context: typer.Context,
    slug: who.Slug,
    locale: who.Locale = None,
    as_json: options.AsJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Compare a post with what was scheduled or published.

    A scheduled post is compared with the copy that was kept when it was scheduled; use this when a sweep holds a post.
    For any other post, the live version is compared with the draft. The output is a unified diff of the fields and of
    the text as Markdown. If the Markdown is the same but the stored values differ (where a link opens, the file of an
    image, the header row of a table), each value that differs is printed with its path. If nothing differs, nothing is
    printed.

    \b
    Examples:
      emdash diff 042-caching
      emdash diff ueber-uns --locale de --json

    Exit codes: 0 success, whether or not they differ; 3 no such post; 4 the user is unknown or disabled; 6 the store
    fails.
    """
    from emdash_cli.scheduling.diff import diff as compare
    from emdash_cli.views.post_changes import show_difference

    settings = options.root(context).settings()
    with who.reading(settings, user) as session:
        found = compare(session, slug, locale)
    show_difference(found, as_json=as_json)
