"""Posts that disappear: the log-rank score against a slow count, the error rate, and what is not compared."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dideban.effect.model import EffectConfig, MatchedSet
from dideban.effect.survival import STAYED, Lives, RemovalSet, log_rank, pool_removals, removal_of
from dideban.effect.words import removal_sentences
from dideban.messages import languages, say

CONFIG = EffectConfig(n_draws=999)
HORIZON_H = 24


def matched_set(n: int, *, hour: int = 100) -> MatchedSet:
    """Return n units whose response comes at the same hour; outcomes play no part here."""
    return MatchedSet(
        rows=np.arange(n), hours=np.full(n, hour), outcome=np.zeros(n), at_zero=np.zeros(n), slope=np.zeros(n),
        odds=np.full(n, 1 / n),
    )  # fmt: skip


def lives(source: np.random.Generator, n: int, *, n_posts: int = 40, hazard: float, treated: float) -> Lives:
    """Return posts of n units that disappear at a rate per hour from hour 100 on; the first unit at its own."""
    units = np.repeat(np.arange(n), n_posts)
    rate = np.where(units == 0, treated, hazard)
    life = source.geometric(np.clip(rate, 1e-9, 1))
    gone = np.where(life <= HORIZON_H * 2, 100 + life, STAYED)
    return Lives(units, source.integers(0, 100, len(units)), gone)


def slow_log_rank(at_risk: np.ndarray, lost: np.ndarray) -> tuple[list[float], list[float]]:
    expected, spread = [], []
    for unit in range(len(at_risk)):
        mean = variance = 0.0
        for hour in range(at_risk.shape[1]):
            risk, gone = int(at_risk[:, hour].sum()), int(lost[:, hour].sum())
            if risk == 0:
                continue
            share = at_risk[unit, hour] / risk
            mean += gone * share
            if risk > 1:
                variance += gone * share * (1 - share) * (risk - gone) / (risk - 1)
        expected.append(mean)
        spread.append(variance)
    return expected, spread


@given(arrays(np.int64, (4, 6), elements=st.integers(0, 3)), arrays(np.int64, 4, elements=st.integers(0, 9)))
def test_the_log_rank_score_is_that_of_a_slow_count(lost: np.ndarray, spare: np.ndarray) -> None:
    at_risk = lost[:, ::-1].cumsum(axis=1)[:, ::-1] + spare[:, None]
    expected, spread = log_rank(at_risk, lost)
    slow_expected, slow_spread = slow_log_rank(at_risk, lost)
    np.testing.assert_allclose(expected, slow_expected, atol=1e-9)
    np.testing.assert_allclose(spread, slow_spread, atol=1e-9)
    assert abs(expected.sum() - lost.sum()) < 1e-9


def removal(seed: int, *, treated: float, hazard: float = 0.02, n: int = 40) -> RemovalSet:
    made = lives(np.random.default_rng(seed), n, hazard=hazard, treated=treated)
    found = removal_of(matched_set(n), made, horizon_h=HORIZON_H, config=CONFIG)
    assert found is not None
    return found


def test_without_an_effect_few_are_said_to_go_sooner_or_later() -> None:
    found = [removal(seed, treated=0.02).removal for seed in range(300)]
    assert sum(one.p_sooner <= 0.05 for one in found) <= 25
    assert sum(one.p_later <= 0.05 for one in found) <= 25


def test_posts_that_go_at_three_times_the_rate_are_seen_to() -> None:
    found = [removal(seed, treated=0.06) for seed in range(6)]
    together = pool_removals(found, horizon_h=HORIZON_H, drawn=False, config=CONFIG)
    assert together.p_sooner <= 0.01 < together.p_later
    assert together.n_gone > 2 * together.expected
    late = pool_removals([removal(seed, treated=0.001) for seed in range(6)], horizon_h=24, drawn=True, config=CONFIG)
    assert late.p_later <= 0.01


def test_only_posts_that_were_there_at_the_response_count() -> None:
    source = np.random.default_rng(5)
    made = lives(source, 30, hazard=0.02, treated=0.02)
    before = Lives(
        np.concatenate([np.zeros(500, np.int64), made.units]),
        np.concatenate([np.full(500, 10), made.born]),
        np.concatenate([np.full(500, 90), made.gone]),
    )
    after = Lives(
        np.concatenate([np.zeros(500, np.int64), made.units]),
        np.concatenate([np.full(500, 101), made.born]),
        np.concatenate([np.full(500, 103), made.gone]),
    )
    results = [removal_of(matched_set(30), one, horizon_h=24, config=CONFIG) for one in (made, before, after)]
    figures = [one.removal.to_dict() for one in results if one is not None]
    assert len(figures) == 3
    assert figures[0] == figures[1] == figures[2]


def test_where_too_little_was_there_or_nothing_went_nothing_is_said() -> None:
    source = np.random.default_rng(1)
    nothing_went = lives(source, 30, hazard=1e-9, treated=1e-9)
    assert removal_of(matched_set(30), nothing_went, horizon_h=24, config=CONFIG) is None
    few = lives(source, 30, n_posts=4, hazard=0.05, treated=0.05)
    assert removal_of(matched_set(30), few, horizon_h=24, config=CONFIG) is None
    assert removal_of(matched_set(10), lives(source, 10, hazard=0.05, treated=0.5), horizon_h=24, config=CONFIG) is None


def test_what_is_said_is_said_in_every_language() -> None:
    one = removal(1, treated=0.1)
    pooled = pool_removals([one, one], horizon_h=24, drawn=False, config=CONFIG)
    for lang in languages():
        for line in (*removal_sentences(one.removal), *removal_sentences(pooled)):
            assert "{" not in say(line, lang)
