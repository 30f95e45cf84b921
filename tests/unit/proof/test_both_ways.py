"""What both parts of a division say of an account is joined: fairly, and in groups that are sought without it."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.messages import Message
from dideban.proof import hypotheses, prove
from dideban.proof.both_ways import Proposed, _both, join_ways, other_ways
from dideban.proof.members import NamedMembers
from dideban.proof.split import make_splits

FIRST, FLIPPED, THIRD, _ = make_splits(seed=1, n_splits=2, scales_s=(60.0,))
ACCOUNTS = [3, 5, 8, 13]


def batch(split: object, groups: list[list[int]], log_e: list[list[float]] | None = None) -> hypotheses.TestedBatch:
    """Hypotheses with what their members show, coming after any other and after all but one."""
    members = [np.array(one, np.int32) for one in groups]
    evidence = [np.zeros(len(one)) for one in groups] if log_e is None else [np.array(one) for one in log_e]
    return hypotheses.TestedBatch(
        split=split,  # type: ignore[arg-type]
        groups=members,
        density=np.ones(len(groups)),
        per_stratum=np.zeros((len(groups), 1)),
        log_weight=np.zeros((len(groups), 1)),
        follows=np.zeros(len(groups), bool),
        log_e_own=None,
        log_e_exchanged=None,
        n_cut=0,
        named={i: NamedMembers(log_e=e, log_left=e, members=np.empty(0, np.int32)) for i, e in enumerate(evidence)},
    )


def names(batches: list[hypotheses.TestedBatch]) -> list[list[int]]:
    """Return the proved members of the first group of each batch."""
    chosen = [np.arange(min(len(b.groups), 1)) for b in batches]
    return [b.named[0].members.tolist() for b in join_ways(batches, chosen, fdr=0.05) if b.groups]


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
        total += chance * float(np.exp(_both(log_e[:1], log_e[1:])[0]))
    assert total == pytest.approx(1.0)


def test_what_one_part_could_not_ask_is_said_by_the_other_alone() -> None:
    joined = _both(np.array([np.nan, 2.0, -np.inf]), np.array([1.0, np.nan, 2.0]))
    assert joined == pytest.approx([1.0, 2.0, 2.0 + np.log(0.25)])


def test_a_group_is_found_again_by_those_it_has_in_common() -> None:
    again = Proposed(batch(FIRST, [[1, 2], [3, 5, 8, 21], [3, 21, 34]]))
    assert again.alike(np.array(ACCOUNTS, np.int32)) == [1, 1, 1, -2]


def test_nothing_is_found_again_where_less_than_two_others_are_common() -> None:
    again = Proposed(batch(FIRST, [[3, 5, 21], [1, 2, 4]]))
    assert again.alike(np.array([3, 5, 8], np.int32)) == [-1, -1, -2]


def test_who_the_others_are_does_not_depend_on_the_member() -> None:
    """With and without the account, the other group is the same one: that of the rest."""
    group = np.array(ACCOUNTS, np.int32)
    held = Proposed(batch(FIRST, [[3, 5, 8, 13], [3, 5, 13, 21, 34]])).alike(group)[3]
    bare = Proposed(batch(FIRST, [[3, 5, 8], [3, 5, 13, 21, 34]])).alike(group)[3]
    both = Proposed(batch(FIRST, [[3, 5, 8], [3, 5, 8, 13], [3, 5, 13, 21, 34]])).alike(group)[3]
    assert (held, bare, both) == (0, -2, 1)


def test_little_evidence_on_both_parts_is_enough_where_on_one_it_is_not() -> None:
    half = [2.5] * 4
    alone = [batch(FIRST, [ACCOUNTS], [half]), batch(FLIPPED, [])]
    assert names(alone) == [[]]
    both = [batch(FIRST, [ACCOUNTS], [half]), batch(FLIPPED, [ACCOUNTS], [half])]
    assert names(both) == [ACCOUNTS, ACCOUNTS]


def test_evidence_on_one_part_against_evidence_on_the_other_is_not_enough() -> None:
    against = [batch(FIRST, [ACCOUNTS], [[4.0] * 4]), batch(FLIPPED, [ACCOUNTS], [[-3.0] * 4])]
    assert names(against) == [[], []]


def test_another_division_is_averaged_with_the_first() -> None:
    half, none = [2.5] * 4, [-4.0] * 4
    batches = [batch(split, [ACCOUNTS], [e]) for split, e in ((FIRST, half), (FLIPPED, half), (THIRD, none))]
    assert names(batches)[2] == ACCOUNTS
    batches = [batch(split, [ACCOUNTS], [none]) for split in (FIRST, FLIPPED, THIRD)]
    assert names(batches)[2] == []


def test_groups_of_the_first_division_are_tested_where_another_asks_for_them() -> None:
    batches = [batch(FIRST, [ACCOUNTS, [1, 2, 4]]), batch(FLIPPED, [[1, 2, 6], ACCOUNTS]), batch(THIRD, [ACCOUNTS])]
    nobody = np.empty(0, np.int64)
    asked = other_ways(batches, [nobody, nobody, np.array([0])])
    assert [one.tolist() for one in asked] == [[0], [1], [0]]


def test_groups_whose_packages_would_show_too_little_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "with_strength", lambda proofs, **_: proofs.head(1))
    notes: list[Message] = []
    assert prove._stated(pl.DataFrame({"group_ix": [0, 1, 2]}), notes).height == 1
    assert [(note.code, note["n"]) for note in notes] == [("note.own-pace-short", 2)]
    prove._stated(pl.DataFrame({"group_ix": [0]}), notes)
    assert len(notes) == 1
