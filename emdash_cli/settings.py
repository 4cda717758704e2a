"""emdash.toml, the environment and the root options, as one frozen object that knows where each value came from."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar, cast

from emdash_cli.domain.article import FieldNames, PostPath, PublicSite
from emdash_cli.domain.errors import UsageError
from emdash_cli.domain.instants import zone_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from emdash_cli.domain.delivery import Lane, Secret, Table

    PlatformReader = Callable[[str, Table, tuple[str, ...]], "PlatformAccount"]
    """Reads a ``[platforms.NAME]``: its name, the table, and the streams that are announced there."""

_T = TypeVar("_T")

FILE_NAME: Final = "emdash.toml"
DEFAULT_SLUG: Final = "{number}-{title}"
_FIELDS: Final = ("title", "content", "excerpt", "featured_image")
D1_BASE_URL: Final = "https://api.cloudflare.com/client/v4"
D1_GROUP_BYTES: Final = 4_000_000
"""Maximum size of a request's body unless the settings say otherwise. The longest article fits on its own."""
_LEAST_GROUP_BYTES: Final = 100_000

OnChange = Literal["report", "update", "draft"]
"""What happens to a file that was edited since its publication: report it, update its post, or save a draft."""
_ON_CHANGE: Final[tuple[OnChange, ...]] = ("report", "update", "draft")


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
    platforms: tuple[str, ...] = ()
    """Where its posts are announced unless their file says otherwise."""
    known_platforms: tuple[str, ...] = ()
    """All that the settings have, which a file may name."""
    locales: tuple[str, ...] = ()
    """The locales of all streams and of the site, as spelled in the settings; after `Locales.and_in_store`, as in the
    store."""
    slots: tuple[str, ...] = ()
    """When its posts are scheduled one by one, as `domain.slots` reads them; without any, its cadence says when."""


class PlatformAccount(NamedTuple):
    """One ``[platforms.NAME]``.

    Attributes:
        kind: a file of `emdash_cli.platforms`, by its name.
        own: the settings of that kind, as its model read them.
        lane: what the store knows of it.
        timeout_s: seconds that one exchange may take.
        allow_private: whether it may be at an address that is not public.
        at_once: jobs that one request may carry.
        shown: every value as it stands in the file, by its key, or its default.
    """

    name: str
    kind: str
    own: Any
    lane: Lane
    timeout_s: float
    allow_private: bool
    at_once: int
    shown: Mapping[str, Any]


class AlarmChannels(NamedTuple):
    """Where alarms of one class go.

    Attributes:
        webhook: URL that a signed notice is posted to; `secret` signs it.
        command: run without a shell, with the notice on standard input.
        timeout_s: seconds that each of them may take.
        allow_private: whether the URL may be at an address that is not public.
    """

    webhook: str | None = None
    secret: Secret | None = None
    command: str | None = None
    timeout_s: int = 10
    allow_private: bool = False


class Alarms(NamedTuple):
    """``[alarms]``.

    Attributes:
        ops: for those who run the blog; `content`: for those who write it.
        shown: every value as it stands in the file, or its default, by its dotted name.
    """

    ops: AlarmChannels = AlarmChannels()
    content: AlarmChannels = AlarmChannels()
    shown: Mapping[str, Any] = {}


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
    platforms: tuple[PlatformAccount, ...]
    origins: Mapping[str, str]
    alarms: Alarms = Alarms()

    @property
    def paths(self) -> PostPath:
        """The path of posts on the site."""
        return PostPath(self.post_path, self.default_locale or "")

    @property
    def site(self) -> PublicSite:
        """Where posts are on the site, and where they are announced."""
        return PublicSite(self.paths, tuple(platform.lane for platform in self.platforms))

    def stream(self, name: str) -> Stream:
        """The stream of that name.

        Raises:
            UsageError: there is none; the hint lists the streams.
        """
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise _unknown("stream", name, [stream.name for stream in self.streams])

    def platform(self, name: str) -> PlatformAccount:
        """The platform of that name.

        Raises:
            UsageError: there is none; the hint names those there are.
        """
        for platform in self.platforms:
            if platform.name == name:
                return platform
        raise _unknown("platform", name, [platform.name for platform in self.platforms])

    @property
    def default_stream(self) -> str:
        """Name of the stream of posts that no stream published: the only one or `default`, which need not exist."""
        return self.streams[0].name if len(self.streams) == 1 else "default"

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


