"""``emdash edit``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import Annotated

import typer

from emdash_cli.commands import invocation, options, who


def edit(
    context: typer.Context,
    slug: who.Slug,
    file: Annotated[
        Path, typer.Option("--file", metavar="FILE", help="The new text: Markdown with front matter, or a queue file.")
    ],
    locale: who.Locale = None,
    user: who.AsUser = None,
    dry_run: options.DryRun = False,  # noqa: FBT002 - Typer's way to say an option without a value
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    r"""Give a draft or a published post a new draft from a file.

    Title, text, excerpt, featured image and slug are taken from the file; what it does not mention stays. A
    published post goes on showing what is live: the draft becomes public when it is scheduled and its time
    comes, its slug with it. A scheduled post is locked: unschedule it first. Authors edit their own posts,
    editors and admins all.

    \b
    FILE is Markdown, with front matter in YAML, TOML or JSON or none but a title, or JSON as it lies in a queue:
      ---
      title: Caching at the edge
      slug: caching-at-the-edge
      ---
      The text.

    \b
    Examples:
      emdash edit 042-caching --file caching.md --dry-run
      emdash edit 042-caching --file caching.md && emdash diff 042-caching
      emdash schedule 042-caching --at 'tomorrow 09:00'

    \b
    --json prints {"outcome", "slug", "locale", "post_id", "status", "fields", "not_changed", "by", "dry_run"};
    outcome is edited or unchanged.

    \b
    Exit codes: 0 done or nothing to change, 2 the file cannot be read, 3 the post cannot be edited, 4 not
    allowed, 6 the store fails.
    """
    from dataclasses import asdict

    from emdash_cli import wiring
    from emdash_cli.actions.edit import Request
    from emdash_cli.actions.edit import edit as edit_post
    from emdash_cli.actions.edited_file import read_file
    from emdash_cli.commands import output

    settings = options.root(context).settings()
    wanted = read_file(file, settings.timezone, wiring.now())
    request = Request(slug, locale, wanted, user, invocation.operator(), dry_run)
    with options.open_store(settings) as database:
        done = edit_post(request, database, settings.fields, wiring.now, wiring.id_source())
    if as_json:
        output.json_document({**asdict(done), "dry_run": dry_run})
        return
    if done.not_changed:
        output.note(f"note: an edit leaves as they are: {', '.join(done.not_changed)}")
    what = f"{'would be ' if dry_run and done.fields else ''}{done.outcome}"
    said = [output.styled(what, "cyan"), done.slug, done.locale, ", ".join(done.fields)]
    output.data(
        "\t".join(said).rstrip() if not output.is_terminal() else f"{said[0]} {done.slug}: {said[3]}".rstrip(": ")
    )
