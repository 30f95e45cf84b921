"""What two accounts did together: objects, pairs of shares, gaps and posts of each, for several windows in one pass."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dideban.arrays import I4, I8
from dideban.kernels._jit import jit
from dideban.kernels.coshare import Rows, run_end


class Work(NamedTuple):
    """What is being measured, and room for it."""

    windows: I8
    """(w,) microseconds."""
    posts: I4
    """(n,) code of the post of each position where other positions have the same, else -1; empty: all different."""
    sums: I8
    """Room for running sums."""


@jit
def run_begin(rows: Rows, at: int) -> int:
    # first place of the object at ``at`` among the same account's own positions
    start = rows.starts[rows.accounts[rows.own[at]]]
    while at > start and rows.own_objects[at - 1] == rows.own_objects[at]:
        at -= 1
    return at


@jit
def weigh_meeting(
    rows: Rows, at: int, near: int, edge: int, work: Work, facts: I8, repeats: I8, n_repeats: int
) -> tuple[I8, int]:
    # one object of one pair: by two positions where each has one, else by runs
    position = rows.own[at]
    if not (rows.alone[position] and rows.alone[near]):
        return weigh_runs(rows, at, run_begin(rows, rows.places[near]), edge, work, facts, repeats, n_repeats)
    gap = abs(rows.times[position] - rows.times[near])
    repeats = roomier(repeats, n_repeats + 2 * work.windows.size)
    for which in range(work.windows.size):
        if gap <= work.windows[which]:
            fact = facts[edge, which]
            fact[0] += 1
            fact[1] += 1
            fact[2] += gap
            tag = edge * work.windows.size + which
            n_repeats = note_post(work, position, fact, 3, tag, repeats, n_repeats)
            n_repeats = note_post(work, near, fact, 4, tag, repeats, n_repeats)
    return repeats, n_repeats


@jit
def roomier(repeats: I8, least: int) -> I8:
    if least <= repeats.shape[0]:
        return repeats
    wider = np.empty((2 * least, 3), np.int64)
    for row in range(repeats.shape[0]):
        for field in range(3):
            wider[row, field] = repeats[row, field]
    return wider


@jit
def note_post(work: Work, position: int, fact: I8, side: int, tag: int, repeats: I8, n_repeats: int) -> int:
    # the post of a position that takes part: counted or, if other positions have the same, appended
    if work.posts.size and work.posts[position] >= 0:
        repeats[n_repeats, 0] = tag
        repeats[n_repeats, 1] = side
        repeats[n_repeats, 2] = work.posts[position]
        return n_repeats + 1
    fact[side] += 1
    return n_repeats


@jit
def weigh_runs(
    rows: Rows, at: int, other: int, edge: int, work: Work, facts: I8, repeats: I8, n_repeats: int
) -> tuple[I8, int]:
    # one object of one pair, by the first place of each: facts[edge] (w, 5) added up, repeated posts appended to (r, 3)
    end = run_end(rows, at, rows.starts[rows.accounts[rows.own[at]] + 1])
    other_end = run_end(rows, other, rows.starts[rows.accounts[rows.own[other]] + 1])
    repeats = roomier(repeats, n_repeats + 2 * (end - at + other_end - other) * work.windows.size)
    for which in range(work.windows.size):
        window = work.windows[which]
        fact = facts[edge, which]
        n_pairs = count_pairs(rows, at, end, other, other_end, window, work.sums, fact)
        if n_pairs:
            fact[0] += 1
            fact[1] += n_pairs
            tag = edge * work.windows.size + which
            n_repeats = note_posts(rows, at, end, other, other_end, window, work, fact, 3, tag, repeats, n_repeats)
            n_repeats = note_posts(rows, other, other_end, at, end, window, work, fact, 4, tag, repeats, n_repeats)
    return repeats, n_repeats


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
    rows: Rows,
    at: int,
    end: int,
    other: int,
    other_end: int,
    window: int,
    work: Work,
    fact: I8,
    side: int,
    tag: int,
    repeats: I8,
    n_repeats: int,
) -> int:
    # positions of the first run with a partner in the second
    for place in range(at, end):
        position = rows.own[place]
        now = rows.times[position]
        while other < other_end and rows.times[rows.own[other]] < now - window:
            other += 1
        if other < other_end and rows.times[rows.own[other]] <= now + window:
            n_repeats = note_post(work, position, fact, side, tag, repeats, n_repeats)
    return n_repeats
