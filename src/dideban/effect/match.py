"""From a response to the set of units that it is compared with, or the reasons why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from dideban.arrays import F8, I8
from dideban.effect.controls import alike, answered, candidates, fit, outcome_of
from dideban.effect.exact import tie_of
from dideban.effect.model import EffectConfig, MatchedSet, TimedResponse
from dideban.effect.series import Series, features, noticed_hours
from dideban.figures import TOLERANCE
from dideban.messages import Message

PLACEBO_LEVEL = 0.1
"""Something happened before the response already where the placebo in time has a smaller p (both sides)."""


TOLD_WITHIN_H = 24
"""Who says later than this, or after the horizon, that and when a response happened has seen what followed."""
MOST_AGES = 64
"""So many ages are kept, some 100 bytes for each unit and age."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What every response of one estimate shares."""

    series: Series
    counted: Series
    """What is counted afterwards."""
    noticed: I8
    answers: tuple[I8, I8]
    """Units and hours of all responses."""
    config: EffectConfig
    by_age: dict[int, F8] = field(default_factory=dict)
    """What was known of every unit at an age: many responses come as soon as each other."""

    @cached_property
    def everything(self) -> I8:
        """Posts of all units before each hour, (hours + 1,)."""
        return np.asarray(self.counted.total.sum(axis=0))

    def features(self, rows: I8, hours: I8) -> F8:
        """Return what was known of units at an hour, (n, p); the first is the treated one, most others are its age."""
        age = int(hours[0] - self.noticed[rows[0]])
        found = np.asarray(self._of_age(age)[rows])
        if len(odd := np.flatnonzero(hours - self.noticed[rows] != age)):
            found[odd] = features(self.series, rows[odd], hours[odd])
        return found

    def _of_age(self, age: int) -> F8:
        if age not in self.by_age:
            if len(self.by_age) >= MOST_AGES:
                self.by_age.clear()
            hours = np.clip(self.noticed + age, 0, self.series.n_hours)
            self.by_age[age] = features(self.series, np.arange(self.series.n_units), hours)
        return self.by_age[age]

    def tie(self, rows: I8, hours: I8, *, horizon_h: int) -> float:
        """Return the number that places the rank of the first unit within its step."""
        return tie_of(np.concatenate([[horizon_h], hours, self.series.total[rows, hours]]))

    @classmethod
    def of(
        cls, series: Series, responses: Sequence[TimedResponse], *, config: EffectConfig, outcomes: Series | None = None
    ) -> Known:
        """Work out when each unit was noticed and answered."""
        return cls(
            series=series, counted=outcomes or series, config=config,
            noticed=noticed_hours(series, posts=config.noticed_posts, within_h=config.noticed_within_h),
            answers=answered(responses),
        )  # fmt: skip


def match(known: Known, response: TimedResponse) -> tuple[MatchedSet | None, list[Message], float]:
    """Find the controls of a response and fit them.

    Returns
    -------
    MatchedSet or None, reasons why there is none, p of the placebo in time
    """
    if reasons := refused(known, response):
        return None, reasons, 1.0
    series, config = known.series, known.config
    rows, hours = candidates(series, response, noticed=known.noticed, answers=known.answers, config=config)
    n_fixed = max(1, len(response.drawn_with))
    columns = known.features(rows, hours)
    near, treated_near = alike(columns, n_fixed=n_fixed)
    calm = placebo(known, rows, hours, n_fixed=n_fixed)
    keep = near & (calm >= PLACEBO_LEVEL)
    keep[:n_fixed] = True
    n_controls = int(keep[n_fixed:].sum())
    if n_controls < config.least_controls:
        reasons.append(Message("effect.few-controls", n=n_controls, least=config.least_controls))
    if not response.drawn and not treated_near:
        reasons.append(Message("effect.unlike"))
    if not response.drawn and calm[0] < PLACEBO_LEVEL:
        reasons.append(Message("effect.moved-before", hours=config.placebo_h))
    if reasons:
        return None, reasons, float(calm[0])
    matched = _fit(known, response, rows[keep], hours[keep], columns[keep])
    if not matched.outcome.any():
        return None, [Message("effect.silent", hours=response.horizon_h)], float(calm[0])
    return matched, [], float(calm[0])


def _fit(known: Known, response: TimedResponse, rows: I8, hours: I8, columns: F8) -> MatchedSet:
    posts = np.log1p(outcome_of(known.counted, rows, hours, horizon_h=response.horizon_h))
    odds, shift = odds_of(response, len(rows)), None
    if known.counted is not known.series:
        columns = np.column_stack([columns, features(known.counted, rows, hours)])
        shift = common(known, hours, response)
    fitted = fit(posts, columns, rows=rows, hours=hours, odds=odds, shift=shift)
    return replace(fitted, tie=known.tie(rows, hours, horizon_h=response.horizon_h))


