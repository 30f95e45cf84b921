"""Whether posts of an answered target disappeared sooner than those of the targets that it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dideban.arrays import F8, I8
from dideban.effect.exact import draw, p_values, pooled_p, scores
from dideban.effect.model import EffectConfig, MatchedSet
from dideban.figures import figures

STAYED = np.iinfo(np.int64).max
"""Hour of disappearance of a post that was still there at the end."""
LEAST_ALIVE = 5
"""A unit counts with so many posts that were there at the hour of the response."""
LEAST_GONE = 1
"""Posts that must have gone in the whole set: where nothing disappears nothing can be compared."""


@dataclass(frozen=True)
class Lives:
    """When each post came and when it went, sorted by unit."""

    units: I8
    """(posts,) rows of the series, ascending."""
    born: I8
    """(posts,) hours since the start of the series."""
    gone: I8
    """(posts,) hours since the start of the series; STAYED = still there."""

    def of(self, unit: int) -> tuple[I8, I8]:
        """Return born and gone of the posts of a unit."""
        first, last = np.searchsorted(self.units, [unit, unit + 1])
        return self.born[first:last], self.gone[first:last]


@dataclass(frozen=True, kw_only=True)
class Removal:
    """Posts that went within the horizon, among those that were there at the response."""

    n_posts: int
    n_gone: int
    expected: float
    """Posts that would have gone at the rate of the whole set."""
    p_sooner: float
    """How often chance alone lets so many go."""
    p_later: float
    n_compared: int
    """Targets without a response that had posts to lose."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with figures of six digits."""
        said: dict[str, Any] = figures({name: getattr(self, name) for name in self.__dataclass_fields__})
        return said


@dataclass(frozen=True, kw_only=True)
class PooledRemoval:
    """Removals after several responses of one horizon and way of choosing."""

    n: int
    horizon_h: int
    drawn: bool
    n_posts: int
    n_gone: int
    expected: float
    p_sooner: float
    p_later: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with figures of six digits."""
        said: dict[str, Any] = figures({name: getattr(self, name) for name in self.__dataclass_fields__})
        return said


@dataclass(frozen=True, kw_only=True)
class RemovalSet:
    """Log-rank scores of a matched set, the answered unit first."""

    scores: F8
    """(n,) normal scores: large where posts went sooner."""
    odds: F8
    removal: Removal


def removal_of(matched: MatchedSet, lives: Lives, *, horizon_h: int, config: EffectConfig) -> RemovalSet | None:
    """Compare how fast posts went in the horizon, by a log-rank score for each unit of a matched set.

    Parameters
    ----------
    matched : MatchedSet
        Of the estimate of posts: units of the same age, the answered one first.
    lives : Lives
    horizon_h : hours
    config : EffectConfig

    Returns
    -------
    RemovalSet or None
        None where the answered unit has fewer than LEAST_ALIVE posts, too few units have, or nothing went at all.

    Notes
    -----
    At each hour the posts at risk of the whole set lose the same share; a unit's score is what it lost beyond that,
    over its standard deviation. The answered unit is treated as all others are, so under no effect each rank of its
    score is equally likely (Mantel 1966 for the score; ranks need none of its asymptotics).
    """
    at_risk, lost = _counts(matched, lives, horizon_h=horizon_h)
    usable = at_risk[:, 0] >= LEAST_ALIVE
    odds = np.where(usable, matched.odds, 0.0)
    n_compared = int(usable.sum()) - 1
    if not usable[0] or n_compared < config.least_controls or int(lost[usable].sum()) < LEAST_GONE:
        return None
    expected, spread = log_rank(at_risk[usable], lost[usable])
    n_lost = lost[usable].sum(axis=1)
    found = scores((n_lost - expected) / np.sqrt(np.maximum(spread, 1e-12)))
    chances = odds[usable] / odds.sum()
    later, sooner = p_values(found, chances)
    removal = Removal(
        n_posts=int(at_risk[0, 0]), n_gone=int(n_lost[0]), expected=float(expected[0]), p_sooner=sooner, p_later=later,
        n_compared=n_compared,
    )  # fmt: skip
    return RemovalSet(scores=found, odds=chances, removal=removal)


def log_rank(at_risk: I8, lost: I8) -> tuple[F8, F8]:
    """Return how many posts each unit would have lost at the common rate, and the variance of that, (n,).

    Parameters
    ----------
    at_risk, lost : (n, hours)
        Posts that were there at the start of each hour, and those that went in it.
    """
    risk, gone = at_risk.sum(axis=0), lost.sum(axis=0)
    share = at_risk / np.maximum(risk, 1)
    expected = share * gone
    left = np.where(risk > 1, (risk - gone) / np.maximum(risk - 1, 1), 0.0)
    return expected.sum(axis=1), (expected * (1 - share) * left).sum(axis=1)


def _counts(matched: MatchedSet, lives: Lives, *, horizon_h: int) -> tuple[I8, I8]:
    """Return posts at risk and posts lost by unit and hour of the horizon, (n, horizon_h) each."""
    n = len(matched.rows)
    at_risk, lost = np.zeros((n, horizon_h), np.int64), np.zeros((n, horizon_h), np.int64)
    for index, (unit, hour) in enumerate(zip(matched.rows.tolist(), matched.hours.tolist(), strict=True)):
        born, gone = lives.of(unit)
        start = hour + 1
        after = gone[(born < start) & (gone >= start)] - start
        lost[index] = np.bincount(after[after < horizon_h], minlength=horizon_h)
        at_risk[index] = len(after) - np.concatenate([[0], np.cumsum(lost[index])[:-1]])
    return at_risk, lost


def pool_removals(
    sets: Sequence[RemovalSet], *, horizon_h: int, drawn: bool, config: EffectConfig, seed: int = 1
) -> PooledRemoval:
    """Describe what went after several responses together."""
    draws = draw([one.odds for one in sets], n=config.n_draws, seed=seed)
    later, sooner = pooled_p([one.scores for one in sets], draws)
    removals = [one.removal for one in sets]
    return PooledRemoval(
        n=len(sets), horizon_h=horizon_h, drawn=drawn, n_posts=sum(one.n_posts for one in removals),
        n_gone=sum(one.n_gone for one in removals), expected=sum(one.expected for one in removals),
        p_sooner=sooner, p_later=later,
    )  # fmt: skip


__all__ = ["STAYED", "Lives", "PooledRemoval", "Removal", "RemovalSet", "log_rank", "pool_removals", "removal_of"]
