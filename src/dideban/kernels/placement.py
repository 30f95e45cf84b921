"""How members of a group sit among the slots of a block, against every other way they could sit.

A block has ``n`` time slots in order, ``g`` of them held by members. ``links`` counts neighbours in time among the
members that are at most ``delta`` apart. All subsets of ``g`` slots are summed over exactly by dynamic programming.
"""

from __future__ import annotations

import numpy as np

from dideban.arrays import F8, I8
from dideban.kernels._jit import jit


@jit
def near_pairs(times: F8, start: int, stop: int, delta: float) -> int:
    # (n,) f8 sorted inside [start, stop) -> pairs at most delta apart
    n_near = 0
    low = start
    for i in range(start, stop):
        while times[i] - times[low] > delta:
            low += 1
        n_near += i - low
    return n_near


@jit
def links_among(times: F8, delta: float) -> int:
    # (g,) f8 sorted -> neighbours at most delta apart
    n_links = 0
    for i in range(1, times.shape[0]):
        if times[i] - times[i - 1] <= delta:
            n_links += 1
    return n_links


@jit
def first_near(times: F8, delta: float) -> I8:
    # (n,) f8 sorted -> (n,) i8 first position at most delta before each
    low = np.empty(times.shape[0], np.int64)
    j = 0
    for i in range(times.shape[0]):
        while times[i] - times[j] > delta:
            j += 1
        low[i] = j
    return low


@jit
def log_partition(times: F8, odds: F8, g: int, delta: float, r: float) -> float:
    # (n,) f8 sorted, (n,) f8 > 0 -> log sum over g-subsets s of prod(odds[s]) * r ** links(s)
    n = times.shape[0]
    layer = odds.copy()
    prefix = np.empty(n + 1)
    low = first_near(times, delta)
    log_scale = 0.0
    for _ in range(1, g):
        prefix[0] = 0.0
        for i in range(n):
            prefix[i + 1] = prefix[i] + layer[i]
        total = float(prefix[n])
        if total <= 0.0:
            return -np.inf
        log_scale += np.log(total)
        for i in range(n):
            layer[i] = odds[i] * (prefix[i] + (r - 1.0) * (prefix[i] - prefix[low[i]])) / total
    rest = 0.0
    for i in range(n):
        rest += layer[i]
    if rest <= 0.0:
        return -np.inf
    return float(log_scale + np.log(rest))


@jit
def partition_and_links(times: F8, odds: F8, g: int, delta: float) -> tuple[float, float]:
    # as log_partition at r = 1; and the mean number of links over the same placements: its derivative in r, exact, for
    # a difference of two logarithms would blow their last bits up
    n = times.shape[0]
    layer, slope = odds.copy(), np.zeros(n)
    prefix, rising = np.zeros(n + 1), np.zeros(n + 1)
    low = first_near(times, delta)
    log_scale = 0.0
    for _ in range(1, g):
        for i in range(n):
            prefix[i + 1] = prefix[i] + layer[i]
            rising[i + 1] = rising[i] + slope[i]
        total = float(prefix[n])
        if total <= 0.0:
            return -np.inf, 0.0
        log_scale += np.log(total)
        for i in range(n):
            layer[i] = odds[i] * prefix[i] / total
            slope[i] = odds[i] * (rising[i] + (prefix[i] - prefix[low[i]])) / total
    rest, links = 0.0, 0.0
    for i in range(n):
        rest += layer[i]
        links += slope[i]
    if rest <= 0.0:
        return -np.inf, 0.0
    return float(log_scale + np.log(rest)), float(links / rest)


@jit
def links_distribution(times: F8, odds: F8, g: int, delta: float) -> F8:
    # (n,) f8 sorted, (n,) f8 > 0 -> (g,) f8: probability of 0 .. g - 1 links over weighted g-subsets
    n = times.shape[0]
    layer = np.zeros((n, g))
    for i in range(n):
        layer[i, 0] = odds[i]
    prefix = np.zeros((n + 1, g))
    low = first_near(times, delta)
    for step in range(1, g):
        total = 0.0
        for i in range(n):
            for k in range(step):
                prefix[i + 1, k] = prefix[i, k] + layer[i, k]
        for k in range(step):
            total += prefix[n, k]
        for i in range(n):
            layer[i, step] = 0.0
            for k in range(step, -1, -1):
                far = prefix[low[i], k] if k < step else 0.0
                near = prefix[i, k - 1] - prefix[low[i], k - 1] if k > 0 else 0.0
                layer[i, k] = odds[i] * (far + near) / total
    result = np.zeros(g)
    for i in range(n):
        for k in range(g):
            result[k] += layer[i, k]
    result /= result.sum()
    return result


