"""Pictures that a page may show: small, in the page itself, and blurred until a reader asks."""

from __future__ import annotations

import base64
import re
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
JFIF, PIXELS, END = 0xE0, 0xDA, b"\xff\xd9"
JFIF_BYTES = 18
"""With its mark, and without a picture of its own in it."""
NEXT_PART = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)
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

    The parts of the file are walked to its end: nothing but the tables that a decoder needs and the pixels may stand
    there, once, and nothing behind them.
    """
    if len(data) > MOST_BYTES or not data.startswith(b"\xff\xd8\xff"):
        return None
    at, sizes, is_drawn = 2, [], False
    while at + 10 < len(data) and data[at] == 0xFF:
        mark, end = data[at + 1], at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if mark not in NEEDED or (mark == JFIF and (data[at + 4 : at + 9] != b"JFIF\0" or end - at != JFIF_BYTES)):
            return None
        if mark in FRAMES:
            sizes.append((int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])))
        is_drawn = is_drawn or mark == PIXELS
        at = _end_of_pixels(data, end) if mark == PIXELS else end
    if data[at:] != END or not is_drawn or len(sizes) != 1 or not 0 < min(sizes[0]) <= max(sizes[0]) <= SIDE:
        return None
    return Thumbnail(jpeg=data, width=sizes[0][0], height=sizes[0][1])


def _end_of_pixels(data: bytes, start: int) -> int:
    """Return where the next part of a JPEG begins: a 0xFF among pixels is followed by nought or a restart."""
    found = NEXT_PART.search(data, start)
    return found.start() if found else len(data)


def pictures_to_show(findings: Sequence[Finding], *, known: Iterable[str]) -> list[str]:
    """Return the ids of the pictures that a page shows: the first of each finding, of those that are known."""
    there = frozenset(known)
    wanted: dict[str, None] = {}
    for finding in findings:
        mine = [entry.id for entry in finding.objects if entry.id in there]
        wanted |= dict.fromkeys(mine[:PER_FINDING])
    return list(wanted)[:MOST]