def no_platforms(name: str, table: Table, streams: tuple[str, ...]) -> PlatformAccount:
    """For whoever needs none."""
    raise UsageError(f"[platforms.{name}] cannot be read here ({table}, {streams})")


def load(
    environment: Mapping[str, str],
    *,
    config: str | None,
    database: str | None,
    directory: Path,
    read_platform: PlatformReader = no_platforms,
) -> Settings:
    """The settings in force.

    Args:
        environment: the process environment; EMDASH_CONFIG, EMDASH_DATABASE and CLOUDFLARE_API_BASE_URL count.
        config: the root option ``--config``.
        database: the root option ``--db``.
        directory: where to look for emdash.toml if nothing names a file.
        read_platform: reads what is set up of a platform.

    Raises:
        UsageError: a file cannot be read, a key is unknown, or a value has the wrong type.
    """
    file = _file(environment, config, directory)
    return _settings(environment, database, file, file.parent if file else directory, read_platform)


def initial(
    environment: Mapping[str, str],
    *,
    config: str | None,
    database: str | None,
    directory: Path,
    read_platform: PlatformReader = no_platforms,
) -> tuple[Settings, Path]:
    """The settings that `emdash init` is to write, and their file, which need not exist yet.

    Raises:
        UsageError: as for `load`.
    """
    file = directory / (config or environment.get("EMDASH_CONFIG") or FILE_NAME)
    return _settings(environment, database, file if file.is_file() else None, file.parent, read_platform), file


def _settings(
    environment: Mapping[str, str], database: str | None, file: Path | None, root: Path, read_platform: PlatformReader
) -> Settings:
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
        database=reader.take("database", "sqlite:emdash.db", text),
        timezone=reader.take("timezone", zone_named("UTC"), _zone),
        site_url=reader.take("site_url", "http://localhost:4321", url),
        post_path=reader.take("post_path", PostPath().pattern, _post_path),
        default_locale=reader.take("default_locale", None, language_tag),
        api_base_url=reader.take("api_base_url", D1_BASE_URL, api_url),
        d1_group_bytes=reader.take("d1_group_bytes", D1_GROUP_BYTES, _group_bytes),
        fields=FieldNames(
            collection=reader.take("collection", "posts", _identifier),
            **{name: reader.take(f"fields.{name}", name, _identifier) for name in _FIELDS},
        ),
        streams=tuple(_stream(reader, name, root) for name in reader.names("streams") or ["default"]),
        platforms=(),
        origins=reader.origins,
    )
    known = [*(stream.locale for stream in settings.streams), *filter(None, [settings.default_locale])]
    locales = tuple(dict.fromkeys(known))
    settings = settings._replace(streams=tuple(stream._replace(locales=locales) for stream in settings.streams))
    if names := reader.names("platforms"):
        settings = _with_platforms(reader, settings, names, read_platform)
    if reader.names("alarms"):
        settings = settings._replace(alarms=_alarms(reader))
    reader.refuse_unknown()
    _refuse_unknown_platforms(settings)
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
        raise UsageError(
            f"{file} cannot be read: {error}", hint="check the disk, and that this user may read it"
        ) from error


def _first(*choices: tuple[str | None, str]) -> tuple[str | None, str]:
    return next((choice for choice in choices if choice[0]), (None, ""))


class _Reader:
    """Takes values from the parsed file, and records which keys were taken and where each value came from."""

    def __init__(self, data: dict[str, Any], file: str) -> None:
        self.origins: dict[str, str] = {}
        self.file = file
        self._flat = dict(_flattened(data))
        self._known: list[str] = []
        self._overrides: dict[str, tuple[str, str]] = {}

    def override(self, key: str, value: str, origin: str) -> None:
        self._overrides[key] = (value, origin)

    def names(self, table: str) -> list[str]:
        """Of the tables below that one."""
        names = [key.split(".")[1] for key in self._flat if key.startswith(f"{table}.")]
        return list(dict.fromkeys(names))

    def has(self, key: str) -> bool:
        return key in self._flat

    def written(self, key: str, otherwise: Any) -> Any:
        """The value as it stands in the file, or the other one."""
        return self._flat.get(key, otherwise)

    def take(self, key: str, default: _T, read: Callable[[Any], _T]) -> _T:
        self._known.append(key)
        if key not in self._overrides and key not in self._flat:
            self.origins[key] = "default"
            return default
        value, origin = self._overrides.get(key) or (self._flat[key], self.file)
        self.origins[key] = origin
        try:
            return read(value)
        except UsageError as error:
            raise UsageError(f"{origin}: setting `{key}`: {error.message}", hint=error.hint) from error

    def refuse_unknown(self) -> None:
        for key in self._flat:
            if key not in self._known and not (key.startswith(("streams.", "platforms.")) and key.count(".") == 1):
                raise _unknown(f"{self.file}: setting", key, self._known)


