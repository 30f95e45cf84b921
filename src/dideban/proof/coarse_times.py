"""Times too coarse to show who came after whom.

Where a file gives whole minutes, whoever copies an account within seconds mostly stands at the same instant. Exchange
counts that as coming after, since a program that posts for all of its accounts at once does so too: of coarse times an
account has to be seen coming after others.
"""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, I4, I8
from dideban.figures import settle
from dideban.proof.moments import Moments

UNITS_S = (60.0, 30.0, 20.0, 15.0, 10.0, 5.0)
"""Units that hide the order of accounts that copy each other; hours and days are whole minutes too."""
OTHERS_TOO = 0.1
"""Part of all posts that must lie on the unit beyond what falls there by chance: a clock of the group alone is none."""
LEAST_AFTER = 3
"""Joint acts in which an account must be seen coming after another one."""
LEAST_PART = 0.25
"""Part of the acts in which it stands before or after others that must be such ones."""
LEAST_OF_ALL = 0.1
"""Part of all its joint acts that must be such ones: a few come about by chance, however many stand at one instant.

Not where hardly anybody else shares the same things: whom a member's own content comes from is no chance.
"""


def are_coarse(posted: Moments, group: I4) -> bool:
    """Say whether the times of a group, and of others, are given in units that hide who came after whom."""
    bounds, times = posted.bounds, posted.times
    mine = np.concatenate([times[bounds[one] : bounds[one + 1]] for one in group.tolist()])
    unit = next((one for one in UNITS_S if not (mine % one).any()), None)
    if unit is None or not len(mine):
        return False
    part = float((times % unit == 0).mean())
    return bool(settle(part) >= OTHERS_TOO + 1 / unit)


def are_seen_after(before: I8, after: I8, n_acts: I8, *, of_all: float = LEAST_OF_ALL) -> B1:
    """Say of each account whether it came after others in enough joint acts, and in enough of those that tell.

    Parameters
    ----------
    before, after, n_acts : (n_members,) count
        Acts in which it came before another one, after another one (at one instant is neither), and all of its acts.
    of_all : 0..1
        Part of all of its acts in which it must be seen coming after others.
    """
    enough = np.maximum(LEAST_AFTER, np.maximum(LEAST_PART * (before + after), of_all * n_acts))
    return np.asarray(after >= enough)


__all__ = ["are_coarse", "are_seen_after"]
