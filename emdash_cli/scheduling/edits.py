"""What an edit asks for: from the options of the command line, from a file, or from a document that was edited."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.portable_text import Document, PortableTextError, from_blocks, from_markdown
from emdash_cli.domain.queue_file import MAX_FILE_BYTES, QueueFile, QueueFileError, parse, validate
from emdash_cli.domain.queue_file.front_matter import take_apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

SEO_PARTS: Final = ("title", "description", "image", "canonical", "no_index")
TEXT_FIELDS: Final = ("title", "content", "excerpt", "featured_image", "slug")
"""What an edit puts into the draft."""
FIELDS_AT_ONCE: Final = ("category", "tags", "author", "translation_of", *(f"seo.{part}" for part in SEO_PARTS))
"""What EmDash keeps beside the revisions of a post, so that it has no draft."""
CLEARABLE: Final = ("excerpt", "featured_image", "category", "tags", "author", "translation_of", "seo",
                    *(f"seo.{part}" for part in SEO_PARTS))  # fmt: skip
MARK: Final = "#|"
"""Begins the lines that `emdash edit` writes above a document, and that are not part of it."""
WHOLE: Final = f"{MARK} emdash edit"
"""Begins a document that says everything of its post, so that what it lacks was taken out."""

_UNTOUCHED: Final = ("publish_at", "status", "platforms", "social")
"""What a queue file can say of a post and an edit leaves as it is."""


@dataclass(frozen=True, slots=True)
class NewText:
    """The text that a post is to have: Markdown, or Portable Text, and what either is as a document."""

    markdown: str | None
    document: Document


@dataclass(frozen=True, slots=True)
class Edits:
    """What a post is to say.

    Attributes:
        values: by `TEXT_FIELDS` and `FIELDS_AT_ONCE`, and ``featured_image.alt``; None clears a field, and one that
            is missing stays as it is. ``content`` is a `NewText`.
        is_whole: whether a field that the post has and `values` lack is to be cleared.
        locale: that the file names.
        not_changed: names of what the file says and an edit does not touch.
        notices: what the author of the file should know.
    """

    values: Mapping[str, Any]
    is_whole: bool = False
    locale: str | None = None
    not_changed: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Attributes:
        said: values by the names of a queue file, ``seo.title`` among them; all of them texts, lists or booleans.
        cleared: names of `CLEARABLE`.
        names: of the options that say them, for messages.
    """

    said: Mapping[str, Any] = field(default_factory=dict)
    cleared: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.said or self.cleared)


def edits_of_options(options: Options, zone: ZoneInfo, now: datetime) -> Edits:
    """What the options ask for.

    Raises:
        UsageError: a value that a post cannot have, a field that cannot be cleared, or one both set and cleared.
    """
    cleared = _cleared(options)
    document: dict[str, Any] = {"title": "-", "body_text": "-"}
    for name, value in options.said.items():
        if name == "featured_image.alt":
            continue
        outer, _, part = name.partition(".")
        if part:
            document.setdefault(outer, {})[part] = value
        else:
            document[name] = value
    if alt := options.said.get("featured_image.alt"):
        # Alone, it describes the picture that is there.
        image = document.setdefault("featured_image", {"src": "/"})
        document["featured_image"] = {"src": image, "alt": alt} if isinstance(image, str) else {**image, "alt": alt}
    try:
        wish = validate(document, line_of=lambda _: None, zone=zone, now=now)
    except QueueFileError as error:
        problems = "; ".join(_of_option(str(problem), problem.field, options.names) for problem in error.problems)
        raise UsageError(problems) from error
    found = {name: value for name, value in _values(wish) if name in options.said}
    _refuse_blank(options, found)
    if "featured_image.alt" in options.said and "featured_image" not in options.said:
        found["featured_image.alt"] = (wish.featured_image.alt if wish.featured_image else None) or ""
    notices = tuple(_of_option(str(notice), notice.field, options.names) for notice in wish.notices)
    return Edits({**dict.fromkeys(cleared), **found}, notices=notices)


def _refuse_blank(options: Options, found: Mapping[str, Any]) -> None:
    """A blank value would be left out, as in a queue file, and change nothing without a word."""
    for name in options.said:
        if name not in found and name != "featured_image.alt":
            hint = f"to clear the field: --clear {name}" if name in CLEARABLE else "give a value"
            raise UsageError(f"{options.names[name]} is blank", hint=hint)


def together(first: Edits, then: Edits) -> Edits:
    """Both; where they contradict each other, what `then` says."""
    return replace(first, values={**first.values, **then.values}, notices=(*first.notices, *then.notices))


