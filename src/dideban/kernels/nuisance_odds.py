"""How usual a slot is for a group, judged by where its members stood in other data."""

from __future__ import annotations

import numpy as np

from dideban.arrays import F8, I8
from dideban.kernels._jit import jit


@jit
def count_within(ordered: F8, low: float, high: float) -> int:
    # (n,) f8 sorted -> values in [low, high]
    return int(np.searchsorted(ordered, high, side="right") - np.searchsorted(ordered, low, side="left"))


@jit
def common_share(values: F8, width: float, everyone: F8, known: F8, i: int) -> float:
    # (n,) f8 shares, 0 where not asked before -> share of everyone's values within the width of value i
    if known[i] == 0.0:
        n_near = count_within(everyone, values[i] - width, values[i] + width)
        known[i] = (n_near + 1.0) / (everyone.shape[0] + 1.0)
    return float(known[i])


@jit
def habit_odds(
    values: F8,
    starts: I8,
    stops: I8,
    owner: I8,
    own: F8,
    own_bounds: I8,
    everyone: F8,
    known: F8,
    width: float,
    widening: float,
    kappa: float,
) -> F8:
    # slots values[starts[k]:stops[k]] of row k; own[own_bounds[o]:own_bounds[o+1]] sorted values of owner o; everyone
    # sorted, known as in common_share; values within width of each other are the same, or within a part of them where
    # that is wider -> odds of the owner at each slot relative to everyone, shrunk towards 1 by kappa pseudo-counts
    odds = np.empty(np.sum(stops - starts))
    j = 0
    for k in range(starts.shape[0]):
        mine = own[own_bounds[owner[k]] : own_bounds[owner[k] + 1]]
        n_own = mine.shape[0]
        for i in range(starts[k], stops[k]):
            reach = max(width, widening * values[i])
            low, high = values[i] - reach, values[i] + reach
            share = common_share(values, reach, everyone, known, i)
            odds[j] = (count_within(mine, low, high) + kappa * share) / ((n_own + kappa) * share)
            j += 1
    return odds


@jit
def origin_odds(
    values: F8,
    starts: I8,
    stops: I8,
    owner: I8,
    place: I8,
    crowd: I8,
    own: F8,
    own_bounds: I8,
    local: F8,
    local_bounds: I8,
    everyone: F8,
    known: F8,
    there: F8,
    there_bounds: I8,
    width: float,
    widening: float,
    kappa: float,
) -> F8:
    # as habit_odds, from what the owner did with objects of one origin (local, at index place[k]) relative to what
    # everyone did with them (there, at index crowd[k]), each shrunk towards its habit over all origins
    odds = np.empty(np.sum(stops - starts))
    j = 0
    for k in range(starts.shape[0]):
        mine = own[own_bounds[owner[k]] : own_bounds[owner[k] + 1]]
        here = local[local_bounds[place[k]] : local_bounds[place[k] + 1]]
        others = there[there_bounds[crowd[k]] : there_bounds[crowd[k] + 1]]
        for i in range(starts[k], stops[k]):
            reach = max(width, widening * values[i])
            low, high = values[i] - reach, values[i] + reach
            share = common_share(values, reach, everyone, known, i)
            habit = (count_within(mine, low, high) + kappa * share) / (mine.shape[0] + kappa)
            usual = (count_within(others, low, high) + kappa * share) / (others.shape[0] + kappa)
            odds[j] = (count_within(here, low, high) + kappa * habit) / ((here.shape[0] + kappa) * usual)
            j += 1
    return odds
