"""Write posts back into a folder, as queue files or as Markdown with front matter, and report what each file loses."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from emdash_cli.domain.article import STATUSES
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.locales import Locales
from emdash_cli.domain.portable_text import to_markdown
from emdash_cli.domain.queue_file import MAX_FILE_BYTES, QueueFileError, checks, parse
from emdash_cli.domain.queue_file.shapes import MAX_METADATA_BYTES
from emdash_cli.domain.queue_file.site_pages import PageRules, parse_page, read_path
from emdash_cli.domain.queue_file.writing import dump, to_front_matter
from emdash_cli.domain.slugs import is_valid_slug
from emdash_cli.inbox import folders
from emdash_cli.posts import sql
from emdash_cli.posts.read import other_fields, post_of, text_of
from emdash_cli.publishing.articles import (
    RESERVED,
    digest_of,
    document_of,
    meaning_of,
    metadata_of,
    own_id,
    said_by,
    to_bring,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.ports import Row
    from emdash_cli.posts.read import Post
    from emdash_cli.store.session import Session


Format = Literal["json", "md"]

_LOCALE: Final = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_UTC: Final = ZoneInfo("UTC")
_ROOM_FOR_IDENTITY: Final = 1_000
"""Bytes of the metadata that are reserved for what identifies the article to an import."""


class PostFile(NamedTuple):
    """The file for a post.

    Attributes:
        path: relative to the folder of the export.
        lost: what an import of the file does not restore, one clause for each loss.
    """

    path: str
    raw: bytes
    post: Post
    lost: tuple[str, ...]


def post_file(row: Row, names: FieldNames, kind: Format, now: datetime) -> PostFile:
    """The file for a row of `posts.sql.page`."""
    post = post_of(row, names)
    locale = post.locale if _LOCALE.fullmatch(post.locale) else "other"
    name = post.slug if is_valid_slug(post.slug) else f"post-{re.sub('[^A-Za-z0-9]', '', post.id)}"
    path = f"{locale}/{name}.{kind}"
    document, body = _document(post, row), _body(post, text_of(row, names), kind)
    document, lost = _with_other_fields(document, other_fields(row, names))
    lost = [*_unsaid(post, row), *lost]
    if not _is_utf8(document | body):
        lost.append("it contains unpaired surrogates, which become ?")
        document, body = _as_utf8(document), _as_utf8(body)
    try:
        document = _with_identity(document, row, *_digests(path, document, body, now))
    except QueueFileError as error:
        problems = [str(problem._replace(line=None)) for problem in error.problems]
        lost.append(f"an import would refuse the file: {'; '.join(problems)}")
    raw = _raw(document, body, kind)
    if len(raw) > MAX_FILE_BYTES:
        lost.append(f"an import would refuse the file: it has {len(raw):,} bytes, more than {MAX_FILE_BYTES:,}")
    return PostFile(path, raw, post, tuple(lost))


def _with_other_fields(document: dict[str, Any], fields: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The mapping with the site's own fields in its metadata, and what an import does not restore of them."""
    kept: dict[str, Any] = {}
    lost = []
    for name, value in fields.items():
        grown = document.get("metadata", {}) | {"fields": kept | {name: value}}
        if isinstance(value, bytes) or len(json.dumps(grown)) > MAX_METADATA_BYTES - _ROOM_FOR_IDENTITY:
            lost.append(
                f"its field {name} is not in the file: metadata can hold text and numbers, up to 64 KB in total"
            )
        else:
            kept[name] = value
    if not kept:
        return document, lost
    lost.append(f"the site's own fields ({', '.join(kept)}) are only in metadata.fields of the file")
    return document | {"metadata": document.get("metadata", {}) | {"fields": kept}}, lost


def _body(post: Post, text: str | None, kind: Format) -> dict[str, Any]:
    if text is None and kind == "json":
        return {"content": post.content or []}
    if text is None:
        try:
            text = to_markdown(json.dumps(post.content or []))
        except (AttributeError, TypeError, ValueError):
            text = ""  # The content is not valid Portable Text, so the file is reported as one without a text.
    return {"body_text": text}


