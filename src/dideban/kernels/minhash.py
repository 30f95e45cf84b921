"""Kernels of near-duplicate text: sketches of shingles, and clusters led by the earliest text."""

from __future__ import annotations

import numpy as np

from dideban.arrays import Array
from dideban.kernels._jit import jit
from dideban.kernels.text import decode

MAX_CHARS = 20_000
"""Characters of a text that are looked at; a longer text counts by its beginning."""
SHINGLE = 5
GRAM = 4
BLOCK = 15
"""Entries of one block of a posting list: with its link, one cache line."""
BUCKETS = 64
"""Parts of the range of hashes by which those of one text are sorted."""


@jit
def char_weight(code: int) -> int:
    # ideographs, kana and Hangul syllables carry about twice as much as a letter
    return 2 if 0x3040 <= code < 0xA000 or 0xAC00 <= code < 0xD7B0 or 0xF900 <= code < 0xFB00 or code >= 0x20000 else 1


@jit
def read_codes(data: Array, start: int, stop: int, codes: Array) -> int:
    # (n_bytes,) u8 -> fills codes (MAX_CHARS,) i4, returns how many
    n = 0
    at = start
    while at < stop and n < len(codes):
        code, at = decode(data, at)
        codes[n] = code
        n += 1
    return n


@jit
def gram_hash(codes: Array, i: int, n: int, width: int) -> int:
    # hash (32 bits) of the shortest run from i that weighs `width`; -1 where the text ends before
    weight = 0
    h = np.uint64(0x9E3779B97F4A7C15)
    while weight < width:
        if i >= n:
            return -1
        code = int(codes[i])
        weight += char_weight(code)
        h = (h ^ np.uint64(code)) * np.uint64(0xFF51AFD7ED558CCD)
        h ^= h >> np.uint64(32)
        i += 1
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    return int(h >> np.uint64(32))


@jit
def is_light(codes: Array, n: int) -> bool:
    # whether every character weighs 1
    for i in range(n):
        if codes[i] >= 0x3040 and char_weight(int(codes[i])) == 2:
            return False
    return True


@jit
def fill_grams(codes: Array, n: int, width: int, grams: Array) -> int:
    # (n,) i4 -> fills grams (MAX_CHARS,) i8 with the gram_hash of each place in order, returns how many
    m = 0
    if is_light(codes, n):  # as many characters each: their hashes do not wait for each other
        m = max(n - width + 1, 0)
        for i in range(m):
            h = np.uint64(0x9E3779B97F4A7C15)
            for j in range(width):
                h = (h ^ np.uint64(codes[i + j])) * np.uint64(0xFF51AFD7ED558CCD)
                h ^= h >> np.uint64(32)
            grams[i] = np.int64((h * np.uint64(0xC4CEB9FE1A85EC53)) >> np.uint64(32))
        return m
    for i in range(n):
        one = gram_hash(codes, i, n, width)
        if one < 0:
            break
        grams[m] = one
        m += 1
    return m


@jit
def insert_smallest(values: Array, m: int, k: int, best: Array) -> int:
    # (m,) i8 -> fills best with the k smallest distinct ones ascending, one by one; returns how many there are
    size = 0
    for i in range(m):
        h = values[i]
        if size == k and h >= best[k - 1]:
            continue
        low = np.searchsorted(best[:size], h)
        if low < size and best[low] == h:
            continue
        for j in range(min(size, k - 1), low, -1):
            best[j] = best[j - 1]
        best[low] = h
        size = min(size + 1, k)
    return size


@jit
def fill_smallest(values: Array, m: int, k: int, best: Array, starts: Array, some: Array) -> int:
    # as insert_smallest, for hashes of 32 bits: those below a bound that about 1.6 k of them should be, sorted by way
    # of BUCKETS equal parts. Texts that repeat themselves may have too few there, and are gone through one by one
    bound = min(float(1 << 32), (1.6 * k + 8.0) / max(m, 1) * float(1 << 32))
    starts[:] = 0
    n = 0
    for i in range(m):
        if values[i] < bound:
            starts[int(values[i] * (BUCKETS / bound)) + 1] += 1
            n += 1
    if n > len(some):
        return insert_smallest(values, m, k, best)
    for b in range(BUCKETS):
        starts[b + 1] += starts[b]
    for i in range(m):
        if values[i] < bound:
            b = int(values[i] * (BUCKETS / bound))
            some[starts[b]] = values[i]
            starts[b] += 1
    size = 0
    for i in range(n):
        h, j = some[i], i
        while j > 0 and some[j - 1] > h:
            some[j] = some[j - 1]
            j -= 1
        some[j] = h
    for i in range(n):
        if size < k and (i == 0 or some[i] != some[i - 1]):
            best[size] = some[i]
            size += 1
    return size if size == k or n == m else insert_smallest(values, m, k, best)


