"""Random draws that the simulations share: heavy tails, the rhythm of the day, named generators."""

from __future__ import annotations

import zlib

import numpy as np

from dideban.arrays import F8, I8

HOUR_S = 3600.0
DAY_S = 86_400.0

NIGHT_AND_MORNING = (0.30, 0.18, 0.10, 0.07, 0.06, 0.08, 0.18, 0.40, 0.62, 0.72, 0.76, 0.80)
NOON_AND_EVENING = (0.86, 0.82, 0.74, 0.72, 0.74, 0.80, 0.88, 0.95, 1.00, 0.98, 0.80, 0.52)
HOURLY = np.array([*NIGHT_AND_MORNING, *NOON_AND_EVENING])
"""Activity at each full hour of local time, relative to the evening peak."""


def generator(seed: int, part: str) -> np.random.Generator:
    """Return the generator of one part of a simulation: a part's draws never depend on whether another part runs."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(part.encode())]))


def rhythm(local_s: F8) -> F8:
    """Return activity 0..1 at a local time, in seconds since a local midnight."""
    hours = np.mod(local_s, DAY_S) / HOUR_S
    return np.asarray(np.interp(hours, np.arange(25), np.append(HOURLY, HOURLY[0])))


def rhythm_times(rng: np.random.Generator, *, offset_s: F8, days: float) -> F8:
    """Draw one time per entry of ``offset_s`` (seconds east of UTC) from the rhythm of the day, in [0, days)."""
    grid = np.linspace(0.0, DAY_S, 289)
    cumulative = np.concatenate([[0.0], np.cumsum(rhythm((grid[1:] + grid[:-1]) / 2))])
    local = np.interp(rng.random(offset_s.size), cumulative / cumulative[-1], grid)
    day = np.floor(rng.random(offset_s.size) * np.ceil(days)) * DAY_S
    return np.asarray(np.mod(day + local - offset_s, days * DAY_S))


def heavy_weights(n: int, *, exponent: float, top_share: float) -> F8:
    """Return n falling weights (rank + q) ** -exponent that sum to 1.

    q >= 0 is such that the first is at most ``top_share`` (as near as n allows).
    """
    ranks = np.arange(1.0, n + 1.0)

    def weights(q: float) -> F8:
        raw = (ranks + q) ** -exponent
        return np.asarray(raw / raw.sum())

    low, high = 0.0, 100.0 * n
    if weights(0.0)[0] <= top_share:
        return weights(0.0)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if weights(middle)[0] > top_share else (low, middle)
    return weights(high)


def draw_index(rng: np.random.Generator, weights: F8, size: int) -> I8:
    """Draw ``size`` indices with the given weights, with replacement."""
    cumulative = np.cumsum(weights)
    found = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
    return np.asarray(np.minimum(found, weights.size - 1), np.int64)


def draw_distinct(rng: np.random.Generator, weights: F8, size: int) -> I8:
    """Draw ``size`` different indices with the given weights (exponential keys; Efraimidis and Spirakis 2006)."""
    with np.errstate(divide="ignore"):
        keys = rng.exponential(size=weights.size) / weights
    size = min(size, int(np.isfinite(keys).sum()))
    return np.sort(np.argsort(keys, kind="stable")[:size]).astype(np.int64)


def first_of_each(keys: I8) -> I8:
    """Return the positions of the first occurrence of each key, in order of position."""
    return np.sort(np.unique(keys, return_index=True)[1]).astype(np.int64)
