"""Exact tests: which unit was treated is the only thing left to chance."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from dideban.arrays import F8, I8
from dideban.effect.model import MatchedSet
from dideban.figures import TOLERANCE

FACTORS = (1e-3, 1e3)
"""Range of the factors that an interval looks through: a thousandth to a thousand times the posts."""
MOST_BY_TIE = 0.1
"""A step of p that is larger than this counts in full: so much may not hang on a made-up number."""
BETS = (0.4, 0.8, 1.2)
"""Slopes of the running evidence, mixed evenly."""
_STEPS = 16


def scores(errors: F8) -> F8:
    """Return normal scores of the errors: small where a unit had fewer posts than predicted; ties share theirs."""
    n = len(errors)
    order = np.argsort(errors, kind="stable")
    steps = np.diff(errors[order]) > TOLERANCE
    group = np.concatenate([[0], np.cumsum(steps)])
    table = _normal(n)[:n]
    means = np.bincount(group, weights=table) / np.bincount(group)
    found = np.empty(n)
    found[order] = means[group]
    return found


@lru_cache(maxsize=4096)
def _normal(n: int) -> F8:
    inverse = NormalDist().inv_cdf
    table = np.array([inverse((rank + 0.5) / n) for rank in range(n)])
    table.setflags(write=False)
    return table


def p_values(found: F8, odds: F8, *, tie: float | None = None) -> tuple[float, float]:
    """Return how likely the treated unit has so small, and so large, a score or error if chance alone chose it.

    Notes
    -----
    Among n units p moves in steps of 1 / n, so that with 38 controls 5% cannot be reached but by 2.6%. With ``tie``, a
    uniform number that the outcome has no part in, p lies within its own step and is uniform (Vovk, Gammerman, Shafer
    2005, section 2.2). Steps above MOST_BY_TIE count in full.
    """
    own = found[0]
    below, above = float(odds[found < own - TOLERANCE].sum()), float(odds[found > own + TOLERANCE].sum())
    return _within_step(below, max(0.0, 1 - below - above), above, tie=tie)


def _within_step(below: float, step: float, above: float, *, tie: float | None) -> tuple[float, float]:
    if tie is None or step > MOST_BY_TIE:
        return min(1.0, below + step), min(1.0, above + step)
    return min(1.0, below + tie * step), min(1.0, above + (1 - tie) * step)


def tie_of(counted: I8) -> float:
    """Return a number in (0, 1) made of whole numbers: the same on every machine, and with nothing to choose.

    Examples
    --------
    >>> tie_of(np.array([3, 1, 4])) == tie_of(np.array([3, 1, 4])) != tie_of(np.array([3, 1, 5]))
    True
    """
    first = hashlib.sha256(np.ascontiguousarray(counted, "<i8").tobytes()).digest()[:6]
    return (int.from_bytes(first, "big") + 0.5) / 2**48


def shared_variance(units: Sequence[I8]) -> float:
    """Return how much the sum of scores varies because sets share controls, beyond what each varies by itself.

    Notes
    -----
    A control that happened to grow makes every unit compared with it look small. Scores have variance 1, so a pair of
    sets adds the number of units in common over the product of their sizes, twice.
    """
    if len(units) < 2:
        return 0.0
    weights = np.concatenate([np.full(len(one), 1 / len(one)) for one in units])
    _, which = np.unique(np.concatenate(units), return_inverse=True)
    both = float((np.bincount(which, weights=weights) ** 2).sum())
    found = both - sum(1 / len(one) for one in units)
    return found if found > TOLERANCE else 0.0


def log_e(sets: Sequence[F8], odds: Sequence[F8]) -> float:
    """Return the running evidence for fewer posts, natural logarithm: a mean over bets of products over responses.

    Notes
    -----
    For each response ``exp(-bet * score) / mean(exp(-bet * score))`` has mean 1 when chance chose the unit, whatever
    happened before; so has the product, and by Ville's inequality it passes 20 in at most 5% of histories.
    """
    if not sets:
        return 0.0
    sums: list[float] = [
        sum(
            -bet * found[0] - math.log(float(chance @ np.exp(-bet * found)))
            for found, chance in zip(sets, odds, strict=True)
        )
        for bet in BETS
    ]
    top = max(sums)
    return top + math.log(sum(math.exp(one - top) for one in sums) / len(sums))


def draw(odds: Sequence[F8], *, n: int, seed: int) -> list[I8]:
    """Draw for each set which unit chance might have chosen, n times."""
    source = np.random.Generator(np.random.PCG64(seed))
    found = []
    for chance in odds:
        edges = np.cumsum(chance)
        found.append(np.minimum(np.searchsorted(edges / edges[-1], source.random(n), side="right"), len(chance) - 1))
    return found


def shared_noise(units: Sequence[I8], *, n: int, seed: int) -> F8:
    """Draw n times what shared controls add to a sum of scores; zeros where no control is shared, (n,)."""
    spread = math.sqrt(shared_variance(units))
    return np.random.Generator(np.random.PCG64([seed, 1])).normal(size=n) * spread if spread else np.zeros(n)


def pooled_p(
    sets: Sequence[F8], draws: Sequence[I8], *, noise: F8 | float = 0.0, tie: float | None = None
) -> tuple[float, float]:
    """Return how often chance gives so small, and so large, a sum of scores."""
    own = sum(float(found[0]) for found in sets)
    sums = np.zeros(len(draws[0])) + noise
    for found, picks in zip(sets, draws, strict=True):
        sums += found[picks]
    n = len(sums)
    below, above = int((sums < own - TOLERANCE).sum()), int((sums > own + TOLERANCE).sum())
    return _within_step(below / (n + 1), (n - below - above + 1) / (n + 1), above / (n + 1), tie=tie)


def bisect(accepts: Callable[[float], bool], *, inside: float, outside: float) -> float:
    """Return the factor nearest to ``outside`` that is still accepted, on a scale of logarithms."""
    if accepts(outside):
        return outside
    inside, outside = math.log(inside), math.log(outside)
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if accepts(math.exp(middle)) else (inside, middle)
    return math.exp(inside)


def interval(p_of: Callable[[float], tuple[float, float]], *, level: float) -> tuple[float, float, float]:
    """Return the factor that fits best and the interval of those that are not refused at ``level`` on either side.

    ``p_of(factor)`` gives p (fewer) and p (more) if posts had been multiplied by ``factor``: the first grows with the
    factor falling.
    """
    least, most = FACTORS
    best = bisect(lambda factor: _fewer_is_rarer(p_of(factor)), inside=least, outside=most)
    low = bisect(lambda factor: p_of(factor)[1] > level, inside=best, outside=least)
    high = bisect(lambda factor: p_of(factor)[0] > level, inside=best, outside=most)
    return best, low, high


def _fewer_is_rarer(p: tuple[float, float]) -> bool:
    return p[0] >= p[1]


def scores_of(matched: MatchedSet, factor: float = 1.0) -> F8:
    """Return the scores of a set in a world in which the response multiplied the posts of every unit by ``factor``."""
    return scores(matched.errors_if(factor))
