"""The keys of other tools and what becomes of them: the one table that code, tests and documents read.

Sources, each the tool's own reference of front matter or of its export format:
Hugo https://gohugo.io/content-management/front-matter/, Jekyll https://jekyllrb.com/docs/front-matter/,
Eleventy https://www.11ty.dev/docs/data-frontmatter/, Astro and Next starters,
Ghost https://ghost.org/docs/admin-api/#posts, WordPress https://developer.wordpress.org/rest-api/reference/posts/,
dev.to https://developers.forem.com/api/v1, Hexo https://hexo.io/docs/front-matter,
Obsidian Publish https://help.obsidian.md/Obsidian+Publish, Zola https://www.getzola.org/documentation/content/page/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from emdash_cli.domain.queue_file import readings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emdash_cli.domain.queue_file.readings import Reading

    Read = Callable[[Any, Mapping[str, Any]], Reading]


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of some keys of other tools.

    Attributes:
        names: in snake_case; the same in camelCase, kebab-case, or without a separator, is meant as well.
        becomes: the fields that the value may set: the first that is still free; otherwise metadata.
        read: for anything but taking the value as it is.
        firm: a different value for the same field is refused instead of going to the metadata.
        note: for the documents.
        exact: whether a key that is spelt almost so is left alone, since it is likely another word.
    """

    names: tuple[str, ...]
    becomes: tuple[str, ...] = ()
    read: Read | None = None
    firm: bool = False
    note: str = ""
    exact: bool = False


TIMES: Final = (
    Rule(
        ("publish_date", "published_date", "publish_on", "publish_time", "published_at", "published_on",
         "date_published", "pub_date", "pub_datetime", "publish_datetime", "publication_date", "scheduled_at",
         "scheduled_for", "schedule_at", "scheduled_date", "schedule_date", "scheduled_time", "go_live_at", "live_at",
         "release_date", "release_at", "available_from", "not_before", "publish_after", "publish_from", "visible_from",
         "post_date", "posted_at", "posted_on"),
        ("publish_at",), firm=True,
        note="Two of them with different times: refused.",
    ),
    Rule(("date",), ("publish_at",), note="Yields to any other time of publication."),
    Rule(
        ("embargo", "embargo_until", "embargoed_until", "embargo_date", "hold_until"),
        ("publish_at",), readings.embargoes, firm=True,
        note="A time: `publish_at`; `true`: refused; `false`: nothing.",
    ),
    Rule(
        ("scheduled", "schedule", "is_scheduled"), ("status", "publish_at"), readings.schedules, firm=True,
        note="`true`: scheduled; `false`: nothing; a time: `publish_at`.",
    ),
    Rule(
        ("published",), ("status", "publish_at"), readings.releases_or_dates, firm=True,
        note="`false`: a draft; `true`: nothing; a time: `publish_at`.",
    ),
)  # fmt: skip

HOLDS: Final = (
    Rule(
        ("draft", "is_draft", "unpublished", "wip"),
        ("status",), readings.drafts, firm=True,
        note="`true`: a draft; `false`: nothing.",
    ),
    Rule(
        ("publish", "is_published", "is_live", "ready", "approved", "is_approved"),
        ("status",), readings.releases, firm=True,
        note="`false`: a draft; `true`: nothing.",
    ),
    Rule(
        ("expires", "expires_at", "expires_on", "expiry", "expiry_date", "expire_at", "expire_date",
         "expiration", "expiration_date", "unpublish_at", "unpublish_date", "unpublish_on",
         "valid_until", "valid_through", "available_until", "delete_at", "remove_at"),
        read=readings.expires,
        note="Refused: nothing would take the post down.",
    ),
    Rule(
        ("private", "is_private", "password", "protected", "unlisted", "is_unlisted", "hidden", "is_hidden",
         "secret", "confidential", "members_only", "subscribers_only", "paid_only", "hold", "on_hold",
         "do_not_publish", "dont_publish", "no_publish", "archived", "is_archived",
         "deleted", "is_deleted", "deleted_at", "trashed", "needs_review", "needs_approval",
         "eleventy_exclude_from_collections"),
        read=readings.restricts,
        note="Refused unless `false` or empty.",
    ),
    Rule(("visibility", "access"), read=readings.seen_by, note="Anything but `public`: refused."),
    Rule(("permalink", "render", "output"), read=readings.requires,
         note="`false`: refused; a path goes to the metadata: the address follows from the slug."),
    Rule(("build",), read=readings.builds, note="Refused if anything in it is `false` or `never`."),
    Rule(
        ("state", "stage", "post_state", "post_status", "workflow_state", "publication_status", "publishing_status"),
        ("status",), readings.states, firm=True, exact=True,
        note="`draft`, `pending`, `review` and the like: a draft; `private`, `hidden`, `archived` and the like: "
             "refused; anything else goes to the metadata.",
    ),
    Rule(
        ("listed", "is_listed", "visible", "is_visible", "public", "is_public", "show", "shown", "active", "is_active",
         "enabled", "is_enabled"),
        read=readings.shows, exact=True,
        note="`false`: refused; anything else goes to the metadata.",
    ),
)  # fmt: skip

