"""Pairs of accounts that co-share enough objects, with what they did together: one account after the other."""

from __future__ import annotations

import numpy as np

from dideban.arrays import I4, I8
from dideban.kernels._jit import jit
from dideban.kernels.coshare import Rows, Tally, grown, list_runs, longest_account, look_up_run, open_run
from dideban.kernels.coshare_facts import Work, weigh_meeting


@jit
def link_rows(
    rows: Rows, begin: int, stop: int, min_weight: int, windows: I8, posts: I4, total: I8, limit: int
) -> tuple[I4, I4, I8, I8]:
    # accounts begin .. stop -> (m,) i4 and (m,) i4 pairs a < b that co-share min_weight distinct objects; (m, w, 5) i8
    # their objects, pairs of shares, sum of gaps, posts of a and of b; (r, 3) i8 posts that repeat and are not counted
    # there: pair * w + window, 3 or 4, post. ``total`` (1,) i8 adds up pairs over all threads; past ``limit`` all stop.
    # An account's min_weight - 1 dearest objects cannot make a pair by themselves, so they open none: they are looked
    # up for the accounts met elsewhere.
    n_accounts = rows.starts.size - 1
    tally = Tally(np.zeros((n_accounts, 2), np.int32), np.empty(n_accounts, np.int32))
    work = Work(windows, posts, np.empty(longest_account(rows) + 1, np.int64))
    pair_of = np.empty(n_accounts, np.int32)
    runs = np.empty((longest_account(rows), 3), np.int64)
    met = np.empty((1024, 3), np.int32)
    pairs = np.empty((256, 2), np.int32)
    facts = np.zeros((256, windows.size, 5), np.int64)
    repeats = np.empty((64, 3), np.int64)
    n_pairs = n_repeats = mark = 0
    for a in range(begin, stop):
        n_runs = list_runs(rows, a, min_weight - 1, runs)
        n_open = max(n_runs - min_weight + 1, 0)
        n_touched = n_met = 0
        for run in range(n_runs):
            mark += 1
            room = n_met + min(runs[run, 2], n_accounts)
            met = grown(met, room) if room > met.shape[0] else met
            if run < n_open:
                n_touched, n_met = open_run(rows, runs[run], a, mark, tally, n_touched, met, n_met)
            else:
                n_met = look_up_run(rows, runs[run], mark, tally, n_touched, met, n_met)
        known = n_pairs
        for place in range(n_touched):
            b = tally.touched[place]
            if tally.cells[b, 1] >= min_weight:
                if n_pairs == pairs.shape[0]:
                    pairs, facts = grown_pairs(pairs, facts)
                pair_of[b] = n_pairs
                pairs[n_pairs, 0] = a
                pairs[n_pairs, 1] = b
                n_pairs += 1
        for meeting in range(n_met if n_pairs > known else 0):
            b = met[meeting, 0]
            if tally.cells[b, 1] >= min_weight:
                repeats, n_repeats = weigh_meeting(
                    rows, met[meeting, 1], met[meeting, 2], pair_of[b], work, facts, repeats, n_repeats
                )
        for place in range(n_touched):
            tally.cells[tally.touched[place], 1] = 0
        total[0] += n_pairs - known  # two threads may lose an addition, never invent one
        if total[0] > limit:
            break
    return pairs[:n_pairs, 0].copy(), pairs[:n_pairs, 1].copy(), facts[:n_pairs].copy(), repeats[:n_repeats].copy()


@jit
def grown_pairs(pairs: I4, facts: I8) -> tuple[I4, I8]:
    n = pairs.shape[0]
    more_pairs = np.empty((2 * n, 2), np.int32)
    more_facts = np.zeros((2 * n, facts.shape[1], 5), np.int64)
    for pair in range(n):
        more_pairs[pair, 0], more_pairs[pair, 1] = pairs[pair, 0], pairs[pair, 1]
        for window in range(facts.shape[1]):
            for fact in range(5):
                more_facts[pair, window, fact] = facts[pair, window, fact]
    return more_pairs, more_facts
