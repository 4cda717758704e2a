"""The fields of a queue file and their allowed values, which are the source of problems, JSON Schema and documentation.

The model accepts everything that `checks.checked` accepts, with the same values: change limits in both places.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

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
                "organization_id": {"type": ["string", "null"], "description": "For whom it was written."},
                "triggered_by": {"type": ["string", "null"], "description": "Who or what requested it."},
                "cost_usd": {
                    "type": ["number", "null"],
                    "minimum": 0,
                    "description": "The cost of writing it.",
                },
                "model_used": {"type": ["string", "null"], "description": "The model that wrote it."},
            },
        }
    ),
]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class SeoPart(_Part):
    """What search engines show."""

    title: Title | None = Field(None, description="Title in search results.")
    description: Summary | None = Field(None, description="Description in search results.")
    image: Url | None = Field(None, description="Image for link previews: http(s) URL or path of the site.")
    canonical: Url | None = Field(None, description="URL of the original: http(s) URL or path of the site.")
    no_index: bool | None = Field(None, description="Whether search engines should omit the post.")


class ImagePart(_Part):
    """The image at the top of the article."""

    src: Url = Field(description="http(s) URL, or a path of the site that starts with `/`.")
    alt: Annotated[str, Field(max_length=MAX_SUMMARY)] | None = Field(None, description="Description of the image.")


class QueueDocument(_Part):
    """One article to publish."""

    id: Written | None = Field(
        None,
        description="Idempotency key: an article with this id is published once in each locale. "
        "Without an id, the title, text and locale together are the key.",
        examples=["art-2026-0042"],
    )
    title: Title = Field(description="Title, on one line.", examples=["Caching at the edge"])
    body_text: Text | None = Field(None, description="The text in Markdown.", examples=["# Hello\n\nText."])
    blocks: Blocks | None = Field(None, description="The text as Portable Text.")
    slug: Slug | None = Field(
        None,
        description="Last part of the URL: 1 to 200 of a-z, 0-9, - and _. Capitals become lower case, and "
        "other characters become a hyphen. Without a slug, the stream's pattern applies.",
        examples=["caching-at-the-edge"],
    )
    excerpt: Summary | None = Field(None, description="Summary. Default: the first paragraph.")
    category: Written | None = Field(None, description="Category; created if none has that name.")
    tags: Names | None = Field(None, description="Tags: a list, or text with commas.", examples=[["edge", "D1"]])
    locale: Locale | None = Field(
        None,
        description="Language tag in any spelling; the post gets the site's spelling, or that of BCP 47.",
        examples=["en", "pt-BR"],
    )
    author: Credit | None = Field(
        None,
        description="Byline: its name or slug, `Name <address>`, or an object. An e-mail address is only used to find "
        "a user or byline of the site, and is never published.",
        examples=["Jane Doe", "Jane Doe <jane@example.org>"],
    )
    publish_at: Instant | None = Field(
        None,
        description="When to publish: ISO 8601 with an offset, or in the time zone of the settings. "
        "With a past time, the post is published with that date.",
        examples=["2026-06-15T09:00:00+02:00", "2026-06-15 09:00", "2026-06-15"],
    )
    status: Literal["draft", "published", "scheduled"] | None = Field(
        None, description="`scheduled` requires a `publish_at`; `published` does not allow a future one."
    )
    expires_at: Instant | None = Field(
        None,
        description="When to take the post down again, written as `publish_at`, after that time and in the future. The "
        "first sweep from then on makes the post a draft.",
        examples=["2026-12-24T18:00:00+01:00"],
    )
    translation_of: Label | None = Field(None, description="Id or slug of the post that this one translates.")
    seo: SeoPart | None = Field(None, description="What search engines show.")
    featured_image: ImagePart | None = Field(None, description="Image at the top: a URL, or `src` and `alt`.")
    platforms: Platforms | None = Field(
        None,
        description="Where to announce the post: a list, or text with commas.",
        examples=[["linkedin", "x"]],
    )
    social: Social | None = Field(
        None,
        description="Texts for platforms: a string, a list of strings, or an object.",
        examples=[{"x": "Now with a cache."}],
    )
    metadata: Metadata | None = Field(
        None, description="Anything to keep with the article, up to 64 KB including unknown keys."
    )


DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
AUTHOR: Final = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "The name that readers see."},
        "slug": {"type": "string", "description": "Slug of the byline."},
        "email": {"type": "string", "description": "Used to find the user or byline; never published."},
        "user": {
            "type": "string",
            "description": "E-mail address or id of the user who owns the post, if not the user with `email`.",
        },
    },
}
WITH_COMMAS: Final = {"type": "string", "description": "Several values, separated by commas."}


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the documented keys, for editors and for programs that write queue files.

    `parse` may refuse a document that matches the schema, because it also knows which times exist, how large a file may
    be and what keys of other tools mean. Conversely, it accepts such keys, which are not in the schema.
    """
    schema: dict[str, Any] = _plain(QueueDocument.model_json_schema())
    fields: dict[str, Any] = schema["properties"]
    markdown, portable = fields.pop("body_text"), fields.pop("blocks")
    markdown["type"] = "string"
    portable |= {"type": "array", "items": {"type": "object", "required": ["_type"]}, "minItems": 1}
    either = {"description": "As `body_text`, or Portable Text.", "anyOf": [markdown, portable]}
    for field in ("tags", "platforms"):
        fields[field] = _or(fields[field], WITH_COMMAS)
    fields["author"] = _or(fields["author"], AUTHOR)
    fields["featured_image"] = _or(fields["featured_image"], schema["$defs"]["ImagePart"]["properties"]["src"])
    schema["properties"] = {
        "id": fields.pop("id"),
        "title": fields.pop("title"),
        "body_text": markdown,
        "body": {"description": "As `content`.", "$ref": "#/properties/content"},
        "content": either,
        **fields,
    }
    schema["oneOf"] = [{"required": [name]} for name in ("body_text", "body", "content")]
    return {"$schema": DIALECT, "title": "Queue file", **schema, "additionalProperties": True}


def _or(schema: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {key: schema.pop(key) for key in ("description", "examples") if key in schema}
    return {**about, "anyOf": [*schema.get("anyOf", [schema]), other]}


def _plain(schema: Any) -> Any:
    """The schema without generated titles and defaults, and with ``type: [t, null]`` for nullable values."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: {name: _plain(part) for name, part in value.items()} if key in ("properties", "$defs") else _plain(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str)) and key != "default"
    }
    if found.get("additionalProperties") is False:
        del found["additionalProperties"]
    choices = found.get("anyOf", [])
    if len(choices) == len(("it", "null")) and choices[1] == {"type": "null"} and "type" in choices[0]:
        del found["anyOf"]
        types = choices[0]["type"]
        found = {**choices[0], **found, "type": [*([types] if isinstance(types, str) else types), "null"]}
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return found
