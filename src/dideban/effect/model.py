"""What goes into an estimate of an effect and what comes out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from dideban.arrays import F8, I8
from dideban.effect.leave_out import LeaveOut
from dideban.effect.thinning import Thinning
from dideban.errors import ConfigError
from dideban.figures import figures
from dideban.messages import Message, describe

VERSION = "effect-4"
"""Of the estimator; part of every result."""
STANDING = ("effect-1", "effect-2", "effect-3", VERSION)
"""Versions whose figures stay and can be pooled: the posts behind an old one may be gone."""


@dataclass(frozen=True, kw_only=True)
class EffectConfig:
    """How an effect is estimated (docs/methods/effect.md)."""

    horizons_h: tuple[int, ...] = (6, 24, 48, 168)
    """Hours after a response that may be looked at; which one counts is fixed beforehand."""
    noticed_posts: int = 20
    """A unit counts as noticed once it has so many posts ..."""
    noticed_within_h: int = 24
    """... within so many hours."""
    quiet_before_h: int = 72
    """A control has no response in so many hours before; the same hours are what is known of a unit."""
    least_controls: int = 19
    """With fewer no single response can reach 5%."""
    least_posts: int = 20
    """Fewest posts of a unit before the response."""
    placebo_h: int = 24
    """How long before the response nothing may have changed already."""
    level: float = 0.05
    """Error rate of each direction; intervals cover 1 - 2 * level."""
    n_draws: int = 9_999
    """Draws of a pooled test."""

    def __post_init__(self) -> None:
        whole = ("noticed_posts", "noticed_within_h", "quiet_before_h", "least_controls", "least_posts", "placebo_h")
        for name in whole:
            if getattr(self, name) < 1:
                raise ConfigError(
                    "config.not-within", key=f"effect.{name}", value=getattr(self, name), least=1, most=10_000
                )
        if not self.horizons_h or min(self.horizons_h) < 1 or max(self.horizons_h) > 10_000:
            raise ConfigError(
                "config.not-within", key="effect.horizons_h", value=str(self.horizons_h), least=1, most=10_000
            )
        if not 0 < self.level < 0.5:
            raise ConfigError("config.not-strictly-within", key="effect.level", value=self.level, least=0, most=0.5)


@dataclass(frozen=True, kw_only=True)
class TimedResponse:
    """Something that was done about a unit, and when."""

    name: str
    unit: int
    """Row of the series; -1 = a unit that is not in the data."""
    hour: float
    """When it happened, hours after the start of the series."""
    horizon_h: int
    """Hours after it that count, fixed before it happened."""
    kind: str = "other"
    planned_hour: float | None = None
    """When it was registered; None = unknown."""
    told_hour: float | None = None
    """When somebody said that and when it had happened; None = unknown."""
    drawn_with: tuple[int, ...] = ()
    """Rows that stood in the same lot, this one among them; empty = somebody chose."""
    odds: tuple[float, ...] = ()
    """Chances of the rows in ``drawn_with``; empty = equal."""

    @property
    def drawn(self) -> bool:
        """Whether chance chose it."""
        return len(self.drawn_with) > 1


def relative(outcome: F8, shift: F8 | None) -> F8:
    """Return log(1 + posts) with the posts divided by ``exp(shift)``: none stay none, whatever they are divided by."""
    return outcome if shift is None else np.log1p(np.expm1(outcome) * np.exp(-shift))


@dataclass(frozen=True, kw_only=True)
class MatchedSet:
    """A treated unit (first) and units that were as far along without a response.

    Without ``shift`` the error of predicting a unit from all others is linear in the outcome of the treated one:
    ``errors(y) = at_zero + slope * y`` with ``y = log(1 + posts)``. With ``columns`` every unit can be given the same
    supposed effect (:meth:`errors_if`); sets that were kept by older versions have none.
    """

    rows: I8
    """(n,) rows of the series."""
    hours: I8
    """(n,) hour of the response, or as long after being noticed."""
    outcome: F8
    """(n,) log(1 + posts within the horizon)."""
    at_zero: F8
    slope: F8
    odds: F8
    """(n,) chance of having been the treated one, sums to 1; 0 = could not have been."""
    tie: float | None = None
    """Uniform number made of what was counted before the response: where the own rank falls within its step; None = a
    step counts in full."""
    columns: F8 | None = None
    """(n, p) what was known of each unit; None = not kept."""
    shift: F8 | None = None
    """(n,) logarithm of what the posts of each outcome are divided by before it is predicted; None = nothing."""

    def errors(self, outcome: float) -> F8:
        """Return how far each unit lies above its prediction if the treated one had this outcome, (n,)."""
        if self.shift is None or self.columns is None:
            return self.at_zero + self.slope * outcome
        changed = self.outcome.copy()
        changed[0] = outcome
        return self._predictor.errors(relative(changed, self.shift))

    @property
    def expected(self) -> float:
        """Posts that the controls lead one to expect of the treated unit."""
        own = float(self.outcome[0])
        error = float(self.errors(own)[0])
        if self.shift is None or self.columns is None:
            return max(0.0, math.expm1(own - error))
        divided = float(relative(self.outcome, self.shift)[0])
        return max(0.0, math.expm1(divided - error)) * math.exp(float(self.shift[0]))

    def errors_if(self, factor: float) -> F8:
        """Return the errors in a world in which every unit was answered, and each answer multiplied its posts, (n,).

        Parameters
        ----------
        factor : float
            Below 1 each post of a control comes with this chance; above 1 each post of the treated unit would have
            come anyway with the chance 1 / factor, and no unit was answered.

        Notes
        -----
        If the response did multiply posts by this factor, the treated unit is one among equals in that world, down to
        the counting noise of few posts and to none at all.
        """
        if self.columns is None:
            return self.errors(math.log1p(math.expm1(float(self.outcome[0])) / factor))
        if factor == 1:
            return self.errors(float(self.outcome[0]))
        outcome = self.outcome.copy()
        if factor < 1:
            outcome[1:] = np.log1p(self._thinning.at(factor)[1:])
        else:
            outcome[0] = np.log1p(self._thinning.first(1 / factor))
        return self._predictor.errors(relative(outcome, self.shift))

    @cached_property
    def _thinning(self) -> Thinning:
        posts = np.rint(np.expm1(self.outcome)).astype(np.int64)
        return Thinning(posts, seed=int((self.tie or 0.5) * 2**48))

    @cached_property
    def _predictor(self) -> LeaveOut:
        assert self.columns is not None
        return LeaveOut(self.columns)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a response did, as far as it can be known."""

    response: TimedResponse
    reasons: tuple[Message, ...] = ()
    """Why nothing can be said; empty = the figures stand."""
    n_controls: int = 0
    posts: int = 0
    """Posts within the horizon."""
    expected: float = 0.0
    """Posts that the controls lead one to expect."""
    reduction: float | None = None
    """Share of the expected posts that did not come, negative where more came; 0.5 = half."""
    low: float | None = None
    high: float | None = None
    """Interval of the reduction that covers 1 - 2 * level."""
    p_fewer: float = 1.0
    """How often chance alone gives so few posts."""
    p_more: float = 1.0
    e_value: float = 1.0
    """Running evidence for fewer posts, of this response alone."""
    life_share: float | None = None
    """Share of a unit's posts that come after such a moment: the most that any response could change."""
    placebo_p: float = 1.0
    """The same test on the time before the response, where nothing can have happened."""
    p_without_one: tuple[float, float] = (1.0, 1.0)
    """Smallest and largest p (fewer) when each control is left out in turn."""
    gamma: float = 1.0
    """How many times likelier the quieter units must have been to be chosen for p (fewer) to pass the level; 1 = it
    does not reach the level at all."""
    curve: dict[str, list[float]] = field(default_factory=dict)
    """Posts by hour since the response: treated, and what the controls lead one to expect with its band."""

    @property
    def identifiable(self) -> bool:
        """Whether the figures can be used."""
        return not self.reasons

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with figures of six digits."""
        names = (
            "n_controls", "posts", "expected", "reduction", "low", "high", "p_fewer", "p_more", "e_value",
            "life_share", "placebo_p", "gamma", "curve",
        )  # fmt: skip
        said = {name: getattr(self, name) for name in names} if self.identifiable else {"n_controls": self.n_controls}
        return {
            "response": self.response.name, "kind": self.response.kind, "horizon_h": self.response.horizon_h,
            "drawn": self.response.drawn, "identifiable": self.identifiable,
            "reasons": [describe(reason) for reason in self.reasons], **figures(said),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PooledEffect:
    """What several responses did together."""

    n: int
    """Responses that could be used."""
    drawn: bool
    """Whether chance chose every one of them; otherwise a hidden choice may stand behind it."""
    horizon_h: int
    kind: str = ""
    """Kind of the responses; empty = all kinds."""
    reduction: float | None
    low: float | None
    high: float | None
    p_fewer: float
    p_more: float
    e_value: float
    """Running evidence: at most once in 20 histories does it ever pass 20 without an effect."""
    gamma: float
    n_needed: int | None
    """Responses in all after which a halving would be seen four times in five; None = enough."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with figures of six digits."""
        said: dict[str, Any] = figures({name: getattr(self, name) for name in self.__dataclass_fields__})
        return said
