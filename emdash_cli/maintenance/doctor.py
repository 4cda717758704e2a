"""Check the settings, the directories and the store without changing anything."""

from __future__ import annotations

import platform
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from emdash_cli.domain.delivery import Expiring
from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.instants import from_utc_text, utc_text
from emdash_cli.domain.outcome import Finding, Health, bad, doubtful, good
from emdash_cli.inbox import filing, probes
from emdash_cli.inbox.files import QueueTroubleError
from emdash_cli.maintenance.sql import cleaning, inspection
from emdash_cli.maintenance.sql import rows as kinds
from emdash_cli.maintenance.sql.cleaning import Cutoff
from emdash_cli.scheduling.sql.expiries import expiring_posts
from emdash_cli.scheduling.sql.trashed import named_trashed
from emdash_cli.store.layout import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from random import Random

    from emdash_cli.domain.ports import Clock, Database
    from emdash_cli.maintenance.sql.cleaning import Store
    from emdash_cli.settings import PlatformAccount, Settings, Stream
    from emdash_cli.store.layout import Layout
    from emdash_cli.store.session import Session

CLOCK_TOLERANCE_S: Final = 5.0
"""Maximum difference between two clocks, in seconds."""
_AHEAD: Final = timedelta(minutes=1)
"""How far in the future a recorded time may lie."""
_IN_PROGRESS: Final = timedelta(minutes=15)
"""Younger rows may be another tool's work in progress. This is the default of `emdash cleanup`."""
_LATE: Final = timedelta(minutes=5)
"""How late the sweep may be."""
_FULL: Final = 2
"""``PRAGMA synchronous``: FULL; EXTRA is 3."""
_ARCHIVED: Final = ("published", "scheduled", "draft")
_SHOWN: Final = 3


class Sample(NamedTuple):
    """What is compared of archives and ledger: so many files of each archive and rows of the ledger, by chance."""

    size: int
    chance: Random


def doctor(
    settings: Settings,
    connect: Callable[[], AbstractContextManager[Session]],
    clock: Clock,
    *,
    prepare: Callable[[PlatformAccount], object],
    sample: Sample,
) -> Iterator[Finding]:
    """Run every check, one after the other. A failed check does not stop the others.

    Args:
        settings: those in force.
        connect: opens the store.
        clock: the present instant.
        prepare: makes a platform ready, with its secrets; raises an `EmdashError` where it lacks one.
        sample: what to compare.
    """
    python = f"{platform.python_implementation()} {platform.python_version()}"
    yield good("environment", f"{python}, {platform.system()} {platform.release()}, {sys.getfilesystemencoding()}")
    yield _settings(settings)
    for stream in settings.streams:
        yield from _directories(stream, clock)
    for account in settings.platforms:
        yield from _platform(account, prepare, clock())
    try:
        with connect() as session:
            yield from _check_store(session, sample.size, sample.chance)
    except EmdashError as error:
        yield bad("store", error.message, error.hint)


def _settings(settings: Settings) -> Finding:
    if settings.file is None:
        message = f"there is no emdash.toml in {settings.root}: every setting has its default value"
        return doubtful("settings", message, "run `emdash init` to create one")
    names = ", ".join(stream.name for stream in settings.streams)
    return good("settings", f"{settings.file}; database {settings.database}; streams {names}")


def _platform(
    account: PlatformAccount, prepare: Callable[[PlatformAccount], object], now: datetime
) -> Iterator[Finding]:
    """Whether announcements can leave this machine; `emdash platforms check` asks the platform itself."""
    check = f"platform {account.name}"
    try:
        prepare(account)
    except EmdashError as error:
        yield bad(check, error.message, error.hint)
        return
    soon = account.own.warnings(now) if isinstance(account.own, Expiring) else []
    yield from (doubtful(check, text, f"docs/platforms/{account.kind}.md says how") for text in soon)
    if not soon:
        yield good(check, f"{account.kind}: its settings and its secrets are there")


