"""How well concert is told from chance: d' and criterion from counts. Nothing about a person goes in or comes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

FEWEST_SHEETS = 20
"""Below so many sheets nothing is shown: the counts of a small class may point at a child."""
FEWEST_TO_COMPARE = 100
"""Sheets before and after below which a difference of 0.3 is missed more often than one time in four."""
_NORMAL = NormalDist()


@dataclass(frozen=True, kw_only=True)
class Score:
    """Discrimination and bias of one set of answers."""

    d_prime: float
    """0 = guessing; larger = tells concert from chance better."""
    criterion: float
    """0 = no leaning; below = says "in concert" too readily; above = too rarely."""
    error: float
    """Standard error of d'."""

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95% interval of d'."""
        return self.d_prime - 1.96 * self.error, self.d_prime + 1.96 * self.error


def score_of(*, n_signal: int, n_hits: int, n_noise: int, n_false: int) -> Score:
    """Return d' and criterion with the log-linear correction: 0.5 is added to counts, 1 to totals.

    Parameters
    ----------
    n_signal, n_hits : count
        Answers to cases of concert, and those of them that said so.
    n_noise, n_false : count
        Answers to innocent lookalikes, and those of them that said concert.

    Raises
    ------
    ValueError
        Counts that cannot be.

    References
    ----------
    Hautus 1995, doi:10.3758/BF03203619; Gourevitch & Galanter 1967, doi:10.1007/BF02289402.

    Examples
    --------
    >>> guessed = score_of(n_signal=100, n_hits=50, n_noise=100, n_false=50)
    >>> guessed.d_prime, guessed.criterion
    (0.0, 0.0)
    >>> keen = score_of(n_signal=100, n_hits=95, n_noise=100, n_false=80)  # sees concert everywhere
    >>> round(keen.d_prime, 2), round(keen.criterion, 2)
    (0.78, -1.22)
    """
    if not (0 <= n_hits <= n_signal and 0 <= n_false <= n_noise and n_signal and n_noise):
        raise ValueError(f"{n_hits} of {n_signal}, {n_false} of {n_noise}")
    hit, false = (n_hits + 0.5) / (n_signal + 1), (n_false + 0.5) / (n_noise + 1)
    z_hit, z_false = _NORMAL.inv_cdf(hit), _NORMAL.inv_cdf(false)
    spread = sum(
        rate * (1 - rate) / (n + 1) / _NORMAL.pdf(z) ** 2
        for rate, n, z in ((hit, n_signal, z_hit), (false, n_noise, z_false))
    )
    return Score(d_prime=z_hit - z_false, criterion=-(z_hit + z_false) / 2, error=math.sqrt(spread))
