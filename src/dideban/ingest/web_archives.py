"""Web archives (WARC, plain or packed, alone or inside WACZ): the pages and feeds in them, read with bounds."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import zstandard

MAX_BODY_BYTES = 10_000_000
"""Larger pages are set aside."""
MAX_HEAD_BYTES = 64 * 1024
"""Longest head of a record, or of the answer of a server."""
START = b"WARC/"
_SIGN = re.compile(rb"WARC/[01]\.[0-9]{1,2}\r?\n")
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_BLANK = re.compile(rb"[\r\n]*")
_PAGES = ("text/html", "application/xhtml+xml")
_FEEDS = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+xml")
_XML = ("text/xml", "application/xml")


@dataclass(frozen=True)
class Record:
    """One record of an archive."""

    number: int
    """Place in the archive, counted from 1."""
    kind: str
    """``page`` or ``feed``: it has a body; ``resource``: a file of a page, a redirect, an error; ``note``: what
    archives keep beside answers; ``broken``: it has a problem."""
    url: str = ""
    body: bytes = b""
    problem: str = ""
    """Why a broken record cannot be used, a slug of REJECTS."""


def is_archive(head: bytes) -> bool:
    """Whether bytes begin as a web archive does."""
    return _SIGN.match(head.lstrip(b"\r\n")) is not None


def read_records(blocks: Iterator[bytes]) -> Iterator[Record]:
    """Yield the records of an archive in order; a broken one costs itself, and reading goes on with the next.

    Notes
    -----
    No more than a block and a page are held. The last record of an archive that ends too early is broken
    (``file-truncated``).
    """
    tap = _Tap(blocks)
    number = 0
    while tap.skip_blank():
        number += 1
        fields = _head(tap)
        if fields is None:
            tap.skip_to_record()
            yield Record(number, "broken", problem="file-truncated" if tap.ended else "record-unreadable")
            continue
        length = int(fields["content-length"])
        url = fields.get("warc-target-uri", "").strip("<>")
        if fields.get("warc-type", "").lower() not in ("response", "resource"):
            whole = tap.skip(length)
            yield Record(number, "note", url) if whole else Record(number, "broken", url, problem="file-truncated")
        elif length > MAX_BODY_BYTES + MAX_HEAD_BYTES:
            yield _too_large(number, url, tap, length)
        else:
            raw = tap.take(length)
            if len(raw) < length:
                yield Record(number, "broken", url, problem="file-truncated")
            else:
                yield _answer(number, url, raw, fields)


def _head(tap: _Tap) -> dict[str, str] | None:
    """Fields of the head of a record, names in small letters; None where there is no sound head."""
    head = tap.until_blank(MAX_HEAD_BYTES)
    if head is None or _SIGN.match(head) is None:
        return None
    fields = _fields(head)
    length = fields.get("content-length", "")
    return fields if length.isascii() and length.isdecimal() and len(length) < 16 else None


def _fields(head: bytes) -> dict[str, str]:
    lines = head.decode("utf-8", "replace").splitlines()[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _too_large(number: int, url: str, tap: _Tap, length: int) -> Record:
    """Films and the like are no pages; a page this large is set aside. Its first bytes say which it is."""
    begin = tap.take(min(length, MAX_HEAD_BYTES))
    tap.skip(length - len(begin))
    kind = _kind(_fields(begin.partition(b"\r\n\r\n")[0]).get("content-type", ""), begin)
    return (
        Record(number, "broken", url, problem="field-too-large")
        if kind != "resource"
        else Record(number, "resource", url)
    )


def _answer(number: int, url: str, raw: bytes, fields: dict[str, str]) -> Record:
    """The answer of a server, or a file kept without one."""
    if not url.startswith(("http://", "https://")):
        return Record(number, "resource", url)
    if not fields.get("content-type", "").lower().startswith("application/http"):
        kind = _kind(fields.get("content-type", ""), raw)
        return Record(number, kind, url, raw if kind != "resource" else b"")
    head, sign, body = raw.partition(b"\r\n\r\n")
    if not sign:
        head, _, body = raw.partition(b"\n\n")
    status = head[:32].split()[1:2]
    if not head.startswith(b"HTTP/") or not status:
        return Record(number, "broken", url, problem="record-unreadable")
    said = _fields(head)
    kind = _kind(said.get("content-type", ""), body)
    if status[0][:1] != b"2" or kind == "resource":
        return Record(number, "resource", url)
    try:
        plain = _decoded(body, said)
    except (ValueError, zlib.error, zstandard.ZstdError):
        return Record(number, "broken", url, problem="record-unreadable")
    if len(plain) > MAX_BODY_BYTES:
        return Record(number, "broken", url, problem="field-too-large")
    return Record(number, kind, url, plain)


def _kind(content_type: str, body: bytes) -> str:
    name = content_type.partition(";")[0].strip().lower()
    if name in _FEEDS:
        return "feed"
    if name in _XML:
        return "feed" if re.search(rb"<(?:rss|feed|rdf:RDF)\b", body[:2048]) else "resource"
    return "page" if name in _PAGES else "resource"


def _decoded(body: bytes, said: dict[str, str]) -> bytes:
    """A body without its packing for the way, one byte more than is allowed at most."""
    if "chunked" in said.get("transfer-encoding", "").lower() and re.match(rb"[0-9A-Fa-f]{1,8}\s*[;\r\n]", body):
        body = _unchunked(body)
    for packing in reversed(said.get("content-encoding", "").lower().replace(" ", "").split(",")):
        body = _unpacked(body, packing)
    return body


def _unpacked(body: bytes, packing: str) -> bytes:
    if packing in ("gzip", "x-gzip", "deflate"):
        if body[:2] == b"\x1f\x8b":
            return zlib.decompressobj(wbits=31).decompress(body, MAX_BODY_BYTES + 1)
        if packing == "deflate":
            bits = 15 if body[:1] == b"\x78" else -15
            return zlib.decompressobj(wbits=bits).decompress(body, MAX_BODY_BYTES + 1)
        return body  # some writers unpack and keep the field
    if packing == "zstd":
        with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(body) as stream:
            return stream.read(MAX_BODY_BYTES + 1)
    if packing in ("", "identity") or b"<" in body[:512]:
        return body
    raise ValueError(packing)


def _unchunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\n", at, at + 1024)
        if end < 0:
            return b"".join(parts)  # cut short: what is whole
        size = int(body[at:end].split(b";")[0].strip() or b"0", 16)
        if size <= 0:
            return b"".join(parts)
        parts.append(body[end + 1 : end + 1 + size])
        at = end + 1 + size
        at += 2 if body[at : at + 2] == b"\r\n" else 1


class _Tap:
    """Bytes from blocks, taken as they are needed."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.blocks, self.held, self.ended = blocks, bytearray(), False

    def _more(self) -> bool:
        block = next(self.blocks, None)
        if block is None:
            self.ended = True
            return False
        self.held += block
        return True

    def skip_blank(self) -> bool:
        """Pass over empty lines; False at the end."""
        while True:
            blank = _BLANK.match(self.held)
            del self.held[: blank.end() if blank else 0]
            if self.held:
                return True
            if not self._more():
                return False

    def until_blank(self, most: int) -> bytes | None:
        """Take what stands before the next empty line; None where none comes soon enough."""
        while True:
            found = _EMPTY_LINE.search(self.held, 0, most)
            if found:
                return self.take(found.end())
            if len(self.held) >= most or not self._more():
                return None

    def skip_to_record(self) -> None:
        """Go on to what looks like the beginning of another record."""
        del self.held[:1]
        while (at := self.held.find(b"\n" + START)) < 0:
            del self.held[: max(len(self.held) - len(START), 0)]
            if not self._more():
                self.held.clear()
                return
        del self.held[: at + 1]

    def take(self, n: int) -> bytes:
        """Take bytes; fewer where the archive ends."""
        while len(self.held) < n and self._more():
            pass
        part = bytes(self.held[:n])
        del self.held[:n]
        return part

    def skip(self, n: int) -> bool:
        """Pass over bytes without holding them; False where the archive ends before."""
        while n > 0:
            if not self.held and not self._more():
                return False
            step = min(n, len(self.held))
            del self.held[:step]
            n -= step
        return True
