"""How members of a group sit among the slots of a block, against every other way they could sit.

A block has ``n`` time slots in order, ``g`` of them held by members. ``links`` counts neighbours in time among the
members that are at most ``delta`` apart. All subsets of ``g`` slots are summed over exactly by dynamic programming.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dideban.kernels._jit import jit

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]


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
def log_partition(times: F8, odds: F8, g: int, delta: float, r: float) -> float:
    # (n,) f8 sorted, (n,) f8 > 0 -> log sum over g-subsets s of prod(odds[s]) * r ** links(s)
    n = times.shape[0]
    layer = odds.copy()
    prefix = np.empty(n + 1)
    low = np.empty(n, np.int64)
    j = 0
    for i in range(n):
        while times[i] - times[j] > delta:
            j += 1
        low[i] = j
    log_scale = 0.0
    for _ in range(1, g):
        prefix[0] = 0.0
        for i in range(n):
            prefix[i + 1] = prefix[i] + layer[i]
        total = prefix[n]
        if total <= 0.0:
            return -np.inf
        log_scale += np.log(total)
        for i in range(n):
            layer[i] = odds[i] * (prefix[i] + (r - 1.0) * (prefix[i] - prefix[low[i]])) / total
    total = 0.0
    for i in range(n):
        total += layer[i]
    return log_scale + np.log(total) if total > 0.0 else -np.inf


@jit
def links_distribution(times: F8, odds: F8, g: int, delta: float) -> F8:
    # (n,) f8 sorted, (n,) f8 > 0 -> (g,) f8: probability of 0 .. g - 1 links over weighted g-subsets
    n = times.shape[0]
    layer = np.zeros((n, g))
    for i in range(n):
        layer[i, 0] = odds[i]
    prefix = np.zeros((n + 1, g))
    low = np.empty(n, np.int64)
    j = 0
    for i in range(n):
        while times[i] - times[j] > delta:
            j += 1
        low[i] = j
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
    return result / result.sum()
