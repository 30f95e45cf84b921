"""Prove proposed groups on data that did not propose them: exact e-values over placements of their members.

Null hypothesis of a group: within each block its members hold a uniformly random subset of the slots, independently
over stretches of time. The bet: under the alternative a subset is favoured by ``r ** links`` where links are
neighbouring members at most a window apart. The bet's mean under the null is computed exactly, so no draws are needed
and the tail has no floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dideban.kernels.placement import even_bets, habit_bets, own_bets
from dideban.proof.blocks import F8, I8, Blocks

LIFTS = np.array([0.5, 0.8, 0.97])
"""Chance that a member follows another within the window, under the alternatives that are bet on."""
TAKES = np.array([0.1, 0.5])
"""Share of stretches in which the group acts in concert, under those alternatives."""


MAX_OWN = 6
"""Up to this many members in a block, each may have odds of its own; beyond, all have those of the group."""


@dataclass(frozen=True, kw_only=True)
class Odds:
    """Odds of slots, listed sitting row by sitting row: of the group as a whole, or of each member."""

    group: F8
    """(sum of slots,) f8 > 0."""
    own: F8 | None = None
    """(sum of members * slots over rows with at most MAX_OWN members,) f8 > 0."""


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """Where proposed groups sit: one row per (group, block) with two members or more and an outsider."""

    group: I8
    block: I8
    n_members: I8
    n_links: I8
    members: I8
    """(sum of n_members,) account codes, row by row, in the order of their slots."""


def seat_groups(
    blocks: Blocks, rows: tuple[I8, I8], groups: Sequence[NDArray[np.int32]], *, allowed: NDArray[np.bool_]
) -> Sitting:
    """Find the blocks in which groups sit and count the links of their members.

    Parameters
    ----------
    rows : CSR
        Rows of the traces held by each account, ascending, informing blocks only.
    allowed : (n_blocks,) bool
        The part of the data to look at.
    """
    group, row = member_rows(rows, groups)
    block = blocks.block_of_row[row]
    kept = allowed[block]
    group, row, block = group[kept], row[kept], block[kept]
    order = np.lexsort((row, group))
    group, row, block = group[order], row[order], block[order]
    new = np.ones(len(row), bool)
    new[1:] = (np.diff(group) != 0) | (np.diff(block) != 0)
    starts = np.flatnonzero(new)
    gap = np.diff(blocks.traces.time[row], prepend=0.0)
    linked = ~new & (gap <= blocks.scale.window_s)
    n_members = np.diff(np.append(starts, len(row)))
    n_links = np.add.reduceat(linked.astype(np.int64), starts) if len(starts) else starts
    group, block = group[starts], block[starts]
    n_slots = np.diff(blocks.bounds)[block]
    telling = (n_members >= 2) & (n_members < n_slots)
    return Sitting(
        group=group[telling],
        block=block[telling],
        n_members=n_members[telling],
        n_links=n_links[telling],
        members=blocks.traces.account[row[np.repeat(telling, n_members)]].astype(np.int64),
    )


def member_rows(rows: tuple[I8, I8], groups: Sequence[NDArray[np.int32]]) -> tuple[I8, I8]:
    bounds, listed = rows
    members = np.concatenate(groups).astype(np.int64) if groups else np.empty(0, np.int64)
    of_member = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    length = bounds[members + 1] - bounds[members]
    group = np.repeat(of_member, length)
    start = np.repeat(bounds[members] - np.append(0, np.cumsum(length))[:-1], length)
    return group, listed[start + np.arange(len(start))] if len(start) else np.empty(0, np.int64)


def log_e_values(blocks: Blocks, sitting: Sitting, groups: Sequence[NDArray[np.int32]], odds: Odds | None = None) -> F8:
    """Return the log e-value of each group from its sitting; 0 where nothing informs.

    Parameters
    ----------
    odds : Odds
        Odds of each slot; None = all placements equally likely.

    Notes
    -----
    Blocks of one stretch of time are averaged, because accounts come and go in sessions; stretches are multiplied.
    The alternatives (LIFTS x takes) are averaged last. Each step keeps the mean under the null at most 1.
    """
    n_groups = len(groups)
    if not len(sitting.group):
        return np.zeros(n_groups)
    bets = _even_bets(blocks, sitting) if odds is None else _habit_bets(blocks, sitting, odds)
    log_e = sitting.n_links[:, None] * bets[:, : len(LIFTS)] - bets[:, len(LIFTS) :]
    present = sitting.n_members / np.array([len(g) for g in groups])[sitting.group]
    promise = (sitting.n_members - 1) * bets[:, len(LIFTS) - 1] - bets[:, -1]
    weight = np.maximum(promise, 1e-6) * present**2
    take = _takes(present)
    return multiply_stretches(blocks, sitting, n_groups, log_e, take, weight=weight)


def multiply_stretches(blocks: Blocks, sitting: Sitting, n_groups: int, log_e: F8, take: F8, *, weight: F8) -> F8:
    """Bet on every block, average over the blocks of a stretch, multiply over stretches, average over the bets.

    Parameters
    ----------
    log_e : (m, n_lifts) f8
        Log e-value of each sitting row.
    take : (m, n_takes) f8, 0..1
        Stake on each row: ``1 - take + take * e``.
    weight : (m,) f8 > 0
        Weights inside a stretch; must not look at who sits where.
    """
    mixed = np.logaddexp(np.log1p(-take)[:, None, :], np.log(take)[:, None, :] + log_e[:, :, None])
    group, mean = _stretch_means(sitting.group, blocks.chunk[sitting.block], weight, mixed)
    sums = np.zeros((n_groups, *mean.shape[1:]))
    np.add.at(sums, group, mean)
    return np.asarray(np.logaddexp.reduce(sums.reshape(n_groups, -1), axis=1) - np.log(mean[0].size))


def _stretch_means(group: I8, chunk: I8, weight: F8, log_e: F8) -> tuple[I8, F8]:
    """Average the e-values of blocks in one stretch, by weights that do not look at who sits where."""
    order = np.lexsort((chunk, group))
    group, chunk, weight, log_e = group[order], chunk[order], weight[order], log_e[order]
    starts = np.flatnonzero((np.diff(group, prepend=-1) != 0) | (np.diff(chunk, prepend=-1) != 0))
    total = np.add.reduceat(weight, starts)
    share = weight / np.repeat(total, np.diff(np.append(starts, len(weight))))
    return group[starts], np.logaddexp.reduceat(log_e + np.log(share)[:, None, None], starts, axis=0)


def _takes(present: F8) -> F8:
    """(m, n_takes) chance that a block belongs to an operation: constants, and rising with the share of members."""
    constant = np.repeat(TAKES[None, :], len(present), axis=0)
    rising = np.stack([0.95 * present, 0.95 * present**3], axis=1)
    return np.hstack([constant, rising])


def _even_bets(blocks: Blocks, sitting: Sitting) -> F8:
    """(n_sitting, 2 n_lifts) log r and log normaliser; equal (block, members) are computed once."""
    pair = sitting.block * 4096 + np.minimum(sitting.n_members, 4095)
    unique, inverse = np.unique(pair, return_inverse=True)
    bets: F8 = even_bets(blocks.traces.time, blocks.bounds, unique // 4096, unique % 4096, blocks.scale.window_s, LIFTS)
    return bets[inverse]


def _habit_bets(blocks: Blocks, sitting: Sitting, odds: Odds) -> F8:
    size = np.diff(blocks.bounds)[sitting.block]
    bounds = np.append(0, np.cumsum(size)).astype(np.int64)
    window = blocks.scale.window_s
    bets: F8 = habit_bets(
        blocks.traces.time, odds.group, bounds, blocks.bounds, sitting.block, sitting.n_members, window, LIFTS
    )
    if odds.own is not None:
        few = sitting.n_members <= MAX_OWN
        own = np.append(0, np.cumsum((size * sitting.n_members)[few])).astype(np.int64)
        bets[few] = own_bets(
            blocks.traces.time, odds.own, own, blocks.bounds, sitting.block[few], sitting.n_members[few], window, LIFTS
        )
    return bets


def most_log_e(blocks: Blocks, sitting: Sitting, groups: Sequence[NDArray[np.int32]]) -> F8:
    """Return the largest log e-value each group could reach if all its members sat together wherever they sit."""
    if not len(sitting.group):
        return np.zeros(len(groups))
    full = Sitting(
        group=sitting.group,
        block=sitting.block,
        n_members=sitting.n_members,
        n_links=sitting.n_members - 1,
        members=sitting.members,
    )
    return log_e_values(blocks, full, groups)
