"""emdash.toml, the environment and the root options, as one frozen object that knows where each value came from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from emdash_cli.domain import setting_values as values
from emdash_cli.domain.collection import FieldNames, PostPath
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import zone_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.setting_values import OnChange

_T = TypeVar("_T")

FILE_NAME: Final = "emdash.toml"
DEFAULT_SLUG: Final = "{number}-{title}"
_FIELDS: Final = ("title", "content", "excerpt", "featured_image")


class Stream(NamedTuple):
    """One content stream: a queue directory, and the defaults of its articles."""

    name: str
    queue: Path
    archive: Path
    slug: str
    locale: str
    category: str | None
    tags: tuple[str, ...]
    author: str | None
    cadence: str | None
    per_run: int | None
    on_change: OnChange = "report"
    locales: tuple[str, ...] = ()
    """The locales of all streams and of the site, as spelled in the settings; after `Locales.and_in_store`, as in the
    store."""


class Settings(NamedTuple):
    """All settings.

    Attributes:
        root: the directory that relative paths start from, which is that of emdash.toml.
        file: emdash.toml, or None if there is none.
        default_locale: of the site; see `PostPath`.
        d1_group_bytes: maximum size of the body of one request to D1.
        origins: where the value of each key came from, by its dotted name.
    """

    root: Path
    file: Path | None
    database: str
    timezone: ZoneInfo
    site_url: str
    post_path: str
    default_locale: str | None
    api_base_url: str
    d1_group_bytes: int
    fields: FieldNames
    streams: tuple[Stream, ...]
    origins: Mapping[str, str]

    @property
    def paths(self) -> PostPath:
        """The path of posts on the site."""
        return PostPath(self.post_path, self.default_locale or "")

    def stream(self, name: str) -> Stream:
        """The stream of that name.

        Raises:
            UsageError: there is none; the hint lists the streams.
        """
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise _unknown("stream", name, [stream.name for stream in self.streams])

    def chosen_stream(self, name: str | None) -> Stream:
        """The stream of that name or, without a name, the only stream or `default`.

        Raises:
            UsageError: there is no such stream, or no name was given and there are several streams.
        """
        if name:
            return self.stream(name)
        names = [stream.name for stream in self.streams]
        if len(names) == 1:
            return self.streams[0]
        if "default" in names:
            return self.stream("default")
        raise UsageError(
            f"there are several streams: {', '.join(names)}",
            hint=f"choose one, for example --stream {names[0]}",
            code="which_stream",
        )


def load(environment: Mapping[str, str], *, config: str | None, database: str | None, directory: Path) -> Settings:
    """The settings in force.

    Args:
        environment: the process environment; EMDASH_CONFIG, EMDASH_DATABASE and CLOUDFLARE_API_BASE_URL count.
        config: the root option ``--config``.
        database: the root option ``--db``.
        directory: where to look for emdash.toml if nothing names a file.

    Raises:
        UsageError: a file cannot be read, a key is unknown, or a value has the wrong type.
    """
    file = _file(environment, config, directory)
    return _settings(environment, database, file, file.parent if file else directory)


def initial(
    environment: Mapping[str, str], *, config: str | None, database: str | None, directory: Path
) -> tuple[Settings, Path]:
    """The settings that `emdash init` is to write, and their file, which need not exist yet.

    Raises:
        UsageError: as for `load`.
    """
    file = directory / (config or environment.get("EMDASH_CONFIG") or FILE_NAME)
    return _settings(environment, database, file if file.is_file() else None, file.parent), file


def _settings(environment: Mapping[str, str], database: str | None, file: Path | None, root: Path) -> Settings:
    reader = _Reader(_read(file) if file else {}, str(file))
    chosen = {
        "database": _first(
            (database, "option --db"), (environment.get("EMDASH_DATABASE"), "environment EMDASH_DATABASE")
        ),
        "api_base_url": _first((environment.get("CLOUDFLARE_API_BASE_URL"), "environment CLOUDFLARE_API_BASE_URL")),
    }
    for key, (value, origin) in chosen.items():
        if value:
            reader.override(key, value, origin)
    settings = Settings(
        root=root,
        file=file,
        database=reader.take("database", "sqlite:emdash.db", values.text),
        timezone=reader.take("timezone", zone_named("UTC"), values.zone),
        site_url=reader.take("site_url", "http://localhost:4321", values.url),
        post_path=reader.take("post_path", PostPath().pattern, values.post_path),
        default_locale=reader.take("default_locale", None, values.locale),
        api_base_url=reader.take("api_base_url", values.D1_BASE_URL, values.api_url),
        d1_group_bytes=reader.take("d1_group_bytes", values.D1_GROUP_BYTES, values.group_bytes),
        fields=FieldNames(
            collection=reader.take("collection", "posts", values.identifier),
            **{name: reader.take(f"fields.{name}", name, values.identifier) for name in _FIELDS},
        ),
        streams=tuple(_stream(reader, name, root) for name in reader.stream_names()),
        origins=reader.origins,
    )
    known = [*(stream.locale for stream in settings.streams), *filter(None, [settings.default_locale])]
    locales = tuple(dict.fromkeys(known))
    settings = settings._replace(streams=tuple(stream._replace(locales=locales) for stream in settings.streams))
    reader.refuse_unknown()
    _refuse_shared_queues(settings)
    return settings


def _file(environment: Mapping[str, str], config: str | None, directory: Path) -> Path | None:
    named = config or environment.get("EMDASH_CONFIG")
    path = directory / (named or FILE_NAME)
    if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a directory may not be entered
        return path
    if named:
        raise UsageError(f"there is no settings file {path}", hint="run `emdash init`, or name another with --config")
    return None


def _read(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: {error}", hint="see https://toml.io for the format") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error


def _first(*choices: tuple[str | None, str]) -> tuple[str | None, str]:
    return next((choice for choice in choices if choice[0]), (None, ""))


class _Reader:
    """Takes values from the parsed file, and records which keys were taken and where each value came from."""

    def __init__(self, data: dict[str, Any], file: str) -> None:
        self.origins: dict[str, str] = {}
        self._file = file
        self._flat = dict(_flattened(data))
        self._known: list[str] = []
        self._overrides: dict[str, tuple[str, str]] = {}

    def override(self, key: str, value: str, origin: str) -> None:
        self._overrides[key] = (value, origin)

    def stream_names(self) -> list[str]:
        names = [key.split(".")[1] for key in self._flat if key.startswith("streams.")]
        return list(dict.fromkeys(names)) or ["default"]

    def take(self, key: str, default: _T, read: Callable[[Any], _T]) -> _T:
        self._known.append(key)
        if key not in self._overrides and key not in self._flat:
            self.origins[key] = "default"
            return default
        value, origin = self._overrides.get(key) or (self._flat[key], self._file)
        self.origins[key] = origin
        try:
            return read(value)
        except UsageError as error:
            raise UsageError(f"{origin}: setting `{key}`: {error.message}", hint=error.hint) from error

    def refuse_unknown(self) -> None:
        for key in self._flat:
            if key not in self._known and not (key.startswith("streams.") and key.count(".") == 1):
                raise _unknown(f"{self._file}: setting", key, self._known)


def _flattened(data: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in data.items():
        if isinstance(value, dict):
            flat += _flattened(value, f"{prefix}{key}.") or [(f"{prefix}{key}", value)]
        else:
            flat.append((f"{prefix}{key}", value))
    return flat


def _stream(reader: _Reader, name: str, root: Path) -> Stream:
    key = f"streams.{name}"
    below = "" if name == "default" else f"/{name}"
    return Stream(
        name=values.stream_name(name),
        queue=root / reader.take(f"{key}.queue", f"queue{below}", values.text),
        archive=root / reader.take(f"{key}.archive", f"archive{below}", values.text),
        slug=reader.take(f"{key}.slug", DEFAULT_SLUG, values.slug_pattern),
        locale=reader.take(f"{key}.locale", "en", values.locale),
        category=reader.take(f"{key}.category", None, values.text),
        tags=reader.take(f"{key}.tags", (), values.texts),
        author=reader.take(f"{key}.author", None, values.author),
        cadence=reader.take(f"{key}.cadence", None, values.cadence),
        per_run=reader.take(f"{key}.per_run", None, values.count),
        on_change=reader.take(f"{key}.on_change", "report", values.on_change),
    )


def _refuse_shared_queues(settings: Settings) -> None:
    seen: dict[str, str] = {}
    for stream in settings.streams:
        other = seen.setdefault(os.path.realpath(stream.queue), stream.name)
        if other != stream.name:
            raise UsageError(
                f"{settings.file}: the streams {other} and {stream.name} have the same queue, {stream.queue}",
                hint="give each stream its own queue directory",
            )


def _unknown(what: str, name: str, known: list[str]) -> UsageError:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"choose one of: {', '.join(known)}"
    return UsageError(f"{what} `{name}` does not exist", hint=hint)
