"""Splits, blocks, overlapping_claims: what must hold before any evidence is weighed."""

import dataclasses
import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.proof.blocks import DAY_S, HOUR_S, KindTraces, Scale, cut_blocks, kind_traces
from dideban.proof.overlapping_claims import overlapping_claims
from dideban.proof.split import division_seed, make_splits
from dideban.proof.strata import exchanged_stratum, make_strata
from dideban.schema import OBJECTS, TRACES

SCALES = (1.0, 10.0, 60.0, 600.0, 1800.0, 3600.0, 4 * HOUR_S, 3 * DAY_S)


def some_traces(seed: int, *, n: int = 400, n_objects: int = 12, n_accounts: int = 50, span_s: float = 5 * DAY_S):
    rng = np.random.default_rng(seed)
    item = np.sort(rng.integers(0, n_objects, n)).astype(np.int32)
    item = np.unique(item, return_inverse=True)[1].astype(np.int32)
    time = np.floor(rng.uniform(0, span_s, n))
    order = np.lexsort((time, item))
    birth = np.array([time[item == k].min() for k in range(item.max() + 1)])
    return KindTraces(
        kind="link",
        account=rng.integers(0, n_accounts, n).astype(np.int32),
        object=item[order],
        time=time[order],
        birth=birth,
        origin=np.full(len(birth), -1, np.int32),
    )


def table(rows):
    """TRACES from (account, object, seconds) of kind link."""
    return pl.DataFrame(
        {
            "account_id": [r[0] for r in rows],
            "object_kind": ["link"] * len(rows),
            "object_id": [r[1] for r in rows],
            "post_id": [f"x/{i}" for i in range(len(rows))],
            "created_at": [int(r[2] * 1e6) for r in rows],
        },
        schema={**TRACES.dtypes, "created_at": pl.Int64},
    ).cast({"created_at": TRACES.dtypes["created_at"]})


@given(st.integers(-5, 2**40), st.integers(1, 5), st.lists(st.floats(-1e9, 4e9), min_size=1, max_size=50))
@settings(max_examples=60, deadline=None)
def test_the_flipped_split_is_the_complement(seed, n_splits, times):
    splits = make_splits(seed=seed, n_splits=n_splits)
    assert len(splits) == 2 * n_splits
    one, other = splits[:2]
    assert (one.proposes(np.array(times)) != other.proposes(np.array(times))).all()


def test_splits_take_the_share_they_state():
    hours = (np.arange(40_000) + 0.5) * 4 * HOUR_S
    for split in make_splits(seed=11, n_splits=4):
        share = 1 - split.share if split.flipped else split.share
        assert split.proposes(hours).mean() == pytest.approx(share, abs=0.02)


def test_the_division_follows_from_the_week_alone():
    monday, sunday, next_monday = dt.date(2026, 3, 2), dt.date(2026, 3, 8), dt.date(2026, 3, 9)
    assert division_seed(monday) == division_seed(sunday) != division_seed(next_monday)


def test_splits_of_one_run_differ():
    hours = (np.arange(1_000) + 0.5) * 4 * HOUR_S
    parts = [split.proposes(hours).tobytes() for split in make_splits(seed=2, n_splits=5)]
    assert len(set(parts)) == len(parts)


@given(st.integers(0, 2**20), st.integers(0, 10_000), st.floats(0, 4 * HOUR_S - 1), st.floats(0, 4 * HOUR_S - 1))
@settings(max_examples=100, deadline=None)
def test_no_stretch_is_torn(seed, stretch, one, other):
    times = stretch * 4 * HOUR_S + np.array([one, other])
    for split in make_splits(seed=seed, n_splits=2):
        assert len(set(split.proposes(times).tolist())) == 1


