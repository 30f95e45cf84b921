"""Members proved one by one: who came after others too often, whatever habit of its own is taken for the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dideban.proof.blocks import F8, I8
from dideban.proof.cells import Cell
from dideban.proof.directed_exchange import Follows, find_occasions, log_e_members, under_odds
from dideban.proof.habits import HABITS, Memory, member_odds
from dideban.proof.moments import Moments
from dideban.proof.placement import Hypotheses
from dideban.proof.split import Split

I4 = NDArray[np.int32]
MEMBER_HABITS = tuple(habit for habit in HABITS if habit not in ("even", "own"))
"""Of one account, its own habits are those of the group."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What is known of the accounts beyond what they shared: sittings of every row, and clocks."""

    moments: Moments
    sittings: list[I8]
    """Per cell, (n_rows,) sitting of each row."""
    clocks: F8
    """(n_accounts, 3) clocks that accounts keep; rows of accounts that were not asked about are 0."""


def watch_accounts(cells: Sequence[Cell], moments: Moments, accounts: NDArray[np.integer]) -> Watch:
    """Find the sittings of all rows and the clocks of some accounts."""
    clocks = np.zeros((len(moments.bounds) - 1, 3))
    some = np.unique(accounts)
    clocks[some] = moments.clocks(some)
    known: dict[str, I8] = {}
    for cell in cells:
        if cell.kind not in known:
            known[cell.kind] = moments.sittings_of(cell.blocks.traces)
    return Watch(moments=moments, sittings=[known[cell.kind] for cell in cells], clocks=clocks)


def prove_members(
    cells: Sequence[Cell], split: Split, groups: Sequence[I4], *, watch: Watch, habits: bool = True
) -> list[F8]:
    """Return the log e-values of the members of each group, the smallest over all nulls.

    Parameters
    ----------
    groups : sorted account codes
        Chosen without a look at the proving part.
    habits : bool
        Hold members to the habits that they show in the proposing part too.
    """
    asked = Hypotheses(groups)
    if not len(asked):
        return []
    n = len(asked.flat)
    log_e, promise = np.zeros((n, len(cells))), np.zeros((n, len(cells)))
    for c, cell in enumerate(cells):
        mask = cell.proposing(split)
        seen = find_occasions(cell.blocks, cell.rows, asked, allowed=mask, clocks=watch.clocks)
        promise[:, c] = log_e_members(seen, watch.sittings[c], n_members=n)
        follows = find_occasions(cell.blocks, cell.rows, asked, allowed=~mask, clocks=watch.clocks)
        log_e[:, c] = log_e_members(follows, watch.sittings[c], n_members=n)
        if habits:
            log_e[:, c] = _smallest(cell, mask, asked, follows, log_e[:, c], watch=watch, sittings=watch.sittings[c])
    weight = _weights(promise, asked)
    total = np.logaddexp.reduce(log_e + np.log(weight), axis=1)
    return np.split(total, asked.cuts[1:-1])


def _weights(promise: F8, groups: Hypotheses) -> F8:
    """(n, n_cells) weights of cells, alike for all members of a group: what the proposing part promised."""
    group = np.repeat(np.arange(len(groups)), groups.sizes)
    pooled = np.zeros((len(groups), promise.shape[1]))
    np.add.at(pooled, group, np.clip(promise, 0, None))
    weight = pooled / groups.sizes[:, None] + 0.1
    return np.asarray((weight / weight.sum(axis=1, keepdims=True))[group])


def _smallest(
    cell: Cell, mask: NDArray[np.bool_], groups: Hypotheses, follows: Follows, log_e: F8, *, watch: Watch, sittings: I8
) -> F8:
    """Smallest log e-value over the habits of each member; what falls to 0 or below counts for nothing."""
    result = np.where(log_e > 0, log_e, -np.inf)
    memory = Memory(cell.blocks, mask)
    for habit in MEMBER_HABITS:
        kept = result[follows.place] > 0
        if not kept.any():
            break
        some = Follows(
            place=follows.place[kept], row=follows.row[kept], chance=follows.chance[kept], hit=follows.hit[kept]
        )
        block = cell.blocks.block_of_row[some.row]
        odds = member_odds(memory, groups.flat, some.place, block, cell.rows, habit=habit)
        if odds is None:
            continue
        size = np.diff(cell.blocks.bounds)[block]
        bounds = np.append(0, np.cumsum(size)).astype(np.int64)
        again = under_odds(cell.blocks, some, groups, odds=odds, odds_bounds=bounds, clocks=watch.clocks)
        result = np.minimum(result, log_e_members(again, sittings, n_members=len(result)))
        result = np.where(result > 0, result, -np.inf)
    return result


__all__ = ["Watch", "prove_members", "watch_accounts"]
