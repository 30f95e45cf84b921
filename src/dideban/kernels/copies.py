"""Kernels of copying: fingerprints of long texts, and which letters of one stand in another."""

from __future__ import annotations

import numpy as np

from dideban.arrays import Array
from dideban.kernels._jit import jit
from dideban.kernels.minhash import MAX_CHARS, char_weight, gram_hash, read_codes


@jit
def fingerprint_texts(data: Array, offsets: Array, width: int, modulo: int) -> tuple[Array, Array]:
    # (n_bytes,) u8, (n+1,) i8 -> (n+1,) i8, (m,) i8 distinct hashes of runs of `width` letters, those that `modulo`
    # divides, ascending within a text
    n_texts = len(offsets) - 1
    starts = np.zeros(n_texts + 1, np.int64)
    out, used = np.empty(1024, np.int64), 0
    codes, found = np.empty(MAX_CHARS, np.int32), np.empty(MAX_CHARS, np.int64)
    for t in range(n_texts):
        n = read_codes(data, offsets[t], offsets[t + 1], codes)
        m = 0
        for i in range(n):
            h = np.int64(gram_hash(codes, i, n, width))
            if h < 0:
                break
            if h % modulo == 0:
                found[m] = h
                m += 1
        ordered = np.sort(found[:m])
        if used + m > len(out):
            longer = np.empty(2 * (used + m), np.int64)
            longer[:used] = out[:used]
            out = longer
        for i in range(m):
            if i == 0 or ordered[i] != ordered[i - 1]:
                out[used] = ordered[i]
                used += 1
        starts[t + 1] = used
    return starts, out[:used].copy()


@jit
def pick_earlier(starts: Array, hashes: Array, holders: int, n_best: int, least: int) -> Array:
    # texts in order of time, fingerprints as dense codes -> (n, n_best) i4 earlier texts that share most of them, -1 =
    # none. Only the first `holders` texts of a fingerprint are remembered: those who came later copied as well.
    n, n_codes = len(starts) - 1, 0
    for i in range(len(hashes)):
        n_codes = max(n_codes, hashes[i] + 1)
    held, sizes = np.empty((n_codes, holders), np.int32), np.zeros(n_codes, np.int32)
    counts, touched = np.zeros(n, np.int32), np.empty(n, np.int32)
    best = np.full((n, n_best), -1, np.int32)
    for t in range(n):
        n_touched = 0
        for i in range(starts[t], starts[t + 1]):
            code = hashes[i]
            for j in range(sizes[code]):
                other = held[code, j]
                if counts[other] == 0:
                    touched[n_touched] = other
                    n_touched += 1
                counts[other] += 1
            if sizes[code] < holders:
                held[code, sizes[code]] = t
                sizes[code] += 1
        size = 0
        for i in range(n_touched):
            other = touched[i]
            if counts[other] < least:
                continue
            at = min(size, n_best - 1)
            if size == n_best and (
                counts[other] < counts[best[t, at]] or (counts[other] == counts[best[t, at]] and other > best[t, at])
            ):
                continue
            while at > 0 and (
                counts[best[t, at - 1]] < counts[other]
                or (counts[best[t, at - 1]] == counts[other] and best[t, at - 1] > other)
            ):
                best[t, at] = best[t, at - 1]
                at -= 1
            best[t, at] = other
            size = min(size + 1, n_best)
        for i in range(n_touched):
            counts[touched[i]] = 0
    return best


@jit
def cover_pairs(data: Array, offsets: Array, left: Array, right: Array, width: int) -> Array:
    # (k,) i8 pairs of texts -> (k, 2) f8: share of the letters of `right` that lie in runs of `width` letters which
    # `left` holds too, and the same the other way round
    out = np.zeros((len(left), 2))
    a, b = np.empty(MAX_CHARS, np.int32), np.empty(MAX_CHARS, np.int32)
    runs_a, runs_b = np.empty(MAX_CHARS, np.int64), np.empty(MAX_CHARS, np.int64)
    for p in range(len(left)):
        n_a = read_codes(data, offsets[left[p]], offsets[left[p] + 1], a)
        n_b = read_codes(data, offsets[right[p]], offsets[right[p] + 1], b)
        m_a, m_b = _fill_runs(a, n_a, width, runs_a), _fill_runs(b, n_b, width, runs_b)
        out[p, 0] = _share_held(runs_b, m_b, n_b, b, runs_a, m_a, width)
        out[p, 1] = _share_held(runs_a, m_a, n_a, a, runs_b, m_b, width)
    return out


@jit
def _fill_runs(codes: Array, n: int, width: int, runs: Array) -> int:
    m = 0
    for i in range(n):
        h = np.int64(gram_hash(codes, i, n, width))
        if h < 0:
            break
        runs[m] = h
        m += 1
    return m


@jit
def _share_held(runs: Array, m: int, n: int, codes: Array, others: Array, m_others: int, width: int) -> float:
    if m == 0 or m_others == 0:
        return 0.0
    known = np.sort(others[:m_others])
    held, reach = 0, 0
    for i in range(m):
        at = np.searchsorted(known, runs[i])
        if at < m_others and known[at] == runs[i]:
            # a run of ideographs is shorter: they weigh two
            length, weight = 0, 0
            while weight < width and i + length < n:
                weight += char_weight(int(codes[i + length]))
                length += 1
            held += i + length - max(reach, i)
            reach = i + length
    return held / n
