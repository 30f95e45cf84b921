"""Compressed input, opened without trusting it: bounded growth, and what is whole of a broken file is kept."""

from __future__ import annotations

import bz2
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import zstandard

from dideban.errors import InputError
from dideban.messages import cause_of

BLOCK = 4 * 1024 * 1024
FREE_BYTES = 64 * 1024 * 1024
"""Growth below this is never a bomb."""
ZSTD_STEP = 4 * 1024
"""Bytes given to zstd at a time: even the worst of them unpack to 128 MiB."""
MAX_MEMBERS = 10_000
"""Most files read from one archive."""
MAX_DIRECTORY = 8 * 1024 * 1024
"""Longest list of files that is read from an archive, bytes: what 100,000 files need."""
GZIP, ZSTD, ZIP, PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PAR1"
BZIP2, XZ = b"BZh", b"\xfd7zX"
XZ_MEMORY = 128 * 1024 * 1024
"""Bytes that unpacking xz may take: what its highest level needs, and more."""
FOREIGN = {
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"LZIP": "lzip",
    b"\x04\x22\x4d\x18": "LZ4",
    b"\xff\x06\x00\x00": "Snappy",
}
"""Beginnings of files that are packed in a way that is not read."""
FORMS = {
    b"SQLite format 3": "SQLite", b"ARROW1": "Arrow", b"FEA1": "Feather", b"Obj\x01": "Avro", b"%PDF": "PDF",
    b"\x89HDF": "HDF5", b"\x80\x04\x95": "pickle", b"RDX3": "R", b"RDA3": "R", b"CREATE TABLE": "SQL",
    b"INSERT INTO": "SQL", b"-- MySQL dump": "SQL", b"-- PostgreSQL database dump": "SQL",
    b"--\n-- PostgreSQL database dump": "SQL",
}  # fmt: skip
"""Beginnings of files that hold tables in a form that is not read."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, RuntimeError, ValueError,
    LookupError, OverflowError,
)  # fmt: skip
"""What the zip reader raises on archives that are broken, encrypted, or packed in an unknown way."""


class BombError(InputError):
    """A file that expands far beyond its size."""


class ByteStream:
    """The plain bytes of a file, however it is packed.

    Parameters
    ----------
    path : path
        The file on disk.
    member : str
        Name inside a zip archive; empty = the file itself.
    max_ratio : float
        Growth past FREE_BYTES beyond this factor raises BombError.
    archive : Archive
        The archive of ``member``, where it is open already.
    """

    def __init__(
        self, path: Path, *, member: str = "", max_ratio: float = 200.0, archive: Archive | None = None
    ) -> None:
        self.path, self.member, self.max_ratio = path, member, max_ratio
        self.archive = archive or Archive(path)
        self.truncated = False
        self.n_in = self.n_out = 0
        self.packing = sniff_packing(path, member, archive=self.archive)

    def blocks(self) -> Iterator[bytes]:
        """Yield the plain bytes in order; set ``truncated`` where the file ends too early."""
        for block in self._unpacked():
            self.n_out += len(block)
            if self.n_out > FREE_BYTES and self.n_in and self.n_out > self.max_ratio * self.n_in:
                raise BombError("ingest.expands", hint="ingest.hint-ratio", path=str(self.path), ratio=self.max_ratio)
            yield block

    def head(self, n_bytes: int) -> bytes:
        """Return the first plain bytes."""
        parts: list[bytes] = []
        size = 0
        again = ByteStream(self.path, member=self.member, max_ratio=self.max_ratio, archive=self.archive)
        for block in again.blocks():
            parts.append(block)
            size += len(block)
            if size >= n_bytes:
                break
        return b"".join(parts)[:n_bytes]

    def _raw(self) -> Iterator[bytes]:
        if not self.member:
            try:
                with self.path.open("rb") as file:
                    while block := file.read(BLOCK):
                        self.n_in += len(block)
                        yield block
            except OSError as error:
                raise InputError("file.not-read", path=str(self.path), reason=cause_of(error)) from error
            return
        with self.archive.open(self.member) as file:
            info = self.archive.info(self.member)
            self.n_in = max(min(info.compress_size, self.path.stat().st_size), 1)  # archives may lie
            while True:
                try:
                    block = file.read(BLOCK)
                except ZIP_ERRORS:
                    self.truncated = True
                    return
                if not block:
                    return
                yield block

    def _unpacked(self) -> Iterator[bytes]:
        if self.packing == "gzip":
            return self._inflate()
        if self.packing == "zstd":
            return self._zstd()
        if self.packing == "bzip2":
            return self._streams(bz2.BZ2Decompressor)
        if self.packing == "xz":
            return self._streams(lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY))
        return self._raw()

    def _inflate(self) -> Iterator[bytes]:
        engine = zlib.decompressobj(wbits=31)
        for raw in self._raw():
            data = raw
            while data:
                if engine.eof:  # gzip files may be glued together; padding after the last is passed over
                    data = data.lstrip(b"\0")
                    if data[:2] != GZIP[: len(data[:2])]:
                        return
                    engine = zlib.decompressobj(wbits=31)
                try:
                    block = engine.decompress(data, BLOCK)
                except zlib.error:
                    self.truncated = True
                    return
                data = engine.unused_data if engine.eof else engine.unconsumed_tail
                if block:
                    yield block
        self.truncated = self.truncated or not engine.eof

    def _streams(self, make: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]) -> Iterator[bytes]:
        """Unpack what may be several streams glued together; padding after the last is passed over."""
        engine, is_begun = make(), False
        try:
            for raw in self._raw():
                data = raw
                while data or (is_begun and not engine.needs_input and not engine.eof):
                    if engine.eof:
                        data = data.lstrip(b"\0")
                        engine, is_begun = make(), False
                        continue
                    is_begun = True
                    block = engine.decompress(data, BLOCK)
                    data = engine.unused_data if engine.eof else b""
                    if block:
                        yield block
        except (lzma.LZMAError, OSError, EOFError, ValueError, MemoryError):
            self.truncated = True
        self.truncated = self.truncated or (is_begun and not engine.eof)

    def _zstd(self) -> Iterator[bytes]:
        unpacker = zstandard.ZstdDecompressor(max_window_size=2**27)
        engine = unpacker.decompressobj()
        try:
            for raw in self._raw():
                for at in range(0, len(raw), ZSTD_STEP):
                    data = raw[at : at + ZSTD_STEP]
                    while data:
                        if engine.eof:  # frames may follow each other
                            engine = unpacker.decompressobj()
                        block = engine.decompress(data)
                        data = engine.unused_data if engine.eof else b""
                        if block:
                            yield block
        except zstandard.ZstdError:
            self.truncated = True
        self.truncated = self.truncated or not engine.eof


class Archive:
    """A zip archive that is opened once for all its files, and again where it was closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip: zipfile.ZipFile | None = None

    def open(self, member: str) -> IO[bytes]:
        """Open one of its files."""
        self._zip = self._zip or open_zip(self.path)
        return self._zip.open(member)

    def info(self, member: str) -> zipfile.ZipInfo:
        """Return what the archive says of one of its files."""
        self._zip = self._zip or open_zip(self.path)
        return self._zip.getinfo(member)

    def close(self) -> None:
        """Let go of the file."""
        if self._zip is not None:
            self._zip.close()
            self._zip = None

    __del__ = close


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open an archive, unless its list of files is too long to be held.

    Raises
    ------
    InputError
        It is.
    """
    if directory_bytes(path) > MAX_DIRECTORY:
        raise InputError("ingest.too-many-members", path=str(path), most=MAX_MEMBERS)
    return zipfile.ZipFile(path)


def directory_bytes(path: Path) -> int:
    """Return how long the list of files of a zip archive says it is, bytes; 0 where there is none."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        start = max(size - 22 - 65_535 - 76, 0)
        file.seek(start)
        tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or end + 22 > len(tail):
            return 0
        longest = int.from_bytes(tail[end + 12 : end + 16], "little")
        longest = 0 if longest == 0xFFFFFFFF else longest
        at = tail.rfind(b"PK\x06\x07", 0, end)  # the end of large archives is told by another record before it
        if at < 0 or at + 20 > len(tail):
            return longest
        for place in (int.from_bytes(tail[at + 8 : at + 16], "little"), start + at - 56):
            if 0 <= place < size:
                file.seek(place)
                record = file.read(56)
                if record[:4] == b"PK\x06\x06":
                    longest = max(longest, int.from_bytes(record[40:48], "little"))
    return longest


