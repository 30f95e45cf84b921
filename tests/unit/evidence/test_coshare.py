"""The corrected rule: what it counts, what it refuses, and that nothing depends on how the work is cut."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dideban.config import CoShareConfig
from dideban.errors import ConfigError, InputError, SchemaError
from dideban.evidence import _codes, coshare, link_accounts, link_by, link_shares
from dideban.schema import EDGES, TRACES

COLUMNS = {"account_id": pl.String, "object_id": pl.String, "post_id": pl.String, "created_s": pl.Float64}


def link(*rows, **settings):
    rule = {"window_s": 10, "min_weight": 1, "min_participation": 1, **settings}
    return link_shares(pl.DataFrame(rows, schema=COLUMNS, orient="row"), config=CoShareConfig(**rule), threads=1)


def traces(*rows):
    frame = pl.DataFrame(rows, schema=["account_id", "object_kind", "object_id", "post_id", "created_at"], orient="row")
    return frame.with_columns(
        pl.col("object_kind").cast(TRACES.dtypes["object_kind"]),
        pl.from_epoch("created_at", time_unit="s").cast(TRACES.dtypes["created_at"]),
    )


def crowd(n, *, n_accounts, n_objects, span, seed=5):
    """Random shares with a few very popular objects and posts that come twice."""
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "account_id": [f"a{k}" for k in random.integers(0, n_accounts, n)],
            "object_id": [f"o{k}" for k in (n_objects * random.random(n) ** 3).astype(int)],
            "post_id": [f"p{k}" for k in random.integers(0, n, n)],
            "created_s": random.integers(0, span, n),
        }
    )


def brute(shares, *, window, min_weight):
    """The rule by a join of the table with itself."""
    pairs = shares.join(shares, on="object_id", suffix="_y").filter(
        (pl.col("account_id") < pl.col("account_id_y"))
        & ((pl.col("created_s") - pl.col("created_s_y")).abs() <= window)
    )
    return (
        pairs.group_by(account_a="account_id", account_b="account_id_y")
        .agg(
            weight=pl.col("object_id").n_unique().cast(pl.Int64),
            n_pairs=pl.len().cast(pl.Int64),
            mean_delay_s=(pl.col("created_s") - pl.col("created_s_y")).abs().mean(),
            n_posts_a=pl.col("post_id").n_unique().cast(pl.Int64),
            n_posts_b=pl.col("post_id_y").n_unique().cast(pl.Int64),
        )
        .filter(pl.col("weight") >= min_weight)
        .sort("account_a", "account_b")
    )


def test_an_object_counts_once_however_often_it_is_shared():
    edge = link(("a", "o", "1", 0), ("a", "o", "2", 1), ("b", "o", "3", 2), ("b", "o", "4", 3)).row(0, named=True)
    assert (edge["weight"], edge["n_pairs"]) == (1, 4)


def test_posts_are_counted_for_each_account():
    edge = link(("A", "o", "1", 0), ("A", "o", "2", 2), ("A", "o", "3", 4), ("B", "o", "4", 3)).row(0, named=True)
    assert (edge["n_posts_a"], edge["n_posts_b"]) == (3, 1)
    assert edge["symmetry"] == pytest.approx(1 / 3)


def test_a_post_with_two_objects_counts_once():
    edge = link(("a", "o", "1", 0), ("a", "p", "1", 0), ("b", "o", "2", 1), ("b", "p", "3", 1)).row(0, named=True)
    assert (edge["weight"], edge["n_posts_a"], edge["n_posts_b"]) == (2, 1, 2)


def test_ids_that_collide_lose_nothing():
    rows = [("a", "1", "1", 0), ("b", "1", "2", 1), ("a", "2", "2", 100), ("b", "2", "1", 101)]
    assert link(*rows)["weight"].to_list() == [2]


def test_empty_objects_and_accounts_are_passed_over():
    assert link(("a", "", "1", 0), ("b", "", "2", 1), ("", "o", "3", 0), ("c", "o", "4", 0)).height == 0


def test_one_account_is_never_its_own_partner():
    assert link(("a", "o", "1", 0), ("a", "o", "2", 1)).height == 0


def test_participation_counts_distinct_objects_shared_at_all():
    rows = [("a", "o", "1", 0), ("b", "o", "2", 1), ("a", "o", "3", 500), ("b", "q", "4", 900)]
    assert link(*rows, min_participation=2).height == 0  # a shared o twice, still one object
    assert link(*rows, ("a", "r", "5", 2000), min_participation=2).height == 1


def test_fractions_of_a_second_are_exact_to_the_microsecond():
    assert link(("a", "o", "1", 0.1), ("b", "o", "2", 0.4), window_s=0.3).height == 1
    assert link(("a", "o", "1", 0.1), ("b", "o", "2", 0.400001), window_s=0.3).height == 0


def test_times_before_1970_are_times():
    assert link(("a", "o", "1", -3), ("b", "o", "2", 4))["mean_delay_s"].to_list() == [7.0]


def test_percentile_marks_edges_strictly_above_it():
    rows = []
    for edge, weight in enumerate((1, 2, 3, 4)):
        for at in range(weight):
            rows += [(f"a{edge}", f"{edge}{at}", f"{edge}{at}a", 0), (f"b{edge}", f"{edge}{at}", f"{edge}{at}b", 1)]
    assert link(*rows, percentile=0.5)["is_strong"].to_list() == [False, False, True, True]
    assert link(*rows, percentile=1.0)["is_strong"].any() is False
    assert link(*rows)["is_strong"].all() is True


@pytest.mark.parametrize("min_weight", [1, 2, 3, 5])
def test_equals_a_join_on_a_dense_crowd(min_weight):
    shares = crowd(6_000, n_accounts=150, n_objects=400, span=4_000)
    found = link_shares(
        shares, config=CoShareConfig(window_s=300, min_weight=min_weight, min_participation=1), threads=2
    )
    expected = brute(shares, window=300, min_weight=min_weight)
    assert expected.height > 100
    assert_frame_equal(found.select(expected.columns), expected)


def test_equals_a_join_where_one_object_dwarfs_the_others():
    """Most pairs meet in one object that everybody shares: it is looked up, never opened."""
    everybody = pl.DataFrame(
        {
            "account_id": [f"a{k}" for k in range(900)],
            "object_id": ["viral"] * 900,
            "post_id": [f"v{k}" for k in range(900)],
            "created_s": [k % 40 for k in range(900)],
        }
    )
    shares = pl.concat([everybody, crowd(3_000, n_accounts=900, n_objects=300, span=40_000)])
    config = CoShareConfig(window_s=60, min_weight=2, min_participation=1)
    expected = brute(shares, window=60, min_weight=2)
    assert expected.height > 100
    assert_frame_equal(link_shares(shares, config=config, threads=1).select(expected.columns), expected)


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_and_order_never_change_a_byte(threads):
    shares = crowd(5_000, n_accounts=200, n_objects=300, span=5_000)
    config = CoShareConfig(window_s=60, min_weight=2)
    one = link_shares(shares, config=config, threads=1, windows_s=[5, 60])
    many = link_shares(
        shares.sample(fraction=1, shuffle=True, seed=3), config=config, threads=threads, windows_s=[60, 5]
    )
    assert_frame_equal(one, many, check_exact=True)


def test_one_account_that_floods_an_object_costs_no_squares():
    n = 60_000
    flood = pl.DataFrame(
        {
            "account_id": ["loud"] * n + ["quiet", "still"],
            "object_id": ["o"] * (n + 2),
            "post_id": [str(k) for k in range(n + 2)],
            "created_s": [0] * (n + 2),
        }
    )
    config = CoShareConfig(window_s=60, min_weight=1, min_participation=1)
    edges = link_shares(flood, config=config, threads=1)
    assert edges["n_pairs"].to_list() == [n, 1, n] or sorted(edges["n_pairs"].to_list()) == [1, n, n]


def test_many_flooded_objects_need_little_room():
    """Each account's windows hold far more rows than there are accounts, forty times over."""
    rows = [(f"a{k % 3}", f"o{k // 3000}", str(k), 0) for k in range(120_000)]
    edges = link(*rows, min_weight=1)
    assert edges["weight"].to_list() == [40, 40, 40]
    assert edges["n_pairs"].to_list() == [40 * 1000**2] * 3


