"""Bursts: stretches in which something takes a larger share of all volume than it does as a rule."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dideban.arrays import F8
from dideban.figures import settle

MAX_SHARE = 0.9999
"""Largest share of a burst."""


@dataclass(frozen=True, kw_only=True)
class Burst:
    """One burst: bins ``start`` to ``stop`` (exclusive)."""

    start: int
    stop: int
    weight: float
    """How much better the raised share explains these bins than the usual one, natural logarithm."""


def find_bursts(
    hits: ArrayLike, totals: ArrayLike, *, raise_by: float = 2.0, gamma: float = 1.0, base: float | None = None
) -> list[Burst]:
    """Find the bursts of a series by Kleinberg's two-state model on shares of the total.

    In the usual state each of the ``totals[t]`` items of bin ``t`` is a hit with the overall share; in the raised state
    with ``raise_by`` times that share (at most 0.9999). The cheapest sequence of states is returned: cost is the
    negative log-likelihood (binomial), plus ``gamma * log(number of bins)`` for each step up; steps down are free.

    Parameters
    ----------
    hits : count, (n_bins,)
        Items of interest per bin.
    totals : count, (n_bins,)
        All items per bin, at least ``hits``.
    raise_by : > 1
        How many times the usual share a burst has.
    gamma : >= 0
        Price of a burst; higher values find fewer.
    base : share, 0..1, optional
        The usual share; None = all hits by all totals.

    Returns
    -------
    list of Burst
        In order of time, without overlap.

    Raises
    ------
    ValueError
        The arrays differ in length, a count is negative, or there are more hits than items.

    Notes
    -----
    Linear in the number of bins. Bins without items are silent: they neither end nor extend a burst's evidence.

    References
    ----------
    Kleinberg 2002, doi:10.1145/775047.775061, section 4 (enumerating bursts, batched arrivals).

    Examples
    --------
    >>> [(b.start, b.stop) for b in find_bursts([1, 1, 9, 8, 1, 1], [50] * 6)]
    [(2, 4)]
    """
    r, d = np.asarray(hits, np.float64), np.asarray(totals, np.float64)
    if r.shape != d.shape or r.ndim != 1:
        raise ValueError(f"{r.size} counts of hits, {d.size} totals")
    if raise_by <= 1 or gamma < 0:
        raise ValueError("raise_by must be above 1, gamma at least 0")
    if np.any(r < 0) or np.any(r > d):
        raise ValueError("hits must lie between 0 and the totals")
    if not r.sum() or r.size < 2:
        return []
    low = base if base is not None else float(r.sum() / d.sum())
    high = min(low * raise_by, MAX_SHARE)
    if not 0 < low < high:
        return []
    gain = bin_gains(r, d, low=low, high=high)
    return _spans(_raised(settle(gain), step=float(settle(gamma * math.log(r.size)))), gain)


def bin_gains(hits: F8, totals: F8, *, low: float, high: float) -> F8:
    """Return how much better share ``high`` explains each bin than share ``low``, natural logarithm."""
    gains: F8 = hits * math.log(high / low) + (totals - hits) * math.log((1 - high) / (1 - low))
    return gains


def _raised(gain: F8, *, step: float) -> list[bool]:
    """Return the cheapest sequence of states (Viterbi); of equals, the usual state."""
    usual, raised = 0.0, -math.inf
    from_raised: list[tuple[bool, bool]] = []
    for value in gain.tolist():
        falls, stays = raised > usual, raised > usual - step
        usual, raised = max(usual, raised), value + max(raised, usual - step)
        from_raised.append((falls, stays))
    states, at = [], raised > usual
    for falls, stays in reversed(from_raised):
        states.append(at)
        at = stays if at else falls
    return states[::-1]


def _spans(states: list[bool], gain: F8) -> list[Burst]:
    padded = np.diff(np.array([False, *states, False]).astype(np.int8))
    starts, stops = np.flatnonzero(padded == 1), np.flatnonzero(padded == -1)
    return [
        Burst(start=int(start), stop=int(stop), weight=float(gain[start:stop].sum()))
        for start, stop in zip(starts, stops, strict=True)
    ]
