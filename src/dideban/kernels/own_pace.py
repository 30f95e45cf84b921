"""How soon an account takes up what members of its group posted first, against what others posted first.

Given who was first at each object and when, and given how soon an account came after the first, object by object:
under the null hypothesis these delays are exchangeable among its objects.
"""

from __future__ import annotations

import math

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels._jit import jit


@jit
def log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)


@jit
def log_bet(n_joint: int, n_other: int, hits_joint: int, hits_other: int, log_r: float) -> float:
    # r ** N over its mean, N = how many of the quick delays fall on the n_joint objects, all arrangements being alike
    hits = hits_joint + hits_other
    if n_joint == 0 or hits == 0:
        return 0.0
    low, high = max(0, hits - n_other), min(n_joint, hits)
    top = -np.inf
    for k in range(low, high + 1):
        top = max(top, log_choose(n_joint, k) + log_choose(n_other, hits - k) + k * log_r)
    value = 0.0
    for k in range(low, high + 1):
        value += math.exp(log_choose(n_joint, k) + log_choose(n_other, hits - k) + k * log_r - top)
    return hits_joint * log_r - top - math.log(value) + log_choose(n_joint + n_other, hits)


@jit
def log_mean(values: F8) -> float:
    top = values.max()
    return float(top + math.log(np.exp(values - top).mean()))


@jit
def pick_of_sittings(place: I8, time: F8, joint: B1, gap_s: float) -> B1:
    # samples sorted by place and time -> one of each sitting (times less than gap_s apart): its first joint one, else
    # its first
    picked = np.zeros(time.shape[0], np.bool_)
    best = 0
    for x in range(time.shape[0]):
        if x > 0 and (place[x] != place[x - 1] or time[x] - time[x - 1] >= gap_s):
            picked[best] = True
            best = x
        elif joint[x] and not joint[best]:
            best = x
    if time.shape[0] > 0:
        picked[best] = True
    return picked


@jit
def leading_row(first: int, last: int, account: I4, time: F8, position: I8) -> int:
    # rows [first, last) of one object -> who was first; of several at one instant an outsider, else a member by turns
    n = 1
    while first + n < last and time[first + n] == time[first]:
        n += 1
    for x in range(first, first + n):
        if position[account[x]] < 0:
            return x
    mixed = np.uint64(np.int64(time[first])) * np.uint64(0x9E3779B97F4A7C15)
    return first + int((mixed >> np.uint64(33)) % np.uint64(n))


@jit
def pace_samples(
    group_bounds: I8,
    members: I8,
    row_bounds: I8,
    rows: I4,
    account: I4,
    time: F8,
    item_of_row: I4,
    object_bounds: I8,
) -> tuple[I8, I8, I8]:
    # groups, and rows by account, in CSR -> of each time that a member came after the account that was first: (m,)
    # position of the member in the list of all; row; position of the first in that list, -1 = an outsider. What a
    # member had first but more outsiders than members share is neither
    total = 0
    for k in range(members.shape[0]):
        total += row_bounds[members[k] + 1] - row_bounds[members[k]]
    place, found, by = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    position = np.full(row_bounds.shape[0] - 1, -1, np.int64)
    m = 0
    for g in range(group_bounds.shape[0] - 1):
        size = group_bounds[g + 1] - group_bounds[g]
        for k in range(size):
            position[members[group_bounds[g] + k]] = group_bounds[g] + k
        for k in range(group_bounds[g], group_bounds[g + 1]):
            for r in rows[row_bounds[members[k]] : row_bounds[members[k] + 1]]:
                first, last = object_bounds[item_of_row[r]], object_bounds[item_of_row[r] + 1]
                lead = leading_row(first, last, account, time, position)
                leader = position[account[lead]]
                if lead == r:
                    continue
                n_in = 0
                if leader >= 0 and last - first <= 2 * size:
                    for x in range(first, last):
                        n_in += position[account[x]] >= 0
                if leader >= 0 and last - first > 2 * n_in:
                    continue
                place[m], found[m], by[m] = k, r, leader
                m += 1
        for k in range(size):
            position[members[group_bounds[g] + k]] = -1
    return place[:m].copy(), found[:m].copy(), by[:m].copy()


@jit
def designate(stretch: I8, item: I8, member: I8, n_other: I8) -> I8:
    # joint samples of one group, sorted by stretch and item -> one of each stretch: of the item with most of them, of
    # the member that has most others to compare with for each one it has got
    chosen = np.empty(stretch.shape[0], np.int64)
    taken = np.zeros(n_other.shape[0], np.int64)
    n, i = 0, 0
    while i < stretch.shape[0]:
        start, stop, most = i, i, 0
        while i < stretch.shape[0] and stretch[i] == stretch[start]:
            j = i
            while j < stretch.shape[0] and stretch[j] == stretch[i] and item[j] == item[i]:
                j += 1
            if j - i > most:
                most, first, stop = j - i, i, j
            i = j
        best = first
        for x in range(first, stop):
            if (n_other[member[x]] + 1) * (taken[member[best]] + 1) > (n_other[member[best]] + 1) * (
                taken[member[x]] + 1
            ):
                best = x
        taken[member[best]] += 1
        chosen[n] = best
        n += 1
    return chosen[:n].copy()


@jit
def log_e_designated(member: I8, leader: I8, quick: B1, n_other: I8, hits_other: I8, out: int, log_r: F8) -> float:
    # one delay an object, without those that member ``out`` had first -> log e-value, over the bets averaged
    size = n_other.shape[0]
    n, hits = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for x in range(member.shape[0]):
        if leader[x] != out:
            n[member[x]] += 1
            hits[member[x]] += quick[x]
    total = np.zeros(log_r.shape[0])
    for j in range(size):
        for b in range(log_r.shape[0]):
            total[b] += log_bet(n[j], n_other[j], hits[j], hits_other[j], log_r[b])
    return log_mean(total)


