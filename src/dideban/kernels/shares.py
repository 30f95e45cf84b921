"""Shares as sorted arrays: codes for strings, order by object and time, and which rows can matter at all."""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, I4, I8, U8
from dideban.kernels._jit import jit


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
        at = np.int64((value ^ (value >> np.uint64(33))) & np.uint64(size - 1))
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
        at = np.int64((value ^ (value >> np.uint64(33))) & np.uint64(size - 1))
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
def invert(order: I4) -> I4:  # (n,) i4 permutation -> (n,) i4
    places = np.empty(order.size, np.int32)
    for place in range(order.size):
        places[order[place]] = place
    return places


@jit
def mark_alone(starts: I8, own: I4, own_objects: I4) -> B1:
    # places by account, objects ascending within each -> (n,) bool: the only position of its account and object
    alone = np.ones(own.size, np.bool_)
    for account in range(starts.size - 1):
        for place in range(starts[account] + 1, starts[account + 1]):
            if own_objects[place] == own_objects[place - 1]:
                alone[own[place]] = False
                alone[own[place - 1]] = False
    return alone


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
def take_rows(rows: I4, accounts: I4, times: I8, first: int, last: int, into_accounts: I4, into_times: I8) -> None:
    # accounts and times of rows first .. last, put at the same places
    for at in range(first, last):
        into_accounts[at] = accounts[rows[at]]
        into_times[at] = times[rows[at]]


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
