"""Exact intervals of shares, against an independent library and their own law."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from dideban.stats.shares import at_most, exact_interval, upper_bound

COUNTS = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.sampled_from([0.9, 0.95, 0.99]))
def test_ends_are_those_of_the_beta_distribution(counts: tuple[int, int], level: float) -> None:
    k, n = counts
    tail = (1 - level) / 2
    low = beta.ppf(tail, k, n - k + 1) if k else 0.0
    high = beta.ppf(1 - tail, k + 1, n - k) if k < n else 1.0
    assert exact_interval(k, n, level=level) == pytest.approx((low, high), abs=1e-9)


@given(COUNTS, st.floats(0.001, 0.999))
def test_the_tail_is_that_of_the_binomial_distribution(counts: tuple[int, int], share: float) -> None:
    k, n = counts
    assert at_most(k, n, share) == pytest.approx(binom.cdf(k, n, share), abs=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "bound"), [(0, 20, 0.139), (0, 59, 0.0495), (2, 40, 0.149), (5, 200, 0.0518), (0, 0, 1.0)]
)
def test_what_so_many_verdicts_show(k: int, n: int, bound: float) -> None:
    assert upper_bound(k, n) == pytest.approx(bound, abs=5e-4)


def test_counts_that_make_no_sense_are_refused() -> None:
    for k, n in ((-1, 3), (4, 3)):
        with pytest.raises(ValueError, match="of"):
            exact_interval(k, n)