def sniff_packing(path: Path, member: str = "", *, archive: Archive | None = None) -> str:
    """Return ``gzip``, ``zstd``, ``bzip2``, ``xz``, ``zip`` or ``none`` by content.

    Raises
    ------
    InputError
        The member is broken, encrypted or packed in an unknown way.
    """
    if member:
        try:
            with (archive or Archive(path)).open(member) as file:
                magic = file.read(4)
        except InputError:
            raise
        except ZIP_ERRORS as error:
            raise InputError("ingest.member-broken", path=str(path), member=member, reason=str(error)) from error
    else:
        with path.open("rb") as file:
            magic = file.read(4)
    if magic[:2] == GZIP:
        return "gzip"
    if magic == ZSTD:
        return "zstd"
    if magic[:3] == BZIP2:
        return "bzip2"
    if magic == XZ:
        return "xz"
    return "zip" if magic == ZIP else "none"


def foreign_packing(head: bytes, name: str) -> str:
    """Return the name of a packing that is not read; empty where it is none. Brotli is known by its file name alone."""
    if head[257:262] == b"ustar":
        return "tar"
    if name.lower().endswith(".br") and not _is_plain(head):
        return "Brotli"
    return FOREIGN.get(head[:4], "")


def foreign_form(head: bytes) -> str:
    """Return the name of a form of tables that is not read; empty where it is none."""
    start = head.lstrip()
    if start.startswith(b"<?xml") and not re.search(rb"<(?:rss|feed|rdf:RDF|html|urlset)\b", head[:4096]):
        return "XML"
    return next((form for mark, form in FORMS.items() if start.startswith(mark)), "")


def _is_plain(head: bytes) -> bool:
    """Whether bytes are text already: some programs keep the ending of what they unpacked."""
    try:
        head[:4096].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > 4000
    return True


def zip_members(path: Path, *, max_ratio: float) -> list[str]:
    """List the files inside an archive, in order of name; hidden and system files are passed over.

    Raises
    ------
    BombError
        The archive declares far more bytes than it has.
    InputError
        The archive is broken or holds too many files.
    """
    try:
        with open_zip(path) as archive:
            infos = [info for info in archive.infolist() if not _is_system(info.filename)]
    except InputError:
        raise
    except ZIP_ERRORS as error:
        raise InputError("ingest.broken-zip", path=str(path), reason=str(error)) from error
    total = sum(info.file_size for info in infos)
    if total > FREE_BYTES and total > max_ratio * max(path.stat().st_size, 1):
        raise BombError("ingest.expands", path=str(path), ratio=max_ratio)
    if len(infos) > MAX_MEMBERS:
        raise InputError("ingest.too-many-members", path=str(path), most=MAX_MEMBERS)
    return sorted(info.filename for info in infos)


def _is_system(name: str) -> bool:
    if not name or name.endswith("/"):
        return True
    parts = name.split("/")
    return any(part.startswith((".", "__MACOSX")) for part in parts)
