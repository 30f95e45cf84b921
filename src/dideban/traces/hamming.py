"""Perceptual hashes of 64 bits that differ in a few bits, found without comparing all with all."""

from __future__ import annotations

import numpy as np
import polars as pl

from dideban.arrays import I8, U8
from dideban.messages import Message

MAX_PAIRS = 300_000_000
"""Candidate pairs compared at most; the fullest blocks are left out beyond it, and a note says so."""
PAIRS_AT_A_TIME = 4_000_000
"""Bounds the memory of a comparison."""
FLAT_BITS = 4
"""A hash with fewer set (or unset) bits than this is a blank picture and no evidence."""


def cluster_hashes(hashes: pl.DataFrame, *, distance: int) -> tuple[pl.DataFrame, list[Message]]:
    """Gather hashes around leaders: the most frequent hash first, ties to the smaller.

    Parameters
    ----------
    hashes : (value, n)
        Distinct hashes of 16 hexadecimal digits and how often each occurs.
    distance : bits, 0..7
        Every member differs from its leader in at most this many bits, so two members differ in at most twice as many.

    Returns
    -------
    (value, leader), notes
        Blank pictures are left out and counted in the notes.

    Notes
    -----
    A hash is cut in four blocks of 16 bits. Two hashes at a distance of 7 or less have a block that differs in one bit
    or none (pigeonhole), so looking up each block and its 16 one-bit neighbours finds **every** such pair, as long as
    the candidates stay below MAX_PAIRS. Order of the input never matters.
    """
    ordered = hashes.sort(["n", "value"], descending=[True, False])
    codes = np.array([int(value, 16) for value in ordered["value"]], np.uint64)
    bits = np.bitwise_count(codes).astype(np.int64)
    is_flat = (bits < FLAT_BITS) | (bits > 64 - FLAT_BITS)
    ordered, codes = ordered.filter(~is_flat), codes[~is_flat]
    notes = []
    if n_flat := int(is_flat.sum()):
        notes.append(Message("note.pictures-blank", n=n_flat))
    low, high, is_complete = _near_pairs(codes, distance)
    if not is_complete:
        notes.append(Message("note.pictures-alike"))
    leaders = _leaders(len(codes), low, high)
    return ordered.select("value", leader=ordered["value"].gather(leaders)), notes


def _near_pairs(codes: U8, distance: int) -> tuple[I8, I8, bool]:
    """Pairs (low < high) of positions within the distance, sorted; and whether all were looked at."""
    if distance == 0 or len(codes) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64), True
    lows, highs, budget, is_complete = [], [], MAX_PAIRS, True
    for block in range(4):
        found, used, whole = _block_pairs(codes, block, distance, budget // (4 - block))
        budget -= used
        is_complete &= whole
        lows.append(found // len(codes))
        highs.append(found % len(codes))
    keys = np.unique(np.concatenate(lows) * len(codes) + np.concatenate(highs))
    return keys // len(codes), keys % len(codes), is_complete


def _block_pairs(codes: U8, block: int, distance: int, budget: int) -> tuple[I8, int, bool]:
    """Pairs that agree in one block but for one bit, as ``low * n + high``; candidates used; whether all were used."""
    values = ((codes >> np.uint64(16 * block)) & np.uint64(0xFFFF)).astype(np.int64)
    order = np.argsort(values, kind="stable")
    starts = np.searchsorted(values[order], np.arange(65537))
    found, used, is_whole = [np.empty(0, np.int64)], 0, True
    for flip in [0, *(1 << bit for bit in range(16))]:
        twin = values ^ flip
        sizes = starts[twin + 1] - starts[twin]
        # A pair that differs in the flipped bit is met once, from the side where the bit is not set.
        sources = np.flatnonzero((sizes > 0) & (values & flip == 0))
        limit = (budget - used) // (9 if flip == 0 else 1)
        kept = _cheapest(sources, sizes[sources], limit)
        is_whole &= len(kept) == len(sources)
        used += int(sizes[kept].sum())
        found.append(_compare(codes, kept, starts[twin[kept]], sizes[kept], order=order, distance=distance))
    return np.unique(np.concatenate(found)), used, is_whole


def _cheapest(sources: I8, sizes: I8, limit: int) -> I8:
    """Positions whose lists fit in the limit together, shortest lists first."""
    if int(sizes.sum()) <= limit:
        return sources
    order = np.argsort(sizes, kind="stable")
    return np.sort(sources[order[np.cumsum(sizes[order]) <= limit]])


def _compare(
    codes: U8,
    sources: I8,
    starts: I8,
    sizes: I8,
    *,
    order: I8,
    distance: int,
) -> I8:
    """Compare each source with the run of ``order`` given for it; a bounded number of pairs at a time."""
    found, at = [np.empty(0, np.int64)], 0
    ends = np.cumsum(sizes)
    while at < len(sources):
        done = int(ends[at - 1]) if at else 0
        stop = max(at + 1, int(np.searchsorted(ends, done + PAIRS_AT_A_TIME, "right")))
        size = sizes[at:stop]
        left = np.repeat(sources[at:stop], size)
        within = np.arange(len(left)) - np.repeat(np.cumsum(size) - size, size)
        right = order[np.repeat(starts[at:stop], size) + within]
        near = (left != right) & (np.bitwise_count(codes[left] ^ codes[right]) <= distance)
        low, high = np.minimum(left[near], right[near]), np.maximum(left[near], right[near])
        found.append(low * len(codes) + high)
        at = stop
    return np.concatenate(found)


def _leaders(n: int, low: I8, high: I8) -> I8:
    """Give each position the first leader that is near; a position without one leads itself."""
    leaders = np.arange(n)
    is_member = np.zeros(n, np.bool_)
    for a, b in zip(low.tolist(), high.tolist(), strict=True):
        # Pairs come in order of a, so it is settled whether a leads before it claims anybody.
        if not is_member[a] and not is_member[b]:
            leaders[b], is_member[b] = a, True
    return leaders
