"""Prepare the articles of a long queue on two CPU cores.

A helper process prepares articles ahead of the batches that write them; this process prepares more while it waits.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from collections import deque
from contextlib import closing, suppress
from itertools import islice
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any, Final

from emdash_cli.inbox.files import QueueTroubleError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from datetime import datetime

    from emdash_cli.domain.ports import Clock
    from emdash_cli.publishing.articles import Loaded, Loader

    Chunk = list[Loaded | None]

_CHUNK: Final = 25
_ASKED: Final = 12
"""Chunks that wait in the helper's input: enough for the time that a group of 250 takes to be written."""

_AHEAD: Final = 20
"""Maximum number of chunks in progress. Prepared articles wait in memory, about 50 KB each."""


_PIPE_BYTES: Final = 1 << 20
"""Size of the pipe's buffer, so that the helper need not wait for this process. Not every system allows it."""


def load_ahead(loader: Loader, names: Iterable[str], clock: Clock) -> Generator[Loaded | None, None, None]:
    """The result of `loader` for each name, in order; with a second core if there is one.

    Args:
        loader: of the stream.
        names: of the files in its queue.
        clock: called for each name.

    Raises:
        QueueTroubleError: reading failed for a reason that is not a file's fault, or the helper process died.
    """
    helper = None
    if _cores() > 1:
        with suppress(OSError):  # The system may allow no further process; then this one does all the work.
            helper = _Helper(loader)
    if helper is None:
        yield from (loader(name, clock()) for name in names)
        return
    with closing(helper):
        yield from _in_order(helper, loader, names, clock)


def _in_order(helper: _Helper, loader: Loader, names: Iterable[str], clock: Clock) -> Iterator[Loaded | None]:
    """Keep the helper busy. While its answer is not ready, prepare chunks from further behind in this process."""
    under_way: deque[Chunk | None] = deque()  # None stands for a chunk that the helper prepares.
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
    """A process that prepares chunks in the order of the requests, and changes nothing.

    Not `concurrent.futures`: its pool hangs if a worker is killed in the middle of an answer. Not `multiprocessing`: it
    starts a second process to watch the first, and its imports take longer.
    """

    def __init__(self, loader: Loader) -> None:
        import subprocess

        # A new process instead of a fork shares neither the store's connection nor the queue's lock. Signals are
        # blocked
        # while it starts, and it inherits the blocked mask, so that only this process ever handles them.
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
        # The answers are read as they arrive, so that the helper need not wait while a batch is written.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _send(self, message: object) -> None:
        if self._process.stdin:
            with suppress(OSError):  # The helper has ended; reading its answer reports that.
                _write(self._process.stdin, message)

    def _read(self) -> None:
        answers = self._process.stdout
        try:
            while answers:
                self._answers.put(_read(answers))
        except (EOFError, OSError):
            self._answers.put(None)

    def ask(self, names: list[str], now: datetime) -> None:
        """Ask the helper to prepare these files."""
        self._send((names, now))

    def has_answered(self) -> bool:
        """Whether `answer` would return without waiting."""
        return not self._answers.empty()

    def answer(self) -> Chunk:
        """The results for the earliest request that is still unanswered."""
        match self._answers.get():
            case None:
                raise QueueTroubleError(
                    "the helper process was killed", hint="check whether memory is running low, and run again"
                )
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
                with suppress(OSError):  # Data that could not be sent is discarded.
                    pipe.close()


_HELPER: Final = "import sys; sys.path[:] = sys.argv[1:]; from emdash_cli.publishing.ahead import serve; serve()"


def serve() -> None:
    """The helper's main loop, which ends when the other side closes the pipe."""
    gc.set_threshold(100_000)  # For the same reason as in `__main__`.
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
    os._exit(0)  # Without an error message about output that could no longer be written.


_LENGTH_BYTES: Final = 8


def _write(pipe: IO[bytes], message: object) -> None:
    """Send a message. Joined to its length, it would be copied, and half a megabyte of memory mapped for the copy."""
    raw = pickle.dumps(message)
    pipe.write(len(raw).to_bytes(_LENGTH_BYTES, "big"))
    pipe.write(raw)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    """The next message.

    Raises:
        EOFError: the other side has ended, perhaps in the middle of a message.
    """
    length = int.from_bytes(pipe.read(_LENGTH_BYTES), "big")
    raw = pipe.read(length)
    if not raw or len(raw) < length:
        raise EOFError
    return pickle.loads(raw)  # noqa: S301 - from this program itself


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
