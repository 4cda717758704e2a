"""Text of others, made safe to print."""

from __future__ import annotations


def harmless(text: str) -> str:
    """Without the control characters by which a text could steer the terminal or break a line."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char in "\t\n\r" else "" for char in text)
