"""The client that platforms are spoken to with: `emdash_cli.domain.replies.Http` over the network.

It follows no redirect, so credentials go nowhere else; it bounds the whole exchange, and not only each read, so a
server that drips its answer holds no thread for long; and it refuses addresses that are not public after the name was
resolved, connecting to the very address that was checked.

httpcore is what httpx is built upon; unlike httpx, it lets its user say how connections are made.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore

from emdash_cli.domain.replies import Answer, Lost, Reply, Request, Unsent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_SHORTEST_SECRET: Final = 6
"""Anything shorter would be found in ordinary text."""
USER_AGENT: Final = "emdash-cli"
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
"""All that IANA has assigned for global unicast; the rest is for special purposes, or for nobody yet.

https://www.iana.org/assignments/ipv6-address-space
"""
_SPECIAL: Final = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "3fff::/20"))
)
"""Ranges that some versions of Python take for global, and the address where Azure tells a machine its secrets.

https://www.iana.org/assignments/iana-ipv4-special-registry
https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
"""
_HOLDS_V4: Final = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""An IPv4 address in the last 32 bits: compatible, mapped, translated (RFC 2765), and by NAT64 (RFC 6052)."""
_ISATAP: Final = (0x00005EFE, 0x02005EFE)
"""The same in an interface identifier (RFC 5214)."""


class PrivateAddressError(httpcore.ConnectError):
    """The name leads to addresses that are not public."""


@dataclass
class WebClient:
    """Sends requests, from several threads at once, each with connections of its own.

    Attributes:
        whole_s: seconds that one exchange may take, from the first byte sent to the last one read.
        connect_s: seconds of these that each connection, and each handshake, may take.
        allow_private: whether addresses that are not public are allowed.
        keeps_connections: whether a connection is used again. A server may close it just as a request leaves: so not
            for requests that must not be repeated.
        secrets: taken out of answers, which may repeat what they were sent.
        resolve: the addresses of a host, in the order in which they are tried.
    """

    whole_s: float = 30.0
    connect_s: float = 10.0
    allow_private: bool = False
    keeps_connections: bool = True
    secrets: list[str] = field(default_factory=list)
    resolve: Callable[[str, int], list[str]] = field(default_factory=lambda: resolved)
    _local: threading.local = field(default_factory=threading.local)
    _open: list[_Connections] = field(default_factory=list)

    def send(self, request: Request) -> Answer:
        """See `Http`."""
        try:
            answer = self._connections(request.url).send(request, self.whole_s, self.connect_s)
        except PrivateAddressError as error:
            return Unsent(str(error), is_final=True)
        except httpcore.ProxyError as error:  # it did not open the way
            return Unsent(f"the proxy refuses: {error}")
        except ValueError as error:  # not a URL
            return Unsent(f"the address cannot be used: {error}", is_final=True)
        return self._without_secrets(answer, request)

    def _without_secrets(self, answer: Answer, request: Request) -> Answer:
        """The answer without what it repeats of the secrets, as they are or as a URL or JSON writes them.

        The token that the request itself bore is one of them: a session's is known only here.
        """
        secrets = [*self.secrets, request.headers.get("Authorization", "").rpartition(" ")[2]]
        forms = {
            form
            for secret in secrets
            if len(secret) >= _SHORTEST_SECRET
            for form in (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1])
        }
        for form in sorted(forms, key=len, reverse=True):
            if isinstance(answer, Reply):
                headers = {name: value.replace(form, "***") for name, value in answer.headers.items()}
                answer = answer._replace(body=answer.body.replace(form.encode(), b"***"), headers=headers)
            else:
                answer = answer._replace(reason=answer.reason.replace(form, "***"))
        return answer

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
            _refuse_private(parts.hostname, self._known(parts.hostname, parts.port or 443))
        by_proxy: dict[str | None, _Connections] = self._local.__dict__.setdefault("by_proxy", {})
        if proxy not in by_proxy:
            checks = not self.allow_private and proxy is None
            backend = _Backend(self.resolve, checks=checks)
            by_proxy[proxy] = _Connections(backend, proxy, keeps=self.keeps_connections)
            self._open.append(by_proxy[proxy])
        return by_proxy[proxy]

    def _known(self, host: str, port: int) -> list[str]:
        """Addresses of a host that a proxy resolves: none if only the proxy can."""
        try:
            return self.resolve(host, port)
        except httpcore.ConnectError:
            return []


