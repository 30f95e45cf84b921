"""Leads from objects that a group has to itself: shown apart, judged by the pace of comparable objects."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from dideban.config import Config, ProofConfig
from dideban.proof import prove_groups
from dideban.proof.exclusive import MIN_REFERENCE, Paces, exchange_pace, log_e_exclusive, seat_exclusive
from dideban.proof.strata import account_rows
from dideban.simulate import Plant, make_stream
from oracles import proof as oracle

GROUP = [np.array([0, 1, 2], np.int32)]
SLOW = [0.0, 900.0, 2000.0, 3100.0]
QUICK = [0.0, 10.0, 20.0, 30.0]


def world(n_slow, n_quick, *, own=QUICK, n_own=4, holders=(0, 1, 2, 1999)):
    """Blocks of four slots, the last ``n_own`` held by the group and an outsider."""
    slots = [SLOW] * n_slow + [QUICK] * n_quick + [own] * n_own
    blocks = oracle.blocks_of(slots, list(range(len(slots))), window_s=60.0)
    account = blocks.traces.account.copy()
    account[-4 * n_own :] = np.tile(holders, n_own)
    return dataclasses.replace(blocks, traces=blocks.traces.with_accounts(account))


def evidence(blocks, allowed=None):
    allowed = np.ones(len(blocks.informs), bool) if allowed is None else allowed
    rows = account_rows(blocks, 2 * oracle.OUTSIDERS, np.ones(len(blocks.informs), bool))
    occupancy = seat_exclusive(blocks, rows, GROUP, allowed=allowed)
    return occupancy, float(log_e_exclusive(blocks, occupancy, GROUP, allowed=allowed)[0])


def test_only_blocks_that_the_group_nearly_has_to_itself_count():
    occupancy, _ = evidence(world(40, 0, holders=(0, 1, 1998, 1999)))
    assert len(occupancy.block) == 0
    blocks = world(40, 0, holders=(0, 1, 2, 3))
    group = [np.array([0, 1, 2, 3], np.int32)]
    rows = account_rows(blocks, 2 * oracle.OUTSIDERS, np.ones(len(blocks.informs), bool))
    occupancy = seat_exclusive(blocks, rows, group, allowed=np.ones(len(blocks.informs), bool))
    assert occupancy.n_members.tolist() == [4] * 4
    assert occupancy.n_links.tolist() == [3] * 4


def alone(n_slow, n_quick, own=QUICK):
    return evidence(world(n_slow, n_quick, own=own, holders=(0, 1, 2, 2)))[1]


def test_quicker_than_comparable_objects_is_evidence_and_as_quick_is_not():
    assert alone(200, 0) > 2.0
    assert alone(0, 200) <= 0.0
    assert alone(200, 0, own=SLOW) <= 0.0
    assert alone(200, 0) > alone(160, 40) > alone(100, 100)


def test_too_few_comparable_objects_say_nothing():
    assert alone(MIN_REFERENCE - 5, 0) == 0.0
    assert alone(MIN_REFERENCE, 0) > 0.0


def test_the_bet_is_fair_over_comparable_objects():
    """Whichever of the comparable blocks were the group's own, the mean over all of them is 1."""
    values = []
    rng = np.random.default_rng(2)
    slots = [np.sort(rng.uniform(0, spread, 3)) for spread in rng.choice([30.0, 300.0, 3000.0], 40)]
    blocks = oracle.blocks_of(slots, list(range(40)), window_s=60.0)
    for k in range(40):
        account = blocks.traces.account.copy()
        account[3 * k : 3 * k + 3] = [0, 1, 2]
        values.append(np.exp(evidence(dataclasses.replace(blocks, traces=blocks.traces.with_accounts(account)))[1]))
    assert len(set(values)) > 1
    assert np.mean(values) == pytest.approx(1.0, abs=1e-9)


def test_an_exclusive_group_is_a_finding_by_its_own_pace_alone():
    plant = Plant(n_accounts=6, n_operations=30, jitter_s=20, where="exclusive")
    stream = make_stream(seed=12, n_accounts=800, n_shares=15_000, crowds=(), plants=[plant])
    members = set(stream.truth.filter(pl.col("kind") == "plant")["account_id"])
    proof = prove_groups(stream.traces, objects=stream.objects, config=Config(proof=ProofConfig(n_shuffles=0)))
    sets = [(set(part["account_id"]), ix) for (ix,), part in proof.groups.group_by("group_ix", maintain_order=True)]
    mine = [ix for group, ix in sets if len(group & members) >= 3]
    assert len(mine) == 1
    (row,) = proof.proofs.filter(pl.col("group_ix") == mine[0]).to_dicts()
    assert (row["is_lead"], row["kind"]) == (False, "own")
    assert proof.selfcheck["n_found"] == 1
    off = Config(proof=ProofConfig(n_shuffles=0, leads=False))
    assert not prove_groups(stream.traces, objects=stream.objects, config=off).proofs["is_lead"].any()