@jit
def fill_bets(slots: F8, odds: F8, g: int, delta: float, lifts: F8, out: F8) -> None:
    # (n,) f8 sorted, (n,) f8 > 0 -> out (2 h,): log r, then log mean of r ** links over weighted placements;
    # r raises the chance that a neighbour is near to `lift`
    n_lifts = lifts.shape[0]
    base, links = partition_and_links(slots, odds, g, delta)
    chance = links / (g - 1)
    for h in range(n_lifts):
        if chance > 1e-12 and chance < lifts[h]:
            log_r = np.log(lifts[h] / (1.0 - lifts[h])) + np.log((1.0 - chance) / chance)
            out[h] = log_r
            out[n_lifts + h] = log_partition(slots, odds, g, delta, np.exp(log_r)) - base


@jit
def even_bets(times: F8, bounds: I8, blocks: I8, sizes: I8, delta: float, lifts: F8) -> F8:
    # (n,) f8, blocks and member counts (m,), lifts (h,) -> (m, 2 h) bets when all placements are equally likely
    result = np.zeros((blocks.shape[0], 2 * lifts.shape[0]))
    for k in range(blocks.shape[0]):
        start, stop = bounds[blocks[k]], bounds[blocks[k] + 1]
        fill_bets(times[start:stop].copy(), np.ones(stop - start), sizes[k], delta, lifts, result[k])
    return result


@jit
def nuisance_bets(
    times: F8, odds: F8, odds_bounds: I8, bounds: I8, blocks: I8, sizes: I8, delta: float, lifts: F8
) -> F8:
    # as even_bets, with odds (sum of block sizes,) listed block by block
    result = np.zeros((blocks.shape[0], 2 * lifts.shape[0]))
    for k in range(blocks.shape[0]):
        slots = times[bounds[blocks[k]] : bounds[blocks[k] + 1]].copy()
        fill_bets(slots, odds[odds_bounds[k] : odds_bounds[k + 1]].copy(), sizes[k], delta, lifts, result[k])
    return result


@jit
def log_partition_own(times: F8, odds: F8, delta: float, r: float) -> float:
    # (n,) f8 sorted, (g, n) f8 > 0 odds of each member at each slot -> log sum over injective seatings of all members
    # of prod(odds) * r ** links; cost n * 2 ** g * g
    g, n = odds.shape
    full = 1 << g
    prefix = np.zeros((n + 1, full))
    low = 0
    for i in range(n):
        while times[i] - times[low] > delta:
            low += 1
        for mask in range(1, full):
            here = 0.0
            for m in range(g):
                if mask >> m & 1:
                    rest = mask ^ (1 << m)
                    if rest == 0:
                        here += odds[m, i]
                    else:
                        here += odds[m, i] * (prefix[i, rest] + (r - 1.0) * (prefix[i, rest] - prefix[low, rest]))
            prefix[i + 1, mask] = prefix[i, mask] + here
    total = prefix[n, full - 1]
    return np.log(total) if total > 0.0 else -np.inf


@jit
def partition_and_links_own(times: F8, odds: F8, delta: float) -> tuple[float, float]:
    # as log_partition_own at r = 1; and the mean number of links over the same seatings
    g, n = odds.shape
    full = 1 << g
    prefix, rising = np.zeros((n + 1, full)), np.zeros((n + 1, full))
    low = 0
    for i in range(n):
        while times[i] - times[low] > delta:
            low += 1
        for mask in range(1, full):
            here, slope = 0.0, 0.0
            for m in range(g):
                if mask >> m & 1:
                    rest = mask ^ (1 << m)
                    if rest == 0:
                        here += odds[m, i]
                    else:
                        here += odds[m, i] * prefix[i, rest]
                        slope += odds[m, i] * (rising[i, rest] + (prefix[i, rest] - prefix[low, rest]))
            prefix[i + 1, mask] = prefix[i, mask] + here
            rising[i + 1, mask] = rising[i, mask] + slope
    total = prefix[n, full - 1]
    if total <= 0.0:
        return -np.inf, 0.0
    return float(np.log(total)), float(rising[n, full - 1] / total)


@jit
def own_bets(times: F8, odds: F8, odds_bounds: I8, bounds: I8, blocks: I8, sizes: I8, delta: float, lifts: F8) -> F8:
    # as even_bets, with odds (sum of members * slots,) listed row by row, member by member
    n_lifts = lifts.shape[0]
    result = np.zeros((blocks.shape[0], 2 * n_lifts))
    for k in range(blocks.shape[0]):
        slots = times[bounds[blocks[k]] : bounds[blocks[k] + 1]].copy()
        g, n = sizes[k], slots.shape[0]
        own = odds[odds_bounds[k] : odds_bounds[k + 1]].copy().reshape((g, n))
        for m in range(g):
            own[m] /= own[m].sum() / n
        base, links = partition_and_links_own(slots, own, delta)
        chance = links / (g - 1)
        for h in range(n_lifts):
            if chance > 1e-12 and chance < lifts[h]:
                log_r = np.log(lifts[h] / (1.0 - lifts[h])) + np.log((1.0 - chance) / chance)
                result[k, h] = log_r
                result[k, n_lifts + h] = log_partition_own(slots, own, delta, np.exp(log_r)) - base
    return result
