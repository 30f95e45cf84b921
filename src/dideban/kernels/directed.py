"""Who comes after whom: the chance that an account lands shortly after a member of a group, against all it could take.

The slot of member ``j`` in a block is one of its own and the outsiders' slots. ``near`` are those of them at most
``delta`` after a share by another member.
"""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels._jit import jit
from dideban.kernels.occupancy import count_held


@jit
def first_at(times: F8, start: int, stop: int, value: float) -> int:
    # (n,) f8 sorted inside [start, stop) -> first position with a time >= value
    while start < stop:
        middle = (start + stop) // 2
        if times[middle] < value:
            start = middle + 1
        else:
            stop = middle
    return start


@jit
def first_after(times: F8, start: int, stop: int, value: float) -> int:
    # (n,) f8 sorted inside [start, stop) -> first position with a time > value
    while start < stop:
        middle = (start + stop) // 2
        if times[middle] <= value:
            start = middle + 1
        else:
            stop = middle
    return start


@jit
def in_phase(time: float, period: float, phase: float, width: float) -> bool:
    # within width of a mark of the clock, either side
    apart = (time - phase) % period
    return min(apart, period - apart) <= width


@jit
def covered(times: F8, start: int, stop: int, held: F8, delta: float, j: int, alone: bool) -> int:
    # rows inside [held[j], held[j] + delta] and before the next member; alone: and not within delta of the one before
    low = first_at(times, start, stop, held[j])
    if alone and j > 0:
        low = max(low, first_after(times, start, stop, held[j - 1] + delta))
    high = first_after(times, start, stop, held[j] + delta)
    if j + 1 < held.shape[0]:
        high = min(high, first_at(times, start, stop, held[j + 1]))
    return max(high - low, 0)


@jit
def follow_in_block(times: F8, start: int, stop: int, mine: I8, delta: float, near: I8, free: I8, hit: B1) -> None:
    # mine (g,) i8 rows of members, ascending -> near (g,), free (g,): slots that j could take, its own included;
    # hit (g,): j came at most delta after another
    g = mine.shape[0]
    held = times[mine]
    union = 0
    for k in range(g):
        union += covered(times, start, stop, held, delta, k, False)
    n_slots = stop - start
    for k in range(g):
        tied = k + 1 < g and held[k + 1] == held[k]
        alone = 0 if tied else covered(times, start, stop, held, delta, k, True)
        near[k] = union - alone - (g - 1)
        free[k] = n_slots - (g - 1)
        hit[k] = tied or (k > 0 and held[k] - held[k - 1] <= delta)


@jit
def find_follows(
    group_bounds: I8,
    members: I8,
    row_bounds: I8,
    rows: I4,
    block_of_row: I4,
    block_bounds: I8,
    allowed: B1,
    times: F8,
    delta: float,
) -> tuple[I8, I8, I8, I8, B1]:
    # groups and rows as in seat_members -> (m,) i8 position of the member in ``members``, its row, near, free, hit;
    # only where it has a choice between near and far slots. Ascending in members
    most, total = count_held(group_bounds, members, row_bounds)
    scratch, owner = np.empty(most, np.int64), np.empty(most, np.int64)
    near, free, hit = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.bool_)
    place, row = np.empty(total, np.int64), np.empty(total, np.int64)
    n_near, n_free, is_hit = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.bool_)
    m = 0
    for g in range(group_bounds.shape[0] - 1):
        n = 0
        for k in range(group_bounds[g], group_bounds[g + 1]):
            for r in range(row_bounds[members[k]], row_bounds[members[k] + 1]):
                if allowed[block_of_row[rows[r]]]:
                    scratch[n], owner[n] = rows[r], k
                    n += 1
        order = np.argsort(scratch[:n])
        mine, who = scratch[:n][order], owner[:n][order]
        start = 0
        while start < n:
            b = block_of_row[mine[start]]
            stop = start + 1
            while stop < n and block_of_row[mine[stop]] == b:
                stop += 1
            if stop - start >= 2 and stop - start < block_bounds[b + 1] - block_bounds[b]:
                follow_in_block(
                    times, block_bounds[b], block_bounds[b + 1], mine[start:stop], delta,
                    near[start:stop], free[start:stop], hit[start:stop],
                )  # fmt: skip
            else:
                free[start:stop] = 0
            start = stop
        kept = np.flatnonzero(free[:n] > 1)
        for k in kept[np.argsort(who[kept], kind="mergesort")]:
            if near[k] > 0 and near[k] < free[k]:
                place[m], row[m], n_near[m], n_free[m], is_hit[m] = who[k], mine[k], near[k], free[k], hit[k]
                m += 1
    return place[:m].copy(), row[:m].copy(), n_near[:m].copy(), n_free[:m].copy(), is_hit[:m].copy()


