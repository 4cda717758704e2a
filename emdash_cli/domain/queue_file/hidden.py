"""Files that are not, or not yet, for everybody: refused as a rule, and drafts if that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from emdash_cli.domain.queue_file.key_names import recognised
from emdash_cli.domain.queue_file.mapping import sort_keys
from emdash_cli.domain.queue_file.problems import Problem, QueueFileError
from emdash_cli.domain.queue_file.readings import HIDES
from emdash_cli.domain.queue_file.shapes import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from emdash_cli.domain.queue_file.locations import Path

TOO_EARLY: Final = "published, but publish_at is in the future"
NO_STATUS: Final = "which is not a status"
_STATES: Final = frozenset(get_args(Status))


def as_draft(
    document: dict[str, Any], line_of: Callable[[Path], int | None]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """A document that can be taken: a draft, if something in it hides the article; with a notice for each such key.

    The key itself goes to the metadata. One that is published in the future is left to its time.

    Args:
        document: the keys and values of a file, of whichever tool.
        line_of: answers the line of a part of the document.
    """
    mapped = sort_keys(document)
    status = next((key for key in document if recognised(key).field == "status"), None)
    hiding = [(str(fault.path[0]), fault.message) for fault in mapped.faults if fault.message in HIDES]
    state = mapped.data.get("status")
    if status and isinstance(state, str) and state.strip() and state not in _STATES:
        hiding.append((status, f'is "{state}"'))
    found = dict(document)
    if not hiding:
        if status and state == "published" and "publish_at" in mapped.data:
            del found[status]  # The time says as much, and scheduled where it is to come.
        return found, ()
    kept = {key: found.pop(key) for key, _ in hiding}
    if status:
        found.pop(status, None)
    metadata = found.get("metadata")
    found["metadata"] = {**kept, **(metadata if isinstance(metadata, dict) else {})}
    found["status"] = "draft"
    notices = tuple(Problem(line_of((key,)), key, message, "brought in as a draft") for key, message in hiding)
    return found, notices


def advised(error: QueueFileError) -> QueueFileError:
    """The error with a hint at the option that takes such files."""
    return QueueFileError((_advised(problem) for problem in error.problems), incomplete=error.incomplete)


def _advised(problem: Problem) -> Problem:
    message = problem.message
    if message == TOO_EARLY:
        return problem._replace(hint=f"{problem.hint}; --hidden-as-draft schedules it")
    if message in HIDES or message.endswith(NO_STATUS):
        return problem._replace(hint=f"{problem.hint}; --hidden-as-draft brings it in as a draft")
    return problem