def _is_utf8(fields: dict[str, Any]) -> bool:
    try:
        json.dumps(fields, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_utf8(fields: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(fields, ensure_ascii=False).encode(errors="replace"))
    return found


def _raw(document: dict[str, Any], body: dict[str, Any], kind: Format) -> bytes:
    return dump(document | body) if kind == "json" else to_front_matter(document, body["body_text"]).encode()


def _digests(path: str, document: dict[str, Any], body: dict[str, Any], now: datetime) -> tuple[str, str]:
    """The digests of the file's text and of all its fields, as an import computes them.

    Raises:
        QueueFileError: an import refuses the file.
    """
    if path.endswith(".md"):
        parsed = parse_page(_raw(document, body, "md"), read_path(path, Locales()), PageRules(_UTC), now)
    else:
        # On one line, which takes a fraction of the time.
        parsed = parse(json.dumps(document | body).encode(), zone=_UTC, now=now)
    document_of(parsed)
    text = digest_of(parsed, str(document.get("locale") or ""))
    return text, meaning_of(parsed, text, said_by(parsed), metadata_of(parsed))


def _with_identity(document: dict[str, Any], row: Row, digest: str, meaning: str) -> dict[str, Any]:
    """The mapping with what identifies the article to an import, even if its source was in the other format."""
    metadata = document.get("metadata", {})
    brought = to_bring(row["ledger_key"], row["ledger_digest"], digest, meaning)
    if brought is None or RESERVED in metadata:
        return document
    grown = metadata | {RESERVED: brought}
    return document if len(json.dumps(grown)) > MAX_METADATA_BYTES else document | {"metadata": grown}


def _unsaid(post: Post, row: Row) -> Iterator[str]:
    """What the post has but a queue file has no field for."""
    if row["slug"] is not None and not is_valid_slug(post.slug):
        yield f"its slug {post.slug!r} is not valid here; an import creates another slug"
    if post.status not in STATUSES:
        yield f"its status {post.status!r} becomes draft"
    for key, what in (("more_categories", "further categories"), ("more_authors", "further bylines")):
        if more := _kept(post).get(key):
            yield f"its {what} ({', '.join(more)}) are only in metadata.{key} of the file"
    if roles := _kept(post).get("author_roles"):
        yield f"its byline roles ({', '.join(roles.values())}) are only in metadata.author_roles of the file"
    if terms := _kept(post).get("more_terms"):
        yield f"its terms of {', '.join(terms)} are only in metadata.more_terms of the file"
    if _kept(post).get("media"):
        yield "its featured image is in the media library, and is only in metadata.media of the file"


def _document(post: Post, row: Row) -> dict[str, Any]:
    """All fields of a queue file except the text. Empty fields are omitted."""
    ledger = json.loads(str(row["ledger_metadata"] or "{}"))
    social = ledger.pop("social") if _is_social(ledger.get("social")) else None
    categories, tags = post.labels("category"), post.labels("tag")
    document = {
        "id": own_id(row["ledger_key"]),
        "title": post.title,
        "slug": post.slug if is_valid_slug(post.slug) else None,
        "excerpt": post.excerpt,
        "category": categories[0] if categories else None,
        "tags": tags,
        "locale": post.locale,
        "author": post.bylines[0]["name"] if post.bylines else None,
        "publish_at": post.scheduled_at if post.status == "scheduled" else post.published_at,
        "status": post.status if post.status in STATUSES else "draft",
        "expires_at": post.expires_at,
        "translation_of": own_id(row["source_key"]) or row["source_slug"],
        "seo": _without_nothing(post.seo),
        "featured_image": _image(post.featured_image),
        "platforms": json.loads(str(row["ledger_platforms"] or "null")),
        "social": social,
        "metadata": ledger | _kept(post),
    }
    return _without_nothing(document)


def _is_social(value: object) -> bool:
    """Whether it can be the field; what a file had in its metadata under that name may be anything."""
    try:
        return isinstance(value, dict) and bool(checks.social(value))
    except checks.CheckError:
        return False


def _image(image: Any) -> dict[str, Any] | None:
    if isinstance(image, str):
        return {"src": image}
    if not isinstance(image, dict) or not image.get("src"):
        return None
    return _without_nothing({"src": image["src"], "alt": image.get("alt")})


def _kept(post: Post) -> dict[str, Any]:
    """What a queue file has no field for, kept for a person to look up."""
    terms: dict[str, list[str]] = {}
    for term in post.terms:
        if term["taxonomy"] not in {"category", "tag"}:
            terms.setdefault(term["taxonomy"], []).append(term["label"])
    return _without_nothing(
        {
            "more_categories": post.labels("category")[1:],
            "more_authors": [byline["name"] for byline in post.bylines[1:]],
            "author_roles": {byline["name"]: byline["role"] for byline in post.bylines if byline["role"]},
            "more_terms": terms,
            "media": post.featured_image if not _image(post.featured_image) else None,
        }
    )


def _without_nothing(fields: dict[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (fields or {}).items() if value not in (None, "", [], {}, False)}


_PAGE: Final = 100


class Written(StrEnum):
    """What happened to a post's file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    DIFFERS = "differs"


class Exported(NamedTuple):
    """One post and its file.

    Attributes:
        file: the path of the file.
        outcome: ``differs`` if a different file of that name exists, which was left as it is.
        lost: what an import of the file does not restore.
    """

    file: str
    slug: str
    locale: str
    post_id: str
    outcome: Written
    lost: tuple[str, ...]


class Export(NamedTuple):
    """What to write, and where. With `is_preview`, it is only reported."""

    root: Path
    format: Format
    wanted: sql.Selection
    is_preview: bool
    stopped: Callable[[], bool]


def export(session: Session, task: Export) -> Iterator[Exported]:
    """Write every selected post and report each. An existing file is never overwritten.

    Raises:
        UsageError: the path of the folder is a file.
        DatabaseError: the store is unreachable or failing.
        QueueTroubleError: the folder or its disk cannot be written.
    """
    if task.root.exists() and not task.root.is_dir():
        raise UsageError(f"{task.root} is not a folder", hint="name a folder; it need not exist yet")
    after = ""
    while not task.stopped():
        rows = session.database.query(sql.page(session.names, task.wanted, after, _PAGE))
        yield from _write(task, [post_file(row, session.names, task.format, session.clock()) for row in rows])
        if len(rows) < _PAGE:
            return
        after = str(rows[-1]["id"])


def _write(task: Export, files: list[PostFile]) -> Iterator[Exported]:
    """Write the files of one page. They are on disk before they are reported."""
    contents = {file.path: file.raw for file in files}
    if task.is_preview:
        states = {path: folders.compare(task.root / path, raw) for path, raw in contents.items()}
    else:
        states = folders.write_all(task.root, contents)
    for file in files:
        state = states[file.path]
        outcome = Written.WRITTEN if state is None else Written.UNCHANGED if state else Written.DIFFERS
        post = file.post
        yield Exported(str(task.root / file.path), post.slug, post.locale, post.id, outcome, file.lost)
