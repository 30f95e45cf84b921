"""Near pairs of slots inside blocks, and what pairs of accounts share."""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels._jit import jit


@jit
def near_per_block(times: F8, bounds: I8, delta: float) -> I8:
    # (n,) f8 sorted inside blocks, (n_blocks + 1,) i8 -> (n_blocks,) i8 pairs at most delta apart
    n_blocks = bounds.shape[0] - 1
    result = np.zeros(n_blocks, np.int64)
    for b in range(n_blocks):
        low = bounds[b]
        for i in range(bounds[b], bounds[b + 1]):
            while times[i] - times[low] > delta:
                low += 1
            result[b] += i - low
    return result


@jit
def bucket(key: int, shift: int) -> int:
    # i8 -> its bucket of 2 ** (64 - shift): Fibonacci hashing
    return int((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(shift))


@jit
def pair_key(one: int, two: int) -> int:
    # account codes -> a * 2**32 + b, a < b
    return int((np.int64(one) << 32) + two if one < two else (np.int64(two) << 32) + one)


@jit
def repeated_near(times: F8, account: I4, bounds: I8, blocks: I8, delta: float, n_bits: int) -> tuple[I8, I4]:
    # near pairs of the listed blocks, without those that are alone in their bucket of 2 ** n_bits and so surely stand
    # in one block only -> (m,) i8 a * 2**32 + b with a < b, (m,) i4 block
    seen = np.zeros(1 << n_bits, np.uint8)
    shift = 64 - n_bits
    m = 0
    for turn in range(2):
        keys, where = np.empty(m, np.int64), np.empty(m, np.int32)
        k = 0
        for index in range(blocks.shape[0]):
            b = blocks[index]
            low = bounds[b]
            for i in range(bounds[b], bounds[b + 1]):
                while times[i] - times[low] > delta:
                    low += 1
                for j in range(low, i):
                    key = pair_key(account[i], account[j])
                    place = bucket(key, shift)
                    if turn == 0:
                        m += 2 if seen[place] == 1 else (1 if seen[place] == 2 else 0)
                        seen[place] = min(seen[place] + 1, 2)
                    elif seen[place] == 2:
                        keys[k], where[k] = key, b
                        k += 1
    return keys, where


@jit
def count_near(starts: I8, blocks: I4, allowed: B1, informs: B1) -> tuple[I4, I4]:
    # blocks[starts[p]:starts[p+1]] of each pair -> (n_pairs,) i4 those allowed, and those of them that inform
    near, telling = np.zeros(starts.shape[0] - 1, np.int32), np.zeros(starts.shape[0] - 1, np.int32)
    for p in range(starts.shape[0] - 1):
        for k in range(starts[p], starts[p + 1]):
            if allowed[blocks[k]]:
                near[p] += 1
                telling[p] += informs[blocks[k]]
    return near, telling


@jit
def rows_by_account(account: I4, bounds: I8, chosen: B1, n_accounts: int) -> tuple[I8, I4, I4]:
    # rows of the chosen blocks -> (n_accounts + 1,) i8 where those of each account begin; (m,) i4 rows, ascending in
    # each account; (m,) i4 the block of each
    starts = np.zeros(n_accounts + 1, np.int64)
    for b in range(chosen.shape[0]):
        if chosen[b]:
            for i in range(bounds[b], bounds[b + 1]):
                starts[account[i] + 1] += 1
    for a in range(n_accounts):
        starts[a + 1] += starts[a]
    rows, blocks = np.empty(starts[n_accounts], np.int32), np.empty(starts[n_accounts], np.int32)
    place = starts[:-1].copy()
    for b in range(chosen.shape[0]):
        if chosen[b]:
            for i in range(bounds[b], bounds[b + 1]):
                rows[place[account[i]]], blocks[place[account[i]]] = i, b
                place[account[i]] += 1
    return starts, rows, blocks


@jit
def shared_chance(a: I8, b: I8, row_bounds: I8, row_blocks: I4, q: F8, allowed: B1) -> F8:
    # per pair of accounts: sum of q and of q (1 - q) over the allowed blocks that both are in -> (n_pairs, 2) f8
    result = np.zeros((a.shape[0], 2))
    for p in range(a.shape[0]):
        i, i_stop = row_bounds[a[p]], row_bounds[a[p] + 1]
        j, j_stop = row_bounds[b[p]], row_bounds[b[p] + 1]
        while i < i_stop and j < j_stop:
            x, y = row_blocks[i], row_blocks[j]
            if x == y:
                if allowed[x]:
                    result[p, 0] += q[x]
                    result[p, 1] += q[x] * (1.0 - q[x])
                i += 1
                j += 1
            elif x < y:
                i += 1
            else:
                j += 1
    return result
