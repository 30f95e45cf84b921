"""Claims over batches of hypotheses: what proposes never tests, the error budget is shared, nobody is claimed twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.proof import hypotheses
from dideban.proof.hypotheses import KnownGroups, claim_groups, claim_leads, under_nuisance_nulls
from dideban.proof.members import NamedMembers
from dideban.proof.moments import account_moments
from dideban.proof.split import make_splits
from dideban.proof.strata import Stratum, code_traces, make_strata
from dideban.simulate import Stream

SCALES_S = (10.0, 60.0)
SPLIT = make_splits(seed=1, n_splits=1, scales_s=SCALES_S)[0]
LIMITS: dict[str, Any] = {
    "max_size": 200, "max_groups": 10_000, "seed": 1, "leads": False, "check_leads": False, "memory": None,
}  # fmt: skip


def batch(
    e_values: Sequence[float], *, follows: bool = False, own: float = 1.0, n_named: int = 3
) -> hypotheses.TestedBatch:
    """Hypotheses of three accounts each, none in common, with one stratum of evidence."""
    n = len(e_values)
    return hypotheses.TestedBatch(
        split=SPLIT,
        groups=[np.arange(3 * i, 3 * i + 3, dtype=np.int32) for i in range(n)],
        cores=[np.empty(0, np.int32) for _ in range(n)],
        density=np.ones(n),
        per_column=np.log(np.array(e_values, float)).reshape(n, 1),
        log_weight=np.zeros((n, 1)),
        follows=np.full(n, follows),
        log_e_own=np.full(n, np.log(own)),
        log_e_exchanged=np.zeros(n),
        n_cut=0,
        named={
            i: NamedMembers(
                log_e=np.full(3, np.log(e)),
                accounts=np.arange(3 * i, 3 * i + 3, dtype=np.int32),
                members=np.arange(3 * i, 3 * i + n_named, dtype=np.int32),
                strength=n_named * float(np.log(e)),
            )
            for i, e in enumerate(e_values)
        },
    )


@pytest.mark.parametrize(("e_value", "n_batches", "claimed"), [(101, 1, 1), (99, 1, 0), (399, 4, 0), (401, 4, 1)])
def test_each_batch_spends_its_part_of_the_error_budget(e_value: float, n_batches: int, claimed: int) -> None:
    batches = [batch([e_value]), *(batch([1.0]) for _ in range(n_batches - 1))]
    assert len(claim_groups(batches, fdr=0.05)) == claimed


@pytest.mark.parametrize(("e_value", "claimed"), [(199, 0), (201, 1)])
def test_hypotheses_of_a_batch_share_its_part(e_value: float, claimed: int) -> None:
    assert len(claim_groups([batch([e_value, 1.0])], fdr=0.05)) == claimed


def test_a_group_of_fewer_than_three_proved_members_is_a_lead_and_never_a_finding() -> None:
    two = [batch([1e9], n_named=2)]
    assert claim_groups(two, fdr=0.05) == []
    assert len(claim_leads(two, [], fdr=0.05)) == 1


def test_prompt_followers_of_one_origin_are_leads_and_never_findings() -> None:
    followers = [batch([1e9], follows=True)]
    assert claim_groups(followers, fdr=0.05) == []
    assert len(claim_leads(followers, [], fdr=0.05)) == 1


def test_a_proved_group_is_not_among_the_leads_again() -> None:
    both = [batch([1e9], own=1e9)]
    claims = claim_groups(both, fdr=0.05)
    assert len(claims) == 1
    assert len(claim_leads(both, [], fdr=0.05)) == 1
    assert claim_leads(both, claims, fdr=0.05) == []


@pytest.fixture(scope="module")
def one_part(planted: Stream, members: set[str]) -> hypotheses.TestedBatch:
    """A campaign that acts in the proposing part alone."""
    seconds = planted.traces["created_at"].dt.epoch("us").to_numpy() / 1e6
    is_member = planted.traces["account_id"].is_in(list(members)).to_numpy()
    kept = planted.traces.filter(pl.Series(~is_member | SPLIT.proposes(seconds)))
    return hypotheses.test_split(strata_of(kept, planted.objects), SPLIT, **LIMITS)


def strata_of(traces: pl.DataFrame, objects: pl.DataFrame | None) -> list[Stratum]:
    accounts, kinds = code_traces(traces, objects)
    return make_strata(kinds, SCALES_S, n_accounts=len(accounts))


def test_what_proposes_does_not_prove(one_part: hypotheses.TestedBatch, planted: Stream, members: set[str]) -> None:
    names = planted.traces["account_id"].unique().sort()
    campaign = set(names.search_sorted(pl.Series(sorted(members))).to_list())
    of_it = [len(campaign & set(group.tolist())) >= 3 for group in one_part.groups]
    assert any(of_it), "the campaign was proposed"
    assert one_part.log_e[of_it].max() < np.log(2)


def test_evidence_over_strata_is_a_mean(one_part: hypotheses.TestedBatch) -> None:
    """Weights that add up to more than 1 would make of fair bets an unfair one."""
    assert np.exp(one_part.log_weight).sum(axis=1) == pytest.approx(1.0)


def test_nuisance_nulls_only_lower_an_e_value(planted: Stream) -> None:
    strata = strata_of(planted.traces, planted.objects)
    before = hypotheses.test_split(strata, SPLIT, **LIMITS)
    chosen = np.argsort(-before.log_e)[:20]
    accounts = planted.traces["account_id"].unique().sort()
    watch = hypotheses.watch_chosen(strata, account_moments(planted.traces, accounts), [before], [np.sort(chosen)])
    after = under_nuisance_nulls(strata, before, np.sort(chosen), watch=watch)
    assert (after.per_column <= before.per_column + 1e-12).all()
    assert (after.per_column < before.per_column).any()


GROUPS = st.lists(st.sets(st.integers(0, 12), min_size=1, max_size=7), max_size=8)


@given(GROUPS, st.sets(st.integers(0, 12), min_size=1, max_size=7))
def test_a_group_repeats_another_when_half_of_the_smaller_is_common(known, mine):
    taken = KnownGroups()
    for one in known:
        taken.add(np.array(sorted(one), np.int32))
    expected = any(2 * len(one & mine) >= min(len(one), len(mine)) for one in known)
    assert taken.repeat(np.array(sorted(mine), np.int32)) == expected


@pytest.mark.parametrize("apart_s", [0.0, 1e9])
def test_a_block_is_where_its_stretch_is_however_far_stretches_lie_apart(planted: Stream, apart_s: float) -> None:
    first = planted.traces["created_at"].min()
    later = pl.col("created_at") + pl.when(pl.col("created_at") > first).then(pl.duration(seconds=apart_s)).otherwise(
        pl.duration(seconds=0)
    )
    for stratum in strata_of(planted.traces.head(400).with_columns(later), planted.objects):
        times = (stratum.blocks.chunk + 0.5) * stratum.blocks.scale.bin_s
        assert stratum.proposing(SPLIT).tolist() == SPLIT.proposes(times).tolist()
