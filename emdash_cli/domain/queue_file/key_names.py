"""The keys in files: the fields, the keys of other tools and their meaning, and misspelt keys.

If a free key is refused by mistake, its author loses a minute; if `publsh_at` is taken for a free key, an article is
published before its time. Still, `data` is not `date` and `publisher` is not `published`: the shorter a name is, the
closer a key must be to count as a misspelling of it.

Sources of this table, which code, tests and documents share; each is the tool's own reference of front matter or of its
export format:
Hugo https://gohugo.io/content-management/front-matter/, Jekyll https://jekyllrb.com/docs/front-matter/,
Eleventy https://www.11ty.dev/docs/data-frontmatter/, Astro and Next starters,
Ghost https://ghost.org/docs/admin-api/#posts, WordPress https://developer.wordpress.org/rest-api/reference/posts/,
dev.to https://developers.forem.com/api/v1, Hexo https://hexo.io/docs/front-matter,
Obsidian Publish https://help.obsidian.md/Obsidian+Publish, Zola https://www.getzola.org/documentation/content/page/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.queue_file import readings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from emdash_cli.domain.queue_file.readings import KeyReading

    Read = Callable[[Any, Mapping[str, Any]], KeyReading]


@dataclass(frozen=True, slots=True)
class Rule:
    """How some keys of other tools are read.

    Attributes:
        names: in snake_case; the forms in camelCase, in kebab-case or without a separator are included.
        becomes: the fields that the value may set: the first that is still free, or else metadata.
        read: for anything except taking the value unchanged.
        firm: a different value for the same field is refused instead of going to the metadata.
        note: for the documentation.
        exact: whether a key with almost the same spelling is left alone, because it is probably another word.
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
    Rule(("date",), ("publish_at",), note="Any other time of publication takes precedence."),
    Rule(
        ("embargo", "embargo_until", "embargoed_until", "embargo_date", "hold_until"),
        ("publish_at",), readings.embargoes, firm=True,
        note="A time: `publish_at`; `true`: refused; `false`: ignored.",
    ),
    Rule(
        ("scheduled", "schedule", "is_scheduled"), ("status", "publish_at"), readings.schedules, firm=True,
        note="`true`: scheduled; `false`: ignored; a time: `publish_at`.",
    ),
    Rule(
        ("published",), ("status", "publish_at"), readings.releases_or_dates, firm=True,
        note="`false`: a draft; `true`: ignored.",
    ),
)  # fmt: skip

