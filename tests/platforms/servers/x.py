"""https://docs.x.com/x-api/posts/create-post."""

from __future__ import annotations

from typing import Any

from emdash_cli.domain.lengths import x_weight
from tests.platforms.servers import base


class Server(base.Server):
    KIND = "x"

    def settings(self, base: str) -> dict[str, Any]:
        return {"token": "env:PLANTED", "api_base": base}

    def answer(self, request: base.Seen) -> base.Said:
        if not self.bearer_is_right(request):
            return base.Said(401, {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"})
        if request.path == "/2/users/me":
            return base.Said(200, {"data": {"id": "7", "name": "The blog", "username": "blog"}})
        message = request.json
        if set(message) - {"text", "reply"} or x_weight(message["text"]) > 280:
            return base.Said(400, {"title": "Invalid Request", "detail": "One or more parameters is invalid."})
        if any(held["text"] == message["text"] for held in self.held):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return base.Said(403, {"detail": detail, "title": "Forbidden", "status": 403})
        number = str(1_800_000_000_000_000_000 + len(self.held))
        self.held.append({**message, "id": number})
        return base.Said(201, {"data": {"id": number, "text": message["text"]}})
