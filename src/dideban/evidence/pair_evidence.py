"""How close two accounts come, given what both share and when such things are shared.

Pair values explain a group that was proved as a whole. They are not claims: no error rate is stated for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.arrays import F8, I4, I8
from dideban.kernels.pair_evidence import BlockRows, Members, pair_tests
from dideban.schema import PAIR_TRACES

LIFTS = np.array([0.15, 0.4, 0.8])
"""Chances of being near under the alternatives that are bet on (docs/methods/pairs.md)."""
KAPPA = 1.0
"""Pseudo-shares that pull the clock odds of an account with few shares towards 1."""
MANY_HITS = 2
"""An account that was near one of the two in this many earlier blocks is left out of their reference set."""
MAX_CHANCE = 0.6 + 1e-9
"""Blocks in which two accounts are near more often than this by chance are passed over; at 0.6, whatever its last bit,
they are not."""
MAX_LOG_E = 600.0

PAIRS = {name: dtype for name, dtype in PAIR_TRACES.dtypes.items() if name not in ("object_kind", "scale_s")}
"""Columns of :func:`pair_evidence`: PAIR_TRACES of one kind and scale."""


@dataclass(frozen=True, kw_only=True)
class Slots:
    """Rows cut into blocks: who held which slot. Sorted by block and time; an account is at most once in a block."""

    block: I8
    """(n,) block of each row, ascending, any numbers."""
    time: F8
    """(n,) seconds since 1970."""
    account: I4
    """(n,) codes from 0."""


def pair_evidence(slots: Slots, *, members: I4, names: Sequence[str], window_s: float) -> pl.DataFrame:
    """Weigh every pair of members: near blocks against their chance.

    Parameters
    ----------
    slots : Slots
        Every row of every block that holds a member, outsiders included: they say what is usual.
    members : (n_members,) i4
        Account codes, any order.
    names : (n_members,) str
        Their ids.
    window_s : seconds, > 0
        Longest gap that counts as near, inclusive.

    Returns
    -------
    PAIRS, (n_pairs,)
        ``account_a < account_b``, sorted. ``n_blocks`` that inform, ``n_near`` of them near, ``expected`` by chance,
        ``p_value`` the exact Poisson-binomial tail, ``e_value`` a bet with mean 1 by chance. A pair without a common
        block that informs has 0, 0, 0, 1, 1.

    Raises
    ------
    ValueError
        Rows are not sorted, or members and names differ in number.

    Notes
    -----
    Deterministic. Time O(pairs * rows in the blocks of the pair), memory O(rows). docs/methods/pairs.md has the
    formulas, and what they do not say.

    References
    ----------
    Amarasingham, Harrison, Hatsopoulos, Geman 2012, doi:10.1152/jn.00633.2011; Hong 2013,
    doi:10.1016/j.csda.2012.10.006.
    """
    _check(slots, members, names)
    order = np.argsort(np.array(names, dtype=object), kind="stable")
    codes, ids = np.asarray(members)[order].astype(np.int32), [names[i] for i in order]
    return pair_table(ids, *pair_figures(slots, codes, window_s=window_s))


def pair_figures(slots: Slots, codes: I4, *, window_s: float) -> tuple[I8, F8]:
    """Return the pairs of members by position, and five figures of each: :func:`pair_evidence` as arrays.

    Parameters
    ----------
    codes : (n_members,) i4
        Account codes in the order of their ids.

    Returns
    -------
    (n_pairs, 2) i8, (n_pairs, 5) f8
        ``n_blocks``, ``n_near``, ``expected``, ``p_value`` and the log of ``e_value``.
    """
    pairs = np.stack(np.triu_indices(len(codes), 1), axis=1).astype(np.int64)
    rows, block_of = _rows(slots)
    n_accounts = int(max(slots.account.max(initial=-1), codes.max(initial=-1))) + 1
    usual = np.bincount(rows.minute, minlength=60) / max(len(rows.minute), 1)
    found = pair_tests(
        rows,
        block_of,
        _members(rows, block_of, codes),
        usual,
        pairs,
        n_accounts,
        float(window_s),
        KAPPA,
        MANY_HITS,
        MAX_CHANCE,
        LIFTS,
    )
    return pairs, found


def _check(slots: Slots, members: I4, names: Sequence[str]) -> None:
    if len(members) != len(names) or len(set(names)) != len(names):
        raise ValueError(f"{len(members)} members, {len(set(names))} different names")
    step, gap = np.diff(slots.block), np.diff(slots.time)
    if (step < 0).any() or ((step == 0) & (gap < 0)).any():
        raise ValueError("rows are not sorted by block and time")


def _rows(slots: Slots) -> tuple[BlockRows, I8]:
    """Return the rows with bounds and order of their blocks, and the block of each row, numbered from 0."""
    first = np.flatnonzero(np.diff(slots.block, prepend=slots.block[0] - 1 if len(slots.block) else 0) != 0)
    bounds = np.append(first, len(slots.block)).astype(np.int64)
    start = slots.time[first]
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(start, kind="stable")] = np.arange(len(first))
    minute = (np.floor(slots.time / 60.0).astype(np.int64) % 60).astype(np.int32)
    rows = BlockRows(
        bounds, start, rank, np.asarray(slots.time, np.float64), np.asarray(slots.account, np.int32), minute
    )
    return rows, np.repeat(np.arange(len(first), dtype=np.int64), np.diff(bounds))


def _members(rows: BlockRows, block_of: I8, codes: I4) -> Members:
    index = np.full(int(max(rows.account.max(initial=-1), codes.max(initial=-1))) + 1, -1, np.int64)
    index[codes] = np.arange(len(codes))
    mine = np.flatnonzero(index[rows.account] >= 0)
    mine = mine[np.lexsort((rows.rank[block_of[mine]], index[rows.account[mine]]))]
    who = index[rows.account[mine]]
    clock = np.zeros((len(codes), 60), np.int64)
    np.add.at(clock, (who, rows.minute[mine]), 1)
    bounds = np.searchsorted(who, np.arange(len(codes) + 1)).astype(np.int64)
    return Members(codes, bounds, mine.astype(np.int64), clock)


def pair_table(ids: Sequence[str], pairs: I8, found: F8) -> pl.DataFrame:
    """Return PAIRS of what :func:`pair_figures` found; ``ids`` are those of the members, ascending."""
    return pl.DataFrame(
        {
            "account_a": [ids[i] for i in pairs[:, 0]],
            "account_b": [ids[i] for i in pairs[:, 1]],
            "n_blocks": found[:, 0].astype(np.int64),
            "n_near": found[:, 1].astype(np.int64),
            "expected": found[:, 2],
            "p_value": found[:, 3],
            "e_value": np.exp(np.minimum(found[:, 4], MAX_LOG_E)),
        },
        schema=PAIRS,
    )
