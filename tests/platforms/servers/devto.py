"""https://developers.forem.com/api/v1#tag/articles."""

from __future__ import annotations

from typing import Any

from tests.platforms.servers import base


class Server(base.Server):
    KIND = "devto"

    def settings(self, base: str) -> dict[str, Any]:
        return {"token": "env:PLANTED", "api_base": f"{base}/api"}

    def answer(self, request: base.Seen) -> base.Said:
        if request.headers.get("api-key") != base.SECRET:
            return base.Said(401, {"error": "unauthorized", "status": 401})
        if request.path == "/api/users/me":
            return base.Said(200, {"type_of": "user", "id": 1, "username": "blog"})
        if request.method == "GET":
            return base.Said(200, self.held)
        article = request.json["article"]
        if request.method == "PUT":
            number = int(request.path.rpartition("/")[2])
            self.held[number - 1].update(article)
            return base.Said(200, self.held[number - 1])
        if any(held["canonical_url"] == article["canonical_url"] for held in self.held):
            error = "Canonical url has already been taken. Email support@dev.to for further details."
            return base.Said(422, {"error": error, "status": 422})
        number = len(self.held) + 1
        self.held.append({**article, "id": number, "url": f"https://dev.to/blog/{number}"})
        return base.Said(201, self.held[-1])
