"""Made-up histories of a room: running evidence followed for a year, and accounts that turn to other things."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.arrays import I8
from dideban.effect.estimate import PooledSets
from dideban.effect.exact import log_e, p_values, scores_of
from dideban.effect.match import Known, match
from dideban.effect.model import EffectConfig, TimedResponse
from dideban.effect.series import Series, noticed_hours
from dideban.pipelines.elsewhere import other_posts
from dideban.simulate.responses import Responses, make_bursts

DELAYS_H = (3, 13)
"""Hours from being noticed to a response."""
HORIZON_H = 48
N_PEOPLE, N_TOPICS, LOYALTY = 3_000, 12, 20
"""People, topics they prefer, and how many times likelier they share what is of their topic."""
EVIDENCE = 20.0


@dataclass(kw_only=True)
class YearTally:
    """How often running evidence ever passed EVIDENCE."""

    n: int = 0
    passed: int = 0
    n_responses: int = 0


@dataclass(kw_only=True)
class MoveTally:
    """What is said of a move, one response and all of a history."""

    n: int = 0
    fewer: int = 0
    more: int = 0
    n_pooled: int = 0
    fewer_pooled: int = 0
    more_pooled: int = 0


def spread_responses(series: Series, *, n: int, seed: int) -> list[TimedResponse]:
    """Return responses to targets taken at random over the whole series, in order of time."""
    noticed = noticed_hours(series, posts=20, within_h=24)
    usable = np.flatnonzero((noticed >= 72) & (noticed + DELAYS_H[1] + 1 + HORIZON_H < series.n_hours))
    source = np.random.Generator(np.random.PCG64([seed, 7]))
    units = source.choice(usable, min(n, len(usable)), replace=False)
    hours = noticed[units] + source.integers(*DELAYS_H, len(units))
    return [
        TimedResponse(name=str(unit), unit=int(unit), hour=float(hour), horizon_h=HORIZON_H)
        for hour, unit in sorted(zip(hours.tolist(), units.tolist(), strict=True))
    ]


def follow_for_a_year(seeds: Sequence[int], *, n_responses: int = 52, n_units: int = 1_000) -> YearTally:
    """Look at the running evidence after every response of a year in which none did anything."""
    found = YearTally()
    for seed in seeds:
        bursts = make_bursts(Responses(n=0, reduction=0.0), seed=seed, n_units=n_units, days=365)
        series = Series(bursts.counts, np.ones(bursts.counts.shape[1], np.bool_))
        responses = spread_responses(series, n=n_responses, seed=seed)
        known = Known.of(series, responses, config=EffectConfig())
        sets = [(scores_of(one), one.odds) for response in responses if (one := match(known, response)[0])]
        running = [log_e([one for one, _ in sets[:n]], [odds for _, odds in sets[:n]]) for n in range(1, len(sets) + 1)]
        found.n += 1
        found.n_responses += len(sets)
        found.passed += int(max(running, default=0.0) >= math.log(EVIDENCE))
    return found


def moves(seeds: Sequence[int], *, share: float, n_responses: int = 20) -> MoveTally:
    """Let a share of the early accounts of each answered target post once elsewhere, and count what is said."""
    found, config = MoveTally(), EffectConfig(n_draws=999)
    for seed in seeds:
        bursts = make_bursts(Responses(n=0, reduction=0.0), seed=seed, n_units=300, days=60)
        series = Series(bursts.counts, np.ones(bursts.counts.shape[1], np.bool_))
        responses = spread_responses(series, n=n_responses, seed=seed)
        shares, carried = _people(bursts.counts, responses, share=share, seed=seed)
        outcomes = other_posts(shares, carried, series=series, config=config)
        known = Known.of(series, responses, config=config, outcomes=outcomes)
        sets = [one for response in responses if (one := match(known, response)[0])]
        for one in sets:
            fewer, more = p_values(one.errors_if(1.0), one.odds, tie=one.tie)
            found.n += 1
            found.fewer += int(fewer <= config.level)
            found.more += int(more <= config.level)
        if sets:
            fewer, more = PooledSets(sets, config=config).p_values()
            found.n_pooled += 1
            found.fewer_pooled += int(fewer <= config.level)
            found.more_pooled += int(more <= config.level)
    return found


def _people(
    counts: I8, responses: Sequence[TimedResponse], *, share: float, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return ``row, post_id, hour`` of the targets, and ``post_id, carrier, hour`` of everything."""
    source = np.random.Generator(np.random.PCG64([seed, 8]))
    units, hours = np.nonzero(counts)
    n_posts = counts[units, hours]
    units, hours = np.repeat(units, n_posts), np.repeat(hours, n_posts)
    topic, likes = source.integers(0, N_TOPICS, len(counts)), source.integers(0, N_TOPICS, N_PEOPLE)
    busy = source.pareto(1.5, N_PEOPLE) + 0.1
    people = np.empty(len(units), np.int64)
    for one in range(N_TOPICS):
        theirs = topic[units] == one
        odds = busy * np.where(likes == one, LOYALTY, 1)
        people[theirs] = source.choice(N_PEOPLE, int(theirs.sum()), p=odds / odds.sum())
    extra = [(people, hours)]
    for response in responses:
        early = np.unique(people[(units == response.unit) & (hours < response.hour)])
        turned = early[source.random(len(early)) < share]
        extra.append((turned, int(response.hour) + 1 + source.integers(0, HORIZON_H, len(turned))))
    posts = np.arange(len(units))
    carriers, when = (np.concatenate(part) for part in zip(*extra, strict=True))
    return (
        pl.DataFrame({"row": units.astype(np.uint32), "post_id": posts, "hour": hours}),
        pl.DataFrame({"post_id": np.arange(len(carriers)), "carrier": carriers, "hour": when}),
    )


__all__ = ["EVIDENCE", "MoveTally", "YearTally", "follow_for_a_year", "moves", "spread_responses"]
