"""Hashes of 256 bits gathered around leaders, without comparing all with all."""

from __future__ import annotations

import numpy as np

from dideban.arrays import I4, I8, U8
from dideban.kernels._jit import jit

BLOCKS = 16
"""Blocks of 16 bits in a hash. At a distance of 31 or less, two hashes have a block that differs in a bit or none."""
SHORT = 64
"""Lists of so many hashes are still searched when the budget is spent."""


# u8 -> set bits
@jit
def ones(word: np.uint64) -> np.int64:
    """Count the set bits; compilers make one instruction of it."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


# (4,) u8 -> 0..65535
@jit
def _value(codes: U8, at: int, block: int) -> np.int64:
    """Return one block of a hash."""
    return np.int64((codes[at, block // 4] >> np.uint64(16 * (block % 4))) & np.uint64(0xFFFF))


# (n, 4) u8 -> (16, 65537) i4 starts, (16, n) i4 order, (16, n, 2) u8 probes
@jit
def index_blocks(codes: U8) -> tuple[I4, I4, U8]:
    """List the hashes by the value of each block, with two words that do not hold the block beside each."""
    n = len(codes)
    starts = np.zeros((BLOCKS, 65537), np.int32)
    order = np.empty((BLOCKS, n), np.int32)
    probes = np.empty((BLOCKS, n, 2), np.uint64)
    for block in range(BLOCKS):
        word = block // 4
        for at in range(n):
            starts[block, _value(codes, at, block) + 1] += 1
        for before in range(65536):
            starts[block, before + 1] += starts[block, before]
        free = starts[block].copy()
        for at in range(n):
            value = _value(codes, at, block)
            place = free[value]
            free[value] += 1
            order[block, place] = at
            probes[block, place, 0] = codes[at, (word + 1) % 4]
            probes[block, place, 1] = codes[at, (word + 2) % 4]
    return starts, order, probes


# one hash against one list; claims free owners
@jit
def _claim(
    codes: U8,
    owners: I8,
    leaders: I8,
    at: int,
    block: int,
    first: np.int64,
    stop: np.int64,
    order: I4,
    probes: U8,
    distance: int,
) -> None:
    """Give the free owners on a list that are near to the owner of ``at``."""
    word, last = block // 4, (block // 4 + 3) % 4
    one, two = codes[at, (word + 1) % 4], codes[at, (word + 2) % 4]
    for place in range(first, stop):
        bits = ones(probes[block, place, 0] ^ one) + ones(probes[block, place, 1] ^ two)
        if bits > distance:
            continue
        other = order[block, place]
        if leaders[owners[other]] >= 0:
            continue
        bits += ones(codes[other, word] ^ codes[at, word]) + ones(codes[other, last] ^ codes[at, last])
        if bits <= distance:
            leaders[owners[other]] = owners[at]


# (n, 4) u8, (n,) i8 sorted, index -> (n_owners,) i8, whether all was compared
@jit
def lead(
    codes: U8,
    owners: I8,
    n_owners: int,
    starts: I4,
    order: I4,
    probes: U8,
    distance: int,
    budget: int | np.int64,
) -> tuple[I8, bool]:
    """Let each owner in turn, if free, lead all free owners of which a hash is near to one of its own."""
    leaders = np.full(n_owners, -1, np.int64)
    is_whole = True
    for at in range(len(codes)):
        owner = owners[at]
        if leaders[owner] < 0:
            leaders[owner] = owner
        if leaders[owner] != owner:
            continue
        for block in range(BLOCKS):
            value = _value(codes, at, block)
            for flip in range(17):
                twin = value ^ (1 << flip) if flip < 16 else value
                first, stop = np.int64(starts[block, twin]), np.int64(starts[block, twin + 1])
                if budget < stop - first and stop - first > SHORT:
                    is_whole = False
                    continue
                budget -= stop - first
                _claim(codes, owners, leaders, at, block, first, stop, order, probes, distance)
    return leaders, is_whole
