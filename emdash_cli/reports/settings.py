"""The settings in force, each with its origin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from emdash_cli.settings import Settings

Shown = str | bool | int | float | list[str] | None


@dataclass(frozen=True, slots=True)
class Setting:
    """One value.

    Attributes:
        key: its dotted name in emdash.toml.
        origin: ``default``, the path of emdash.toml, or the option or variable that overrides it.
    """

    key: str
    value: Shown
    origin: str


def show_settings(settings: Settings) -> list[Setting]:
    """Every setting, in the order in which emdash.toml explains them."""
    return [Setting(key, _shown(_value(settings, key)), origin) for key, origin in settings.origins.items()]


def _value(settings: Settings, key: str) -> Any:
    if key == "collection":
        return settings.fields.collection
    found: Any = settings
    if key.startswith("streams."):
        name, _, key = key.removeprefix("streams.").rpartition(".")
        found = settings.stream(name)
    elif key.startswith("alarms."):
        return settings.alarms.shown[key]
    elif key.startswith("platforms."):
        name, _, key = key.removeprefix("platforms.").rpartition(".")
        found = settings.platform(name).shown
    for part in key.split("."):
        found = found[part] if isinstance(found, dict) else getattr(found, part)
    return found


def _shown(value: Any) -> Shown:
    match value:
        case None | str() | int() | float():
            return value
        case date():
            return value.isoformat()
        case ZoneInfo():
            return value.key
        case Path():
            return str(value)
        case tuple() | list():
            return [str(part) for part in value]
        case dict():  # templates by language; none of its own by default
            return json.dumps(value, ensure_ascii=False) if value else None
        case _:
            raise TypeError(f"cannot show a value of type {type(value).__name__}")
