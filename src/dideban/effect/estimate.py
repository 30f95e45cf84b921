"""The effect of one response, and of several together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from dideban.arrays import F8
from dideban.effect.exact import draw, interval, log_e, p_values, pooled_p, scores_of, shared_noise
from dideban.effect.match import Known, match
from dideban.effect.model import Effect, EffectConfig, MatchedSet, PooledEffect, TimedResponse
from dideban.effect.sensitivity import gamma_of_many, gamma_of_one
from dideban.effect.series import Series
from dideban.messages import Message

POWER = 0.8
HALF = 0.5
"""The reduction that ``n_needed`` is about."""
MAX_LEFT_OUT = 200
"""Controls left out in turn."""
_QUANTILES = 1.6449 + 0.8416
"""Normal quantiles of a level of 5% and a power of 80%."""
BAND = (0.1, 0.5, 0.9)
"""Quantiles of the controls shown around the curve of the treated unit."""

Estimated: TypeAlias = tuple[Effect, MatchedSet | None]
"""What a response did, and the set that says so."""


def estimate_effects(
    series: Series, responses: Sequence[TimedResponse], *, config: EffectConfig | None = None,
    outcomes: Series | None = None,
) -> tuple[list[Effect], list[PooledEffect]]:  # fmt: skip
    """Estimate what each response did, and what those of one kind, horizon and way of choosing did together.

    Parameters
    ----------
    series : Series
        Posts by unit and hour.
    responses : sequence of Response
        All that are known: units with another response close by are no controls.
    config : EffectConfig
        None = defaults.
    outcomes : Series
        What is counted afterwards, rows and hours as in ``series``; None = the same posts. Other posts of the same
        accounts, or near-duplicates of the same content, show what moved elsewhere.

    Returns
    -------
    effects : list of Effect
        In the order of the responses, with reasons instead of figures where nothing can be said.
    pooled : list of PooledEffect
        By horizon; within it all kinds together first, then each kind.

    Notes
    -----
    Under no effect each p is at most ``x`` with chance ``x``: exactly for a response that a lot chose; for others as
    far as units noticed by one rule and as far along are exchangeable, given what is known of them.
    """
    estimated = estimate(Known.of(series, responses, config=config or EffectConfig(), outcomes=outcomes), responses)
    return [effect for effect, _ in estimated], pool_all(estimated, config=config or EffectConfig())


def estimate(known: Known, responses: Sequence[TimedResponse]) -> list[Estimated]:
    """Return the effect of each response and the matched set behind it, None where there is none."""
    return [effect_of(known, response) for response in responses]


def pool_all(estimated: Sequence[Estimated], *, config: EffectConfig) -> list[PooledEffect]:
    """Pool by horizon and way of choosing; within each all kinds together first, then each kind."""
    usable = [(matched, effect) for effect, matched in estimated if matched is not None]
    return [pool(chosen, config=config, kind=kind) for kind, chosen in _families(usable)]


def effect_of(known: Known, response: TimedResponse) -> Estimated:
    """Estimate what one response did; the matched set, where there is one, is what :func:`pool` takes."""
    matched, reasons, calm = match(known, response)
    return _effect(known, response, matched, calm) if matched else _none(response, reasons, calm), matched


def _families(
    usable: Sequence[tuple[MatchedSet, Effect]],
) -> list[tuple[str, list[tuple[MatchedSet, Effect]]]]:
    """Return what is pooled: by horizon and whether chance chose, all kinds together first, then each kind."""
    found = []
    for horizon_h in sorted({effect.response.horizon_h for _, effect in usable}):
        for drawn in (True, False):
            same = [one for one in usable if one[1].response.horizon_h == horizon_h and one[1].response.drawn == drawn]
            kinds = sorted({effect.response.kind for _, effect in same})
            found += [("", same)] if same else []
            found += [(kind, [one for one in same if one[1].response.kind == kind]) for kind in kinds if len(kinds) > 1]
    return found


def _none(response: TimedResponse, reasons: Sequence[Message], calm: float) -> Effect:
    n = next((int(reason["n"]) for reason in reasons if reason.code == "effect.few-controls"), 0)
    return Effect(response=response, reasons=tuple(reasons), placebo_p=calm, n_controls=n)


def _effect(known: Known, response: TimedResponse, matched: MatchedSet, calm: float) -> Effect:
    """Return the figures of one response."""
    posts = round(math.expm1(float(matched.outcome[0])))

    def p_of(factor: float) -> tuple[float, float]:
        return p_values(matched.errors_if(factor), matched.odds, tie=matched.tie)

    best, low, high = interval(p_of, level=known.config.level)
    fewer, more = p_of(1.0)
    found = scores_of(matched)
    return Effect(
        response=response, n_controls=len(matched.rows) - max(1, len(response.drawn_with)), posts=posts,
        expected=posts / best if posts else matched.expected, reduction=1 - best if posts else 1.0,
        low=1 - high, high=1 - low if posts else 1.0, p_fewer=fewer, p_more=more,
        e_value=math.exp(log_e([found], [matched.odds])), placebo_p=calm,
        p_without_one=_without_one(matched, found), gamma=gamma_of_one(fewer, level=known.config.level),
        life_share=life_share(known.series, matched), curve=curve(known, response, matched),
    )  # fmt: skip


def _without_one(matched: MatchedSet, found: F8) -> tuple[float, float]:
    """Return the smallest and largest p (fewer) when each control is left out of the ranking in turn."""
    seen = []
    for row in np.flatnonzero(matched.odds)[1 : MAX_LEFT_OUT + 1]:
        odds = matched.odds.copy()
        odds[row] = 0
        seen.append(p_values(found, odds / odds.sum(), tie=matched.tie)[0])
    return (min(seen), max(seen)) if seen else (1.0, 1.0)


def life_share(series: Series, matched: MatchedSet) -> float:
    """Return which share of the controls' posts came after such a moment: the most that a response could change."""
    rows, hours = matched.rows[1:], matched.hours[1:]
    after = series.between(rows, hours, np.full_like(hours, series.n_hours)).sum()
    return float(after / max(1, series.total[rows, -1].sum()))


