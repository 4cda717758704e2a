"""The client that platforms are spoken to with: `emdash_cli.domain.replies.Http` over the network.

It follows no redirect, so credentials go nowhere else; it bounds the whole exchange, and not only each read, so a
server that drips its answer holds no thread for long; and it refuses addresses that are not public after the name was
resolved, connecting to the very address that was checked.

httpcore is what httpx is built upon; unlike httpx, it lets its user say how connections are made.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore

from emdash_cli.domain.replies import Answer, Lost, Reply, Request, Unsent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CONNECT_S: Final = 10.0
_SHORTEST_SECRET: Final = 6
"""Anything shorter would be found in ordinary text."""
USER_AGENT: Final = "emdash-cli"


class PrivateAddressError(httpcore.ConnectError):
    """The name leads to addresses that are not public."""


@dataclass
class WebClient:
    """Sends requests, from several threads at once, each with connections of its own.

    Attributes:
        whole_s: seconds that one exchange may take, from the first byte sent to the last one read.
        allow_private: whether addresses that are not public are allowed.
        keeps_connections: whether a connection is used again. A server may close it just as a request leaves: so not
            for requests that must not be repeated.
        secrets: taken out of answers, which may repeat what they were sent.
    """

    whole_s: float = 30.0
    allow_private: bool = False
    keeps_connections: bool = True
    secrets: list[str] = field(default_factory=list)
    _local: threading.local = field(default_factory=threading.local)
    _open: list[_Connections] = field(default_factory=list)

    def send(self, request: Request) -> Answer:
        """See `Http`."""
        try:
            answer = self._connections(request.url).send(request, self.whole_s)
        except PrivateAddressError as error:
            return Unsent(str(error), is_final=True)
        except ValueError as error:  # not a URL
            return Unsent(f"the address cannot be used: {error}", is_final=True)
        return self._without_secrets(answer) if isinstance(answer, Reply) else answer

    def _without_secrets(self, reply: Reply) -> Reply:
        body, headers = reply.body, dict(reply.headers)
        for secret in self.secrets:
            if len(secret) >= _SHORTEST_SECRET:
                body = body.replace(secret.encode(), b"***")
                headers = {name: value.replace(secret, "***") for name, value in headers.items()}
        return reply._replace(body=body, headers=headers)

    def close(self) -> None:
        """Close the connections of all threads; none of them may be in the middle of a request."""
        while self._open:
            self._open.pop().close()

    def _connections(self, url: str) -> _Connections:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("it does not begin with https:// and a name")
        proxy = _proxy_for(parts.scheme, parts.hostname)
        if proxy and not self.allow_private:
            _refuse_private(parts.hostname, _resolved(parts.hostname, parts.port or 443, or_none=True))
        by_proxy: dict[str | None, _Connections] = self._local.__dict__.setdefault("by_proxy", {})
        if proxy not in by_proxy:
            checks = not self.allow_private and proxy is None
            by_proxy[proxy] = _Connections(_Backend(checks=checks), proxy, keeps=self.keeps_connections)
            self._open.append(by_proxy[proxy])
        return by_proxy[proxy]


class _Connections:
    """The connections of one thread."""

    def __init__(self, backend: _Backend, proxy: str | None, *, keeps: bool) -> None:
        self._backend = backend
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            proxy=httpcore.Proxy(proxy) if proxy else None,
            max_connections=8,
            max_keepalive_connections=8 if keeps else 0,
            keepalive_expiry=15.0,
            network_backend=backend,
        )

    def close(self) -> None:
        self._pool.close()

    def send(self, request: Request, whole_s: float) -> Answer:
        self._backend.begin(whole_s)
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **request.headers}
        timeouts = {"connect": CONNECT_S, "read": whole_s, "write": whole_s, "pool": CONNECT_S}
        try:
            with self._pool.stream(
                request.method,
                request.url,
                headers=list(headers.items()),
                content=request.content,
                extensions={"timeout": timeouts},
            ) as response:
                return _reply(response, request.reply_bytes)
        except PrivateAddressError:
            raise
        except httpcore.LocalProtocolError:  # its message would quote a header, and with it a secret
            return Unsent("the request has a character that HTTP does not allow", is_final=True)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
            said = f"{type(error).__name__}: {error}".rstrip(": ")
            if not self._backend.has_written:
                return Unsent(said, is_final="CERTIFICATE_VERIFY_FAILED" in said)
            return Lost(said)


def _reply(response: httpcore.Response, most_bytes: int) -> Reply:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    body = bytearray()
    is_whole = True
    try:
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > most_bytes:
                is_whole = False
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        is_whole = False
    return Reply(response.status, headers, bytes(body[:most_bytes]), is_whole)


_READING = threading.Lock()


def _trusted() -> ssl.SSLContext:
    """The certificate authorities. Reading them takes 14 ms, and a cache alone lets each of 64 threads do so."""
    with _READING:
        return _read_trusted()


@cache
def _read_trusted() -> ssl.SSLContext:
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def _proxy_for(scheme: str, host: str) -> str | None:
    """The environment's proxy for that host; plain http is never sent through one, which would read its token."""
    return None if scheme == "http" or proxy_bypass(host) else getproxies().get(scheme)


def _resolved(host: str, port: int, *, or_none: bool = False) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        if or_none:
            return []
        raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _refuse_private(host: str, addresses: Sequence[str]) -> None:
    for address in addresses:
        if not _is_public(address):
            raise PrivateAddressError(
                f"{host} is {address}, which is not a public address; `allow_private = true` would permit it"
            )


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        # Addresses that stand for an IPv4 one lead to that.
        found = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None) or found
    return found.is_global and not found.is_multicast


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses, and bounds the exchange that `begin` begins."""

    def __init__(self, *, checks: bool) -> None:
        self._checks = checks
        self._inner = httpcore.SyncBackend()
        self._until_s = 0.0
        self.has_written = False

    def begin(self, whole_s: float) -> None:
        """Another exchange; one thread makes one at a time."""
        self._until_s = time.monotonic() + whole_s
        self.has_written = False

    def left_s(self, most_s: float | None) -> float:
        """Seconds that the next step may take."""
        left = self._until_s - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer took too long")
        return left if most_s is None else min(left, most_s)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that answers, if all of them are allowed."""
        addresses = _resolved(host, port)
        if self._checks:
            _refuse_private(host, addresses)
        for address in addresses:
            try:
                made = self._inner.connect_tcp(address, port, self.left_s(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == addresses[-1]:
                    raise
            else:
                return _Stream(made, self)
        raise httpcore.ConnectError(f"{host} has no address")


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, backend: _Backend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._backend.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._backend.has_written = True
        self._inner.write(buffer, self._backend.left_s(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        made = self._inner.start_tls(ssl_context, server_hostname, self._backend.left_s(timeout))
        return _Stream(made, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
