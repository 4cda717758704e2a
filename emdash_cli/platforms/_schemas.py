"""JSON Schemas of what `target` and `webhook` send; docs/platforms has them as files."""

from __future__ import annotations

from typing import Any, Final

from emdash_cli.domain.delivery import JobKind
from emdash_cli.platforms.webhook import DATA_OF, EVENTS, VERSION

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_INSTANT: Final = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
_OUTLINE: Final[dict[str, Any]] = {
    "articleId": {
        "type": "string",
        "minLength": 1,
        "description": "Identifies the article for ever: it stays the same when slug, title or text change.",
    },
    "title": {"type": "string"},
    "slug": {"type": "string", "description": "The last part of the address; unique for each locale."},
    "locale": {"type": "string", "description": "A BCP 47 language tag."},
    "excerpt": {"type": ["string", "null"], "description": "Plain text."},
    "tags": {"type": "array", "items": {"type": "string"}},
    "category": {"type": ["string", "null"]},
    "author": {"type": ["string", "null"], "description": "The name that readers see."},
    "publishedAt": {**_INSTANT, "description": "When the post first went live, in UTC."},
    "canonicalUrl": {"type": "string", "format": "uri", "description": "The address that search engines should index."},
    "image": {"type": ["string", "null"], "description": "Address of the main picture; it may be a path on the site."},
    "seo": {"type": "object", "description": "The filled columns of EmDash's SEO fields, such as `description`."},
    "metadata": {"type": "object", "description": "Whatever else the queue file said."},
}
_TEXTS: Final[dict[str, Any]] = {
    "markdown": {"type": "string", "description": "The text in CommonMark with GFM's tables."},
    "html": {"type": "string", "description": "The text as HTML, without scripts, styles and event handlers."},
    "contentHash": {
        "type": "string",
        "pattern": "^sha256:[0-9a-f]{64}$",
        "description": "Changes with the title or the text, and with nothing else.",
    },
}


_HEAD: Final[dict[str, Any]] = {
    "version": {"const": VERSION, "description": "Grows when a key is removed or changes its meaning."},
    "timestamp": {**_INSTANT, "description": "When it happened, in UTC; the same for each attempt."},
}


def target() -> dict[str, Any]:
    """Of the body that a target gets."""
    return {
        "$schema": _DIALECT,
        "title": "An article, as a target of emdash gets it",
        **_closed({**_OUTLINE, **_TEXTS}),
    }


def webhook() -> dict[str, Any]:
    """Of the body that a webhook gets."""
    data = {
        **_OUTLINE,
        "updatedAt": {**_INSTANT, "description": "When the post was last changed, in UTC."},
        "url": {"type": "string", "format": "uri", "description": "Where readers find the post."},
    }
    envelope = {
        "type": {"enum": [EVENTS[kind] for kind in JobKind]},
        **_HEAD,
        "data": _closed(data),
    }
    return {"$schema": _DIALECT, "title": "A notice about a post, as a webhook of emdash gets it", **_closed(envelope)}


_ABOUT: Final[dict[str, Any]] = {
    "articleId": {"type": "string", "minLength": 1, "description": "As in `post.published`."},
    "title": {"type": "string"},
    "slug": {"type": ["string", "null"]},
    "locale": {"type": ["string", "null"], "description": "A BCP 47 language tag."},
    "scheduledAt": {
        "type": ["string", "null"],
        "description": "When it is to go live, in UTC; when it was to go live, if it was unscheduled or held.",
    },
    "scheduledBefore": {"type": ["string", "null"], "description": "The time before, if it was rescheduled."},
    "actor": {"type": "string", "description": "Who did it, as in the audit table."},
    "code": {"type": "string", "description": "Of the reason: `text_changed`, `slug_taken`, …"},
    "reason": {"type": ["string", "null"], "description": "For people; null if nobody gave one."},
    "job": {"type": "integer", "description": "Its number."},
    "platform": {"type": "string", "description": "Its name in emdash.toml."},
    "kind": {"type": "string", "description": "`announce`, `update`, or the type of an event."},
    "category": {"type": "string", "description": "The outcome: `validation`, `auth`, `unknown`, …"},
    "error": {"type": ["string", "null"], "description": "For people; without secrets."},
    "request": {"type": "string", "description": "Identifies the request."},
    "total": {"type": "integer", "description": "How many articles were requested."},
    "done": {"type": "integer", "description": "How many of them were made."},
    "dead": {"type": "integer", "description": "How many of them failed for good."},
}


def events() -> dict[str, Any]:
    """Of the bodies of all other notices."""
    shapes = [
        _closed({"type": {"const": str(event)}, **_HEAD, "data": _closed({key: _ABOUT[key] for key in keys})})
        for event, keys in DATA_OF.items()
    ]
    return {"$schema": _DIALECT, "title": "A notice about a schedule, a job or a request", "oneOf": shapes}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
