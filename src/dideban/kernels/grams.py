"""Kernels of texts as sparse vectors: n-grams of words, and the nearest earlier rows by cosine."""

from __future__ import annotations

import numpy as np

from dideban.arrays import Array
from dideban.kernels._jit import jit
from dideban.kernels.minhash import GRAM, MAX_CHARS, gram_hash, read_codes

_SPACE = 0x20


@jit
def word_grams(data: Array, offsets: Array, bits: int, longest: int) -> tuple[Array, Array, Array]:
    # (n_bytes,) u8 words with one space between, (n+1,) i8 -> (n+1,) i8, (m,) i4 distinct grams ascending, (m,) f4
    # counts. Grams do not cross words; the edge of a word is a letter of its own. `longest` letters are read.
    n_texts = len(offsets) - 1
    starts = np.zeros(n_texts + 1, np.int64)
    out, counts = np.empty(1024, np.int32), np.empty(1024, np.float32)
    raw, padded, found = np.empty(MAX_CHARS, np.int32), np.empty(MAX_CHARS + 2, np.int32), np.empty(MAX_CHARS, np.int32)
    used = 0
    for t in range(n_texts):
        n = min(read_codes(data, offsets[t], offsets[t + 1], raw), longest)
        m, at = 0, 0
        while at < n:
            size = 1
            padded[0] = _SPACE
            while at < n and raw[at] != _SPACE:
                padded[size] = raw[at]
                size += 1
                at += 1
            padded[size] = _SPACE
            size += 1
            at += 1
            for i in range(size - 1):
                h = gram_hash(padded, i, size, min(GRAM, size))
                if h < 0:
                    break
                found[m] = np.int64(h) >> (32 - bits)
                m += 1
        ordered = np.sort(found[:m])
        if used + m > len(out):
            out, counts = _longer(out, used + m), _longer(counts, used + m)
        for i in range(m):
            if i > 0 and ordered[i] == ordered[i - 1]:
                counts[used - 1] += 1
            else:
                out[used], counts[used] = ordered[i], 1
                used += 1
        starts[t + 1] = used
    return starts, out[:used].copy(), counts[:used].copy()


@jit
def _longer(array: Array, size: int) -> Array:
    longer = np.empty(2 * size, array.dtype)
    longer[: len(array)] = array
    return longer


@jit
def tf_of(count: float) -> float:
    # 1 + log count, to 2^-30: logarithms differ in their last bits between processors, what is added up must not
    return float(np.round((1 + np.log(count)) * 1073741824.0) / 1073741824.0)


@jit
def keep_heaviest(starts: Array, grams: Array, counts: Array, idf: Array, most: int) -> tuple[Array, Array, Array]:
    # rows of grams -> the same with the `most` grams of largest tf-idf per row, still ascending; ties to smaller grams
    n = len(starts) - 1
    new = np.zeros(n + 1, np.int64)
    for t in range(n):
        new[t + 1] = new[t] + min(most, starts[t + 1] - starts[t])
    out, kept = np.empty(new[n], np.int32), np.empty(new[n], np.float32)
    for t in range(n):
        low, high, at = starts[t], starts[t + 1], new[t]
        if high - low > most:
            weight = np.empty(high - low, np.float64)
            for i in range(low, high):
                weight[i - low] = -tf_of(counts[i]) * idf[grams[i]]
            chosen = np.sort(np.argsort(weight, kind="mergesort")[:most])
        else:
            chosen = np.arange(high - low)
        for j in range(len(chosen)):
            out[at + j], kept[at + j] = grams[low + chosen[j]], counts[low + chosen[j]]
    return new, out, kept


@jit
def weigh_rows(starts: Array, grams: Array, counts: Array, idf: Array) -> Array:
    # (m,) f4: tf-idf with sublinear tf, each row of length 1
    weights = np.empty(len(grams), np.float32)
    for t in range(len(starts) - 1):
        total = 0.0
        for i in range(starts[t], starts[t + 1]):
            weights[i] = tf_of(counts[i]) * idf[grams[i]]
            total += weights[i] ** 2
        scale = 1 / np.sqrt(total) if total > 0 else 0.0
        for i in range(starts[t], starts[t + 1]):
            weights[i] *= scale
    return weights


