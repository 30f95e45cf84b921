"""Pair evidence against double loops and full enumeration."""

from itertools import permutations, product

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dideban.evidence.pair_evidence import KAPPA, LIFTS, MANY_HITS, MAX_CHANCE, PAIRS, Slots, pair_evidence
from dideban.kernels.pair_evidence import near_chance, poisson_binomial_tail
from oracles import synchrony as oracle

MEMBERS = np.array([0, 1, 2], np.int32)
NAMES = ["ana", "bea", "cem"]


def slots_of(rows):
    ordered = sorted(rows)
    return Slots(
        block=np.array([r[0] for r in ordered], np.int64),
        time=np.array([r[1] for r in ordered], np.float64),
        account=np.array([r[2] for r in ordered], np.int32),
    )


def weigh(rows, *, window_s=60.0, members=MEMBERS, names=NAMES):
    return pair_evidence(slots_of(rows), members=members, names=names, window_s=window_s)


def expect(rows, a, b, window_s):
    return oracle.pair(
        rows, a, b, window_s=window_s, kappa=KAPPA, many=MANY_HITS, most=MAX_CHANCE, lifts=LIFTS.tolist()
    )


@given(st.lists(st.floats(0, 1), max_size=9), st.integers(0, 10))
@settings(max_examples=150, deadline=None)
def test_the_tail_is_the_sum_over_all_outcomes(q, least):
    expected = oracle.tail(q, least)
    assert poisson_binomial_tail(np.array(q), least) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_far_tails_keep_their_digits():
    assert poisson_binomial_tail(np.full(50, 1e-6), 50) == pytest.approx(1e-300, rel=1e-9)
    assert poisson_binomial_tail(np.full(400, 0.5), 0) == 1.0
    assert poisson_binomial_tail(np.full(400, 0.5), 401) == 0.0


@given(
    st.lists(st.integers(0, 300), min_size=2, max_size=12),
    st.sampled_from([0.0, 10.0, 60.0]),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=150, deadline=None)
def test_the_chance_is_the_double_loop(raw, window_s, seed):
    times = np.sort(np.array(raw, float))
    one, two = np.random.default_rng(seed).uniform(0.1, 5, (2, len(times)))
    expected = oracle.chance(times, one, two, window_s)
    assert near_chance(times, one, two, window_s) == pytest.approx(expected, rel=1e-9, abs=1e-12)


THREE_FIFTHS = (
    *((0, 6.0 * (a == 1), a) for a in (5, 4, 0, 1, 3)),
    *((1, 600.0 + 6.0 * (a == 1), a) for a in (4, 0, 1, 5, 2)),
    *((2, 0.0, a) for a in (4, 5, 3, 0)),
)
"""A block in which two are near by a chance of 0.6, which two ways of adding it up put on two sides of 0.6."""


@st.composite
def worlds(draw):
    """Blocks that overlap in time, some starting together; accounts 0 to 2 are members."""
    rows = []
    for block in range(draw(st.integers(1, 7))):
        start = draw(st.sampled_from([0, 600, 3000, 7000]))
        who = draw(st.lists(st.integers(0, 7), min_size=2, max_size=8, unique=True))
        rows += [(block, float(start + draw(st.one_of(st.just(0), st.integers(0, 400)))), account) for account in who]
    return rows


@given(worlds(), st.sampled_from([5.0, 60.0, 120.0]))
@settings(max_examples=100, deadline=None)
@example([*THREE_FIFTHS], 5.0)
def test_pairs_agree_with_the_slow_twin(rows, window_s):
    table = weigh(rows, window_s=window_s)
    assert table.select("account_a", "account_b").rows() == [("ana", "bea"), ("ana", "cem"), ("bea", "cem")]
    for (a, b), got in zip([(0, 1), (0, 2), (1, 2)], table.drop("account_a", "account_b").rows(), strict=True):
        assert got == pytest.approx(expect(rows, a, b, window_s), rel=1e-9, abs=1e-12)


def seatings(times, n_accounts):
    """Every way that accounts 0 to n - 1 can hold the slots of a block."""
    return permutations(range(n_accounts), len(times))


@pytest.mark.parametrize("times", [[0.0, 50.0, 400.0, 900.0], [0.0, 20.0, 40.0, 500.0, 900.0]])
def test_over_all_placements_near_happens_as_often_as_stated_and_the_bet_is_fair(times):
    """One block, no history: the chance is exact, the e-value has mean 1."""
    near, stated, values = [], [], []
    for held in seatings(times, len(times)):
        rows = [(0, t, account) for t, account in zip(times, held, strict=True)]
        row = weigh(rows, members=MEMBERS[:2], names=NAMES[:2]).row(0, named=True)
        near.append(row["n_near"])
        stated.append(row["expected"])
        values.append(row["e_value"])
    assert np.mean(near) == pytest.approx(np.mean(stated), abs=1e-12)
    assert np.mean(values) == pytest.approx(1.0, abs=1e-12)


