"""Other rules on the same data."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from dideban.simulate import make_stream
from dideban.validation.peers import (
    PERCENTILES,
    agreement_counts,
    first_shares,
    hypergeometric_tail,
    threshold_counts,
)


@pytest.fixture(scope="module")
def traces() -> pl.DataFrame:
    return make_stream(seed=3, n_accounts=300, n_shares=4_000, days=4).traces


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 40), st.integers(1, 40)).filter(lambda t: t[0] <= min(t[1:])),
        min_size=1,
        max_size=20,
    )
)
def test_hypergeometric_tail_is_scipys(rows: list[tuple[int, int, int]]) -> None:
    common, a, b = np.array(rows, dtype=float).T
    assert hypergeometric_tail(common, a, b, 100) == pytest.approx(hypergeom.sf(common - 1, 100, a, b), rel=1e-8)


def test_pairs_of_like_minded_people_are_called() -> None:
    """Forty objects; five accounts share the same ten at times far apart, others share at random."""
    rng = np.random.default_rng(0)
    rows = [(f"like{i}", f"o{k}") for i in range(5) for k in range(10)]
    rows += [(f"any{i}", f"o{k}") for i in range(60) for k in rng.choice(400, 5, replace=False)]
    table = pl.DataFrame(rows, schema=["account_id", "object_id"], orient="row")
    called = agreement_counts(table)
    assert called["hypergeometric"] >= len(list(itertools.combinations(range(5), 2)))
    assert called["chung-lu"] >= 10


def test_threshold_falls_with_the_percentile(traces: pl.DataFrame) -> None:
    counts = threshold_counts(traces)
    assert [one["percentile"] for one in counts] == list(PERCENTILES)
    assert counts[0]["n_pairs"] > counts[1]["n_pairs"] >= counts[2]["n_pairs"] >= counts[3]["n_pairs"]


def test_first_shares_are_the_first(traces: pl.DataFrame) -> None:
    first = first_shares(traces)
    known = traces.group_by("account_id", "object_id").agg(pl.col("created_at").min())
    shared = known.filter(pl.len().over("object_id") > 1)
    assert len(first) == len(shared)
    assert sorted(first["created_at"]) == sorted(shared["created_at"])


def test_a_shuffled_copy_moves_accounts_only(traces: pl.DataFrame) -> None:
    first, copy = first_shares(traces), first_shares(traces, shuffle_seed=1)
    slots = ["object_id", "created_at"]
    assert first.select(slots).equals(copy.select(slots))
    assert not first["account_id"].equals(copy["account_id"])
    for keys in (["object_id", "account_id"], ["account_id"]):  # who shares what stays
        one, two = (table.group_by(keys).len().sort(keys) for table in (first, copy))
        assert one.equals(two)
    assert copy.equals(first_shares(traces, shuffle_seed=1))
