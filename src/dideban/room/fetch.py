"""Fetching from the outside as if it wished us ill: bounded in size, time and redirects, never into our own network.

Names are resolved here, every address is checked, and the connection goes to the address that was checked: a name
that resolves differently a moment later (DNS rebinding) changes nothing. Proxies of the environment are not used.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpcore

from dideban import __version__
from dideban.errors import SourceError
from dideban.messages import Message

AGENT = f"dideban/{__version__} (+https://github.com/dideban/dideban)"
MAX_BYTES = 16 * 1024 * 1024
MAX_SECONDS = 30.0
MAX_REDIRECTS = 5
READ_S = 10.0
SAFE = "%/:=&?~#+!$,;'@()*[]"
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An answer."""

    url: str
    """Where it came from in the end."""
    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    tls_key: str = ""
    """SHA-256 of the public key that the server showed; empty without TLS."""


@dataclass(frozen=True, kw_only=True)
class FetchLimits:
    """How much one fetch may take."""

    max_bytes: int = MAX_BYTES
    """After unpacking."""
    max_seconds: float = MAX_SECONDS
    """From the first name looked up to the last byte."""
    allow_private: bool = False
    pin: str = ""
    """SHA-256 of the public key that the server must show; empty = whatever the trust store accepts."""


@dataclass
class Fetcher:
    """Fetches with limits; closes its connections at the end of ``with``."""

    limits: FetchLimits = field(default_factory=FetchLimits)
    tls: ssl.SSLContext | None = None
    """None = certificates of the system's own trust store, always checked."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """Return the answer to a GET, redirects followed.

        Raises
        ------
        SourceError
            In plain words; ``permanent`` where trying again makes no sense; ``retry_after_s`` where the server said.
        """
        return self.send("GET", url, headers=headers)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        keep_errors: bool = False,
    ) -> Fetched:
        """Return the answer to a request; redirects are followed for GET only.

        Parameters
        ----------
        keep_errors : bool
            Return answers with an error status too: the caller reads what they say.
        """
        end = time.monotonic() + self.limits.max_seconds
        url = ascii_url(url)
        origin, wanted = origin_of(url), dict(headers or {})
        with httpcore.ConnectionPool(
            network_backend=_Checked(self.limits, end), ssl_context=self.tls, retries=0
        ) as pool:
            for _ in range(MAX_REDIRECTS + 1):
                answer = self._once(pool, method, url, wanted, body, end)
                target = answer.headers.get("location")
                if answer.status not in (301, 302, 303, 307, 308) or not target or method != "GET":
                    return answer if keep_errors else _judged(answer)
                url = _next(url, target)
                if origin_of(url) != origin:  # what was meant for one server is not told another
                    wanted = {k: v for k, v in wanted.items() if k.lower() not in ("authorization", "cookie")}
        raise SourceError("room.fetch-redirects", url=url, permanent=False, n=MAX_REDIRECTS)

    def _once(
        self,
        pool: httpcore.ConnectionPool,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        end: float,
    ) -> Fetched:
        sent = [("User-Agent", AGENT), ("Accept-Encoding", "gzip, deflate"), *headers.items()]
        try:
            timeouts = dict.fromkeys(("connect", "read", "write", "pool"), READ_S)
            with pool.stream(method, url, headers=sent, content=body, extensions={"timeout": timeouts}) as response:
                names = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}
                key = _tls_key(response.extensions.get("network_stream"))
                content = b"".join(_bounded(response.iter_stream(), names, self.limits, end, url))
                return Fetched(url=url, status=response.status, headers=names, body=content, tls_key=key)
        except SourceError:
            raise
        except httpcore.TimeoutException as error:
            if time.monotonic() >= end:
                raise SourceError("room.fetch-too-slow", url=url, seconds=self.limits.max_seconds) from error
            raise SourceError("room.fetch-no-answer", url=url, seconds=READ_S) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError) as error:
            raise SourceError(connection_trouble(error), url=url) from error
        except (httpcore.UnsupportedProtocol, UnicodeError, ValueError) as error:
            raise SourceError("room.fetch-impossible", url=url, permanent=True, address=without_secrets(url)) from error


class _Checked(httpcore.SyncBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(self, limits: FetchLimits, end: float) -> None:
        super().__init__()
        self.limits, self.end = limits, end

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, connect to what was checked."""
        address = checked_address(host, port, allow_private=self.limits.allow_private)
        link = super().connect_tcp(address, port, timeout, local_address, socket_options)
        return _Timed(link, self.end, pin=self.limits.pin)

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        """Refuse."""
        raise SourceError("room.fetch-sockets", permanent=True)


