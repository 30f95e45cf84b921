"""Members are proved one by one: the chances are exact, the bets are fair, and who is merely followed wins nothing."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.proof.blocks import Blocks
from dideban.proof.directed_exchange import (
    Follows,
    find_occasions,
    find_supports,
    leaving_out,
    log_bets,
    log_e_members,
    under_odds,
)
from dideban.proof.members import Watch, prove_members
from dideban.proof.moments import Moments, account_moments
from dideban.proof.placement import Hypotheses
from dideban.proof.propose import NearPairs
from dideban.proof.split import Split
from dideban.proof.strata import Stratum, account_rows
from oracles.directed import chance_of, moved
from oracles.proof import blocks_of

WINDOW_S = 60.0
GROUP = [0, 1, 2]


@st.composite
def occupied(draw: st.DrawFn) -> Blocks:
    """Two blocks with a group of three among outsiders; seconds may be equal."""
    slots = [draw(st.lists(st.integers(0, 400), min_size=4, max_size=9)) for _ in range(2)]
    blocks = blocks_of(slots, [0, 1], window_s=WINDOW_S)
    account = blocks.traces.account.copy()
    for start, stop in zip(blocks.bounds[:-1], blocks.bounds[1:], strict=True):
        places = draw(st.permutations(range(start, stop)))[:3]
        account[places] = GROUP
    return dataclasses.replace(blocks, traces=blocks.traces.with_accounts(account))


def occasions(blocks: Blocks, clocks: np.ndarray | None = None) -> Follows:
    n = int(blocks.traces.account.max()) + 1
    everywhere = np.ones(len(blocks.bounds) - 1, bool)
    return find_occasions(
        blocks, account_rows(blocks, n, everywhere), Hypotheses([np.array(GROUP, np.int32)]), allowed=everywhere,
        clocks=np.zeros((n, 3)) if clocks is None else clocks,
    )  # fmt: skip


@given(occupied())
@settings(max_examples=150, deadline=None)
def test_chances_are_those_of_the_definition(blocks: Blocks) -> None:
    follows = occasions(blocks)
    assert (np.diff(follows.place) >= 0).all()
    for row, chance, hit in zip(follows.row, follows.chance, follows.hit, strict=True):
        assert (pytest.approx(chance), bool(hit)) == chance_of(blocks, row, GROUP)


@given(occupied())
@settings(max_examples=60, deadline=None)
def test_each_bet_is_fair_over_every_slot_that_the_member_could_hold(blocks: Blocks) -> None:
    for row in occasions(blocks).row:
        chances, bets = set(), []
        for account, place in moved(blocks, row, GROUP):
            other = dataclasses.replace(blocks, traces=blocks.traces.with_accounts(account))
            chance, hit = chance_of(other, place, GROUP)
            chances.add(round(chance, 12))
            bets.append(np.exp(log_bets(np.array([chance]), np.array([hit]))[0]))
        assert len(chances) == 1, "where it sits says nothing about its chance"
        assert np.mean(bets, axis=0) == pytest.approx(1.0)


@given(occupied())
@settings(max_examples=60, deadline=None)
def test_equal_odds_change_nothing_and_slow_and_quick_ways_agree(blocks: Blocks) -> None:
    follows, groups = occasions(blocks), Hypotheses([np.array(GROUP, np.int32)])
    size = np.diff(blocks.bounds)[blocks.block_of_row[follows.row]]
    bounds = np.append(0, np.cumsum(size)).astype(np.int64)
    none = np.zeros((int(blocks.traces.account.max()) + 1, 3))
    again = under_odds(blocks, follows, groups, odds=np.ones(bounds[-1]), odds_bounds=bounds, clocks=none)
    assert again.chance == pytest.approx(follows.chance)
    assert again.hit.tolist() == follows.hit.tolist()


@given(occupied(), st.sampled_from(GROUP))
@settings(max_examples=60, deadline=None)
def test_without_one_account_nobody_is_credited_for_following_it(blocks: Blocks, left_out: int) -> None:
    follows, groups = occasions(blocks), Hypotheses([np.array(GROUP, np.int32)])
    none = np.zeros((int(blocks.traces.account.max()) + 1, 3))
    hubs = np.full(len(follows.row), left_out, np.int64)
    rest = leaving_out(blocks, follows, groups, left_out=hubs, clocks=none)
    for row, chance, hit in zip(rest.row, rest.chance, rest.hit, strict=True):
        assert (pytest.approx(chance), bool(hit)) == chance_of(blocks, row, GROUP, left_out=left_out)
    supports = find_supports(blocks, follows, groups, n_accounts=len(none))
    for row, support, hit in zip(follows.row, supports, follows.hit, strict=True):
        if support >= 0:
            assert hit
            assert not chance_of(blocks, row, GROUP, left_out=int(support))[1]


def one_after_another(*, n: int, lag_s: float) -> tuple[Blocks, Moments]:
    """Account 1 shares ``n`` objects ``lag_s`` after account 0; twenty others take them up in their own time."""
    rng = np.random.default_rng(3)
    slots, who = [], []
    for _ in range(n):
        at = rng.uniform(2_000, 12_000)
        times = np.append([at, at + lag_s], rng.uniform(0, 14_000, 20))
        order = np.argsort(times)
        slots.append(times[order])
        who.append(np.append([0, 1], 10 + rng.permutation(100)[:20])[order])
    blocks = blocks_of(slots, list(range(n)), window_s=WINDOW_S)
    blocks = dataclasses.replace(blocks, traces=blocks.traces.with_accounts(np.concatenate(who).astype(np.int32)))
    names = pl.Series([f"{a:03d}" for a in range(110)])
    posts = pl.DataFrame(
        {
            "account_id": names.gather(blocks.traces.account),
            "created_at": pl.Series((blocks.traces.time * 1e6).astype(np.int64)).cast(pl.Datetime("us", "UTC")),
        }
    )
    return blocks, account_moments(posts, names)


def evidence(blocks: Blocks, moments: Moments, clocks: np.ndarray | None = None) -> np.ndarray:
    everywhere = np.ones(len(blocks.bounds) - 1, bool)
    follows = find_occasions(
        blocks, account_rows(blocks, 110, everywhere), Hypotheses([np.array([0, 1], np.int32)]), allowed=everywhere,
        clocks=np.zeros((110, 3)) if clocks is None else clocks,
    )  # fmt: skip
    return log_e_members(follows, moments.sittings_of(blocks.traces), n_members=2)


def test_the_follower_is_proved_and_the_followed_is_not() -> None:
    followed, follower = evidence(*one_after_another(n=8, lag_s=5.0))
    assert follower > np.log(1e6)
    assert followed <= 0.0


def test_what_falls_into_one_sitting_counts_once() -> None:
    blocks, moments = one_after_another(n=8, lag_s=5.0)
    one_sitting = np.zeros(len(blocks.traces.time), np.int64)
    everywhere = np.ones(len(blocks.bounds) - 1, bool)
    follows = find_occasions(
        blocks, account_rows(blocks, 110, everywhere), Hypotheses([np.array([0, 1], np.int32)]), allowed=everywhere,
        clocks=np.zeros((110, 3)),
    )  # fmt: skip
    together = log_e_members(follows, one_sitting, n_members=2)
    assert together[1] < evidence(blocks, moments)[1] / 3


@pytest.mark.parametrize("period_s", [7 * 60.0, 13 * 60.0, 15 * 60.0, 3600.0])
@pytest.mark.parametrize("phase_s", [0.0, 100.0])
def test_clocks_of_any_period_and_phase_are_seen(period_s: float, phase_s: float) -> None:
    rng = np.random.default_rng(5)
    times = np.sort(rng.permutation(int(14 * 86_400 / period_s) - 1)[:40] * period_s + phase_s + rng.uniform(0, 5, 40))
    moments = moments_of(times, np.sort(rng.uniform(0, 14 * 86_400, 40)))
    clocked, free = moments.clocks(np.array([0, 1]))
    assert clocked[0] > 0
    assert (np.abs((times - clocked[1] + clocked[2]) % clocked[0]) <= 2 * clocked[2] + 1e-6).mean() > 0.95
    assert free[0] == 0


def moments_of(*times: np.ndarray) -> Moments:
    names = pl.Series([f"{a:03d}" for a in range(len(times))])
    posts = pl.DataFrame(
        {
            "account_id": names.gather(np.repeat(np.arange(len(times)), [len(one) for one in times])),
            "created_at": pl.Series((np.concatenate(times) * 1e6).astype(np.int64)).cast(pl.Datetime("us", "UTC")),
        }
    )
    return account_moments(posts, names)


def test_a_member_with_a_clock_is_exchanged_within_its_phase_alone() -> None:
    """Everybody in the block posts on the full quarter: being there together says nothing any more."""
    blocks = blocks_of([[0, 1, 2, 3, 450, 700, 900, 901, 902, 1_350]], [0], window_s=WINDOW_S)
    account = blocks.traces.account.copy()
    account[[0, 1, 2]] = GROUP
    blocks = dataclasses.replace(blocks, traces=blocks.traces.with_accounts(account))
    clocks = np.zeros((int(account.max()) + 1, 3))
    clocks[:3] = (900.0, 0.0, 10.0)
    free, held = occasions(blocks), occasions(blocks, clocks)
    assert free.chance[-1] == pytest.approx(2 / 8)  # two of its own and seven outsiders' slots
    assert held.chance[-1] == pytest.approx(2 / 5)  # those in phase alone


def proving_the_second(blocks: Blocks) -> Split:
    """Return a division of which the first block proposes and the second proves."""
    middle = (blocks.chunk + 0.5) * blocks.scale.bin_s
    drawn = (Split(seed=seed, index=0, share=0.5, flipped=False) for seed in range(1_000))
    return next(split for split in drawn if split.proposes(middle).tolist() == [True, False])


def shown_by_each(blocks: Blocks, *, habits: bool) -> np.ndarray:
    """E-values of the three members from the second block."""
    nothing, n = np.empty(0, np.int64), int(blocks.traces.account.max()) + 1
    rows = account_rows(blocks, n, np.ones(2, bool))
    none = NearPairs(keys=nothing, starts=np.zeros(1, np.int64), blocks=np.empty(0, np.int32), n_left_out=0)
    stratum = Stratum(kind="link", blocks=blocks, pairs=none, shared=rows, rows=rows)
    nowhere = Moments(bounds=np.zeros(n + 1, np.int64), times=np.empty(0), sittings=nothing)
    watch = Watch(moments=nowhere, sittings=[blocks.block_of_row.astype(np.int64)], clocks=np.zeros((n, 3)))
    groups = [np.array(GROUP, np.int32)]
    return np.exp(prove_members([stratum], proving_the_second(blocks), groups, watch=watch, habits=habits)[0])


@given(occupied(), st.sampled_from(GROUP))
@settings(max_examples=40, deadline=None)
def test_evidence_is_fair_over_every_slot_that_the_member_could_hold(blocks: Blocks, member: int) -> None:
    row = int(np.flatnonzero((blocks.traces.account == member) & (blocks.block_of_row == 1))[0])
    every = [
        dataclasses.replace(blocks, traces=blocks.traces.with_accounts(account))
        for account, _ in moved(blocks, row, GROUP)
    ]
    assert np.mean([shown_by_each(one, habits=False)[member] for one in every]) == pytest.approx(1.0)
    assert np.mean([shown_by_each(one, habits=True)[member] for one in every]) <= 1.0 + 1e-9
