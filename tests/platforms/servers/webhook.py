"""A receiver of https://www.standardwebhooks.com/ notices, which knows them by ``webhook-id``."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from tests.platforms.servers import base


class Server(base.Server):
    KIND = "webhook"

    def settings(self, base: str) -> dict[str, Any]:
        return {"url": f"{base}/hook", "secret": "env:PLANTED_KEY"}

    def answer(self, request: base.Seen) -> base.Said:
        number, at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        signed = f"{number}.{at}.".encode() + request.body
        right = base64.b64encode(hmac.new(base.SECRET.encode(), signed, hashlib.sha256).digest()).decode()
        if f"v1,{right}" not in request.headers["webhook-signature"].split():
            return base.Said(401, {"error": "signature"})
        if all(held[0] != number for held in self.held):
            self.held.append((number, request.json))
        return base.Said(204, b"")