def test_a_viral_object_alone_ties_nobody_and_costs_nothing():
    n = 300_000  # 4.5e10 pairs in one minute
    viral = pl.DataFrame(
        {
            "account_id": [f"a{k}" for k in range(n)],
            "object_id": ["viral"] * n,
            "post_id": [str(k) for k in range(n)],
            "created_s": [k % 60 for k in range(n)],
        }
    )
    assert link_shares(viral, config=CoShareConfig(), threads=1).height == 0


def test_more_close_pairs_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(coshare, "MAX_LOOKS", 1_000)
    rows = [(f"a{k}", thing, f"{k}{thing}", 0) for k in range(50) for thing in ("o", "p")]
    with pytest.raises(InputError, match="more than 1,000") as caught:
        link(*rows, min_weight=2)
    assert "shorter window" in str(caught.value.hint)


def test_more_edges_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(coshare, "MAX_EDGES", 100)
    rows = [(f"a{k}", "o", str(k), 0) for k in range(50)]
    with pytest.raises(InputError, match="more than 100 pairs of accounts"):
        link(*rows)


@pytest.mark.parametrize("threads", [1, 4])
def test_the_limit_is_exact_whatever_the_threads(monkeypatch, threads):
    rows = [(f"a{k}", f"o{k % 3}", str(k), 0) for k in range(90)]  # 3 * 30 * 29 / 2 edges
    config = CoShareConfig(window_s=1, min_weight=1, min_participation=1)
    shares = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    monkeypatch.setattr(coshare, "MAX_EDGES", 1304)
    with pytest.raises(InputError, match="more than 1,304"):
        link_shares(shares, config=config, threads=threads)
    monkeypatch.setattr(coshare, "MAX_EDGES", 1305)
    assert link_shares(shares, config=config, threads=threads).height == 1305


