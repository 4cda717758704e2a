"""https://developers.cloudflare.com/api/resources/cache/methods/purge/."""

from __future__ import annotations

from typing import Any

from tests.platforms.servers import base

ZONE = "0123456789abcdef0123456789abcdef"


class Server(base.Server):
    KIND = "cloudflare-cache"

    def settings(self, base: str) -> dict[str, Any]:
        return {"zone": ZONE, "token": "env:PLANTED", "also": ["/", "/tag/{tag}"], "api_base": base}

    def answer(self, request: base.Seen) -> base.Said:
        if request.path == "/user/tokens/verify":
            if not self.bearer_is_right(request):
                return base.Said(401, {"success": False, "errors": [{"code": 1000, "message": "Invalid API Token"}]})
            return base.Said(200, {"success": True, "errors": [], "result": {"id": "f2", "status": "active"}})
        if self.bearer_is_right(request) and request.path == f"/zones/{ZONE}":
            return base.Said(200, {"success": True, "errors": [], "result": {"id": ZONE, "name": "blog.example"}})
        if not self.bearer_is_right(request) or request.path != f"/zones/{ZONE}/purge_cache":
            return base.Said(403, {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}]})
        files = request.json["files"]
        if not 1 <= len(files) <= 100:
            return base.Said(400, {"success": False, "errors": [{"code": 1094, "message": "Exceeded maximum files"}]})
        self.held += [url for url in files if url not in self.held]
        return base.Said(200, {"success": True, "errors": [], "result": {"id": ZONE}})
