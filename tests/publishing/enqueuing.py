"""An article to enqueue."""

from __future__ import annotations


def article(title: str = "A title", **more: object) -> dict[str, object]:
    return {"title": title, "body_text": "Text.", **more}
