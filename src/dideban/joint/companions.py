"""Who acted beside a group once: the accounts that a room proposes together with it.

Two joint operations show a room those members alone that took part in both. Whoever took part in one stands beside them
there, and the posts of other rooms decide who belongs.
"""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, I4
from dideban.joint.view import RoomView
from dideban.proof.placement import Hypotheses, seat_groups
from dideban.proof.strata import Stratum

BESIDE = 2
"""Members of the group that a companion was near in one block, at least."""
LEAST_RARITY = 1.5
"""Least sum of -log(share of near pairs) over the blocks in which an account was beside the group."""


def find_companions(view: RoomView, members: I4, *, most: int) -> I4:
    """Return the accounts that were beside a group where being near is rare.

    Parameters
    ----------
    members : sorted account codes
    most : count
        Companions to return, the rarest first; ties by code.

    Returns
    -------
    (n,) account codes, ascending
        None of them a member.
    """
    rarity: dict[int, float] = {}
    for stratum in view.strata:
        for account, one in _beside(stratum, members).items():
            rarity[account] = max(rarity.get(account, 0.0), one)
    ranked = sorted((-round(one, 9), account) for account, one in rarity.items() if one >= LEAST_RARITY)
    return np.array(sorted(account for _, account in ranked[:most]), np.int32)


def _beside(stratum: Stratum, members: I4) -> dict[int, float]:
    """Return of each account how rare it is to be where it was beside the group, summed over blocks."""
    blocks, window_s = stratum.blocks, stratum.scale_s
    everywhere: B1 = np.ones(len(blocks.informs), np.bool_)
    seats = seat_groups(blocks, stratum.rows, Hypotheses([members]), allowed=everywhere)
    rarity = -np.log(np.maximum(blocks.near_share, 1e-9))
    found: dict[int, float] = {}
    for block in seats.block[seats.n_links > 0].tolist():
        rows = slice(int(blocks.bounds[block]), int(blocks.bounds[block + 1]))
        account, time = blocks.traces.account[rows], blocks.traces.time[rows]
        is_member = np.isin(account, members)
        theirs = time[is_member]  # rows of a block ascend in time
        n_near = np.searchsorted(theirs, time + window_s, "right") - np.searchsorted(theirs, time - window_s, "left")
        for one in account[(n_near >= BESIDE) & ~is_member].tolist():
            found[one] = found.get(one, 0.0) + float(rarity[block])
    return found
