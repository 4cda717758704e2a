"""What the audit table keeps of a deed, in the words of an editor; `history --json` has it as it is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emdash_cli.domain.outcome import REASONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_FATES = {
    "remove": "it had neither a text nor a revision",
    "revision": "its newest revision is the live one now",
    "columns": "a revision was made of its own text",
}
_TIMES = {
    "scheduled_at": "for",
    "scheduled_before": "was to go live",
    "wanted": "due",
    "published_at": "dated",
}
_NAMES = {"reason": "", "fields": "changed", "file": "from"}
_ACCEPTED = {"text_changed": "with its text changed since it was scheduled before"}
_TOLD_OTHERWISE = {
    *("version", "form", "revision", "key", "code", "status_before", "slug_before", "slug_after"),
    *("group_before", "group", "byline", "author_id", "live_since"),
}
"""What serves the tool itself, or is told together with something else."""


def in_words(detail: Mapping[str, Any], time: Callable[[str], str]) -> str:
    """The details, separated by commas.

    Args:
        detail: of the audit row; names that are not known here are told as they are.
        time: UTC text as it is to be shown.
    """
    return ", ".join([*_known(detail), *_named(detail, time)])


def _known(detail: Mapping[str, Any]) -> Iterator[str]:
    if detail.get("code") and not detail.get("reason"):
        yield REASONS.get(str(detail["code"]), str(detail["code"]))
    if detail.get("status_before") == "published":
        yield "a change of a published post"
    before, after = detail.get("slug_before"), detail.get("slug_after")
    if before and after and before != after:
        yield f"slug {after} instead of {before}"


def _named(detail: Mapping[str, Any], time: Callable[[str], str]) -> Iterator[str]:
    for name, value in detail.items():
        if name in _TOLD_OTHERWISE or value in (None, "", [], {}):
            continue
        if name in _TIMES:
            # The date of a post whose draft alone has changed, or nothing of its text, is none of the change.
            is_new = value != detail.get("wanted") and detail.get("form") not in {"draft", "touch"}
            if name != "published_at" or is_new:
                yield f"{_TIMES[name]} {time(str(value))}"
        elif name == "accepted":
            yield _ACCEPTED.get(str(value), str(value))
        elif name == "fate":
            yield _FATES.get(str(value), str(value))
        else:
            yield f"{_NAMES.get(name, name.replace('_', ' '))} {_plain(value, time)}".lstrip()


def _plain(value: Any, time: Callable[[str], str]) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each, time) for each in value)
    if isinstance(value, str):
        return time(value) if value.endswith("Z") else value
    return json.dumps(value, ensure_ascii=False)
