"""A document as the bytes of a queue file, or as Markdown with YAML front matter that reads back to the same."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.queue_file.key_names import FIELDS
from emdash_cli.domain.queue_file.shapes import Problem, QueueFileError

if TYPE_CHECKING:
    from collections.abc import Mapping


_PLACES = {name: place for place, name in enumerate(FIELDS)}


def dump(data: Mapping[str, Any]) -> bytes:
    """A document as UTF-8 with a final newline: known keys in the order of `FIELDS`, then the others.

    Raises:
        QueueFileError: it contains something that JSON in UTF-8 cannot express.
    """
    ordered = {key: data[key] for key in sorted(data, key=lambda key: _PLACES.get(key, len(_PLACES)))}
    try:
        text = json.dumps(ordered, ensure_ascii=False, allow_nan=False, indent=2)
        return f"{text}\n".encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise QueueFileError([Problem(None, None, f"cannot be written as JSON: {error}")]) from error


# In YAML, these end a line or are not allowed in a text at all (https://yaml.org/spec/1.2.2/#51-character-set).
_SPECIAL = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def to_front_matter(document: Mapping[str, Any], markdown: str) -> str:
    """The file of an article: a line for each field, with its value as JSON, which is also valid YAML.

    Args:
        document: the fields of a queue file, except the text.
        markdown: the text.
    """
    ordered = sorted(document, key=lambda key: _PLACES.get(key, len(_PLACES)))
    lines = [f"{key}: {_value(document[key])}" for key in ordered]
    return "\n".join(["---", *lines, "---", "", markdown.strip("\r\n"), ""])


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
