"""Set up a place to publish from: emdash.toml, the directories of the streams, the store and samples."""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from emdash_cli import samples
from emdash_cli.domain.errors import DatabaseError, UnavailableError, UsageError
from emdash_cli.domain.instants import utc_text
from emdash_cli.domain.ports import Bookmarked
from emdash_cli.domain.queue_file import from_front_matter
from emdash_cli.domain.queue_file.writing import dump
from emdash_cli.inbox import files, writing
from emdash_cli.inbox.files import queue_trouble
from emdash_cli.store import layout as layouts
from emdash_cli.store import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from emdash_cli.domain.ports import Database
    from emdash_cli.settings import Settings
    from emdash_cli.store.schema import Missing


class Connect(Protocol):
    """Opens the store."""

    def __call__(self, *, create: bool) -> AbstractContextManager[Database]:
        """Open the store. A missing store is created, or raises `UnavailableError`."""
        ...


class State(StrEnum):
    """What happened to a part."""

    CREATED = "created"
    EXISTS = "exists"
    SKIPPED = "skipped"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class Step:
    """One part.

    Attributes:
        kind: ``settings``, ``directory``, ``store``, ``migration``, ``sample`` or, before a change to a store that can
            be restored to a point in time, ``bookmark``.
        name: the path, the URL of the store, the migration, or the bookmark.
        note: for people; may be empty.
        sql: the statements of a migration.
    """

    kind: str
    name: str
    state: State
    note: str = ""
    sql: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """What to create.

    Attributes:
        settings: those in force or, without an emdash.toml, the defaults.
        file: emdash.toml, which need not exist yet.
        wants_samples: whether to put sample articles into the queue.
        is_preview: report what would be created without creating anything.
    """

    settings: Settings
    file: Path
    wants_samples: bool
    is_preview: bool


def init(setup: Setup, connect: Connect, now: datetime) -> Iterator[Step]:
    """Create what is missing, and report each part; what exists is never changed.

    Raises:
        UsageError: the database belongs to something else; nothing was created.
        DatabaseError: the store is unreachable, failing or unsuitable.
        QueueTroubleError: a file or directory cannot be written.
    """
    settings = setup.settings
    lacking, knows_samples, warnings = _look(connect, settings)
    yield _settings_file(setup)
    for stream in settings.streams:
        for directory in (stream.queue, stream.archive):
            yield _directory(directory, is_preview=setup.is_preview)
    if not setup.is_preview and lacking.batches(""):
        with connect(create=True) as database:
            yield from _way_back(database)
            schema.bring_up(database, lacking, utc_text(now))
    yield _store(settings, lacking, warnings)
    if not lacking.emdash:
        yield from (Step("migration", step.name, State.APPLIED, sql=step.sql) for step in lacking.migrations)
    if setup.wants_samples:
        yield from _samples(setup, now, knows_samples=knows_samples)


def _look(connect: Connect, settings: Settings) -> tuple[Missing, bool, tuple[str, ...]]:
    """What is missing in the store, whether the samples were published in it before, and warnings about it."""
    try:
        opened = connect(create=False)
    except UnavailableError as error:
        if error.code != "store_missing":
            raise
        return schema.missing(settings.fields, [], None), False, ()
    with opened as database:
        objects = database.query(schema.OBJECTS)
        tables = {row["name"] for row in objects}
        version = database.query(layouts.TOOL_VERSION)[0]["version"] if "pipeline_schema" in tables else None
        lacking = schema.missing(settings.fields, objects, None if version is None else int(version))
        warnings: tuple[str, ...] = ()
        if not lacking.emdash:
            columns = database.query(layouts.describe_store(settings.fields)[0])
            migrations = database.query(schema.MIGRATIONS) if "_emdash_migrations" in tables else []
            warnings = schema.check(settings.fields, columns, migrations, version)
        knows_samples = "publish_ledger" in tables and database.query(schema.published_with_ids(samples.ID_PREFIX))
        return lacking, bool(knows_samples), warnings