def test_leaving_out_by_the_past_keeps_the_bet_fair():
    """Whatever happened in two blocks, over all placements of the third the e-value stays where it was."""
    layouts = [[0.0, 1.0, 20.0, 40.0], [3600.0, 3601.0, 3630.0, 3650.0], [7200.0, 7201.0, 7202.0, 7230.0]]
    ways = list(permutations(range(4)))  # all slots lie in one minute of the hour, so that the clock is silent
    n_blocks = set()
    for past in product(ways[::3], ways[::3]):
        rows = [(k, t, a) for k, held in enumerate(past) for t, a in zip(layouts[k], held, strict=True)]
        then = [weigh_two(rows + [(2, t, a) for t, a in zip(layouts[2], held, strict=True)]) for held in ways]
        assert np.mean([row["e_value"] for row in then]) == pytest.approx(weigh_two(rows)["e_value"], rel=1e-9)
        n_blocks |= {row["n_blocks"] for row in then}
    assert n_blocks == {2, 3}  # two where the past has left nobody to compare with


def weigh_two(rows):
    return weigh(rows, window_s=5.0, members=MEMBERS[:2], names=NAMES[:2]).row(0, named=True)


def test_left_out_accounts_no_longer_hide_a_group():
    """Five accounts fill their blocks; only when those of earlier blocks are left out is being near rare again."""
    rng = np.random.default_rng(4)
    rows = []
    for block in range(12):
        at = 86_400.0 * block
        rows += [(block, at + rng.uniform(0, 20), account) for account in range(5)]
        rows += [(block, at + rng.uniform(100, 7000), 5 + block * 10 + j) for j in range(4)]
    group = np.arange(5, dtype=np.int32)
    table = weigh(rows, members=group, names=list("abcde"))
    blind = [np.mean([expect_without(rows, a, b)]) for a in range(5) for b in range(a)]
    assert table["p_value"].max() < 1e-6
    assert table["p_value"].max() < min(blind)


def expect_without(rows, a, b):
    return oracle.pair(rows, a, b, window_s=60.0, kappa=KAPPA, many=10**6, most=MAX_CHANCE, lifts=LIFTS.tolist())[3]


def test_accounts_that_post_at_the_full_hour_are_linked_less_for_that():
    """Two schedulers among people who post at any time: their clocks explain most of their meetings."""
    rng = np.random.default_rng(6)
    rows = []
    for block in range(60):
        at = 3600.0 * 5 * block
        rows += [(block, at + 3600 * rng.integers(1, 3) + rng.uniform(0, 30), account) for account in (0, 1)]
        rows += [(block, at + rng.uniform(0, 10_000), 2 + block * 20 + j) for j in range(20)]
        rows += [(block, at + 3600 * hour + rng.uniform(0, 30), 5000 + block * 2 + hour) for hour in (1, 2)]
    got = weigh(rows, members=MEMBERS[:2], names=NAMES[:2]).row(0, named=True)
    even = oracle.pair(rows, 0, 1, window_s=60.0, kappa=1e12, many=MANY_HITS, most=MAX_CHANCE, lifts=LIFTS.tolist())
    assert got["n_near"] == even[1]
    assert got["expected"] > 5 * even[2]
    assert got["p_value"] > 1e6 * even[3]


def test_blocks_that_say_nothing_are_passed_over():
    two = [(0, 0.0, 0), (0, 1.0, 1)]
    crowded = [(1, 10_000.0 + i, i) for i in range(6)]
    apart = [(2, 20_000.0 + 1000 * i, i) for i in range(6)]
    table = weigh(two + crowded + apart)
    assert table.drop("account_a", "account_b").rows() == [(0, 0, 0.0, 1.0, 1.0)] * 3


def test_names_decide_the_order_and_nothing_else():
    rng = np.random.default_rng(9)
    rows = [(k, 5000.0 * k + rng.uniform(0, 900), a) for k in range(8) for a in range(8)]
    one = weigh(rows)
    two = weigh(rows, members=MEMBERS[[2, 0, 1]], names=["cem", "ana", "bea"])
    assert one.equals(two)
    assert one.columns == list(PAIRS)
    turned = weigh(rows, names=["z", "y", "x"])
    assert turned.sort("account_b", "account_a", descending=True)["p_value"].to_list() == pytest.approx(
        one["p_value"].to_list()
    )


def test_no_member_one_member_no_rows():
    assert weigh([], members=MEMBERS[:0], names=[]).is_empty()
    assert weigh([(0, 0.0, 0), (0, 1.0, 5), (0, 2.0, 6)], members=MEMBERS[:1], names=["ana"]).is_empty()
    assert weigh([]).drop("account_a", "account_b").rows() == [(0, 0, 0.0, 1.0, 1.0)] * 3


def test_tables_that_break_the_contract_are_refused():
    unsorted = Slots(block=np.array([1, 0]), time=np.zeros(2), account=np.zeros(2, np.int32))
    with pytest.raises(ValueError, match="sorted"):
        pair_evidence(unsorted, members=MEMBERS, names=NAMES, window_s=60.0)
    with pytest.raises(ValueError, match="names"):
        weigh([(0, 0.0, 0)], names=["ana"])


def test_a_big_block_and_a_long_history_stay_within_bounds():
    rng = np.random.default_rng(10)
    rows = [(0, t, a) for a, t in enumerate(rng.uniform(0, 14_000, 20_000))]
    rows += [(k, 1e6 + 5000.0 * k + rng.uniform(0, 4000), a) for k in range(1, 3000) for a in range(3)]
    table = weigh(rows)
    assert table["p_value"].is_between(0.0, 1.0).all()
    assert isinstance(table, pl.DataFrame)
    assert table["e_value"].is_finite().all()
