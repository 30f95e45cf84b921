"""Whether groups follow one origin promptly."""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels._jit import jit


@jit
def follow_one(origin: I4, age: F8, weight: F8, cuts: I8, by_origin: I8, by_age: I8, least: float, prompt: float) -> B1:
    # rows of group g: cuts[g]:cuts[g+1], origin -1 = unknown; by_origin, by_age: the rows in order of group and that
    # -> (n_groups,) whether a share `least` of the weight is of one known origin, and the weighted median age of the
    # known is `prompt` or less
    result = np.zeros(cuts.shape[0] - 1, np.bool_)
    for g in range(cuts.shape[0] - 1):
        top, here, known, total = 0.0, 0.0, 0.0, 0.0
        for k in range(cuts[g], cuts[g + 1]):
            row = by_origin[k]
            total += weight[row]
            if origin[row] < 0:
                continue
            known += weight[row]
            goes_on = k > cuts[g] and origin[by_origin[k - 1]] == origin[row]
            here = weight[row] + (here if goes_on else 0.0)
            top = max(top, here)
        if top < least * total or known <= 0.0:
            continue
        passed = 0.0
        for k in range(cuts[g], cuts[g + 1]):
            row = by_age[k]
            passed += weight[row] if origin[row] >= 0 else 0.0
            if passed >= known / 2:
                result[g] = age[row] <= prompt
                break
    return result
