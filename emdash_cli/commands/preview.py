"""``emdash preview``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emdash_cli.commands import options, who
from emdash_cli.commands.completion import complete_slugs

if TYPE_CHECKING:
    from emdash_cli.distribution.preview import Preview
    from emdash_cli.settings import Settings


class Format(StrEnum):
    """The formats of `emdash preview`."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


def preview(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="SLUG|FILE",
            help="The slug of a post, or a file as `emdash enqueue` takes it; - reads standard input.",
            autocompletion=complete_slugs,
        ),
    ],
    locale: who.Locale = None,
    platform: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this platform, even if the post is not announced there.")
    ] = None,
    stream: options.ChosenStream = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="text (the default); html: a web page; json: all fields."),
    ] = None,
    as_json: options.FormatJson = False,  # noqa: FBT002 - Typer's way to say an option without a value
    user: who.AsUser = None,
) -> None:
    r"""Show what each platform would get of a post or a file.

    The texts are those that would be sent: the file's own under `social`, or those of the templates in emdash.toml,
    shortened as each platform counts. Each is shown with its length, the platform's limit, warnings, and its price
    where the platform has one. In a request that is a JSON document, long texts are shortened, except with --json.
    Nothing is sent, and no secret is needed.

    An argument that contains a / or ends like a JSON or Markdown file is a FILE, anything else is a SLUG.

    \b
    Examples:
      emdash preview hello-world
      emdash preview drafts/article.md --platform x
      emdash preview hello-world --format html > preview.html
      emdash preview hello-world --json | jq '.platforms[].parts[].length'

    Exit codes: 0 success; 2 invalid option, no such platform, or several locales have the slug; 3 no such post, the
    file cannot be published, or nothing can be sent to a platform; 4 the user is unknown or disabled; 6 the store
    fails.
    """
    from emdash_cli.distribution.preview import preview_post
    from emdash_cli.domain.errors import Exit
    from emdash_cli.views import preview_page
    from emdash_cli.wiring import rendering

    chosen = options.one_format(form, Format.JSON, as_json=as_json) or Format.TEXT
    settings = options.root(context).settings()
    if _is_file(what):
        found = _of_file(settings, Path(what), stream, platform)
    else:
        with who.reading(settings, user) as session:
            found = preview_post(session, what, locale, platform, rendering(settings))
    preview_page.show(found, chosen.value)
    raise typer.Exit(Exit.PARTLY if any(each.problem for each in found.platforms) else Exit.DONE)


def _is_file(what: str) -> bool:
    from emdash_cli.publishing.enqueue import FILE_ENDINGS

    return what == "-" or "/" in what or Path(what).suffix.lower() in FILE_ENDINGS


def _of_file(settings: Settings, path: Path, stream: str | None, platform: str | None) -> Preview:
    import sys

    from emdash_cli import wiring
    from emdash_cli.distribution.preview import preview_file
    from emdash_cli.domain.errors import RefusedChangeError
    from emdash_cli.domain.queue_file import QueueFileError
    from emdash_cli.inbox.files import UnfitFileError
    from emdash_cli.publishing.enqueue import Submission

    task = Submission(
        settings.chosen_stream(stream), [path], sys.stdin.buffer, settings.timezone, is_preview=True,
        paths=settings.paths,
    )  # fmt: skip
    try:
        return preview_file(settings, task, wiring.now(), platform, wiring.rendering(settings))
    except QueueFileError as error:
        problems = "; ".join(str(problem) for problem in error.problems)
        raise RefusedChangeError(f"{path}: {problems}", hint="correct the file") from error
    except UnfitFileError as error:
        raise RefusedChangeError(f"{path}: {error}") from error
