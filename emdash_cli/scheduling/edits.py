"""The fields that an edit can change: read from options or a file, written as a document, and applied to a post.

`Edits` come from command-line options, from a file, or from a document changed in an editor. An `Editable` is a post
with every field that a queue file can have: it writes the document to edit, and the edits are applied to it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.article import Term
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.portable_text import Document, PortableTextError, from_blocks, from_markdown, to_markdown
from emdash_cli.domain.post_text import STAGED_SLUG, as_text, read
from emdash_cli.domain.queue_file import MAX_FILE_BYTES, QueueFile, QueueFileError, parse, validate
from emdash_cli.domain.queue_file.front_matter import take_apart
from emdash_cli.domain.queue_file.writing import to_front_matter
from emdash_cli.domain.slugs import is_valid_slug
from emdash_cli.posts.read import plain_content, post_of
from emdash_cli.publishing.articles import term_slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.article import FieldNames
    from emdash_cli.domain.ports import Row
    from emdash_cli.posts.read import Post
    from emdash_cli.store.layout import Layout

SEO_PARTS: Final = ("title", "description", "image", "canonical", "no_index")
TEXT_FIELDS: Final = ("title", "content", "excerpt", "featured_image", "slug")
"""Fields that an edit writes into the draft."""
FIELDS_AT_ONCE: Final = ("category", "tags", "author", "translation_of", *(f"seo.{part}" for part in SEO_PARTS))
"""Fields that EmDash keeps outside the revisions of a post, so that they have no draft."""
CLEARABLE: Final = ("excerpt", "featured_image", "category", "tags", "author", "translation_of", "seo",
                    *(f"seo.{part}" for part in SEO_PARTS))  # fmt: skip
MARK: Final = "#|"
"""Starts the lines that `emdash edit` writes above a document, which are not part of it."""
WHOLE: Final = f"{MARK} emdash edit"
"""Starts a document with all fields of its post. The user removed a field that is missing."""

UNTOUCHED: Final = ("publish_at", "status", "expires_at", "platforms", "social", "metadata")
"""Fields of a queue file that an edit does not change."""


@dataclass(frozen=True, slots=True)
class NewText:
    """The new text of a post: its Markdown, None if it was given as Portable Text, and the resulting document."""

    markdown: str | None
    document: Document


@dataclass(frozen=True, slots=True)
class Edits:
    """The new values of a post.

    Attributes:
        values: by `TEXT_FIELDS` and `FIELDS_AT_ONCE`, and ``featured_image.alt``; None clears a field; a field that is
            missing stays as it is. ``content`` is a `NewText`.
        is_whole: whether fields of the post that are missing from `values` are cleared.
        locale: as given in the file.
        not_changed: names of fields in the file that an edit cannot change.
        notices: remarks for the author of the file.
    """

    values: Mapping[str, Any]
    is_whole: bool = False
    locale: str | None = None
    not_changed: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line.

    Attributes:
        said: values by field name of a queue file, such as ``seo.title``; strings, lists or booleans.
        cleared: names of `CLEARABLE`.
        names: the option of each field, for messages.
    """

    said: Mapping[str, Any] = field(default_factory=dict)
    cleared: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.said or self.cleared)


def edits_of_options(options: Options, zone: ZoneInfo, now: datetime) -> Edits:
    """The edits that the options ask for.

    Raises:
        UsageError: a value is invalid, a field cannot be cleared, or a field is both set and cleared.
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
        # Without a new image, it describes the present one.
        image = document.setdefault("featured_image", {"src": "/"})
        document["featured_image"] = {"src": image, "alt": alt} if isinstance(image, str) else {**image, "alt": alt}
    try:
        file = validate(document, line_of=lambda _: None, zone=zone, now=now)
    except QueueFileError as error:
        problems = "; ".join(_of_option(str(problem), problem.field, options.names) for problem in error.problems)
        raise UsageError(problems) from error
    found = {name: value for name, value in _values(file) if name in options.said}
    _refuse_blank(options, found)
    if "featured_image.alt" in options.said and "featured_image" not in options.said:
        found["featured_image.alt"] = (file.featured_image.alt if file.featured_image else None) or ""
    notices = tuple(_of_option(str(notice), notice.field, options.names) for notice in file.notices)
    return Edits({**dict.fromkeys(cleared), **found}, notices=notices)


def _refuse_blank(options: Options, found: Mapping[str, Any]) -> None:
    """Refuse a blank value, which would be dropped as in a queue file and change nothing without saying so."""
    for name in options.said:
        if name not in found and name != "featured_image.alt":
            hint = f"to clear the field: --clear {name}" if name in CLEARABLE else "give a value"
            raise UsageError(f"{options.names[name]} is blank", hint=hint)


def combined(first: Edits, then: Edits) -> Edits:
    """The combined edits; `then` wins if they contradict each other."""
    return replace(first, values={**first.values, **then.values}, notices=(*first.notices, *then.notices))


def read_file(path: Path, zone: ZoneInfo, now: datetime) -> Edits:
    """The edits in a file: a queue file if its name ends in .json, Markdown otherwise.

    Raises:
        UsageError: the file cannot be read; the message lists every problem.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if len(raw) > MAX_FILE_BYTES:
        raise UsageError(f"{path} has {len(raw):,} bytes; the maximum is {MAX_FILE_BYTES:,}")
    try:
        if path.suffix.lower() == ".json":
            return _edits_of_file(parse(raw, zone=zone, now=now))
        return edits_of_text(raw.decode("utf-8"), zone, now)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
    except QueueFileError as error:
        raise UsageError(f"{path}: {'; '.join(str(problem) for problem in error.problems)}") from error
    except PortableTextError as error:
        raise UsageError(f"{path}: {error}", hint="see docs/portable-text.md") from error


