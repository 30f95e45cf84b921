"""Data that no method likes: each ends in an answer, names nobody, and says why where something could not be tested.

Packages with huge counts, NaN, nesting and 500 MB of JSON: ``tests/unit/store``.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from dideban.config import Config, CoShareConfig, ProofConfig
from dideban.evidence import link_accounts
from dideban.proof import prove_groups
from dideban.schema import TRACES

CONFIG = Config(threads=1, proof=ProofConfig(n_shuffles=0))
BEGIN_US = int(dt.datetime(2026, 3, 2, tzinfo=dt.UTC).timestamp() * 1e6)
DAY_S = 86_400.0


def table(account, item, at_s):
    """TRACES from numbers of accounts and objects, and seconds."""
    n = len(account)
    made = pl.DataFrame(
        {
            "account_id": pl.Series(np.asarray(account)).cast(pl.String),
            "object_kind": ["link"] * n,
            "object_id": pl.Series(np.asarray(item)).cast(pl.String),
            "post_id": pl.Series(np.arange(n)).cast(pl.String),
            "created_at": BEGIN_US + (np.asarray(at_s, dtype=np.float64) * 1e6).astype(np.int64),
        }
    )
    return made.cast(TRACES.dtypes)


def nobody_named(traces, **options):
    proof = prove_groups(traces, config=CONFIG, **options)
    assert proof.proofs.filter(~pl.col("is_lead")).is_empty()
    assert proof.selfcheck["enough_data"] or proof.selfcheck["reason"]["text"]["en"]
    return proof


def test_accounts_with_one_post_each():
    rng = np.random.default_rng(1)
    nobody_named(table(np.arange(4_000), rng.integers(0, 100, 4_000), rng.uniform(0, 14 * DAY_S, 4_000)))


def test_one_account_with_a_hundred_thousand_posts_in_one_stretch():
    rng = np.random.default_rng(2)
    busy = np.zeros(100_000, int)
    items, times = rng.permutation(100_000), np.sort(rng.uniform(0, 14_000, 100_000))
    others = rng.integers(1, 300, 20_000)
    seen = rng.integers(0, 100_000, 20_000)
    late = times[np.argsort(items)][seen] + rng.exponential(3_000, 20_000)
    nobody_named(table(np.append(busy, others), np.append(items, seen), np.append(times, late)))


def test_one_account_that_holds_every_object():
    rng = np.random.default_rng(3)
    items, births = np.arange(2_000), rng.uniform(0, 14 * DAY_S, 2_000)
    others, seen = rng.integers(1, 400, 12_000), rng.integers(0, 2_000, 12_000)
    account = np.append(np.zeros(2_000, int), others)
    nobody_named(
        table(account, np.append(items, seen), np.append(births, births[seen] + rng.exponential(4_000, 12_000)))
    )


def test_equal_seconds_everywhere():
    rng = np.random.default_rng(4)
    account, item = rng.integers(0, 80, 4_000), rng.integers(0, 60, 4_000)
    assert not nobody_named(table(account, item, np.full(4_000, 3_600.0))).selfcheck["enough_data"]
    by_object = nobody_named(table(account, item, item * 7_000.0))
    assert by_object.proofs.filter(pl.col("kind") == "pair").is_empty()


def test_two_objects_all_at_one_instant_by_either_rule():
    account = np.repeat(np.arange(50), 2)
    traces = table(account, np.tile([0, 1], 50), np.zeros(100))
    assert not nobody_named(traces).selfcheck["enough_data"]
    edges = link_accounts(traces, config=CoShareConfig(window_s=60.0, min_weight=2))
    assert edges.height == 50 * 49 // 2


@pytest.mark.parametrize(("unit_s", "left_out"), [(60.0, [10.0]), (86_400.0, [10.0, 60.0, 600.0, 1800.0])])
def test_times_to_the_minute_and_to_the_day_leave_scales_out_with_a_word(unit_s, left_out):
    rng = np.random.default_rng(5)
    times = np.floor(rng.uniform(0, 10 * DAY_S, 3_000) / unit_s) * unit_s
    proof = nobody_named(table(rng.integers(0, 200, 3_000), rng.integers(0, 150, 3_000), times), resolution_s=unit_s)
    notes = {note.code: note for note in proof.notes}
    assert list(notes["note.scales-left-out"]["scales_s"]) == left_out


def test_cliques_of_eighty_are_found_whole_and_larger_ones_do_no_harm():
    rng = np.random.default_rng(6)
    parts = []
    for first, size in ((0, 80), (100, 120)):
        for k in range(24):
            at = (k + first / 300) * 40_000 + rng.uniform(0, 20_000)
            some = rng.permutation(np.arange(first, first + size))[: size // 2]
            parts.append((some, np.full(len(some), first * 100 + k), at + rng.uniform(0, 40, len(some))))
            crowd = rng.integers(1_000, 2_000, 60)
            parts.append((crowd, np.full(60, first * 100 + k), at + rng.uniform(-3_000, 3_000, 60)))
    account, item, times = (np.concatenate(column) for column in zip(*parts, strict=True))
    proof = prove_groups(table(account, item, times), config=CONFIG)
    claims = proof.proofs.filter(~pl.col("is_lead"))
    named = set(proof.groups.join(claims, on="group_ix", how="semi")["account_id"].cast(pl.Int64))
    assert named
    assert not [one for one in named if one >= 1_000]


@pytest.mark.slow
def test_a_million_shares_of_one_object():
    rng = np.random.default_rng(7)
    n = 1_000_000
    account = np.concatenate([np.arange(n), rng.integers(0, 500, 20_000)])
    item = np.concatenate([np.zeros(n, int), rng.integers(1, 400, 20_000)])
    times = np.concatenate([rng.exponential(40_000, n), rng.uniform(0, 10 * DAY_S, 20_000)])
    nobody_named(table(account, item, times))
