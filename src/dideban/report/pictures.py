"""Pictures that a page may show: small, in the page itself, and blurred until a reader asks."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dideban.findings.model import Finding

PER_FINDING = 24
"""Pictures shown of one finding."""
MOST = 400
"""Pictures shown on a page."""
SIDE = 128
"""Longest side of a small picture, pixels."""
MOST_BYTES = 32 * 1024
"""Bytes of a small picture; the usual one has four thousand."""
JFIF, PIXELS = 0xE0, 0xDA
FRAMES = frozenset({0xC0, 0xC2})
NEEDED = FRAMES | {JFIF, PIXELS, 0xC4, 0xDB, 0xDD}
"""Parts of a JPEG that a small picture may have: no notes of cameras, comments or profiles."""


@dataclass(frozen=True, kw_only=True)
class Thumbnail:
    """A small picture."""

    jpeg: bytes
    width: int
    height: int

    @property
    def address(self) -> str:
        """Return the picture as an address that needs no network."""
        return "data:image/jpeg;base64," + base64.b64encode(self.jpeg).decode()


def read_thumbnail(data: bytes) -> Thumbnail | None:
    """Return a small picture as Dideban writes them; None where it is another file, or holds more than it shows.

    The parts of the file are walked up to the pixels: nothing but the tables that a decoder needs may stand there.
    """
    if len(data) > MOST_BYTES or not data.startswith(b"\xff\xd8\xff") or not data.endswith(b"\xff\xd9"):
        return None
    at, size = 2, (0, 0)
    while at + 10 < len(data) and data[at] == 0xFF:
        mark, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if mark not in NEEDED or (mark == JFIF and data[at + 4 : at + 9] != b"JFIF\0"):
            return None
        if mark in FRAMES:
            size = int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        at += 2 + length
        if mark == PIXELS:
            return Thumbnail(jpeg=data, width=size[0], height=size[1]) if 0 < min(size) <= max(size) <= SIDE else None
    return None


def pictures_to_show(findings: Sequence[Finding], *, known: Iterable[str]) -> list[str]:
    """Return the ids of the pictures that a page shows: the first of each finding, of those that are known."""
    there = frozenset(known)
    wanted: dict[str, None] = {}
    for finding in findings:
        mine = [entry.id for entry in finding.objects if entry.id in there]
        wanted |= dict.fromkeys(mine[:PER_FINDING])
    return list(wanted)[:MOST]
