"""Leads: groups whose objects hardly anybody else shares, judged by the pace of comparable objects.

Where only a group shares an object there is nobody to exchange its members with, and the test of this package says
nothing. A lead rests on a stronger assumption: objects of one kind, shared by as many accounts in one stretch of time,
are taken up at the same pace whoever takes them up. It is shown apart, never as a finding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dideban.proof.blocks import F8, I8, Blocks
from dideban.proof.placement import LIFTS, TAKES, Sitting, member_rows, multiply_stretches

EXCLUSIVE = 0.8
"""A block is the group's own when its members hold this share of the slots."""
MIN_REFERENCE = 30
"""Comparable blocks needed to speak of a usual pace."""
EDGES = np.array([2, 3, 4, 5, 7, 10, 15, 25, 50, 100, 10**9])
"""Blocks are comparable when their numbers of slots fall between the same two of these."""


def seat_exclusive(
    blocks: Blocks, rows: tuple[I8, I8], groups: Sequence[NDArray[np.int32]], *, allowed: NDArray[np.bool_]
) -> Sitting:
    """Find the blocks that groups have nearly to themselves, and count the links of their members there."""
    group, row = member_rows(rows, groups)
    block = blocks.block_of_row[row]
    kept = allowed[block]
    group, row, block = group[kept], row[kept], block[kept]
    order = np.lexsort((row, group))
    group, row, block = group[order], row[order], block[order]
    new = np.ones(len(row), bool)
    new[1:] = (np.diff(group) != 0) | (np.diff(block) != 0)
    starts = np.flatnonzero(new)
    linked = ~new & (np.diff(blocks.traces.time[row], prepend=0.0) <= blocks.scale.window_s)
    n_members = np.diff(np.append(starts, len(row)))
    n_links = np.add.reduceat(linked.astype(np.int64), starts) if len(starts) else starts
    n_slots = np.diff(blocks.bounds)[block[starts]]
    own = (n_members >= 2) & (n_members >= EXCLUSIVE * n_slots)
    return Sitting(
        group=group[starts][own],
        block=block[starts][own],
        n_members=n_members[own],
        n_links=n_links[own],
        members=blocks.traces.account[row[np.repeat(own, n_members)]].astype(np.int64),
    )


def log_e_exclusive(
    blocks: Blocks, sitting: Sitting, groups: Sequence[NDArray[np.int32]], *, allowed: NDArray[np.bool_]
) -> F8:
    """Return the log e-value of each group from blocks of its own; 0 where nothing informs.

    The mean of the bet is taken over all comparable blocks of the same part, the group's own included, so that it is an
    e-value when blocks are exchangeable.
    """
    if not len(sitting.group):
        return np.zeros(len(groups))
    size = np.diff(blocks.bounds)
    pace = _pace(blocks)
    members = sitting.n_members
    log_e = np.zeros((len(members), len(LIFTS)))
    kinds = np.digitize(size[sitting.block], EDGES) * 1_000 + np.minimum(members, 999)
    for code in np.unique(kinds):
        here = np.flatnonzero(kinds == code)
        low, high = EDGES[code // 1_000 - 1], EDGES[code // 1_000]
        reference = pace[allowed & (size >= low) & (size < high)]
        g = int(members[here[0]])
        usual = float(reference.mean()) if len(reference) else 1.0
        if len(reference) < MIN_REFERENCE or usual <= 0.0:
            continue
        for h, lift in enumerate(LIFTS):
            if lift > usual:
                log_r = np.log(lift / (1 - lift)) + np.log((1 - usual) / usual)
                mean = np.logaddexp.reduce(log_r * reference * (g - 1)) - np.log(len(reference))
                log_e[here, h] = log_r * sitting.n_links[here] - mean
    take = np.repeat(np.append(TAKES, 0.9)[None, :], len(members), axis=0)
    weight = np.asarray(members - 1.0, dtype=np.float64)
    return multiply_stretches(blocks, sitting, len(groups), log_e, take, weight=weight)


def _pace(blocks: Blocks) -> F8:
    """(n_blocks,) share of neighbouring slots at most a window apart."""
    time, bounds = blocks.traces.time, blocks.bounds
    near = np.diff(time, prepend=-np.inf) <= blocks.scale.window_s
    near[bounds[:-1]] = False
    counts = np.add.reduceat(near.astype(np.int64), bounds[:-1]) if len(time) else np.empty(0)
    return np.asarray(counts / np.maximum(np.diff(bounds) - 1, 1), dtype=np.float64)


__all__ = ["log_e_exclusive", "seat_exclusive"]