@jit
def invert_rows(starts: Array, grams: Array, n_grams: int) -> tuple[Array, Array]:
    # -> (n_grams+1,) i8, (m,) i4 rows of each gram ascending
    heads = np.zeros(n_grams + 1, np.int64)
    for i in range(len(grams)):
        heads[grams[i] + 1] += 1
    for g in range(n_grams):
        heads[g + 1] += heads[g]
    place, rows = heads[:-1].copy(), np.empty(len(grams), np.int32)
    for t in range(len(starts) - 1):
        for i in range(starts[t], starts[t + 1]):
            rows[place[grams[i]]] = t
            place[grams[i]] += 1
    return heads, rows


@jit
def dot_rows(starts: Array, grams: Array, weights: Array, a: int, b: int) -> float:
    # cosine of two rows of length 1
    i, j, total = starts[a], starts[b], 0.0
    while i < starts[a + 1] and j < starts[b + 1]:
        if grams[i] == grams[j]:
            total += weights[i] * weights[j]
            i += 1
            j += 1
        elif grams[i] < grams[j]:
            i += 1
        else:
            j += 1
    return total


@jit
def nearest_earlier(
    starts: Array,
    grams: Array,
    weights: Array,
    heads: Array,
    rows: Array,
    asked: Array,
    n_nearest: int,
    least: float,
    budget: int,
) -> tuple[Array, Array]:
    # (k,) rows asked for -> (k, n_nearest) i4 earlier rows, most alike first (-1 = none), (k, n_nearest) f4 cosines.
    # Candidates are the rows met most heavily in `budget` entries of the rarest grams, newest rows first.
    near = np.full((len(asked), n_nearest), -1, np.int32)
    likeness = np.zeros((len(asked), n_nearest), np.float32)
    score, touched = np.zeros(len(starts) - 1, np.float32), np.empty(budget, np.int32)
    pool = 3 * n_nearest + 16
    best, best_score = np.empty(pool, np.int32), np.empty(pool, np.float32)
    for place_asked in range(len(asked)):
        row = asked[place_asked]
        low, high, spent, n_touched = starts[row], starts[row + 1], 0, 0
        sizes = np.empty(high - low, np.int64)
        for i in range(low, high):
            sizes[i - low] = heads[grams[i] + 1] - heads[grams[i]]
        for place in np.argsort(sizes, kind="mergesort"):
            gram, weight = grams[low + place], weights[low + place]
            at = heads[gram] + np.searchsorted(rows[heads[gram] : heads[gram + 1]], row) - 1
            while at >= heads[gram] and spent < budget:
                other = rows[at]
                if score[other] == 0:
                    touched[n_touched] = other
                    n_touched += 1
                score[other] += weight * weight + 1e-12
                spent += 1
                at -= 1
            if spent >= budget:
                break
        n_best = _heaviest(score, touched, n_touched, best, best_score)
        for i in range(n_touched):
            score[touched[i]] = 0
        for i in range(n_best):
            cosine = dot_rows(starts, grams, weights, row, best[i])
            if cosine >= least:
                _insert(near[place_asked], likeness[place_asked], best[i], cosine)
    return near, likeness


@jit
def _heaviest(score: Array, touched: Array, n_touched: int, best: Array, best_score: Array) -> int:
    # fills best with the rows of largest score; ties to the newer row
    size = 0
    for i in range(n_touched):
        row, value = touched[i], score[touched[i]]
        if size == len(best) and (
            value < best_score[size - 1] or (value == best_score[size - 1] and row < best[size - 1])
        ):
            continue
        at = size if size < len(best) else size - 1
        while at > 0 and (best_score[at - 1] < value or (best_score[at - 1] == value and best[at - 1] < row)):
            best[at], best_score[at] = best[at - 1], best_score[at - 1]
            at -= 1
        best[at], best_score[at] = row, value
        size = min(size + 1, len(best))
    return size


@jit
def _insert(near: Array, likeness: Array, row: int, cosine: float) -> None:
    # keeps both sorted: most alike first, ties to the smaller row
    value = np.float32(cosine)
    at = len(near)
    while at > 0 and (
        near[at - 1] < 0 or likeness[at - 1] < value or (likeness[at - 1] == value and near[at - 1] > row)
    ):
        at -= 1
    if at == len(near):
        return
    for i in range(len(near) - 1, at, -1):
        near[i], likeness[i] = near[i - 1], likeness[i - 1]
    near[at], likeness[at] = row, value
