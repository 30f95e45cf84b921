"""How often two accounts come close to each other, against how often any two slots of the same blocks do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels._jit import jit


class BlockRows(NamedTuple):
    """Rows sorted by (block, time); an account holds at most one row of a block."""

    bounds: I8
    """(n_blocks + 1,)."""
    start: F8
    """(n_blocks,) when a block starts: earlier blocks come first."""
    rank: I8
    """(n_blocks,) place of the block in the order of starts."""
    time: F8
    """Seconds."""
    account: I4
    minute: I4
    """Minute of the hour."""


class Members(NamedTuple):
    """The accounts looked at, their rows and their clocks."""

    codes: I4
    bounds: I8
    """(n_members + 1,) CSR into ``rows``."""
    rows: I8
    """Rows that each member holds, by rank of their block."""
    clock: I8
    """(n_members, 60) rows of each member by minute of the hour."""


@jit
def poisson_binomial_tail(q: F8, least: int) -> float:
    # (n,) f8 chances -> probability of `least` or more successes; a state once reached is never left, so that nothing
    # is subtracted and the smallest tails keep their digits
    if least <= 0:
        return 1.0
    mass = np.zeros(least + 1)
    mass[0] = 1.0
    for k in range(q.shape[0]):
        mass[least] += mass[least - 1] * q[k]
        for t in range(min(k + 1, least - 1), 0, -1):
            mass[t] = mass[t] * (1.0 - q[k]) + mass[t - 1] * q[k]
        mass[0] *= 1.0 - q[k]
    return min(float(mass[least]), 1.0)


@jit
def near_chance(times: F8, one: F8, two: F8, delta: float) -> float:
    # (n,) f8 sorted, (n,) weights of two accounts -> share of ordered pairs of different slots at most delta apart,
    # weighted by one[s] * two[s']
    n = times.shape[0]
    prefix = np.zeros(n + 1)
    total_one, total_two, same = 0.0, 0.0, 0.0
    for i in range(n):
        prefix[i + 1] = prefix[i] + two[i]
        total_one += one[i]
        total_two += two[i]
        same += one[i] * two[i]
    near = 0.0
    low, high, n_near = 0, 0, 0
    for i in range(n):
        while times[i] - times[low] > delta:
            low += 1
        while high < n and times[high] - times[i] <= delta:
            high += 1
        n_near += high - low - 1
        near += one[i] * ((prefix[i] - prefix[low]) + (prefix[high] - prefix[i + 1]))
    if n_near == 0:
        return 0.0
    return float(near / (total_one * total_two - same))


@jit
def fill_clock_odds(minutes: I4, own_minute: int, counts: I8, usual: F8, kappa: float, out: F8) -> None:
    # odds of a member at each slot, from its rows in all other blocks: (c[m] + kappa) / (n f[m] + kappa)
    n = counts.sum() - 1
    for i in range(minutes.shape[0]):
        m = minutes[i]
        c = counts[m] - 1 if m == own_minute else counts[m]
        out[i] = (c + kappa) / (n * usual[m] + kappa)


@jit
def add_hits(rows: BlockRows, block: int, one: int, two: int, delta: float, hits: I4, clear: bool) -> None:
    # count (or clear) the accounts near row `one` or row `two` (-1 = absent) of a block, each once
    for side in range(2):
        anchor = one if side == 0 else two
        if anchor < 0:
            continue
        low = anchor
        while low > rows.bounds[block] and rows.time[anchor] - rows.time[low - 1] <= delta:
            low -= 1
        i = low
        while i < rows.bounds[block + 1] and rows.time[i] - rows.time[anchor] <= delta:
            seen = side == 1 and one >= 0 and abs(rows.time[i] - rows.time[one]) <= delta
            if clear:
                hits[rows.account[i]] = 0
            elif not seen:
                hits[rows.account[i]] += 1
            i += 1


@jit
def merge_blocks(rows: BlockRows, block_of: I8, one: I8, two: I8) -> I8:
    # rows of two members by rank of block -> (n, 3) i8: block, row of the first, row of the second, -1 = absent
    out = np.full((one.shape[0] + two.shape[0], 3), -1, np.int64)
    i, j, n = 0, 0, 0
    while i < one.shape[0] or j < two.shape[0]:
        x = rows.rank[block_of[one[i]]] if i < one.shape[0] else np.int64(9223372036854775807)
        y = rows.rank[block_of[two[j]]] if j < two.shape[0] else np.int64(9223372036854775807)
        if x <= y:
            out[n, 0] = block_of[one[i]]
            out[n, 1] = one[i]
            i += 1
        if y <= x:
            out[n, 0] = block_of[two[j]]
            out[n, 2] = two[j]
            j += 1
        n += 1
    return out[:n]


@jit
def pair_chance(
    rows: BlockRows,
    members: Members,
    seat: I8,
    a: int,
    b: int,
    hits: I4,
    many: int,
    usual: F8,
    delta: float,
    kappa: float,
) -> float:
    # chance that members a and b are near in a block both are in, the accounts in `hits` left out; -1 below three slots
    first, last = rows.bounds[seat[0]], rows.bounds[seat[0] + 1]
    kept = np.empty(last - first, np.int64)
    n = 0
    for i in range(first, last):
        if i == seat[1] or i == seat[2] or hits[rows.account[i]] < many:
            kept[n] = i
            n += 1
    if n < 3:
        return -1.0
    kept = kept[:n]
    one, two = np.empty(n), np.empty(n)
    minutes = rows.minute[kept]
    fill_clock_odds(minutes, rows.minute[seat[1]], members.clock[a], usual, kappa, one)
    fill_clock_odds(minutes, rows.minute[seat[2]], members.clock[b], usual, kappa, two)
    return near_chance(rows.time[kept], one, two, delta)


@jit
def log_bets(q: F8, near: B1, lifts: F8) -> float:
    # (n,) chances and outcomes -> log of the mean over lifts of prod (h / q) ** near ((1 - h) / (1 - q)) ** (1 - near)
    logs = np.zeros(lifts.shape[0])
    for h in range(lifts.shape[0]):
        for k in range(q.shape[0]):
            lift = max(lifts[h], q[k])
            logs[h] += np.log(lift / q[k]) if near[k] else np.log((1.0 - lift) / (1.0 - q[k]))
    top = logs.max()
    return float(top + np.log(np.exp(logs - top).mean()))


@jit
def pair_tests(
    rows: BlockRows,
    block_of: I8,
    members: Members,
    usual: F8,
    pairs: I8,
    n_accounts: int,
    delta: float,
    kappa: float,
    many: int,
    max_chance: float,
    lifts: F8,
) -> F8:
    # (p, 2) member indices -> (p, 5) f8: blocks, near blocks, expected, tail probability, log e-value
    result = np.zeros((pairs.shape[0], 5))
    hits = np.zeros(n_accounts, np.int32)
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        seats = merge_blocks(
            rows,
            block_of,
            members.rows[members.bounds[a] : members.bounds[a + 1]],
            members.rows[members.bounds[b] : members.bounds[b + 1]],
        )
        q = np.empty(seats.shape[0])
        near = np.zeros(seats.shape[0], np.bool_)
        n, done = 0, 0
        for k in range(seats.shape[0]):
            while rows.start[seats[done, 0]] < rows.start[seats[k, 0]]:  # only blocks that started earlier have a say
                add_hits(rows, seats[done, 0], seats[done, 1], seats[done, 2], delta, hits, False)
                done += 1
            if seats[k, 1] < 0 or seats[k, 2] < 0:
                continue
            chance = pair_chance(rows, members, seats[k], a, b, hits, many, usual, delta, kappa)
            if 0.0 < chance <= max_chance:
                q[n] = chance
                near[n] = abs(rows.time[seats[k, 1]] - rows.time[seats[k, 2]]) <= delta
                n += 1
        for k in range(done):
            add_hits(rows, seats[k, 0], seats[k, 1], seats[k, 2], delta, hits, True)
        q, near = q[:n], near[:n]
        n_near = near.sum()
        result[p, 0], result[p, 1], result[p, 2] = n, n_near, q.sum()
        result[p, 3] = poisson_binomial_tail(q, n_near)
        result[p, 4] = log_bets(q, near, lifts) if n else 0.0
    return result
