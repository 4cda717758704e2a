"""Look whether everything is as it must be."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emdash_cli.domain.errors import EmdashError
from emdash_cli.domain.outcome import Finding, Health, bad, doubtful, good
from emdash_cli.inbox import filing, probes
from emdash_cli.inbox.files import QueueTroubleError
from emdash_cli.maintenance.doctor_store import examine_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from random import Random

    from emdash_cli.domain.ports import Clock, Database
    from emdash_cli.settings import Settings, Stream

CLOCK_TOLERANCE_S: Final = 5.0
"""How far two clocks may be apart, in seconds."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to look at.

    Attributes:
        sample: how many files of each archive, and rows of the ledger, are compared.
        chance: chooses them.
    """

    settings: Settings
    sample: int
    chance: Random


def doctor(
    request: Request, connect: Callable[[Settings], AbstractContextManager[Database]], clock: Clock
) -> Iterator[Finding]:
    """Every check, one after the other; none of them stops the others, and nothing is changed."""
    settings = request.settings
    python = f"{platform.python_implementation()} {platform.python_version()}"
    yield good("environment", f"{python}, {platform.system()} {platform.release()}, {sys.getfilesystemencoding()}")
    yield _settings(settings)
    for stream in settings.streams:
        yield from _directories(stream, clock)
    try:
        with connect(settings) as database:
            yield from examine_store(database, settings, request.sample, request.chance, clock)
    except EmdashError as error:
        yield bad("store", error.message, error.hint)


def _settings(settings: Settings) -> Finding:
    if settings.file is None:
        message = f"there is no emdash.toml in {settings.root}: all is at its default"
        return doubtful("settings", message, "`emdash init` writes one")
    names = ", ".join(stream.name for stream in settings.streams)
    return good("settings", f"{settings.file}; database {settings.database}; streams {names}")


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
        message = f"{stream.archive} takes no hard links from {stream.queue}: files are renamed, which works"
        yield doubtful(check, message, "nothing has to be done; ext4, XFS, Btrfs, ZFS and APFS have links")
    yield _clock(stream, found.modified_at - clock().timestamp())


def _locks(stream: Stream, found: probes.Probe) -> Finding:
    check = f"locks of {stream.name}"
    if found.locks:
        return good(check, f"a lock in {stream.queue} keeps a second run out")
    message = f"the filesystem of {stream.queue} has no locks that work: two runs at once do each other's work"
    return doubtful(check, message, "nothing is published twice; put the queue on a local disk to spare the work")


def _clock(stream: Stream, seconds: float) -> Finding:
    check = f"clock of {stream.name}"
    if abs(seconds) <= CLOCK_TOLERANCE_S:
        return good(check, "the filesystem's clock agrees with this machine's")
    direction = "ahead of" if seconds > 0 else "behind"
    message = f"the filesystem of {stream.queue} is {abs(seconds):.0f} s {direction} this machine's clock"
    return Finding(check, Health.PROBLEM, message, "set both clocks by NTP: what is due is decided by the clock")