def curve(known: Known, response: TimedResponse, matched: MatchedSet) -> dict[str, list[float]]:
    """Return posts by the hour around the response: the treated unit, and the controls brought to its size.

    Each control is scaled to the posts that the treated unit had in the quiet time before, so that shapes compare.
    """
    counted = known.counted
    before, after = known.config.quiet_before_h, response.horizon_h
    steps = np.arange(-before, after + 1)
    at = matched.hours[:, None] + steps
    values = counted.counts[matched.rows[:, None], np.clip(at, 0, counted.n_hours - 1)].astype(np.float64)
    sizes = 1 + values[:, :before].sum(axis=1)
    scaled = values[1:] * (sizes[0] / sizes[1:])[:, None]
    low, middle, high = np.quantile(scaled, BAND, axis=0)
    return {
        "hour": steps.tolist(), "treated": values[0].tolist(), "low": low.tolist(), "middle": middle.tolist(),
        "high": high.tolist(),
    }  # fmt: skip


class PooledSets:
    """Several matched sets of one horizon: how likely chance alone is to give what was seen, under any change.

    Parameters
    ----------
    sets : sequence of MatchedSet
    config : EffectConfig
    drawn : bool
        Chosen by lots: targets of a lot are compared with each other alone, so that nothing is shared.
    seed : int
    """

    def __init__(self, sets: Sequence[MatchedSet], *, config: EffectConfig, drawn: bool = False, seed: int = 1) -> None:
        self._sets = sets
        self.odds = [one.odds for one in sets]
        self.noise = shared_noise([] if drawn else [one.rows for one in sets], n=config.n_draws, seed=seed)
        self._draws = draw(self.odds, n=config.n_draws, seed=seed)
        self._tie = _tie(sets)

    def scores(self, factor: float = 1.0) -> list[F8]:
        """Return the scores of each set if every response had multiplied posts by ``factor``."""
        return [scores_of(one, factor) for one in self._sets]

    def p_values(self, factor: float = 1.0) -> tuple[float, float]:
        """Return p (fewer) and p (more) if every response had multiplied posts by ``factor``."""
        return pooled_p(self.scores(factor), self._draws, noise=self.noise, tie=self._tie)


def pool(
    usable: Sequence[tuple[MatchedSet, Effect]], *, config: EffectConfig, kind: str = "", seed: int = 1
) -> PooledEffect:
    """Describe what several responses of one horizon did together."""
    sets, effects = [matched for matched, _ in usable], [effect for _, effect in usable]
    drawn = effects[0].response.drawn
    together = PooledSets(sets, config=config, drawn=drawn, seed=seed)
    best, low, high = interval(together.p_values, level=config.level)
    found = together.scores()
    fewer, more = together.p_values()
    silent = not any(effect.posts for effect in effects)
    return PooledEffect(
        n=len(sets), kind=kind, drawn=drawn, horizon_h=effects[0].response.horizon_h,
        reduction=1.0 if silent else 1 - best, low=1 - high, high=1.0 if silent else 1 - low,
        p_fewer=fewer, p_more=more, e_value=math.exp(log_e(found, together.odds)),
        gamma=gamma_of_many(
            found, together.odds, level=config.level, n_draws=config.n_draws, seed=seed, noise=together.noise
        ),
        n_needed=needed(sets) if fewer > config.level and more > config.level else None,
    )  # fmt: skip


def _tie(sets: Sequence[MatchedSet]) -> float | None:
    """Return one uniform number for several sets; None where one has none."""
    ties = [one.tie for one in sets if one.tie is not None]
    return sum(ties) % 1.0 if len(ties) == len(sets) else None


def needed(sets: Sequence[MatchedSet]) -> int:
    """Return how many responses in all would show a halving four times in five, from the spread of the errors."""
    spread = float(np.mean([np.std(one.errors(float(one.outcome[0]))[1:]) for one in sets]))
    return max(1, math.ceil((_QUANTILES * max(spread, 1e-9) / math.log(1 / HALF)) ** 2))