VISIBILITY: Final = (
    Rule(
        ("draft", "is_draft", "unpublished", "wip"),
        ("status",), readings.drafts, firm=True,
        note="`true`: a draft; `false`: ignored.",
    ),
    Rule(
        ("publish", "is_published", "is_live", "ready", "approved", "is_approved"),
        ("status",), readings.releases, firm=True,
        note="`false`: a draft; `true`: ignored.",
    ),
    Rule(
        ("expires", "expires_on", "expiry", "expiry_date", "expire_at", "expire_on", "expire_date", "expiration",
         "expiration_date", "unpublish_at", "unpublish_date", "unpublish_on", "publish_until", "published_until",
         "valid_until", "valid_through", "available_until", "visible_until"),
        ("expires_at",), readings.expires, firm=True,
        note="A time: `expires_at`; `true`: refused; `false`: ignored.",
    ),
    Rule(
        ("delete_at", "remove_at"), read=readings.deletes,
        note="Refused: a post is taken down by `expires_at`, but nothing deletes it later.",
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
         note="`false`: refused; a path goes to the metadata, because the slug determines the URL."),
    Rule(("build",), read=readings.builds, note="Refused if any of its options is `false` or `never`."),
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
        note="Together with another body: refused.",
    ),
    Rule(("portable_text",), ("blocks",), firm=True, note="An array; together with another body: refused."),
    Rule(
        ("html", "body_html", "content_html", "rendered", "plaintext", "lexical", "mobiledoc"),
        read=readings.repeats,
        note="Ignored if there is another body; otherwise refused.",
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
         note="Zola's table: its `tags`, `categories` and `authors` are the article's; it is kept if it has others."),
    Rule(("authors", "author_name", "byline", "bylines", "primary_author"), ("author",), readings.names_authors,
         note="As `author`, or a list, of which the first is used. Other details and further authors "
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

RULES: Final = (*TIMES, *VISIBILITY, *TEXTS, *LABELS, *PICTURES)

SEO_NAMES: Final = {
    "title": ("meta_title", "seo_title"),
    "description": ("meta_description", "seo_description"),
    "image": ("og_image", "meta_image"),
    "canonical": ("canonical_url",),
    "no_index": (),
}
"""Names within ``seo``, and other names for them."""

IMAGE_NAMES: Final = {
    "src": ("url", "href", "path", "image"),
    "alt": ("alt_text", "alternative_text"),
}
"""Names within ``featured_image``, and other names for them."""

FREE_KEYS: Final = (
    "approver", "builds", "built", "contents", "context", "deadline", "expired", "keyword", "local",
    "publisher", "read", "reads", "stats",
)  # fmt: skip
"""Keys with a meaning of their own that look like misspellings of other keys."""


SHORT = 4
"""Up to this length, only two swapped letters count as a misspelling (`bdoy`)."""
MEDIUM = 8
"""Up to this length, one wrong, missing or extra letter counts; beyond it, two."""
PARTICLE = 3
"""Up to this length, words are not compared with other words: ``publish_by`` is not ``publish_at``."""

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-_ .:]+")


def words(key: str) -> list[str]:
    """The words of a key in camelCase, snake_case or kebab-case, in lower case."""
    return [word.lower() for word in _BOUNDARY.split(key) if word]


def squeezed(key: str) -> str:
    """A common form for ``publishAt``, ``publish_at``, ``Publish-At`` and ``publishat``."""
    return "".join(words(key))


