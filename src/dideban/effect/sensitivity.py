"""How strong a hidden choice would have to be to explain what is seen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dideban.arrays import F8
from dideban.effect.exact import draw, pooled_p

MOST = 64.0
"""Larger ratios of odds are not told apart."""
_STEPS = 12


def gamma_of_one(p_fewer: float, *, level: float) -> float:
    """Return the ratio of odds at which p passes ``level``; 1 = it does not reach the level.

    Notes
    -----
    Units with as few posts as the treated one or fewer are ``gamma`` times likelier to have been chosen:
    ``p(gamma) = gamma p / (gamma p + 1 - p)``.

    References
    ----------
    Rosenbaum 2002, Observational Studies, chapter 4; Yin et al. 2022, doi:10.1080/01621459.2022.2102503.
    """
    if p_fewer > level:
        return 1.0
    return min(MOST, level * (1 - p_fewer) / max(p_fewer * (1 - level), 1e-12))


def gamma_of_many(
    sets: Sequence[F8], odds: Sequence[F8], *, level: float, n_draws: int, seed: int, noise: F8 | float = 0.0
) -> float:  # fmt: skip
    """Return the ratio of odds at which the pooled p passes ``level``.

    In each set the units that would be chosen too often are those whose being chosen lowers the expected score most.
    """

    def passes(gamma: float) -> bool:
        tilted = [tilt(found, chance, gamma=gamma) for found, chance in zip(sets, odds, strict=True)]
        return pooled_p(sets, draw(tilted, n=n_draws, seed=seed), noise=noise)[0] > level

    if not sets or passes(1.0):
        return 1.0
    if not passes(MOST):
        return MOST
    low, high = 0.0, math.log(MOST)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if passes(math.exp(middle)) else (middle, high)
    return math.exp(low)


def tilt(found: F8, odds: F8, *, gamma: float) -> F8:
    """Return odds within a ratio of ``gamma`` of the given ones that make the expected score smallest."""
    order = np.argsort(found, kind="stable")
    score, chance = found[order], odds[order]
    favoured, rest = np.cumsum(chance), chance.sum() - np.cumsum(chance)
    mean = (gamma * np.cumsum(chance * score) + (chance @ score - np.cumsum(chance * score))) / (
        gamma * favoured + rest
    )
    cut = int(mean.argmin()) + 1
    tilted = chance.copy()
    tilted[:cut] *= gamma
    back = np.empty_like(tilted)
    back[order] = tilted / tilted.sum()
    return back
