"""One file for each kind of platform: its settings, and its one attempt to deliver.

A file here is a kind, found by its name: ``cloudflare_cache.py`` is ``kind = "cloudflare-cache"``. It is a
`emdash_cli.domain.delivery.PlatformKind`: it has ``TRAITS``, ``Settings`` and ``connect``. Files that begin with ``_``
are what several kinds share.
"""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from emdash_cli.domain.errors import UsageError

if TYPE_CHECKING:
    from emdash_cli.domain.delivery import PlatformKind


def kinds() -> list[str]:
    """Every kind there is, as the settings name it."""
    names = (file.name for file in files(__name__).iterdir())
    return sorted(name[:-3].replace("_", "-") for name in names if name.endswith(".py") and not name.startswith("_"))


def find(kind: object) -> PlatformKind:
    """The kind of that name.

    Raises:
        UsageError: there is none; the hint names those there are.
    """
    known = kinds()
    if kind not in known:
        raise UsageError(f"{kind!r} is not a kind of platform", hint=f"there is: {', '.join(known)}")
    return cast("PlatformKind", import_module(f"{__name__}.{str(kind).replace('-', '_')}"))
