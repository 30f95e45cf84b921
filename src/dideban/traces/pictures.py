"""Pictures that look the same: PDQ hashes of 256 bits that differ in a few bits."""

from __future__ import annotations

import numpy as np
import polars as pl

from dideban.kernels.near_hashes import index_blocks, lead
from dideban.messages import Message

PREFIX = "pdq:"
"""What a PDQ hash is written behind; several of one picture (whole, without its frame) are joined by a full stop."""
PATTERN = r"^pdq:[0-9a-f]{64}(\.[0-9a-f]{64}){0,3}(~[0-9a-f]{16})?$"
WORDS = "~"
"""Stands before a print of the words in a picture, where pictures that look the same say different things."""
DISTANCE = 31
"""Bits; the distance that the authors of PDQ advise, and the most that the index finds for certain."""
BUDGET = 20_000_000_000
"""Comparisons at most; beyond it only short lists are searched, and a note says so."""
FLAT_BITS = 32
"""A hash with fewer set bits is of a blank picture: half of the bits are set in a true one."""


def cluster_pictures(
    hashes: pl.DataFrame, *, distance: int = DISTANCE, budget: int = BUDGET
) -> tuple[pl.DataFrame, list[Message]]:
    """Gather pictures around leaders: the most frequent first, ties to the smaller value.

    Parameters
    ----------
    hashes : (value, n)
        Distinct values that match PATTERN, and how often each occurs.
    distance : bits, 0..31
        A member has a hash that differs from one of its leader's in at most this many bits.
    budget : count
        Comparisons at most.

    Returns
    -------
    (value, leader), notes
        Blank pictures are left out and counted in the notes.

    Notes
    -----
    Exactly what comparing all with all gives, as long as the budget lasts. Order of the input never matters.
    """
    ordered = hashes.sort(["n", "value"], descending=[True, False])
    parts = ordered.select(pl.col("value").str.strip_prefix(PREFIX).str.split("."), owner=pl.int_range(pl.len()))
    each = parts.explode("value")
    codes = words_of(each["value"])
    bits = np.bitwise_count(codes).sum(axis=1)
    is_seen = bits >= FLAT_BITS
    codes, owners = np.ascontiguousarray(codes[is_seen]), each["owner"].to_numpy().astype(np.int64)[is_seen]
    leaders, is_whole = lead(codes, owners, ordered.height, *index_blocks(codes), distance, budget)
    is_picture = leaders >= 0
    notes = [Message("note.pictures-blank", n=n)] if (n := int((~is_picture).sum())) else []
    if not is_whole:
        notes.append(Message("note.pictures-alike"))
    kept = ordered.filter(pl.Series(is_picture))
    return kept.select("value", leader=ordered["value"].gather(leaders[is_picture])), notes


def is_near(one: str, two: str, *, distance: int = DISTANCE) -> bool:
    """Whether two values that match PATTERN may be one picture: hashes within the distance, and the same words."""
    (hashes, _, said), (others, _, says) = one.partition(WORDS), two.partition(WORDS)
    if said != says:
        return False
    mine, theirs = ([int(code, 16) for code in each.removeprefix(PREFIX).split(".")] for each in (hashes, others))
    return any((a ^ b).bit_count() <= distance for a in mine for b in theirs)


def words_of(hashes: pl.Series) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    """Read hashes of 64 hexadecimal digits as four words each."""
    raw = b"".join(hashes.str.decode("hex").to_list())
    return np.frombuffer(raw, ">u8").reshape(-1, 4).astype(np.uint64)
