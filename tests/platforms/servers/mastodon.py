"""https://docs.joinmastodon.org/methods/statuses/#create, an hour after every request: no key is remembered."""

from __future__ import annotations

from html import escape
from typing import Any

from emdash_cli.domain.lengths import mastodon_length
from tests.platforms.servers import base


class Server(base.Server):
    KIND = "mastodon"

    def settings(self, base: str) -> dict[str, Any]:
        return {"token": "env:PLANTED", "api_base": base}

    def answer(self, request: base.Seen) -> base.Said:
        if not self.bearer_is_right(request):
            return base.Said(401, {"error": "The access token is invalid"})
        if request.path == "/api/v1/accounts/verify_credentials":
            return base.Said(200, {"id": "42", "username": "blog"})
        if request.path == "/api/v2/instance":
            return base.Said(200, {"configuration": {"statuses": {"max_characters": 500}}})
        if request.path.startswith("/api/v1/accounts/42/statuses"):
            return base.Said(200, list(reversed(self.held)))
        if mastodon_length(request.json["status"]) > 500:
            return base.Said(422, {"error": "Validation failed: Text character limit of 500 exceeded"})
        number = str(len(self.held) + 1)
        paragraphs = escape(request.json["status"]).replace("\n\n", "</p><p>").replace("\n", "<br />")
        status = {
            "id": number,
            "created_at": "2026-11-26T08:00:01.000Z",
            "url": f"https://mastodon.example/@blog/{number}",
            "content": f"<p>{paragraphs}</p>",
            "in_reply_to_id": request.json.get("in_reply_to_id"),
        }
        self.held.append(status)
        return base.Said(200, status)
