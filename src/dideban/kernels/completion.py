"""Who keeps coming near a group: every account that was in a block with its members, weighed on the proposing part."""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels._jit import jit
from dideban.kernels.occupancy import count_held


@jit
def near_slots(times: F8, start: int, stop: int, held: F8, delta: float, near: B1) -> float:
    # near[i - start]: a slot of the block is at most delta from one of held (m,), ascending; -> seconds that these
    # surroundings cover between the first slot and the last
    covered, until, k = 0.0, times[start], 0
    for m in range(held.shape[0]):
        low, high = max(held[m] - delta, until), min(held[m] + delta, times[stop - 1])
        covered += max(high - low, 0.0)
        until = max(until, high)
    for i in range(start, stop):
        while k + 1 < held.shape[0] and held[k + 1] <= times[i]:
            k += 1
        before = times[i] >= held[k] and times[i] - held[k] <= delta
        after = k if times[i] < held[k] else k + 1
        near[i - start] = before or (after < held.shape[0] and held[after] - times[i] <= delta)
    return covered


@jit
def weigh_block(
    times: F8, account: I4, start: int, stop: int, mine: I8, delta: float, hit: float, near: B1, score: F8, n_near: I8
) -> None:
    # mine (m,) i8 rows of members in one block, ascending: adds to score and n_near of every account in it what coming
    # near a member, or not, says against chance; a member's own share does not speak for itself
    held = times[mine]
    covered = near_slots(times, start, stop, held, delta, near)
    n_out, n_close, k = stop - start - mine.shape[0], 0, 0
    for i in range(start, stop):
        if k < mine.shape[0] and mine[k] == i:
            k += 1
        elif near[i - start]:
            n_close += 1
    span = max(times[stop - 1] - times[start], delta)
    q = min(max(min(n_close / max(n_out, 1), covered / span), 0.5 / (n_out + 1)), 0.95)
    won, lost = np.log(max(hit, q) / q), np.log((1.0 - max(hit, q)) / (1.0 - q))
    k = 0
    for i in range(start, stop):
        is_near = near[i - start]
        if k < mine.shape[0] and mine[k] == i:
            is_near = (k > 0 and held[k] - held[k - 1] <= delta) or (
                k + 1 < held.shape[0] and held[k + 1] - held[k] <= delta
            )
            k += 1
            if mine.shape[0] == 1:  # no other member was there
                continue
        score[account[i]] += won if is_near else lost
        n_near[account[i]] += is_near


@jit
def nearest_accounts(
    group_bounds: I8,
    members: I8,
    row_bounds: I8,
    rows: I8,
    block_of_row: I8,
    block_bounds: I8,
    allowed: B1,
    times: F8,
    account: I4,
    delta: float,
    hit: float,
    cut: float,
    least: int,
    most_slots: int,
) -> tuple[I8, I8, F8]:
    # groups and rows as in seat_members; blocks of at most most_slots slots -> (m,) i8 group, (m,) i8 account, ascending,
    # (m,) f8 log score of those that were near on ``least`` blocks or more and have a score of ``cut`` or more
    most, _ = count_held(group_bounds, members, row_bounds)
    scratch, near = np.empty(most, np.int64), np.empty(most_slots, np.bool_)
    score, n_near = np.zeros(row_bounds.shape[0] - 1), np.zeros(row_bounds.shape[0] - 1, np.int64)
    found_group, found, found_score = [np.int64(0) for _ in range(0)], [np.int64(0) for _ in range(0)], [0.0 for _ in range(0)]
    for g in range(group_bounds.shape[0] - 1):
        n = 0
        for k in range(group_bounds[g], group_bounds[g + 1]):
            for r in range(row_bounds[members[k]], row_bounds[members[k] + 1]):
                b = block_of_row[rows[r]]
                if allowed[b] and block_bounds[b + 1] - block_bounds[b] <= most_slots:
                    scratch[n] = rows[r]
                    n += 1
        mine = np.sort(scratch[:n])
        for turn in range(2):  # weigh every account in these blocks, then collect and wipe
            start = 0
            while start < n:
                b, stop = block_of_row[mine[start]], start + 1
                while stop < n and block_of_row[mine[stop]] == b:
                    stop += 1
                if turn == 0:
                    weigh_block(
                        times, account, block_bounds[b], block_bounds[b + 1], mine[start:stop], delta, hit, near,
                        score, n_near,
                    )  # fmt: skip
                else:
                    for i in range(block_bounds[b], block_bounds[b + 1]):
                        a = account[i]
                        if n_near[a] >= least and score[a] >= cut:
                            found_group.append(g)
                            found.append(np.int64(a))
                            found_score.append(score[a])
                        score[a], n_near[a] = 0.0, 0
                start = stop
    return np.array(found_group, np.int64), np.array(found, np.int64), np.array(found_score)