def _directories(stream: Stream, clock: Clock) -> Iterator[Finding]:
    check = f"directories of {stream.name}"
    try:
        filing.check(stream.queue, stream.archive)
        found = probes.probe(stream.queue, stream.archive)
    except EmdashError as error:
        hint = error.hint if not isinstance(error, QueueTroubleError) else error.hint or "make it writable"
        yield bad(check, error.message, hint)
        return
    yield good(check, f"{stream.queue} and {stream.archive} are writable and on one filesystem")
    yield _locks(stream, found)
    if not found.links:
        message = f"files in {stream.queue} cannot be hard-linked into {stream.archive}: they are renamed, which works"
        yield doubtful(check, message, "no action is needed; ext4, XFS, Btrfs, ZFS and APFS support hard links")
    yield _clock(stream, found.modified_at - clock().timestamp())


def _locks(stream: Stream, found: probes.Probe) -> Finding:
    check = f"locks of {stream.name}"
    if found.locks:
        return good(check, f"a lock in {stream.queue} keeps a second run out")
    message = f"the filesystem of {stream.queue} does not support locks: overlapping runs do the same work twice"
    return doubtful(check, message, "nothing is published twice; a queue on a local disk avoids the extra work")


def _clock(stream: Stream, seconds: float) -> Finding:
    check = f"clock of {stream.name}"
    if abs(seconds) <= CLOCK_TOLERANCE_S:
        return good(check, "the filesystem's clock agrees with this machine's")
    direction = "ahead of" if seconds > 0 else "behind"
    message = f"the filesystem of {stream.queue} is {abs(seconds):.0f} s {direction} this machine's clock"
    return Finding(check, Health.PROBLEM, message, "synchronise both clocks by NTP: the clock decides what is due")


def _check_store(session: Session, sample: int, chance: Random) -> Iterator[Finding]:
    """Run every check of the store, one after the other.

    Raises:
        EmdashError: the store is unreachable, or a check cannot be made.
    """
    database, settings, clock = session.database, session.settings, session.clock
    is_file = settings.database.startswith("sqlite:")
    yield from _file(database) if is_file else _remote(database, clock)
    [collections] = session.open([cleaning.describe_collections()])
    layout = session.layout
    kind = "the embedded store" if layout.is_embedded else "an EmDash site"
    yield good("store", f"{settings.database} is {kind}; its tables have version {VERSION}")
    yield from (doubtful("store", text, "upgrade emdash when a newer version is available") for text in layout.warnings)
    yield from _indexes(database, layout)
    yield _foreign_keys(database)
    cutoff = Cutoff.before(clock(), _IN_PROGRESS)
    yield _incomplete(database, layout, cutoff)
    yield _orphans(database, cleaning.collections_from(layout, collections), cutoff)
    yield _expiries(database, layout, clock)
    yield _trashed(database, layout)
    yield _claims(database)
    yield from _future(database, clock)
    yield from _archives(database, settings, sample, chance)
    yield from _ledger(database, settings, sample, chance)


def _file(database: Database) -> Iterator[Finding]:
    faults = [str(row["quick_check"]) for row in database.query(inspection.QUICK_CHECK)]
    if faults == ["ok"]:
        version = database.query(inspection.SQLITE_VERSION)[0]["version"]
        yield good("integrity", f"SQLite {version} reports that the file is intact")
    else:
        yield bad("integrity", f"the file is damaged: {'; '.join(faults[:_SHOWN])}", "restore a backup")
    mode = str(database.query(inspection.JOURNAL_MODE)[0]["journal_mode"])
    synchronous = int(database.query(inspection.SYNCHRONOUS)[0]["synchronous"] or 0)
    if mode in {"off", "memory"} or synchronous < _FULL:
        message = f"journal mode {mode}, synchronous {synchronous}: a power cut can lose or damage what was published"
        yield bad("durability", message, "set PRAGMA journal_mode to wal or delete")
    else:
        yield good("durability", f"journal mode {mode}, synchronous {'FULL' if synchronous == _FULL else 'EXTRA'}")


