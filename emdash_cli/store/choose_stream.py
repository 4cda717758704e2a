"""Which stream is meant, where there can be only one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emdash_cli.domain.errors import UsageError

if TYPE_CHECKING:
    from emdash_cli.settings import Settings, Stream


def chosen_stream(settings: Settings, name: str | None) -> Stream:
    """The stream of that name; without a name the only one, or `default`.

    Raises:
        UsageError: there is none of that name, or none was named and there are several.
    """
    if name:
        return settings.stream(name)
    names = [stream.name for stream in settings.streams]
    if len(names) == 1:
        return settings.streams[0]
    if "default" in names:
        return settings.stream("default")
    raise UsageError(
        f"there are several streams, and none was named: {', '.join(names)}",
        hint=f"choose one: --stream {names[0]}",
        code="which_stream",
    )
