"""Confidence intervals of shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def exact_interval(n_hits: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of Clopper and Pearson 1934 for a share; (0, 1) where nothing was tried.

    References
    ----------
    Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404.
    """
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(n_hits, n - n_hits + 1, tail)) if n_hits else 0.0
    high = float(betaincinv(n_hits + 1, n - n_hits, 1 - tail)) if n_hits < n else 1.0
    return low, high


def mean_interval(values: Sequence[float], *, seed: int = 0, level: float = 0.95) -> tuple[float, float, float]:
    """Return the mean and its bootstrap interval (2,000 resamples of whole streams, percentile method)."""
    if not values:
        return 0.0, 0.0, 1.0
    sample = np.asarray(values, dtype=np.float64)
    draws = np.random.default_rng(seed).integers(0, len(sample), (2_000, len(sample)))
    low, high = np.quantile(sample[draws].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return float(sample.mean()), float(low), float(high)
