"""What is wrong with Portable Text that a user hands over."""

from __future__ import annotations


class PortableTextError(ValueError):
    """A Portable Text array that EmDash could not render.

    `path` names the place, for example `content[3].children[0].text`.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message
