"""Write posts back into a folder: as queue files, or as Markdown with front matter."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from emdash_cli.actions.read_post import post_of
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.portable_text import to_markdown
from emdash_cli.domain.queue_file import dump
from emdash_cli.domain.queue_file.front_matter_writer import to_front_matter
from emdash_cli.domain.slugs import is_valid_slug
from emdash_cli.inbox import folders
from emdash_cli.store import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from emdash_cli.actions.read_post import Post
    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Database, Row

Format = Literal["json", "md"]

_PAGE: Final = 100
_LOCALE: Final = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")


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
    """

    file: str
    slug: str
    locale: str
    post_id: str
    outcome: Written


class Request(NamedTuple):
    """What to write, and where; `is_preview`: only tell of it."""

    root: Path
    format: Format
    wanted: reading.Wanted
    is_preview: bool
    stopped: Callable[[], bool]


def export(request: Request, database: Database, names: FieldNames) -> Iterator[Exported]:
    """Write every post that is wanted, and tell of each; a file that is there is never written over.

    Raises:
        UsageError: there is a file in the place of the folder.
        DatabaseError: the store is unreachable or failing.
        QueueTroubleError: the folder or its disk does not take the files.
    """
    if request.root.exists() and not request.root.is_dir():
        raise UsageError(f"{request.root} is no folder", hint="name a folder, which need not be there yet")
    after = ""
    while not request.stopped():
        rows = database.query(reading.page(names, request.wanted, after, _PAGE))
        yield from _write(request, [_file(row, names, request.format) for row in rows])
        if len(rows) < _PAGE:
            return
        after = str(rows[-1]["id"])


class _File(NamedTuple):
    path: str
    raw: bytes
    post: Post


def _write(request: Request, files: list[_File]) -> Iterator[Exported]:
    """The files of one page; when they are told of, they are on the disk."""
    contents = {file.path: file.raw for file in files}
    if request.is_preview:
        states = {path: folders.compare(request.root / path, raw) for path, raw in contents.items()}
    else:
        states = folders.write_all(request.root, contents)
    for file in files:
        state = states[file.path]
        outcome = Written.WRITTEN if state is None else Written.UNCHANGED if state else Written.DIFFERS
        yield Exported(str(request.root / file.path), file.post.slug, file.post.locale, file.post.id, outcome)


def _file(row: Row, names: FieldNames, kind: Format) -> _File:
    post = post_of(row, names)
    document = _document(post, row)
    if kind == "json":
        raw = dump(document | {"content": post.content or []})
    else:
        raw = to_front_matter(document, to_markdown(json.dumps(post.content or []))).encode()
    locale = post.locale if _LOCALE.fullmatch(post.locale) else "other"
    name = post.slug if is_valid_slug(post.slug) else f"post-{re.sub('[^A-Za-z0-9]', '', post.id)}"
    return _File(f"{locale}/{name}.{kind}", raw, post)


def _document(post: Post, row: Row) -> dict[str, Any]:
    """The fields of a queue file, all but the text; what is empty is left out."""
    ledger = json.loads(str(row["ledger_metadata"] or "{}"))
    social = ledger.pop("social", None)
    categories, tags = post.labels("category"), post.labels("tag")
    document = {
        "id": _own_id(row["ledger_key"]),
        "title": post.title,
        "slug": post.slug if is_valid_slug(post.slug) else None,
        "excerpt": post.excerpt,
        "category": categories[0] if categories else None,
        "tags": tags,
        "locale": post.locale,
        "author": post.bylines[0]["name"] if post.bylines else None,
        "publish_at": post.scheduled_at if post.status == "scheduled" else post.published_at,
        "status": post.status if post.status in {"draft", "published", "scheduled"} else "draft",
        "translation_of": _own_id(row["source_key"]) or row["source_slug"],
        "seo": _without_nothing(post.seo),
        "featured_image": _image(post.featured_image),
        "platforms": json.loads(str(row["ledger_platforms"] or "[]")),
        "social": social,
        "metadata": ledger | _unsaid(post, categories),
    }
    return _without_nothing(document)


def _own_id(key: object) -> str | None:
    """The id that the article's file had; None if its text was its key."""
    kind, _, rest = str(key or "").partition(":")
    return rest.rpartition(":")[0] if kind == "id" else None


def _image(image: Any) -> dict[str, Any] | None:
    if isinstance(image, str):
        return {"src": image}
    if not isinstance(image, dict) or not image.get("src"):
        return None
    return _without_nothing({"src": image["src"], "alt": image.get("alt")})


def _unsaid(post: Post, categories: list[str]) -> dict[str, Any]:
    """What a post can have and a queue file has no field for."""
    return _without_nothing(
        {
            "more_categories": categories[1:],
            "more_authors": [byline["name"] for byline in post.bylines[1:]],
            "media": post.featured_image if not _image(post.featured_image) else None,
        }
    )


def _without_nothing(fields: dict[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (fields or {}).items() if value not in (None, "", [], {}, False)}
