"""Another blog's ``/api/blog/publish``: it knows articles by their ``articleId``."""

from __future__ import annotations

from typing import Any

from tests.platforms.servers import base


class Server(base.Server):
    KIND = "target"

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": f"{base}/api/blog/publish", "token": "env:PLANTED"}

    def answer(self, request: base.Seen) -> base.Said:
        if not self.bearer_is_right(request):
            return base.Said(401, {"error": "unauthorized"})
        article = request.json
        if any(held["articleId"] == article["articleId"] for held in self.held):
            return base.Said(200, {"existed": True, "id": "a-1"})
        self.held.append(article)
        return base.Said(201, {"existed": False, "id": "a-1"})
