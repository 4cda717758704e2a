"""What the commands that connect a site to others print with ``--json``."""

from __future__ import annotations

from emdash_cli.views.json_form import Document


class WebhookTest(Document, frozen=True):
    """A test notice and the answer to it.

    Attributes:
        platform: Its name in emdash.toml.
        url: Where the notice was sent.
        id: The header `webhook-id` of the notice.
        category: The outcome, as of an attempt: `delivered` if the receiver accepted it.
        error: Why it was not accepted; null if it was.
        answer: The status and the beginning of the body; null if there was no answer.
    """

    platform: str
    url: str
    id: str
    category: str
    error: str | None
    answer: str | None


class IndexNowKey(Document, frozen=True):
    """The key that proves to search engines that the site is yours.

    Attributes:
        platform: The platform in emdash.toml that has it; null if the key is new.
        key: The key; it is not a secret.
        url: Where the site must show it.
        file: The file that was written; null without `--write`.
        dry_run: Whether nothing was written.
    """

    platform: str | None
    key: str
    url: str
    file: str | None
    dry_run: bool