def _settings_file(setup: Setup) -> Step:
    name = str(setup.file)
    if os.path.lexists(setup.file):
        if not setup.file.is_file():
            raise UsageError(f"{setup.file} exists but is not a regular file", hint="name another one with --config")
        return Step("settings", name, State.EXISTS, _other_database(setup))
    if not setup.is_preview:
        with queue_trouble(setup.file.parent):
            setup.file.parent.mkdir(parents=True, exist_ok=True)
        writing.write_file(setup.file, samples.settings_text(setup.settings.database).encode())
    return Step("settings", name, State.CREATED)


def _other_database(setup: Setup) -> str:
    """A warning if emdash.toml names a different store from the one being created."""
    named = str(tomllib.loads(setup.file.read_text("utf-8")).get("database", "sqlite:emdash.db"))
    if named == setup.settings.database:
        return ""
    return f"it names another database, {named}: change that line, or pass --db each time"


def elsewhere(made: Settings, plain: Settings) -> str:
    """What to change if a command would use a different store from the one created; empty if it would use the same.

    Args:
        made: the settings of the store that was created.
        plain: those of a command without ``--db``.
    """
    if plain.database == made.database:
        return ""
    origin, line = plain.origins["database"], f"`database = {json.dumps(made.database, ensure_ascii=False)}`"
    if plain.file is None or origin.startswith("environment"):
        where, change = origin, f"set it to {made.database}, or pass --db"
    else:
        where, change = str(plain.file), f"put {line} into it"
        lines = plain.file.read_text("utf-8").splitlines()
        number = next((n for n, text in enumerate(lines, 1) if re.match(r"\s*database\s*=", text)), None)
        if number:
            change = f"change its line {number} to {line}"
        change += ", or pass --db or EMDASH_DATABASE"
    return f"{where} names another database, {plain.database}, and articles would be published there: {change}"


def _directory(path: Path, *, is_preview: bool) -> Step:
    if path.is_dir():
        return Step("directory", str(path), State.EXISTS)
    if not is_preview:
        with queue_trouble(path):
            path.mkdir(parents=True)
    return Step("directory", str(path), State.CREATED)


def _way_back(database: Database) -> Iterator[Step]:
    """The bookmark, if the engine has one. An error in reading it stops nothing."""
    if not isinstance(database, Bookmarked):
        return
    try:
        bookmark = database.bookmark()
    except DatabaseError as error:
        yield Step("bookmark", "", State.SKIPPED, f"no Time Travel bookmark is available: {error.message}")
        return
    command = f"wrangler d1 time-travel restore DATABASE_NAME --bookmark={bookmark}"
    yield Step("bookmark", bookmark, State.EXISTS, f"to restore the database as it was before: {command}")


def _store(settings: Settings, lacking: Missing, warnings: tuple[str, ...]) -> Step:
    notes = [f"warning: {text}" for text in warnings]
    if lacking.is_new and not lacking.emdash:
        notes.insert(0, "emdash's own tables are added; nothing else is changed")
    if lacking.lost:
        notes.insert(0, f"missing tables and indexes were created again: {', '.join(lacking.lost)}")
    state = State.CREATED if lacking.is_new or lacking.lost else State.EXISTS
    return Step("store", settings.database, state, "; ".join(notes))


def _samples(setup: Setup, now: datetime, *, knows_samples: bool) -> Iterator[Step]:
    streams = setup.settings.streams
    stream = next((stream for stream in streams if stream.name == "default"), streams[0])
    if stream.queue.is_dir() and next(files.names(stream.queue), None) is not None:
        yield Step("sample", str(stream.queue), State.SKIPPED, "the queue is not empty: no samples were added")
    elif knows_samples:
        yield Step("sample", str(stream.queue), State.SKIPPED, "the samples were published before")
    else:
        articles = [(stem, dump(_dated(from_front_matter(text), setup, now))) for stem, text in samples.articles()]
        if setup.is_preview:
            places = writing.planned(stream.queue, stream.archive, [stem for stem, _ in articles])
        else:
            places = writing.add(stream.queue, stream.archive, articles)
        for place in places:
            yield Step("sample", str(place), State.CREATED)


def _dated(article: dict[str, Any], setup: Setup, now: datetime) -> dict[str, Any]:
    """The article. A sample with the status scheduled gets a time one week from now."""
    if article.get("status") == "scheduled":
        day = now.astimezone(setup.settings.timezone).date() + timedelta(days=7)
        article["publish_at"] = f"{day.isoformat()} 09:00"
    return article