class _Connections:
    """The connections of one thread."""

    def __init__(self, backend: _Backend, proxy: str | None, *, keeps: bool) -> None:
        self._backend = backend
        self._proxy_layers = int(bool(proxy and proxy.startswith("https:")))
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            proxy=_proxy(proxy) if proxy else None,
            max_connections=8,
            max_keepalive_connections=8 if keeps else 0,
            keepalive_expiry=15.0,
            network_backend=backend,
        )

    def close(self) -> None:
        self._pool.close()

    def send(self, request: Request, whole_s: float, connect_s: float) -> Answer:
        self._backend.begin(whole_s, layers=request.url.startswith("https:") + self._proxy_layers)
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **request.headers}
        timeouts = {"connect": connect_s, "read": whole_s, "write": whole_s, "pool": connect_s}
        try:
            with self._pool.stream(
                request.method,
                request.url,
                headers=list(headers.items()),
                content=request.content,
                extensions={"timeout": timeouts},
            ) as response:
                return _reply(response, request.reply_bytes)
        except (PrivateAddressError, httpcore.ProxyError):
            raise
        except httpcore.LocalProtocolError:  # its message would quote a header, and with it a secret
            return Unsent("the request has a character that HTTP does not allow", is_final=True)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
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
    """The certificate authorities: those of SSL_CERT_FILE or SSL_CERT_DIR, as for D1, else Mozilla's.

    Reading them takes 14 ms, and a cache alone lets each of 64 threads do so.
    """
    import certifi

    file, directory = (os.environ.get(name) or None for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    with _READING:
        return _read_trusted(file or (None if directory else certifi.where()), None if file else directory)


@cache
def _read_trusted(file: str | None, directory: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file, capath=directory)


def _proxy_for(scheme: str, host: str) -> str | None:
    """The environment's proxy for that host; plain http is never sent through one, which would read its token.

    Raises:
        httpcore.ProxyError: it is of a kind that is not supported.
    """
    if scheme == "http" or proxy_bypass(host):
        return None
    found = getproxies()
    address = found.get("https") or found.get("all")
    if not address:
        return None
    address = address if "://" in address else f"http://{address}"
    kind = urlsplit(address).scheme
    if kind not in {"http", "https"}:
        raise httpcore.ProxyError(f"it is of the kind {kind!r}; HTTPS_PROXY must begin with http:// or https://")
    return address


def _proxy(address: str) -> httpcore.Proxy:
    parts = urlsplit(address)
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return httpcore.Proxy(address, auth=auth, ssl_context=_trusted() if parts.scheme == "https" else None)


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, by the system's resolver, which also reads numbers such as ``2130706433``.

    Raises:
        httpcore.ConnectError: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
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
        inner = _leads_to(found)
        if inner is None and found not in _GLOBAL_V6:
            return False
        found = inner or found
    return found.is_global and not found.is_multicast and not any(found in network for network in _SPECIAL)


def _leads_to(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    last = int(address) & 0xFFFFFFFF
    if any(address in network for network in _HOLDS_V4) or int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        return ipaddress.IPv4Address(last)
    return address.sixtofour or (address.teredo[1] if address.teredo else None)


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses, and bounds the exchange that `begin` begins."""

    def __init__(self, resolve: Callable[[str, int], list[str]], *, checks: bool) -> None:
        self._resolve = resolve
        self._checks = checks
        self._inner = httpcore.SyncBackend()
        self._until_s = 0.0
        self.layers = 0
        self.has_written = False

    def begin(self, whole_s: float, *, layers: int) -> None:
        """Another exchange; one thread makes one at a time.

        Args:
            whole_s: seconds that it may take.
            layers: of TLS within which the request itself is written: what is written outside opens the way.
        """
        self._until_s = time.monotonic() + whole_s
        self.layers = layers
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
        addresses = self._resolve(host, port)
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
    def __init__(self, inner: httpcore.NetworkStream, backend: _Backend, layers: int = 0) -> None:
        self._inner = inner
        self._backend = backend
        self._layers = layers

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._backend.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._layers >= self._backend.layers:
            self._backend.has_written = True
        self._inner.write(buffer, self._backend.left_s(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        made = self._inner.start_tls(ssl_context, server_hostname, self._backend.left_s(timeout))
        return _Stream(made, self._backend, self._layers + 1)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
