"""Hours that return day after day, a little earlier or later each day: prayer times, sunset, tides.

Programs and people that keep such hours come close together, whoever owns them. A clock of fixed period does not show
it: the hour moves, and there may be several in a day.
"""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, F8
from dideban.proof.blocks import DAY_S

SHIFT_S = 180.0
"""By how much an hour may move in a day: sunset does by two minutes and a half at most where most people live."""
STEADY_S = 60.0
"""How far two moves in a row may differ."""
LEAST_ACTS = 9
MOST_OF_THEM = 0.5
"""Part of the joint acts that must return on the next two days, from which hours are believed."""
BY_CHANCE = 0.1
"""Part of them that would return anyway, up to which that says anything: who acts every minute returns always."""
RUSH = 2.0
"""By how much acts may lie closer than evenly over the day."""


def keep_hours(begins: F8) -> bool:
    """Say whether acts come at hours that return day after day, moved by as much each day.

    Parameters
    ----------
    begins : (n,) seconds, ascending
        When each joint act began.
    """
    n = len(begins)
    if n < LEAST_ACTS:
        return False
    rate = RUSH * n / max((begins[-1] - begins[0]) / DAY_S, 1.0)
    by_chance = 3 * (rate * 2 * SHIFT_S / DAY_S) * (rate * 2 * STEADY_S / DAY_S)
    return by_chance <= BY_CHANCE and bool(_returning(begins).mean() >= MOST_OF_THEM)


def _returning(begins: F8) -> B1:
    """(n,) whether each act is one of three on days in a row, of which the third moved as the second did."""
    result = np.zeros(len(begins), bool)
    low = np.searchsorted(begins, begins + DAY_S - SHIFT_S, side="left")
    high = np.searchsorted(begins, begins + DAY_S + SHIFT_S, side="right")
    for i in np.flatnonzero(high > low).tolist():
        for j in range(int(low[i]), int(high[i])):
            third = 2 * begins[j] - begins[i]
            k = int(np.searchsorted(begins, third - STEADY_S))
            if k < len(begins) and begins[k] <= third + STEADY_S:
                result[[i, j, k]] = True
    return result


__all__ = ["keep_hours"]
