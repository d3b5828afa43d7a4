"""Files from addresses that callers name, which must not lead into the server's own network.

The name is resolved here and the connection goes to the very address that was checked, so a name that
resolves to another one a moment later gains nothing; redirects pass through the same check. httpx speaks
HTTP, over a transport whose connections httpcore lets one make oneself.
"""

from __future__ import annotations

import mimetypes
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from pipeline.errors import StudioError, concerning
from pipeline.service.jobs import slug

MOST_BYTES = 500_000_000
"""Largest file, as for uploads."""
_DEADLINE = 120.0
"""Seconds in which a file must have come."""
_PATIENCE = 10.0
"""Seconds without a sign of the other side."""
_REDIRECTS = 5
_LONGEST_NAME = 60
_BLOCK = 1 << 16
_TRANSLATED = ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones (NAT64)."""


class FetchError(StudioError):
    """A file could not be fetched from the address that was named."""


def require_address(url: str, parameter: str, *, inside: Iterable[str] = ()) -> None:
    """Refuse an invalid address, and one that resolves into the server's own network now.

    Args:
        parameter: the field that it was given for.
        inside: hosts of the own network that may be asked all the same.

    Raises:
        FetchError: it is refused.
    """
    with concerning(parameter):
        host, port = _endpoint(url)
        _resolve(host, port, set(inside))


def fetch(url: str, folder: Path, parameter: str, *, inside: Iterable[str] = ()) -> Path:
    """Download a file into `folder`, which is made if need be, under the name that the address ends in.

    Raises:
        FetchError: the address is refused, does not answer as it should, or the answer is too large or slow.
    """
    with concerning(parameter), client(inside, _DEADLINE) as web, _said(url):
        _endpoint(url)
        with web.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                sentence = f"{_shown(url)} answered {answer.status_code}; check that anybody may read it."
                raise FetchError(sentence)
            folder.mkdir(exist_ok=True)
            stem = slug(unquote(PurePosixPath(answer.url.path).stem), longest=_LONGEST_NAME)
            path = folder / f"{stem or parameter}{_suffix(answer)}"
            _save(answer, path, url)
            return path


def client(inside: Iterable[str], deadline: float) -> httpx.Client:
    """A client that connects to public addresses only, and to the hosts `inside`.

    Args:
        deadline: seconds until every connection of it is given up.
    """
    transport = _Transport(_Network(set(inside), time.monotonic() + deadline))
    return httpx.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=True,
        max_redirects=_REDIRECTS,
        timeout=_PATIENCE,
        headers={"User-Agent": "talking-head-studio", "Accept-Encoding": "identity"},
    )


def _save(answer: httpx.Response, path: Path, url: str) -> None:
    sentence = f"{_shown(url)} is larger than {MOST_BYTES // 1_000_000} MB; name a smaller file."
    if int(answer.headers.get("content-length", "0") or 0) > MOST_BYTES:
        raise FetchError(sentence)
    size = 0
    with path.open("wb") as file:
        for block in answer.iter_raw(_BLOCK):
            size += len(block)
            if size > MOST_BYTES:
                raise FetchError(sentence)
            file.write(block)
    if not size:
        raise FetchError(f"{_shown(url)} is empty; name another file.")


@contextmanager
def _said(url: str) -> Iterator[None]:
    """Failures of the network as sentences."""
    name = _shown(url)
    try:
        yield
    except (httpx.TimeoutException, LateError) as error:
        raise FetchError(f"{name} takes too long to answer; upload the file instead.") from error
    except httpx.TooManyRedirects as error:
        raise FetchError(f"{name} redirects too often; name the file's own address.") from error
    except httpx.UnsupportedProtocol as error:
        raise FetchError(f"{name} redirects to something else than http or https; name another.") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"{name} cannot be reached; check the address.") from error


def _endpoint(url: str) -> tuple[str, int]:
    """Host and port of an http or https address."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise FetchError("This is not a web address; give one that begins with https://.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError("Only web addresses are accepted; give one that begins with https://.")
    if parts.username is not None:
        raise FetchError("A web address with a user name in it is not accepted; give one without.")
    return parts.hostname, port


def _resolve(host: str, port: int, inside: set[str]) -> str:
    """The address of a host to connect to, which is public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"There is no host called {host[:80]}; check the address.") from error
    addresses = [str(each[4][0]) for each in found]
    if host.lower() not in inside and not all(map(is_public, addresses)):
        raise FetchError(f"{host[:80]} is not on the public internet; give an address that is.")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also one that is written inside another."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip in _TRANSLATED:
            return is_public(str(ip_address(int(ip) & 0xFFFFFFFF)))
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if hidden:
            return is_public(str(hidden))
        if ip.is_reserved or ip.is_site_local:  # IPv4 written in other ways, and an older kind of private
            return False
    return ip.is_global and not ip.is_multicast


def _suffix(answer: httpx.Response) -> str:
    """The file's suffix: that of the address, else the one for the response's media type."""
    named = PurePosixPath(answer.url.path).suffix.lower()
    if 1 < len(named) <= 5 and named[1:].isalnum():
        return named
    return mimetypes.guess_extension(answer.headers.get("content-type", "").partition(";")[0].strip()) or ""


def _shown(url: str) -> str:
    """An address as a sentence names it: the host alone, as the rest may hold a secret."""
    return f"The address at {(urlsplit(url).hostname or '')[:80]}"


class LateError(Exception):
    """The deadline of all connections has passed."""


class _Network(httpcore.NetworkBackend):
    """Connects to checked addresses, until a deadline."""

    def __init__(self, inside: set[str], deadline: float) -> None:
        self._plain = httpcore.SyncBackend()
        self._inside, self._deadline = inside, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        address = _resolve(host, port, self._inside)
        stream = self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore.NetworkStream):
    """A connection that is given up at a deadline, however steadily its other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise LateError
        return left if timeout is None else min(timeout, left)


class _Transport(httpx.HTTPTransport):
    """httpx's own, over connections of our making."""

    def __init__(self, network: _Network) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=network
        )
