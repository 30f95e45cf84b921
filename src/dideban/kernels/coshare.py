"""Co-shares inside a time window: sorted sliding windows, exact, no pair ever written down before it counts.

Positions are rows sorted by (object, time). ``low[p] .. high[p]`` is the run of positions of the same object within the
window of position p, p included. Accounts hold their positions in order, so their objects come in order too. A pair of
accounts is counted while one of them is being looked at; memory is a few counters per account, never one per pair.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dideban.kernels._jit import jit

B1 = NDArray[np.bool_]
I4 = NDArray[np.int32]
I8 = NDArray[np.int64]
U8 = NDArray[np.uint64]


class Rows(NamedTuple):
    """Shares laid out for the kernels."""

    starts: I8
    """(n_accounts + 1,): account k owns ``own[starts[k] : starts[k + 1]]``."""
    own: I4
    """(n,) positions by account, ascending."""
    accounts: I4
    """(n,) account of each position."""
    objects: I4
    """(n,) object of each position, ascending."""
    times: I8
    """(n,) microseconds, ascending within an object."""
    low: I4
    """(n,) first position within the longest window, same object."""
    high: I4
    """(n,) one past the last such position."""


@jit
def code_hashes(hashes: U8) -> tuple[I4, I8]:  # (n,) u8 -> (n,) i4 codes by first appearance, (n_codes,) i8 first rows
    size = 1 << 12
    keys = np.empty(size, np.uint64)
    slots = np.full(size, -1, np.int32)
    codes = np.empty(hashes.size, np.int32)
    first = np.empty(1 << 11, np.int64)
    n_codes = 0
    for row in range(hashes.size):
        if 2 * n_codes >= size:
            size *= 4
            keys, slots = _rehash(hashes, first, n_codes, size)
            first = np.append(first, np.empty(size // 2 - first.size, np.int64))
        value = hashes[row]
        at = np.int64((value * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & (size - 1)
        while slots[at] >= 0 and keys[at] != value:
            at = (at + 1) & (size - 1)
        if slots[at] < 0:
            keys[at] = value
            slots[at] = n_codes
            first[n_codes] = row
            n_codes += 1
        codes[row] = slots[at]
    return codes, first[:n_codes].copy()


@jit
def _rehash(hashes: U8, first: I8, n_codes: int, size: int) -> tuple[U8, I4]:
    keys = np.empty(size, np.uint64)
    slots = np.full(size, -1, np.int32)
    for code in range(n_codes):
        value = hashes[first[code]]
        at = np.int64((value * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & (size - 1)
        while slots[at] >= 0:
            at = (at + 1) & (size - 1)
        keys[at] = value
        slots[at] = code
    return keys, slots


@jit
def group_starts(codes: I4, n_codes: int) -> I8:  # (n,) i4 -> (n_codes + 1,) i8
    starts = np.zeros(n_codes + 1, np.int64)
    for row in range(codes.size):
        starts[codes[row] + 1] += 1
    for code in range(n_codes):
        starts[code + 1] += starts[code]
    return starts


@jit
def group_rows(codes: I4, starts: I8) -> I4:  # (n,) i4 -> (n,) i4 rows by code, stable
    rows = np.empty(codes.size, np.int32)
    at = starts[:-1].copy()
    for row in range(codes.size):
        code = codes[row]
        rows[at[code]] = row
        at[code] += 1
    return rows


@jit
def sort_times(starts: I8, rows: I4, times: I8, first: int, last: int) -> None:
    # rows of groups first .. last are put in order of time, in place; equal times keep their order
    for group in range(first, last):
        start = starts[group]
        stop = starts[group + 1]
        for at in range(start + 1, stop):
            if times[rows[at]] < times[rows[at - 1]]:
                segment = rows[start:stop].copy()
                rows[start:stop] = segment[np.argsort(times[segment], kind="mergesort")]
                break


@jit
def window_bounds(objects: I4, times: I8, window: int, low: I4, high: I4) -> None:
    # (n,) i4, (n,) i8 sorted by (object, time) -> (n,) i4, (n,) i4; both ends inclusive
    n = objects.size
    left = 0
    for at in range(n):
        while objects[left] != objects[at] or times[at] - times[left] > window:
            left += 1
        low[at] = left
    right = n
    for at in range(n - 1, -1, -1):
        while objects[right - 1] != objects[at] or times[right - 1] - times[at] > window:
            right -= 1
        high[at] = right


@jit
def count_objects(accounts: I4, objects: I4, live: B1, n_accounts: int) -> I4:
    # (n,) i4, (n,) i4 sorted by object, (n,) bool -> (n_accounts,) i4 distinct objects among live positions
    last = np.full(n_accounts, -1, np.int32)
    counts = np.zeros(n_accounts, np.int32)
    for at in range(accounts.size):
        account = accounts[at]
        if live[at] and last[account] != objects[at]:
            last[account] = objects[at]
            counts[account] += 1
    return counts


@jit
def mark_live(accounts: I4, low: I4, high: I4) -> B1:  # (n,) -> (n,) bool: another account shares within the window
    n = accounts.size
    live = np.zeros(n, np.bool_)
    other = -1
    for at in range(n):  # nearest position before with another account
        if at and accounts[at - 1] != accounts[at]:
            other = at - 1
        live[at] = other >= low[at]
    other = n
    for at in range(n - 1, -1, -1):
        if at + 1 < n and accounts[at + 1] != accounts[at]:
            other = at + 1
        live[at] |= other < high[at]
    return live


@jit
def run_end(rows: Rows, at: int, stop: int) -> int:
    # first place after ``at`` in an account's own positions where another object begins
    wanted = rows.objects[rows.own[at]]
    end = at + 1
    while end < stop and rows.objects[rows.own[end]] == wanted:
        end += 1
    return end


@jit
def run_cost(rows: Rows, at: int, end: int) -> int:
    # positions to look at for one object of one account: the union of its windows
    cost = 0
    seen = 0
    for place in range(at, end):
        position = rows.own[place]
        cost += rows.high[position] - max(rows.low[position], seen)
        seen = rows.high[position]
    return cost


@jit
def list_runs(rows: Rows, account: int, n_spared: int, runs: I8) -> int:
    # (k, 3) i8 filled with begin, end and cost of an account's objects, the n_spared dearest last -> their number
    n_runs = 0
    at = rows.starts[account]
    while at < rows.starts[account + 1]:
        end = run_end(rows, at, rows.starts[account + 1])
        runs[n_runs, 0] = at
        runs[n_runs, 1] = end
        runs[n_runs, 2] = run_cost(rows, at, end)
        n_runs += 1
        at = end
    for last in range(n_runs - 1, max(n_runs - 1 - n_spared, 0), -1):
        dearest = np.argmax(runs[: last + 1, 2])
        for field in range(3):
            runs[dearest, field], runs[last, field] = runs[last, field], runs[dearest, field]
    return n_runs


@jit
def longest_account(rows: Rows) -> int:
    return np.max(np.diff(rows.starts)) if rows.starts.size > 1 else 0


@jit
def account_costs(rows: Rows, min_weight: int) -> I8:  # -> (n_accounts,) i8 positions to look at
    costs = np.zeros(rows.starts.size - 1, np.int64)
    runs = np.empty((longest_account(rows), 3), np.int64)
    for account in range(costs.size):
        n_runs = list_runs(rows, account, min_weight - 1, runs)
        costs[account] = runs[: max(n_runs - min_weight + 1, 0), 2].sum()
    return costs


@jit
def find_object(rows: Rows, begin: int, stop: int, wanted: int) -> int:
    # first place of an account's own positions whose object is not below ``wanted``
    while begin < stop:
        middle = (begin + stop) // 2
        if rows.objects[rows.own[middle]] < wanted:
            begin = middle + 1
        else:
            stop = middle
    return begin


@jit
def runs_meet(rows: Rows, a: int, a_end: int, b: int, b_end: int) -> bool:
    # whether two accounts' positions of one object come within the window
    while a < a_end and b < b_end:
        if rows.high[rows.own[a]] <= rows.own[b]:
            a += 1
        elif rows.own[b] < rows.low[rows.own[a]]:
            b += 1
        else:
            return True
    return False


class Tally(NamedTuple):
    """Counters of the account being looked at, one entry per account."""

    counts: I4
    """Objects co-shared so far."""
    stamp: I4
    """Number of the last object that counted."""
    touched: I4
    """Accounts with a count, in order of appearance."""


@jit
def propose_edges(rows: Rows, begin: int, stop: int, min_weight: int, limit: int) -> tuple[I4, I4]:
    # accounts begin .. stop -> pairs a < b that co-share min_weight distinct objects; stops past ``limit`` pairs.
    # An account's min_weight - 1 dearest objects cannot make a pair by themselves, so they open none: they are looked
    # up for the accounts met elsewhere.
    n_accounts = rows.starts.size - 1
    tally = Tally(np.zeros(n_accounts, np.int32), np.zeros(n_accounts, np.int32), np.empty(n_accounts, np.int32))
    runs = np.empty((longest_account(rows), 3), np.int64)
    out_a = np.empty(1024, np.int32)
    out_b = np.empty(1024, np.int32)
    n_out = 0
    mark = 0
    for a in range(begin, stop):
        n_runs = list_runs(rows, a, min_weight - 1, runs)
        n_open = n_runs - min_weight + 1
        n_touched = 0
        for run in range(max(n_open, 0)):
            mark += 1
            n_touched = open_run(rows, runs[run, 0], runs[run, 1], a, mark, tally, n_touched)
        for run in range(max(n_open, 0), n_runs):
            mark += 1
            look_up_run(rows, runs[run], a, mark, tally, n_touched)
        if n_out + n_touched > out_a.size:
            out_a = grown(out_a, n_out + n_touched)
            out_b = grown(out_b, n_out + n_touched)
        for place in range(n_touched):
            b = tally.touched[place]
            if tally.counts[b] >= min_weight:
                out_a[n_out] = a
                out_b[n_out] = b
                n_out += 1
            tally.counts[b] = 0
        if n_out > limit:
            break
    return out_a[:n_out].copy(), out_b[:n_out].copy()


@jit
def grown(values: I4, least: int) -> I4:
    wider = np.empty(max(2 * values.size, least), np.int32)
    wider[: values.size] = values
    return wider


@jit
def open_run(rows: Rows, at: int, end: int, a: int, mark: int, tally: Tally, n_touched: int) -> int:
    # one object of account a: every later account inside its windows counts once -> accounts touched
    seen = 0
    for place in range(at, end):
        position = rows.own[place]
        for near in range(max(rows.low[position], seen), rows.high[position]):
            b = rows.accounts[near]
            if b > a and tally.stamp[b] != mark:
                tally.stamp[b] = mark
                if tally.counts[b] == 0:
                    tally.touched[n_touched] = b
                    n_touched += 1
                tally.counts[b] += 1
        seen = rows.high[position]
    return n_touched


@jit
def look_up_run(rows: Rows, run: I8, a: int, mark: int, tally: Tally, n_touched: int) -> None:
    # a dear object: only accounts touched already can still count; found in the cheaper of two ways
    at, end, cost = run[0], run[1], run[2]
    if cost > 16 * n_touched:
        wanted = rows.objects[rows.own[at]]
        for place in range(n_touched):
            b = tally.touched[place]
            first = find_object(rows, rows.starts[b], rows.starts[b + 1], wanted)
            if first < rows.starts[b + 1] and rows.objects[rows.own[first]] == wanted:
                last = run_end(rows, first, rows.starts[b + 1])
                if runs_meet(rows, at, end, first, last):
                    tally.counts[b] += 1
        return
    seen = 0
    for place in range(at, end):
        position = rows.own[place]
        for near in range(max(rows.low[position], seen), rows.high[position]):
            b = rows.accounts[near]
            if tally.counts[b] > 0 and tally.stamp[b] != mark:
                tally.stamp[b] = mark
                tally.counts[b] += 1
        seen = rows.high[position]


class Seen(NamedTuple):
    """What the shares of one pair leave behind."""

    used: B1
    """(n,) bool: positions that take part in any pair."""
    posts: I4
    """(n,) post of each position; empty: all different."""
    list_a: I4
    """Room for the posts of the account with fewer shares; empty as ``posts`` is."""
    list_b: I4
    """Room for the posts of the other."""
    sums: I8
    """Room for running sums."""


@jit
def weigh_edges(rows: Rows, edge_a: I4, edge_b: I4, windows: I8, posts: I4, used: B1) -> I8:
    # (m,) i4, (m,) i4, (w,) i8, (n,) or (0,) i4, (n,) bool marked -> (m, w, 5) i8: objects, pairs, sum of gaps, posts
    # of a, posts of b
    facts = np.zeros((edge_a.size, windows.size, 5), np.int64)
    longest = longest_account(rows)
    room = longest if posts.size else 0
    seen = Seen(used, posts, np.empty(room, np.int32), np.empty(room, np.int32), np.empty(longest + 1, np.int64))
    for edge in range(edge_a.size):
        a = edge_a[edge]
        b = edge_b[edge]
        swap = rows.starts[a + 1] - rows.starts[a] > rows.starts[b + 1] - rows.starts[b]
        for which in range(windows.size):
            fact = facts[edge, which]
            weigh_edge(rows, b if swap else a, a if swap else b, windows[which], seen, fact)
            if swap:
                fact[3], fact[4] = fact[4], fact[3]
    return facts


@jit
def weigh_edge(rows: Rows, a: int, b: int, window: int, seen: Seen, fact: I8) -> None:
    # facts of one pair by walking the objects of a, which has fewer shares
    at = rows.starts[a]
    other = rows.starts[b]
    stop = rows.starts[a + 1]
    other_stop = rows.starts[b + 1]
    while at < stop and other < other_stop:
        wanted = rows.objects[rows.own[at]]
        end = run_end(rows, at, stop)
        other = skip_to(rows, other, other_stop, wanted)
        if other < other_stop and rows.objects[rows.own[other]] == wanted:
            other_end = run_end(rows, other, other_stop)
            n_pairs = count_pairs(rows, at, end, other, other_end, window, seen.sums, fact)
            if n_pairs:
                fact[0] += 1
                fact[1] += n_pairs
                fact[3] = note_posts(rows, at, end, other, other_end, window, seen, seen.list_a, fact[3])
                fact[4] = note_posts(rows, other, other_end, at, end, window, seen, seen.list_b, fact[4])
            other = other_end
        at = end
    if seen.posts.size:
        fact[3] = np.unique(seen.list_a[: fact[3]]).size
        fact[4] = np.unique(seen.list_b[: fact[4]]).size


@jit
def skip_to(rows: Rows, at: int, stop: int, wanted: int) -> int:
    # as find_object, from a place that is usually near: steps double until they pass
    step = 1
    begin = at
    while at < stop and rows.objects[rows.own[at]] < wanted:
        begin = at + 1
        at += step
        step *= 2
    return find_object(rows, begin, min(at, stop), wanted)


@jit
def count_pairs(rows: Rows, at: int, end: int, other: int, other_end: int, window: int, sums: I8, fact: I8) -> int:
    # pairs of two runs within the window; adds their gaps to fact[2] by running sums, without walking the pairs
    base = rows.times[rows.own[other]]
    sums[0] = 0
    for place in range(other, other_end):
        sums[place - other + 1] = sums[place - other] + rows.times[rows.own[place]] - base
    left = middle = right = other
    n_pairs = 0
    for place in range(at, end):
        now = rows.times[rows.own[place]]
        while left < other_end and rows.times[rows.own[left]] < now - window:
            left += 1
        while middle < other_end and rows.times[rows.own[middle]] < now:
            middle += 1
        while right < other_end and rows.times[rows.own[right]] <= now + window:
            right += 1
        n_pairs += right - left
        before = sums[middle - other] - sums[left - other]
        after = sums[right - other] - sums[middle - other]
        fact[2] += (now - base) * ((middle - left) - (right - middle)) - before + after
    return n_pairs


@jit
def note_posts(
    rows: Rows, at: int, end: int, other: int, other_end: int, window: int, seen: Seen, posts: I4, n_posts: int
) -> int:
    # positions of the first run with a partner in the second: marked, counted, their posts kept if there is room
    for place in range(at, end):
        position = rows.own[place]
        now = rows.times[position]
        while other < other_end and rows.times[rows.own[other]] < now - window:
            other += 1
        if other < other_end and rows.times[rows.own[other]] <= now + window:
            seen.used[position] = True
            if posts.size:
                posts[n_posts] = seen.posts[position]
            n_posts += 1
    return n_posts