def _flattened(data: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in data.items():
        # A table within a platform is a value of it: templates by language.
        if isinstance(value, dict) and not (prefix.startswith("platforms.") and prefix.count(".") > 1):
            flat += _flattened(value, f"{prefix}{key}.") or [(f"{prefix}{key}", value)]
        else:
            flat.append((f"{prefix}{key}", value))
    return flat


def _stream(reader: _Reader, name: str, root: Path) -> Stream:
    key = f"streams.{name}"
    below = "" if name == "default" else f"/{name}"
    return Stream(
        name=_stream_name(name),
        queue=root / reader.take(f"{key}.queue", f"queue{below}", text),
        archive=root / reader.take(f"{key}.archive", f"archive{below}", text),
        slug=reader.take(f"{key}.slug", DEFAULT_SLUG, _slug_pattern),
        locale=reader.take(f"{key}.locale", "en", language_tag),
        category=reader.take(f"{key}.category", None, text),
        tags=reader.take(f"{key}.tags", (), texts),
        author=reader.take(f"{key}.author", None, _author),
        cadence=reader.take(f"{key}.cadence", None, _cadence),
        slots=reader.take(f"{key}.slots", (), _slots),
        per_run=reader.take(f"{key}.per_run", None, count),
        on_change=reader.take(f"{key}.on_change", "report", _on_change),
        platforms=reader.take(f"{key}.platforms", (), _platforms),
    )


class _PlatformTable:
    """A `Table`: one ``[platforms.NAME]``."""

    def __init__(self, reader: _Reader, name: str) -> None:
        self._reader = reader
        self._prefix = f"platforms.{name}."
        self.shown: dict[str, Any] = {}

    def take(self, key: str, default: _T, read: Callable[[Any], _T]) -> _T:
        found = self._reader.take(self._prefix + key, default, read)
        self.shown[key] = self._reader.written(self._prefix + key, found)
        return found

    def need(self, key: str, read: Callable[[Any], _T]) -> _T:
        if not self._reader.has(self._prefix + key):
            table, _, _ = self._prefix.rpartition(".")
            hint = f"add {key} = … to that table; docs/platforms/index.md says what each kind needs"
            raise UsageError(f"{self._reader.file}: [{table}] needs `{key}`", hint=hint)
        found = self._reader.take(self._prefix + key, None, read)
        self.shown[key] = self._reader.written(self._prefix + key, found)
        return cast("_T", found)


def _with_platforms(reader: _Reader, settings: Settings, names: list[str], read_platform: PlatformReader) -> Settings:
    platforms = []
    for name in names:
        table = _PlatformTable(reader, _platform_name(name))
        platforms.append(read_platform(name, table, _announcing(settings, name))._replace(shown=table.shown))
    streams = tuple(stream._replace(known_platforms=tuple(names)) for stream in settings.streams)
    return settings._replace(platforms=tuple(platforms), streams=streams)


def _alarms(reader: _Reader) -> Alarms:
    """What `[alarms]` says for both classes holds unless a class has its own value."""
    shown: dict[str, Any] = {}
    common = _channels(reader, "alarms", AlarmChannels(), shown)
    ops, content = (_channels(reader, f"alarms.{name}", common, shown) for name in ("ops", "content"))
    for name, channels in (("ops", ops), ("content", content)):
        if channels.webhook and not channels.secret:
            raise UsageError(
                f"alarms of the class {name} have a webhook, but no `secret` that signs them",
                hint='add secret = "env:NAME" to [alarms]; `openssl rand -base64 32` makes a secret',
            )
    return Alarms(ops, content, shown)


def _channels(reader: _Reader, table: str, common: AlarmChannels, shown: dict[str, Any]) -> AlarmChannels:
    def take(key: str, default: _T, read: Callable[[Any], _T]) -> _T:
        found = reader.take(f"{table}.{key}", default, read)
        plain = found.reference if hasattr(found, "reference") else found
        shown[f"{table}.{key}"] = reader.written(f"{table}.{key}", plain)
        return found

    return AlarmChannels(
        webhook=take("webhook", common.webhook, api_url),
        secret=take("secret", common.secret, secret),
        command=take("command", common.command, _command),
        timeout_s=take("timeout", common.timeout_s, count),
        allow_private=take("allow_private", common.allow_private, yes_or_no),
    )


def _announcing(settings: Settings, platform: str) -> tuple[str, ...]:
    """The streams that are announced there; posts that no stream published go with the default or only one."""
    streams = [stream.name for stream in settings.streams if platform in stream.platforms]
    return ("", *streams) if settings.default_stream in streams else tuple(streams)


def _refuse_unknown_platforms(settings: Settings) -> None:
    known = [platform.name for platform in settings.platforms]
    for stream in settings.streams:
        for name in stream.platforms:
            if name not in known:
                key = f"{settings.file}: setting `streams.{stream.name}.platforms`: platform"
                if not known:
                    raise UsageError(f"{key} `{name}` is not set up", hint=f"add [platforms.{name}] with its `kind`")
                raise _unknown(key, name, known)


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


# Each function below reads a value from the file and returns its meaning. It raises `UsageError` with the reason;
# `_Reader` adds the place of the value.


def text(value: object) -> str:
    """Any text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise _wrong(value, "a string")
    return value


def _author(value: object) -> str:
    """The default author of articles: a name, or an address that identifies a user."""
    from emdash_cli.domain.authors import author_of_text

    named = text(value)
    if author_of_text(named) is None:
        raise _wrong(value, "the name of an author")
    return named


def secret(value: object) -> Secret:
    """Where a secret is: ``env:NAME`` or ``file:PATH``."""
    from emdash_cli.domain.delivery import Secret

    source, colon, place = value.partition(":") if isinstance(value, str) else ("", "", "")
    if source not in {"env", "file"} or not colon or not place.strip():
        raise UsageError(
            "a secret must not stand in the settings; what stands there is not repeated here",
            hint='write "env:NAME" or "file:PATH", and keep the secret in that variable or file',
        )
    return Secret(f"{source}:{place}")


def yes_or_no(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise _wrong(value, "true or false")
    return value


def _command(value: object) -> str:
    """A command line of a program and its arguments."""
    import shlex

    said = text(value)
    try:
        words = shlex.split(said)
    except ValueError as error:
        raise UsageError(f"{said!r} is not a command: {error}") from error
    if not words:
        raise _wrong(value, "a command")
    return said


def texts(value: object) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise _wrong(value, "a list of strings")
    return tuple(value)


def count(value: object) -> int:
    """A whole number above 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(value, "a whole number above 0")
    return value


def _group_bytes(value: object) -> int:
    """A number of bytes that is enough for at least one article."""
    number = count(value)
    if number < _LEAST_GROUP_BYTES:
        raise _wrong(value, f"a whole number of bytes (at least {_LEAST_GROUP_BYTES})")
    return number


def _zone(value: object) -> ZoneInfo:
    """The name of a time zone."""
    return zone_named(text(value))


def url(value: object) -> str:
    """The beginning of a URL, without a trailing slash."""
    address = text(value)
    if not address.startswith(("http://", "https://")):
        raise _wrong(value, "a URL that begins with https:// or http://")
    return address.rstrip("/")


def api_url(value: object) -> str:
    """The URL of an API that receives a secret: it must not contain a secret itself, nor send it unencrypted."""
    from urllib.parse import urlsplit

    address = value if isinstance(value, str) else ""
    if "@" in address:
        raise UsageError(
            "the URL contains a user name or password, which is not repeated here",
            hint="remove everything before the @; the API token goes into CLOUDFLARE_API_TOKEN",
        )
    if "?" in address or "#" in address:
        raise UsageError(
            "the URL has a ? or a #", hint="remove it and everything after it: paths are appended to the URL"
        )
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{value!r} is not a URL: {error}") from error
    if not host or parts.scheme not in {"https", "http"}:
        raise UsageError(f"{value!r} is not a URL", hint="write one that starts with https://")
    if parts.scheme == "http" and host not in {"localhost", "127.0.0.1", "::1"}:
        raise UsageError(f"the token would be sent unencrypted to {host}", hint="start the URL with https://")
    return address.rstrip("/")


def _post_path(value: object) -> str:
    """The path of a post on the site."""
    path = text(value)
    if not path.startswith("/") or "{slug}" not in path:
        raise _wrong(value, "a path that starts with / and contains {slug}")
    if "{locale}" in path and path.split("/").count("{locale}") != path.count("{locale}"):
        raise UsageError(
            f"in {value!r}, {{locale}} is only part of a segment", hint="write, for example, /{locale}/posts/{slug}"
        )
    others = set(re.findall(r"\{[^{}]*\}", path)) - {"{slug}", "{locale}"}
    if others:
        raise UsageError(
            f"{value!r} has an unknown placeholder {min(others)}", hint="the placeholders are {slug} and {locale}"
        )
    return path


def _slug_pattern(value: object) -> str:
    """The pattern for the slugs of a stream."""
    from emdash_cli.domain.slugs import SlugPattern

    pattern = SlugPattern.parse(text(value))
    if pattern.has("path"):
        raise UsageError(
            f"slug pattern {value!r}: {{path}} works only in `import --slug`: a queue has no folders", hint="use {name}"
        )
    return pattern.source


def _on_change(value: object) -> OnChange:
    """What happens to a file that was edited since it was published."""
    for choice in _ON_CHANGE:
        if value == choice:
            return choice
    raise _wrong(value, "one of " + ", ".join(f'"{choice}"' for choice in _ON_CHANGE))


def _cadence(value: object) -> str:
    """How often a stream publishes."""
    from emdash_cli.domain.cadence import Cadence

    return Cadence.parse(text(value)).source


def _slots(value: object) -> tuple[str, ...]:
    """Days of the week with times."""
    from emdash_cli.domain.slots import SLOT_FORMS, WeeklyTimes

    said = texts(value)
    if not said:
        raise UsageError("a list without slots", hint=f"remove the setting, or name times such as {SLOT_FORMS}")
    WeeklyTimes.parse(said)
    return said


def language_tag(value: object) -> str:
    """A language tag (BCP 47), spelled as the site has it. No site uses a tag with ``_``, so that is normalised."""
    from emdash_cli.domain.locales import canonical

    said = text(value)
    tag = (canonical(said) or said) if "_" in said else said
    first, *rest = tag.split("-")
    if not (first.isalpha() and 2 <= len(first) <= 8 and tag.isascii()) or not all(  # noqa: PLR2004 - BCP 47
        part.isalnum() and len(part) <= 8  # noqa: PLR2004
        for part in rest
    ):
        raise _wrong(value, "a language tag such as en or pt-br")
    return tag


def _stream_name(name: str) -> str:
    """A name that can be used in a path and in a command."""
    if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
        raise UsageError(
            f"{name!r} is not a valid name for a stream", hint="use letters, digits, - and _, as in [streams.news]"
        )
    return name


def _platforms(value: object) -> tuple[str, ...]:
    """Names of platforms; none at all is a choice, too."""
    return tuple(_platform_name(name) for name in texts(value))


def _platform_name(name: str) -> str:
    """A name that can stand in a queue file, which are read in lower case, and in a command."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name):
        hint = "lower-case letters, digits, - and _, as in [platforms.partner]"
        raise UsageError(f"a platform cannot be called {name!r}", hint=hint)
    return name


def _identifier(value: object) -> str:
    """A name that EmDash would accept for a collection or a field, which makes it safe in SQL."""
    if isinstance(value, str) and value.isascii() and value.isidentifier() and value.islower() and value[0] != "_":
        return value
    raise _wrong(value, "the name of an EmDash collection or field: lower-case letters, digits and _")


def _wrong(value: object, wanted: str) -> UsageError:
    return UsageError(f"{value!r} is not {wanted}")