@jit
def weigh_follows(
    row: I8,
    group: I8,
    group_bounds: I8,
    members: I8,
    n_accounts: int,
    times: F8,
    account: I4,
    block_of_row: I4,
    block_bounds: I8,
    delta: float,
    odds: F8,
    odds_bounds: I8,
    clock: F8,
    left_out: I8,
) -> tuple[F8, B1]:
    # (m,) i8 rows of members, groups ascending; odds of every slot of the block of each row (empty = all 1); clock
    # (n_accounts, 3) f8 period, phase, width, period 0 = none; left_out (m,) i8 member whom to follow does not count,
    # -1 = no one -> (m,) f8 chance of a near slot, (m,) whether the member's own is near.
    # A clocked member is exchanged with slots in its phase only (or out of it, where its own is out of it)
    inside = np.zeros(n_accounts, np.bool_)
    chance = np.zeros(row.shape[0])
    hit = np.zeros(row.shape[0], np.bool_)
    current = -1
    for f in range(row.shape[0]):
        if group[f] != current:
            if current >= 0:
                inside[members[group_bounds[current] : group_bounds[current + 1]]] = False
            current = group[f]
            inside[members[group_bounds[current] : group_bounds[current + 1]]] = True
        b, own = block_of_row[row[f]], row[f]
        start, stop = block_bounds[b], block_bounds[b + 1]
        period, phase, width = clock[account[own], 0], clock[account[own], 1], clock[account[own], 2]
        side = period > 0.0 and in_phase(times[own], period, phase, width)
        last, total, near = -np.inf, 0.0, 0.0
        i = start
        while i < stop:
            j = i
            while j < stop and times[j] == times[i]:
                if j != own and inside[account[j]] and account[j] != left_out[f]:
                    last = times[j]
                j += 1
            if period == 0.0 or in_phase(times[i], period, phase, width) == side:
                for k in range(i, j):
                    if k == own or not inside[account[k]]:
                        weight = odds[odds_bounds[f] + k - start] if odds.shape[0] else 1.0
                        total += weight
                        if times[k] - last <= delta:
                            near += weight
                            hit[f] = hit[f] or k == own
            i = j
        chance[f] = near / total if total > 0.0 else 1.0
    return chance, hit


@jit
def sole_supports(
    row: I8, group: I8, group_bounds: I8, members: I8, n_accounts: int, times: F8, account: I4,
    block_of_row: I4, block_bounds: I8, delta: float,
) -> I8:  # fmt: skip
    # rows as in weigh_follows -> (m,) i8 the one member at most delta before (or at) the row; -1 = none, or several
    inside = np.zeros(n_accounts, np.bool_)
    found = np.full(row.shape[0], -1, np.int64)
    current = -1
    for f in range(row.shape[0]):
        if group[f] != current:
            if current >= 0:
                inside[members[group_bounds[current] : group_bounds[current + 1]]] = False
            current = group[f]
            inside[members[group_bounds[current] : group_bounds[current + 1]]] = True
        b = block_of_row[row[f]]
        low = first_at(times, block_bounds[b], block_bounds[b + 1], times[row[f]] - delta)
        high = first_after(times, low, block_bounds[b + 1], times[row[f]])
        n = 0
        for k in range(low, high):
            if k != row[f] and inside[account[k]]:
                found[f] = account[k]
                n += 1
        if n != 1:
            found[f] = -1
    return found


@jit
def sitting_of(account: I4, time: F8, bounds: I8, moments: F8, sittings: I8) -> I8:
    # (n,) rows; moments of account a: moments[bounds[a]:bounds[a+1]] sorted -> (n,) i8 sitting of the moment at or
    # before each row
    result = np.empty(account.shape[0], np.int64)
    for i in range(account.shape[0]):
        a = account[i]
        k = first_after(moments, bounds[a], bounds[a + 1], time[i]) - 1
        result[i] = sittings[max(k, bounds[a])] if bounds[a + 1] > bounds[a] else -1
    return result


@jit
def find_clocks(bounds: I8, moments: F8, asked: I8, periods: F8, widths: F8, least: float, most_posts: int) -> F8:
    # moments by account as in sitting_of; asked (m,) i8 accounts -> (m, 3) f8 period, phase, half width; 0 = no clock.
    # The band with the largest likelihood ratio against an even spread over the period, where it exceeds `least`
    result = np.zeros((asked.shape[0], 3))
    for i in range(asked.shape[0]):
        start, stop = bounds[asked[i]], bounds[asked[i] + 1]
        if stop - start < 4:
            continue
        best = least
        kept = np.empty(min(stop - start, most_posts))
        for p in range(periods.shape[0]):
            n = 0  # one post per half period: a burst is one act
            for k in range(start, stop):
                if n < most_posts and (n == 0 or moments[k] - kept[n - 1] > periods[p] / 2.0):
                    kept[n] = moments[k]
                    n += 1
            if n < 4:
                continue
            phases = np.empty(2 * n)  # the clock face twice over, so that bands cross its end
            phases[:n] = np.sort(kept[:n] % periods[p])
            phases[n:] = phases[:n] + periods[p]
            for w in range(widths.shape[0]):
                width = min(widths[w], periods[p] / 8.0)
                share = 2.0 * width / periods[p]
                high, top, where = 0, 0, 0.0
                for low in range(n):
                    while high < low + n and phases[high] - phases[low] <= 2.0 * width:
                        high += 1
                    if high - low > top:
                        top, where = high - low, (phases[low] + phases[high - 1]) / 2.0
                part = (top - 1.0) / (n - 1.0)  # the band begins at a post: that one says nothing
                if top < 0.3 * n or part <= share:
                    continue
                gain = (n - 1.0) * part * np.log(part / share) - np.log(n)
                if top < n:
                    gain += (n - 1.0) * (1.0 - part) * np.log((1.0 - part) / (1.0 - share))
                if gain > best:
                    best = gain
                    result[i, 0], result[i, 1], result[i, 2] = periods[p], where % periods[p], width
    return result