@given(st.integers(0, 1000), st.sets(st.sampled_from(SCALES), min_size=2, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_moment_is_in_the_same_part_at_every_scale(seed, scales):
    """Otherwise the very posts that propose a group at one scale would prove it at another."""
    strata = make_strata([some_traces(seed)], sorted(scales), n_accounts=50)
    for split in make_splits(seed=seed, n_splits=2, scales_s=tuple(scales)):
        parts = [stratum.proposing(split)[stratum.blocks.block_of_row].tolist() for stratum in strata]
        assert all(part == parts[0] for part in parts)


@given(st.integers(0, 1000), st.sampled_from(SCALES))
@settings(max_examples=40, deadline=None)
def test_blocks_do_not_know_who_holds_a_slot(seed, window_s):
    traces = some_traces(seed)
    blocks = cut_blocks(traces, Scale(window_s=window_s))
    order = np.lexsort((np.random.default_rng(seed).random(len(traces.account)), blocks.block_of_row))
    again = cut_blocks(traces.with_accounts(traces.account[order]), Scale(window_s=window_s))
    for name in ("bounds", "near_share", "chunk", "informs", "even_share"):
        assert getattr(again, name).tolist() == getattr(blocks, name).tolist(), name


@given(st.integers(0, 1000), st.sampled_from(SCALES))
@settings(max_examples=40, deadline=None)
def test_a_block_is_one_object_one_stretch_one_age(seed, window_s):
    traces = some_traces(seed)
    scale = Scale(window_s=window_s)
    blocks = cut_blocks(traces, scale)
    assert blocks.bounds[0] == 0
    assert blocks.bounds[-1] == len(traces.time)
    age = np.digitize(traces.time - traces.birth[traces.object], scale.age_edges)
    key = np.stack([traces.object, np.floor(traces.time / scale.bin_s), age])
    cuts = np.flatnonzero((np.diff(key, axis=1) != 0).any(axis=0)) + 1
    assert blocks.bounds[1:-1].tolist() == cuts.tolist()
    for k, (a, b) in enumerate(zip(blocks.bounds, blocks.bounds[1:], strict=False)):
        t = traces.time[a:b]
        near = sum(1 for i in range(len(t)) for j in range(i) if t[i] - t[j] <= window_s)
        assert blocks.near_share[k] == pytest.approx(near / max(len(t) * (len(t) - 1) / 2, 1))
        assert not blocks.informs[k] or len(t) >= 3


def test_shuffled_copies_keep_every_slot_and_everyone_in_their_block():
    traces = some_traces(4)
    real = make_strata([traces], [60.0], n_accounts=50)[0].blocks
    copy = exchanged_stratum(real, n_accounts=50, seed=9).blocks
    assert copy.traces.time.tolist() == real.traces.time.tolist()
    assert copy.traces.account.tolist() != real.traces.account.tolist()
    for a, b in zip(real.bounds, real.bounds[1:], strict=False):
        assert sorted(copy.traces.account[a:b]) == sorted(real.traces.account[a:b])


def test_the_first_share_counts_and_ages_are_never_negative():
    rows = [("a", "o", 50), ("a", "o", 20), ("b", "o", 30), ("b", "o", 30), ("c", "o", 10), ("d", "alone", 5)]
    births = pl.DataFrame(
        {"object_kind": ["link"], "object_id": ["o"], "born_at": [25_000_000], "origin": ["x"], "label": ["o"]},
        schema={**OBJECTS.dtypes, "born_at": pl.Int64},
    ).cast({"born_at": OBJECTS.dtypes["born_at"]})
    traces = kind_traces(table(rows), "link", pl.Series(["a", "b", "c", "d"]), births)
    assert traces.account.tolist() == [2, 0, 1]
    assert traces.time.tolist() == [10.0, 20.0, 30.0]
    assert traces.birth.tolist() == [10.0]
    assert traces.origin.tolist() == [0]


def test_births_after_every_share_change_nothing():
    rows = [(f"a{i}", "o", 10 * i) for i in range(8)]
    births = OBJECTS.empty().with_columns()
    known = pl.DataFrame(
        {"object_kind": ["link"], "object_id": ["o"], "born_at": [10**12], "origin": [None], "label": ["o"]},
        schema={**OBJECTS.dtypes, "born_at": pl.Int64},
    ).cast({"born_at": OBJECTS.dtypes["born_at"]})
    accounts = pl.Series([f"a{i}" for i in range(8)])
    one, other = (kind_traces(table(rows), "link", accounts, b) for b in (births, known))
    assert cut_blocks(one, Scale(window_s=10)).bounds.tolist() == cut_blocks(other, Scale(window_s=10)).bounds.tolist()


def groups_of(*members):
    return [np.array(m, np.int32) for m in members]


def test_families_do_not_chain():
    """a-b overlap and b-c overlap, a and c do not: c is no kin of a merely because b stands between them."""
    a, b, c = groups_of([1, 2, 3, 4], [3, 4, 5, 6], [5, 6, 7, 8])
    assert overlapping_claims([a, b, c], np.array([3.0, 2.0, 1.0])).tolist() == [0, 0, 1]
    assert overlapping_claims([a, b, c], np.array([2.0, 3.0, 1.0])).tolist() == [0, 0, 0]


@given(st.lists(st.sets(st.integers(0, 12), min_size=3, max_size=8), max_size=12), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_every_family_stands_around_its_founder(sets, seed):
    groups = groups_of(*[sorted(s) for s in sets])
    standing = np.random.default_rng(seed).normal(size=len(groups))
    family = overlapping_claims(groups, standing)
    assert (family >= 0).all()
    founders = {}
    for i in np.argsort(-standing, kind="stable"):
        kin = [n for n, f in founders.items() if len(sets[i] & sets[f]) >= 0.5 * min(len(sets[i]), len(sets[f]))]
        assert family[i] == (kin[0] if kin else len(founders))
        if not kin:
            founders[len(founders)] = i


def test_even_share_does_not_know_a_group_that_fills_its_block():
    full = dataclasses.replace(some_traces(1, n=40, n_objects=1, span_s=3000.0), birth=np.array([-1e7]))
    blocks = cut_blocks(full, Scale(window_s=60.0))
    close = full.time.copy()
    close[1:-1] = close[0]
    packed = cut_blocks(dataclasses.replace(full, time=close), Scale(window_s=60.0))
    assert len(blocks.near_share) == len(packed.near_share) == 1
    assert packed.near_share[0] > 3 * blocks.near_share[0]
    assert packed.even_share[0] == blocks.even_share[0]
