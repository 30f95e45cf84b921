"""E-values of placements: mean 1 under the null, by looking at every placement there is."""

import dataclasses
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.proof.blocks import Blocks
from dideban.proof.placement import LIFTS, TAKES, Occupancy, Odds, log_e_values, most_log_e, seat_groups, seat_parts
from dideban.proof.strata import account_rows
from oracles import proof as oracle

GROUP = [0, 1, 2]
N_ACCOUNTS = 2 * oracle.OUTSIDERS


def held(blocks: Blocks, account: np.ndarray) -> Blocks:
    return dataclasses.replace(blocks, traces=blocks.traces.with_accounts(account))


def seat(blocks: Blocks, groups: list[list[int]]) -> Occupancy:
    rows = account_rows(blocks, N_ACCOUNTS, blocks.informs)
    codes = [np.array(g, np.int32) for g in groups]
    return seat_groups(blocks, rows, codes, allowed=np.ones(len(blocks.informs), bool))


def evidence(blocks: Blocks, account: np.ndarray, group: list[int], odds: Odds | None = None) -> float:
    now = held(blocks, account)
    return float(log_e_values(now, seat(now, [group]), [np.array(group, np.int32)], odds)[0])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Blocks, list[list[int]]]:
    """Two or three small blocks in one or several stretches, and which members are in each."""
    n_blocks = draw(st.integers(2, 3))
    slots = [draw(st.lists(st.integers(0, 300), min_size=3, max_size=5)) for _ in range(n_blocks)]
    stretches = sorted(draw(st.lists(st.integers(0, 2), min_size=n_blocks, max_size=n_blocks)))
    present = [draw(st.lists(st.sampled_from(GROUP), min_size=2, max_size=3, unique=True)) for _ in range(n_blocks)]
    return oracle.blocks_of(slots, stretches, window_s=draw(st.sampled_from([10.0, 40.0, 90.0]))), present


@given(worlds())
@settings(max_examples=25, deadline=None)
def test_mean_over_all_placements_is_one(world):
    blocks, present = world
    values = [np.exp(evidence(blocks, account, GROUP)) for account, _ in oracle.subsets(blocks, present)]
    assert np.mean(values) == pytest.approx(1.0, abs=1e-9)


@given(worlds(), st.lists(st.booleans(), min_size=3, max_size=3))
def test_both_parts_are_seated_as_each_alone(world, marks):
    blocks, present = world
    for account, _ in list(oracle.subsets(blocks, present))[:3]:
        now, mask = held(blocks, account), np.array(marks[: len(blocks.informs)])
        rows = account_rows(now, N_ACCOUNTS, now.informs)
        groups = [np.array(g, np.int32) for g in (GROUP, [0, 1], [1, 2])]
        for both, part in zip(seat_parts(now, rows, groups, mask=mask), (mask, ~mask), strict=True):
            alone = seat_groups(now, rows, groups, allowed=part)
            for name in ("group", "block", "n_members", "n_links", "members"):
                assert getattr(both, name).tolist() == getattr(alone, name).tolist()


