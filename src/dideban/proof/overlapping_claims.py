"""Claims about overlapping groups become one finding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dideban.arrays import F8, I4
from dideban.figures import settle

OVERLAP = 0.5
"""Two groups are one when they share this part of the smaller."""


def overlapping_claims(groups: Sequence[I4], standing: F8) -> I4:
    """Return the family of each group, -1 for none.

    Groups are taken by falling ``standing`` (equal in 32 binary digits: in their order). One that shares OVERLAP or
    more of the smaller with a family's first group joins that family, otherwise it founds one. No chains: everything is
    compared with founders only.
    """
    size: list[int] = []
    founded: dict[int, list[int]] = {}
    family = np.full(len(groups), -1, np.int32)
    for index in np.lexsort((np.arange(len(groups)), -settle(standing))):
        members = groups[index].tolist()
        common: dict[int, int] = {}
        for account in members:
            for number in founded.get(account, ()):
                common[number] = common.get(number, 0) + 1
        joined = [number for number, n in common.items() if n >= OVERLAP * min(len(members), size[number])]
        if joined:
            family[index] = min(joined)
            continue
        family[index] = len(size)
        for account in members:
            founded.setdefault(account, []).append(len(size))
        size.append(len(members))
    return family
