"""Exact intervals of shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from dideban.validation.intervals import exact_interval, mean_interval


def test_published_values() -> None:
    """Nothing in 40: the upper end is 1 - 0.025^(1/40)."""
    assert exact_interval(0, 40) == pytest.approx((0.0, 1 - 0.025 ** (1 / 40)))
    assert exact_interval(40, 40) == pytest.approx((0.025 ** (1 / 40), 1.0))
    assert exact_interval(0, 0) == (0.0, 1.0)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_as_scipy(hits: tuple[int, int]) -> None:
    k, n = hits
    known = binomtest(k, n).proportion_ci(method="exact")
    assert exact_interval(k, n) == pytest.approx((known.low, known.high))


def test_bootstrap_brackets_the_mean_and_is_repeatable() -> None:
    values = [0.0] * 30 + [0.5] * 10
    centre, low, high = mean_interval(values)
    assert centre == 0.125
    assert 0.04 < low < centre < high < 0.22
    assert mean_interval(values) == (centre, low, high)
    assert mean_interval([]) == (0.0, 0.0, 1.0)
