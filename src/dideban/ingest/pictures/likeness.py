"""Does a small picture show what a hash says? Found in the process that decodes, for pictures that strangers send."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from dideban.arrays import F4
from dideban.ingest.pictures.decode import Decoder, Decoders
from dideban.ingest.pictures.prints import differences
from dideban.kernels.pdq import cosines, pdq

MOST_BITS = 48
"""Of 256, between a picture and its own thumbnail of 128 pixels. Photographs and memes keep within 36; a page of text
may not, and then has no thumbnail where one must prove itself. Different pictures are about 128 apart."""
MOST_DIFFERENCES = 10
"""Of the 64 bits of a tiny picture."""
PATIENCE_S = 5.0
"""Longest wait for one small picture, seconds."""
_tables = cache(cosines)


def find_alike(pictures: Mapping[str, bytes], *, threads: int = 0) -> frozenset[str]:
    """Return the names of the small pictures that show what their names say.

    Parameters
    ----------
    pictures : mapping
        What POSTS hold for a picture (``pdq:`` or ``dhash:``) to a small picture of it.
    threads : count
        Processes that decode; 0 = as many as suits. Never changes the result.

    Notes
    -----
    Pictures of strangers are decoded in a bounded process, never in this one.
    """
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / f"{number}.jpg" for number in range(len(pictures))]
        for path, jpeg in zip(paths, pictures.values(), strict=True):
            path.write_bytes(jpeg)
        values = dict(zip(paths, pictures, strict=True))
        decoders = Decoders(threads, patience_s=PATIENCE_S)
        seen = decoders.ask(paths, lambda decoder, path: _is_alike(decoder, path, values[path]))
        return frozenset(value for value, alike in zip(pictures, seen, strict=True) if alike is True)


def _is_alike(decoder: Decoder, path: Path, value: str) -> bool:
    grey = decoder.decode(path).grey
    kind, _, hashes = value.partition("~")[0].partition(":")
    if kind == "pdq":
        return min(_apart(_hash(grey), one) for one in hashes.split(".")) <= MOST_BITS
    return kind == "dhash" and _apart(differences(grey).partition(":")[2], hashes) <= MOST_DIFFERENCES


def _hash(grey: F4) -> str:
    words, _ = pdq(np.ascontiguousarray(grey), _tables())
    return "".join(f"{int(word):016x}" for word in words)


def _apart(one: str, two: str) -> int:
    """Count the bits in which two hexadecimal numbers differ; all where one is none, or of another length."""
    if len(one) != len(two) or not one:
        return 256
    try:
        return (int(one, 16) ^ int(two, 16)).bit_count()
    except ValueError:
        return 256
