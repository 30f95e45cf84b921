"""Where groups sit: the blocks that hold two members or more, and how their members follow each other there."""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels._jit import jit


@jit
def count_held(group_bounds: I8, members: I8, row_bounds: I8) -> tuple[int, int]:
    # groups and rows as in seat_members -> rows that the members of a group hold: the most of one group, the sum
    most, total = 0, 0
    for g in range(group_bounds.shape[0] - 1):
        here = 0
        for k in range(group_bounds[g], group_bounds[g + 1]):
            here += row_bounds[members[k] + 1] - row_bounds[members[k]]
        most = max(most, here)
        total += here
    return most, total


@jit
def seat_members(
    group_bounds: I8,
    members: I8,
    row_bounds: I8,
    rows: I4,
    block_of_row: I4,
    block_bounds: I8,
    allowed: B1,
    times: F8,
    delta: float,
    own_share: float,
) -> tuple[I8, I8, I8, I8, I8]:
    # groups: members[group_bounds[g]:group_bounds[g+1]]; rows of account a: rows[row_bounds[a]:row_bounds[a+1]]
    # -> (m,) i8 group, block, members present, links; (sum of members present,) i8 their rows in the order of slots.
    # own_share = 0: blocks with an outsider; above 0: blocks of which members hold at least that share
    most, total = count_held(group_bounds, members, row_bounds)
    scratch = np.empty(most, np.int64)
    group = np.empty(total // 2, np.int64)
    block = np.empty(total // 2, np.int64)
    present = np.empty(total // 2, np.int64)
    links = np.empty(total // 2, np.int64)
    seated = np.empty(total, np.int64)
    m, n_seated = 0, 0
    for g in range(group_bounds.shape[0] - 1):
        n = 0
        for k in range(group_bounds[g], group_bounds[g + 1]):
            for r in range(row_bounds[members[k]], row_bounds[members[k] + 1]):
                if allowed[block_of_row[rows[r]]]:
                    scratch[n] = rows[r]
                    n += 1
        mine = np.sort(scratch[:n])
        start = 0
        while start < n:
            b = block_of_row[mine[start]]
            stop, near = start + 1, 0
            while stop < n and block_of_row[mine[stop]] == b:
                if times[mine[stop]] - times[mine[stop - 1]] <= delta:
                    near += 1
                stop += 1
            held, n_slots = stop - start, block_bounds[b + 1] - block_bounds[b]
            if held >= 2 and ((held >= own_share * n_slots) if own_share > 0 else (held < n_slots)):
                group[m], block[m], present[m], links[m] = g, b, held, near
                m += 1
                for k in range(start, stop):
                    seated[n_seated] = mine[k]
                    n_seated += 1
            start = stop
    return group[:m].copy(), block[:m].copy(), present[:m].copy(), links[:m].copy(), seated[:n_seated].copy()


@jit
def bet_on_stretches(group: I8, stretch: I8, weight: F8, log_e: F8, take: F8, n_groups: int) -> F8:
    # (m,) i8 ascending groups, (m,) i8, (m,) f8 > 0, (m, h) f8 log e-values, (m, s) f8 stakes -> (n_groups, h, s) f8:
    # sum over stretches of the log of the weighted mean over a stretch's rows of 1 - take + take * e
    n_lifts, n_takes = log_e.shape[1], take.shape[1]
    result = np.zeros((n_groups, n_lifts, n_takes))
    mean = np.empty((n_lifts, n_takes))
    top = np.empty(n_lifts)
    first = 0
    while first < group.shape[0]:
        last = first
        while last < group.shape[0] and group[last] == group[first]:
            last += 1
        order = first + np.argsort(stretch[first:last], kind="mergesort")
        i = 0
        while i < order.shape[0]:
            j, total = i, 0.0
            top[:] = 0.0
            while j < order.shape[0] and stretch[order[j]] == stretch[order[i]]:
                total += weight[order[j]]
                for h in range(n_lifts):
                    top[h] = max(top[h], log_e[order[j], h])
                j += 1
            mean[:, :] = 0.0
            for k in order[i:j]:
                for h in range(n_lifts):
                    e, one = np.exp(log_e[k, h] - top[h]), np.exp(-top[h])
                    for s in range(n_takes):
                        mean[h, s] += weight[k] * (one + take[k, s] * (e - one))
            for h in range(n_lifts):
                for s in range(n_takes):
                    result[group[first], h, s] += top[h] + np.log(mean[h, s] / total)
            i = j
        first = last
    return result


@jit
def near_of_members(blocks: I8, bounds: I8, times: F8, account: I4, members: I4, delta: float) -> I8:
    # (m,) i8 blocks, (g,) i4 sorted members -> (g,) i8 other members at most delta away, over all the blocks
    counts = np.zeros(members.shape[0], np.int64)
    for index in range(blocks.shape[0]):
        start, stop = bounds[blocks[index]], bounds[blocks[index] + 1]
        who, when = np.empty(stop - start, np.int64), np.empty(stop - start)
        n = 0
        for row in range(start, stop):
            place = np.searchsorted(members, account[row])
            if place < members.shape[0] and members[place] == account[row]:
                low = n - 1
                while low >= 0 and times[row] - when[low] <= delta:
                    counts[who[low]] += 1
                    counts[place] += 1
                    low -= 1
                who[n], when[n] = place, times[row]
                n += 1
    return counts
