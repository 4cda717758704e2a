"""What the ledger knows an article by: its key and its digest, which an exported file brings along."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from emdash_cli.domain.queue_file import QueueFile

RESERVED: Final = "emdash"
"""The key of a file's ``metadata`` under which its identity stands."""

_DIGEST: Final = re.compile("[0-9a-f]{64}")
_TEXT_KEY: Final = re.compile("text:[0-9a-f]{64}")
_ID_KEY: Final = re.compile("id:(.+):[^:#.]+", re.DOTALL)
"""No ``#`` and no point behind the last colon: a key that was retired is nobody's."""


class Identity(NamedTuple):
    """What tells an article from others, and its text from another text of the same article."""

    key: str
    digest: str


def identity(wish: QueueFile, locale: str) -> Identity:
    """The one that the file brings along from an export, if it still says the same; else its own."""
    digest = digest_of(wish, locale)
    own = Identity(f"id:{wish.id}:{locale}" if wish.id else f"text:{digest}", digest)
    brought = _brought(wish)
    if brought is None or brought["exported"] != digest:
        return own
    if wish.id or not _TEXT_KEY.fullmatch(brought["key"]):
        return own._replace(digest=brought["digest"]) if brought["key"] == own.key else own
    return Identity(brought["key"], brought["digest"])


def digest_of(wish: QueueFile, locale: str) -> str:
    """Of what the article says: title, text and locale; not of its time, slug or metadata."""
    text = wish.markdown if wish.markdown is not None else json.dumps(wish.blocks, sort_keys=True, ensure_ascii=False)
    # A title is one line and a locale has no blanks, so that the three cannot run into one another.
    return hashlib.blake2b(f"{locale}\n{wish.title}\n{text}".encode(), digest_size=32).hexdigest()


def own_metadata(wish: QueueFile) -> dict[str, Any]:
    """The file's metadata without what an export has added."""
    brought = _brought(wish)
    return {key: value for key, value in wish.metadata.items() if brought is None or key != RESERVED}


def to_bring(key: object, digest: object, exported: str) -> dict[str, str] | None:
    """What an export adds under `RESERVED`: the ledger's key and digest, and the digest of the exported file.

    None for a post that is in no ledger, or whose key was retired.
    """
    known = isinstance(key, str) and (_TEXT_KEY.fullmatch(key) or _ID_KEY.fullmatch(key))
    return {"key": str(key), "digest": str(digest), "exported": exported} if known else None


def own_id(key: object) -> str | None:
    """The id that the article's file had; None if its text was its key."""
    found = _ID_KEY.fullmatch(str(key or ""))
    return found[1] if found else None


def _brought(wish: QueueFile) -> dict[str, str] | None:
    """What stands under `RESERVED`; None for anything that no export has written there."""
    said = wish.metadata.get(RESERVED)
    if not isinstance(said, dict) or set(said) != {"key", "digest", "exported"}:
        return None
    if not all(isinstance(value, str) for value in said.values()):
        return None
    return said if _DIGEST.fullmatch(said["digest"]) and _DIGEST.fullmatch(said["exported"]) else None
