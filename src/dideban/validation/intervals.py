"""Confidence intervals of shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dideban.arrays import B1, I8


def exact_interval(n_hits: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
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


def clustered_interval(hits: B1, clusters: I8, *, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share whose trials come in clusters: that of as many trials as they are worth.

    Notes
    -----
    Trials of one cluster repeat each other. Their number is divided by how much wider the share varies between
    clusters than between single trials, and the exact interval is taken at that number.

    References
    ----------
    Korn and Graubard 1998, Confidence intervals for proportions with small expected number of positive counts.
    """
    n, share = len(hits), float(np.mean(hits)) if len(hits) else 0.0
    _, which = np.unique(clusters, return_inverse=True)
    n_clusters = int(which.max()) + 1 if n else 0
    if not 0 < share < 1 or n_clusters < 2:
        return exact_interval(share * n_clusters, n_clusters, level=level)
    off = np.bincount(which, weights=hits - share)
    between = n_clusters / (n_clusters - 1) * float((off**2).sum()) / n**2
    worth = n / max(1.0, between / (share * (1 - share) / n))
    return exact_interval(share * worth, worth, level=level)


def mean_interval(values: Sequence[float], *, seed: int = 0, level: float = 0.95) -> tuple[float, float, float]:
    """Return the mean and its bootstrap interval (2,000 resamples of whole streams, percentile method)."""
    if not values:
        return 0.0, 0.0, 1.0
    sample = np.asarray(values, dtype=np.float64)
    draws = np.random.default_rng(seed).integers(0, len(sample), (2_000, len(sample)))
    low, high = np.quantile(sample[draws].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return float(sample.mean()), float(low), float(high)
