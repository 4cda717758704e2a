"""https://docs.bsky.app/docs/api/com-atproto-repo-put-record, as a real PDS answers (see `test_real_bluesky.py`)."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.platforms.servers import base

DID = "did:plc:abcdefghijklmnopqrstuvwx"
SESSION = "signature-51b2e8"  # of the tokens, which are secrets as well


def token(ends: int) -> str:
    """An access token that ends then, in seconds since 1970."""
    middle = base64.urlsafe_b64encode(json.dumps({"exp": ends}).encode()).decode().rstrip("=")
    return f"head.{middle}.{SESSION}"


class Server(base.Server):
    KIND = "bluesky"
    ends = 4_000_000_000

    def settings(self, base: str) -> dict[str, Any]:
        return {"identifier": "blog.test", "password": "env:PLANTED", "api_base": base}

    def posts(self, request: base.Seen) -> bool:
        return request.path.endswith("putRecord")

    def answer(self, request: base.Seen) -> base.Said:
        method = request.path.partition("?")[0].rpartition(".")[2]
        if method == "getRecord":
            key = request.path.rpartition("rkey=")[2]
            found = [held for held in self.held if held["rkey"] == key]
            uri = f"at://{DID}/app.bsky.feed.post/{key}"
            missing = {"error": "RecordNotFound", "message": f"Could not locate record: {uri}"}
            return base.Said(200, {"uri": uri, "cid": "bafyreiabc"}) if found else base.Said(400, missing)
        if method in {"createSession", "refreshSession"}:
            if method == "createSession" and request.json.get("password") != base.SECRET:
                return base.Said(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
            return base.Said(
                200, {"did": DID, "accessJwt": token(self.ends), "refreshJwt": f"r{len(self.requests)}.{SESSION}"}
            )
        if request.headers.get("authorization") != f"Bearer {token(self.ends)}":
            return base.Said(400, {"error": "InvalidToken", "message": "Token could not be verified"})
        record = request.json
        said = {"uri": f"at://{DID}/app.bsky.feed.post/{record['rkey']}", "cid": "bafyreiabc"}
        for held in self.held:
            if held["rkey"] == record["rkey"]:
                missed = base.Said(400, {"error": "InvalidSwap", "message": "Record was at bafyreiabc"})
                return base.Said(200, said) if held == record else missed
        self.held.append(record)
        return base.Said(200, {**said, "commit": {"cid": "bafyreidef", "rev": "3n376sy3gxs2t"}})
