"""What the client that platforms are spoken to with refuses, bounds, and keeps to itself."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emdash_cli import web
from emdash_cli.domain.replies import Lost, Reply, Request, Unsent
from emdash_cli.web import WebClient, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEM = Path(__file__).parent / "harness" / "localhost.pem"
SECRET = "planted:secret/7f3a9c"  # noqa: S105 - looked for in what comes back
TOKEN = "session-token-51b2"  # noqa: S105
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Listener:
    """A server on 127.0.0.1 whose connections are given to a function, each in a thread of its own."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._serve(connection)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def listen() -> Iterator[Callable[[Callable[[socket.socket], None]], Listener]]:
    open_ones: list[Listener] = []

    def begin(serve: Callable[[socket.socket], None]) -> Listener:
        open_ones.append(Listener(serve))
        return open_ones[-1]

    yield begin
    for each in open_ones:
        each.close()


@pytest.fixture
def client() -> Iterator[Callable[..., WebClient]]:
    """Makes clients, which are closed at the end."""
    made: list[WebClient] = []

    def make(**settings: Any) -> WebClient:
        made.append(WebClient(**settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def head(connection: socket.socket) -> bytes:
    """A request up to its empty line."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = connection.recv(4096)
        if not piece:
            return got
        got += piece
    return got


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(answer)

    return serve


def over_tls(serve: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(PEM)

    def wrapped(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            serve(inner)

    return wrapped


def get(url: str, **headers: str) -> Request:
    return Request("GET", url, headers)


def test_an_answer_comes_back(client: Callable[..., WebClient], listen: Callable[..., Listener]) -> None:
    server = listen(saying(OK))
    answer = client(allow_private=True).send(get(f"http://127.0.0.1:{server.port}/"))
    assert isinstance(answer, Reply)
    assert (answer.status, answer.body) == (200, b"ok")


NOT_PUBLIC = {
    "loopback": "127.0.0.1",
    "any": "0.0.0.0",  # noqa: S104 - refused
    "private": "10.1.2.3",
    "private, 172": "172.31.0.1",
    "private, 192": "192.168.1.1",
    "link-local, metadata": "169.254.169.254",
    "metadata of Azure": "168.63.129.16",
    "metadata of Oracle": "192.0.0.192",
    "metadata of Alibaba, shared": "100.100.100.200",
    "benchmarks": "198.18.0.1",
    "reserved": "240.0.0.1",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "loopback, IPv6": "::1",
    "any, IPv6": "::",
    "link-local, IPv6": "fe80::1%eth0",
    "site-local": "fec0::1",
    "unique local, metadata": "fd00:ec2::254",
    "multicast, IPv6": "ff0e::1",
    "documentation": "2001:db8::1",
    "documentation, new": "3fff::1",
    "segment routing": "5f00::1",
    "mapped": "::ffff:169.254.169.254",
    "compatible": "::127.0.0.1",
    "translated": "::ffff:0:127.0.0.1",
    "NAT64": "64:ff9b::169.254.169.254",
    "NAT64, local": "64:ff9b:1::1",
    "6to4": "2002:a9fe:a9fe::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "ISATAP": "2600::5efe:10.0.0.1",
}


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(client: Callable[..., WebClient], address: str) -> None:
    chosen = client(resolve=lambda *_: [address])
    answer = chosen.send(get("https://rebound.example/"))
    assert isinstance(answer, Unsent), answer
    assert answer.is_final
    assert f"rebound.example is {address}, which is not a public address" in answer.reason


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1", "localhost", "[::1]"])
def test_another_way_to_write_an_address_is_refused(
    client: Callable[..., WebClient], host: str, listen: Callable[..., Listener]
) -> None:
    server = listen(saying(OK))
    answer = client().send(get(f"http://{host}:{server.port}/"))
    assert isinstance(answer, Unsent), answer
    assert "not a public address" in answer.reason
    assert server.connections == 0


def test_one_private_address_among_public_ones_is_refused(
    client: Callable[..., WebClient], listen: Callable[..., Listener]
) -> None:
    server = listen(saying(OK))
    answer = client(resolve=lambda *_: ["127.0.0.1", "93.184.215.14"]).send(get(f"http://a.example:{server.port}/"))
    assert isinstance(answer, Unsent)
    answer = client(resolve=lambda *_: ["93.184.215.14", "127.0.0.1"]).send(get(f"http://a.example:{server.port}/"))
    assert isinstance(answer, Unsent)
    assert server.connections == 0


def test_each_connection_resolves_once_and_anew(
    client: Callable[..., WebClient], listen: Callable[..., Listener]
) -> None:
    server = listen(saying(OK))
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    chosen = client(allow_private=True, keeps_connections=False, resolve=resolve)
    for number in (1, 2):
        assert isinstance(chosen.send(get(f"http://moving.example:{server.port}/")), Reply)
        assert asked == ["moving.example"] * number


def test_a_second_address_is_tried(client: Callable[..., WebClient], listen: Callable[..., Listener]) -> None:
    server = listen(saying(OK))
    chosen = client(allow_private=True, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"])
    assert isinstance(chosen.send(get(f"http://two.example:{server.port}/")), Reply)


def test_a_name_that_nobody_knows(client: Callable[..., WebClient]) -> None:
    answer = client(resolve=resolved).send(get("https://nobody.invalid/"))
    assert isinstance(answer, Unsent)
    assert not answer.is_final
    assert "nobody.invalid cannot be resolved" in answer.reason


def test_no_redirect_is_followed(client: Callable[..., WebClient], listen: Callable[..., Listener]) -> None:
    elsewhere = listen(saying(OK))
    moved = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{elsewhere.port}/\r\nContent-Length: 0\r\n\r\n".encode()
    server = listen(saying(moved))
    answer = client(allow_private=True).send(get(f"http://127.0.0.1:{server.port}/", Authorization=f"Bearer {TOKEN}"))
    assert isinstance(answer, Reply)
    assert answer.status == 307
    assert elsewhere.connections == 0


def test_no_more_is_read_than_was_asked_for(client: Callable[..., WebClient], listen: Callable[..., Listener]) -> None:
    def pour(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    server = listen(pour)
    answer = client(allow_private=True).send(Request("GET", f"http://127.0.0.1:{server.port}/", {}, b"", 1000))
    assert isinstance(answer, Reply)
    assert (len(answer.body), answer.is_whole) == (1000, False)


def test_headers_without_an_end_are_lost(client: Callable[..., WebClient], listen: Callable[..., Listener]) -> None:
    def pour(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"x" * 8000 + b"\r\n")

    server = listen(pour)
    assert isinstance(client(allow_private=True).send(get(f"http://127.0.0.1:{server.port}/")), Lost)


@pytest.mark.parametrize("drips", [b"HTTP/1.1 200 OK\r\n\r\n", b""], ids=["body", "head"])
def test_an_answer_that_drips_is_bounded_as_a_whole(
    client: Callable[..., WebClient], listen: Callable[..., Listener], drips: bytes
) -> None:
    ends = threading.Event()

    def drip(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(drips)
        while not ends.wait(0.1):
            connection.sendall(b"H")

    server = listen(drip)
    answer = client(whole_s=1, allow_private=True).send(get(f"http://127.0.0.1:{server.port}/"))
    ends.set()
    assert isinstance(answer, Lost) or not answer.is_whole  # type: ignore[union-attr]


def test_connecting_has_a_limit_of_its_own(client: Callable[..., WebClient]) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)  # noqa: FBT003 - of the library
            with contextlib.suppress(BlockingIOError):
                each.connect(full.getsockname())
        time.sleep(0.1)
        answer = client(whole_s=600, connect_s=0.3, allow_private=True).send(
            get(f"http://127.0.0.1:{full.getsockname()[1]}/")
        )
        for each in waiting:
            each.close()
    assert isinstance(answer, Unsent), answer
    assert not answer.is_final


def test_a_certificate_that_nobody_vouches_for_is_refused(
    client: Callable[..., WebClient], listen: Callable[..., Listener]
) -> None:
    server = listen(over_tls(saying(OK)))
    answer = client(allow_private=True).send(get(f"https://127.0.0.1:{server.port}/"))
    assert isinstance(answer, Unsent)
    assert answer.is_final
    assert "CERTIFICATE_VERIFY_FAILED" in answer.reason


def test_a_certificate_for_another_name_is_refused(
    client: Callable[..., WebClient], listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    server = listen(over_tls(saying(OK)))
    chosen = client(allow_private=True, resolve=lambda *_: ["127.0.0.1"])
    assert isinstance(chosen.send(get(f"https://other.example:{server.port}/")), Unsent)
    assert isinstance(chosen.send(get(f"https://127.0.0.1:{server.port}/")), Reply)


def proxy(seen: list[bytes], answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Callable[[socket.socket], None]:
    """A proxy that leads every CONNECT to the port that was asked for, on 127.0.0.1."""

    def serve(connection: socket.socket) -> None:
        seen.append(head(connection))
        connection.sendall(answer)
        if b" 200 " not in answer:
            return
        port = int(seen[-1].split()[1].rpartition(b":")[2])
        with socket.create_connection(("127.0.0.1", port)) as there:
            back = threading.Thread(target=_copy, args=(there, connection), daemon=True)
            back.start()
            _copy(connection, there)
            back.join(5)

    return serve


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_is_used_with_its_password(
    client: Callable[..., WebClient],
    listen: Callable[..., Listener],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    scheme: str,
) -> None:
    seen: list[bytes] = []
    between = listen(proxy(seen))
    server = listen(over_tls(saying(OK)))
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    monkeypatch.setenv(variable, f"{scheme}me:p%40ss@127.0.0.1:{between.port}")
    answer = client(allow_private=True).send(get(f"https://127.0.0.1:{server.port}/", Authorization=TOKEN))
    assert isinstance(answer, Reply), answer
    assert seen[0].startswith(f"CONNECT 127.0.0.1:{server.port} ".encode())
    assert b"Basic bWU6cEBzcw==" in seen[0]  # me:p@ss
    assert TOKEN.encode() not in seen[0]


def test_no_proxy_is_honoured(
    client: Callable[..., WebClient], listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    between = listen(proxy([]))
    server = listen(over_tls(saying(OK)))
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{between.port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert isinstance(client(allow_private=True).send(get(f"https://127.0.0.1:{server.port}/")), Reply)
    assert between.connections == 0


def test_a_private_address_is_refused_behind_a_proxy_too(
    client: Callable[..., WebClient], listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    between = listen(proxy([]))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{between.port}")
    answer = client(resolve=lambda *_: ["10.0.0.1"]).send(get("https://inner.example/"))
    assert isinstance(answer, Unsent)
    assert "10.0.0.1, which is not a public address" in answer.reason
    assert between.connections == 0


def test_a_token_is_never_sent_through_a_proxy_in_the_clear(
    client: Callable[..., WebClient], listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    between, server = listen(proxy([])), listen(saying(OK))
    for name in ("HTTP_PROXY", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{between.port}")
    assert isinstance(client(allow_private=True).send(get(f"http://127.0.0.1:{server.port}/")), Reply)
    assert between.connections == 0


@pytest.mark.parametrize("said", [b"HTTP/1.1 407 Who are you\r\n\r\n", b"HTTP/1.1 502 Bad Gateway\r\n\r\n", b""])
def test_what_a_proxy_did_not_let_through_was_not_sent(
    client: Callable[..., WebClient], listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    between = listen(proxy([], said))
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{between.port}")
    answer = client(allow_private=True).send(get("https://far.example/"))
    assert isinstance(answer, Unsent), answer
    assert not answer.is_final
    assert "secret" not in answer.reason


def test_a_wrong_certificate_behind_a_proxy_means_that_nothing_was_sent(
    client: Callable[..., WebClient], listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    between, server = listen(proxy([])), listen(over_tls(saying(OK)))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{between.port}")
    answer = client(allow_private=True).send(get(f"https://127.0.0.1:{server.port}/"))
    assert isinstance(answer, Unsent), answer
    assert "CERTIFICATE_VERIFY_FAILED" in answer.reason


def test_an_answer_that_is_lost_behind_a_proxy_may_have_been_sent(
    client: Callable[..., WebClient], listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    between, server = listen(proxy([])), listen(over_tls(saying(b"")))
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{between.port}")
    assert isinstance(client(allow_private=True).send(get(f"https://127.0.0.1:{server.port}/")), Lost)


def test_a_proxy_of_another_kind_is_refused_in_words(
    client: Callable[..., WebClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://me:secret@127.0.0.1:1080")
    answer = client(allow_private=True).send(get("https://far.example/"))
    assert isinstance(answer, Unsent)
    assert "'socks5'" in answer.reason
    assert "secret" not in answer.reason


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 No\r\nX-Echo: %s\r\nContent-Length: 200\r\n\r\n%s",
        b"HTTP/1.1 401 No\r\n\r\n" + b"planted%%3Asecret%%2F7f3a9c planted%%3Asecret/7f3a9c %s %s",
        b"%s %s\r\n\r\n",
    ],
    ids=["header and body", "as in a URL", "no HTTP at all"],
)
def test_what_an_answer_repeats_of_secrets_is_taken_out(
    client: Callable[..., WebClient], listen: Callable[..., Listener], said: bytes
) -> None:
    server = listen(saying(said % (SECRET.encode(), TOKEN.encode())))
    chosen = client(allow_private=True, secrets=[SECRET])
    answer = chosen.send(get(f"http://127.0.0.1:{server.port}/{SECRET}", Authorization=f"Bearer {TOKEN}"))
    for told in (SECRET, TOKEN, "7f3a9c"):
        assert told not in repr(answer)


def test_threads_that_begin_together_read_the_certificate_authorities_once() -> None:
    web._read_trusted.cache_clear()
    together = threading.Barrier(8)

    def first() -> object:
        together.wait()
        return web._trusted()

    with ThreadPoolExecutor(8) as threads:
        contexts = {id(one.result()) for one in [threads.submit(first) for _ in range(8)]}
    assert len(contexts) == 1