def _remote(database: Database, clock: Clock) -> Iterator[Finding]:
    yield Finding("integrity", Health.SKIPPED, "Cloudflare maintains D1 databases: their pages are not checked")
    there = from_utc_text(str(database.query(inspection.CLOCK)[0]["now"]))
    apart = abs((there - clock()).total_seconds())
    if apart > _AHEAD.total_seconds():
        message = f"this machine's clock and the store's are {apart:.0f} s apart"
        yield bad("clock of the store", message, "synchronise this machine's clock by NTP")
    else:
        yield good("clock of the store", "it agrees with this machine's")


def _indexes(database: Database, layout: Layout) -> Iterator[Finding]:
    faults = inspection.index_faults(layout, database.query(inspection.INDEXES))
    for index, is_other in faults:
        what = "differs from the one in schema.sql" if is_other else "is missing"
        make = "run `emdash init`, which adds it" if index.is_ours else f"run: {index.statement}"
        drop = f"run: DROP INDEX {index.name}; then " if is_other else ""
        yield bad("indexes", f"the index {index.name} {what}: queries may read whole tables", f"{drop}{make}")
    missing = []
    if not layout.is_embedded:
        missing = inspection.missing_on_site(layout, database.query(inspection.describe_site_indexes(layout)))
    for index_on in missing:
        hint = "EmDash creates it: run its migrations by starting the site"
        yield bad("indexes", f"EmDash's index on {index_on} is missing: queries may read whole tables", hint)
    if not faults and not missing:
        yield good("indexes", "every index that the queries need exists")


def _foreign_keys(database: Database) -> Finding:
    rows = database.query(inspection.FOREIGN_KEYS)
    if not rows:
        return good("foreign keys", "every referenced row exists")
    tables = ", ".join(sorted({f"{row['table']} → {row['parent']}" for row in rows}))
    hint = "run `emdash cleanup --dry-run`; rows that it does not name were left by another program"
    return bad("foreign keys", f"{len(rows)} rows refer to a row that does not exist ({tables})", hint)


def _incomplete(database: Database, layout: Layout, cutoff: Cutoff) -> Finding:
    rows = database.query(cleaning.find_incomplete(layout, cutoff, remove_all=False))
    if not rows:
        return good("incomplete posts", "every published post has its live revision")
    named = ", ".join(str(row["slug"] or row["id"]) for row in rows[:_SHOWN])
    message = f"{_counted(len(rows), 'published post')} without a live revision: {named}{_more(len(rows))}"
    return doubtful("incomplete posts", message, "run `emdash cleanup --dry-run`, then `emdash cleanup`")


def _orphans(database: Database, store: Store, cutoff: Cutoff) -> Finding:
    """Count the rows that `emdash cleanup` would remove, which a crash of another tool leaves."""
    counts = {
        kind.name: int(database.query(cleaning.count_orphans(store, kind, cutoff))[0]["orphans"] or 0)
        for kind in kinds.KINDS
    }
    found = [_counted(number, kind.replace("_", " ")) for kind, number in counts.items() if number]
    if not found:
        return good("orphans", "no rows of deleted posts, terms or bylines remain")
    message = f"rows of deleted posts, terms or bylines remain: {', '.join(found)}"
    return doubtful("orphans", message, "run `emdash cleanup --dry-run`, then `emdash cleanup` to remove them")


def _counted(number: int, what: str) -> str:
    """For example ``2 revisions``, or ``50,000 or more revisions`` if the count stopped there."""
    if what == "seo":
        what = "SEO row"
    shown = f"{number:,} or more" if number == cleaning.MOST else f"{number:,}"
    return f"{shown} {what}{'' if number == 1 else 's'}"


def _more(number: int) -> str:
    return f" and {number - _SHOWN:,} more" if number > _SHOWN else ""


def _expiries(database: Database, layout: Layout, clock: Clock) -> Finding:
    now = utc_text(clock())
    found = database.query(expiring_posts(layout.names, now, utc_text(clock() - _LATE)))[0]
    if not found["late"]:
        return good("expiries", "no post is live past its expiry")
    message = f"{_counted(int(found['late']), 'post')} still live past the expiry, the first since {found['since']}"
    return bad("expiries", message, "run `emdash sweep`, and check that cron or `emdash worker` still runs it")


