"""A server on 127.0.0.1 that stands for a platform: it counts what it takes, and misbehaves as it is told."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter, deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True)
class Received:
    """A request that arrived whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """How one request is answered.

    Attributes:
        body: text, bytes, or a document for JSON.
        delay_s: seconds before the answer, and after the request was taken.
        lost: the connection is cut in place of the answer.
        cut: the connection is cut in the middle of the answer.
        drip_s: seconds between two bytes of the answer.
        is_taken: whether the request counts as taken.
    """

    status: int = 200
    body: object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0
    lost: bool = False
    cut: bool = False
    drip_s: float = 0
    is_taken: bool = True


LOST = Reply(lost=True)


class Receiver:
    """What arrived, and how it is answered.

    Attributes:
        replies: to the next requests; once they are used up, `otherwise`.
        taken: how often each request was taken, by its idempotency key or its path.
    """

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.replies: deque[Reply] = deque()
        self.otherwise: Callable[[Received], Reply] = lambda _: Reply()
        self.taken: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def one(self) -> Received:
        """The only request."""
        (request,) = self.requests
        return request

    def reply_to(self, request: Received) -> Reply:
        with self.lock:
            self.requests.append(request)
            reply = self.replies.popleft() if self.replies else self.otherwise(request)
            if reply.is_taken:
                self.taken[request.headers.get("idempotency-key") or request.path] += 1
        return reply


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A server that runs inside the block."""
    found = Receiver()

    class Handler(_Handler):
        platform = found

    with _Server(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients are killed in these tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform: Receiver

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.platform.reply_to(Received(self.command, self.path, headers, body))
        time.sleep(reply.delay_s)
        self._answer(reply)

    do_GET = do_PUT = do_POST  # noqa: N815 - as the base class calls them

    def _answer(self, reply: Reply) -> None:
        body = reply.body if isinstance(reply.body, bytes) else str(reply.body).encode()
        if not isinstance(reply.body, bytes | str):
            body = json.dumps(reply.body).encode()
        lines = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        raw = "\r\n".join([*lines, "", ""]).encode() + body
        if reply.lost or reply.cut:
            self.close_connection = True
            raw = b"" if reply.lost else raw[: len(raw) - len(body) // 2 - 1]
        with suppress(OSError):
            if reply.drip_s:
                for byte in raw:
                    self.connection.sendall(bytes([byte]))
                    time.sleep(reply.drip_s)
            else:
                self.connection.sendall(raw)
        if reply.lost or reply.cut:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        """Nothing is logged."""