def read_file(path: Path, zone: ZoneInfo, now: datetime) -> Edits:
    """What a file asks for: a queue file, or, unless its name ends in .json, Markdown.

    Raises:
        UsageError: it cannot be read, with every problem that was found.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if len(raw) > MAX_FILE_BYTES:
        raise UsageError(f"{path} has {len(raw):,} bytes, and {MAX_FILE_BYTES:,} is the most")
    try:
        if path.suffix.lower() == ".json":
            return _edits_of_wish(parse(raw, zone=zone, now=now))
        return edits_of_text(raw.decode("utf-8"), zone, now)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
    except QueueFileError as error:
        raise UsageError(f"{path}: {'; '.join(str(problem) for problem in error.problems)}") from error
    except PortableTextError as error:
        raise UsageError(f"{path}: {error}", hint="see docs/portable-text.md") from error


def edits_of_text(text: str, zone: ZoneInfo, now: datetime, *, is_whole: bool | None = None) -> Edits:
    """What Markdown with front matter asks for; the lines that begin with `MARK`, at its top, do not count.

    Args:
        text: of the file.
        zone: of times that name none.
        now: the present instant.
        is_whole: see `Edits`; None: whether the text begins with `WHOLE`. A whole document may lack a text, since its
            post may.

    Raises:
        QueueFileError: it cannot be read, with the lines of the text as it is given.
        PortableTextError: its text is nested too deeply.
    """
    is_whole = text.startswith(WHOLE) if is_whole is None else is_whole
    body = without_marks(text)
    above = text[: len(text) - len(body)].count("\n")
    try:
        markdown = take_apart(body)
        document = markdown.document
        lacks_text = is_whole and not str(document.get("body_text", "")).strip()
        if lacks_text:
            document = {**document, "body_text": "-"}
        wish = validate(document, line_of=markdown.line, zone=zone, now=now, notices=markdown.notices)
    except QueueFileError as error:
        moved = [
            problem if problem.line is None else problem._replace(line=problem.line + above)
            for problem in error.problems
        ]
        raise QueueFileError(moved) from error
    found = _edits_of_wish(wish)
    kept = {name: value for name, value in found.values.items() if not (lacks_text and name == "content")}
    return replace(found, values=kept, is_whole=is_whole)


def without_marks(text: str) -> str:
    """The document below the lines that `emdash edit` has written above it."""
    while text.startswith(MARK):
        text = text.partition("\n")[2]
    return text


def _edits_of_wish(wish: QueueFile) -> Edits:
    document = from_markdown(wish.markdown) if wish.markdown is not None else from_blocks(wish.blocks or [])
    values = {"title": wish.title, "content": NewText(wish.markdown, document), **dict(_values(wish))}
    untouched = tuple(name for name in _UNTOUCHED if getattr(wish, name))
    return Edits(values, locale=wish.locale, not_changed=untouched, notices=tuple(map(str, wish.notices)))


def _values(wish: QueueFile) -> Iterable[tuple[str, Any]]:
    """What the wish says, beside its text."""
    yield "title", wish.title
    for name in ("slug", "excerpt", "category", "tags", "author", "translation_of", "featured_image"):
        if value := getattr(wish, name):
            yield name, value
    for part in SEO_PARTS:
        if wish.seo and (value := getattr(wish.seo, part)) is not None:
            yield f"seo.{part}", value


def _cleared(options: Options) -> list[str]:
    cleared: list[str] = []
    for name in options.cleared:
        key = name.replace("-", "_")
        if key not in CLEARABLE:
            raise UsageError(
                f"--clear {name}: there is no such field, or a post cannot be without it",
                hint=f"what can be cleared: {', '.join(CLEARABLE)}",
            )
        cleared += [f"seo.{part}" for part in SEO_PARTS] if key == "seo" else [key]
    both = [name for name in options.said if name in cleared or name.partition(".")[0] in options.cleared]
    if both and not all(name.startswith("seo.") and "seo" in options.cleared for name in both):
        raise UsageError(f"{options.names[both[0]]} and --clear contradict each other", hint="leave one of them out")
    return cleared


def _of_option(problem: str, at: str | None, names: Mapping[str, str]) -> str:
    """A problem, under the name of the option in which the value stands."""
    at = at or ""
    option = next((option for name, option in names.items() if at.split("[")[0] in (name, f"{name}.src")), None)
    return f"{option}{problem.removeprefix(at)}" if option and at else problem
