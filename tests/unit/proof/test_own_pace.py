"""Own pace: the bets are exact and fair, followers of one source win nothing, groups that take turns are found."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import Config
from dideban.kernels.own_pace import log_bet, pick_of_sittings
from dideban.proof import prove_groups
from dideban.proof.blocks import KindTraces
from dideban.proof.moments import account_moments
from dideban.proof.own_pace import (
    LEAST_BETWEEN,
    LOG_R,
    choose_together,
    find_samples,
    marks_passed,
    propose_together,
    prove_own,
    weigh_pace,
)
from dideban.proof.placement import Hypotheses
from dideban.proof.shared_objects import SharedObjects
from dideban.proof.strata import code_traces
from dideban.simulate import Framing, Plant, Stream, make_framing_stream, make_stream
from oracles.own_pace import Share, bet, exchanged, samples_of

SCALES_S = (10.0, 60.0, 600.0)
DAY_S = 86_400.0


def shared_of(shares: Sequence[Share], *, origins: Sequence[int] | None = None) -> SharedObjects:
    """Shares as the first shares of one kind."""
    items = {item: k for k, item in enumerate(sorted({s.item for s in shares}))}
    rows = sorted(shares, key=lambda s: (items[s.item], s.at, s.account))
    time = np.array([s.at for s in rows], float)
    codes = np.array([items[s.item] for s in rows], np.int32)
    traces = KindTraces(
        kind="link",
        account=np.array([s.account for s in rows], np.int32),
        object=codes,
        time=time,
        birth=time[np.flatnonzero(np.diff(codes, prepend=-1))],
        origin=np.full(len(items), -1, np.int32) if origins is None else np.array(origins, np.int32),
    )
    return SharedObjects(traces=traces, n_accounts=100)


def taking_turns(
    n_members: int, n_items: int, *, lag_s: float = 20.0, turns: bool = True, start: int = 0
) -> list[Share]:
    """A group of which each posts first in its turn, the others soon after; or of which the same one always does."""
    found = []
    for item in range(n_items):
        first = item % n_members if turns else 0
        order = [first, *(k for k in range(n_members) if k != first)]
        found += [Share(start + k, start * 1_000 + item, item * DAY_S + i * lag_s) for i, k in enumerate(order)]
    return found


def slowly(n_members: int, n_items: int, *, start: int = 0, outsider: int = 90) -> list[Share]:
    """What members share hours after somebody else."""
    return [
        Share(account, 500_000 + (start + k) * 1_000 + item, item * DAY_S + at)
        for k in range(n_members)
        for item in range(n_items)
        for account, at in ((outsider, 30_000.0), (start + k, 40_000.0 + 900.0 * k + 60.0 * item))
    ]


@given(st.integers(0, 4), st.integers(0, 4), st.data())
@settings(max_examples=60, deadline=None)
def test_a_bet_is_that_over_every_arrangement(n_joint: int, n_other: int, data: st.DataObject) -> None:
    joint, other = data.draw(st.integers(0, n_joint)), data.draw(st.integers(0, n_other))
    for log_r in LOG_R:
        assert np.exp(log_bet(n_joint, n_other, joint, other, log_r)) == pytest.approx(
            bet(n_joint, n_other, joint, other, float(np.exp(log_r)))
        )


@st.composite
def small_world(draw: st.DrawFn) -> tuple[list[Share], list[int]]:
    """A few objects shared by a group of three and by outsiders, each instant once per object."""
    shares = []
    for item in range(draw(st.integers(2, 5))):
        who = draw(st.lists(st.integers(0, 5), min_size=2, max_size=4, unique=True))
        at = draw(st.lists(st.integers(0, 900), min_size=len(who), max_size=len(who), unique=True))
        shares += [Share(a, item, item * 100_000.0 + t) for a, t in zip(who, at, strict=True)]
    return shares, [0, 1, 2]


@given(small_world())
@settings(max_examples=150, deadline=None)
def test_samples_are_those_of_the_definition(world: tuple[list[Share], list[int]]) -> None:
    shares, group = world
    shared = shared_of(shares)
    found = find_samples(shared, Hypotheses([np.array(group, np.int32)]))
    items = sorted({s.item for s in shares})
    told = {
        (int(p), items[shared.traces.object[r]], int(b), float(d))
        for p, r, b, d in zip(found.place, found.row, found.by, found.delay, strict=True)
    }
    assert told == {(s.member, s.item, s.by, s.delay) for s in samples_of(shares, group)}


@given(small_world())
@settings(max_examples=60, deadline=None)
def test_exchanging_delays_leaves_every_mean_at_one_or_below(world: tuple[list[Share], list[int]]) -> None:
    shares, group = world
    shared, groups = shared_of(shares), Hypotheses([np.array(group, np.int32)])
    samples = find_samples(shared, groups)
    if len(samples.place) > 7 or not len(samples.place):
        return
    whole, one = [], []
    for delays in exchanged(samples.delay.tolist(), samples.place.tolist()):
        pace = weigh_pace(shared, groups, dataclasses.replace(samples, delay=np.array(delays)), scales_s=SCALES_S)
        whole.append(np.exp(pace.groups[0]))
        one.append(np.exp(np.concatenate([pace.members, pace.left])))
    assert (np.mean(whole, axis=0) <= 1 + 1e-9).all()
    assert (np.mean(one, axis=0) <= 1 + 1e-9).all()


def test_the_mean_of_a_member_is_exactly_one_over_its_own_arrangements() -> None:
    shares = [*taking_turns(3, 4), *slowly(3, 3)]
    shared, groups = shared_of(shares), Hypotheses([np.array([0, 1, 2], np.int32)])
    samples = find_samples(shared, groups)
    mine = samples.place == 0
    values = []
    for delays in exchanged(samples.delay[mine].tolist(), [0] * int(mine.sum())):
        moved = samples.delay.copy()
        moved[mine] = delays
        pace = weigh_pace(shared, groups, dataclasses.replace(samples, delay=moved), scales_s=SCALES_S)
        values.append(np.exp(pace.members[0]))
    assert np.mean(values, axis=0) == pytest.approx(np.ones(len(SCALES_S)))
    assert np.max(values) > 2


def test_reach_is_what_the_clearest_outcome_gives() -> None:
    shares = [*taking_turns(4, 8), *slowly(4, 6)]
    shared, groups = shared_of(shares), Hypotheses([np.arange(4, dtype=np.int32)])
    pace = weigh_pace(shared, groups, find_samples(shared, groups), scales_s=SCALES_S)
    assert pace.groups[0, 1] == pytest.approx(pace.reach[0])
    assert pace.n_objects[0] == 8


def test_one_source_and_its_followers_win_nothing() -> None:
    for group in (np.arange(5, dtype=np.int32), np.arange(1, 5, dtype=np.int32)):  # with and without the source
        shares = [*taking_turns(5, 20, turns=False), *slowly(5, 10)]
        shared, groups = shared_of(shares), Hypotheses([group])
        pace = weigh_pace(shared, groups, find_samples(shared, groups), scales_s=SCALES_S)
        assert not pace.groups.any()
        assert not pace.members.any()


def test_who_only_follows_those_that_take_turns_wins_nothing() -> None:
    shares = [*taking_turns(4, 12), *slowly(5, 6)]
    shares += [Share(4, item, item * DAY_S + 90.0) for item in range(12)]
    shared, groups = shared_of(shares), Hypotheses([np.arange(5, dtype=np.int32)])
    pace = weigh_pace(shared, groups, find_samples(shared, groups), scales_s=(600.0,))
    assert (pace.members[:4, 0] > 3).all()
    assert pace.members[4, 0] == 0


@pytest.mark.parametrize("n_between", [0, 1, 2, 5])
def test_who_is_only_run_ahead_of_and_copied_wins_nothing(n_between: int) -> None:
    """Members 0 and 1 post before 2 what it will post, and copy what it posts: it never comes between them."""
    shares = [*slowly(3, 6)]
    for item in range(24):
        one, other = item % 2, 1 - item % 2
        order = [(one, 0.0), (other, 1.0), (2, 20.0)] if item % 3 else [(2, 0.0), (one, 3.0), (other, 4.0)]
        if 3 * n_between > item and item % 3 == 1:
            order = [(one, 0.0), (2, 20.0), (other, 21.0)]
        shares += [Share(account, item, item * DAY_S + at) for account, at in order]
    shared, groups = shared_of(shares), Hypotheses([np.arange(3, dtype=np.int32)])
    pace = weigh_pace(shared, groups, find_samples(shared, groups), scales_s=(60.0,))
    assert (pace.members[:2, 0] > 1).all()
    assert (pace.members[2, 0] > 1) == (n_between >= LEAST_BETWEEN)


@pytest.mark.parametrize("origins", ["one", "a few", "many"])
def test_one_site_of_each_member_counts_for_nothing(origins: str) -> None:
    shares = [*taking_turns(4, 12), *slowly(4, 6)]
    n_items = len({s.item for s in shares})
    codes = {"one": np.zeros(n_items), "a few": np.arange(n_items) % 6, "many": np.arange(n_items)}[origins]
    groups = Hypotheses([np.arange(4, dtype=np.int32)])
    shared = shared_of(shares, origins=codes.astype(int).tolist())
    pace = weigh_pace(shared, groups, find_samples(shared, groups), scales_s=SCALES_S)
    assert (pace.groups > 2).any() == (origins != "one")


def test_of_several_at_one_instant_an_outsider_was_first_else_members_by_turns() -> None:
    group = Hypotheses([np.arange(3, dtype=np.int32)])
    tied = [Share(a, item, item * DAY_S) for item in range(60) for a in range(3)]
    found = find_samples(shared_of(tied), group)
    leaders = np.bincount(found.by, minlength=3)
    assert (leaders > 20).all()
    assert not found.delay.any()
    with_outsider = [*tied, *(Share(3, item, item * DAY_S) for item in range(60))]
    assert (find_samples(shared_of(with_outsider), group).by == -1).all()


def test_delays_of_a_clock_are_marks_let_pass() -> None:
    clock = np.array([[900.0, 60.0, 10.0]] * 4 + [[0.0, 0.0, 0.0]])
    since = np.array([960.0, 961.0, 975.0, 100.0, 100.0])
    time = np.array([965.0, 1860.0, 1860.0, 1860.0, 1860.0])
    assert marks_passed(time, since, time - since, clock).tolist() == [0.0, 900.0, 0.0, 900.0, 1760.0]


def test_one_sample_stands_for_a_sitting_a_joint_one_before_others() -> None:
    place = np.array([0, 0, 0, 0, 1, 1])
    time = np.array([0.0, 800.0, 1600.0, 9000.0, 9001.0, 9002.0])
    joint = np.array([False, True, True, False, False, False])
    assert pick_of_sittings(place, time, joint, 900.0).tolist() == [False, True, False, True, True, False]
    assert not len(pick_of_sittings(place[:0], time[:0], joint[:0], 900.0))


def test_proposals_look_at_who_shares_what_and_never_at_when() -> None:
    shares = [*taking_turns(4, 8), *slowly(4, 6)]
    one = propose_together(shared_of(shares), max_size=80, seed=1)
    rng = np.random.default_rng(3)
    moved = [dataclasses.replace(s, at=float(t)) for s, t in zip(shares, rng.permutation(len(shares)), strict=True)]
    two = propose_together(shared_of(moved), max_size=80, seed=1)
    assert [g.tolist() for g in one] == [g.tolist() for g in two]
    assert [0, 1, 2, 3] in [g.tolist() for g in one]


OWN = Plant(n_accounts=8, n_operations=18, jitter_s=40.0, where="exclusive", posts_per_day=3.0)


@pytest.fixture(scope="module")
def planted() -> Stream:
    return make_stream(seed=7_403, n_accounts=1_000, n_shares=15_000, plants=[OWN])


def named(stream: Stream, *, exchange_seed: int | None = None, doubtful: bool = False) -> list[set[str]]:
    accounts, kinds = code_traces(stream.traces, stream.objects)
    together = choose_together(kinds, n_accounts=len(accounts), max_size=80, seed=1, fdr=0.003)
    found = prove_own(
        together, moments=account_moments(stream.moments, accounts), scales_s=SCALES_S, fdr=0.003, names_fdr=0.04,
        exchange_seed=exchange_seed,
    )  # fmt: skip
    return [set(accounts.gather(one.members)) for one in found if one.is_doubtful == doubtful]


def members_of(stream: Stream, group: str) -> set[str]:
    return set(stream.truth.filter(pl.col("group") == group)["account_id"])


def test_a_group_with_content_of_its_own_is_a_finding_that_names_nobody_else(planted: Stream) -> None:
    proof = prove_groups(planted.traces, objects=planted.objects, moments=planted.moments, config=Config(threads=1))
    own = proof.proofs.filter(~pl.col("is_lead"), pl.col("kind") == "own")
    assert own.height == 1
    accounts = set(proof.groups.join(own, on="group_ix", how="semi")["account_id"])
    assert len(accounts) >= 4
    assert accounts <= members_of(planted, "plant-00")
    assert proof.selfcheck["n_found_shuffled"] == 0
    rows = proof.proof_traces.join(own, on="group_ix", how="semi")
    assert own["e_value"].item() <= rows["e_value"].max()


def test_exchanged_delays_show_nothing(planted: Stream) -> None:
    assert len(named(planted)) == 1
    assert [named(planted, exchange_seed=seed) for seed in range(5)] == [[]] * 5


@pytest.mark.parametrize("crowd", ["small_fans", "unseen_sources", "clocks_sparse", "shared_tools"])
def test_crowds_that_follow_one_source_or_one_clock_are_not_named(crowd: str) -> None:
    assert named(make_stream(seed=7_500, n_accounts=1_000, n_shares=15_000, crowds=(crowd,))) == []


@pytest.mark.parametrize("victims", ["wire", "feed", "drawn", "straddled"])
def test_attackers_that_run_ahead_name_themselves(victims: str) -> None:
    framing = Framing(n_attackers=5, victims=victims)  # type: ignore[arg-type]
    stream = make_framing_stream(framing, seed=7_600, n_accounts=1_000, n_shares=15_000, crowds=())
    assert not set().union(*named(stream)) & members_of(stream, "copied-00")


def test_what_may_follow_a_public_source_is_a_lead_that_says_so() -> None:
    stream = make_stream(seed=7_500, n_accounts=1_000, n_shares=15_000, crowds=("unseen_sources",))
    doubtful = named(stream, doubtful=True)
    followers = set(stream.truth.filter(kind="fans")["account_id"])
    assert doubtful
    assert all(group <= followers for group in doubtful)
    proof = prove_groups(stream.traces, objects=stream.objects, moments=stream.moments, config=Config(threads=1))
    assert proof.proofs["is_lead"].all()
    shown = proof.groups.group_by("group_ix").agg("account_id")["account_id"].to_list()
    assert all(any(2 * len(group & set(one)) >= len(group) for one in shown) for group in doubtful)
