"""Seats and bets of stretches, against slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.kernels.occupancy import bet_on_stretches, near_of_members, seat_members
from oracles import occupancy as oracle


@st.composite
def worlds(draw: st.DrawFn):
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=6))
    n = sum(sizes)
    account = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    times = [t for size in sizes for t in sorted(draw(st.lists(st.integers(0, 99), min_size=size, max_size=size)))]
    groups = draw(st.lists(st.sets(st.integers(0, 5), min_size=1).map(sorted), min_size=0, max_size=4))
    allowed = draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))
    return sizes, account, times, groups, allowed


@given(worlds(), st.sampled_from([0.0, 0.5, 0.8]), st.sampled_from([0.0, 10.0, 60.0]))
@settings(max_examples=150, deadline=None)
def test_seats_are_those_that_a_walk_over_everything_finds(world, own_share, delta):
    sizes, account, times, groups, allowed = world
    block_of_row = np.repeat(np.arange(len(sizes)), sizes)
    order = np.argsort(account, kind="stable").astype(np.int64)
    group, block, present, links, seated = seat_members(
        np.append(0, np.cumsum([len(g) for g in groups])).astype(np.int64),
        np.array([a for g in groups for a in g], np.int64),
        np.append(0, np.cumsum(np.bincount(account, minlength=6))).astype(np.int64),
        order,
        block_of_row.astype(np.int64),
        np.append(0, np.cumsum(sizes)).astype(np.int64),
        np.array(allowed, bool),
        np.array(times, np.float64),
        delta,
        own_share,
    )
    expected = oracle.seats(groups, account, block_of_row, sizes, allowed, times, delta, own_share)
    assert list(zip(group, block, present, links, strict=True)) == [row[:4] for row in expected]
    assert seated.tolist() == [r for row in expected for r in row[4]]


@given(worlds(), st.sampled_from([0.0, 10.0, 60.0]))
@settings(max_examples=80, deadline=None)
def test_near_members_are_counted_as_all_pairs_would_be(world, delta):
    sizes, account, times, groups, allowed = world
    block_of_row = np.repeat(np.arange(len(sizes)), sizes)
    blocks = np.flatnonzero(allowed).astype(np.int64)
    bounds = np.append(0, np.cumsum(sizes)).astype(np.int64)
    for members in groups:
        found = near_of_members(
            blocks, bounds, np.array(times, float), np.array(account, np.int32), np.array(members, np.int32), delta
        )
        assert found.tolist() == oracle.near_of_members(members, blocks, account, block_of_row, times, delta)


@given(st.integers(0, 2**32 - 1), st.integers(0, 30))
@settings(max_examples=80, deadline=None)
def test_bets_on_stretches_multiply_means(seed, n):
    rng = np.random.default_rng(seed)
    group = np.sort(rng.integers(0, 4, n))
    stretch, weight = rng.integers(0, 3, n), rng.uniform(0.01, 5, n)
    log_e, take = rng.normal(0, 4, (n, 2)), rng.uniform(0, 1, (n, 3))
    found = bet_on_stretches(group, stretch, weight, log_e, take, 4)
    for g in range(4):
        rows = [(stretch[k], weight[k], np.exp(log_e[k]), take[k]) for k in np.flatnonzero(group == g)]
        for h in range(2):
            for s in range(3):
                assert found[g, h, s] == pytest.approx(oracle.stretch_bet(rows, h, s), abs=1e-9)


def test_bets_too_large_for_a_float_stay_finite():
    log_e = np.array([[2_000.0], [1_000.0]])
    found = bet_on_stretches(np.array([0, 0]), np.array([0, 0]), np.ones(2), log_e, np.full((2, 1), 0.5), 1)
    assert found[0, 0, 0] == pytest.approx(2_000 + np.log(0.25))