def _trashed(database: Database, layout: Layout) -> Finding:
    """Scheduled posts in the trash: no list has them but this one."""
    rows = database.query(named_trashed(layout.names, cleaning.MOST))
    if not rows:
        return good("scheduled in the trash", "no post in the trash is scheduled")
    named = "; ".join(
        f"{row['slug']} ({row['locale']}), {'which was due' if row['held_at'] else 'for'} {row['wanted']}"
        for row in rows[:_SHOWN]
    )
    message = f"{_counted(len(rows), 'scheduled post')} in the trash, not published while there: {named}"
    hint = "`emdash untrash SLUG` brings one back; it is held if its time has passed"
    return doubtful("scheduled in the trash", f"{message}{_more(len(rows))}", hint)


def _claims(database: Database) -> Finding:
    rows = database.query(inspection.CLAIMS)
    if not rows:
        return good("claims", "no row of the ledger is claimed")
    named = ", ".join(f"{row['file']} ({row['stream']})" for row in rows[:_SHOWN])
    message = f"rows of the ledger are claimed, which should be true only inside a transaction: {named}"
    hint = "another program wrote them: check that their posts exist, then run UPDATE publish_ledger SET claim = NULL"
    return bad("claims", message, hint)


def _future(database: Database, clock: Clock) -> Iterator[Finding]:
    latest = clock() + _AHEAD
    times = [(str(row["what"]), from_utc_text(str(row["at"]))) for row in database.query(inspection.NEWEST)]
    ahead = [(what, at) for what, at in times if at > latest]
    for what, at in ahead:
        message = f"{what} was recorded at {at:%Y-%m-%d %H:%M:%S} UTC, which is in the future"
        yield bad(
            "clock of the runs", message, "use NTP to synchronise the clocks of this machine and of the one that ran it"
        )
    if not ahead:
        yield good("clock of the runs", "nothing was recorded in the future")


def _archives(database: Database, settings: Settings, sample: int, chance: Random) -> Iterator[Finding]:
    files = []
    for stream in settings.streams:
        try:
            found = probes.sample_archive(stream.archive, _ARCHIVED, sample, chance)
        except EmdashError as error:
            yield bad("archive", error.message, error.hint)
            continue
        files += [(stream.name, file.month, probes.original_names(file.name)) for file in found]
    unknown = [files[int(row["place"] or 0)] for row in database.query(inspection.without_ledger(files))]
    for stream_name, month, names in unknown:
        message = f"{names[0]}, archived in {month} ({stream_name}), is not in the ledger"
        yield bad(
            "archive",
            message,
            "check that this is the right database; publish the file with `emdash requeue`, or delete it",
        )
    if not unknown:
        yield good("archive", f"{len(files)} archived files were checked: all are in the ledger")


def _ledger(database: Database, settings: Settings, sample: int, chance: Random) -> Iterator[Finding]:
    # One random row from each of several equal parts, so that a small ledger is checked completely.
    fractions = [(part + chance.random()) / sample for part in range(sample)]
    streams = {stream.name: stream for stream in settings.streams}
    looked = 0
    lost = []
    for row in database.query(inspection.sample_ledger(fractions)):
        stream, name = streams.get(str(row["stream"])), str(row["file"])
        if stream is None or row["imported"]:  # An import leaves the files in their folder.
            continue
        looked += 1
        waits = (stream.queue / Path(name).name).exists()
        if not waits and not probes.is_archived(stream.archive, str(row["recorded_at"])[:7], name):
            lost.append((name, stream.name))
    for name, stream_name in lost:
        message = f"{name} ({stream_name}) was published but is neither in the archive nor in the queue"
        yield bad("ledger", message, "the store has lost nothing; restore the file from a backup if you need it")
    if not lost:
        yield good("ledger", f"{looked} rows of the ledger were checked: their files all exist")