class _Timed(httpcore.NetworkStream):
    """A connection that ends in time: each read has a limit of its own, and a server may make many of them."""

    def __init__(self, inner: httpcore.NetworkStream, end: float, *, pin: str = "") -> None:
        self.inner, self.end, self.pin = inner, end, pin

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what came."""
        return self.inner.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send; nothing in the clear to a server whose key is pinned."""
        if self.pin:
            raise SourceError("room.fetch-other-key", permanent=True)
        self.inner.write(buffer, self._left(timeout))

    def close(self) -> None:
        """Close."""
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on in secret; with another key than the one that is pinned, not at all."""
        secret = self.inner.start_tls(ssl_context, server_hostname, self._left(timeout))
        if self.pin and _tls_key(secret) != self.pin:
            secret.close()
            raise SourceError("room.fetch-other-key", permanent=True)
        return _Timed(secret, self.end)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection."""
        return self.inner.get_extra_info(info)

    def _left(self, timeout: float | None) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("no time is left")
        return left if timeout is None else min(timeout, left)


def _tls_key(stream: Any) -> str:
    """Return the SHA-256 of the public key that a server showed: certificates are renewed, keys need not be."""
    link = stream.get_extra_info("ssl_object") if stream is not None else None
    data = link.getpeercert(True) if link is not None else None
    if not data:
        return ""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_der_x509_certificate(data).public_key()
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def checked_address(host: str, port: int, *, allow_private: bool) -> str:
    """Return an address of a host that may be connected to.

    Raises
    ------
    SourceError
        It has none, or one that is not on the open internet: one such address spoils the name.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceError("room.fetch-no-host", url=host, host=host) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not allow_private and any(not is_open(address) for address in addresses):
        raise SourceError(
            "room.fetch-private",
            hint="room.fetch-allow-private", url=host, permanent=True, host=host
        )  # fmt: skip
    return addresses[0]


CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/127", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32",
        "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
"""The special-purpose registries of IANA for IPv4 and IPv6, whatever this version of Python knows of them."""


def is_open(address: str) -> bool:
    """Return whether an address is on the open internet.

    Examples
    --------
    >>> [is_open(a) for a in ("8.8.8.8", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_open(str(inner))
        if int(ip) >> 32 == 0:  # an IPv4 address as IPv6, in the old way
            return False
    if any(ip.version == network.version and ip in network for network in CLOSED):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port.

    Raises
    ------
    SourceError
        Not an address of the web.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise SourceError("room.not-an-address", url=url, permanent=True, address=without_secrets(url)) from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise SourceError("room.not-a-web-address", url=url, permanent=True, address=without_secrets(url))
    return parts.scheme, parts.hostname, port


def ascii_url(url: str) -> str:
    """Return an address as servers are asked for it: names and paths in any script, written in ASCII.

    Raises
    ------
    SourceError
        It cannot be.

    Examples
    --------
    >>> ascii_url("https://دیده.example/خبر?ق=1")
    'https://xn--ugba6e4z.example/%D8%AE%D8%A8%D8%B1?%D9%82=1'
    """
    if url.isascii() and not re.search(r"[\x00-\x20\x7f]", url):
        return url
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        place = f"{host}:{parts.port}" if parts.port else host
        return urlunsplit((parts.scheme, place, quote(parts.path, safe=SAFE), quote(parts.query, safe=SAFE), ""))
    except ValueError as error:
        raise SourceError("room.not-an-address", url=url, permanent=True, address=without_secrets(url)) from error


def _told(target: str) -> str:
    """Return what a header says: it comes as Latin-1 and is meant as UTF-8."""
    try:
        return target.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return target


def _next(url: str, target: str) -> str:
    try:
        joined = ascii_url(urljoin(url, _told(target)).split("#")[0])
    except ValueError as error:
        raise SourceError("room.fetch-redirected", url=url) from error
    if origin_of(joined)[0] not in ("http", "https"):
        raise SourceError("room.fetch-redirected", url=url, permanent=True)
    return joined


def _bounded(
    stream: Iterable[bytes], headers: Mapping[str, str], limits: FetchLimits, end: float, url: str
) -> Iterable[bytes]:
    """Yield the unpacked body; stop at the limits, whatever the packing promises."""
    unpack = _unpacker(headers.get("content-encoding", ""), url)
    total = 0
    for packed in stream:
        rest = packed
        while rest:
            if time.monotonic() > end:
                raise SourceError("room.fetch-too-slow", url=url, seconds=limits.max_seconds)
            part, rest = _unpacked(unpack, rest, limits.max_bytes - total + 1, url)
            total += len(part)
            if total > limits.max_bytes:
                raise SourceError("room.fetch-too-large", url=url, n=limits.max_bytes // 1024 // 1024)
            yield part


def _unpacked(unpack: Any, packed: bytes, at_most: int, url: str) -> tuple[bytes, bytes]:
    """Return unpacked bytes, and what is still packed."""
    if unpack is None:
        return packed, b""
    try:
        return unpack.decompress(packed, at_most), unpack.unconsumed_tail
    except zlib.error as error:
        raise SourceError("room.fetch-packed", url=url) from error


def _unpacker(encoding: str, url: str) -> Any:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(47 if "gzip" in name else 15)
    raise SourceError("room.fetch-packed-as", url=url, value=name[:20])


def _judged(answer: Fetched) -> Fetched:
    """Return an answer that is one; errors of the server become words."""
    if answer.status < 400:
        return answer
    wait = answer.headers.get("retry-after", "")
    after = min(float(wait), 86_400.0) if wait.isascii() and wait.isdigit() and len(wait) < 8 else None
    other = "room.http-failed" if answer.status >= 500 else "room.http-not-accepted"
    code = {
        401: "room.http-password", 403: "room.http-refused", 404: "room.http-nothing", 410: "room.http-gone",
        429: "room.http-fewer",
    }.get(answer.status, other)  # fmt: skip
    permanent = answer.status in (401, 403, 404, 410)
    raise SourceError(code, url=answer.url, permanent=permanent, retry_after_s=after, status=answer.status)


CERTIFICATES = {
    9: "room.cert-not-yet", 10: "room.cert-expired",
    18: "room.cert-self-signed",
    19: "room.cert-untrusted",
    20: "room.cert-untrusted",
    62: "room.cert-other-name", 64: "room.cert-other-name",
}  # fmt: skip
"""What OpenSSL found wrong, in words (X509_V_ERR)."""


def connection_trouble(error: BaseException) -> Message:
    """Return what went wrong with a connection."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ssl.SSLCertVerificationError):
            return Message(CERTIFICATES.get(inner.verify_code, "room.cert-invalid"))
        if isinstance(inner, ConnectionRefusedError):
            return Message("room.connection-refused")
        if isinstance(inner, ssl.SSLError):
            return Message("room.no-secure-connection")
        inner = inner.__cause__ or inner.__context__
    return Message("room.connection-broke", detail=str(error)[:120] or type(error).__name__)


def without_secrets(url: str) -> str:
    """Return an address cut short, without its query and password: both carry tokens.

    Examples
    --------
    >>> without_secrets("gopher://me:pw@host/feed?token=abc")
    'gopher://host/feed'
    """
    text = url.partition("?")[0].partition("#")[0]
    scheme, sign, rest = text.partition("://")
    return f"{scheme}{sign}{rest.rpartition('@')[2]}"[:200]
