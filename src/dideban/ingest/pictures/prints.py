"""What a picture looks like, as text that POSTS can hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from dideban.arrays import F4, U8
from dideban.ingest.pictures.decode import DecodedPicture
from dideban.kernels.pdq import cosines, part_cosines, part_hashes, pdq
from dideban.kernels.picture_frames import inside

TINY = 64
"""A picture with a shorter side than this, pixels, has too few of them for PDQ."""
SAME_FRAME = 31
"""Bits within which a frame shows what the one before it does."""
MOST_HASHES = 32
"""Hashes of a video: the first that differ."""
LEAST_DETAIL = 50
"""Below it PDQ says little (its authors' advice): a blank wall, a plain colour."""


@dataclass(frozen=True)
class Print:
    """What a picture looks like."""

    value: str
    """As POSTS hold it: ``pdq:`` with one hash, or two where it has a frame; ``dhash:`` where it is tiny; ``vpdq:``
    with the hashes of frames for a video; empty where there is too little to see."""
    parts: str = ""
    """The same with the hashes of its parts, by which a cut picture is recognised."""


@cache
def _tables() -> tuple[F4, F4]:
    return cosines(), part_cosines()


def print_of(picture: DecodedPicture) -> Print:
    """Hash a picture as it is, inside its frame, and in parts."""
    if picture.shorter < TINY:
        return Print(differences(picture.grey))
    table, part_table = _tables()
    top, bottom, left, right = inside(picture.grey)
    within = np.ascontiguousarray(picture.grey[top:bottom, left:right])
    words, detail = pdq(picture.grey, table)
    if detail < LEAST_DETAIL:
        return Print("")
    hashes, parts = [_hex(words)], list(map(_hex, part_hashes(picture.grey, part_table)))
    if within.shape != picture.grey.shape and min(within.shape) >= TINY:
        inner, inner_detail = pdq(within, table)
        if inner_detail >= LEAST_DETAIL:
            hashes.append(_hex(inner))
            parts += map(_hex, part_hashes(within, part_table))
    return Print(f"pdq:{'.'.join(hashes)}", f"pdq:{'.'.join([*hashes, *parts])}")


def print_of_film(frames: F4) -> Print:
    """Hash the frames of a video; those that show too little, or the same as the one before, are left out."""
    table, _ = _tables()
    kept: list[U8] = []
    for frame in frames:
        words, detail = pdq(np.ascontiguousarray(frame), table)
        if detail >= LEAST_DETAIL and (not kept or int(np.bitwise_count(words ^ kept[-1]).sum()) > SAME_FRAME):
            kept.append(words)
    return Print(f"vpdq:{'.'.join(map(_hex, kept[:MOST_HASHES]))}" if kept else "")


def differences(grey: F4) -> str:
    """Say of 8 x 8 places whether it gets brighter to the right: 64 bits."""
    rows = (np.arange(8) * 2 + 1) * grey.shape[0] // 16
    columns = (np.arange(9) * 2 + 1) * grey.shape[1] // 18
    small = grey[np.ix_(rows, columns)]
    bits = np.packbits(small[:, 1:] > small[:, :-1])
    return f"dhash:{bits.tobytes().hex()}" if bits.any() and np.ptp(small) >= 8 else ""


def _hex(words: U8) -> str:
    return "".join(f"{int(word):016x}" for word in words)
