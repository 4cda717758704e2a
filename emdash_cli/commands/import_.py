"""``emdash import``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import invocation, options, who

if TYPE_CHECKING:
    from emdash_cli.actions.import_files import Rules, Source
    from emdash_cli.settings import Settings, Stream


class Dates(StrEnum):
    """What an article gets that names no date."""

    NOW = "now"
    FILE = "file"
    NONE = "none"


def import_(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    from_archive: Annotated[
        Path | None, typer.Option(metavar="DIR", help="An archive of emdash, or any folder of queue files.")
    ] = None,
    from_markdown: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The Markdown files of a Hugo, Jekyll or Astro site.")
    ] = None,
    stream: options.StreamName = None,
    date: Annotated[
        Dates | None,
        typer.Option(
            help="Articles that name no date: publish them as of now, publish them as of their file's time of "
            "modification, or bring them in as drafts."
        ),
    ] = None,
    slug: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="How files get a slug that name none, of {yyyy} {mm} {dd} {name} {path} {title}, as in "
            "'{yyyy}-{mm}-{dd}-{name}'. [default: the file's name]",
        ),
    ] = None,
    hidden_as_draft: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool,
        typer.Option(
            "--hidden-as-draft",
            help="Bring in what is private, unlisted, expiring or the like as drafts, not reject it.",
        ),
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Bring in at most N articles that are not known yet.")
    ] = None,
    strict: options.Strict = False,  # noqa: FBT002 - Typer's way to say an option without a value
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Bring in all articles of a folder, which is left as it is.

    Each one is published as `emdash publish-queue` does it, by the same ledger: run it again after an interruption,
    or whenever articles were added; what is known already is a duplicate and is not published twice. Cadence and
    per_run of the stream do not apply.

    \b
    --from-markdown reads .md, .markdown and .mdx in all folders below, with front matter in YAML, TOML or JSON. The
    slug is the front matter's, else the name of the file, or of the folder of an index.md; a day in the path, as in
    2024-05-31-name.md, 2024/5/31/name.md or the path of Zola's front matter, is the date; _drafts/ holds drafts;
    name.de.md, de/name.md, posts/de/name.md and content.de/ are German where a stream has that locale, in any spelling
    (pt-BR, pt_br), and translations of the same path without it; pages with a translationKey, lang_ref, page_id or ref
    in common are translations of one another, too.
    Words in categories and tags of Jekyll's posts are one each, as Jekyll has it.
    Template tags of Jekyll, Eleventy, Hexo, Hugo and Zola, components in .mdx and attribute lists become what they
    mean; those without a plain meaning stay in the text and are reported (docs/template-tags.md). --strict rejects
    such files.
    No articles are: a README at the top; _index.md; what lies beside an index.md (but at the top); what is hidden or
    in node_modules/, _site/, _includes/, _layouts/, _data/ or _sass/; vendor/, themes/, layouts/, archetypes/ and
    public/ beside the settings of a generator; and, in a folder with _posts/, what is not in _posts/ or _drafts/.
    If articles name no date, neither in front matter nor in their path, nothing is brought in until --date says what
    they get. A fresh git clone gives all its files the time of the clone, so --date file is of no use there.
    Two files with one name, such as _posts/2014-03-03-weekly.md and _posts/2014-03-10-weekly.md, would have one slug,
    and the second is a conflict that names the first: --slug tells them apart. {path} is the path without language,
    date and ending, with - for /; a slug in the front matter goes before.
    What is a draft comes in as a draft (draft: true, published: false, _drafts/), and what has a date in the future is
    scheduled. What is hidden, private, unlisted, protected, archived, for members only, expiring, or has a status that
    is not known, is rejected; with --hidden-as-draft it comes in as a draft, with a notice, and what is marked as
    published in the future is scheduled.
    --from-archive reads .json in all folders below but duplicate/, conflict/ and rejected/. Slugs are given as by
    publish-queue; without --date, an article without a publish_at is dated by its file's time of modification.

    \b
    Examples:
      emdash import --from-markdown ~/hugo/content/posts --dry-run
      emdash import --from-markdown ~/jekyll --stream news --hidden-as-draft
      emdash import --from-markdown ~/jekyll --slug '{yyyy}-{mm}-{dd}-{name}'
      emdash import --from-archive old/archive --json

    \b
    Exit codes: 0 done or nothing to do, 2 no such folder, or --date is needed, 3 something was rejected or in conflict,
    6 the store or a disk fails, 130 or 143 interrupted after the group under way.
    """
    from emdash_cli import wiring
    from emdash_cli.actions.choose_stream import chosen_stream
    from emdash_cli.actions.import_files import Request, demand_dates, import_files
    from emdash_cli.commands.interrupts import stoppable
    from emdash_cli.commands.progress import progress
    from emdash_cli.commands.publish_report import reporter

    settings = options.root(context).settings()
    chosen = chosen_stream(settings, stream)
    rules = _rules(settings, chosen, date, slug, strict=strict)._replace(hidden_as_draft=hidden_as_draft)
    source = _source(from_archive, from_markdown, rules)
    demand_dates(source, wiring.now())
    report = reporter(as_json=as_json, quiet=quiet, dry_run=dry_run)
    waits = (lambda _: None) if quiet else report.noticed
    with (
        stoppable() as stop,
        report,
        wiring.open_database(settings, notice=waits) as database,
        progress("importing", lambda: len(source.names)) as advance,
    ):
        actor = invocation.permit(database, user, "publish")
        request = Request(source, chosen, limit, dry_run, stop, actor)
        for event in import_files(request, database, settings.fields, wiring.now, wiring.id_source()):
            report.tell(event)
            advance()
    raise typer.Exit(stop.exit_code or report.exit_code())


def _rules(settings: Settings, stream: Stream, date: Dates | None, slug: str | None, *, strict: bool) -> Rules:
    from emdash_cli.actions.import_files import Rules, Undated, slug_pattern

    return Rules(
        stream,
        settings.timezone,
        Undated(date.value) if date else None,
        settings.paths,
        None if settings.origins["site_url"] == "default" else settings.site_url,
        strict,
        slug_pattern(slug) if slug is not None else None,
        hidden_as_draft=False,
    )


def _source(archive: Path | None, markdown: Path | None, rules: Rules) -> Source:
    from emdash_cli.actions.import_files import archive_source, markdown_source
    from emdash_cli.domain.errors import UsageError

    match archive, markdown:
        case Path() as root, None:
            return archive_source(root.expanduser(), rules)
        case None, Path() as root:
            return markdown_source(root.expanduser(), rules)
        case _:
            raise UsageError("name one folder to import from", hint="give --from-archive DIR or --from-markdown DIR")
