"""Slow, obvious twins of the proof: every way the members could sit, every step of the bet written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations, product

import numpy as np

from dideban.proof.blocks import Blocks, KindTraces, Scale, cut_blocks
from oracles.placement import links

OUTSIDERS = 1000
"""Account codes from here on are outsiders."""
HOUR_S = 3600.0


def blocks_of(slots: Sequence[Sequence[float]], stretches: Sequence[int], *, window_s: float) -> Blocks:
    """Blocks with the given slot times (seconds after the start of their stretch), one object each, held by nobody yet."""
    time = np.concatenate([np.sort(np.array(s, float)) + 4 * HOUR_S * c for s, c in zip(slots, stretches, strict=True)])
    size = [len(s) for s in slots]
    traces = KindTraces(
        kind="link",
        account=np.arange(OUTSIDERS, OUTSIDERS + len(time)).astype(np.int32),
        object=np.repeat(np.arange(len(slots)), size).astype(np.int32),
        time=time,
        birth=np.array([4 * HOUR_S * c for c in stretches]) - 30 * 24 * HOUR_S,
        origin=np.full(len(slots), -1, np.int32),
    )
    blocks = cut_blocks(traces, Scale(window_s=window_s))
    assert np.diff(blocks.bounds).tolist() == size
    return blocks


def seatings(
    blocks: Blocks, present: Sequence[Sequence[int]]
) -> Iterator[tuple[np.ndarray, list[list[tuple[int, int]]]]]:
    """Every way the members present in each block can sit there, who sits where included: accounts, (member, slot)."""
    sizes = np.diff(blocks.bounds)
    ways = [list(permutations(range(n), len(who))) for n, who in zip(sizes, present, strict=True)]
    for chosen in product(*ways):
        account = blocks.traces.account.copy()
        seats = []
        for k, slots in enumerate(chosen):
            seats.append(list(zip(present[k], slots, strict=True)))
            for member, slot in seats[-1]:
                account[blocks.bounds[k] + slot] = member
        yield account, seats


def subsets(blocks: Blocks, present: Sequence[Sequence[int]]) -> Iterator[tuple[np.ndarray, list[tuple[int, ...]]]]:
    """Every set of slots that the members of each block can hold, members in ascending order: accounts, slots."""
    sizes = np.diff(blocks.bounds)
    for chosen in product(*[combinations(range(n), len(who)) for n, who in zip(sizes, present, strict=True)]):
        account = blocks.traces.account.copy()
        for k, slots in enumerate(chosen):
            account[blocks.bounds[k] + np.array(slots)] = present[k]
        yield account, list(chosen)


def log_e_value(
    blocks: Blocks, accounts: np.ndarray, group: Sequence[int], *, lifts: Sequence[float], takes: Sequence[float]
) -> float:
    """Log e-value of one group, all placements equally likely: the steps of docs/methods one by one."""
    alternatives = [(h, t) for h in range(len(lifts)) for t in range(len(takes) + 2)]
    by_stretch: dict[int, list[tuple[float, list[float]]]] = {}
    for k in range(len(blocks.bounds) - 1):
        rows = slice(blocks.bounds[k], blocks.bounds[k + 1])
        times, held = blocks.traces.time[rows], np.isin(accounts[rows], group)
        g, n = int(held.sum()), len(times)
        if not blocks.informs[k] or g < 2 or g >= n:
            continue
        seen = links(times[held], blocks.scale.window_s)
        everywhere = [links(times[list(s)], blocks.scale.window_s) for s in combinations(range(n), g)]
        chance = float(np.mean(everywhere)) / (g - 1)
        present = g / len(group)
        stakes = [*takes, 0.95 * present, 0.95 * present**3]
        bets, promise = [], 0.0
        for lift in lifts:
            r = lift / (1 - lift) * (1 - chance) / chance if 0 < chance < lift else 1.0
            mean = float(np.mean([r**count for count in everywhere]))
            bets.append(r**seen / mean)
            promise = float(np.log(r ** (g - 1) / mean))
        values = [1 - stakes[t] + stakes[t] * bets[h] for h, t in alternatives]
        by_stretch.setdefault(int(blocks.chunk[k]), []).append((max(promise, 1e-6) * present**2, values))
    product_ = np.ones(len(alternatives))
    for entries in by_stretch.values():
        weight = np.array([w for w, _ in entries])
        product_ *= (weight[:, None] * np.array([v for _, v in entries])).sum(axis=0) / weight.sum()
    return float(np.log(product_.mean()))


def e_bh(log_e: np.ndarray, *, fdr: float) -> np.ndarray:
    """e-BH in its textbook form: the largest k such that k e-values are at least m / (fdr k)."""
    m = len(log_e)
    ordered = np.sort(np.exp(log_e))[::-1]
    for k in range(m, 0, -1):
        if ordered[k - 1] >= m / (fdr * k):
            return np.asarray(np.exp(log_e) >= m / (fdr * k))
    return np.zeros(m, bool)


def bh(p: np.ndarray, *, fdr: float) -> np.ndarray:
    """Benjamini-Hochberg in its textbook form."""
    m = len(p)
    for k in range(m, 0, -1):
        if np.sort(p)[k - 1] <= fdr * k / m:
            return np.asarray(p <= fdr * k / m)
    return np.zeros(m, bool)
