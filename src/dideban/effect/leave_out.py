"""Ridge regression of every unit on all others, in one matrix."""

from __future__ import annotations

import numpy as np

from dideban.arrays import F8


def standardised(columns: F8) -> F8:
    """Return columns with mean 0 and spread 1; constant ones are 0."""
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    return np.asarray(centred / np.where(spread > 1e-9, spread, np.inf))


class LeaveOut:
    """Errors of predicting each unit from all others.

    Notes
    -----
    The penalty is the number of columns: on standardised columns a prior as strong as so many units.
    """

    def __init__(self, columns: F8) -> None:
        self._x = standardised(columns)
        n_columns = max(self._x.shape[1], 1)
        penalised = self._x.T @ self._x + n_columns * np.eye(self._x.shape[1])
        self._inner = np.linalg.solve(penalised, self._x.T)
        own = 1 / len(columns) + np.einsum("ij,ji->i", self._x, self._inner)
        self._scale = 1 - own

    def errors(self, outcome: F8) -> F8:
        """Return how far each outcome lies above its prediction, (n,)."""
        found: F8 = (outcome - outcome.mean() - self._x @ (self._inner @ outcome)) / self._scale
        return found

    def of_first(self) -> F8:
        """Return how the errors change with the outcome of the first unit, (n,)."""
        n = len(self._x)
        unit = np.zeros(n)
        unit[0] = 1.0
        found: F8 = (unit - 1 / n - self._x @ self._inner[:, 0]) / self._scale
        return found
