"""Laws of the threshold rules, on small tables full of ties, repeats and shared posts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dideban.config import CoShareConfig
from dideban.evidence import link_accounts, link_shares
from dideban.evidence.coortweet import detect_groups, generate_coordinated_network
from dideban.evidence.qut import count_directed
from dideban.schema import TRACES

_spec = importlib.util.spec_from_file_location("oracle", Path(__file__).parents[1] / "oracles" / "coshare.py")
oracle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(oracle)

SCHEMA = {"account_id": pl.String, "object_id": pl.String, "post_id": pl.String, "created_s": pl.Int64}
accounts = st.sampled_from(["ana", "ben", "cy", "dee", "eve", "", "فرزاد"])
objects = st.sampled_from(["o1", "o2", "o3", "p1", "p2", ""])
posts = st.sampled_from([f"p{n}" for n in range(12)])
times = st.integers(0, 40)
tables = st.lists(st.tuples(accounts, objects, posts, times), max_size=40)
windows = st.integers(0, 15)
law = settings(max_examples=100, deadline=None)


def frame(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def edges(rows, *, window, min_weight=1, min_participation=1, threads=1, windows_s=None, percentile=None):
    config = CoShareConfig(
        window_s=window, min_weight=min_weight, min_participation=min_participation, percentile=percentile
    )
    return link_shares(frame(rows), config=config, threads=threads, windows_s=windows_s)


@law
@given(tables, windows, st.integers(1, 4), st.integers(0, 4))
def test_corrected_rule_equals_its_oracle(rows, window, min_weight, min_participation):
    found = edges(rows, window=window, min_weight=min_weight, min_participation=min_participation)
    expected = oracle.link(rows, window=window, min_weight=min_weight, min_participation=min_participation)
    assert [(row["account_a"], row["account_b"]) for row in found.to_dicts()] == sorted(expected)
    for row in found.to_dicts():
        facts = expected[row["account_a"], row["account_b"]]
        assert {name: row[name] for name in facts} == pytest.approx(facts)


@law
@given(tables, windows)
def test_order_of_rows_never_matters(rows, window):
    forward, backward = edges(rows, window=window), edges(rows[::-1], window=window)
    assert_frame_equal(forward, backward, check_exact=True)


@law
@given(tables, windows)
def test_renaming_objects_and_posts_never_matters(rows, window):
    renamed = [(a, o and f"x{o}", f"y{p}", t) for a, o, p, t in rows]
    assert_frame_equal(edges(rows, window=window), edges(renamed, window=window), check_exact=True)


@law
@given(tables, windows, st.integers(1, 10))
def test_a_wider_window_never_loses_a_co_share(rows, window, more):
    narrow, wide = edges(rows, window=window), edges(rows, window=window + more)
    joined = narrow.join(wide, on=["account_a", "account_b"], how="left")
    assert joined.select((pl.col("weight_right") >= pl.col("weight")).all() | (pl.len() == 0)).item() in (True, None)
    assert joined["weight_right"].null_count() == 0


@law
@given(tables, st.lists(windows, min_size=1, max_size=4, unique=True), st.integers(1, 3))
def test_several_windows_in_one_pass_equal_one_by_one(rows, several, min_weight):
    together = edges(rows, window=0, windows_s=several, min_weight=min_weight)
    apart = pl.concat([edges(rows, window=window, min_weight=min_weight) for window in several])
    assert_frame_equal(together, apart.sort("account_a", "account_b", "window_s"), check_exact=True)


@law
@given(tables, windows)
def test_min_weight_only_removes_edges(rows, window):
    every, some = edges(rows, window=window), edges(rows, window=window, min_weight=2)
    assert_frame_equal(every.filter(pl.col("weight") >= 2), some, check_exact=True)


@law
@given(tables, windows, st.integers(1, 3))
def test_directed_counts_equal_their_oracle(rows, window, min_edge_weight):
    rows = [row for row in rows if row[0]]
    found = count_directed(frame(rows), time_window=window, min_edge_weight=min_edge_weight)
    expected = oracle.qut(rows, window=window, min_edge_weight=min_edge_weight)
    assert {(a, b): weight for a, b, weight in found.iter_rows()} == expected


@law
@given(tables, windows, st.integers(0, 4), st.booleans())
def test_coortweet_pairs_equal_their_oracle(rows, window, min_participation, remove_loops):
    rows = [row for row in rows if row[1]]
    table = frame(rows).rename({"post_id": "content_id", "created_s": "timestamp_share"})
    found = detect_groups(
        table, time_window=window, min_participation=min_participation, remove_loops=remove_loops, threads=1
    )
    expected = oracle.coortweet_pairs(
        rows, window=window, min_participation=min_participation, remove_loops=remove_loops
    )
    assert sorted(found.iter_rows()) == expected


@law
@given(tables, windows)
def test_coortweet_edges_sum_its_pairs(rows, window):
    rows = [row for row in rows if row[1]]
    table = frame(rows).rename({"post_id": "content_id", "created_s": "timestamp_share"})
    pairs = detect_groups(table, time_window=window, min_participation=1, threads=1)
    found = generate_coordinated_network(pairs)
    assert found["weight"].sum() == pairs.height
    both = {tuple(sorted(pair)) for pair in pairs.select("account_id", "account_id_y").iter_rows()}
    assert set(found.select("account_a", "account_b").iter_rows()) == both


@law
@given(tables, windows)
def test_kinds_are_linked_apart(rows, window):
    seconds = pl.from_epoch(pl.col("created_s"), time_unit="s").cast(TRACES.dtypes["created_at"]).alias("created_at")
    base = frame(rows).with_columns(seconds)
    kinds = TRACES.dtypes["object_kind"]
    traces = pl.concat([base.with_columns(object_kind=pl.lit(kind, kinds)) for kind in ("link", "repost")])
    config = CoShareConfig(window_s=window, min_weight=1, min_participation=1)
    found = link_accounts(traces.select(TRACES.names), config=config, threads=1)
    alone = edges(rows, window=window)
    for kind in ("link", "repost"):
        same = found.filter(pl.col("object_kind") == kind).drop("object_kind")
        assert_frame_equal(same, alone, check_exact=True)
    assert found.height == 2 * alone.height
