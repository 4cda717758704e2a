"""How far the announcement of a post has come: as a part of a JSON document, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.views import output

if TYPE_CHECKING:
    from emdash_cli.domain.announced import Distribution
    from emdash_cli.views.documents import posts


def document(found: Distribution | None) -> posts.Distribution | None:
    """As a part of a JSON document."""
    if found is None:
        return None
    from emdash_cli.views.documents import posts

    jobs = tuple(posts.PlatformJob.of(job) for job in found.jobs)
    return posts.Distribution(found.standing.value, found.summary, jobs)


def sentence(found: Distribution | None) -> str:
    """One line for people; empty if there is nothing to say."""
    return output.sanitized(found.summary) if found else ""


def brief(found: Distribution | None) -> str:
    """A few words for a table; empty if there is nothing to say."""
    return output.sanitized(found.brief) if found else ""
