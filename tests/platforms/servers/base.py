"""A server on 127.0.0.1 that counts what it took, and misbehaves when it is asked to."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "planted-secret-7f3a9c"  # noqa: S105 - looked for in everything that comes out
DATE = "Thu, 26 Nov 2026 08:00:00 GMT"


class Seen(NamedTuple):
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class Said(NamedTuple):
    """An answer."""

    status: int
    document: Any = None
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed

    @property
    def body(self) -> bytes:
        return self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()


class Fault(NamedTuple):
    """What goes wrong with one request.

    Attributes:
        instead: answered without taking anything.
        lost: whether it is taken and the connection is reset without an answer.
        half: whether it is taken and half of the answer arrives.
        late_s: seconds by which the answer is late.
    """

    instead: Said | None = None
    lost: bool = False
    half: bool = False
    late_s: float = 0


@dataclass
class Server:
    """One account on one platform.

    Attributes:
        held: what readers of the platform would see.
        faults: what goes wrong with the next requests.
        instead: answers instead of `answer`, if there is one.
    """

    KIND: ClassVar[str]
    requests: list[Seen] = field(default_factory=list)
    held: list[Any] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    instead: Callable[[Seen], Said] | None = None

    def settings(self, base: str) -> dict[str, Any]:
        """The table of emdash.toml, without `kind`; the credentials are ``env:PLANTED``."""
        raise NotImplementedError

    def answer(self, request: Seen) -> Said:
        """As the platform documents it; called by one thread at a time."""
        raise NotImplementedError

    def posts(self, request: Seen) -> bool:
        """Whether the request is one of those that a fault is for; not signing in, or looking."""
        return request.method != "GET"

    def __enter__(self) -> Self:
        self._http = _HttpServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def bearer_is_right(self, request: Seen) -> bool:
        return request.headers.get("authorization") == f"Bearer {SECRET}"


class _HttpServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that do not wait for the answer: tests have them do so."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002
            return DATE

        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            seen = Seen(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            with server.lock:
                server.requests.append(seen)
                fault = server.faults.pop(0) if server.faults and server.posts(seen) else Fault()
                said = fault.instead or (server.instead or server.answer)(seen)
            time.sleep(fault.late_s)
            if fault.lost:
                _reset(self.connection)
                self.close_connection = True
                return
            body = said.body
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if fault.half else body)
            if fault.half:
                self.close_connection = True

        do_GET = do_POST = do_PUT = _answer  # noqa: N815

    return Handler


def _reset(connection: socket.socket) -> None:
    """Close without the usual end, as a machine that crashes does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
