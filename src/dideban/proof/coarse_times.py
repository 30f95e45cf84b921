"""Times too coarse to show who came after whom.

Where a file gives whole minutes, whoever copies an account within seconds mostly stands at the same instant. Exchange
counts that as coming after, since a program that posts for all of its accounts at once does so too: of coarse times an
account has to be seen coming after others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dideban.arrays import B1, I4, I8
from dideban.figures import settle
from dideban.proof.moments import Moments

UNITS_S = (60.0, 30.0, 20.0, 15.0, 10.0, 5.0)
"""Units that hide the order of accounts that copy each other; hours and days are whole minutes too."""
OTHERS_TOO = 0.1
"""Part of all posts that lies on a unit beyond what falls there by chance, where times are given in it."""
OTHER_ACCOUNTS = 20
"""Accounts outside a group that keep a unit, from which it is no clock of the group alone."""
MOST_OF_ITS_OWN = 0.9
"""Part of the posts of an account that must lie on the unit: a few with exact times, from another source, tell nothing
of the others."""
LEAST_POSTS = 10
"""Posts from which an account counts among the others that keep a unit: fewer lie on it by chance."""
LEAST_AFTER = 3
"""Joint acts in which an account must be seen coming after another one."""
LEAST_PART = 0.25
"""Part of the acts in which it stands before or after others that must be such ones."""
LEAST_OF_ALL = 0.1
"""Part of all its joint acts that must be such ones: a few come about by chance, however many stand at one instant.

Not where hardly anybody else shares the same things: whom a member's own content comes from is no chance.
"""


@dataclass(frozen=True, kw_only=True)
class Units:
    """Which accounts keep which unit."""

    keeps: B1
    """(n_units, n_accounts)"""
    counts: B1
    """(n_accounts,) whether an account has posts enough to tell."""
    is_common: B1
    """(n_units,) whether all posts show it."""

    @classmethod
    def of(cls, posted: Moments) -> Units:
        """Look at the times of all posts."""
        times, n = posted.times, np.diff(posted.bounds)
        account = np.repeat(np.arange(len(n)), n)
        on = [np.bincount(account[times % one == 0], minlength=len(n)) for one in UNITS_S]
        total = settle(np.array([one.sum() for one in on]) / max(len(times), 1))
        part = settle(np.stack(on) / np.maximum(n, 1))
        return cls(
            keeps=(part >= MOST_OF_ITS_OWN) & (n > 0),
            counts=n >= LEAST_POSTS,
            is_common=np.asarray(total >= OTHERS_TOO + 1 / np.array(UNITS_S)),
        )


def are_coarse(units: Units, group: I4) -> B1:
    """Say of each account of a group whether its times are given in a unit that hides who came after whom.

    Each by itself: whoever posts elsewhere too, where times are exact, tells nothing of the times of the others.
    """
    mine = units.keeps[:, group]
    counted = units.keeps & units.counts
    n_others = counted.sum(axis=1) - counted[:, group].sum(axis=1)
    told = units.is_common | (n_others >= OTHER_ACCOUNTS)
    return np.asarray((mine & told[:, None]).any(axis=0))


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


__all__ = ["Units", "are_coarse", "are_seen_after"]
