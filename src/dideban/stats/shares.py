"""Exact intervals of shares."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

_STEPS = 60


def exact_interval(n_hits: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of Clopper and Pearson for a share.

    Parameters
    ----------
    n_hits, n : counts
        So many of so many.
    level : 0..1
        The interval covers the true share at least so often.

    Returns
    -------
    low, high : 0..1
        (0, 1) where nothing was tried.

    Notes
    -----
    Each end is the share at which what was seen, or more of it on that side, has a chance of half of ``1 - level``.

    References
    ----------
    Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> round(exact_interval(0, 59)[1], 3), round(exact_interval(2, 40)[1], 3)
    (0.061, 0.169)
    """
    if not 0 <= n_hits <= n:
        raise ValueError(f"{n_hits} of {n}")
    tail = (1 - level) / 2
    low = _bisect(lambda share: at_most(n - n_hits, n, 1 - share) >= tail) if n_hits else 0.0
    high = _bisect(lambda share: at_most(n_hits, n, share) < tail) if n_hits < n else 1.0
    return low, high


def upper_bound(n_hits: int, n: int, *, level: float = 0.95) -> float:
    """Return the share that the true one does not pass, with this confidence; 1 where nothing was tried.

    Examples
    --------
    >>> round(upper_bound(0, 59), 4), round(upper_bound(0, 58), 4)
    (0.0495, 0.0503)
    """
    return exact_interval(n_hits, n, level=2 * level - 1)[1]


def at_most(k: int, n: int, share: float) -> float:
    """Return the chance of at most ``k`` hits in ``n`` tries."""
    if k >= n or share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    hits = np.arange(k + 1)
    ways = math.lgamma(n + 1) - np.array([math.lgamma(x + 1) + math.lgamma(n - x + 1) for x in hits.tolist()])
    logs = ways + hits * math.log(share) + (n - hits) * math.log1p(-share)
    return float(min(1.0, np.exp(logs).sum()))


def _bisect(is_high: Callable[[float], bool]) -> float:
    """Return where something that holds from some share on begins to hold."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_high(middle) else (middle, high)
    return (low + high) / 2