@lru_cache(maxsize=4096)
def distance(left: str, right: str) -> int:
    """The number of letters to insert, delete, replace or swap with a neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def nearest(key: str, names: Iterable[str]) -> str | None:
    """The name in snake_case of which the key is most likely a misspelling, if any."""
    close = [(distance(squeezed(key), squeezed(name)), name) for name in names if _is_near(key, name)]
    return min(close)[1] if close else None


def _is_near(key: str, name: str) -> bool:
    mine, theirs = squeezed(key), squeezed(name)
    allowed = _allowed(len(theirs))
    if not mine or mine == theirs or abs(len(mine) - len(theirs)) > allowed:
        return False
    if len(set(mine) ^ set(theirs)) > 2 * allowed:  # A cheap test that settles nearly all keys.
        return False
    if allowed == 0:
        return sorted(mine) == sorted(theirs) and distance(mine, theirs) == 1
    return _words_fit(key, name, allowed)


def _allowed(length: int) -> int:
    if length <= SHORT:
        return 0
    return 1 if length <= MEDIUM else 2


def _words_fit(key: str, name: str, allowed: int) -> bool:
    """Whether letters within the words are wrong, without a word added or replaced."""
    mine, theirs = words(key), words(name)
    if len(mine) != len(theirs):
        return distance("".join(mine), "".join(theirs)) == 1
    return (
        all(_word_fits(word, other) for word, other in zip(mine, theirs, strict=True) if word != other)
        and distance("".join(mine), "".join(theirs)) <= allowed
    )


def _word_fits(word: str, other: str) -> bool:
    if len(other) <= PARTICLE and len(word) == len(other):
        return sorted(word) == sorted(other)
    return distance(word, other) <= max(1, len(other) // 4)


FIELDS: Final = (
    "id", "title", "body_text", "blocks", "slug", "excerpt", "category", "tags", "locale", "author",
    "publish_at", "status", "expires_at", "translation_of", "seo", "featured_image", "platforms", "social", "metadata",
)  # fmt: skip
"""Every field by its name within the program. In a file, ``blocks`` is called ``content``."""

BODY_NAMES: Final = ("body_text", "body", "content")
KEPT_KEYS: Final = ("organization_id", "triggered_by", "cost_usd", "model_used")
"""Keys of the metadata whose types are checked."""
LONGEST_KEY: Final = 64
"""A longer key is not considered a misspelling."""
MAY_BE_EMPTY: Final = frozenset(
    ("slug", "excerpt", "category", "tags", "locale", "author", "expires_at", "seo", "featured_image", "platforms")
)
"""Fields in which empty text means the same as a missing key. In others, a value may have been lost."""

_BY_NAME: Final[dict[str, Rule]] = {squeezed(name): rule for rule in RULES for name in rule.names}
_CANONICAL: Final = {squeezed(name): name for name in (*FIELDS, *BODY_NAMES) if name != "blocks"}
_NEAR: Final = (*_CANONICAL.values(), *(name for rule in RULES if not rule.exact for name in rule.names), *KEPT_KEYS)
_PLURALS: Final = (
    f"{name}s"
    for names in (("title", "slug", "excerpt", "locale"), *(rule.names for rule in (*TEXTS, *LABELS, *PICTURES)))
    for name in names
    if name[-1] not in "sy"
)
"""`images` is more than a misspelt `image`; this applies to keys that do not hold the article back."""
_FREE: Final = frozenset(squeezed(key) for key in (*FREE_KEYS, *KEPT_KEYS, *_PLURALS))


class Known(NamedTuple):
    """The meaning of a key. A free key is neither a field nor covered by a rule."""

    field: str | None = None
    rule: Rule | None = None

    @property
    def may_be_empty(self) -> bool:
        """Whether empty text under the key means the same as a missing key."""
        fields = self.rule.becomes if self.rule else (self.field,)
        return bool(fields) and all(str(field).partition(".")[0] in MAY_BE_EMPTY for field in fields)

    @property
    def takes_numbers(self) -> bool:
        """Whether a number under the key is really a number: in metadata, social texts and under free keys."""
        return self.field in ("social", "metadata") or self == _UNKNOWN

    @property
    def takes_truth(self) -> bool:
        """Whether the value of the key is usually true or false."""
        rule = self.rule
        return rule is not None and (
            rule in VISIBILITY or "published" in rule.names or rule.becomes == ("seo.no_index",)
        )


_UNKNOWN: Final = Known()


def recognised(key: str) -> Known:
    """The field or rule of a key."""
    return _recognised(key) if len(key) <= LONGEST_KEY else _UNKNOWN


def misspelt(key: str) -> str | None:
    """The known key that an unknown one was most likely meant to be, if any."""
    return _misspelt(key) if len(key) <= LONGEST_KEY else None


def recognised_part(key: str, field: str) -> tuple[str | None, str | None]:
    """The name within ``seo`` or ``featured_image`` that a key stands for, or the name that it misspells."""
    return _recognised_part(key, field) if len(key) <= LONGEST_KEY else (None, None)


@lru_cache(maxsize=2048)
def _recognised(key: str) -> Known:
    name = squeezed(key)
    if name in _CANONICAL:
        return Known(field=_CANONICAL[name])
    return Known(rule=_BY_NAME[name]) if name in _BY_NAME else _UNKNOWN


@lru_cache(maxsize=2048)
def _misspelt(key: str) -> str | None:
    return None if squeezed(key) in _FREE else nearest(key, _NEAR)


@lru_cache(maxsize=512)
def _recognised_part(key: str, field: str) -> tuple[str | None, str | None]:
    names = SEO_NAMES if field == "seo" else IMAGE_NAMES
    for name, others in names.items():
        if squeezed(key) in map(squeezed, (name, *others)):
            return name, None
    return None, nearest(key, names)
