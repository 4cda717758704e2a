"""Turn a document of known keys into a `QueueFile`, or report everything that is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emdash_cli.domain.queue_file import checks
from emdash_cli.domain.queue_file.checks import CheckError
from emdash_cli.domain.queue_file.fences import holds_front_matter
from emdash_cli.domain.queue_file.mapping import NO_STATUS, TOO_EARLY, Fault, Mapped, sort_keys
from emdash_cli.domain.queue_file.readings import AS_DRAFT, EXPIRED, GIVE_MARKDOWN
from emdash_cli.domain.queue_file.shapes import (
    FeaturedImage,
    Problem,
    QueueFile,
    QueueFileError,
    Seo,
    quoted,
    shown_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pydantic_core import ErrorDetails

    from emdash_cli.domain.article import Status
    from emdash_cli.domain.queue_file.strict_json import Path

_KINDS = {
    "string_type": "text",
    "bool_type": "true or false",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def validate(
    document: dict[str, Any],
    *,
    line_of: Callable[[Path], int | None],
    zone: ZoneInfo,
    now: datetime,
    notices: tuple[Problem, ...] = (),
) -> QueueFile:
    """Check a document and convert it to the form that the program uses.

    Args:
        document: the keys and values of a file for any tool.
        line_of: returns the line of a part of the document; called only if something is wrong.
        zone: for times without one.
        now: the present instant, aware.
        notices: remarks from reading the document that do not stop it.

    Raises:
        QueueFileError: lists all problems that were found.
    """
    mapped = sort_keys(document)
    faults = list(mapped.faults)
    found = checks.checked(mapped.data, zone) or _checked(mapped, zone, faults)
    has_text = "body_text" in mapped.data or "blocks" in mapped.data
    # A text in another form has been refused with this hint already.
    if not has_text and all(fault.hint != GIVE_MARKDOWN for fault in faults):
        faults.append(Fault((), "there is no text", GIVE_MARKDOWN))
    body = mapped.data.get("body_text")
    if isinstance(body, str) and holds_front_matter(body):
        # If it were published as it is, the page would show it, and a draft would go live.
        hint = "move its keys into the front matter of the file, and delete it from the text"
        faults.append(Fault(mapped.origin(("body_text",)), "the text starts with front matter of its own", hint))
    status = None
    if found:
        status = _status(found, now, mapped, faults)
        if status != "draft":
            faults += _too_late(found, now, mapped)
    if faults or found is None:
        raise QueueFileError(
            Problem(line_of(path), shown_path(path) or None, message, hint) for path, message, hint in faults
        )
    return _queue_file(found, status, (*notices, *_replaced_slug(found, mapped, line_of)))


def _checked(mapped: Mapped, zone: ZoneInfo, faults: list[Fault]) -> dict[str, Any] | None:
    """The fields in their final form; None if something is wrong, which is then added to the faults."""
    from pydantic import ValidationError

    from emdash_cli.domain.queue_file.model import QueueDocument

    try:
        found = QueueDocument.model_validate(mapped.data, context={"zone": zone})
    except ValidationError as error:
        faults += [_fault(detail, mapped) for detail in error.errors(include_url=False)]
        return None
    seo, image = found.seo, found.featured_image
    return {
        **dict(found),
        "seo": Seo(**dict(seo)) if seo else None,
        "featured_image": FeaturedImage(**dict(image)) if image else None,
    }


def _status(found: Mapping[str, Any], now: datetime, mapped: Mapped, faults: list[Fault]) -> Status | None:
    """The status that the file asks for; see `QueueFile.status`."""
    at: datetime | None = found.get("publish_at")
    said: Status | None = found.get("status")
    if at is None:
        if said == "scheduled":
            hint = 'add "publish_at", or write "status": "draft"'
            faults.append(Fault(mapped.origin(("status",)), "scheduled, but no time is given", hint))
        return said
    if said == "draft":
        return "draft"
    if at <= now:
        return "published"
    if said == "published":
        faults.append(Fault(mapped.origin(("status",)), TOO_EARLY, 'write "scheduled", or omit status'))
    return "scheduled"


def _too_late(found: Mapping[str, Any], now: datetime, mapped: Mapped) -> Iterator[Fault]:
    """A fault if the article would expire before it is published, or has expired."""
    ends, begins = found.get("expires_at"), found.get("publish_at")
    if ends is None:
        return
    path = mapped.origin(("expires_at",))
    if begins and begins > now and ends <= begins:
        yield Fault(path, "is not after publish_at", "give a later time, or remove it")
    elif ends <= now:
        yield Fault(path, EXPIRED, AS_DRAFT)


def _replaced_slug(
    found: Mapping[str, Any], mapped: Mapped, line_of: Callable[[Path], int | None]
) -> Iterator[Problem]:
    """A notice if the slug lost more than its capitals."""
    said, slug = mapped.data.get("slug"), found.get("slug")
    if slug and isinstance(said, str) and said.strip().lower() != slug:
        path = mapped.origin(("slug",))
        message = f"{quoted(said)} is not a slug: {quoted(slug)} is used"
        yield Problem(line_of(path), shown_path(path), message)


def _fault(detail: ErrorDetails, mapped: Mapped) -> Fault:
    path: Path = tuple(detail["loc"])
    message, hint = _explained(detail)
    if detail["type"] == "missing":
        return Fault((*mapped.origin(path[:-1]), path[-1]), message, hint)
    part = getattr(detail.get("ctx", {}).get("error"), "part", None)
    return Fault(mapped.origin(path if part is None else (*path, part)), message, hint)


def _explained(detail: ErrorDetails) -> tuple[str, str]:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}, not {_named(value)}", ""
    match kind:
        case "value_error" if isinstance(error := context["error"], CheckError):
            found = (error.message, error.hint)
        case "missing":
            found = ("is missing", "")
        case "literal_error":
            shown = quoted(value) if isinstance(value, str) else _named(value)
            found = (f"is {shown}, {NO_STATUS}", "write draft, published or scheduled")
        case "string_too_short":
            found = ("is blank", "")
        case "string_too_long":
            found = (
                f"has {len(value)} characters; at most {context['max_length']} are allowed",
                "shorten it",
            )
        case "too_long":
            found = (
                f"has {context['actual_length']} entries; at most {context['max_length']} are allowed",
                "",
            )
        case _:
            found = (detail["msg"], "")
    return found


def _named(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    kinds = {dict: "an object", list: "a list", str: "text", int: "a number", float: "a number"}
    return kinds.get(type(value), "null")


def _queue_file(found: Mapping[str, Any], status: Status | None, notices: tuple[Problem, ...]) -> QueueFile:
    get = found.get
    return QueueFile(
        title=found["title"],
        markdown=get("body_text"),
        blocks=get("blocks"),
        id=get("id"),
        slug=get("slug"),
        excerpt=get("excerpt"),
        category=get("category"),
        tags=tuple(dict.fromkeys(get("tags") or ())),
        locale=get("locale"),
        author=get("author"),
        publish_at=get("publish_at"),
        status=status,
        expires_at=get("expires_at"),
        translation_of=get("translation_of"),
        seo=get("seo"),
        featured_image=get("featured_image"),
        platforms=None if (wanted := get("platforms")) is None else tuple(dict.fromkeys(wanted)),
        social=get("social") or {},
        metadata=dict(get("metadata") or {}),
        notices=notices,
    )
