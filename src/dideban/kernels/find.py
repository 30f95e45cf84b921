"""Which of many texts, laid end to end, say a few letters: one pass over the bytes, sixteen thousand at a time."""

from __future__ import annotations

import numpy as np

from dideban.arrays import Array
from dideban.kernels._jit import jit

_SPACE = 0x20
_BLOCK = 16_384
_ONES = 0x0101010101010101
_TOPS = 0x8080808080808080


@jit
def _same(data: Array, at: int, end: int, needle: Array, lo: int, hi: int) -> bool:
    # Whether data[at:] begins with needle[lo:hi].
    if at + hi - lo > end:
        return False
    for k in range(hi - lo):
        if data[at + k] != needle[lo + k]:
            return False
    return True


@jit
def _heads(data: Array, at: int, lo: int, heads: Array, head_ends: Array) -> bool:
    # Whether one of the heads stands right before ``at``, itself right after a space; an empty one counts.
    first = 0
    for h in range(len(head_ends)):
        size = head_ends[h] - first
        start = at - size
        if start - 1 >= lo and data[start - 1] == _SPACE and _same(data, start, at, heads, first, head_ends[h]):
            return True
        first = head_ends[h]
    return False


@jit
def _says_at(
    data: Array, at: int, lo: int, hi: int, needle: Array, ends: Array, pick: int, heads: Array, head_ends: Array
) -> bool:
    # Whether the needle stands in data[lo:hi] with its letter ``pick`` at ``at``; one space may part two letters.
    start = ends[pick - 1] if pick > 0 else 0
    if at < lo or not _same(data, at, hi, needle, start, ends[pick]):
        return False
    behind = at + ends[pick] - start
    for k in range(pick + 1, len(ends)):
        if behind < hi and data[behind] == _SPACE:
            behind += 1
        if not _same(data, behind, hi, needle, ends[k - 1], ends[k]):
            return False
        behind += ends[k] - ends[k - 1]
    before = at
    for k in range(pick - 1, -1, -1):
        if before > lo and data[before - 1] == _SPACE:
            before -= 1
        start = ends[k - 1] if k > 0 else 0
        before -= ends[k] - start
        if before < lo or not _same(data, before, hi, needle, start, ends[k]):
            return False
    return len(head_ends) == 0 or _heads(data, before, lo, heads, head_ends)


@jit
def _misses(data: Array, block: int, size: int, one: int, two: int, gap: int, a: int, b: int, miss: Array) -> None:
    # Write 0 where byte a stands ``one`` and byte b ``two`` after a place, or b one later where a space parts at gap.
    left, right = data[block + one : block + one + size], data[block + two : block + two + size]
    if gap < 0:
        for i in range(size):
            miss[i] = (left[i] ^ a) | (right[i] ^ b)
    else:
        parting = data[block + gap : block + gap + size]
        later = data[block + two + 1 : block + two + 1 + size]
        for i in range(size):
            miss[i] = (left[i] ^ a) | min(right[i] ^ b, (parting[i] ^ np.uint8(_SPACE)) | (later[i] ^ b))
    miss[size:] = 1


@jit
def find_texts(
    data: Array,
    offsets: Array,
    asked: Array,
    needle: Array,
    ends: Array,
    pick: int,
    places: Array,
    heads: Array,
    head_ends: Array,
) -> Array:
    # (n_bytes,) u8, (n+1,) i8, (n,) u1 texts to look at, needle with the ends of its letters, the letter to look for
    # first, two places of bytes in the needle that are rare, in that letter or the next, heads -> (n,) u1.
    # Every text ends with a byte that is in no needle.
    n, found = len(offsets) - 1, np.zeros(len(offsets) - 1, np.uint8)
    start = ends[pick - 1] if pick > 0 else 0
    one, two = places[0] - start, places[1] - start
    gap = ends[pick] - start if places[1] >= ends[pick] else -1
    last = len(data) - max(one, two) - (0 if gap < 0 else 1)
    miss = np.empty(_BLOCK, np.uint8)
    words = miss.view(np.uint64)
    t = 0
    for block in range(0, last, _BLOCK):
        size = min(_BLOCK, last - block)
        _misses(data, block, size, one, two, gap, needle[places[0]], needle[places[1]], miss)
        for w in range(len(words)):
            word = words[w]
            if (word - np.uint64(_ONES)) & ~word & np.uint64(_TOPS) == np.uint64(0):
                continue
            for i in range(w * 8, w * 8 + 8):
                if miss[i] != 0:
                    continue
                at = block + i
                while t < n - 1 and offsets[t + 1] <= at:
                    t += 1
                if asked[t] and not found[t]:
                    found[t] = _says_at(data, at, offsets[t], offsets[t + 1], needle, ends, pick, heads, head_ends)
    return found


@jit
def gather_texts(data: Array, offsets: Array, rows: Array) -> tuple[Array, Array]:
    # (n_bytes,) u8, (n+1,) i8, (m,) texts in order -> their bytes end to end, (m+1,) i8.
    ends = np.zeros(len(rows) + 1, np.int64)
    for i in range(len(rows)):
        ends[i + 1] = ends[i] + offsets[rows[i] + 1] - offsets[rows[i]]
    out = np.empty(ends[-1], np.uint8)
    for i in range(len(rows)):
        out[ends[i] : ends[i + 1]] = data[offsets[rows[i]] : offsets[rows[i] + 1]]
    return out, ends
