"""What the ledger knows an article by: its key and its digest, which an exported file brings along."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emdash_cli.domain.article import SeoFields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emdash_cli.domain.authors import Author
    from emdash_cli.domain.queue_file import QueueFile

RESERVED: Final = "emdash"
"""The key of a file's ``metadata`` under which its identity stands."""

_DIGEST: Final = re.compile("[0-9a-f]{64}")
_TEXT_KEY: Final = re.compile("text:[0-9a-f]{64}")
_ID_KEY: Final = re.compile("id:(.+):[^:#.]+", re.DOTALL)
"""No ``#`` and no point behind the last colon: a key that was retired is nobody's."""


class Identity(NamedTuple):
    """What tells an article from others, and its text from another text of the same article.

    Attributes:
        text: digest of title, text and locale; `digest` is another one only of a file that an export wrote.
        exported_meaning: `meaning_of` the file as an export wrote it, if its text is still that; empty for a file of
            an older version's export; None for a file that no export wrote.
    """

    key: str
    digest: str
    text: str
    exported_meaning: str | None = None

    def marked(self, meaning: str) -> str:
        """The meaning, marked if an export wrote the file: it says all that the post had, and no file had said so."""
        if self.exported_meaning is None:
            return meaning
        return f"{'exported' if self.exported_meaning in {'', meaning} else 'edited'}:{meaning}"


def identity(wish: QueueFile, locale: str) -> Identity:
    """The one that the file brings along from an export, if it still says the same; else its own."""
    digest = digest_of(wish, locale)
    own = Identity(f"id:{wish.id}:{locale}" if wish.id else f"text:{digest}", digest, digest)
    brought = _brought(wish)
    if brought is None or brought["exported"] != digest:
        return own
    meaning = brought.get("meaning", "")
    if wish.id or not _TEXT_KEY.fullmatch(brought["key"]):
        return Identity(own.key, brought["digest"], digest, meaning) if brought["key"] == own.key else own
    return Identity(brought["key"], brought["digest"], digest, meaning)


def digest_of(wish: QueueFile, locale: str) -> str:
    """Of what the article says: title, text and locale; not of its time, slug or metadata."""
    text = wish.markdown if wish.markdown is not None else json.dumps(wish.blocks, sort_keys=True, ensure_ascii=False)
    # A title is one line and a locale has no blanks, so that the three cannot run into one another.
    return hashlib.blake2b(f"{locale}\n{wish.title}\n{text}".encode(), digest_size=32).hexdigest()


def said_by(wish: QueueFile) -> dict[str, Any]:
    """What the file says beside its title and text; nothing of what the stream or the store adds, and no address.

    Keys: ``category``, ``tags``, ``author``, ``excerpt``, ``image`` (src, alt), ``seo`` (in the order of `SeoFields`),
    ``source`` (whose translation it is), ``draft``; what the file does not say is left out.
    """
    said: dict[str, Any] = {
        "category": wish.category,
        "tags": wish.tags,
        "author": _said_author(wish.author) if wish.author else None,
        "excerpt": wish.excerpt,
        "image": [wish.featured_image.src, wish.featured_image.alt] if wish.featured_image else None,
        "seo": seo_fields(wish),
        "source": wish.translation_of,
        "draft": wish.status == "draft",
    }
    return {name: value for name, value in said.items() if value}


def meaning_of(wish: QueueFile, text: str, said: Mapping[str, Any], metadata: str) -> str:
    """Digest of all that the file says but for its slug and date, which an update leaves as they are.

    Args:
        wish: what stands in the file.
        text: digest of title, text and locale.
        said: of `said_by`.
        metadata: of the ledger.
    """
    everything = f"{text}\n{json.dumps(said, ensure_ascii=False)}\n{metadata}\n{wish.id or ''}"
    return hashlib.blake2b(everything.encode(), digest_size=16).hexdigest()


def seo_fields(wish: QueueFile) -> SeoFields | None:
    """The row of the SEO table that the file asks for."""
    seo = wish.seo
    if seo is None:
        return None
    return SeoFields(seo.title, seo.description, seo.image, seo.canonical, bool(seo.no_index))


def _said_author(author: Author) -> list[str | None]:
    """Name and slug; of an e-mail address only what tells that it changed."""
    address = f"{author.email} {author.owner}" if author.needs_store else None
    mark = hashlib.blake2b(address.encode(), digest_size=8).hexdigest() if address else None
    return [author.name, author.slug, mark]


def own_metadata(wish: QueueFile) -> dict[str, Any]:
    """The file's metadata without what an export has added."""
    brought = _brought(wish)
    return {key: value for key, value in wish.metadata.items() if brought is None or key != RESERVED}


def to_bring(key: object, digest: object, exported: str, meaning: str) -> dict[str, str] | None:
    """What an export adds under `RESERVED`: the ledger's key and digest, and the exported file's digest and meaning.

    None for a post that is in no ledger, or whose key was retired.
    """
    known = isinstance(key, str) and (_TEXT_KEY.fullmatch(key) or _ID_KEY.fullmatch(key))
    return {"key": str(key), "digest": str(digest), "exported": exported, "meaning": meaning} if known else None


def own_id(key: object) -> str | None:
    """The id that the article's file had; None if its text was its key."""
    found = _ID_KEY.fullmatch(str(key or ""))
    return found[1] if found else None


def _brought(wish: QueueFile) -> dict[str, str] | None:
    """What stands under `RESERVED`; None for anything that no export has written there."""
    said = wish.metadata.get(RESERVED)
    if not isinstance(said, dict) or set(said) - {"meaning"} != {"key", "digest", "exported"}:
        return None
    if not all(isinstance(value, str) for value in said.values()):
        return None
    return said if _DIGEST.fullmatch(said["digest"]) and _DIGEST.fullmatch(said["exported"]) else None
