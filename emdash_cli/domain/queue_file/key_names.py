"""Which field or rule a key belongs to, in whatever way it is spelt, and which one it misspells."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from emdash_cli.domain.queue_file.foreign_keys import (
    FREE_KEYS,
    HOLDS,
    IMAGE_NAMES,
    LABELS,
    PICTURES,
    RULES,
    SEO_NAMES,
    TEXTS,
    Rule,
)
from emdash_cli.domain.queue_file.near_miss import nearest, squeezed

FIELDS: Final = (
    "id", "title", "body_text", "blocks", "slug", "excerpt", "category", "tags", "locale", "author",
    "publish_at", "status", "translation_of", "seo", "featured_image", "platforms", "social", "metadata",
)  # fmt: skip
"""Every field, by its name within the program; ``blocks`` is called ``content`` in a file."""

BODY_NAMES: Final = ("body_text", "body", "content")
KEPT_KEYS: Final = ("organization_id", "triggered_by", "cost_usd", "model_used")
"""Keys of the metadata whose types are checked."""
LONGEST_KEY: Final = 64
"""A longer key is nobody's misspelling."""
MAY_BE_EMPTY: Final = frozenset(
    ("slug", "excerpt", "category", "tags", "locale", "author", "seo", "featured_image", "platforms")
)
"""Fields in which empty text says as much as no key. Elsewhere it may be a value that got lost."""

_BY_NAME: Final[dict[str, Rule]] = {squeezed(name): rule for rule in RULES for name in rule.names}
_CANONICAL: Final = {squeezed(name): name for name in (*FIELDS, *BODY_NAMES) if name != "blocks"}
_NEAR: Final = (*_CANONICAL.values(), *(name for rule in RULES if not rule.exact for name in rule.names), *KEPT_KEYS)
_PLURALS: Final = (
    f"{name}s"
    for names in (("title", "slug", "excerpt", "locale"), *(rule.names for rule in (*TEXTS, *LABELS, *PICTURES)))
    for name in names
    if name[-1] not in "sy"
)
"""`images` is more than a misspelt `image`; this goes for keys that hold nothing back."""
_FREE: Final = frozenset(squeezed(key) for key in (*FREE_KEYS, *KEPT_KEYS, *_PLURALS))


class Known(NamedTuple):
    """What a key is; neither field nor rule: a free one."""

    field: str | None = None
    rule: Rule | None = None

    @property
    def may_be_empty(self) -> bool:
        """Whether empty text under the key says as much as no key."""
        fields = self.rule.becomes if self.rule else (self.field,)
        return bool(fields) and all(str(field).partition(".")[0] in MAY_BE_EMPTY for field in fields)

    @property
    def takes_numbers(self) -> bool:
        """Whether a number under the key is meant as one: in metadata, social texts and under free keys."""
        return self.field in ("social", "metadata") or self == _UNKNOWN

    @property
    def takes_truth(self) -> bool:
        """Whether true or false is what the key usually holds."""
        rule = self.rule
        return rule is not None and (rule in HOLDS or "published" in rule.names or rule.becomes == ("seo.no_index",))


_UNKNOWN: Final = Known()


def recognised(key: str) -> Known:
    """The field or rule of a key."""
    return _recognised(key) if len(key) <= LONGEST_KEY else _UNKNOWN


def misspelt(key: str) -> str | None:
    """The known key that an unknown one is most likely meant to be, if any."""
    return _misspelt(key) if len(key) <= LONGEST_KEY else None


def recognised_part(key: str, field: str) -> tuple[str | None, str | None]:
    """The name within ``seo`` or ``featured_image`` that a key is, and else the one that it misspells."""
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
