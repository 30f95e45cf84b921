"""Kleinberg's two states by trying every sequence of states."""

from __future__ import annotations

import itertools
import math


def best_states(
    hits: list[int], totals: list[int], *, raise_by: float, gamma: float
) -> tuple[float, list[tuple[int, ...]]]:
    """Return the least cost of any sequence of states, and all sequences that have it."""
    low = sum(hits) / sum(totals)
    shares = (low, min(low * raise_by, 0.9999))
    step = gamma * math.log(len(hits))
    costs: dict[tuple[int, ...], float] = {}
    for states in itertools.product((0, 1), repeat=len(hits)):
        cost, before = 0.0, 0
        for state, r, d in zip(states, hits, totals, strict=True):
            cost -= math.log(math.comb(d, r)) + r * math.log(shares[state]) + (d - r) * math.log(1 - shares[state])
            cost += step if state > before else 0.0
            before = state
        costs[states] = cost
    least = min(costs.values())
    return least, [states for states, cost in costs.items() if cost < least + 1e-9]
