"""A fixed piece of work: how much processor time it takes says how quick a machine is, here and now.

Benchmarks are compared between machines and days as multiples of it ("yards"), since seconds are not comparable.
"""

from __future__ import annotations

import statistics
import time

import numpy as np

N = 2_000_000
ROUNDS = 3


def measure() -> float:
    """Processor seconds of one yard: sorting, gathering and hashing, in one thread; the median of a few rounds."""
    return statistics.median(_round(seed) for seed in range(ROUNDS))


def _round(seed: int) -> float:
    random = np.random.default_rng(seed)
    values = random.integers(0, 1 << 62, N)
    start = time.process_time()
    order = np.argsort(values, kind="stable")
    total = int(values[order][::7].sum() & 0xFFFF)
    counts: dict[str, int] = {}
    for word in map(str, values[: N // 8].tolist()):
        counts[word[:4]] = counts.get(word[:4], 0) + 1
    if total < 0 or not counts:
        raise AssertionError
    return time.process_time() - start
