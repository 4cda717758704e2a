"""https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api."""

from __future__ import annotations

import re
from typing import Any

from tests.platforms.servers import base

UNESCAPED = re.compile(r"(?<!\\)[|{}@\[\]()<>*_~]")


class Server(base.Server):
    KIND = "linkedin"

    def settings(self, base: str) -> dict[str, Any]:
        return {"token": "env:PLANTED", "author": "abc123XYZ", "version": "202610", "api_base": base}

    def answer(self, request: base.Seen) -> base.Said:
        if not self.bearer_is_right(request):
            return base.Said(401, {"status": 401, "code": "REVOKED_ACCESS_TOKEN", "message": "The token was revoked"})
        if request.path == "/v2/userinfo":
            return base.Said(200, {"sub": "abc123XYZ", "name": "Jane of the blog"})
        if request.headers.get("linkedin-version") != "202610":
            return base.Said(426, {"status": 426, "code": "NONEXISTENT_VERSION", "message": "Version is not active"})
        post = request.json
        if not post["author"].startswith("urn:li:person:") or UNESCAPED.search(post["commentary"]):
            return base.Said(400, {"status": 400, "message": "ACCESS_DENIED"})
        if any(held["content"] == post["content"] for held in self.held):
            message = "Content is a duplicate of urn:li:share:7000000000000000000"
            return base.Said(422, {"status": 422, "code": "DUPLICATE_POST", "message": message})
        self.held.append(post)
        return base.Said(201, None, {"x-restli-id": f"urn:li:share:{7_000_000_000_000_000_000 + len(self.held) - 1}"})