@jit
def sketch_texts(data: Array, offsets: Array, k: int) -> tuple[Array, Array, Array]:
    # (n_bytes,) u8, (n+1,) i8 -> (n, k) u4 smallest shingle hashes ascending, (n,) i4 how many, (n,) i8 weight of text
    n_texts = len(offsets) - 1
    sketches = np.zeros((n_texts, k), np.uint32)
    sizes = np.zeros(n_texts, np.int32)
    weights = np.zeros(n_texts, np.int64)
    codes, grams = np.empty(MAX_CHARS, np.int32), np.empty(MAX_CHARS, np.int64)
    best, starts, some = np.empty(k, np.int64), np.empty(BUCKETS + 2, np.int64), np.empty(8 * k + 64, np.int64)
    for t in range(n_texts):
        n = read_codes(data, offsets[t], offsets[t + 1], codes)
        for i in range(n):
            weights[t] += char_weight(int(codes[i]))
        sizes[t] = fill_smallest(grams, fill_grams(codes, n, SHINGLE, grams), k, best, starts, some)
        for j in range(sizes[t]):
            sketches[t, j] = best[j]
    return sketches, sizes, weights


@jit
def compare_grams(
    a: Array, m_a: int, b: Array, m_b: int, table: Array, stamps: Array, stamp: int
) -> tuple[float, float, float]:
    # grams of two texts -> share of the smaller one found in the larger, the same outside the two longest
    # common runs (1 where little is left outside), size ratio
    if m_a > m_b or (m_a == m_b and a[0] > b[0]):
        a, m_a, b, m_b = b, m_b, a, m_a
    if m_a == 0:
        return 0.0, 0.0, 0.0
    bits = 4
    while (1 << bits) < 2 * m_b:
        bits += 1
    mask = (1 << bits) - 1
    for i in range(m_b):
        at = b[i] & mask
        while stamps[at] == stamp and table[at] != b[i]:
            at = (at + 1) & mask
        table[at], stamps[at] = b[i], stamp
    hits, run, longest, second = 0, 0, 0, 0
    for i in range(m_a):
        at = a[i] & mask
        while stamps[at] == stamp and table[at] != a[i]:
            at = (at + 1) & mask
        if stamps[at] == stamp:
            hits += 1
            run += 1
        if stamps[at] != stamp or i + 1 == m_a:
            if run > longest:
                longest, second = run, longest
            elif run > second:
                second = run
            run = 0
    rest = m_a - longest - second - 4 * (GRAM - 1)
    residual = (hits - longest - second) / rest if rest >= 8 and rest * 5 >= m_a else 1.0
    return hits / m_a, residual, m_a / m_b


@jit
def is_same_message(cover: float, residual: float, ratio: float, least: float) -> bool:
    # one text mostly inside the other, and not merely one passage that both quote
    return cover >= least and residual >= 0.15 and ratio >= 0.15


@jit
def compare_pairs(data: Array, offsets: Array, left: Array, right: Array) -> Array:
    # byte run of texts, (n,) i8 pairs of them -> (n, 3) f8: cover, residual, ratio
    out = np.empty((len(left), 3))
    codes = np.empty(MAX_CHARS, np.int32)
    a, b = np.empty(MAX_CHARS, np.int64), np.empty(MAX_CHARS, np.int64)
    table, stamps = np.zeros(65536, np.int64), np.zeros(65536, np.int64)
    for p in range(len(left)):
        m_a = fill_grams(codes, read_codes(data, offsets[left[p]], offsets[left[p] + 1], codes), GRAM, a)
        m_b = fill_grams(codes, read_codes(data, offsets[right[p]], offsets[right[p] + 1], codes), GRAM, b)
        out[p] = compare_grams(a, m_a, b, m_b, table, stamps, p + 1)
    return out
