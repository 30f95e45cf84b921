"""How often the estimate of effects errs and what it sees, on made-up bursts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from dideban.arrays import B1, I8
from dideban.effect.estimate import PooledSets
from dideban.effect.exact import log_e, p_values
from dideban.effect.match import Known, match
from dideban.effect.model import EffectConfig, MatchedSet, TimedResponse
from dideban.effect.series import Series
from dideban.simulate.responses import Bursts, Responses, make_bursts
from dideban.validation.effect_histories import EVIDENCE

HORIZONS_H = (6, 24, 48, 168)
SIZES = (1, 5, 15, 40, 60)
"""Responses that are taken together."""
N_RESPONSES = 72
"""Of one history: sixty can be used."""
N_ALONE = 25
"""Of one history, where each is looked at alone."""
CONFIG = EffectConfig(n_draws=1_999)
Pair = tuple[float, float]
"""p (fewer) and p (more)."""


@dataclass(kw_only=True)
class EffectTally:
    """What was claimed, history by history."""

    asked: int = 0
    history: list[int] = field(default_factory=list)
    fewer: list[bool] = field(default_factory=list)
    more: list[bool] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    evidence: list[bool] = field(default_factory=list)

    def add(self, p: Pair, *, at_truth: Pair, history: int, log_evidence: float = 0.0) -> None:
        """Count one estimate; the interval holds what is refused on neither side."""
        self.history.append(history)
        self.fewer.append(bool(p[0] <= CONFIG.level))
        self.more.append(bool(p[1] <= CONFIG.level))
        self.covered.append(bool(min(at_truth) > CONFIG.level))
        self.evidence.append(bool(log_evidence >= math.log(EVIDENCE)))

    @property
    def n(self) -> int:
        """Estimates that said something."""
        return len(self.history)

    def share(self, name: str) -> tuple[B1, I8]:
        """Return whether something held of each estimate, and its history."""
        return np.asarray(getattr(self, name), np.bool_), np.asarray(self.history, np.int64)


def responses_of(bursts: Bursts, *, horizon_h: int) -> tuple[Series, list[TimedResponse]]:
    """Return simulated bursts and the responses to them as the estimator takes them."""
    chosen = [
        TimedResponse(name=str(n), unit=unit, hour=float(hour), horizon_h=horizon_h, drawn_with=tuple(lot or ()))
        for n, (unit, hour, lot) in enumerate(bursts.responses.iter_rows())
    ]
    return Series(bursts.counts, np.ones(bursts.counts.shape[1], np.bool_)), chosen


def matched_sets(bursts: Bursts, *, horizon_h: int) -> list[MatchedSet]:
    """Return the sets of the responses that can be used."""
    series, responses = responses_of(bursts, horizon_h=horizon_h)
    known = Known.of(series, responses, config=CONFIG)
    found = (match(known, response)[0] for response in responses)
    return [matched for matched in found if matched is not None]


def placebos(seeds: Sequence[int]) -> dict[int, EffectTally]:
    """Count by horizon what is claimed of responses without an effect."""
    found = {horizon_h: EffectTally() for horizon_h in HORIZONS_H}
    for seed in seeds:
        bursts = make_bursts(Responses(n=N_ALONE, reduction=0.0), seed=seed)
        for horizon_h, tally in found.items():
            tally.asked += bursts.responses.height
            for one in matched_sets(bursts, horizon_h=horizon_h):
                p = p_values(one.errors_if(1.0), one.odds, tie=one.tie)
                tally.add(p, at_truth=p, history=seed)
    return found


def together(seeds: Sequence[int], *, reduction: float) -> dict[tuple[int, int], EffectTally]:
    """Count by horizon and number of responses what is claimed of several together.

    The responses of a history are taken in turn: all sixty, the first forty, fifteen by fifteen and so on.
    """
    found = {(horizon_h, size): EffectTally() for horizon_h in HORIZONS_H for size in SIZES}
    for seed in seeds:
        bursts = make_bursts(Responses(n=N_RESPONSES, reduction=reduction), seed=seed)
        for horizon_h in HORIZONS_H:
            sets = matched_sets(bursts, horizon_h=horizon_h)
            for size in SIZES:
                for some in in_turn(sets, size=size):
                    count(found[horizon_h, size], some, reduction=reduction, history=seed)
    return found


def in_turn(sets: Sequence[MatchedSet], *, size: int) -> Iterator[Sequence[MatchedSet]]:
    """Yield as many runs of ``size`` sets as there are, none of them twice."""
    for first in range(0, len(sets) - size + 1, size):
        yield sets[first : first + size]


def count(
    tally: EffectTally, sets: Sequence[MatchedSet], *, reduction: float, history: int, drawn: bool = False
) -> None:
    """Count what is claimed of some responses together, and whether the true change is refused."""
    pooled = PooledSets(sets, config=CONFIG, drawn=drawn)
    p = pooled.p_values()
    at_truth = pooled.p_values(1 - reduction) if reduction else p
    tally.add(p, at_truth=at_truth, history=history, log_evidence=log_e(pooled.scores(), pooled.odds))


def chosen(seeds: Sequence[int], *, choice: str, n: int = 30, horizon_h: int = 48) -> EffectTally:
    """Count what is claimed of responses without an effect to targets that were chosen in one way."""
    tally = EffectTally()
    for seed in seeds:
        bursts = make_bursts(Responses(n=n, reduction=0.0, choice=choice), seed=seed)
        if sets := matched_sets(bursts, horizon_h=horizon_h):
            count(tally, sets, reduction=0.0, history=seed, drawn=choice == "drawn")
    return tally


__all__ = ["EffectTally", "chosen", "count", "in_turn", "matched_sets", "placebos", "together"]
