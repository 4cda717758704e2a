"""The fields of a queue file and what each may hold: for its problems, JSON Schema and documents alike.

What `quick` accepts, this accepts with the same values; a limit that changes here changes there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)

from emdash_cli.domain.authors import Author
from emdash_cli.domain.queue_file import checks
from emdash_cli.domain.queue_file.shapes import MAX_LABEL, MAX_SUMMARY, MAX_TAGS, MAX_TITLE, MAX_URL

VISIBLE = {"pattern": r"\S"}


def _instant(value: Any, info: ValidationInfo) -> datetime:
    return checks.instant(value, (info.context or {})["zone"])


Title = Annotated[
    str, Field(min_length=1, max_length=MAX_TITLE, json_schema_extra=VISIBLE), AfterValidator(checks.one_line)
]
Label = Annotated[
    str, Field(min_length=1, max_length=MAX_LABEL, json_schema_extra=VISIBLE), AfterValidator(checks.one_line)
]
WRITTEN = {**VISIBLE, "type": ["string", "integer"]}
Written = Annotated[
    str,
    Field(min_length=1, max_length=MAX_LABEL, json_schema_extra=WRITTEN),
    AfterValidator(checks.one_line),
    BeforeValidator(checks.written),
]
Summary = Annotated[str, Field(min_length=1, max_length=MAX_SUMMARY), AfterValidator(checks.visible)]
Text = Annotated[str, Field(json_schema_extra=VISIBLE), AfterValidator(checks.visible)]
Slug = Annotated[
    str,
    Field(json_schema_extra={"pattern": "^/?[^/]*[^-/ ][^/]*/?$", "maxLength": 200}),
    AfterValidator(checks.slug),
]
Locale = Annotated[
    str,
    Field(json_schema_extra={"pattern": "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,6}$"}),
    AfterValidator(checks.locale),
]
Url = Annotated[
    str,
    Field(min_length=1, max_length=MAX_URL, json_schema_extra={"pattern": "^([Hh][Tt][Tt][Pp][Ss]?://|/($|[^/]))"}),
    AfterValidator(checks.url),
]
Credit = Annotated[
    Author,
    PlainValidator(checks.author),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_LABEL, **VISIBLE}),
]
Names = Annotated[list[Written], Field(max_length=MAX_TAGS), BeforeValidator(checks.listed)]
PLATFORM = {"pattern": f"^\\s*{checks.PLATFORM.pattern.replace('a-z', 'A-Za-z')}\\s*$"}
Platform = Annotated[str, Field(json_schema_extra=PLATFORM), AfterValidator(checks.platform)]
Platforms = Annotated[list[Platform], BeforeValidator(checks.listed)]
Blocks = Annotated[list[Any], AfterValidator(checks.blocks)]
Social = Annotated[
    dict[str, Any],
    Field(json_schema_extra={"additionalProperties": {"type": ["string", "array", "object", "null"]}}),
    AfterValidator(checks.social),
]
Instant = Annotated[datetime, PlainValidator(_instant), WithJsonSchema({"type": "string", "pattern": "[0-9].*[0-9]"})]
Metadata = Annotated[
    dict[str, Any],
    AfterValidator(checks.metadata),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                "organization_id": {"type": ["string", "null"], "description": "For whom it was made."},
                "triggered_by": {"type": ["string", "null"], "description": "Who or what asked for it."},
                "cost_usd": {
                    "type": ["number", "null"],
                    "minimum": 0,
                    "description": "What it cost to make.",
                },
                "model_used": {"type": ["string", "null"], "description": "The model that wrote it."},
            },
        }
    ),
]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class SeoPart(_Part):
    """What search engines are told."""

    title: Title | None = Field(None, description="Title in search results.")
    description: Summary | None = Field(None, description="Description in search results.")
    image: Url | None = Field(None, description="Picture for previews: http(s) URL or path of the site.")
    canonical: Url | None = Field(None, description="Address of the original: http(s) URL or path of the site.")
    no_index: bool | None = Field(None, description="Whether search engines shall leave the post out.")


class ImagePart(_Part):
    """The picture at the head of the article."""

    src: Url = Field(description="http(s) URL, or a path of the site that begins with `/`.")
    alt: Annotated[str, Field(max_length=MAX_SUMMARY)] | None = Field(None, description="What is to be seen.")


class Document(_Part):
    """One article to publish."""

    id: Written | None = Field(
        None,
        description="Idempotency key: an article with this id is published once in each locale. "
        "Without it, its title, text and locale are the key.",
        examples=["art-2026-0042"],
    )
    title: Title = Field(description="Title, on one line.", examples=["Caching at the edge"])
    body_text: Text | None = Field(None, description="The text in Markdown.", examples=["# Hello\n\nText."])
    blocks: Blocks | None = Field(None, description="The text as Portable Text.")
    slug: Slug | None = Field(
        None,
        description="End of the address: 1 to 200 of a-z, 0-9, - and _; capitals become small, other "
        "characters a hyphen. Without it the stream's pattern.",
        examples=["caching-at-the-edge"],
    )
    excerpt: Summary | None = Field(None, description="Summary; without it the first paragraph.")
    category: Written | None = Field(None, description="Category; made if there is none of that name.")
    tags: Names | None = Field(None, description="Tags: a list, or text with commas.", examples=[["edge", "D1"]])
    locale: Locale | None = Field(
        None,
        description="Language tag in any spelling; the post gets the one that the site has, else that of BCP 47.",
        examples=["en", "pt-BR"],
    )
    author: Credit | None = Field(
        None,
        description="Byline: its name or slug, `Name <address>`, or an object. An e-mail address only finds a user "
        "or byline of the site, and is never shown.",
        examples=["Jane Doe", "Jane Doe <jane@example.org>"],
    )
    publish_at: Instant | None = Field(
        None,
        description="When to publish: ISO 8601 with an offset, or in the zone of the settings. "
        "In the past: published with that date.",
        examples=["2026-06-15T09:00:00+02:00", "2026-06-15 09:00", "2026-06-15"],
    )
    status: Literal["draft", "published", "scheduled"] | None = Field(
        None, description="`scheduled` needs a `publish_at`; `published` forbids one in the future."
    )
    translation_of: Label | None = Field(None, description="Id or slug of the post that this one translates.")
    seo: SeoPart | None = Field(None, description="What search engines are told.")
    featured_image: ImagePart | None = Field(None, description="Picture at the head: a URL, or `src` and `alt`.")
    platforms: Platforms | None = Field(
        None,
        description="Where to announce the post: a list, or text with commas.",
        examples=[["linkedin", "x"]],
    )
    social: Social | None = Field(
        None,
        description="Own texts for platforms: a text, a list of texts, or an object.",
        examples=[{"x": "Now with a cache."}],
    )
    metadata: Metadata | None = Field(
        None, description="Whatever is to be kept with the article, up to 64 KB with the unknown keys."
    )