def common(known: Known, hours: I8, response: TimedResponse) -> F8:
    """Return how much more everybody posted in the horizon of each unit than an hour before it, logarithm, (n,).

    What accounts write elsewhere follows the news of its days, and units of one age lie on different days. A single
    target hardly moves the sum over all, so its hours after the response may be used.
    """
    everything, quiet_h = known.everything, known.config.quiet_before_h
    after = hours + 1
    before = everything[hours] - everything[np.maximum(hours - quiet_h, 0)]
    within = everything[np.minimum(after + response.horizon_h, len(everything) - 1)] - everything[after]
    return np.asarray(np.log1p(within / response.horizon_h) - np.log1p(before / quiet_h))


def odds_of(response: TimedResponse, n: int) -> F8:
    """Return the chance of each unit of having been the treated one: all alike, or those of the lot, (n,)."""
    if not response.drawn:
        return np.full(n, 1 / n)
    given = dict(zip(response.drawn_with, response.odds or (1.0,) * len(response.drawn_with), strict=True))
    others = [row for row in response.drawn_with if row != response.unit]
    odds = np.zeros(n)
    odds[: 1 + len(others)] = [given[response.unit], *(given[row] for row in others)]
    return np.asarray(odds / odds.sum())


def refused(known: Known, response: TimedResponse) -> list[Message]:
    """Return why nothing can be said about a response, whatever its controls."""
    series, config, unit, horizon_h = known.series, known.config, response.unit, response.horizon_h
    hour = math.floor(response.hour)
    if unit < 0:
        return [Message("effect.unknown-target")]
    if (late := hour + 1 + horizon_h - series.n_hours) > 0:
        return [Message("effect.too-early", hours=late)]
    if hour < config.quiet_before_h:
        return [Message("effect.before-data", hours=config.quiet_before_h)]
    start, end = hour - config.quiet_before_h, hour + 1 + horizon_h
    units, when = known.answers
    n_gaps = int(series.gaps(np.array([start]), np.array([end]))[0])
    n_before = int(series.total[unit, hour])
    known_within = min(TOLD_WITHIN_H, horizon_h)
    found = {
        Message("effect.other-horizon", hours=horizon_h): horizon_h not in config.horizons_h,
        Message("effect.lot-incomplete"): not _is_whole(response),
        Message("effect.planned-late"): (response.planned_hour or -math.inf) > response.hour + TOLERANCE,
        Message("effect.told-late", hours=known_within): (response.told_hour or -math.inf)
            > response.hour + known_within + TOLERANCE,
        Message("effect.not-noticed", n=config.noticed_posts, hours=config.noticed_within_h):
            not 0 <= known.noticed[unit] <= hour,
        Message("effect.few-posts", n=config.least_posts): n_before < config.least_posts,
        Message("effect.not-watched", n=n_gaps): n_gaps > 0,
        Message("effect.answered-again", hours=horizon_h):
            int(((units == unit) & (when >= start) & (when < end)).sum()) > 1,
    }  # fmt: skip
    return [reason for reason, holds in found.items() if holds]


def _is_whole(response: TimedResponse) -> bool:
    """Return whether every target of the lot is known, once, with its chance, the answered one among them."""
    lot = response.drawn_with
    named = not lot or (response.unit in lot and min(lot) >= 0 and len(set(lot)) == len(lot))
    return named and len(response.odds) in (0, len(lot))


def placebo(known: Known, rows: I8, hours: I8, *, n_fixed: int) -> F8:
    """Return for each unit how unusual the time before its response was already, p of both sides, (n,).

    The same fit, ``placebo_h`` hours earlier. The rule that refuses a treated unit which moved before leaves out
    controls that did, so those that stay are exchangeable.
    """
    n = len(rows)
    if n < known.config.least_controls + n_fixed:
        return np.ones(n)
    earlier = hours - known.config.placebo_h
    posts = outcome_of(known.series, rows, earlier, horizon_h=known.config.placebo_h - 1)
    columns = known.features(rows, earlier)
    fitted = fit(np.log1p(posts), columns, rows=rows, hours=earlier, odds=np.full(n, 1 / n))
    errors = fitted.errors(float(fitted.outcome[0]))
    order = np.sort(errors)
    below = np.searchsorted(order, errors + TOLERANCE, side="right") / n
    above = (n - np.searchsorted(order, errors - TOLERANCE, side="left")) / n
    return np.asarray(np.minimum(1.0, 2 * np.minimum(below, above)))
