"""What both parts of each division say of an account is joined: fairly, and in groups that are sought without it."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.messages import Message
from dideban.proof import hypotheses, prove
from dideban.proof.both_ways import Proposed, TrialPlan, both, join_ways, plan_ways
from dideban.proof.split import Split, make_splits

FIRST, FLIPPED, SECOND, TURNED = make_splits(seed=1, n_splits=2, scales_s=(60.0,))
ACCOUNTS = [3, 5, 8, 13]
NOBODY = np.empty(0, np.int64)


def batch(split: Split, groups: list[list[int]], cores: list[list[int]] | None = None) -> hypotheses.TestedBatch:
    """Hypotheses, each with its core: those members that others know of."""
    members = [np.array(one, np.int32) for one in groups]
    return hypotheses.TestedBatch(
        split=split,
        groups=members,
        cores=members if cores is None else [np.array(one, np.int32) for one in cores],
        density=np.ones(len(groups)),
        per_column=np.zeros((len(groups), 1)),
        log_weight=np.zeros((len(groups), 1)),
        follows=np.zeros(len(groups), bool),
        log_e_own=None,
        log_e_exchanged=None,
        n_cut=0,
    )


def planned(batches: list[hypotheses.TestedBatch]) -> TrialPlan:
    """Return what is tested for the first group of each batch."""
    return plan_ways(batches, [np.arange(min(len(b.groups), 1)) for b in batches])


def names(batches: list[hypotheses.TestedBatch], log_e: list[float]) -> list[list[int]]:
    """Return the proved members of the first group of each batch, where each batch shows the same of everybody."""
    plan = planned(batches)
    said = [
        {key: np.full((2, len(group)), log_e[k]) for key, group in trials.items()}
        for k, trials in enumerate(plan.groups)
    ]
    return [b.named[0].members.tolist() for b in join_ways(batches, plan, said, fdr=0.05) if b.groups]


def trials_of(batches: list[hypotheses.TestedBatch]) -> list[list[list[int]]]:
    """Return the sets of accounts that are tested on the proving part of each batch."""
    return [[group.tolist() for group in trials.values()] for trials in planned(batches).groups]


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4), st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4))
def test_joined_bets_are_fair(one: list[float], other: list[float]) -> None:
    """Each part: bets of 0.9 on independent occasions with given chances; every outcome of both is gone through."""
    total = 0.0
    for hits in itertools.product([True, False], repeat=len(one) + len(other)):
        log_e, chance = np.zeros(2), 1.0
        for place, (q, hit) in enumerate(zip([*one, *other], hits, strict=True)):
            lifted = max(q, 0.9)
            log_e[int(place >= len(one))] += np.log(lifted / q if hit else (1 - lifted) / (1 - q))
            chance *= q if hit else 1 - q
        total += chance * float(np.exp(both(log_e[:1], log_e[1:])[0]))
    assert total == pytest.approx(1.0)


def test_what_one_part_could_not_ask_is_said_by_the_other_alone() -> None:
    one = np.array([1.0, 2.0])
    assert both(one) == pytest.approx(one)
    assert both(one, np.full(2, -np.inf)) == pytest.approx(one + np.log(0.25))


def test_a_group_is_found_again_by_those_it_has_in_common() -> None:
    again = Proposed(batch(FIRST, [[1, 2], [3, 5, 8, 21], [3, 21, 34]]))
    assert again.alike(np.array(ACCOUNTS, np.int32)) == dict.fromkeys([*ACCOUNTS, 21], 1)


def test_nothing_is_found_again_where_less_than_two_others_are_common() -> None:
    again = Proposed(batch(FIRST, [[3, 5, 21], [1, 2, 4]]))
    assert again.alike(np.array([3, 5, 8], np.int32)) == {3: -1, 5: -1, 8: 0, 21: 0}


def test_who_the_others_are_does_not_depend_on_the_member() -> None:
    """With and without the account, the other group is the same one: that of the rest."""
    group = np.array(ACCOUNTS, np.int32)
    held = Proposed(batch(FIRST, [[3, 5, 8, 13], [3, 5, 13, 21, 34]])).alike(group)[3]
    bare = Proposed(batch(FIRST, [[3, 5, 8], [3, 5, 13, 21, 34]])).alike(group)[13]
    both_of_them = Proposed(batch(FIRST, [[3, 5, 8], [3, 5, 8, 13], [3, 5, 13, 21, 34]])).alike(group)[13]
    assert (held, bare, both_of_them) == (0, 0, 1)


def test_who_is_added_is_sought_by_the_others_as_well() -> None:
    """21 stands in the larger of two groups that are alike; without it the smaller one has more in common."""
    again = Proposed(batch(FIRST, [[3, 5, 8, 21], [3, 5, 8, 13, 34]]))
    assert again.alike(np.array(ACCOUNTS, np.int32))[34] == 1
    again = Proposed(batch(FIRST, [[3, 5, 8, 34], [3, 5, 8, 13, 21, 55, 89]]))
    assert again.alike(np.array(ACCOUNTS, np.int32))[34] == 0


def test_little_evidence_on_both_parts_is_enough_where_on_one_it_is_not() -> None:
    assert names([batch(FIRST, [ACCOUNTS]), batch(FLIPPED, [])], [2.5, 0.0]) == [[]]
    assert names([batch(FIRST, [ACCOUNTS]), batch(FLIPPED, [ACCOUNTS])], [2.5, 2.5]) == [ACCOUNTS, ACCOUNTS]


def test_evidence_on_one_part_against_evidence_on_the_other_is_not_enough() -> None:
    assert names([batch(FIRST, [ACCOUNTS]), batch(FLIPPED, [ACCOUNTS])], [4.0, -3.0]) == [[], []]


def test_a_second_division_is_averaged_with_the_first() -> None:
    batches = [batch(split, [ACCOUNTS]) for split in (FIRST, FLIPPED, SECOND, TURNED)]
    assert names(batches, [2.5, 2.5, -4.0, -4.0]) == [ACCOUNTS] * 4
    assert names(batches, [1.5, 1.5, -4.0, -4.0]) == [[]] * 4


def test_a_division_that_does_not_know_the_group_has_no_say() -> None:
    batches = [batch(FIRST, [ACCOUNTS]), batch(FLIPPED, [ACCOUNTS]), batch(SECOND, [[1, 2, 4]]), batch(TURNED, [])]
    assert names(batches, [2.2, 2.2, 0.0, 0.0])[:2] == [ACCOUNTS, ACCOUNTS]


def test_an_account_that_only_the_other_part_proposed_can_be_proved() -> None:
    batches = [batch(FIRST, [[3, 5, 8]]), batch(FLIPPED, [ACCOUNTS])]
    assert names(batches, [0.0, 6.0]) == [ACCOUNTS, ACCOUNTS]
    assert names(batches, [6.0, 0.0]) == [[3, 5, 8], [3, 5, 8]]


def test_the_other_part_says_who_the_others_are_too_but_for_what_one_account_alone_ties() -> None:
    """The core of the group that the other part proposed joins the others; 21 hangs on one account and does not."""
    batches = [batch(FIRST, [[3, 5, 8]], [[]]), batch(FLIPPED, [[3, 5, 8, 13, 21]], [[3, 5, 8, 13]])]
    assert trials_of(batches) == [[[3, 5, 8, 13]], [[3, 5, 8, 13, 21]]]


def test_groups_of_each_division_are_tested_where_another_asks_for_them() -> None:
    batches = [batch(FIRST, [[1, 2, 4], ACCOUNTS]), batch(FLIPPED, [[1, 2, 6], ACCOUNTS]), batch(SECOND, [ACCOUNTS])]
    plan = plan_ways(batches, [NOBODY, NOBODY, np.array([0])])
    assert [[one.tolist() for one in trials.values()] for trials in plan.groups] == [[ACCOUNTS]] * 3


def test_groups_whose_packages_would_show_too_little_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "with_strength", lambda proofs, **_: proofs.head(1))
    notes: list[Message] = []
    assert prove._stated(pl.DataFrame({"group_ix": [0, 1, 2]}), notes).height == 1
    assert [(note.code, note["n"]) for note in notes] == [("note.own-pace-short", 2)]
    prove._stated(pl.DataFrame({"group_ix": [0]}), notes)
    assert len(notes) == 1
