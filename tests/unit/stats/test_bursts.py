from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.stats.bursts import find_bursts
from oracles.bursts import best_states

SERIES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 30)), min_size=2, max_size=9)


@settings(max_examples=150, deadline=None)
@given(series=SERIES, raise_by=st.sampled_from([1.5, 2.0, 4.0]), gamma=st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_bursts_are_the_cheapest_of_all_sequences(series: list[tuple[int, int]], raise_by: float, gamma: float) -> None:
    hits = [hit for hit, _ in series]
    totals = [hit + more for hit, more in series]
    if not sum(hits) or sum(hits) / sum(totals) >= 0.9999:
        assert find_bursts(hits, totals) == []
        return
    found = find_bursts(hits, totals, raise_by=raise_by, gamma=gamma)
    states = [0] * len(hits)
    for burst in found:
        states[burst.start : burst.stop] = [1] * (burst.stop - burst.start)
    _, best = best_states(hits, totals, raise_by=raise_by, gamma=gamma)
    assert tuple(states) in best


def test_a_day_of_uproar_is_one_burst() -> None:
    hits = [2, 1, 2, 30, 41, 28, 2, 1, 3, 2]
    found = find_bursts(hits, [200] * 10)
    assert [(burst.start, burst.stop) for burst in found] == [(3, 6)]
    assert found[0].weight > 20


def test_more_posts_of_everything_are_no_burst() -> None:
    hits = np.array([5, 5, 50, 60, 5, 5])
    assert find_bursts(hits, hits * 40) == []


def test_two_bursts_stay_apart() -> None:
    hits = [20, 18, 1, 0, 1, 0, 1, 25, 19]
    assert [(b.start, b.stop) for b in find_bursts(hits, [60] * 9)] == [(0, 2), (7, 9)]


def test_empty_bins_tell_nothing() -> None:
    assert [(b.start, b.stop) for b in find_bursts([1, 0, 15, 0, 15, 1, 1], [40, 0, 40, 0, 40, 40, 40])] == [(2, 5)]


def test_weight_is_the_gain_in_likelihood() -> None:
    hits, totals = [1, 1, 9, 8, 1, 1], [50] * 6
    (burst,) = find_bursts(hits, totals)
    low = sum(hits) / sum(totals)
    gain = sum(h * math.log(2) + (50 - h) * math.log((1 - 2 * low) / (1 - low)) for h in (9, 8))
    assert burst.weight == pytest.approx(gain)


def test_a_higher_price_finds_no_more() -> None:
    rng = np.random.default_rng(3)
    hits = rng.poisson(4, 60) + np.where(np.arange(60) % 20 < 3, 9, 0)
    counts = [sum(b.stop - b.start for b in find_bursts(hits, [100] * 60, gamma=gamma)) for gamma in (0, 1, 3, 10)]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    ("hits", "totals"), [([1, 2], [1]), ([-1, 2], [3, 3]), ([4, 1], [3, 3])], ids=["length", "negative", "too-many"]
)
def test_nonsense_is_refused(hits: list[int], totals: list[int]) -> None:
    with pytest.raises(ValueError, match="hits"):
        find_bursts(hits, totals)


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="raise_by"):
        find_bursts([1, 1], [2, 2], raise_by=1.0)


def test_everything_of_everything_is_no_burst() -> None:
    assert find_bursts([5, 5, 5], [5, 5, 5]) == []
    assert find_bursts([], []) == []
    assert find_bursts([3], [9]) == []
