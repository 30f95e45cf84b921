"""What one way in may cost: bytes once unpacked, rows, values, memory, time, whatever the bytes turn out to be."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import zstandard

from dideban.errors import InputError

MIB = 1024 * 1024
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
NOT_TEXT = (
    b"PK\x03\x04",
    b"PAR1",
    b"\xd0\xcf\x11\xe0",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"%PDF",
    GZIP,
    ZSTD,
)
"""How archives, tables and packed files begin."""
MOST_LAYERS = 2
"""Packed once by the sender, once on the way."""


class TooLargeError(InputError):
    """More than the budget: less at a time would be taken."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Limits of one request, upload, file or package."""

    max_bytes: int
    """After unpacking."""
    max_rows: int
    max_values: int
    """Lists and objects of JSON: each costs memory of its own."""
    max_memory: int = 4 * 1024 * MIB
    """Of the process that reads files."""
    max_seconds: float = 1_800.0


REQUEST = Budget(max_bytes=32 * MIB, max_rows=100_000, max_values=2_000_000)
"""One request over HTTP: read where it is answered."""
FILES = Budget(max_bytes=8 * 1024 * MIB, max_rows=20_000_000, max_values=10**10)
"""Uploaded files, and files of a watched folder: read in a process of their own."""


def unpack(data: bytes, *, budget: Budget) -> bytes:
    """Return text out of gzip or zstd, however it was named.

    Raises
    ------
    TooLargeError
        More than the budget once unpacked.
    InputError
        Packed in another way, or no text.
    """
    for _ in range(MOST_LAYERS):
        if not data.startswith((GZIP, ZSTD)):
            break
        data = _unpacked(data, budget.max_bytes)
    if len(data) > budget.max_bytes:
        raise _too_large(budget.max_bytes)
    if data.startswith(NOT_TEXT):
        raise InputError("budget.not-text", hint="budget.send-text")
    if data.count(b"\n") > budget.max_rows:
        raise TooLargeError("budget.rows", hint="budget.send-fewer", most=budget.max_rows)
    if data.count(b"{") + data.count(b"[") > budget.max_values:
        raise TooLargeError("budget.values", hint="budget.send-fewer", most=budget.max_values)
    return data


def _unpacked(data: bytes, most: int) -> bytes:
    try:
        if data.startswith(GZIP):
            engine = zlib.decompressobj(31)
            plain = engine.decompress(data, most + 1)
        else:
            with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(data) as stream:
                plain = stream.read(most + 1)
    except (zlib.error, zstandard.ZstdError) as error:
        raise InputError("room.not-gzip") from error
    if len(plain) > most:
        raise _too_large(most)
    return plain


def _too_large(most: int) -> TooLargeError:
    return TooLargeError("room.fetch-too-large", hint="budget.send-fewer", n=most // MIB)