def edits_of_text(text: str, zone: ZoneInfo, now: datetime, *, is_whole: bool | None = None) -> Edits:
    """The edits in Markdown with front matter. Lines at its top that start with `MARK` are ignored.

    Args:
        text: of the file.
        zone: for times without one.
        now: the present instant.
        is_whole: see `Edits`; None: whole if the text starts with `WHOLE`. A whole document may have no text, because a
            post may have none.

    Raises:
        QueueFileError: the text is invalid; problems have the line numbers of `text`.
        PortableTextError: the nesting of the text is too deep.
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
        file = validate(document, line_of=markdown.line, zone=zone, now=now, notices=markdown.notices)
    except QueueFileError as error:
        moved = [
            problem if problem.line is None else problem._replace(line=problem.line + above)
            for problem in error.problems
        ]
        raise QueueFileError(moved) from error
    found = _edits_of_file(file)
    kept = {name: value for name, value in found.values.items() if not (lacks_text and name == "content")}
    return replace(found, values=kept, is_whole=is_whole)


def without_marks(text: str) -> str:
    """The document without the lines that `emdash edit` wrote above it."""
    while text.startswith(MARK):
        text = text.partition("\n")[2]
    return text


def _edits_of_file(file: QueueFile) -> Edits:
    document = from_markdown(file.markdown) if file.markdown is not None else from_blocks(file.blocks or [])
    values = {"title": file.title, "content": NewText(file.markdown, document), **dict(_values(file))}
    untouched = tuple(name for name in UNTOUCHED if getattr(file, name))
    return Edits(values, locale=file.locale, not_changed=untouched, notices=tuple(map(str, file.notices)))


def _values(file: QueueFile) -> Iterable[tuple[str, Any]]:
    """The fields of the file, except its text."""
    yield "title", file.title
    for name in ("slug", "excerpt", "category", "tags", "author", "translation_of", "featured_image"):
        if value := getattr(file, name):
            yield name, value
    for part in SEO_PARTS:
        if file.seo and (value := getattr(file.seo, part)) is not None:
            yield f"seo.{part}", value


def _cleared(options: Options) -> list[str]:
    cleared: list[str] = []
    for name in options.cleared:
        key = name.replace("-", "_")
        if key not in CLEARABLE:
            raise UsageError(
                f"--clear {name}: there is no such field, or it is required",
                hint=f"fields that can be cleared: {', '.join(CLEARABLE)}",
            )
        cleared += [f"seo.{part}" for part in SEO_PARTS] if key == "seo" else [key]
    both = [name for name in options.said if name in cleared or name.partition(".")[0] in options.cleared]
    if both and not all(name.startswith("seo.") and "seo" in options.cleared for name in both):
        raise UsageError(f"{options.names[both[0]]} and --clear contradict each other", hint="omit one of them")
    return cleared


def _of_option(problem: str, at: str | None, names: Mapping[str, str]) -> str:
    """The problem, with the name of the option in place of the field."""
    at = at or ""
    option = next((option for name, option in names.items() if at.split("[")[0] in (name, f"{name}.src")), None)
    return f"{option}{problem.removeprefix(at)}" if option and at else problem


@dataclass(frozen=True, slots=True)
class Editable:
    """A post opened for an edit.

    Attributes:
        standing: row of `updating.posts_as_read`; the edit is made only if the post has not changed since.
        shown: terms, bylines and SEO.
        data: of the draft or, without one, of the live revision; only a draft has a slug that the post is to get.
        draft_read: the draft as stored; None if there is none.
        source: slug of the post that it translates.
    """

    layout: Layout
    standing: Row
    shown: Post
    data: Mapping[str, Any]
    draft_read: str | None
    source: str | None

    @property
    def names(self) -> FieldNames:
        """Names of the collection's fields."""
        return self.layout.names

    @property
    def slug(self) -> str:
        """The slug that the post will have once its draft is published."""
        return str(self.data.get(STAGED_SLUG) or self.standing["slug"])

    def values(self) -> dict[str, Any]:
        """The values of the post by the field names of `Edits`; None or empty if a field has no value."""
        data, names, seo = self.data, self.names, self.shown.seo or {}
        categories, tags = self.shown.labels("category"), self.shown.labels("tag")
        found = {
            "title": str(data.get(names.title) or ""),
            "slug": self.slug,
            "excerpt": data.get(names.excerpt),
            "category": categories[0] if categories else None,
            "tags": tuple(tags),
            "author": self.shown.bylines[0]["name"] if self.shown.bylines else None,
            "translation_of": self.source,
            "featured_image": image_shown(data.get(names.featured_image)),
        }
        return found | {f"seo.{part}": seo.get(part) or None for part in SEO_PARTS}

    def markdown(self) -> str:
        """The text as Markdown. Content that is not Portable Text is returned unchanged."""
        return markdown_of(self.data.get(self.names.content))

    def document(self) -> str:
        """The post as Markdown with front matter, below lines that say how to edit it."""
        status = str(self.standing["status"])
        waits = "The text waits in a draft until it is published; " if status == "published" else ""
        above = [
            f"{WHOLE} {self.standing['slug']} ({self.standing['locale']}), {status}. Lines like this one are ignored.",
            f"{MARK} {waits}category, tags, author, translation_of and seo take effect when you save.",
            f"{MARK} A field that you remove is cleared; an empty file abandons the edit.",
        ]
        if not self.layout.is_embedded:
            above[1] = above[1].replace("when you save", "on the site at once")
        fields = front_matter(self.values(), self.layout)
        return "\n".join([*above, to_front_matter(fields, self.markdown())])


