"""Effects the slow way: every unit left out in turn, every choice enumerated."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

F8 = NDArray[np.float64]


def left_out_errors(outcome: F8, columns: F8) -> F8:
    """Return the error of predicting each unit by a ridge regression fitted to all others.

    Columns are standardised and centred over all units, the intercept is not penalised, the penalty is the number of
    columns.
    """
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    x = centred / np.where(spread > 1e-9, spread, np.inf)
    n, p = x.shape
    wide = np.column_stack([np.ones(n), x])
    penalty = np.diag([0.0, *[float(p)] * p])
    errors = np.empty(n)
    for row in range(n):
        rest = np.arange(n) != row
        weights = np.linalg.solve(wide[rest].T @ wide[rest] + penalty, wide[rest].T @ outcome[rest])
        errors[row] = outcome[row] - wide[row] @ weights
    return errors


def pooled_p(sets: Sequence[F8], odds: Sequence[F8]) -> tuple[float, float]:
    """Return p (fewer) and p (more) of the sum of the first scores over every choice that chance could have made."""
    own = sum(float(one[0]) for one in sets)
    fewer = more = 0.0
    for picks in product(*(range(len(one)) for one in sets)):
        chance = float(np.prod([odd[pick] for odd, pick in zip(odds, picks, strict=True)]))
        total = sum(float(one[pick]) for one, pick in zip(sets, picks, strict=True))
        fewer += chance * (total <= own + 1e-9)
        more += chance * (total >= own - 1e-9)
    return fewer, more
