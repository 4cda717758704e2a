"""A long queue is prepared on two cores: by a helper process ahead of the batch, and by this one between batches."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from collections import deque
from contextlib import closing, suppress
from itertools import chain, islice
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any, Final

from emdash_cli.inbox.files import QueueTroubleError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from datetime import datetime

    from emdash_cli.domain.ports import Clock
    from emdash_cli.publishing.articles import Loaded, Loader

    Chunk = list[Loaded | None]

LONG: Final = 1000
"""Names from which on a second process pays for its start."""

_CHUNK: Final = 25
_ASKED: Final = 8
"""Chunks that the helper has before it."""

_AHEAD: Final = 16
"""Chunks under way: what is prepared before its turn is held in memory, about 50 KB an article."""


_PIPE_BYTES: Final = 1 << 20
"""Room for a chunk, so that the helper need not wait while this process is busy; ignored where it cannot be had."""


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
    names = chain(first, rest)
    helper = None
    if len(first) == LONG and _cores() > 1:
        with suppress(OSError):  # no further process is allowed: then without one
            helper = _Helper(loader)
    if helper is None:
        yield from (loader(name, clock()) for name in names)
        return
    with closing(helper):
        yield from _in_order(helper, loader, names, clock)


def _in_order(helper: _Helper, loader: Loader, names: Iterable[str], clock: Clock) -> Iterator[Loaded | None]:
    """The helper is kept busy; what this process would wait for, it prepares from further behind meanwhile."""
    under_way: deque[Chunk | None] = deque()  # None: the helper has it
    rest = iter(names)
    while True:
        while under_way.count(None) < _ASKED and (chunk := list(islice(rest, _CHUNK))):
            helper.ask(chunk, clock())
            under_way.append(None)
        if not under_way:
            return
        waits = under_way[0] is None and not helper.has_answered()
        if waits and len(under_way) < _AHEAD and (chunk := list(islice(rest, _CHUNK))):
            under_way.append([loader(name, clock()) for name in chunk])
            continue
        here = under_way.popleft()
        yield from helper.answer() if here is None else here


class _Helper:
    """A process that prepares chunks in the order in which they are asked for; it changes nothing.

    No `concurrent.futures`: its pool waits for ever for a process that was killed amid an answer. No
    `multiprocessing`: it starts a second process to watch the first, and imports what takes longer than that.
    """

    def __init__(self, loader: Loader) -> None:
        import subprocess

        # A new process, not a fork: it shares neither the store's connection nor the queue's lock. It inherits what
        # is blocked: signals are this process's matter, from the helper's first moment on.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                (sys.executable, "-c", _HELPER, *sys.path),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pipesize=_PIPE_BYTES,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._send(loader)
        self._answers: SimpleQueue[Chunk | Exception | None] = SimpleQueue()
        # Read at once, so that the helper need not wait while a batch is written.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _send(self, message: object) -> None:
        if self._process.stdin:
            with suppress(OSError):  # it has ended, as the answer will tell
                _write(self._process.stdin, message)

    def _read(self) -> None:
        answers = self._process.stdout
        try:
            while answers:
                self._answers.put(_read(answers))
        except (EOFError, OSError):
            self._answers.put(None)

    def ask(self, names: list[str], now: datetime) -> None:
        """Have it prepare these files."""
        self._send((names, now))

    def has_answered(self) -> bool:
        """Whether `answer` would not wait."""
        return not self._answers.empty()

    def answer(self) -> Chunk:
        """What became of the files that were asked for first."""
        match self._answers.get():
            case None:
                raise QueueTroubleError("the helper process was killed", hint="is memory short? run again")
            case Exception() as error:
                raise error
            case chunk:
                return chunk

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):  # what it was not sent any more
                    pipe.close()


_HELPER: Final = "import sys; sys.path[:] = sys.argv[1:]; from emdash_cli.publishing.ahead import serve; serve()"


def serve() -> None:
    """In the helper, until the other side has gone."""
    gc.set_threshold(100_000)  # as in `__main__`, and for the same reason
    with suppress(EOFError, OSError):
        loader = _read(sys.stdin.buffer)
        while True:
            names, now = _read(sys.stdin.buffer)
            answer: Chunk | Exception
            try:
                answer = [loader(name, now) for name in names]
            except Exception as error:  # noqa: BLE001 - it is raised again where it was asked for
                answer = error
            _write(sys.stdout.buffer, answer)
    os._exit(0)  # without a complaint about what could not be written any more


_LENGTH_BYTES: Final = 8


def _write(pipe: IO[bytes], message: object) -> None:
    """Send a message in one piece: whoever reads it needs the interpreter's lock for every piece."""
    raw = pickle.dumps(message)
    pipe.write(len(raw).to_bytes(_LENGTH_BYTES, "big") + raw)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    """The next message.

    Raises:
        EOFError: the other side has ended, perhaps amid a message.
    """
    length = int.from_bytes(pipe.read(_LENGTH_BYTES), "big")
    raw = pipe.read(length)
    if not raw or len(raw) < length:
        raise EOFError
    return pickle.loads(raw)  # noqa: S301 - from this program itself


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