@given(worlds(), st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_mean_is_one_when_slots_have_odds(world, seed):
    blocks, present = world
    size = np.diff(blocks.bounds)
    by_slot = np.random.default_rng(seed).uniform(0.1, 5.0, len(blocks.traces.time))
    listed = [k for k in range(len(size)) if blocks.informs[k] and len(present[k]) < size[k]]
    odds = Odds(group=np.concatenate([by_slot[blocks.bounds[k] : blocks.bounds[k + 1]] for k in listed] or [[]]))
    total = weights = 0.0
    for account, chosen in oracle.subsets(blocks, present):
        weight = prod(by_slot[blocks.bounds[k] + s] for k, slots in enumerate(chosen) for s in slots)
        total += weight * np.exp(evidence(blocks, account, GROUP, odds))
        weights += weight
    assert total / weights == pytest.approx(1.0, abs=1e-9)


@given(worlds(), st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None)
def test_mean_is_one_when_every_member_has_its_own_odds(world, seed):
    blocks, present = world
    present = [members[:2] for members in present]
    size = np.diff(blocks.bounds)
    rng = np.random.default_rng(seed)
    mine = rng.uniform(0.1, 5.0, (len(GROUP), len(blocks.traces.time)))
    group_odds = Odds(
        group=np.concatenate([np.ones(n) for n, one in zip(size, blocks.informs, strict=True) if one] or [[]])
    )
    total = weights = 0.0
    for account, seats in oracle.seatings(blocks, present):
        now = held(blocks, account)
        occupancy = seat(now, [GROUP])
        where = np.repeat(occupancy.block, occupancy.n_members)
        own = [mine[m, blocks.bounds[k] : blocks.bounds[k + 1]] for m, k in zip(occupancy.members, where, strict=True)]
        odds = dataclasses.replace(group_odds, own=np.concatenate(own or [np.empty(0)]))
        weight = prod(mine[m, blocks.bounds[k] + s] for k, sat in enumerate(seats) for m, s in sat)
        total += weight * np.exp(log_e_values(now, occupancy, [np.array(GROUP, np.int32)], odds)[0])
        weights += weight
    assert total / weights == pytest.approx(1.0, abs=1e-9)


def test_mean_stays_one_when_the_blocks_of_a_stretch_hang_together():
    """One session, several objects: who sits early in one block sits early in all. Averaging keeps the mean."""
    slots = [[0, 20, 70, 150]] * 3
    blocks = oracle.blocks_of(slots, [0, 0, 0], window_s=30.0)
    same = []
    for account, chosen in oracle.subsets(blocks, [[0, 1]] * 3):
        if len(set(chosen)) == 1:
            same.append(np.exp(evidence(blocks, account, GROUP)))
    assert len(same) == 6
    assert np.mean(same) == pytest.approx(1.0, abs=1e-9)


def test_multiplying_inside_a_stretch_would_not():
    """The same three blocks in three stretches hang together: evidence is multiplied and the mean passes 1."""
    blocks = oracle.blocks_of([[0, 20, 70, 150]] * 3, [0, 1, 2], window_s=30.0)
    same = [
        np.exp(evidence(blocks, account, GROUP))
        for account, chosen in oracle.subsets(blocks, [[0, 1]] * 3)
        if len(set(chosen)) == 1
    ]
    assert np.mean(same) > 1.05


@given(worlds(), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_evidence_is_the_written_out_bet(world, seed):
    blocks, present = world
    rng = np.random.default_rng(seed)
    account = blocks.traces.account.copy()
    for k, members in enumerate(present):
        slots = rng.choice(np.diff(blocks.bounds)[k], size=len(members), replace=False)
        account[blocks.bounds[k] + slots] = members
    expected = oracle.log_e_value(blocks, account, GROUP, lifts=LIFTS.tolist(), takes=TAKES.tolist())
    # the kernel takes the chance from a finite step of 1e-4: another bet by that much, just as fair
    assert evidence(blocks, account, GROUP) == pytest.approx(expected, rel=2e-3, abs=2e-3)


def test_stretches_count_again_and_blocks_of_one_do_not():
    slots = [[0, 2, 500, 900, 1500, 2400, 3000]] * 4
    close = [0, 1, *range(2000, 2005)]
    in_one = oracle.blocks_of(slots, [0, 0, 0, 0], window_s=10.0)
    in_four = oracle.blocks_of(slots, [0, 1, 2, 3], window_s=10.0)
    once = oracle.blocks_of(slots[:1], [0], window_s=10.0)
    account = np.array(close * 4, np.int32)
    account[account >= 2000] = np.arange(1000, 1000 + 20)
    alone = evidence(once, account[:7], [0, 1])
    assert evidence(in_one, account, [0, 1]) == pytest.approx(alone, rel=1e-9)
    assert evidence(in_four, account, [0, 1]) > 2.5 * alone


@given(worlds(), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_no_outcome_exceeds_the_most(world, seed):
    blocks, present = world
    rng = np.random.default_rng(seed)
    account = blocks.traces.account.copy()
    for k, members in enumerate(present):
        account[blocks.bounds[k] + rng.choice(np.diff(blocks.bounds)[k], size=len(members), replace=False)] = members
    now = held(blocks, account)
    occupancy = seat(now, [GROUP])
    codes = [np.array(GROUP, np.int32)]
    assert log_e_values(now, occupancy, codes)[0] <= most_log_e(now, occupancy, codes)[0] + 1e-9


def test_groups_do_not_disturb_each_other():
    rng = np.random.default_rng(5)
    blocks = oracle.blocks_of([rng.uniform(0, 3000, 30) for _ in range(6)], [0, 0, 1, 1, 2, 3], window_s=60.0)
    account = np.concatenate([rng.permutation(30) for _ in range(6)]).astype(np.int32)
    groups = [[0, 1, 2], [2, 3, 4, 5], [7, 9], [11, 12, 13, 14, 15]]
    now = held(blocks, account)
    codes = [np.array(g, np.int32) for g in groups]
    together = log_e_values(now, seat(now, groups), codes)
    assert together == pytest.approx([evidence(blocks, account, g) for g in groups], rel=1e-12)


def test_blocks_without_outsiders_or_with_one_member_say_nothing():
    blocks = oracle.blocks_of([[0, 100, 200], [0, 100, 200, 300]], [0, 1], window_s=60.0)
    account = np.array([0, 1, 2, 0, 1000, 1001, 1002], np.int32)
    assert len(seat(held(blocks, account), [GROUP]).block) == 0
    assert evidence(blocks, account, GROUP) == 0.0


def test_nobody_proposed_is_fine():
    blocks = oracle.blocks_of([[0, 100, 200]], [0], window_s=60.0)
    assert len(log_e_values(blocks, seat(blocks, []), [])) == 0
