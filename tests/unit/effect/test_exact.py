"""Scores, p-values, running evidence and intervals, against enumeration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.effect import left_out_errors
from tests.oracles.effect import pooled_p as enumerated

from dideban.effect.controls import fit
from dideban.effect.exact import (
    MOST_BY_TIE,
    draw,
    interval,
    log_e,
    p_values,
    pooled_p,
    scores,
    scores_of,
    shared_noise,
    shared_variance,
    tie_of,
)  # fmt: skip
from dideban.effect.sensitivity import gamma_of_many, gamma_of_one, tilt

ERRORS = st.lists(st.integers(-3, 3).map(float), min_size=2, max_size=9).map(np.array)


def fitted(seed: int = 1, n: int = 30):  # type: ignore[no-untyped-def]
    source = np.random.default_rng(seed)
    posts, columns = source.poisson(40, n), source.normal(size=(n, 5))
    rows = np.arange(n)
    return posts, columns, fit(np.log1p(posts), columns, rows=rows, hours=rows, odds=np.full(n, 1 / n))


@pytest.mark.parametrize("seed", range(5))
def test_errors_are_those_of_leaving_each_unit_out(seed: int) -> None:
    posts, columns, matched = fitted(seed)
    for supposed in (math.log1p(posts[0]), 0.0, 12.5):
        outcome = np.log1p(posts)
        outcome[0] = supposed
        np.testing.assert_allclose(matched.errors(supposed), left_out_errors(outcome, columns), atol=1e-8)


def test_constant_columns_change_nothing() -> None:
    posts, columns, matched = fitted()
    wide = np.column_stack([columns, np.full(len(posts), 7.0)])
    rows = np.arange(len(posts))
    other = fit(np.log1p(posts), wide[:, :5], rows=rows, hours=rows, odds=matched.odds)
    np.testing.assert_allclose(other.errors(3.0), matched.errors(3.0))
    assert np.isfinite(fit(np.log1p(posts), wide, rows=rows, hours=rows, odds=matched.odds).errors(3.0)).all()


@given(ERRORS)
def test_scores_keep_the_order_and_ties_share_theirs(errors: np.ndarray) -> None:
    found = scores(errors)
    for one in range(len(errors)):
        for other in range(len(errors)):
            assert (found[one] < found[other]) == (errors[one] < errors[other])
    assert abs(found.sum()) < 1e-9


@given(ERRORS)
def test_p_is_valid_whichever_unit_was_treated(errors: np.ndarray) -> None:
    n = len(errors)
    odds = np.full(n, 1 / n)
    fewer, more = zip(*(p_values(scores(np.roll(errors, -turn)), odds) for turn in range(n)), strict=True)
    for level in (0.1, 0.25, 0.5):
        assert np.mean(np.array(fewer) <= level) <= level + 1e-9
        assert np.mean(np.array(more) <= level) <= level + 1e-9


@given(ERRORS)
def test_running_evidence_has_mean_one(errors: np.ndarray) -> None:
    n = len(errors)
    odds = np.full(n, 1 / n)
    values = [math.exp(log_e([scores(np.roll(errors, -turn))], [odds])) for turn in range(n)]
    assert np.mean(values) == pytest.approx(1.0)


def test_pooled_p_is_that_of_every_choice() -> None:
    source = np.random.default_rng(3)
    sets = [scores(source.normal(size=n)) for n in (4, 5, 6)]
    sets[0][0] = sets[0].min()
    odds = [np.full(4, 0.25), np.array([0.4, 0.3, 0.1, 0.1, 0.1]), np.array([0.5, 0.5, 0, 0, 0, 0])]
    found = pooled_p(sets, draw(odds, n=40_000, seed=1))
    assert found == pytest.approx(enumerated(sets, odds), abs=0.01)


def test_the_interval_holds_what_is_not_refused() -> None:
    _, _, matched = fitted(n=60)
    best, low, high = interval(lambda f: p_values(scores_of(matched, f), matched.odds), level=0.05)
    assert low < best < high
    for factor, kept in ((low * 0.95, False), (low * 1.05, True), (high * 0.95, True), (high * 1.05, False)):
        fewer, more = p_values(scores_of(matched, factor), matched.odds)
        assert (fewer > 0.05 and more > 0.05) == kept


def test_gamma_is_where_p_passes_the_level() -> None:
    assert gamma_of_one(0.2, level=0.05) == 1.0
    gamma = gamma_of_one(0.01, level=0.05)
    assert gamma * 0.01 / (gamma * 0.01 + 0.99) == pytest.approx(0.05)
    sets = [scores(np.concatenate([[-1.0], np.random.default_rng(seed).normal(size=39)])) for seed in range(4)]
    odds = [np.full(40, 1 / 40)] * 4
    found = gamma_of_many(sets, odds, level=0.05, n_draws=4_000, seed=1)
    assert 1 < found < 64
    tilted = [tilt(one, odd, gamma=found * 1.5) for one, odd in zip(sets, odds, strict=True)]
    assert pooled_p(sets, draw(tilted, n=4_000, seed=1))[0] > 0.05


@given(ERRORS, st.floats(1, 20))
def test_tilted_odds_stay_within_the_ratio_and_lower_the_mean(errors: np.ndarray, gamma: float) -> None:
    found, odds = scores(errors), np.full(len(errors), 1 / len(errors))
    tilted = tilt(found, odds, gamma=gamma)
    assert tilted.sum() == pytest.approx(1)
    assert tilted.max() / tilted.min() <= gamma * (1 + 1e-9)
    assert tilted @ found <= odds @ found + 1e-9


@settings(max_examples=40)
@given(st.lists(st.integers(-3, 3).map(float), min_size=20, max_size=60).map(np.array), st.floats(0, 1))
def test_within_its_step_p_has_exactly_the_stated_rate(errors: np.ndarray, level: float) -> None:
    """Over every unit that could have been treated and every tie, p is at most x with chance x, ties of errors or not."""
    n = len(errors)
    odds, ties = np.full(n, 1 / n), (np.arange(100) + 0.5) / 100
    alike = max(np.bincount((errors + 3).astype(int))) / n
    rates = []
    for turn in range(n):
        whole = p_values(np.roll(errors, -turn), odds)
        found = np.array([p_values(np.roll(errors, -turn), odds, tie=tie) for tie in ties])
        assert (found <= np.array(whole) + 1e-9).all()
        rates.append((found <= level + 1e-12).mean(axis=0))
    fewer, more = np.mean(rates, axis=0)
    if alike <= MOST_BY_TIE:
        assert fewer == pytest.approx(level, abs=0.01)
        assert more == pytest.approx(level, abs=0.01)
    assert fewer <= level + 0.01
    assert more <= level + 0.01


def test_with_38_controls_5_percent_is_reached_and_without_a_tie_it_is_not() -> None:
    errors = np.random.default_rng(4).normal(size=39)
    odds, ties = np.full(39, 1 / 39), (np.arange(200) + 0.5) / 200
    steps = [p_values(np.roll(errors, -turn), odds)[0] for turn in range(39)]
    exact = [p_values(np.roll(errors, -turn), odds, tie=tie)[0] for turn in range(39) for tie in ties]
    assert np.mean(np.array(steps) <= 0.05) == pytest.approx(1 / 39)
    assert np.mean(np.array(exact) <= 0.05) == pytest.approx(0.05, abs=0.001)


def test_a_lot_of_four_says_nothing_alone_whatever_the_tie() -> None:
    odds = np.array([0.25] * 4 + [0.0] * 30)
    errors = np.concatenate([[-9.0], np.random.default_rng(5).normal(size=33)])
    assert p_values(errors, odds, tie=0.001)[0] == 0.25


def test_a_tie_is_made_of_what_was_counted_and_evenly_spread() -> None:
    ties = np.sort([tie_of(np.array([n, 7, n % 13])) for n in range(2_000)])
    assert np.abs(ties - (np.arange(2_000) + 0.5) / 2_000).max() < 0.04
    assert tie_of(np.array([1, 2], np.int32)) == tie_of(np.array([1, 2], np.int64))


def test_sets_without_a_control_in_common_add_nothing_and_equal_ones_add_much() -> None:
    apart = [np.arange(50), np.arange(50, 100), np.arange(100, 150)]
    assert shared_variance(apart) == pytest.approx(0.0, abs=1e-12)
    assert not shared_noise(apart, n=5, seed=1).any()
    assert shared_variance([np.arange(50)] * 3) == pytest.approx(6 / 50)


def test_many_responses_with_the_same_controls_err_as_often_as_stated() -> None:
    """Sixty against the same hundred: the mean of the controls errs once, and for all sixty alike."""
    source, claims, naive, n_histories = np.random.default_rng(6), 0, 0, 300
    controls, odds = np.arange(100), [np.full(101, 1 / 101)] * 60
    draws = draw(odds, n=999, seed=1)
    noise = shared_noise([controls] * 60, n=999, seed=1)
    for _ in range(n_histories):
        same = source.normal(size=100)
        sets = [scores(np.concatenate([[one], same])) for one in source.normal(size=60)]
        claims += min(pooled_p(sets, draws, noise=noise)) <= 0.05
        naive += min(pooled_p(sets, draws)) <= 0.05
    assert claims / n_histories == pytest.approx(0.10, abs=0.045)
    assert naive / n_histories > 0.16