TEXTS: Final = (
    Rule(("headline", "post_title"), ("title",)),
    Rule(
        ("markdown", "body_markdown", "content_markdown", "markdown_body", "text", "article_body"),
        ("body_text",), firm=True,
        note="Beside another body: refused.",
    ),
    Rule(("portable_text",), ("blocks",), firm=True, note="An array; beside another body: refused."),
    Rule(
        ("html", "body_html", "content_html", "rendered", "plaintext", "lexical", "mobiledoc"),
        read=readings.repeats,
        note="Left out beside a body; without one: refused.",
    ),
    Rule(("summary", "abstract", "custom_excerpt", "teaser"), ("excerpt",)),
    Rule(("description",), ("excerpt", "seo.description")),
)  # fmt: skip

LABELS: Final = (
    Rule(("article_id", "external_id", "idempotency_key", "uuid", "guid"), ("id",)),
    Rule(("post_slug", "url_slug"), ("slug",)),
    Rule(("categories",), ("category", "tags"), readings.names_categories,
         note="A list, or text with commas: the first is the category, the others become tags."),
    Rule(("tag", "tag_list", "keywords"), ("tags",)),
    Rule(("taxonomies",), ("category", "tags", "author"), readings.names_taxonomies,
         note="Zola's table: `tags`, `categories` and `authors` in it are the article's; with others it is kept."),
    Rule(("authors", "author_name", "byline", "bylines", "primary_author"), ("author",), readings.names_authors,
         note="As `author`, or a list: the first one. What else is said of an author, and further authors, "
              "are kept in the metadata, without e-mail addresses."),
    Rule(("user",), ("author",), readings.names_user, exact=True,
         note="An object with a `name`, as in dev.to's API; otherwise metadata."),
    Rule(("lang", "language", "in_language"), ("locale",)),
    Rule(("syndicate_to", "crosspost_to"), ("platforms",)),
    Rule(("translation_source",), ("translation_of",)),
)  # fmt: skip

PICTURES: Final = (
    Rule(
        ("image", "cover", "hero", "cover_image", "hero_image", "feature_image", "main_image", "header_image",
         "banner", "banner_image", "thumbnail", "thumbnail_url", "image_url", "cover_url", "cover_image_url"),
        ("featured_image",),
        note="A URL, or an object with `src`.",
    ),
    Rule(
        ("image_alt", "cover_alt", "hero_alt", "cover_image_alt", "hero_image_alt", "feature_image_alt",
         "featured_image_alt", "thumbnail_alt"),
        ("featured_image.alt",),
    ),
    Rule(("seo_title", "meta_title"), ("seo.title",)),
    Rule(("seo_description", "meta_description"), ("seo.description",)),
    Rule(("seo_image", "og_image", "meta_image", "social_image"), ("seo.image",)),
    Rule(("canonical", "canonical_url", "seo_canonical", "canonical_link"), ("seo.canonical",)),
    Rule(("no_index", "seo_no_index"), ("seo.no_index",)),
    Rule(("robots",), ("seo.no_index",), readings.forbids_index,
         note="Contains `noindex` or `none`: `true`; otherwise metadata."),
)  # fmt: skip

RULES: Final = (*TIMES, *HOLDS, *TEXTS, *LABELS, *PICTURES)

SEO_NAMES: Final = {
    "title": ("meta_title", "seo_title"),
    "description": ("meta_description", "seo_description"),
    "image": ("og_image", "meta_image"),
    "canonical": ("canonical_url",),
    "no_index": (),
}
"""Names within ``seo`` and what else they are called there."""

IMAGE_NAMES: Final = {
    "src": ("url", "href", "path", "image"),
    "alt": ("alt_text", "alternative_text"),
}
"""Names within ``featured_image`` and what else they are called there."""

FREE_KEYS: Final = (
    "approver", "builds", "built", "contents", "context", "deadline", "expired", "keyword", "local",
    "publisher", "read", "reads", "stats",
)  # fmt: skip
"""Keys with a meaning of their own that look like a misspelling of another one."""
