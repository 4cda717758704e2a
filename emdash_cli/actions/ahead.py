"""A long queue is prepared on two cores: by a helper process ahead of the batch, and by this one between batches."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from contextlib import contextmanager
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Final

from emdash_cli.inbox.files import QueueTroubleError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from concurrent.futures import Executor, Future
    from datetime import datetime

    from emdash_cli.actions.loading import Loaded, Loader
    from emdash_cli.domain.ports import Clock

    Chunk = list[Loaded | None]

LONG: Final = 1000
"""Names from which on a second process pays for its start."""

_CHUNK: Final = 25
_AHEAD: Final = 8
"""Chunks under way: what is prepared before its turn is held in memory, about 50 KB an article."""

_HERE_EACH: Final = 4
"""One chunk in so many is prepared in this process, which has the batches to see to as well."""


def load_all(
    loader: Loader, names: Iterable[str], clock: Clock, wanted: int | None
) -> Generator[Loaded | None, None, None]:
    """What `loader` makes of each name, in order; on a second core where there is one and enough to do.

    Args:
        loader: the stream's.
        names: of its queue.
        clock: asked for each name.
        wanted: how many articles the run will probably take; None for all.

    Raises:
        QueueTroubleError: trouble that is no file's fault, or the death of the helper process.
    """
    rest = iter(names)
    first = list(islice(rest, min(LONG, wanted or LONG)))
    if len(first) < LONG or _cores() < 2:  # noqa: PLR2004 - a second core
        yield from (loader(name, clock()) for name in chain(first, rest))
        return
    with _helper(loader) as helper:
        yield from _in_order(helper, loader, chain(first, rest), clock)


def _in_order(helper: Executor, loader: Loader, names: Iterable[str], clock: Clock) -> Iterator[Loaded | None]:
    under_way: deque[Future[Chunk] | list[str]] = deque()
    rest = iter(names)
    for turn in count():
        chunk = list(islice(rest, _CHUNK))
        if chunk:
            under_way.append(chunk if turn % _HERE_EACH == 0 else helper.submit(_work, chunk, clock()))
        if not chunk or len(under_way) > _AHEAD:
            if not under_way:
                return
            yield from _finish(under_way.popleft(), loader, clock)


def _finish(part: Future[Chunk] | list[str], loader: Loader, clock: Clock) -> Iterable[Loaded | None]:
    if isinstance(part, list):
        return (loader(name, clock()) for name in part)
    from concurrent.futures.process import BrokenProcessPool

    try:
        return part.result()
    except BrokenProcessPool as error:
        raise QueueTroubleError("the helper process was killed", hint="is memory short? run again") from error


@contextmanager
def _helper(loader: Loader) -> Iterator[Executor]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Spawned, not forked: it shares neither the store's connection nor the queue's lock.
    executor = ProcessPoolExecutor(1, get_context("spawn"), _begin, (loader, os.getpid()))
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


_loaders: list[Loader] = []


def _begin(loader: Loader, parent: int) -> None:
    """In the helper: signals are the parent's matter, and without it there is nothing to do."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _loaders.append(loader)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(names: list[str], now: datetime) -> Chunk:
    return [_loaders[0](name, now) for name in names]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
