"""The client that platforms are spoken to with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from emdash_cli import web


def test_threads_that_begin_together_read_the_certificate_authorities_once() -> None:
    web._read_trusted.cache_clear()
    together = Barrier(8)

    def first() -> object:
        together.wait()
        return web._trusted()

    with ThreadPoolExecutor(8) as threads:
        contexts = {id(one.result()) for one in [threads.submit(first) for _ in range(8)]}
    assert len(contexts) == 1
