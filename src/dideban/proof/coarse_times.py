"""Times too coarse to show who came after whom.

Where a file gives whole minutes, whoever copies an account within seconds mostly stands at the same instant. Exchange
counts that as coming after, since a program that posts for all of its accounts at once does so too: of coarse times an
account has to be seen coming after others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.figures import settle
from dideban.proof.moments import Moments

UNITS_S = (60.0, 30.0, 20.0, 15.0, 10.0, 5.0)
"""Units that hide the order of accounts that copy each other; hours and days are whole minutes too."""
OTHERS_TOO = 0.1
"""Part of all posts that must lie on the unit beyond what falls there by chance: a clock of the group alone is none."""
MOST_OF_ITS_OWN = 0.9
"""Part of the posts of an account that must lie on the unit: a few with exact times, from another source, tell nothing
of the others."""
LEAST_AFTER = 3
"""Joint acts in which an account must be seen coming after another one."""
LEAST_PART = 0.25
"""Part of the acts in which it stands before or after others that must be such ones."""
LEAST_OF_ALL = 0.1
"""Part of all its joint acts that must be such ones: a few come about by chance, however many stand at one instant.

Not where hardly anybody else shares the same things: whom a member's own content comes from is no chance.
"""


def units_of(posted: Moments) -> list[float]:
    """Return the units in which so many of all posts are given that a clock of a few accounts is not the cause."""
    times = posted.times
    return [one for one in UNITS_S if _part_on(one, times) >= OTHERS_TOO + 1 / one]


def are_coarse(posted: Moments, group: I4, units_s: Sequence[float]) -> B1:
    """Say of each account of a group whether most of its times are given in one of some units, each by itself.

    Whoever posts elsewhere too, where times are exact, tells nothing of the times of the others.
    """
    bounds, times = posted.bounds, posted.times
    own = [times[bounds[one] : bounds[one + 1]] for one in group.tolist()]
    return np.array([any(_part_on(one, some) >= MOST_OF_ITS_OWN for one in units_s) for some in own], bool)


def _part_on(unit_s: float, times: F8) -> float:
    """Return the part of times that lie on a unit."""
    return float(settle(float((times % unit_s == 0).mean()))) if len(times) else 0.0


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


__all__ = ["are_coarse", "are_seen_after", "units_of"]
