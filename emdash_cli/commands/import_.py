"""``emdash import``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import options, who

if TYPE_CHECKING:
    from emdash_cli.settings import OnChange, Settings, Stream
    from emdash_cli.transfer.sources import Rules, Source


class Dates(StrEnum):
    """The date of an article that has none."""

    NOW = "now"
    FILE = "file"
    NONE = "none"


def import_(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    from_archive: Annotated[
        Path | None, typer.Option(metavar="DIR", help="An emdash archive, or any folder of queue files.")
    ] = None,
    from_markdown: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Markdown files of a static site: Hugo, Jekyll, Astro, …")
    ] = None,
    stream: options.ChosenStream = None,
    date: Annotated[
        Dates | None,
        typer.Option(
            help="Date for articles without one: the current time, their file's modification time, or none (they "
            "become drafts)."
        ),
    ] = None,
    slug: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Pattern for the slugs of files that name none, with {yyyy} {mm} {dd} {name} {path} {title}, such as "
            "'{yyyy}-{mm}-{dd}-{name}'. [default: the file's name]",
        ),
    ] = None,
    hidden_as_draft: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool,
        typer.Option(
            "--hidden-as-draft",
            help="Import private, unlisted, expiring and similar pages as drafts instead of rejecting them.",
        ),
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Import at most N articles that were not imported before.")
    ] = None,
    update: Annotated[  # noqa: FBT002 - Typer's way to say an option without a value
        bool, typer.Option("--update", help="Update the posts of files that were edited since their import.")
    ] = False,
    as_draft: Annotated[  # noqa: FBT002
        bool, typer.Option("--as-draft", help="With --update: save the new text of a live post as a draft.")
    ] = False,
    announce: Annotated[  # noqa: FBT002
        bool, typer.Option("--announce", help="Announce the imported posts on the platforms of their stream or file.")
    ] = False,
    strict: options.Strict = False,  # noqa: FBT002
    dry_run: options.DryRun = False,  # noqa: FBT002
    as_json: options.AsJson = False,  # noqa: FBT002
    quiet: options.Quiet = False,  # noqa: FBT002
    user: who.AsUser = None,
) -> None:
    r"""Import every article of a folder.

    The folder is not changed. Articles are published as by `emdash publish-queue` and recorded in the same ledger. You
    can therefore run the command again after an interruption or after adding articles: articles that were imported
    before are reported as duplicates and not published again. The stream's cadence and per_run do not apply.

    --from-archive DIR reads the .json files below DIR, except in duplicate/, changed/, conflict/ and rejected/. Slugs
    are assigned as by `publish-queue`. Without --date, an article without publish_at gets its file's modification time.

    --from-markdown DIR reads the .md, .markdown and .mdx files below DIR, with front matter in YAML, TOML or JSON:

    Files: every file is an article, with these exceptions: a README in DIR itself; _index.md; other files beside an
    index.md, except in DIR itself; hidden files and folders; node_modules/, _site/, _includes/, _layouts/, _data/ and
    _sass/; vendor/, themes/, layouts/, archetypes/ and public/ beside a generator's settings; and, if DIR has _posts/,
    files outside _posts/ and _drafts/.

    Slugs: the slug in the front matter, or the file's name or, for an index.md, its folder's name. Two files with the
    same name, such as 2014-03-03-weekly.md and 2014-03-10-weekly.md in _posts/, would get the same slug; the second is
    reported as a conflict that names the first. --slug PATTERN gives them different slugs; {path} is the path without
    language, date and extension, with - for /.

    Dates: the date in the front matter or in the path: 2024-05-31-name.md, 2024/5/31/name.md, or the `path` of Zola's
    front matter. If an article has neither, nothing is imported until --date says which date such articles get. In a
    fresh git clone, every file has the time of the clone, so --date file is useless there. Articles with a future date
    are scheduled.

    Languages: name.de.md, de/name.md, posts/de/name.md and content.de/ are German if a stream has that locale, in any
    spelling (pt-BR, pt_br). They are translations of the file at the same path without the language. Pages that share a
    translationKey, lang_ref, page_id or ref are translations of one another, too.

    Drafts: files with draft: true or published: false and files in _drafts/ become drafts. Pages that are hidden,
    private, unlisted, protected, archived, members-only or expiring, or that have an unknown status, are rejected.
    --hidden-as-draft imports them as drafts, with a notice, and schedules those that are marked as published and have a
    future date.

    Tags: template tags of Jekyll, Eleventy, Hexo, Hugo and Zola, MDX components and attribute lists are replaced by
    equivalent Markdown. Those without an equivalent stay in the text and are reported; --strict rejects such files. In
    Jekyll's posts, `tags: a b` means two tags, as in Jekyll.

    Updates: a file that was edited since its import is recognised by its `id` or by its path below DIR, and reported as
    changed. With --update, the post gets the file's content: at once if it is live, or as a draft with --as-draft. The
    slug and the original date are kept, and so is everything that editors added on the site. If the text was also
    edited there, the file is reported as a conflict; a scheduled post is left as it is. --dry-run shows the
    differences.

    Announcements: imported posts are not announced, since they were published elsewhere before. With --announce, they
    are announced as those of `publish-queue` are: once, and not those that are dated before the platform was set up or
    are older than its stale_after. Articles with a future date are announced when they go live, with or without it.

    For details, see docs/importing.md and docs/template-tags.md.

    \b
    Examples:
      emdash import --from-markdown ~/hugo/content/posts --dry-run
      emdash import --from-markdown ~/jekyll --stream news --hidden-as-draft
      emdash import --from-markdown ~/jekyll --slug '{yyyy}-{mm}-{dd}-{name}'
      emdash import --from-markdown content --update --dry-run
      emdash import --from-markdown content --announce --dry-run
      emdash import --from-archive old/archive --json

    Exit codes: 0 success or nothing to do; 2 no such folder, or --date is needed; 3 something was rejected, changed or
    in conflict; 4 not allowed; 6 the store or a disk fails; 130 or 143 interrupted after the current group.
    """
    from emdash_cli import wiring
    from emdash_cli.commands.invocation import stoppable
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.transfer.import_files import Import, import_files
    from emdash_cli.transfer.sources import demand_dates
    from emdash_cli.views.output import progress
    from emdash_cli.views.publish_report import reporter

    if as_draft and not update:
        raise UsageError("--as-draft works only with --update", hint="add --update, or omit --as-draft")
    on_change: OnChange = ("draft" if as_draft else "update") if update else "report"
    settings = options.root(context).settings()
    chosen = settings.chosen_stream(stream)
    if not announce:  # A file may name platforms that it was announced on elsewhere.
        chosen = chosen._replace(known_platforms=())
    rules = _rules(settings, chosen, date, slug, strict=strict)._replace(hidden_as_draft=hidden_as_draft)
    source = _source(from_archive, from_markdown, rules)
    demand_dates(source, wiring.now())
    report = reporter(as_json=as_json, quiet=quiet, dry_run=dry_run)
    waits = (lambda _: None) if quiet else report.add_notice
    with (
        stoppable() as stop,
        report,
        wiring.open_session(settings, user, notice=waits) as session,
        progress("importing", lambda: len(source.names)) as advance,
    ):
        report.follow(session)
        for event in import_files(session, Import(source, chosen, limit, dry_run, stop, on_change, announce)):
            report.add(event)
            advance()
    raise typer.Exit(stop.exit_code or report.exit_code())


def _rules(settings: Settings, stream: Stream, date: Dates | None, slug: str | None, *, strict: bool) -> Rules:
    from emdash_cli.transfer.sources import Rules, Undated, slug_pattern

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
    from emdash_cli.domain.errors import UsageError
    from emdash_cli.transfer.sources import archive_source, markdown_source

    match archive, markdown:
        case Path() as root, None:
            return archive_source(root.expanduser(), rules)
        case None, Path() as root:
            return markdown_source(root.expanduser(), rules)
        case _:
            raise UsageError(
                "exactly one folder to import from is required",
                hint="give either --from-archive DIR or --from-markdown DIR",
            )
