"""Slow, obvious twins of the placement kernels: every subset is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise, permutations

import numpy as np


def links(times: np.ndarray, delta: float) -> int:
    ordered = sorted(times)
    return sum(1 for a, b in pairwise(ordered) if b - a <= delta)


def subsets(times: np.ndarray, odds: np.ndarray, g: int, delta: float) -> Iterator[tuple[float, int]]:
    for chosen in combinations(range(len(times)), g):
        yield float(np.prod(odds[list(chosen)])), links(times[list(chosen)], delta)


def partition(times: np.ndarray, odds: np.ndarray, g: int, delta: float, r: float) -> float:
    return sum(weight * r**count for weight, count in subsets(times, odds, g, delta))


def distribution(times: np.ndarray, odds: np.ndarray, g: int, delta: float) -> np.ndarray:
    result = np.zeros(g)
    for weight, count in subsets(times, odds, g, delta):
        result[count] += weight
    return result / result.sum()


def partition_own(times: np.ndarray, odds: np.ndarray, delta: float, r: float) -> float:
    g, n = odds.shape
    return sum(
        float(np.prod([odds[m, slot] for m, slot in enumerate(chosen)])) * r ** links(times[list(chosen)], delta)
        for chosen in permutations(range(n), g)
    )
