"""Which hypotheses may be claimed together at a stated false discovery rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dideban.arrays import B1, F8
from dideban.figures import TOLERANCE


def e_bh(log_e: F8, *, fdr: float, weights: F8 | None = None) -> B1:
    """Claim hypotheses by the weighted e-BH procedure.

    Parameters
    ----------
    log_e : (m,) f8
        Natural logarithms of e-values.
    fdr : 0..1
    weights : (m,) f8 or None
        Fixed before the e-values are seen; sum at most ``m``. None = all 1.

    Returns
    -------
    (m,) bool

    Notes
    -----
    The false discovery rate is at most ``fdr`` under any dependence.

    References
    ----------
    Wang and Ramdas 2022, arXiv:2009.02824, theorem 2 (self-consistency).
    """
    m = len(log_e)
    return claim(log_e, np.full(m, 1 / max(m, 1)) if weights is None else weights / max(m, 1), fdr=fdr, count=np.sum)


def claim(log_e: F8, shares: F8, *, fdr: float, count: Callable[[B1], int | np.integer]) -> B1:
    """Claim the largest set in which every member has ``e * share >= 1 / (fdr * R)``, give or take a part in 10^9.

    Parameters
    ----------
    shares : (m,) f8
        Part of the error budget of each hypothesis, sum at most 1.
    count : function of a (m,) bool mask -> R
        How many findings the set amounts to once overlapping groups are merged. At most the size of the set.

    Notes
    -----
    Any set with this property keeps the false discovery rate: a false finding needs at least one claimed null
    hypothesis, so the expected share of false findings is at most ``sum(fdr * share * E[e]) <= fdr``.

    References
    ----------
    Wang and Ramdas 2022, arXiv:2009.02824, section 4.
    """
    with np.errstate(divide="ignore"):
        score = log_e + np.log(shares)
    bar = -np.log(fdr * max(len(log_e), 1))
    while True:  # a smaller set is no more findings, so whatever lies below the bar of this set is out for good
        mask: B1 = score >= bar - TOLERANCE
        if not mask.any():
            return mask
        least = score[mask].min()
        if (bar := -np.log(fdr * mask.sum())) - TOLERANCE > least:  # merging only lowers the count: no need to ask
            continue
        if (bar := -np.log(fdr * max(int(count(mask)), 1))) - TOLERANCE <= least:
            return mask


def bh(p: F8, *, fdr: float) -> B1:
    """Claim by Benjamini and Hochberg 1995: for exploration, valid under independence or positive dependence."""
    m = len(p)
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= fdr * np.arange(1, m + 1) / max(m, 1) * (1 + TOLERANCE))
    mask = np.zeros(m, bool)
    if len(passed):
        mask[order[: passed[-1] + 1]] = True
    return mask