def test_leads_do_not_repeat_findings(proved):
    groups = [set(part["account_id"]) for _, part in proved.groups.group_by("group_ix", maintain_order=True)]
    lead = proved.proofs["is_lead"].to_list()
    for one, is_lead in zip(groups, lead, strict=True):
        for other, other_lead in zip(groups, lead, strict=True):
            if is_lead and not other_lead:
                assert len(one & other) < 0.5 * min(len(one), len(other))


def exchanged(blocks, seed):
    allowed = np.ones(len(blocks.informs), bool)
    rows = account_rows(blocks, 2 * oracle.OUTSIDERS, allowed)
    occupancy = seat_exclusive(blocks, rows, GROUP, allowed=allowed)
    links = exchange_pace(blocks, occupancy, allowed=allowed, seed=seed)
    return occupancy, links, float(log_e_exclusive(blocks, occupancy, GROUP, allowed=allowed, n_links=links)[0])


def own_world(n_slow, n_own):
    return world(n_slow, 0, n_own=n_own, holders=(0, 1, 2, 2))


def test_exchanged_pace_is_that_of_other_blocks_of_the_class():
    occupancy, links, _ = exchanged(own_world(36, 4), seed=1)
    assert set(occupancy.n_links) == {3}, "quick where it was seen"
    assert set(links) <= {0.0, 3.0}, "every gap near, or none"
    drawn = [exchanged(own_world(36, 4), seed=seed)[1].sum() for seed in range(200)]
    assert np.mean(drawn) == pytest.approx(4 * 3 * 4 / 40, rel=0.25), "4 blocks of 40 are quick"


def test_bets_on_exchanged_pace_are_fair():
    paid = [np.exp(exchanged(own_world(39, 1), seed=seed)[2]) for seed in range(800)]
    assert np.mean(paid) == pytest.approx(1.0, abs=0.3)
    assert np.exp(evidence(own_world(39, 1))[1]) > 3 * np.mean(paid)


def test_exchange_stays_within_the_part_and_follows_its_seed():
    blocks = own_world(36, 8)
    first, again = (exchanged(blocks, seed=3)[1] for _ in range(2))
    assert np.array_equal(first, again)
    assert not all(np.array_equal(first, exchanged(blocks, seed=seed)[1]) for seed in range(4, 12))
    allowed = np.arange(len(blocks.informs)) >= 36
    rows = account_rows(blocks, 2 * oracle.OUTSIDERS, np.ones(len(blocks.informs), bool))
    occupancy = seat_exclusive(blocks, rows, GROUP, allowed=allowed)
    assert set(exchange_pace(blocks, occupancy, allowed=allowed, seed=1)) == {3.0}, "only quick blocks to exchange with"


def test_leads_stand_beside_what_exchanged_pace_gives():
    plants = [Plant(n_accounts=8, n_operations=40, jitter_s=20, where="exclusive")]
    stream = make_stream(seed=5, n_accounts=1_500, n_shares=30_000, plants=plants)
    config = Config(proof=ProofConfig(n_shuffles=0))
    check = prove_groups(stream.traces, objects=stream.objects, config=config).selfcheck
    assert check["n_leads"] >= 1
    assert check["n_leads_shuffled"] == 0
    none = prove_groups(stream.traces, config=Config(proof=ProofConfig(n_shuffles=0, leads=False))).selfcheck
    assert (none["n_leads"], "n_leads_shuffled" in none) == (0, False)


def test_paces_are_those_of_the_comparable_blocks_of_the_part():
    blocks = world(50, 30, own=[0.0, 40.0, 5000.0, 5040.0])
    allowed = np.random.default_rng(1).random(len(blocks.informs)) < 0.6
    values, counts = np.unique(blocks.pace[allowed], return_counts=True)
    size_class = int(blocks.by_pace[1][0])
    found = Paces(blocks, allowed)
    assert [part.tolist() for part in found.usual(size_class)] == [values.tolist(), counts.tolist()]
    assert len(values) > 1
    assert found.usual(size_class + 1)[0].size == 0
    assert found.bets(size_class + 1, 3) == ()
