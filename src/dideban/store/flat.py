"""Posts laid out for searching: their normal forms end to end and what filters ask, in a file that is mapped, not read.

A flat file stands beside a data file of the table and says nothing that is not in it: it is made again where it is
missing, damaged or of another version. Numbers are little-endian; checksums cover the header and what is behind it.
"""

from __future__ import annotations

import mmap
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from dideban.arrays import I8, U1, U4, Array
from dideban.atomic import write_bytes
from dideban.text.normalise import to_bytes

MAGIC = b"dideban.flat/2\n"
KINDS = ("place", "source", "platform", "lang")
"""Columns that filters ask for by name."""
COLUMNS = ("created_at", "norm", *KINDS)
ALIGNED = 64
SAMPLE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Flat:
    """The posts of one data file, in its order."""

    at: I8
    """``created_at``, microseconds since 1970 in UTC, (n,)."""
    data: U1
    """Normal forms, each between a space and a line break."""
    offsets: I8
    """Where each begins, and the end, (n + 1,)."""
    counts: I8
    """How often each byte stands in the first SAMPLE bytes of ``data``, (256,): what is rare is looked for first."""
    codes: dict[str, U4]
    """KINDS, (n,) each: places in ``names``."""
    names: dict[str, list[str | None]]
    """The values of each kind; the first is None."""

    def __len__(self) -> int:
        return len(self.at)

    @property
    def n_bytes(self) -> int:
        """Size, bytes."""
        return int(self.data.nbytes + self.offsets.nbytes + self.at.nbytes * 3)


def lay_out(posts: pl.DataFrame) -> Flat:
    """Lay out the posts of a data file.

    Parameters
    ----------
    posts : COLUMNS of STORED, (n,)
    """
    norm = posts["norm"].fill_null("")
    data, offsets = to_bytes(pl.select(pl.concat_str(pl.lit(" "), norm, pl.lit("\n"))).to_series())
    coded = {kind: _coded(posts[kind]) for kind in KINDS}
    return Flat(
        at=posts["created_at"].dt.timestamp("us").to_numpy(), data=data, offsets=offsets,
        counts=np.bincount(data[:SAMPLE], minlength=256),
        codes={kind: codes for kind, (codes, _) in coded.items()},
        names={kind: names for kind, (_, names) in coded.items()},
    )  # fmt: skip


def write_flat(path: Path, flat: Flat) -> None:
    """Write a flat file; it appears whole or not at all.

    Raises
    ------
    StoreError
        The disk is full.
    """
    arrays: dict[str, Array] = {"at": flat.at, "data": flat.data, "offsets": flat.offsets, "counts": flat.counts}
    arrays |= flat.codes
    entries: list[tuple[str, str, int, int]] = []
    parts: list[bytes] = []
    at = 0
    for name, array in arrays.items():
        entries.append((name, array.dtype.str, len(array), at))
        padded = array.tobytes() + bytes(-array.nbytes % ALIGNED)
        parts.append(padded)
        at += len(padded)
    body = b"".join(parts)
    header = orjson.dumps({"arrays": entries, "names": flat.names, "size": len(body), "crc32": zlib.crc32(body)})
    head = MAGIC + len(header).to_bytes(8, "little") + zlib.crc32(header).to_bytes(4, "little") + header
    write_bytes(path, head + bytes(-len(head) % ALIGNED) + body, survives="kill")


def read_flat(path: Path) -> Flat | None:
    """Map a flat file; None where there is none, or not one that can be trusted."""
    try:
        with path.open("rb") as file:
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # missing, or empty
        return None
    try:
        return _read(memoryview(whole))
    except (ValueError, KeyError, TypeError):  # a header that was torn
        return None


def _read(view: memoryview) -> Flat | None:
    if bytes(view[: len(MAGIC)]) != MAGIC:
        return None
    start = len(MAGIC) + 12
    size, check = (int.from_bytes(view[at : at + n], "little") for at, n in ((start - 12, 8), (start - 4, 4)))
    if zlib.crc32(view[start : start + size]) != check:
        return None
    header: dict[str, Any] = orjson.loads(view[start : start + size])
    body = view[start + size + -(start + size) % ALIGNED :]
    if len(body) != header["size"] or zlib.crc32(body) != header["crc32"]:
        return None
    arrays = {name: np.frombuffer(body, dtype, n, at) for name, dtype, n, at in header["arrays"]}
    codes = {kind: arrays.pop(kind) for kind in KINDS}
    return Flat(**arrays, codes=codes, names={kind: header["names"][kind] for kind in KINDS})


def _coded(values: pl.Series) -> tuple[U4, list[str | None]]:
    names = values.drop_nulls().unique().sort()
    codes = values.cast(pl.Enum(names)).to_physical().cast(pl.UInt32) + 1
    return codes.fill_null(0).to_numpy(), [None, *names.to_list()]


__all__ = ["COLUMNS", "KINDS", "Flat", "lay_out", "read_flat", "write_flat"]
