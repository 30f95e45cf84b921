"""Slow, obvious twin of the pair kernels: double loops, and every outcome of every block."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

Row = tuple[int, float, int]
"""Block, seconds, account."""


def tail(q: Sequence[float], least: int) -> float:
    """P(at least ``least`` successes): by every outcome there is, or by one block after the other where too many."""
    if len(q) > 12:
        mass = np.array([1.0])
        for p in q:
            mass = np.append(mass * (1 - p), 0.0) + np.append(0.0, mass * p)
        return float(mass[least:].sum())
    total = 0.0
    for outcome in product([0, 1], repeat=len(q)):
        if sum(outcome) >= least:
            total += float(np.prod([p if hit else 1 - p for p, hit in zip(q, outcome, strict=True)]))
    return total


def chance(times: Sequence[float], one: Sequence[float], two: Sequence[float], window_s: float) -> float:
    """Weighted share of ordered pairs of different slots that are near."""
    near = every = 0.0
    for i in range(len(times)):
        for j in range(len(times)):
            if i != j:
                every += one[i] * two[j]
                near += one[i] * two[j] * (abs(times[i] - times[j]) <= window_s)
    return near / every


def minute(time: float) -> int:
    return int(time // 60) % 60


def clock_odds(rows: Sequence[Row], account: int, block: int, times: Sequence[float], kappa: float) -> list[float]:
    mine = [minute(t) for b, t, a in rows if a == account and b != block]
    usual = [minute(t) for _, t, _ in rows]
    odds = []
    for t in times:
        share = usual.count(minute(t)) / len(usual)
        odds.append((mine.count(minute(t)) + kappa) / (len(mine) * share + kappa))
    return odds


def pair(
    rows: Sequence[Row],
    a: int,
    b: int,
    *,
    window_s: float,
    kappa: float,
    many: int,
    most: float,
    lifts: Sequence[float],
) -> tuple[int, int, float, float, float]:
    """Blocks, near blocks, expected, tail probability, e-value of one pair."""
    where: dict[int, dict[int, float]] = {}
    for block, time, account in rows:
        where.setdefault(block, {})[account] = time
    start = {block: min(who.values()) for block, who in where.items()}
    q, near = [], []
    for block, who in where.items():
        if a not in who or b not in who:
            continue
        kept = []
        for c, time in who.items():
            hits = sum(
                1
                for other, there in where.items()
                if start[other] < start[block]
                and c in there
                and any(x in there and abs(there[c] - there[x]) <= window_s for x in (a, b))
            )
            if c in (a, b) or hits < many:
                kept.append(time)
        if len(kept) < 3:
            continue
        odds = [clock_odds(rows, x, block, kept, kappa) for x in (a, b)]
        value = chance(kept, odds[0], odds[1], window_s)
        if 0 < value <= most:
            q.append(value)
            near.append(abs(who[a] - who[b]) <= window_s)
    values = []
    for lift in lifts:
        e = 1.0
        for p, hit in zip(q, near, strict=True):
            h = max(lift, p)
            e *= h / p if hit else (1 - h) / (1 - p)
        values.append(e)
    return len(q), sum(near), sum(q), tail(q, sum(near)), float(np.mean(values))
