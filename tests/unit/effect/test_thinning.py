"""Intervals from a world in which every unit was answered: thinning, its errors, and what no post at all bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.effect import left_out_errors

from dideban.effect.controls import fit
from dideban.effect.exact import interval, p_values
from dideban.effect.model import MatchedSet
from dideban.effect.thinning import MOST_SINGLE, Thinning


def matched_of(posts: np.ndarray, *, tie: float = 0.4, shift: np.ndarray | None = None) -> MatchedSet:
    rows = np.arange(len(posts))
    columns = np.random.default_rng(8).normal(size=(len(posts), 4))
    odds = np.full(len(posts), 1 / len(posts))
    return replace(fit(np.log1p(posts), columns, rows=rows, hours=rows, odds=odds, shift=shift), tie=tie)


def interval_of(matched: MatchedSet) -> tuple[float, float, float]:
    return interval(lambda factor: p_values(matched.errors_if(factor), matched.odds, tie=matched.tie), level=0.05)


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=20).map(np.array), st.integers(0, 2**48),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_thinning_keeps_no_more_than_there_is_and_few_posts_in_order(
    posts: np.ndarray, seed: int, one: float, other: float
) -> None:
    thinning, few = Thinning(posts, seed=seed), posts <= MOST_SINGLE
    less, more = thinning.at(min(one, other)), thinning.at(max(one, other))
    assert (less >= 0).all()
    assert (more <= posts).all()
    assert (less[few] <= more[few]).all()
    assert (thinning.at(1.0) == posts).all()
    assert not thinning.at(0.0).any()
    assert thinning.first(one) == thinning.at(one)[0]


@pytest.mark.parametrize("n_posts", [30, 100_000])
def test_thinned_posts_have_the_mean_and_spread_of_a_binomial(n_posts: int) -> None:
    kept = Thinning(np.full(4_000, n_posts), seed=3).at(0.3)
    assert kept.mean() == pytest.approx(0.3 * n_posts, rel=0.02)
    assert kept.std() == pytest.approx((0.21 * n_posts) ** 0.5, rel=0.06)


@pytest.mark.parametrize("shifted", [False, True])
def test_errors_under_a_change_are_those_of_leaving_out_in_that_world(shifted: bool) -> None:
    posts = np.random.default_rng(2).poisson(25, 30)
    shift = np.linspace(-1, 1, 30) if shifted else None
    matched = matched_of(posts, shift=shift)
    thinning = Thinning(posts, seed=int(0.4 * 2**48))
    fewer, more = posts.copy(), posts.copy()
    fewer[1:] = thinning.at(0.5)[1:]
    more[0] = thinning.at(1 / 3)[0]
    assert matched.columns is not None
    for factor, world in ((0.5, fewer), (3.0, more), (1.0, posts)):
        outcome = np.log1p(world if shift is None else world / np.exp(shift))
        np.testing.assert_allclose(matched.errors_if(factor), left_out_errors(outcome, matched.columns), atol=1e-8)


def test_whoever_has_no_post_stays_equal_whatever_everybody_else_posted() -> None:
    """Accounts that fell silent say nothing of the traffic of their days: a rank among them must not follow it."""
    shift = np.linspace(2, -2, 60)
    posts = np.zeros(60, np.int64)
    posts[30] = 8
    odds, rows = np.full(60, 1 / 60), np.arange(60)
    silent = fit(np.log1p(posts), np.ones((60, 1)), rows=rows, hours=rows, odds=odds, shift=shift)
    errors = silent.errors_if(1.0)
    np.testing.assert_allclose(np.delete(errors, 30), errors[0], atol=1e-9)
    busy = matched_of(np.round(np.exp(shift) * 1_000).astype(np.int64), shift=shift)
    assert np.abs(busy.errors_if(1.0)).max() < 0.02
    assert busy.expected == pytest.approx(1_000 * np.exp(2), rel=0.02)


def test_without_a_change_nothing_is_supposed() -> None:
    matched = matched_of(np.random.default_rng(4).poisson(9, 40))
    np.testing.assert_allclose(matched.errors_if(1.0), matched.errors(float(matched.outcome[0])))


@pytest.mark.parametrize("n_expected", [10, 40, 400])
def test_no_post_at_all_bounds_the_change_as_closely_as_posts_were_expected(n_expected: int) -> None:
    """No change is refused at which chance leaves none in one case of twenty and more, by the rule of three."""
    posts = np.random.default_rng(5).poisson(n_expected, 300)
    posts[0] = 0
    low, high = interval_of(matched_of(posts))[1:]
    assert low == pytest.approx(1e-3)
    assert 0.2 / n_expected < high < 6 / n_expected  # where it falls among those without a post depends on its past


def test_where_chance_often_leaves_nothing_nothing_is_bounded() -> None:
    posts = np.random.default_rng(5).poisson(2, 300)
    posts[0] = 0
    assert interval_of(matched_of(posts))[1:] == pytest.approx((1e-3, 1e3))


@pytest.mark.parametrize("factor", [0.2, 0.7, 1.0, 2.5])
@pytest.mark.parametrize("n_mean", [4, 60])
def test_intervals_cover_the_truth_as_often_as_stated_at_few_posts_too(factor: float, n_mean: int) -> None:
    source, n, n_covered, n_tried = np.random.default_rng(6), 60, 0, 300
    for _ in range(n_tried):
        rate = n_mean * source.gamma(2.0, 0.5, n)
        rate[0] *= factor
        matched = matched_of(source.poisson(rate), tie=float(source.random()))
        p = p_values(matched.errors_if(factor), matched.odds, tie=matched.tie)
        n_covered += min(p) > 0.05
    assert n_covered / n_tried == pytest.approx(0.90, abs=0.055)


def test_the_interval_holds_a_change_where_the_test_does_not_refuse_it() -> None:
    source, agree = np.random.default_rng(7), 0
    for _ in range(40):
        matched = matched_of(source.poisson(20 * source.gamma(2.0, 0.5, 50)), tie=float(source.random()))
        _, low, high = interval_of(matched)
        p = p_values(matched.errors_if(0.6), matched.odds, tie=matched.tie)
        agree += (low <= 0.6 <= high) == (min(p) > 0.05)
    assert agree >= 38  # few ranks cross back


def test_a_set_that_an_older_version_kept_is_read_as_it_was() -> None:
    matched = replace(matched_of(np.random.default_rng(4).poisson(9, 40)), columns=None)
    posts = np.expm1(matched.outcome[0])
    np.testing.assert_allclose(matched.errors_if(0.5), matched.errors(float(np.log1p(posts / 0.5))))
