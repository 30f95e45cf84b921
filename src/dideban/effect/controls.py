"""Units to compare a response with: noticed by the same rule, as far along, and without a response."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dideban.arrays import B1, F8, I8
from dideban.effect.leave_out import LeaveOut, standardised
from dideban.effect.model import EffectConfig, MatchedSet, TimedResponse, relative
from dideban.effect.series import Series
from dideban.figures import TOLERANCE

MAX_LEVERAGE = 3.0
"""Times the mean: a unit further from the rest is like none of them."""


def answered(responses: Sequence[TimedResponse]) -> tuple[I8, I8]:
    """Return the units and whole hours of all responses to units that are known."""
    known = [response for response in responses if response.unit >= 0]
    hours = np.array([response.hour for response in known], np.float64).astype(np.int64)
    return np.array([response.unit for response in known], np.int64), hours


def candidates(
    series: Series, response: TimedResponse, *, noticed: I8, answers: tuple[I8, I8], config: EffectConfig
) -> tuple[I8, I8]:
    """Return rows and hours of the treated unit and of all that it can be compared with, the treated one first.

    A control takes the hour at which as much time had passed since it was noticed as for the treated unit: units are
    compared at the same age, whatever the calendar says. ``answers`` are the units and hours of all responses.
    """
    hour, horizon_h = int(response.hour), response.horizon_h
    at = noticed + (hour - int(noticed[response.unit]))
    at = np.where(noticed >= 0, at, 0)
    usable = (noticed >= 0) & _observed(series, at, horizon_h=horizon_h, quiet_h=config.quiet_before_h)
    usable &= series.between(np.arange(series.n_units), np.zeros_like(at), at) >= config.least_posts
    units, when = answers
    since = when - at[units]
    usable[units[(since >= -config.quiet_before_h) & (since < horizon_h + 1)]] = False
    usable[list({response.unit, *response.drawn_with})] = False
    others = np.array([row for row in response.drawn_with if row != response.unit], np.int64)
    controls = np.flatnonzero(usable)
    rows = np.concatenate([[response.unit], others, controls]).astype(np.int64)
    hours = np.concatenate([[hour], np.full(len(others), hour), at[controls]]).astype(np.int64)
    return rows, hours


def _observed(series: Series, at: I8, *, horizon_h: int, quiet_h: int) -> B1:
    """Say for which units the hours before and after were watched without a gap."""
    inside = (at - quiet_h >= 0) & (at + 1 + horizon_h <= series.n_hours)
    found: B1 = inside & (series.gaps(at - quiet_h, at + 1 + horizon_h) == 0)
    return found


def outcome_of(series: Series, rows: I8, hours: I8, *, horizon_h: int) -> I8:
    """Return posts in the whole hours after the hour of the response, (n,)."""
    return series.between(rows, hours + 1, hours + 1 + horizon_h)


def leverages(columns: F8) -> F8:
    """Return how far each unit lies from the rest, 1 = as far as the mean unit, (n,)."""
    x = standardised(columns)
    spread = np.linalg.pinv(x.T @ x, rcond=1e-8, hermitian=True)
    own: F8 = np.einsum("ij,jk,ik->i", x, spread, x)
    mean = max(float(own.mean()), 1e-12)
    return np.asarray(own / mean)


def alike(columns: F8, *, n_fixed: int) -> tuple[B1, bool]:
    """Describe which units lie among the others, and whether the treated one does.

    The rule treats all units alike, so leaving out those that lie apart keeps them exchangeable.
    """
    near = leverages(columns) <= MAX_LEVERAGE + TOLERANCE
    treated = bool(near[0])
    near[:n_fixed] = True
    return near, treated


def fit(outcome: F8, columns: F8, *, rows: I8, hours: I8, odds: F8, shift: F8 | None = None) -> MatchedSet:
    """Fit a ridge regression to all units, the treated one among them, and keep the errors of leaving each out.

    Parameters
    ----------
    shift : (n,)
        Logarithm of what the posts of each outcome are divided by before it is predicted; None = nothing.

    Notes
    -----
    Every unit is used in the same way (full conformal prediction), so under no effect each is as likely as any other
    to have the smallest error.

    References
    ----------
    Vovk, Gammerman, Shafer 2005, chapter 2; Chernozhukov, Wüthrich, Zhu 2021, doi:10.1080/01621459.2021.1920957.
    """
    predictor = LeaveOut(columns)
    silent = outcome.copy()
    silent[0] = 0.0
    return MatchedSet(
        rows=rows, hours=hours, outcome=outcome, odds=odds, columns=columns, shift=shift,
        at_zero=predictor.errors(relative(silent, shift)), slope=predictor.of_first(),
    )  # fmt: skip