def editable(layout: Layout, standing: Row, texts: Mapping[str, object], row: Row) -> Editable:
    """The post in these rows.

    Args:
        layout: of the store.
        standing: of `updating.posts_as_read`.
        texts: data by kind, of `changes.texts_of`.
        row: of `posts.sql.one`.
    """
    data = read(texts.get("draft") or texts.get("live") or texts["columns"])
    source = row["source_slug"]
    return Editable(
        layout=layout,
        standing=standing,
        shown=post_of(row, layout.names),
        data=data,
        draft_read=None if texts.get("draft") is None else str(texts["draft"]),
        source=None if source is None else str(source),
    )


def front_matter(values: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """The values by field name of a queue file; empty fields are included to show that they exist."""
    image = values["featured_image"]
    fields = {
        "title": values["title"],
        "slug": values["slug"] if is_valid_slug(values["slug"]) else None,
        "excerpt": values["excerpt"] or "",
        "category": values["category"] or "",
        "tags": list(values["tags"]),
        "author": values["author"] or "",
        "translation_of": values["translation_of"],
        "seo": {part: value for part in SEO_PARTS if (value := values[f"seo.{part}"])},
        "featured_image": image if image is None or image.get("alt") else image["src"],
    }
    lacking = {"excerpt"} if not layout.has_excerpt else set()
    lacking |= {"featured_image"} if not layout.has_featured_image else set()
    return {name: value for name, value in fields.items() if value is not None and name not in lacking}


def lines(values: Mapping[str, Any], markdown: str) -> list[str]:
    """The values, one per line, and the lines of the text, for a comparison."""
    head = [f"{name}: {as_text(value)}" for name, value in values.items() if value not in (None, (), "")]
    return [*head, "", *markdown.splitlines()]


def image_shown(image: Any) -> dict[str, str] | None:
    """An image as in a queue file; None for an image of the media library, which has no URL there."""
    if isinstance(image, str) and image.lstrip().startswith("{"):
        try:
            image = json.loads(image)
        except ValueError:
            return None
    if isinstance(image, str):
        return {"src": image} if image else None
    if not isinstance(image, dict) or not image.get("src"):
        return None
    return {"src": str(image["src"])} | ({"alt": str(image["alt"])} if image.get("alt") else {})


def markdown_of(content: Any) -> str:
    """Content as Markdown or, if it is plain text instead of Portable Text, as that text."""
    if isinstance(content, list):
        try:
            return to_markdown(json.dumps(content, ensure_ascii=False))
        except (AttributeError, KeyError, TypeError, ValueError):
            return ""
    return plain_content(content) or ""


def changed_terms(editable: Editable, edits: Mapping[str, Any]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The terms to link and the terms to unlink."""
    linked: list[Term] = []
    unlinked: list[Term] = []
    for name, taxonomy in (("category", "category"), ("tags", "tag")):
        if name not in edits:
            continue
        there = [Term(taxonomy, term["slug"], term["label"]) for term in editable.shown.terms
                 if term["taxonomy"] == taxonomy]  # fmt: skip
        wanted = [edits[name]] if name == "category" and edits[name] else list(edits[name] or ())
        kept = [term for term in there if any(_is(term, label) for label in wanted)]
        linked += [
            Term(taxonomy, term_slug(label), label) for label in wanted if not any(_is(term, label) for term in there)
        ]
        # A post may have more categories than a queue file can name. The others stay.
        may_go = there[:1] if name == "category" else there
        unlinked += [term for term in may_go if term not in kept]
    return tuple(dict.fromkeys(linked)), tuple(unlinked)


def _is(term: Term, label: str) -> bool:
    return term.slug == term_slug(label) or term.label.casefold() == label.casefold()


def new_data(editable: Editable, edits: Mapping[str, Any]) -> dict[str, Any]:
    """The data of the draft after the edit of title, text, excerpt, image and slug."""
    names, before = editable.names, editable.data
    after = dict(before)
    if "title" in edits:
        after[names.title] = edits["title"]
    if "content" in edits:
        after[names.content] = _new_content(editable, edits["content"])
    if editable.layout.has_excerpt:
        after |= _new_excerpt(editable, edits, after)
    if editable.layout.has_featured_image:
        after |= _new_image(editable, edits)
    if "slug" in edits:
        after.pop(STAGED_SLUG, None)
        after |= {STAGED_SLUG: edits["slug"]} if edits["slug"] != editable.standing["slug"] else {}
    return after


def _new_content(editable: Editable, text: NewText) -> Any:
    before = editable.data.get(editable.names.content)
    if text.markdown is None:
        return json.loads(text.document.content)
    if text.markdown.strip() == markdown_of(before).strip():
        return before
    if not isinstance(before, list):
        return json.loads(text.document.content)
    from emdash_cli.domain.portable_text.markdown_writer import with_untouched_blocks

    try:
        return json.loads(with_untouched_blocks(before, text.markdown).content)
    except (AttributeError, KeyError, PortableTextError, TypeError, ValueError):
        return json.loads(text.document.content)  # The stored content is not Portable Text: no block can be kept.


def _new_excerpt(editable: Editable, edits: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The new excerpt: the first paragraph if the excerpt is cleared or was the first paragraph before."""
    name, content = editable.names.excerpt, editable.names.content
    before = editable.data.get(name)
    said = edits.get("excerpt", before)
    was_derived = before is not None and before == _first_paragraph(editable.data.get(content))
    if ("excerpt" in edits and not said) or (said == before and was_derived and after.get(content) is not None):
        return {name: _first_paragraph(after.get(content)) or None}
    return {name: said} if "excerpt" in edits else {}


def _new_image(editable: Editable, edits: Mapping[str, Any]) -> dict[str, Any]:
    name = editable.names.featured_image
    before = editable.data.get(name)
    shown = image_shown(before)
    if "featured_image" in edits:
        wanted = edits["featured_image"]
        if wanted is None:
            return {name: None}
        src, alt = wanted.src, wanted.alt or ""
    elif "featured_image.alt" in edits and (shown or isinstance(before, dict)):
        src, alt = (shown or {}).get("src"), edits["featured_image.alt"]
    else:
        return {}
    if shown and src == shown["src"] and alt == shown.get("alt", ""):
        return {}
    if isinstance(before, dict) and src == (shown or {}).get("src"):
        return {name: {**before, "alt": alt}}
    return {name: {"provider": "external", "id": "", "src": src, "alt": alt}}


def _first_paragraph(content: object) -> str | None:
    if not isinstance(content, list):
        return None
    try:
        return from_blocks(content).excerpt
    except PortableTextError:
        return None
