"""One small table for each rule of CooRTweet, and for each of its defects that parity keeps."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dideban.errors import ConfigError, InputError
from dideban.evidence import coortweet
from dideban.evidence.coortweet import detect_groups, flag_speed_share, generate_coordinated_network

NAMES = ["account_id", "object_id", "content_id", "timestamp_share"]


def table(*rows):
    return pl.DataFrame(rows, schema=dict.fromkeys(NAMES[:3], pl.String) | {NAMES[3]: pl.Float64}, orient="row")


def detect(*rows, **options):
    return detect_groups(table(*rows), **{"time_window": 10, "min_participation": 1, **options})


def test_the_window_is_inclusive():
    assert detect(("a", "o", "1", 0), ("b", "o", "2", 10)).height == 1
    assert detect(("a", "o", "1", 0), ("b", "o", "2", 10.001)).height == 0
    assert detect(("a", "o", "1", 5), ("b", "o", "2", 5), time_window=0).height == 1


def test_older_comes_first_and_the_gap_is_positive():
    assert detect(("a", "o", "1", 9), ("b", "o", "2", 3)).rows() == [("o", "2", "1", 6.0, "b", "a")]


def test_on_equal_times_the_account_seen_first_is_older():
    pairs = detect(("a", "x", "0", 0), ("b", "o", "1", 50), ("a", "o", "2", 50))
    assert pairs.rows() == [("o", "2", "1", 0.0, "a", "b")]


def test_every_pair_of_rows_counts():
    pairs = detect(("a", "o", "1", 0), ("a", "o", "2", 1), ("b", "o", "3", 2), ("b", "o", "4", 3))
    assert generate_coordinated_network(pairs)["weight"].to_list() == [4]


def test_accounts_with_few_rows_are_left_out_first():
    rows = [("a", "o", "1", 0), ("b", "o", "2", 1), ("a", "x", "3", 500)]
    assert detect(*rows, min_participation=2).height == 0
    assert detect(*rows, min_participation=1).height == 1


def test_participation_is_an_or_of_the_two_sides():
    rows = [  # a takes part twice; b and c once each, but have two rows
        ("a", "o", "1", 0), ("b", "o", "2", 1), ("b", "y", "3", 900),
        ("a", "p", "4", 0), ("c", "p", "5", 1), ("c", "z", "6", 900),
        ("d", "q", "7", 0), ("d", "w", "8", 900), ("e", "q", "9", 1), ("e", "v", "10", 900),
    ]  # fmt: skip
    pairs = detect(*rows, min_participation=2)
    assert set(pairs["object_id"]) == {"o", "p"}


def test_loops_go_unless_asked_for():
    same_account = [("a", "o", "1", 0), ("a", "o", "2", 1)]
    same_content = [("a", "o", "1", 0), ("b", "o", "1", 1)]
    original = [("a", "o", "o", 0), ("b", "o", "2", 1)]
    for rows in (same_account, same_content, original):
        assert detect(*rows).height == 0
        assert detect(*rows, remove_loops=False).height == 1


def test_defect_numeric_ids_that_collide_lose_pairs():
    rows = [("a", "1", "1", 0), ("b", "1", "2", 1), ("a", "2", "3", 100), ("b", "2", "4", 101)]
    prefixed = [(account, f"o{thing}", post, time) for account, thing, post, time in rows]
    assert detect(*rows, min_participation=2).height == 0  # content 1 goes, and the other pair with the participation
    assert detect(*prefixed, min_participation=2).height == 2
    assert detect(*rows, min_participation=1)["object_id"].to_list() == ["2"]


def test_defect_content_counts_are_older_and_newer_not_per_account():
    pairs = detect(("A", "o", "1", 0), ("A", "o", "2", 2), ("A", "o", "3", 4), ("B", "o", "4", 3))
    edge = generate_coordinated_network(pairs).row(0, named=True)
    assert (edge["n_content_id"], edge["n_content_id_y"]) == (3, 2)
    assert edge["edge_symmetry_score"] == pytest.approx(2 / 3)


def test_mean_gap():
    pairs = detect(("a", "o", "1", 0), ("b", "o", "2", 3), ("a", "p", "3", 0), ("b", "p", "4", 4))
    assert generate_coordinated_network(pairs)["avg_time_delta"].to_list() == [3.5]


def network_of(*weights):
    """Pairs whose edges have these weights."""
    rows = []
    for edge, weight in enumerate(weights):
        for at in range(weight):
            rows += [
                (f"a{edge}", f"o{edge}-{at}", f"{edge}-{at}-1", 0),
                (f"b{edge}", f"o{edge}-{at}", f"{edge}-{at}-2", 5 * (at % 2)),
            ]
    return table(*rows)


def test_the_quantile_is_type_7_and_strict():
    pairs = detect_groups(network_of(1, 2, 3, 4), min_participation=1)
    passing = generate_coordinated_network(pairs, edge_weight=0.5).filter(pl.col("weight_threshold") == 1)
    assert passing["weight"].to_list() == [3, 4]  # the median is 2.5
    assert generate_coordinated_network(pairs, edge_weight=1.0)["weight_threshold"].sum() == 0


def test_equal_weights_pass_nothing():
    pairs = detect_groups(network_of(2, 2, 2), min_participation=1)
    assert generate_coordinated_network(pairs, edge_weight=0.0)["weight_threshold"].to_list() == [0, 0, 0]
    assert generate_coordinated_network(pairs, subgraph=1).height == 0


def test_subgraph_1_keeps_what_passes():
    pairs = detect_groups(network_of(1, 2, 3), min_participation=1)
    assert generate_coordinated_network(pairs, subgraph=1)["weight"].to_list() == [3]


def test_the_faster_network():
    shares = network_of(1, 2, 4)
    pairs = flag_speed_share(shares, detect_groups(shares, min_participation=1), min_participation=1, time_window=2)
    assert pairs["time_window_2"].sum() == 4  # gaps alternate between 0 and 5
    edges = generate_coordinated_network(pairs, fast_net=True)
    assert edges["weight_full"].to_list() == [1, 2, 4]
    assert edges["weight_fast"].to_list() == [1, 1, 2]
    assert edges["weight_threshold_full"].to_list() == [0, 0, 1]
    assert edges["weight_threshold_fast"].to_list() == [0, 0, 1]
    assert generate_coordinated_network(pairs, fast_net=True, subgraph=2).height == 1
    circle = generate_coordinated_network(pairs, fast_net=True, subgraph=3)
    assert circle.select("account_a", "account_b", "color_a", "color_b").rows() == [("a2", "b2", 1, 1)]


def test_an_edge_outside_the_faster_network_has_nulls():
    rows = [("a", "o", "1", 0), ("b", "o", "2", 1), ("c", "p", "3", 0), ("d", "p", "4", 9)]
    pairs = flag_speed_share(table(*rows), detect(*rows), min_participation=1, time_window=1)
    edges = generate_coordinated_network(pairs, fast_net=True)
    assert edges["weight_fast"].to_list() == [1, None]
    assert edges["weight_threshold_fast"].to_list() == [0, None]


def test_the_neighbours_of_the_fast_subgraph():
    rows = [("a", f"o{n}", f"a{n}", 0) for n in range(3)] + [("b", f"o{n}", f"b{n}", 1) for n in range(3)]
    rows += [("c", "o0", "c0", 9), ("c", "z", "c1", 0), ("d", "z", "d1", 1), ("d", "y", "d2", 0), ("e", "y", "e2", 9)]
    pairs = flag_speed_share(table(*rows), detect(*rows), min_participation=1, time_window=2)
    circle = generate_coordinated_network(pairs, fast_net=True, subgraph=3)
    assert circle.select("account_a", "account_b").rows() == [("a", "b"), ("a", "c"), ("b", "c")]
    assert circle["color_b"].to_list() == [1, 0, 0]


def test_object_ids():
    pairs = detect(("a", "o", "1", 0), ("b", "o", "2", 1), ("a", "p", "3", 0), ("b", "p", "4", 1))
    assert generate_coordinated_network(pairs, objects=True)["object_ids"].to_list() == ["o,p"]


def test_threads_never_change_the_pairs():
    rows = [(f"a{n % 17}", f"o{n % 5}", f"c{n}", float(n * 7 % 101)) for n in range(600)]
    assert_frame_equal(detect(*rows, threads=1), detect(*rows, threads=3))


def test_rows_without_object_or_time_are_passed_over():
    assert detect(("a", "", "1", 0), ("b", "", "2", 1)).height == 0
    assert detect(("a", "o", "1", None), ("b", "o", "2", 1), ("c", "o", "3", float("nan"))).height == 0


def test_too_many_pairs_are_refused(monkeypatch):
    monkeypatch.setattr(coortweet, "MAX_PAIRS", 100)
    rows = [(f"a{n}", "o", f"c{n}", 0.0) for n in range(20)]
    with pytest.raises(InputError, match="more than 100 pairs") as caught:
        detect(*rows)
    assert "threshold" in str(caught.value.hint)


@pytest.mark.parametrize(
    "options",
    [{"edge_weight": 1.5}, {"subgraph": 4}, {"subgraph": 2}, {"fast_net": True}],
)
def test_impossible_options_are_refused(options):
    pairs = detect(("a", "o", "1", 0), ("b", "o", "2", 1))
    with pytest.raises(ConfigError):
        generate_coordinated_network(pairs, **options)


def test_subgraph_1_is_not_defined_with_the_faster_network():
    rows = [("a", "o", "1", 0), ("b", "o", "2", 1)]
    pairs = flag_speed_share(table(*rows), detect(*rows), min_participation=1, time_window=1)
    with pytest.raises(ConfigError, match="subgraph 1"):
        generate_coordinated_network(pairs, fast_net=True, subgraph=1)


def test_missing_columns_and_negative_windows_are_refused():
    with pytest.raises(InputError, match="content_id"):
        detect_groups(table().drop("content_id"))
    with pytest.raises(ConfigError):
        detect_groups(table(), time_window=-1)


def test_empty_table():
    assert generate_coordinated_network(detect()).height == 0
