"""https://core.telegram.org/bots/api#sendmessage."""

from __future__ import annotations

from typing import Any

from tests.platforms.servers import base


class Server(base.Server):
    KIND = "telegram"

    def settings(self, base: str) -> dict[str, Any]:
        return {"token": "env:PLANTED", "chat": "@blog", "api_base": base}

    def answer(self, request: base.Seen) -> base.Said:
        method = request.path.removeprefix(f"/bot{base.SECRET}/")
        if method == "getMe":
            return base.Said(200, {"ok": True, "result": {"id": 7, "is_bot": True, "username": "blog_bot"}})
        if method not in {"sendMessage", "getChat"}:
            return base.Said(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        if request.json.get("chat_id") != "@blog":
            return base.Said(400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"})
        if method == "getChat":
            return base.Said(200, {"ok": True, "result": {"id": -1, "type": "channel", "title": "blog"}})
        text = request.json.get("text", "")
        if not 1 <= len(text.encode("utf-16-le")) // 2 <= 4096:
            error = "Bad Request: message is too long" if text else "Bad Request: message text is empty"
            return base.Said(400, {"ok": False, "error_code": 400, "description": error})
        self.held.append(text)
        return base.Said(200, {"ok": True, "result": {"message_id": len(self.held), "text": text}})
