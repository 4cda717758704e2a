"""``emdash edit``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated, Final

import typer

from emdash_cli.commands import options, who

if TYPE_CHECKING:
    from emdash_cli.scheduling.edit import Edited, Opened
    from emdash_cli.scheduling.edits import Edits
    from emdash_cli.store.session import Session

_NAMES: Final = {
    "title": "--title", "excerpt": "--excerpt", "slug": "--new-slug", "category": "--category", "tags": "--tag",
    "author": "--author", "featured_image": "--image", "featured_image.alt": "--image-alt",
    "translation_of": "--translation-of", "seo.title": "--seo-title", "seo.description": "--seo-description",
    "seo.image": "--seo-image", "seo.canonical": "--seo-canonical", "seo.no_index": "--no-index",
}  # fmt: skip
"""The option for each field of a queue file."""


def edit(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    slug: who.Slug,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Markdown with front matter, or a queue file.")
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="New title.")] = None,
    excerpt: Annotated[str | None, typer.Option(metavar="TEXT", help="New excerpt (summary).")] = None,
    new_slug: Annotated[
        str | None, typer.Option(metavar="SLUG", help="New slug; once it is live, the old address redirects to it.")
    ] = None,
    category: Annotated[
        str | None, typer.Option(metavar="NAME", help="New category; created if it does not exist.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Tag (repeatable); together they replace the current tags."),
    ] = None,
    author: Annotated[str | None, typer.Option(metavar="NAME", help="New byline, by name or slug.")] = None,
    image: Annotated[str | None, typer.Option(metavar="URL", help="New featured image.")] = None,
    image_alt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Description (alt text) of the featured image.")
    ] = None,
    translation_of: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Post in another language that this one translates.")
    ] = None,
    seo_title: Annotated[str | None, typer.Option(metavar="TEXT", help="Title for search results.")] = None,
    seo_description: Annotated[str | None, typer.Option(metavar="TEXT", help="Description for search results.")] = None,
    seo_image: Annotated[str | None, typer.Option(metavar="URL", help="Image for link previews.")] = None,
    seo_canonical: Annotated[
        str | None, typer.Option(metavar="URL", help="Canonical URL, if the original is elsewhere.")
    ] = None,
    no_index: Annotated[
        bool | None, typer.Option("--no-index/--index", help="Ask search engines to omit or to list the post.")
    ] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Clear a field (repeatable): excerpt, tags, seo, seo.title, …"),
    ] = None,
    locale: who.Locale = None,
    force: who.Force = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Edit a post: with options, from a file, or in your editor.

    Options and --file change only the fields that they name. Without either, on a terminal, the post opens in $VISUAL
    or $EDITOR as Markdown with front matter. A field that you remove is cleared, and an empty file cancels the edit. If
    the file has errors, it opens again with the errors at the top; if the edit fails, the file is kept. Text blocks
    that you do not touch keep what Markdown cannot express.

    Title, text, excerpt, featured image and slug are saved as a draft. A published post keeps showing its live version
    until the draft is published, for example with `emdash schedule SLUG --at now` and `emdash sweep`. If the slug
    changed, the old address then redirects to the new one. Category, tags, author, SEO and translation have no drafts
    in EmDash: they change immediately, on the site as well. If the excerpt is cleared, the first paragraph takes its
    place.

    A scheduled post is locked: unschedule it first, or let an admin use --force, which ends its schedule as well.
    Authors may edit their own posts. Editors and admins may edit all posts, and only they may change the author. If
    somebody else has changed the post since you opened it, the edit is refused.

    \b
    Examples:
      emdash edit 042-caching
      emdash edit 042-caching --tag edge --tag D1 --dry-run
      emdash edit 042-caching --clear category --new-slug caching-at-the-edge
      emdash edit 042-caching --file caching.md && emdash diff 042-caching

    Exit codes: 0 success or nothing to change; 2 a value or a file cannot be used; 3 the post cannot be edited; 4 not
    allowed; 6 the store fails.
    """
    from emdash_cli import wiring
    from emdash_cli.scheduling.edit import EditTarget, abandoned, open_post
    from emdash_cli.scheduling.edits import Options, combined, edits_of_options, read_file
    from emdash_cli.views.post_changes import show_edit

    values = (
        *(title, excerpt, new_slug, category, tag or None, author, image, image_alt, translation_of),
        *(seo_title, seo_description, seo_image, seo_canonical, no_index),
    )
    said = {name: value for name, value in zip(_NAMES, values, strict=True) if value is not None}
    given = Options(said, tuple(clear or ()), _NAMES)
    settings = options.root(context).settings()
    wanted: Edits | None = None
    if file is not None:
        wanted = read_file(file, settings.timezone, wiring.now())
    if given:
        edits = edits_of_options(given, settings.timezone, wiring.now())
        wanted = edits if wanted is None else combined(wanted, edits)
    if wanted is None:
        _require_terminal(slug)
    at = locale or (wanted.locale if wanted else None)
    with options.open_session(settings, user) as session:
        opened = open_post(session, EditTarget(slug, at, dry_run, force))
        done = _carry_out(session, opened, wanted) or abandoned(session, opened)
    show_edit(done, as_json=as_json, dry_run=dry_run)


def _require_terminal(slug: str) -> None:
    import sys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        from emdash_cli.domain.errors import UsageError

        raise UsageError(
            "nothing to change: no option was given, and the editor needs a terminal",
            hint=f"try `emdash edit {slug} --title TEXT`, --file FILE or another option; `emdash edit -h` lists them",
        )


def _carry_out(session: Session, opened: Opened, wanted: Edits | None) -> Edited | None:
    """Make the edit that the options or the editor ask for; None if it was abandoned in the editor."""
    from emdash_cli.scheduling.edit import edit as edit_post
    from emdash_cli.scheduling.edits import Edits, edits_of_text

    def make(edits: Edits) -> Edited:
        return edit_post(session, opened, edits)

    if wanted is not None:
        return make(wanted)
    from emdash_cli.commands import editor

    document = opened.post.document()

    def take(text: str) -> Edited:
        # A post may hold more than a queue file can express, so an unchanged document is not parsed.
        same = text == document
        return make(
            Edits({}) if same else edits_of_text(text, session.settings.timezone, session.clock(), is_whole=True)
        )

    return editor.edited(document, opened.target.slug, take, keep=opened.target.is_preview)
