"""Accounts that watch each other: each passes on what one of a few others has just passed on.

Friends who are notified of each other's posts, chains of fans, and programs that copy one another come after each other
as members of a group do. But whom each comes right after is one of a few; members who act on one call stand in any
order, so that each stands right after anybody.
"""

from __future__ import annotations

import numpy as np

from dideban.arrays import F8, I8
from dideban.figures import settle

N_ORDERS = 199
"""Orders that are drawn; none may be as uneven as that of the accounts."""
LEAST_UNEVEN = 0.5
"""Square of the relative spread of who stands right after whom, beyond chance, from which it counts."""
SEED = 31


def watch_each_other(member: I8, act: I8, time: F8, *, n_members: int) -> bool:
    """Say whether accounts come right after a few others each, and not after anybody.

    Parameters
    ----------
    member, act, time : (m,)
        By act and time. Who comes at the same instant comes after nobody.

    Notes
    -----
    Accounts at one instant are put in an order by chance, as they are in the orders that are drawn: in the order of
    their names, the last of one instant would stand before the first of the next again and again.
    """
    first = np.flatnonzero((np.diff(act) == 0) & (np.diff(time) > 0))
    if not len(first) or n_members < 3:
        return False
    chance = np.random.default_rng(SEED)
    seen = _unevenness(member[np.lexsort((chance.random(len(act)), time, act))], first, n_members)
    drawn = np.array(
        [_unevenness(member[np.lexsort((chance.random(len(act)), act))], first, n_members) for _ in range(N_ORDERS)]
    )
    spread = (seen - drawn.mean()) * n_members * (n_members - 1) / len(first) ** 2
    return bool(seen > drawn.max() and settle(spread) >= LEAST_UNEVEN)


def _unevenness(member: I8, first: I8, n_members: int) -> float:
    """Return the sum of squares of how often each account comes right after each other one."""
    counts = np.bincount(member[first] * n_members + member[first + 1])
    return float((counts.astype(np.float64) ** 2).sum())


__all__ = ["watch_each_other"]
