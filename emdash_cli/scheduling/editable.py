"""A post as it can be edited: all that a queue file can say of it, as a document, and what an edit makes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.article import Term
from emdash_cli.domain.portable_text import PortableTextError, from_blocks, to_markdown
from emdash_cli.domain.post_text import STAGED_SLUG, read
from emdash_cli.domain.queue_file.front_matter_writer import to_front_matter
from emdash_cli.domain.slugs import is_valid_slug
from emdash_cli.posts.read import plain_content, post_of
from emdash_cli.publishing.prepare import term_slug
from emdash_cli.scheduling.edits import MARK, SEO_PARTS, WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emdash_cli.domain.collection import FieldNames
    from emdash_cli.domain.ports import Row
    from emdash_cli.posts.read import Post
    from emdash_cli.scheduling.edits import NewText
    from emdash_cli.store.layout import Layout


@dataclass(frozen=True, slots=True)
class Editable:
    """A post that was opened for an edit.

    Attributes:
        standing: row of `standing.posts_as_read`: an edit is made only if the post still is so.
        shown: terms, bylines and SEO.
        data: what its draft says, else what is live.
        draft_read: the draft as it is stored; None if there is none.
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
        """Of the collection's fields."""
        return self.layout.names

    @property
    def slug(self) -> str:
        """The one that the post has, or gets when its draft is published."""
        return str(self.data.get(STAGED_SLUG) or self.standing["slug"])

    def values(self) -> dict[str, Any]:
        """What the post says, by the fields of `Edits`; what it does not say is None, or empty."""
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
        """Its text; what is no Portable Text, as it is."""
        return markdown_of(self.data.get(self.names.content))

    def document(self) -> str:
        """All of it as Markdown with front matter, to be edited; lines above say how."""
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
    """The post of those rows.

    Args:
        layout: of the store.
        standing: of `standing.posts_as_read`.
        texts: data by kind, of `standing.texts_of`.
        row: of `reading.one`.
    """
    said = texts.get("draft") or texts.get("live") or texts["columns"]
    source = row["source_slug"]
    return Editable(
        layout=layout,
        standing=standing,
        shown=post_of(row, layout.names),
        data=read(said),
        draft_read=None if texts.get("draft") is None else str(texts["draft"]),
        source=None if source is None else str(source),
    )


def front_matter(values: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """The values by the names of a queue file; an empty field is there too, so that one sees that there is such."""
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
    """The values and the text, a line each, for a difference."""
    head = [f"{name}: {_shown(value)}" for name, value in values.items() if value not in (None, (), "")]
    return [*head, "", *markdown.splitlines()]


def image_shown(image: Any) -> dict[str, str] | None:
    """An image as a queue file says it; None for one of the media library, which has no address there."""
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
    """A content as Markdown; one that is no Portable Text as far as it is text."""
    if isinstance(content, list):
        try:
            return to_markdown(json.dumps(content, ensure_ascii=False))
        except (AttributeError, KeyError, TypeError, ValueError):
            return ""
    return plain_content(content) or ""


def changed_terms(editable: Editable, edits: Mapping[str, Any]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The terms to link and those to unlink."""
    linked: list[Term] = []
    unlinked: list[Term] = []
    for field, taxonomy in (("category", "category"), ("tags", "tag")):
        if field not in edits:
            continue
        there = [Term(taxonomy, term["slug"], term["label"]) for term in editable.shown.terms
                 if term["taxonomy"] == taxonomy]  # fmt: skip
        wanted = [edits[field]] if field == "category" and edits[field] else list(edits[field] or ())
        kept = [term for term in there if any(_is(term, label) for label in wanted)]
        linked += [
            Term(taxonomy, term_slug(label), label) for label in wanted if not any(_is(term, label) for term in there)
        ]
        # A post may have further categories, which a queue file cannot name: they stay.
        may_go = there[:1] if field == "category" else there
        unlinked += [term for term in may_go if term not in kept]
    return tuple(dict.fromkeys(linked)), tuple(unlinked)


def _is(term: Term, label: str) -> bool:
    return term.slug == term_slug(label) or term.label.casefold() == label.casefold()


def new_data(editable: Editable, edits: Mapping[str, Any]) -> dict[str, Any]:
    """The data of the draft after the edit: what `edits` says of title, text, excerpt, image and slug."""
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
    from emdash_cli.domain.portable_text.untouched import with_untouched_blocks

    try:
        return json.loads(with_untouched_blocks(before, text.markdown).content)
    except (AttributeError, KeyError, PortableTextError, TypeError, ValueError):
        return json.loads(text.document.content)  # what is stored is no sound Portable Text: nothing to keep of it


def _new_excerpt(editable: Editable, edits: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The one that is asked for; without one, and where it was the first paragraph, the first paragraph."""
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


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
