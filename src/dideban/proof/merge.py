"""Claims about overlapping groups become one finding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

I4 = NDArray[np.int32]
OVERLAP = 0.5
"""Two groups are one when they share this part of the smaller."""


def families(groups: Sequence[I4], standing: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the family of each group, -1 for none.

    Groups are taken by falling ``standing``. One that shares OVERLAP or more of the smaller with a family's first group
    joins that family, otherwise it founds one. No chains: everything is compared with founders only.
    """
    founders: list[set[int]] = []
    family = np.full(len(groups), -1, np.int32)
    for index in np.lexsort((np.arange(len(groups)), -standing)):
        members = set(groups[index].tolist())
        for number, founder in enumerate(founders):
            if len(members & founder) >= OVERLAP * min(len(members), len(founder)):
                family[index] = number
                break
        else:
            family[index] = len(founders)
            founders.append(members)
    return family


def core_members(groups: Sequence[I4], weight: NDArray[np.float64]) -> I4:
    """Return the accounts that stand in at least half of a family's groups, by weight."""
    member = np.concatenate(groups)
    of = np.repeat(weight, [len(g) for g in groups])
    accounts, codes = np.unique(member, return_inverse=True)
    support = np.bincount(codes, of)
    result: I4 = accounts[support >= 0.5 * weight.sum()].astype(np.int32)
    return result
