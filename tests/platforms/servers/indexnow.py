"""https://www.indexnow.org/documentation; every engine is a path of the one server."""

from __future__ import annotations

from typing import Any

from tests.platforms.servers import base


class Server(base.Server):
    KIND = "indexnow"

    def settings(self, base: str) -> dict[str, Any]:
        return {"key": "0123456789abcdef", "engines": [f"{base}/indexnow"]}

    def answer(self, request: base.Seen) -> base.Said:
        if request.method == "GET":
            is_key = request.path == "/0123456789abcdef.txt"
            return base.Said(200, b"0123456789abcdef\n") if is_key else base.Said(404, b"")
        document = request.json
        if document["key"] != "0123456789abcdef" or not document["keyLocation"].endswith("/0123456789abcdef.txt"):
            return base.Said(403, b"")
        if any(not url.startswith(f"https://{document['host']}/") for url in document["urlList"]):
            return base.Said(422, b"")
        self.held += [url for url in document["urlList"] if url not in self.held]
        return base.Said(200, b"")
