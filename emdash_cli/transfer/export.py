"""Write posts back into a folder: as queue files, or as Markdown with front matter."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.errors import UsageError
from emdash_cli.inbox import folders
from emdash_cli.posts import sql
from emdash_cli.transfer.export_file import post_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Clock, Database
    from emdash_cli.transfer.export_file import Format, PostFile

_PAGE: Final = 100


class Written(StrEnum):
    """What became of a post's file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    DIFFERS = "differs"


class Exported(NamedTuple):
    """One post and its file.

    Attributes:
        file: its path.
        outcome: ``differs``: there is another file of that name, which was left as it is.
        lost: what an import of the file does not bring back.
    """

    file: str
    slug: str
    locale: str
    post_id: str
    outcome: Written
    lost: tuple[str, ...]


class Request(NamedTuple):
    """What to write, and where; `is_preview`: only tell of it."""

    root: Path
    format: Format
    wanted: sql.Wanted
    is_preview: bool
    stopped: Callable[[], bool]


def export(request: Request, database: Database, names: FieldNames, clock: Clock) -> Iterator[Exported]:
    """Write every post that is wanted, and tell of each; a file that is there is never written over.

    Raises:
        UsageError: there is a file in the place of the folder.
        DatabaseError: the store is unreachable or failing.
        QueueTroubleError: the folder or its disk does not take the files.
    """
    if request.root.exists() and not request.root.is_dir():
        raise UsageError(f"{request.root} is not a folder", hint="name a folder; it need not exist yet")
    after = ""
    while not request.stopped():
        rows = database.query(sql.page(names, request.wanted, after, _PAGE))
        yield from _write(request, [post_file(row, names, request.format, clock()) for row in rows])
        if len(rows) < _PAGE:
            return
        after = str(rows[-1]["id"])


def _write(request: Request, files: list[PostFile]) -> Iterator[Exported]:
    """The files of one page; when they are told of, they are on the disk."""
    contents = {file.path: file.raw for file in files}
    if request.is_preview:
        states = {path: folders.compare(request.root / path, raw) for path, raw in contents.items()}
    else:
        states = folders.write_all(request.root, contents)
    for file in files:
        state = states[file.path]
        outcome = Written.WRITTEN if state is None else Written.UNCHANGED if state else Written.DIFFERS
        post = file.post
        yield Exported(str(request.root / file.path), post.slug, post.locale, post.id, outcome, file.lost)
