"""Help texts: the commands' docstrings, with their line breaks kept where they are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Command, Context  # Typer 0.28 has no public name for them


class Manual(TyperGroup):
    r"""A group whose commands may use ``\b`` in raw docstrings: the paragraph after it keeps its line breaks.

    Click expects the control character, but a raw docstring holds two characters
    (https://click.palletsprojects.com/documentation/).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _lay_out(self)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The command of that name, with its help laid out."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            _lay_out(command)
        return command


def _lay_out(command: Command) -> None:
    if command.help:
        command.help = command.help.replace("\\b\n", "\b\n")
