"""Placement kernels against the sum over every subset."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.kernels.placement import links_among, links_distribution, log_partition, log_partition_own, near_pairs
from oracles import placement as oracle

blocks = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 40), min_size=n, max_size=n),
        st.lists(st.floats(0.1, 5), min_size=n, max_size=n),
        st.integers(1, n),
        st.integers(0, 20),
    )
)


@given(blocks, st.floats(1, 500))
@settings(max_examples=150, deadline=None)
def test_sums_over_subsets_are_exact(block, r):
    raw, odds, g, delta = block
    times, weights = np.sort(np.array(raw, float)), np.array(odds)
    expected = oracle.partition(times, weights, g, delta, r)
    assert log_partition(times, weights, g, delta, r) == pytest.approx(np.log(expected), rel=1e-9, abs=1e-9)
    assert links_distribution(times, weights, g, delta) == pytest.approx(
        oracle.distribution(times, weights, g, delta), rel=1e-9, abs=1e-12
    )


@given(blocks)
@settings(max_examples=100, deadline=None)
def test_counts_agree_with_the_definition(block):
    raw, _, _, delta = block
    times = np.sort(np.array(raw, float))
    assert links_among(times, delta) == oracle.links(times, delta)
    pairs = sum(1 for i in range(len(times)) for j in range(i) if times[i] - times[j] <= delta)
    assert near_pairs(times, 0, len(times), delta) == pairs


def test_many_slots_and_members_neither_overflow_nor_vanish():
    rng = np.random.default_rng(1)
    times = np.sort(rng.uniform(0, 3600, 20_000))
    value = log_partition(times, np.ones(20_000), 80, 60.0, 1e6)
    assert np.isfinite(value)
    assert value >= log_partition(times, np.ones(20_000), 80, 60.0, 1.0)


@given(st.integers(2, 6), st.integers(1, 3), st.integers(0, 2**32 - 1), st.integers(0, 20), st.floats(1, 200))
@settings(max_examples=60, deadline=None)
def test_members_with_own_odds_are_summed_exactly(n, g, seed, delta, r):
    rng = np.random.default_rng(seed)
    g = min(g, n)
    times, odds = np.sort(rng.integers(0, 60, n)).astype(float), rng.uniform(0.1, 4, (g, n))
    expected = np.log(oracle.partition_own(times, odds, delta, r))
    assert log_partition_own(times, odds, delta, r) == pytest.approx(expected, rel=1e-9, abs=1e-9)
