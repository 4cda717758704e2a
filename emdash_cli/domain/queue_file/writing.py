"""The bytes with which a queue file is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.queue_file.key_names import FIELDS
from emdash_cli.domain.queue_file.problems import Problem, QueueFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACES = {name: place for place, name in enumerate(FIELDS)}


def dump(data: Mapping[str, Any]) -> bytes:
    """A document as UTF-8 with a final newline: known keys in the order of `FIELDS`, then the others.

    Raises:
        QueueFileError: it holds something that JSON in UTF-8 cannot say.
    """
    ordered = {key: data[key] for key in sorted(data, key=lambda key: _PLACES.get(key, len(_PLACES)))}
    try:
        text = json.dumps(ordered, ensure_ascii=False, allow_nan=False, indent=2)
        return f"{text}\n".encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise QueueFileError([Problem(None, None, f"cannot be written as JSON: {error}")]) from error
