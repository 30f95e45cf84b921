"""How hard an exercise is, in logits: first from the evidence of its case, then from what sheets said."""

from __future__ import annotations

import math
from collections.abc import Sequence

HARDEST, RANGE = 2.0, 4.0
"""The scale reaches from 2 (nothing to see) to -2 (everything shows)."""
USUAL_GAP_S = 60.0
WEIGHT_OF_PRIOR = 20
"""The difficulty from the evidence counts as much as so many answers."""


def prior_difficulty(*, log_e_per_block: float, gap_s: float, near_slots: float, overlap: float) -> float:
    """Return the difficulty that the evidence suggests.

    Parameters
    ----------
    log_e_per_block : >= 0
        Natural logarithm of the e-value per thing that was shared.
    gap_s : seconds, >= 0
        From one member to the next.
    near_slots : share
        Of the moments, those in which members came within a minute of each other.
    overlap : share
        Of words that copies have in common (Jaccard).

    Examples
    --------
    >>> prior_difficulty(log_e_per_block=0, gap_s=1e9, near_slots=0, overlap=0)
    2.0
    >>> prior_difficulty(log_e_per_block=1e9, gap_s=0, near_slots=1, overlap=1)
    -2.0
    """
    parts = (
        log_e_per_block / (1.0 + log_e_per_block),
        USUAL_GAP_S / (USUAL_GAP_S + max(gap_s, 0.0)),
        min(max(near_slots, 0.0), 1.0),
        min(max(overlap, 0.0), 1.0),
    )
    return round(HARDEST - RANGE * sum(parts) / len(parts), 2)


def counted_difficulty(prior: float, *, n: int, n_right: int) -> float:
    """Return the difficulty after ``n`` answers: a Rasch item whose solvers are of ability 0, shrunk to the prior.

    Examples
    --------
    >>> counted_difficulty(1.0, n=0, n_right=0)
    1.0
    >>> counted_difficulty(1.0, n=1000, n_right=880) < -1.8
    True
    """
    seen = -math.log((n_right + 0.5) / (n - n_right + 0.5)) if n else prior
    return round((WEIGHT_OF_PRIOR * prior + n * seen) / (WEIGHT_OF_PRIOR + n), 2)


def jaccard(a: str, b: str) -> float:
    """Return the share of words that two texts have in common."""
    left, right = set(a.split()), set(b.split())
    return len(left & right) / len(left | right) if left | right else 0.0


def mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