@jit
def mutual_samples(begin: int, end: int, place: I8, by: I8, stretch: I8, item: I8, back: F8) -> I8:
    # joint samples of one group whose leader came after the member elsewhere, sorted by stretch and item
    joint = np.empty(end - begin, np.int64)
    n = 0
    for x in range(begin, end):
        if by[x] >= 0 and back[by[x], place[x]] < np.inf:
            joint[n] = x
            n += 1
    mine = joint[:n]
    mine = mine[np.argsort(item[mine], kind="mergesort")]
    return mine[np.argsort(stretch[mine], kind="mergesort")]


@jit
def least_designated(member: I8, leader: I8, quick: B1, n_other: I8, hits_other: I8, log_r: F8) -> float:
    # the smallest log e-value over whom to leave out; 0 without any sample
    least = np.inf
    for out in range(n_other.shape[0]):
        if (leader == out).any():
            least = min(least, log_e_designated(member, leader, quick, n_other, hits_other, out, log_r))
    return least if least < np.inf else 0.0


@jit
def bet_on_members(counts: I8, hits: I8, n_other: I8, hits_other: I8, log_r: F8) -> tuple[F8, F8]:
    # samples of each member after each other and quick ones (size, size); others and quick ones (size,) -> log e-values
    # of members (size,); the same without whom each came after most
    size = n_other.shape[0]
    whole, left, bets = np.zeros(size), np.zeros(size), np.empty(log_r.shape[0])
    for j in range(size):
        n, n_quick, least = counts[j].sum(), hits[j].sum(), np.inf
        for out in range(-1, size):
            if n == 0 or (out >= 0 and counts[j, out] == 0):
                continue
            n_out, quick_out = (counts[j, out], hits[j, out]) if out >= 0 else (0, 0)
            for b in range(log_r.shape[0]):
                bets[b] = log_bet(n - n_out, n_other[j], n_quick - quick_out, hits_other[j], log_r[b])
            if out < 0:
                whole[j] = log_mean(bets)
            else:
                least = min(least, log_mean(bets))
        left[j] = least if least < np.inf else 0.0
    return whole, left


@jit
def count_quick(
    begin: int, end: int, place: I8, by: I8, delay: F8, picked: B1, scale: float, back: F8
) -> tuple[I8, I8, I8]:
    # of one group at one scale: (size, size) joint samples of each member after each other that came within the scale
    # after it elsewhere; quick ones; (size,) quick ones after outsiders
    size = back.shape[0]
    counts, hits = np.zeros((size, size), np.int64), np.zeros((size, size), np.int64)
    hits_other = np.zeros(size, np.int64)
    for x in range(begin, end):
        if not picked[x]:
            continue
        quick = 1 if delay[x] <= scale else 0
        if by[x] < 0:
            hits_other[place[x]] += quick
        elif back[by[x], place[x]] <= scale:
            counts[place[x], by[x]] += 1
            hits[place[x], by[x]] += quick
    return counts, hits, hits_other


@jit
def pace_evidence(
    group_bounds: I8,
    sample_bounds: I8,
    place: I8,
    by: I8,
    delay: F8,
    picked: B1,
    stretch: I8,
    item: I8,
    scales: F8,
    log_r: F8,
) -> tuple[F8, F8, F8, F8, I8]:
    # samples by group, positions counted inside it -> log e-values of members (n_members, n_scales); the same
    # without whom each came after most; of groups (n_groups, n_scales), the smallest over whom to leave out; what
    # groups could reach at most (n_groups,); objects that speak for them, one a stretch of time (n_groups,)
    n_groups, n_scales = group_bounds.shape[0] - 1, scales.shape[0]
    one_by_one = np.zeros((group_bounds[n_groups], n_scales))
    left = np.zeros_like(one_by_one)
    together, reach, n_objects = np.zeros((n_groups, n_scales)), np.zeros(n_groups), np.zeros(n_groups, np.int64)
    for g in range(n_groups):
        start, size = group_bounds[g], group_bounds[g + 1] - group_bounds[g]
        begin, end = sample_bounds[g], sample_bounds[g + 1]
        back = np.full((size, size), np.inf)  # [i, j]: least delay of i after j
        n_other = np.zeros(size, np.int64)
        for x in range(begin, end):
            if by[x] >= 0:
                back[place[x], by[x]] = min(back[place[x], by[x]], delay[x])
            elif picked[x]:
                n_other[place[x]] += 1
        mine = mutual_samples(begin, end, place, by, stretch, item, back)
        mine = mine[designate(stretch[mine], item[mine], place[mine], n_other)]
        n_objects[g] = mine.shape[0]
        if mine.shape[0] == 0:
            continue
        every, nothing = np.ones(mine.shape[0], np.bool_), np.zeros(size, np.int64)
        reach[g] = least_designated(place[mine], by[mine], every, n_other, nothing, log_r)
        for s in range(n_scales):
            counts, hits, hits_other = count_quick(begin, end, place, by, delay, picked, scales[s], back)
            whole, rest = bet_on_members(counts, hits, n_other, hits_other, log_r)
            one_by_one[start : start + size, s], left[start : start + size, s] = whole, rest
            quick = delay[mine] <= scales[s]
            together[g, s] = least_designated(place[mine], by[mine], quick, n_other, hits_other, log_r)
    return one_by_one, left, together, reach, n_objects
