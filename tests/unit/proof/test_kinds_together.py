"""Several kinds of objects together: mean 1 under the null, by looking at every outcome there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.proof.blocks import Blocks
from dideban.proof.directed_exchange import Follows, log_e_members, log_e_together
from dideban.proof.kinds_together import by_scale, columns_of, smallest_over_nulls, weigh_placements
from dideban.proof.placement import Hypotheses, bet_together, mean_of_bets, placed_bets, seat_groups
from dideban.proof.strata import Stratum, bare_strata, code_traces
from oracles import proof as oracle

from .test_placement import GROUP, held, seat


def together(kinds: list[tuple[Blocks, np.ndarray]]) -> float:
    """Return the e-value of a group from where it sits in blocks of several kinds."""
    parts = []
    for blocks, account in kinds:
        now = held(blocks, account)
        parts.append(placed_bets(now, seat(now, [GROUP]), [np.array(GROUP, np.int32)]))
    return float(np.exp(mean_of_bets(bet_together(parts, 1))[0]))


@st.composite
def kinds(draw: st.DrawFn) -> tuple[Blocks, list[list[int]]]:
    """One or two small blocks of one kind, in stretches that another kind may have too."""
    n_blocks = draw(st.integers(1, 2))
    slots = [draw(st.lists(st.integers(0, 300), min_size=3, max_size=4)) for _ in range(n_blocks)]
    stretches = sorted(draw(st.lists(st.integers(0, 2), min_size=n_blocks, max_size=n_blocks)))
    present = [draw(st.lists(st.sampled_from(GROUP), min_size=2, max_size=3, unique=True)) for _ in range(n_blocks)]
    return oracle.blocks_of(slots, stretches, window_s=40.0), present


@given(kinds(), kinds())
@settings(max_examples=20, deadline=None)
def test_mean_over_all_placements_in_two_kinds_is_one(one, other):
    every = product(*(list(oracle.subsets(blocks, present)) for blocks, present in (one, other)))
    values = [together([(one[0], a), (other[0], b)]) for (a, _), (b, _) in every]
    assert np.mean(values) == pytest.approx(1.0, abs=1e-9)


def same_order(stretches: tuple[int, int]) -> list[float]:
    """Who posts a link and its words in one post sits alike in both kinds."""
    pair = [oracle.blocks_of([[0, 20, 70, 150]], [stretch], window_s=30.0) for stretch in stretches]
    placed = [list(oracle.subsets(blocks, [[0, 1]])) for blocks in pair]
    return [
        together([(pair[0], a), (pair[1], b)])
        for (a, first), (b, second) in zip(*placed, strict=True)
        if first == second
    ]


def test_mean_stays_one_where_one_post_holds_several_kinds():
    assert len(same_order((0, 0))) == 6
    assert np.mean(same_order((0, 0))) == pytest.approx(1.0, abs=1e-9)
    assert np.mean(same_order((0, 1))) > 1.02  # what is multiplied must not hang together


def occasions(chances: list[float], hits: tuple[bool, ...]) -> Follows:
    n = len(chances)
    return Follows(
        place=np.zeros(n, np.int64), row=np.arange(n, dtype=np.int64), chance=np.array(chances), hit=np.array(hits)
    )


@pytest.mark.parametrize("sittings", [[0, 1, 2, 3], [0, 0, 1, 1], [0, 1, 0, 1]])
def test_mean_of_a_member_over_all_outcomes_in_two_kinds_is_one(sittings):
    chances = [0.1, 0.5, 0.3, 0.2]
    total = 0.0
    for hits in product((False, True), repeat=4):
        parts = [(occasions(chances[k : k + 2], hits[k : k + 2]), np.array(sittings[k : k + 2])) for k in (0, 2)]
        weight = np.prod([q if hit else 1 - q for q, hit in zip(chances, hits, strict=True)])
        total += weight * np.exp(log_e_together(parts, n_members=1)[0])
    assert total == pytest.approx(1.0, abs=1e-9)


def test_evidence_of_two_kinds_in_different_sittings_adds_up():
    three = occasions([0.1] * 3, (True,) * 3)
    alone = log_e_members(three, np.arange(3), n_members=1)[0]
    apart = log_e_together([(three, np.arange(3)), (three, np.arange(3, 6))], n_members=1)[0]
    same = log_e_together([(three, np.arange(3)), (three, np.arange(3))], n_members=1)[0]
    assert apart > 1.8 * alone
    assert same == pytest.approx(alone)


def strata(planted, scales_s: tuple[float, ...]) -> tuple[list[Stratum], np.ndarray]:
    """Return the strata of a stream in which half of the objects are of another kind, and the planted group."""
    kind = planted.traces["object_kind"].dtype
    links = planted.traces["object_id"].unique().sort()
    half = pl.when(pl.col("object_id").is_in(links[::2].implode())).then(pl.lit("hashtags", kind))
    traces = planted.traces.with_columns(object_kind=half.otherwise("object_kind"))
    accounts, coded = code_traces(traces, planted.objects)
    names = planted.truth.filter(planted.truth["kind"] == "plant")["account_id"].unique().sort()
    members = accounts.search_sorted(names).to_numpy().astype(np.int32)
    return bare_strata(coded, scales_s, n_accounts=len(accounts)), np.sort(members)


def test_each_kind_comes_first_then_all_kinds_of_a_scale(planted):
    some, _ = strata(planted, (10.0, 60.0))
    assert len({one.kind for one in some}) > 1
    assert [one for one in columns_of(some) if len(one) == 1] == [[c] for c in range(len(some))]
    assert columns_of(some)[len(some) :] == by_scale(some)
    assert columns_of(some[:1]) == [[0]]


def test_no_habit_raises_evidence_and_one_kind_alone_is_what_it_was(planted):
    some, members = strata(planted, (60.0,))
    groups = Hypotheses([members, members[:4]])
    masks = [one.blocks.chunk % 2 == 0 for one in some]
    seated = [seat_groups(s.blocks, s.rows, groups, allowed=~mask) for s, mask in zip(some, masks, strict=True)]
    even = weigh_placements(some, seated, groups)
    lowest = smallest_over_nulls(some, masks, groups, even)
    assert (lowest <= even + 1e-12).all()
    assert (lowest[:, -1] > 1.0).all()
    for c, one in enumerate(some):
        single = smallest_over_nulls([one], [masks[c]], groups, even[:, [c]])
        assert single[:, 0] == pytest.approx(lowest[:, c])
