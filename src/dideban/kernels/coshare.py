"""Co-shares inside a time window: sorted sliding windows, exact, no pair ever written down before it counts.

Positions are rows sorted by (object, time). ``low[p] .. high[p]`` is the run of positions of the same object within the
window of position p, p included. Accounts hold their positions in order, so their objects come in order too. A pair of
accounts is counted while one of them is being looked at; memory is a few counters per account, never one per pair.
``coshare_edges.py`` puts the steps together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dideban.arrays import B1, I4, I8
from dideban.kernels._jit import jit


class Rows(NamedTuple):
    """Shares laid out for the kernels."""

    starts: I8
    """(n_accounts + 1,): account k owns ``own[starts[k] : starts[k + 1]]``."""
    own: I4
    """(n,) positions by account, ascending."""
    own_objects: I4
    """(n,) their objects."""
    places: I4
    """(n,) where each position stands in ``own``."""
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
    alone: B1
    """(n,) bool: the account shares the object at this position only."""


@jit
def run_end(rows: Rows, at: int, stop: int) -> int:
    # first place after ``at`` in an account's own positions where another object begins
    wanted = rows.own_objects[at]
    end = at + 1
    while end < stop and rows.own_objects[end] == wanted:
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
    longest = 0
    for account in range(rows.starts.size - 1):
        longest = max(longest, rows.starts[account + 1] - rows.starts[account])
    return longest


@jit
def account_costs(rows: Rows, begin: int, stop: int, min_weight: int) -> I8:  # accounts begin .. stop -> looks of each
    costs = np.zeros(stop - begin, np.int64)
    runs = np.empty((longest_account(rows), 3), np.int64)
    for account in range(begin, stop):
        n_runs = list_runs(rows, account, min_weight - 1, runs)
        costs[account - begin] = runs[: max(n_runs - min_weight + 1, 0), 2].sum()
    return costs


@jit
def find_object(rows: Rows, begin: int, stop: int, wanted: int) -> int:
    # first place of an account's own positions whose object is not below ``wanted``
    while begin < stop:
        middle = (begin + stop) // 2
        if rows.own_objects[middle] < wanted:
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
    """What is counted for the account being looked at."""

    cells: I4
    """(n_accounts, 2): number of the last object that counted, and objects co-shared so far; side by side in memory."""
    touched: I4
    """(n_accounts,) accounts with a count, in order of appearance."""


@jit
def grown(table: I4, least: int) -> I4:
    # a loop, as an assignment of slices costs a second to compile
    wider = np.empty((max(2 * table.shape[0], least), 3), np.int32)
    for row in range(table.shape[0]):
        for field in range(3):
            wider[row, field] = table[row, field]
    return wider


@jit
def open_run(
    rows: Rows, run: I8, a: int, mark: int, tally: Tally, n_touched: int, met: I4, n_met: int
) -> tuple[int, int]:
    # one object of account a: every later account inside its windows counts once -> accounts touched, meetings
    seen = 0
    for place in range(run[0], run[1]):
        position = rows.own[place]
        for near in range(max(rows.low[position], seen), rows.high[position]):
            b = rows.accounts[near]
            if b > a and tally.cells[b, 0] != mark:
                tally.cells[b, 0] = mark
                if tally.cells[b, 1] == 0:
                    tally.touched[n_touched] = b
                    n_touched += 1
                tally.cells[b, 1] += 1
                n_met = note_meeting(met, n_met, b, run[0], near)
        seen = rows.high[position]
    return n_touched, n_met


@jit
def look_up_run(rows: Rows, run: I8, mark: int, tally: Tally, n_touched: int, met: I4, n_met: int) -> int:
    # a dear object: only accounts touched already can still count; found in the cheaper of two ways -> meetings
    at, end, cost = run[0], run[1], run[2]
    if cost > 16 * n_touched:
        wanted = rows.own_objects[at]
        for place in range(n_touched):
            b = tally.touched[place]
            first = find_object(rows, rows.starts[b], rows.starts[b + 1], wanted)
            if first < rows.starts[b + 1] and rows.own_objects[first] == wanted:
                last = run_end(rows, first, rows.starts[b + 1])
                if runs_meet(rows, at, end, first, last):
                    tally.cells[b, 1] += 1
                    n_met = note_meeting(met, n_met, b, at, rows.own[first])
        return n_met
    seen = 0
    for place in range(at, end):
        position = rows.own[place]
        for near in range(max(rows.low[position], seen), rows.high[position]):
            b = rows.accounts[near]
            if tally.cells[b, 1] > 0 and tally.cells[b, 0] != mark:
                tally.cells[b, 0] = mark
                tally.cells[b, 1] += 1
                n_met = note_meeting(met, n_met, b, at, near)
        seen = rows.high[position]
    return n_met


@jit
def note_meeting(met: I4, n_met: int, b: int, at: int, near: int) -> int:
    # account met, first place of the object in ``own``, a position of the other account
    met[n_met, 0] = b
    met[n_met, 1] = at
    met[n_met, 2] = near
    return n_met + 1