def test_hashes_that_collide_only_cost_time(monkeypatch):
    monkeypatch.setattr(_codes, "code_hashes", lambda hashes: (np.zeros(hashes.size, np.int32), np.zeros(1, np.int64)))
    codes, distinct = _codes.code_strings(pl.Series(["b", "a", "b", "c"]))
    assert codes.tolist() == [0, 1, 0, 2]
    assert distinct.to_list() == ["b", "a", "c"]


def test_codes_come_in_order_of_appearance():
    values = pl.Series([f"v{k % 5000}" for k in range(20_000)])
    codes, distinct = _codes.code_strings(values)
    assert codes.tolist() == [k % 5000 for k in range(20_000)]
    assert distinct.to_list() == [f"v{k}" for k in range(5000)]


@pytest.mark.parametrize("windows", [[], [-1.0], [float("nan")]])
def test_impossible_windows_are_refused(windows):
    with pytest.raises(ConfigError):
        link_shares(pl.DataFrame(schema=COLUMNS), config=CoShareConfig(), windows_s=windows)


def test_an_impossible_percentile_is_refused():
    with pytest.raises(ConfigError):
        link(percentile=1.5)


def test_an_absurd_time_is_refused():
    with pytest.raises(InputError, match="1970"):
        link(("a", "o", "1", 9e15), ("b", "o", "2", 1))


def test_traces_are_checked_and_edges_keep_the_contract():
    with pytest.raises(SchemaError):
        link_accounts(pl.DataFrame({"account_id": ["a"]}), config=CoShareConfig())
    assert_frame_equal(link_accounts(TRACES.empty(), config=CoShareConfig()), EDGES.empty())
    rows = [
        ("b", "link", "o", "1", 0),
        ("a", "link", "o", "2", 30),
        ("a", "repost", "o", "3", 0),
        ("c", "repost", "o", "4", 0),
    ]
    config = CoShareConfig(min_weight=1, min_participation=1)
    edges = link_accounts(traces(*rows), config=config)
    EDGES.check(edges)
    assert edges.select("account_a", "account_b", "object_kind").rows() == [("a", "b", "link"), ("a", "c", "repost")]


def test_each_method_fills_the_same_table():
    rows = [
        ("A", "link", "o", "1", 0),
        ("A", "link", "o", "2", 2),
        ("A", "link", "o", "3", 4),
        ("B", "link", "o", "4", 3),
    ]
    config = CoShareConfig(window_s=10, min_weight=1, min_participation=1)
    found = {
        method: link_by(traces(*rows), method=method, config=config) for method in ("threshold", "coortweet", "qut")
    }
    facts = {
        method: edges.select("weight", "n_pairs", "n_posts_a", "n_posts_b").row(0) for method, edges in found.items()
    }
    assert facts == {"threshold": (1, 3, 3, 1), "coortweet": (3, 3, 3, 2), "qut": (3, 3, 3, 1)}
    for edges in found.values():
        EDGES.check(edges)
    with pytest.raises(ConfigError):
        link_by(traces(*rows), method="guess", config=config)
