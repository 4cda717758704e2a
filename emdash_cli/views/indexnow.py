"""The key of IndexNow: as a line, as a JSON document, and as the file that the site shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import UsageError
from emdash_cli.views import output

if TYPE_CHECKING:
    from pathlib import Path

    from emdash_cli.platforms.indexnow import SiteKey


def show(found: SiteKey, folder: Path | None, *, is_preview: bool, as_json: bool) -> None:
    """Write the file into the folder, if there is one and it is no preview, and print the key.

    Raises:
        UsageError: the file cannot be written, or there is another one of that name.
    """
    file = folder / found.file_name if folder else None
    if folder and file:
        if not folder.is_dir():
            raise UsageError(f"there is no folder {folder}", hint="name the folder whose files the site shows at /")
        _check(file, found.key)
        if not is_preview:
            output.save(file, found.key)
    if as_json:
        from emdash_cli.views import json_form
        from emdash_cli.views.documents import site

        json_form.show(site.IndexNowKey.of(found, file=str(file) if file else None, dry_run=is_preview))
    else:
        output.data("\t".join([found.key, found.url, *([str(file)] if file else [])]))
    if found.platform is None:
        output.note('this key is new; put it into emdash.toml:\n\n[platforms.indexnow]\nkind = "indexnow"')
        output.note(f'key = "{found.key}"')


def _check(file: Path, key: str) -> None:
    """Refuse to replace what is not the key.

    Raises:
        UsageError: the file says something else, or cannot be read.
    """
    try:
        there = file.read_bytes() if file.exists() else key.encode()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    if there.strip() != key.encode():
        raise UsageError(f"{file} exists and does not contain the key", hint="remove it, or choose another key")
